using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Tables of numbers separated by comma, semicolon, tab or blanks (decimal comma where none of it separates), in both layouts: one spectrum per row
/// with the axis in the header, or one per column with the axis in the first column; lines before the table that begin with # are comments.
/// Codes: <c>csv_one_file</c>, <c>csv_single_column</c>, <c>csv_ragged</c>, <c>csv_quotes</c>, <c>csv_no_spectra</c>, <c>axis_not_monotonic</c>,
/// <c>not_a_number</c>, <c>not_finite</c>, <c>binary_content</c> and the limits. Warnings: <c>csv_index_axis</c>, <c>csv_no_axis</c>,
/// <c>csv_layout_assumed</c>, <c>csv_axis_is_time</c>, <c>csv_units_line</c>, <c>text_end_open</c>.
/// </summary>
public sealed class CsvMatrixReader : ISeriesReader
{
    private const int HeadBytes = 1 << 16;
    private const int MostlyMonotonicFrom = 10;
    private const double MostlyMonotonicShare = 0.9;
    private const int FewestBetweenBlanks = 4;
    private const int NarrowUpTo = 3;
    private const double StandsApart = 20;

    private static readonly string[] AxisWords =
        ["energy", "wavelength", "wavenumber", "raman", "angle", "theta", "velocity", "channel", "lambda", "frequency", "shift", "q", "e", "ev",
            "kev", "nm", "x", "d"];

    private static readonly string[] SpectrumWords =
        ["time", "label", "row", "spectrum", "scan", "file", "name", "sample", "index", "potential", "voltage", "temperature", "id", "t", "no"];

