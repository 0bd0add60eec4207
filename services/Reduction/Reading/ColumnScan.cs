using System.Buffers;

namespace Tutti.Reduction.Reading;

/// <summary>
/// One file of columns taken apart: comment lines, column names (from the last comment line, or a line of words above the numbers), rows of
/// numbers. Columns are separated by blanks, tabs, commas or semicolons; a decimal comma is understood wherever it cannot be a separator.
/// </summary>
internal sealed class ColumnScan
{
    private const int MostUnnamedColumns = 3;
    private static readonly char[] Comments = ['#', '%', '!', '\''];
    private static readonly SearchValues<char> Rule = SearchValues.Create("-=*_ \t");

    private ColumnScan(string file, Separator separator, bool decimalComma, string[]? names, List<string> comments)
    {
        File = file;
        Names = names;
        Comment = comments;
        this.separator = separator;
        this.decimalComma = decimalComma;
    }

    private readonly Separator separator;
    private readonly bool decimalComma;

    private enum Separator
    {
        Blanks,
        Tab,
        Comma,
        Semicolon,
    }

    private bool Titled { get; init; }

    public string File { get; }
    public string[]? Names { get; }

    /// <summary>The lines above the numbers, without the sign that marks them.</summary>
    public IReadOnlyList<string> Comment { get; }

    public List<(int Line, double[] Values)> Rows { get; } = [];
    public List<ReadingWarning> Warnings { get; } = [];
    public int Columns { get; private set; }

    public string ColumnNames => Names is null ? SeriesReading.Text($"{Columns} without names") : string.Join(", ", Names);

    /// <summary>Null where the file has the form of columns of numbers under a comment or a line of names, else what speaks against it.</summary>
    public static string? WhyNot(NamedContent file)
    {
        if (TextContent.WhyNotText(file.Bytes.Span) is { } reason) return reason;
        var (scan, columns, why) = Header(file);
        if (scan is null) return why;
        if (scan.Names is not null) return scan.Comment.Count > 0 || scan.separator == Separator.Blanks ? null : "names and numbers in a table";
        return columns > MostUnnamedColumns ? "columns without names"
            : scan.separator is Separator.Blanks or Separator.Tab ? null : "a table without names";
    }

    public static ColumnScan Parse(NamedContent file, ReadingOptions options, CancellationToken cancellation)
    {
        var (scan, columns, why) = Header(file);
        if (scan is null) throw new SeriesFormatException("columns_missing", $"{file.Name}: {why}.");
        scan.Columns = columns;
        TextContent.WarnOfOpenEnd(file, scan.Warnings);
        var commentAmongData = false;
        foreach (var (number, line) in TextContent.Lines(file))
        {
            if (IsComment(line))
            {
                commentAmongData |= scan.Rows.Count > 0;
                continue;
            }
            if (scan.Rows.Count == 0 && (scan.Names is not null || scan.Titled) && !IsNumeric(scan.Split(line)[0], scan.decimalComma)) continue;
            scan.Add(line, number, options);
            if ((scan.Rows.Count & 1023) == 0) cancellation.ThrowIfCancellationRequested();
        }
        if (scan.Rows.Count == 0) throw new SeriesFormatException("columns_no_data", $"{file.Name} has no data below its header.");
        if (commentAmongData) scan.Warnings.Add(new ReadingWarning("columns_comment_among_data",
            $"{file.Name}: comments below the first data are left out."));
        return scan;
    }

    /// <summary>The index of the first column whose name fits, or null.</summary>
    public int? Find(Func<string, bool> fits)
    {
        var at = Names is null ? -1 : Array.FindIndex(Names, name => fits(name));
        return at < 0 ? null : at;
    }

    /// <summary>A column that will be used, every value of which must be a finite number.</summary>
    public double[] Column(int column)
    {
        var values = new double[Rows.Count];
        for (var row = 0; row < values.Length; row++)
        {
            values[row] = Rows[row].Values[column];
            if (!double.IsFinite(values[row])) throw new SeriesFormatException("not_finite", SeriesReading.Text(
                $"{File}, line {Rows[row].Line}, column {column + 1}: {values[row]} is not a finite number."));
        }
        return values;
    }

    /// <summary>Says which of the columns that are not used hold something that is no finite number.</summary>
    public void WarnOfUnused(IReadOnlyCollection<int> used)
    {
        for (var column = 0; column < Columns; column++)
            if (!used.Contains(column) && Rows.Any(row => !double.IsFinite(row.Values[column])))
                Warnings.Add(new ReadingWarning("column_not_finite", SeriesReading.Text(
                    $"{File}: column {column + 1}, which is not read, holds values that are no finite numbers.")));
    }

    /// <summary>Name and unit of a column; the unit may stand in a comment such as "Column.1: energy eV".</summary>
    public (string Name, string? Unit) NameAndUnit(int column)
    {
        if (Names is null) return ("axis", null);
        var (name, unit) = TextContent.NameAndUnit(Names[column]);
        var field = SeriesReading.Text($"Column.{column + 1}:");
        var words = Comment.FirstOrDefault(line => line.StartsWith(field, StringComparison.OrdinalIgnoreCase))?[field.Length..]
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (name, unit ?? (words is [_, var told, ..] ? told : null));
    }

