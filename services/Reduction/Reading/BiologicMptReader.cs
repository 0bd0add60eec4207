using System.Globalization;

namespace Tutti.Reduction.Reading;

/// <summary>
/// An electrochemistry log: time in s from the start, potential in V, current in mA, capacity passed in mAh, all of one length; <see
/// cref="Started"/> is
/// the instrument's clock at time zero, without zone. A column the file does not have is empty.
/// </summary>
public sealed record Electrochemistry(
    DateTime? Started, IReadOnlyList<double> Seconds, IReadOnlyList<double> Volts, IReadOnlyList<double> Milliamperes,
    IReadOnlyList<double> MilliampereHours, IReadOnlyList<ReadingWarning> Warnings);

/// <summary>
/// Reads BioLogic EC-Lab text exports (.mpt: Latin-1, decimal comma or point, a counted header) and tables of the same columns (time/s, Ewe/V, I/mA).
/// Codes: <c>mpt_header</c>, <c>mpt_column_missing</c>, <c>mpt_ragged</c>, <c>mpt_no_data</c>, <c>mpt_time_falls</c>, <c>not_a_number</c>,
/// <c>not_finite</c>, <c>too_many_values</c>. Warnings: <c>mpt_column_absent</c>, <c>mpt_start_missing</c>, <c>mpt_last_line</c>,
/// <c>text_end_open</c>.
/// </summary>
public static class BiologicMptReader
{
    private const string FirstLine = "EC-Lab ASCII FILE";
    private static readonly string[] Times = ["time/s"];
    private static readonly string[] Potentials = ["Ewe/V", "Ewe-Ece/V", "<Ewe>/V", "Ecell/V", "E/V"];
    private static readonly string[] Currents = ["<I>/mA", "I/mA", "control/mA"];
    private static readonly string[] Capacities = ["(Q-Qo)/mA.h", "Capacity/mA.h", "Q/mA.h"];