    public string Format => "CSV matrix";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        foreach (var file in files)
        {
            if (TextContent.WhyNotText(file.Bytes.Span) is { } reason) return reason;
            var head = TextContent.Decode(file with { Bytes = file.Bytes[..Math.Min(file.Bytes.Length, HeadBytes)] });
            var line = FirstLine(head);
            if (line.IndexOfAny([',', ';', '\t']) < 0 && Blanks(line).Count(cell => TextContent.TryNumber(cell) is not null) < FewestBetweenBlanks)
                return "the first line has neither comma, semicolon nor tab, nor many numbers between blanks";
            if (line.IndexOfAny([',', ';', '\t']) >= 0 && IsProse(head)) return "commas, semicolons and tabs stand between words, hardly any between numbers";
        }
        return null;
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        if (files.Count != 1)
            throw new SeriesFormatException("csv_one_file", "A CSV matrix is one file that holds the whole series; several were given.");
        var table = Table.From(files[0], options, cancellation);
        var layout = options.Layout == TableLayout.Detect ? Detect(table) : Forced(table, options.Layout);
        return layout switch
        {
            Layout.AxisInHeader => PerRow(table, hasLabels: false),
            Layout.AxisInHeaderBesideLabels => PerRow(table, hasLabels: true),
            Layout.AxisInFirstColumn => PerColumn(table),
            Layout.NumbersOnly => WithoutAxis(table),
        };
    }

    private const int LinesLookedAt = 40;

    private enum Layout
    {
        AxisInHeader,
        AxisInHeaderBesideLabels,
        AxisInFirstColumn,
        NumbersOnly,
    }

    private static string[] Blanks(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    // Sentences have commas too. The first line may be a header; where nothing is below it in the head, nothing is known.
    private static bool IsProse(string head)
    {
        var cells = head.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] != '#').Skip(1).Take(LinesLookedAt)
            .SelectMany(line => line.Split([',', ';', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        return cells.Count > 0 && cells.Count(cell => TextContent.TryNumber(cell.Trim('"')) is not null) * 4 < cells.Count;
    }

    private static string FirstLine(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
            if (!line.IsWhiteSpace() && line.TrimStart()[0] != '#') return line.ToString();
        return "";
    }

    private static Layout Forced(Table table, TableLayout layout) => layout switch
    {
        TableLayout.SpectrumPerRow => table.HeaderNumber(0) is null ? Layout.AxisInHeaderBesideLabels : Layout.AxisInHeader,
        TableLayout.SpectrumPerColumn => Layout.AxisInFirstColumn,
        TableLayout.NoAxis => Layout.NumbersOnly,
        _ => Detect(table),
    };

    private static Layout Detect(Table table)
    {
        var words = table.Header.Count(cell => TextContent.TryNumber(cell, table.DecimalComma) is null);
        if (words == 0)
        {
            var header = table.HeaderNumbers(0);
            if (table.Rows.Count >= MostlyMonotonicFrom && AxisOrder.Direction(table.FirstColumnWithHeader()) != 0
                && (header.Length <= NarrowUpTo || FirstStandsApart(header)))
            {
                table.Warn("csv_layout_assumed", "The first column runs monotonically: read as axis and one spectrum per column.");
                return Layout.AxisInFirstColumn;
            }
            if (AxisOrder.Direction(header) != 0) return Layout.AxisInHeader;
            if (AxisOrder.Direction(table.FirstColumnWithHeader()) != 0 && table.Rows.Count >= MostlyMonotonicFrom)
            {
                table.Warn("csv_layout_assumed",
                    "The first column runs monotonically and the first row does not: read as axis and one spectrum per column.");
                return Layout.AxisInFirstColumn;
            }
            var rising = header.Zip(header.Skip(1), (a, b) => b > a ? 1.0 : 0).Average();
            if (header.Length >= MostlyMonotonicFrom && Math.Max(rising, 1 - rising) >= MostlyMonotonicShare)
                throw new SeriesFormatException("axis_not_monotonic",
                    $"{table.Name}: the first row looks like an axis but does not run monotonically; if it is a spectrum, say that the table has no axis.");
            return Layout.NumbersOnly;
        }
        if (words == table.Header.Count) return Layout.AxisInFirstColumn;
        if (words > 1 || table.HeaderNumber(0) is not null)
            return table.HeaderNumber(0) is null ? Layout.AxisInFirstColumn : throw HeaderWord(table);

        // One word before numbers: the name of the first column, which is either the axis or the spectra's labels.
        var word = Words(table.Header[0]);
        var columnIsAxis = table.FirstColumn() is { } column && AxisOrder.Direction(column) != 0;
        var headerIsAxis = AxisOrder.Direction(table.HeaderNumbers(1)) != 0;
        if (!columnIsAxis) return Layout.AxisInHeaderBesideLabels;
        if (!headerIsAxis) return Layout.AxisInFirstColumn;
        if (word.Any(part => SpectrumWords.Contains(part))) return Layout.AxisInHeaderBesideLabels;
        if (word.Any(part => AxisWords.Contains(part))) return Layout.AxisInFirstColumn;
        table.Warn("csv_layout_assumed", "Header and first column both run monotonically: the header was taken as the axis.");
        return Layout.AxisInHeaderBesideLabels;
    }

    // 7100, 0.1, 0.2, 0.3: an energy and what was measured there, not four energies.
    private static bool FirstStandsApart(double[] row)
    {
        var widest = 0.0;
        for (var index = 2; index < row.Length; index++) widest = Math.Max(widest, Math.Abs(row[index] - row[index - 1]));
        return row.Length > 2 && Math.Abs(row[0] - row[1]) > StandsApart * widest;
    }

    private static SeriesFormatException HeaderWord(Table table)
    {
        var at = table.Header.FindIndex(cell => TextContent.TryNumber(cell, table.DecimalComma) is null);
        return new("not_a_number", SeriesReading.Text(
            $"{table.Name}: the header has numbers and, in column {at + 1}, the word '{table.Header[at]}'."));
    }

    private static string[] Words(string cell) =>
        cell.ToLowerInvariant().Split([' ', '/', '(', ')', '[', ']', '_', '-', '.', '2', '#'], StringSplitOptions.RemoveEmptyEntries);

    private static SpectralSeries PerRow(Table table, bool hasLabels)
    {
        var skip = hasLabels ? 1 : 0;
        var axis = table.HeaderNumbers(skip);
        if (table.Rows.Count == 0) throw new SeriesFormatException("csv_no_spectra", $"{table.Name} has a header and no spectra.");
        var data = Matrix.FromRows([.. table.Rows.Select(row => hasLabels ? row.Rest : table.Numbers(row))]);
        var labels = hasLabels ? table.Rows.Select(row => row.First.Trim()).ToArray() : null;
        var isIndex = axis.Index().All(item => item.Item == item.Index);
        if (isIndex) table.Warn("csv_index_axis", "The header only counts the channels: the axis is the channel number.");
        return Series(table, isIndex ? ("channel", null) : ("axis", null), axis, data, labels);
    }

    private static SpectralSeries PerColumn(Table table)
    {
        var headed = TextContent.TryNumber(table.Header[0], table.DecimalComma) is null;
        if (headed && table.Rows.Count == 0) throw new SeriesFormatException("csv_no_spectra", $"{table.Name} has a header and no channels.");
        var all = headed ? [.. table.Rows.Select(table.Numbers)] : table.AllNumbers();
        var data = Matrix.FromRows([.. all.Select(row => row[1..])]).Transpose();
        var labels = headed ? table.Header.Skip(1).Select(cell => cell.Trim()).ToArray() : null;
        var (axisName, axisUnit) = headed ? TextContent.NameAndUnit(table.Header[0]) : ("axis", null);
        return Series(table, (axisName, axisUnit ?? table.AxisUnit), [.. all.Select(row => row[0])], data, labels);
    }

    private static SpectralSeries WithoutAxis(Table table)
    {
        table.Warn("csv_no_axis", "The table has no axis: channels are numbered from zero.");
        var data = Matrix.FromRows(table.AllNumbers());
        return Series(table, ("channel", null), [.. Enumerable.Range(0, data.Columns).Select(index => (double)index)], data, null);
    }

    private static SpectralSeries Series(Table table, (string Name, string? Unit) axis, double[] values, Matrix data, string[]? labels)
    {
        if (AxisOrder.Direction(values) == 0)
            throw new SeriesFormatException("axis_not_monotonic",
                $"{table.Name}: the axis neither rises nor falls all the way; a value is repeated or out of order.");
        SeriesReading.CheckShape(data.Rows, data.Columns, table.Options);
        if (Words(axis.Name).Contains("time")) table.Warn("csv_axis_is_time", "The axis is a time: this may be a log, not a series of spectra.");
        var (rising, turned) = AxisOrder.Rising(values, data);
        return new SpectralSeries("CSV matrix", new SpectralAxis(axis.Name, axis.Unit, rising), turned, labels, null, table.Warnings, []);
    }

    // All but the first cell of a row are numbers in every layout.
    private sealed record TableRow(long Line, string First, double[] Rest);

    private sealed class Table(string name, long headerLine, string[] header, List<TableRow> rows, bool decimalComma, ReadingOptions options)
    {
        public string Name => name;
        public List<string> Header { get; } = [.. header];
        public List<TableRow> Rows => rows;
        public bool DecimalComma => decimalComma;
        public ReadingOptions Options => options;
        public List<ReadingWarning> Warnings { get; } = [];
        public string? AxisUnit { get; private set; }

        public static Table From(NamedContent file, ReadingOptions options, CancellationToken cancellation)
        {
            var first = FirstLine(TextContent.Decode(file with { Bytes = file.Bytes[..Math.Min(file.Bytes.Length, HeadBytes)] }));
            var delimiter = first.Contains('\t') ? "\t" : first.Contains(';') ? ";" : first.Contains(',') ? "," : " ";
            var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
            {
                Delimiter = delimiter,
                HasHeaderRecord = false,
                IgnoreBlankLines = true,
                MaxFieldSize = 4096,
                BadDataFound = args => throw new SeriesFormatException(
                    "csv_quotes", SeriesReading.Text(
                        $"{file.Name}, line {args.Context.Parser?.RawRow}: quotation marks are not closed or stand inside a value.")),
            };
            string[]? header = null, units = null;
            long headerLine = 0;
            var rows = new List<TableRow>();
            foreach (var (line, cells) in delimiter == " " ? RowsBetweenBlanks(file) : Records(file, configuration))
            {
                if (cells.Length == 0 || cells.Length == 1 && string.IsNullOrWhiteSpace(cells[0])) continue;
                if (header is null && cells[0].TrimStart().StartsWith('#')) continue;
                if (header is null)
                {
                    if (cells.Length < 2) throw new SeriesFormatException("csv_single_column",
                        $"{file.Name} has one column where a table is expected.");
                    (header, headerLine) = (cells, line);
                    continue;
                }
                if (cells.Length != header.Length)
                    throw new SeriesFormatException("csv_ragged", SeriesReading.Text(
                        $"{file.Name}, line {line}: {cells.Length} values where the first row has {header.Length}."));
                if (rows.Count == 0 && units is null && header.Concat(cells).All(cell => TextContent.TryNumber(cell, delimiter != ",") is null)
                    && cells.Any(cell => !string.IsNullOrWhiteSpace(cell)))
                {
                    units = cells;
                    continue;
                }
                rows.Add(new TableRow(line, cells[0], Numbers(file.Name, line, cells, 1, delimiter != ",", options.NaNIsMissing)));
                // Which side holds the spectra is not known yet, so only what both readings forbid ends the reading here.
                if ((long)(rows.Count - 1) * (cells.Length - 1) > options.MaxValues
                    || rows.Count > Math.Max(options.MaxSpectra, options.MaxChannels))
                    SeriesReading.CheckShape(rows.Count, cells.Length, options);
                if ((rows.Count & 63) == 0) cancellation.ThrowIfCancellationRequested();
            }
            if (header is null) throw new SeriesFormatException("csv_no_spectra", $"{file.Name} holds no table.");
            var table = new Table(file.Name, headerLine, header, rows, delimiter != ",", options);
            TextContent.WarnOfOpenEnd(file, table.Warnings);
            if (units is not null)
            {
                table.AxisUnit = units[0].Trim().Trim('(', ')', '[', ']') is { Length: > 0 } unit ? unit : null;
                table.Warn("csv_units_line", $"The line below the names, '{string.Join(' ', units)}', is read as units.");
            }
            return table;
        }

        private static IEnumerable<(long Line, string[] Cells)> RowsBetweenBlanks(NamedContent file)
        {
            foreach (var (number, line) in TextContent.Lines(file))
                if (!string.IsNullOrWhiteSpace(line)) yield return (number, Blanks(line));
        }

        private static IEnumerable<(long Line, string[] Cells)> Records(NamedContent file, CsvConfiguration configuration)
        {
            using var parser = new CsvParser(TextContent.Reader(file), configuration);
            while (Next(parser, file.Name) is { } cells) yield return (parser.RawRow, cells);
        }

        private static string[]? Next(CsvParser parser, string file)
        {
            try
            {
                return parser.Read() ? parser.Record ?? [] : null;
            }
            catch (MaxFieldSizeException exception)
            {
                throw new SeriesFormatException("csv_quotes", SeriesReading.Text(
                    $"{file}, line {parser.RawRow}: a value of more than 4096 characters."), exception);
            }
        }

        public double? HeaderNumber(int column) => TextContent.TryNumber(header[column], decimalComma);

        public double[] HeaderNumbers(int skip) => Numbers(name, headerLine, header, skip, decimalComma);

        public double[]? FirstColumn()
        {
            var values = rows.Select(row => TextContent.TryNumber(row.First, decimalComma)).ToArray();
            return values.Length == 0 || values.Any(value => value is not { } number || !double.IsFinite(number))
                ? null
                : [.. values.Select(value => value.GetValueOrDefault())];
        }

        public double[] FirstColumnWithHeader() => FirstColumn() is { } column && HeaderNumber(0) is { } top ? [top, .. column] : [0, 0];

        public double[] Numbers(TableRow row) => [TextContent.Number(row.First, name, row.Line, 1, decimalComma, options.NaNIsMissing), .. row.Rest];

        public double[][] AllNumbers() => [Numbers(name, headerLine, header, 0, decimalComma, options.NaNIsMissing), .. rows.Select(Numbers)];

        private static double[] Numbers(string file, long line, string[] cells, int skip, bool decimalComma, bool missing = false)
        {
            var numbers = new double[cells.Length - skip];
            for (var index = 0; index < numbers.Length; index++)
                numbers[index] = TextContent.Number(cells[index + skip], file, line, index + skip + 1, decimalComma, missing);
            return numbers;
        }

        public void Warn(string code, string message) => Warnings.Add(new ReadingWarning(code, message));
    }
}
