using System.Globalization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// STXM image stacks of the ALS and others: one header (.hdr) that tells energies and positions, and an ASCII image (.xim) per energy. Each pixel is
/// a
/// spectrum over the energies, rows of the image one after another; the image's shape stays with the series.
/// Codes: <c>stxm_header</c>, <c>stxm_not_a_stack</c>, <c>stxm_regions</c>, <c>stxm_images_missing</c>, <c>stxm_image_shape</c>,
/// <c>stxm_image_twice</c>, <c>stxm_one_stack</c>, <c>axis_not_monotonic</c>, <c>not_a_number</c>, <c>not_finite</c> and the limits.
/// Warnings: <c>stxm_images_fewer</c>, <c>file_ignored</c>, <c>text_end_open</c>.
/// </summary>
public sealed class StxmReader : ISeriesReader
{
    public string Format => "STXM stack";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.Any(IsHeader) ? null : "no header with 'ScanDefinition = {'";
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        var headers = files.Where(IsHeader).ToArray();
        if (headers.Length > 1) throw new SeriesFormatException("stxm_one_stack",
            SeriesReading.Text($"{headers.Length} stacks were given; one is a series."));
        var header = Header.Parse(headers[0], options);
        var warnings = new List<ReadingWarning>();
        TextContent.WarnOfOpenEnd(headers[0], warnings);
        var images = Images(files, header, headers[0], warnings);
        if (images.Count == 0) throw new SeriesFormatException("stxm_images_missing", SeriesReading.Text(
            $"{headers[0].Name} describes {header.Energies.Length} images; none of them was given."));
        if (images.Count < header.Energies.Length)
            warnings.Add(new ReadingWarning("stxm_images_fewer", SeriesReading.Text(
                $"{headers[0].Name} describes {header.Energies.Length} images; {images.Count} were given and their energies kept.")));
        var pixels = checked(header.Rows * header.Columns);
        SeriesReading.CheckShape(pixels, images.Count, options);
        var stack = new double[images.Count][];
        var energies = new double[images.Count];
        foreach (var (index, image) in images.OrderBy(image => image.Key).Index())
        {
            cancellation.ThrowIfCancellationRequested();
            energies[index] = header.Energies[image.Key];
            stack[index] = Pixels(image.Value, header, warnings);
        }
        if (AxisOrder.Direction(energies) == 0) throw new SeriesFormatException("axis_not_monotonic",
            $"{headers[0].Name}: the energies neither rise nor fall all the way.");
        var (axis, data) = AxisOrder.Rising(energies, Matrix.FromRows(stack).Transpose());
        return new SpectralSeries(
            Format, new SpectralAxis(header.AxisName.ToLowerInvariant(), header.Unit, axis), data, null, null, warnings, [])
        {
            MapShape = new MapShape(header.Rows, header.Columns),
            Metadata = header.Metadata,
        };
    }

    private static bool IsHeader(NamedContent file) => TextContent.WhyNotText(file.Bytes.Span) is null
        && TextContent.Head(file).Take(10).Any(line => line.TrimStart().StartsWith("ScanDefinition", StringComparison.Ordinal));

    // name_a000.xim is the image of the first energy; the letter is the channel of the detector, of which the first counts.
    private static Dictionary<int, NamedContent> Images(
        IReadOnlyList<NamedContent> files, Header header, NamedContent from, List<ReadingWarning> warnings)
    {
        var images = new Dictionary<int, NamedContent>();
        foreach (var file in files)
        {
            if (ReferenceEquals(file, from)) continue;
            var index = file.Name.EndsWith(".xim", StringComparison.OrdinalIgnoreCase) ? Index(file.Name) : null;
            if (index is not { } at || at >= header.Energies.Length)
                warnings.Add(new ReadingWarning("file_ignored", $"{file.Name} is no image of the stack and was left out."));
            else if (!images.TryAdd(at, file)) throw new SeriesFormatException("stxm_image_twice",
                $"{file.Name} and {images[at].Name} are the same image.");
        }
        return images;
    }

    private static int? Index(string name)
    {
        var stem = name.AsSpan()[..name.LastIndexOf('.')];
        var mark = stem.LastIndexOf("_a");
        if (mark < 0) return null;
        var digits = stem[(mark + 2)..];
        return digits.IsEmpty ? 0 : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
    }

    private static double[] Pixels(NamedContent image, Header header, List<ReadingWarning> warnings)
    {
        var pixels = new double[header.Rows * header.Columns];
        var row = 0;
        foreach (var (number, line) in TextContent.Lines(image))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (row == header.Rows) throw Shape(image, header, SeriesReading.Text($"more than {header.Rows} rows"));
            var column = 0;
            foreach (var range in line.AsSpan().SplitAny([' ', '\t', ',']))
            {
                var cell = line.AsSpan()[range];
                if (cell.IsEmpty) continue;
                if (column == header.Columns) throw Shape(image, header, SeriesReading.Text($"more than {header.Columns} values in line {number}"));
                pixels[row * header.Columns + column] = TextContent.Number(cell, image.Name, number, column + 1);
                column++;
            }
            if (column != header.Columns) throw Shape(image, header, SeriesReading.Text($"{column} values in line {number}"));
            row++;
        }
        if (row != header.Rows) throw Shape(image, header, SeriesReading.Text($"{row} rows"));
        TextContent.WarnOfOpenEnd(image, warnings);
        return pixels;
    }

    private static SeriesFormatException Shape(NamedContent image, Header header, string what) => new("stxm_image_shape", SeriesReading.Text(
        $"{image.Name} has {what}; the header describes {header.Rows} rows of {header.Columns} pixels."));

    private sealed record Header(int Rows, int Columns, double[] Energies, string AxisName, string? Unit, Dictionary<string, string> Metadata)
    {
        private const int LongestHeader = 1 << 24;

        public static Header Parse(NamedContent file, ReadingOptions options)
        {
            if (file.Bytes.Length > LongestHeader) throw Broken(file, "it is too long for a header");
            var text = TextContent.Decode(file);
            var definition = text.AsSpan();
            if (definition.Count('{') != definition.Count('}')) throw Broken(file, "a bracket is not closed; the file may have been cut");
            if (Text(definition, "Flags") is { } flags && !flags.Contains("Stack", StringComparison.OrdinalIgnoreCase))
                throw new SeriesFormatException("stxm_not_a_stack", $"{file.Name} describes '{flags}', not an image stack.");
            var regions = After(definition, "Regions");
            if (regions.IsEmpty || FirstNumber(regions) is not { } count) throw Broken(file, "Regions is missing");
            if (count != 1) throw new SeriesFormatException("stxm_regions",
                SeriesReading.Text($"{file.Name} describes {count} regions; stacks of one can be read."));
            var columns = Points(After(definition, "PAxis"), "PAxis", file, options);
            var rows = Points(After(definition, "QAxis"), "QAxis", file, options);
            var stack = After(definition, "StackAxis");
            var energies = Points(stack, "StackAxis", file, options);
            SeriesReading.CheckShape((long)columns.Length * rows.Length, energies.Length, options);
            var metadata = new Dictionary<string, string>();
            foreach (var key in new[] { "Type", "Flags", "Label" })
                if (Text(definition, key) is { } value) metadata[key] = value;
            return new Header(rows.Length, columns.Length, energies, Text(stack, "Name") ?? "energy", Text(stack, "Unit"), metadata);
        }

        private static ReadOnlySpan<char> After(ReadOnlySpan<char> text, string key)
        {
            for (var from = 0; ;)
            {
                var at = text[from..].IndexOf(key, StringComparison.Ordinal);
                if (at < 0) return default;
                var rest = text[(from + at + key.Length)..].TrimStart();
                if (rest.StartsWith("=")) return rest[1..].TrimStart();
                from += at + key.Length;
            }
        }

        private static string? Text(ReadOnlySpan<char> text, string key)
        {
            var value = After(text, key);
            var end = value.IsEmpty || value[0] != '"' ? -1 : value[1..].IndexOf('"');
            return end < 0 ? null : value.Slice(1, end).ToString();
        }

        private static int? FirstNumber(ReadOnlySpan<char> list)
        {
            if (list.IsEmpty || list[0] != '(') return null;
            var end = list.IndexOfAny(',', ')');
            return end > 0 && int.TryParse(list[1..end].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        }

        private static double[] Points(ReadOnlySpan<char> axis, string name, NamedContent file, ReadingOptions options)
        {
            var list = After(axis, "Points");
            var end = list.IndexOf(')');
            if (list.IsEmpty || end < 0 || FirstNumber(list) is not { } declared) throw Broken(file, $"the points of {name} are missing");
            SeriesReading.CheckShape(1, declared, options);
            var cells = list[1..end];
            var points = new List<double>();
            foreach (var range in cells.Split(',')) points.Add(TextContent.Number(cells[range], file.Name, 0, points.Count + 1));
            if (points.Count != declared + 1 || declared < 1) throw Broken(file,
                SeriesReading.Text($"{name} declares {declared} points and has {points.Count - 1}"));
            return [.. points.Skip(1)];
        }

        private static SeriesFormatException Broken(NamedContent file, string what) => new("stxm_header", $"{file.Name}: {what}.");
    }
}