    /// <summary>Whether the file begins as an EC-Lab export does.</summary>
    public static bool Resembles(NamedContent file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return TextContent.WhyNotText(file.Bytes.Span) is null
            && TextContent.Head(file) is [var first, ..] && first.TrimStart('\uFEFF').StartsWith(FirstLine, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The log in the file; a table with a line of column names but without EC-Lab header is read too.</summary>
    public static Electrochemistry Read(NamedContent file, ReadingOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= new ReadingOptions();
        var warnings = new List<ReadingWarning>();
        TextContent.WarnOfOpenEnd(file, warnings);
        var isExport = Resembles(file);
        var (headerLines, started) = isExport ? Header(file) : (0, null);
        Columns? columns = null;
        var log = new Log(file.Name);
        (string Text, int Number)? cut = null;
        foreach (var (number, line) in TextContent.Lines(file))
        {
            if (number < headerLines || string.IsNullOrWhiteSpace(line)) continue;
            if (!isExport && line.TrimStart().StartsWith('#'))
            {
                started ??= TextContent.TryTime(line.TrimStart('#', ' ').Replace("start", "", StringComparison.OrdinalIgnoreCase));
                continue;
            }
            if (columns is null)
            {
                columns = Columns.From(line, file.Name, warnings);
                continue;
            }
            if (cut is { } early) throw new SeriesFormatException("mpt_ragged", SeriesReading.Text(
                $"{file.Name}, line {early.Number}: {columns.Count(early.Text)} values where {columns.Width} columns are named."));
            if (columns.Count(line) != columns.Width)
            {
                cut = (line, number);
                continue;
            }
            log.Add(line, number, columns);
            if ((long)log.Seconds.Count * 4 > options.MaxValues) throw new SeriesFormatException("too_many_values",
                $"{file.Name} is longer than allowed.");
            if ((number & 1023) == 0) cancellation.ThrowIfCancellationRequested();
        }
        if (columns is null) throw new SeriesFormatException("mpt_header",
            $"{file.Name}: the header is longer than the file or no line names the columns.");
        if (cut is { } last) warnings.Add(new ReadingWarning("mpt_last_line", SeriesReading.Text(
            $"{file.Name}, line {last.Number}: the last line is not complete and was left out; the file may have been cut.")));
        if (log.Seconds.Count == 0) throw new SeriesFormatException("mpt_no_data", $"{file.Name} has no data below its header.");
        if (started is null) warnings.Add(new ReadingWarning("mpt_start_missing", $"{file.Name} does not tell when the measurement started."));
        return new Electrochemistry(started, log.Seconds, log.Volts, log.Milliamperes, log.MilliampereHours, warnings);
    }

    private static (int HeaderLines, DateTime? Started) Header(NamedContent file)
    {
        int? lines = null;
        DateTime? started = null;
        foreach (var line in TextContent.Head(file))
        {
            if (lines is null && line.StartsWith("Nb header lines", StringComparison.OrdinalIgnoreCase))
                lines = int.TryParse(line[(line.IndexOf(':') + 1)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture,
                    out var count) ? count : null;
            if (line.StartsWith("Acquisition started on", StringComparison.OrdinalIgnoreCase) && line.IndexOf(':') is var at and > 0)
                started ??= TextContent.TryTime(line[(at + 1)..]);
        }
        return lines is { } known and >= 3 ? (known, started)
            : throw new SeriesFormatException("mpt_header", $"{file.Name}: the second line does not tell how many lines the header has.");
    }

    private sealed record Columns(char Separator, int Width, int Time, int Potential, int Current, int Capacity)
    {
        public static Columns From(string line, string file, List<ReadingWarning> warnings)
        {
            var separator = line.Contains('\t') ? '\t' : line.Contains(';') ? ';' : ',';
            var names = line.TrimEnd(separator, ' ', '\r').Split(separator).Select(name => name.Trim()).ToArray();
            var time = Find(names, Times);
            var potential = Find(names, Potentials);
            if (time < 0 || potential < 0) throw new SeriesFormatException("mpt_column_missing",
                $"{file}: the columns time/s and Ewe/V are needed (found: {string.Join(", ", names.Take(40))}).");
            var current = Find(names, Currents);
            var capacity = Find(names, Capacities);
            if (current < 0) warnings.Add(new ReadingWarning("mpt_column_absent", $"{file} has no column of the current."));
            if (capacity < 0) warnings.Add(new ReadingWarning("mpt_column_absent", $"{file} has no column of the capacity."));
            return new Columns(separator, names.Length, time, potential, current, capacity);
        }

        public int Count(string line) => line.AsSpan().TrimEnd("\t; \r").Count(Separator) + 1;

        private static int Find(string[] names, string[] known)
        {
            foreach (var name in known)
                if (Array.FindIndex(names, have => have.Equals(name, StringComparison.OrdinalIgnoreCase)) is var at and >= 0) return at;
            return -1;
        }
    }

    private sealed class Log(string file)
    {
        public List<double> Seconds { get; } = [];
        public List<double> Volts { get; } = [];
        public List<double> Milliamperes { get; } = [];
        public List<double> MilliampereHours { get; } = [];

        public void Add(string line, int number, Columns columns)
        {
            var cells = line.Split(columns.Separator);
            var time = Number(columns.Time);
            if (Seconds.Count > 0 && time < Seconds[^1]) throw new SeriesFormatException("mpt_time_falls", SeriesReading.Text(
                $"{file}, line {number}: the time {time} s is before that of the line above."));
            Seconds.Add(time);
            Volts.Add(Number(columns.Potential));
            if (columns.Current >= 0) Milliamperes.Add(Number(columns.Current));
            if (columns.Capacity >= 0) MilliampereHours.Add(Number(columns.Capacity));

            double Number(int column) => TextContent.Number(cells[column], file, number, column + 1, decimalComma: columns.Separator != ',');
        }
    }
}