    /// <summary>The first comment that tells a start time, such as "Time at start=2022-07-26 23:01:58".</summary>
    public DateTime? Started => Comment
        .Where(line => line.Contains("time", StringComparison.OrdinalIgnoreCase) || line.Contains("start", StringComparison.OrdinalIgnoreCase)
            || line.Contains("date", StringComparison.OrdinalIgnoreCase))
        .Select(line => line.IndexOfAny(['=', ':']) is var at && at > 0 && line.AsSpan(at).ContainsAny('-',
            '/') ? TextContent.TryTime(line[(at + 1)..]) : null)
        .FirstOrDefault(time => time is not null);

    private void Add(string line, int number, ReadingOptions options)
    {
        var cells = Split(line);
        if (cells.Length != Columns)
            throw new SeriesFormatException("columns_ragged", SeriesReading.Text(
                $"{File}, line {number}: {cells.Length} values where the first row has {Columns}."));
        var values = new double[cells.Length];
        for (var index = 0; index < values.Length; index++)
            values[index] = TextContent.TryNumber(cells[index], decimalComma) ?? TextContent.Number(cells[index], File, number, index + 1,
                decimalComma);
        Rows.Add((number, values));
        if (Rows.Count > options.MaxChannels) SeriesReading.CheckShape(1, Rows.Count, options);
        if ((long)Rows.Count * Columns > options.MaxValues) SeriesReading.CheckShape(Columns, Rows.Count, options);
    }

    // What the beginning of the file tells: separator, number of columns, names.
    private static (ColumnScan? Scan, int Columns, string Why) Header(NamedContent file)
    {
        var comments = new List<string>();
        string? words = null, units = null;
        foreach (var line in TextContent.Head(file))
        {
            if (IsComment(line))
            {
                if (line.Trim().Length > 0) comments.Add(line.Trim().TrimStart(Comments).Trim());
                continue;
            }
            if (FindSeparator(line) is var (separator, decimalComma, count))
            {
                // One word above a few columns is the name of the kind of file (XYDATA), not of the columns.
                if (words is not null && units is null && count is > 1 and <= MostUnnamedColumns && separator is Separator.Blanks or Separator.Tab
                    && words.Trim().AsSpan().IndexOfAny(" \t,;") < 0)
                {
                    comments.Add(words.Trim());
                    return (new ColumnScan(file.Name, separator, decimalComma, null, comments) { Titled = true }, count, "");
                }
                var names = words is not null ? Named([words], count, separator) : Named(comments, count, separator);
                if (names is not null && units is not null)
                {
                    if (Named([units], count, separator) is not { } told) return (null, 0, "words where numbers are expected");
                    names = [.. names.Zip(told, (name, unit) =>
                        TextContent.NameAndUnit(name).Unit is null ? $"{name} ({unit.Trim('(', ')', '[', ']')})" : name)];
                }
                if (words is not null && names is null) return (null, 0, "the line above the numbers does not name the columns");
                return (new ColumnScan(file.Name, separator, decimalComma, names, comments), count, "");
            }
            if (units is not null) return (null, 0, "words where numbers are expected");
            if (words is not null) units = line;
            else words = line;
        }
        return (null, 0, words is null ? "no line of numbers" : "no line of two or more numbers");
    }

    private static bool IsComment(string line) => line.AsSpan().TrimStart() is var text && (text.IsEmpty || Comments.Contains(text[0])
        || text.StartsWith("/*") || text.StartsWith("*/") || text.StartsWith("//"));

    private static bool IsNumeric(string cell, bool decimalComma) => TextContent.TryNumber(cell, decimalComma) is not null;

    private static (Separator Separator, bool DecimalComma, int Count)? FindSeparator(string line)
    {
        foreach (var separator in new[] { Separator.Semicolon, Separator.Blanks, Separator.Comma })
        {
            if (separator == Separator.Semicolon && !line.Contains(';')) continue;
            var cells = Split(line, separator);
            var decimalComma = separator != Separator.Comma && line.Contains(',');
            if (cells.Length >= 2 && cells.All(cell => IsNumeric(cell, decimalComma)))
                return (separator == Separator.Blanks && line.Contains('\t') && !line.Trim().Contains(' ') ? Separator.Tab : separator, decimalComma,
                    cells.Length);
        }
        return null;
    }

    // Names stand in the last comment that is no rule of dashes; how they are separated is what fits the number of columns.
    private static string[]? Named(IReadOnlyList<string> comments, int columns, Separator separator)
    {
        var line = comments.LastOrDefault(comment => comment.AsSpan().IndexOfAnyExcept(Rule) >= 0);
        if (line is null) return null;
        string[][] readings = separator switch
        {
            Separator.Comma => [line.Split(',')],
            Separator.Semicolon => [line.Split(';')],
            _ =>
            [
                line.Split('\t'), line.Split("  ", StringSplitOptions.RemoveEmptyEntries),
                line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), line.Split(','),
            ],
        };
        var names = readings.FirstOrDefault(cells => cells.Length == columns && cells.All(cell => cell.Trim().Length > 0 && !IsNumeric(cell, true)));
        return names is null ? null : [.. names.Select(name => name.Trim().Trim('"'))];
    }

    private string[] Split(string line) => Split(line, separator);

    private static string[] Split(string line, Separator separator) => separator switch
    {
        Separator.Comma => line.Split(','),
        Separator.Semicolon => line.Split(';'),
        Separator.Blanks or Separator.Tab => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    };
}
