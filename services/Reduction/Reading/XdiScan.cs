using System.Globalization;

namespace Tutti.Reduction.Reading;

/// <summary>
/// One XDI file (XAS Data Interchange 1.0) taken apart: header fields, named columns, rows of numbers. What breaks the format throws, what only
/// misses its recommendations becomes a warning.
/// </summary>
internal sealed class XdiScan
{
    private const string Elements =
        " H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe " +
        "Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr " +
        "Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og ";

    private const string Edges = " K L L1 L2 L3 M M1 M2 M3 M4 M5 N N1 N2 N3 N4 N5 N6 N7 O1 O2 O3 O4 O5 O6 O7 ";

    private readonly Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedDictionary<int, (string Name, string? Unit)> columns = [];

    private XdiScan(string file) => File = file;

    public string File { get; }
    public List<double[]> Rows { get; } = [];

    /// <summary>First row of each block of a scan within a scan, with the value of the outer axis; empty for a plain scan.</summary>
    public List<(int Row, string Value)> OuterBlocks { get; } = [];

    public List<ReadingWarning> Warnings { get; } = [];

    public string? Field(string name) => fields.GetValueOrDefault(name);

    public DateTime? Started => Field("Scan.start_time") is { } text
        && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? DateTime.SpecifyKind(time, DateTimeKind.Unspecified)
            : null;

    public int? Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            foreach (var (number, column) in columns)
                if (column.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return number - 1;
        return null;
    }

    public int? FindContaining(string part)
    {
        foreach (var (number, column) in columns)
            if (column.Name.Contains(part, StringComparison.OrdinalIgnoreCase)) return number - 1;
        return null;
    }

    public (string Name, string? Unit) Column(int index) => columns[index + 1];

    public string ColumnNames => string.Join(", ", columns.Values.Select(column => column.Name));

    /// <summary>Whether the text has the marks of an XDI file, be it a broken one; Athena's export of many groups has them too and is none.</summary>
    public static bool Resembles(string text)
    {
        var resembles = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length == 0 || line[0] != '#') break;
            var content = line[1..].TrimStart();
            if (content.StartsWith("Demeter.output_filetype: multicolumn", StringComparison.OrdinalIgnoreCase)) return false;
            if (content.StartsWith("XDI/", StringComparison.OrdinalIgnoreCase) || content.StartsWith("Column.1:", StringComparison.OrdinalIgnoreCase)
                || content.StartsWith("Element.symbol:", StringComparison.OrdinalIgnoreCase)
                    || content.StartsWith("Scan.start_time:", StringComparison.OrdinalIgnoreCase))
                resembles = true;
        }
        return resembles;
    }

    public static XdiScan Parse(NamedContent content, ReadingOptions options)
    {
        var scan = new XdiScan(content.Name);
        TextContent.WarnOfOpenEnd(content, scan.Warnings);
        scan.ReadLines(TextContent.Lines(content), options);
        scan.CheckColumns();
        scan.CheckElement();
        return scan;
    }

    private void ReadLines(IEnumerable<(int Number, string Text)> lines, ReadingOptions options)
    {
        var (number, inHeader, inComments) = (0, true, false);
        foreach (var (at, text) in lines)
        {
            number = at;
            var line = text.AsSpan().Trim();
            var named = line.Length > 0 && line[0] == '#' && line[1..].TrimStart().StartsWith("XDI/", StringComparison.OrdinalIgnoreCase);
            if (number == 1 && !named) Warn("xdi_version_missing", "The first line does not name the XDI version; the fields are read as those of version 1.");
            if (line.IsEmpty) continue;
            if (!inHeader)
            {
                ReadData(line, number, options);
                continue;
            }
            if (line[0] != '#')
                throw TextContent.TryNumber(FirstWord(line)) is null
                    ? Broken("xdi_header_line", number, "a line of the header does not begin with #")
                    : Broken("xdi_header_end_missing", number, "numbers begin before the line of dashes that ends the header");
            var inner = line[1..].Trim();
            if (inner.StartsWith("---")) inHeader = false;
            else if (inner.StartsWith("///")) inComments = true;
            else if (!inComments && !(number == 1 && named)) ReadField(inner, number);
        }
        if (inHeader) throw Broken("xdi_header_end_missing", number, "there is no line of dashes that ends the header");
        if (Rows.Count == 0) throw Broken("xdi_no_data", number, "there are no data below the header");
    }

    private void ReadField(ReadOnlySpan<char> inner, int number)
    {
        var colon = inner.IndexOf(':');
        var dot = inner.IndexOf('.');
        if (colon < 0 || dot < 0 || dot > colon) return;
        var name = inner[..colon].Trim().ToString();
        var value = inner[(colon + 1)..].Trim().ToString();
        if (!fields.TryAdd(name, value)) Warn("xdi_field_repeated", $"{name} is given more than once; the first counts.");
        else if (name.StartsWith("Column.", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(name.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out var column))
        {
            var parts = value.Split("||")[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (column < 1 || parts.Length == 0) throw Broken("xdi_column_index", number, $"'{name}: {value}' names no column");
            columns.Add(column, (parts[0], parts.Length > 1 ? parts[1] : null));
        }
    }

    private void ReadData(ReadOnlySpan<char> line, int number, ReadingOptions options)
    {
        if (line[0] == '#')
        {
            var inner = line[1..].Trim();
            if (inner.StartsWith("Outer.value", StringComparison.OrdinalIgnoreCase) && inner.Contains(':'))
            {
                if (OuterBlocks.Count == 0 && Field("Outer.value") is { } first) OuterBlocks.Add((0, first));
                OuterBlocks.Add((Rows.Count, inner[(inner.IndexOf(':') + 1)..].Trim().ToString()));
            }
            else if (Rows.Count > 0) throw Broken("xdi_data_line", number, "a comment stands among the data");
            return;
        }
        var values = new List<double>(Rows.Count > 0 ? Rows[0].Length : 4);
        foreach (var range in line.SplitAny([' ', '\t']))
        {
            var cell = line[range];
            if (!cell.IsEmpty) values.Add(TextContent.Number(cell, File, number, values.Count + 1));
        }
        if (Rows.Count > 0 && values.Count != Rows[0].Length)
            throw Broken("xdi_ragged", number, SeriesReading.Text($"{values.Count} values where the first row has {Rows[0].Length}"));
        Rows.Add([.. values]);
        if (Rows.Count > options.MaxChannels) SeriesReading.CheckShape(1, Rows.Count, options);
    }

    private void CheckColumns()
    {
        if (columns.Count == 0) throw Broken("xdi_columns_missing", null, "no Column.N field names the columns");
        var width = Rows[0].Length;
        if (columns.Keys.Last() is var last && last > width && columns.Count <= width)
            throw Broken("xdi_column_index", null, SeriesReading.Text($"Column.{last} is declared, and the data have {width} columns"));
        if (columns.Count != width) throw Broken("xdi_column_count", null,
            SeriesReading.Text($"{columns.Count} columns are declared, and the data have {width}"));
    }

    private void CheckElement()
    {
        if (Field("Element.symbol") is not { } symbol) Warn("xdi_element_missing", "Element.symbol is missing.");
        else if (!Elements.Contains($" {symbol} ", StringComparison.OrdinalIgnoreCase)) Warn("xdi_element_unknown",
            $"'{symbol}' is no chemical element.");
        if (Field("Element.edge") is not { } edge) Warn("xdi_edge_missing", "Element.edge is missing.");
        else if (!Edges.Contains($" {edge} ", StringComparison.OrdinalIgnoreCase)) Warn("xdi_edge_unknown", $"'{edge}' is no absorption edge.");
    }

    public void Warn(string code, string message) => Warnings.Add(new ReadingWarning(code, $"{File}: {message}"));

    private SeriesFormatException Broken(string code, int? line, string what) =>
        new(code, line is { } number ? SeriesReading.Text($"{File}, line {number}: {what}.") : $"{File}: {what}.");

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> line)
    {
        var end = line.IndexOfAny(' ', '\t');
        return end < 0 ? line : line[..end];
    }
}
