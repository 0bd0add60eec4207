namespace Tutti.Reduction.Reading;

/// <summary>
/// XDI files of X-ray absorption: one spectrum, or many files as a series in the order of their start times (else of their names). The signal is
/// chosen by column name; with the signal * every column but the axis is a spectrum of its own.
/// Spectra on other energies are interpolated linearly on the axis of the first, cut to the energies that all have.
/// Codes: <c>xdi_header_line</c>, <c>xdi_header_end_missing</c>, <c>xdi_columns_missing</c>, <c>xdi_column_index</c>,
/// <c>xdi_column_count</c>, <c>xdi_ragged</c>, <c>xdi_no_data</c>, <c>xdi_data_line</c>, <c>xdi_axis_missing</c>, <c>xdi_signal_missing</c>,
/// <c>xdi_signal_counts</c>, <c>axis_not_monotonic</c>, <c>axis_unit_mixed</c>, <c>axis_no_overlap</c>, <c>not_a_number</c>, <c>not_finite</c> and
/// the limits.
/// Warnings: <c>xdi_version_missing</c>, <c>xdi_element_missing</c>, <c>xdi_element_unknown</c>, <c>xdi_edge_missing</c>, <c>xdi_edge_unknown</c>,
/// <c>xdi_edge_out_of_range</c>, <c>xdi_elements_differ</c>, <c>xdi_field_repeated</c>, <c>xdi_outer_array</c>, <c>xdi_signal_computed</c>,
/// <c>xdi_time_missing</c>, <c>axis_interpolated</c>, <c>axis_cut</c>, <c>file_ignored</c>.
/// </summary>
public sealed class XdiReader : ISeriesReader
{
    private const string EveryColumn = "*";
    private static readonly string[] Transmission = ["mutrans"];
    private static readonly string[] Fluorescence = ["mufluor"];
    private static readonly string[] Normalised = ["norm", "normalized", "normalised", "normtrans", "normfluor", "nor", "xmu", "mu"];

    public string Format => "XDI";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.Any(IsLikely) ? null : "neither a first line '# XDI/' nor fields such as '# Column.1:'";
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        var warnings = new List<ReadingWarning>();
        var spectra = new List<Spectrum>();
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (files.Count > 1 && !IsLikely(file))
            {
                warnings.Add(new ReadingWarning("file_ignored", $"{file.Name} is no XDI file and was left out."));
                continue;
            }
            spectra.AddRange(Spectra(XdiScan.Parse(file, options), options, spectra.Count == 0 ? null : spectra[0], warnings));
        }
        // The columns of one file stand in its own order.
        var ordered = files.Count == 1 ? spectra : SpectraOnOneAxis.Order(spectra, () => warnings.Add(new ReadingWarning(
            "xdi_time_missing", "Not every file tells its start time: the series is in the order of the file names.")));
        var (axis, data) = SpectraOnOneAxis.Join(ordered, options, warnings, cancellation);
        if (ordered.Select(spectrum => (spectrum.Element, spectrum.Edge)).Distinct().Count() > 1)
            warnings.Add(new ReadingWarning("xdi_elements_differ", "The files are of different elements or edges."));
        return new SpectralSeries(
            Format, new SpectralAxis(ordered[0].AxisName, ordered[0].Unit, axis), data, [.. ordered.Select(spectrum => spectrum.Label)],
            SpectraOnOneAxis.Times(ordered), [.. warnings.Distinct()], []);
    }

    private static bool IsLikely(NamedContent file) =>
        TextContent.WhyNotText(file.Bytes.Span) is null
        && XdiScan.Resembles(TextContent.Decode(file with { Bytes = file.Bytes[..Math.Min(file.Bytes.Length, 1 << 16)] }));

    private sealed record Spectrum(
        string Label, double[] Axis, double[] Values, string AxisName, string? Unit, string Signal, DateTime? Started, string? Element, string? Edge)
        : MeasuredSpectrum(Label, Axis, Values, Started);

    private static List<Spectrum> Spectra(XdiScan scan, ReadingOptions options, Spectrum? first, List<ReadingWarning> warnings)
    {
        var axisColumn = scan.Find("energy", "angle")
            ?? throw new SeriesFormatException("xdi_axis_missing", $"{scan.File}: no column is named energy or angle (found: {scan.ColumnNames}).");
        var (axisName, unit) = scan.Column(axisColumn);
        List<(string Label, string Signal, double[] Values)> signals = [];
        if (options.Signal == EveryColumn)
            for (var column = 0; column < scan.Rows[0].Length; column++)
            {
                if (column != axisColumn)
                    signals.Add((scan.Column(column).Name, EveryColumn, [.. scan.Rows.Select(row => row[column])]));
            }
        else if (Signal(scan, options.Signal ?? first?.Signal) is var (signal, values)) signals.Add(("", signal, values));
        if (signals.Count == 0) throw Missing(scan, "there is no column beside the axis");
        if (first is not null && !string.Equals(first.Unit, unit, StringComparison.OrdinalIgnoreCase))
            throw new SeriesFormatException("axis_unit_mixed",
                $"{scan.File}: the axis is in {unit ?? "no unit"} where the first file has {first.Unit ?? "none"}.");
        var axis = scan.Rows.Select(row => row[axisColumn]).ToArray();
        CheckEdge(scan, axis, unit);

        var spectra = new List<Spectrum>();
        foreach (var (from, to, label) in Blocks(scan, axis))
            foreach (var (column, signal, values) in signals)
                spectra.Add((Spectrum)new Spectrum(
                    $"{label} {column}".TrimEnd(), axis[from..to], values[from..to], axisName.ToLowerInvariant(), unit, signal, scan.Started,
                    scan.Field("Element.symbol"), scan.Field("Element.edge")).Rising(scan.File));
        warnings.AddRange(scan.Warnings);
        return spectra;
    }

    // A scan within a scan is one spectrum per outer value where all have one axis; where the blocks continue each other it is one spectrum.
    private static List<(int From, int To, string Label)> Blocks(XdiScan scan, double[] axis)
    {
        if (scan.OuterBlocks.Count == 0) return [(0, axis.Length, scan.File)];
        var starts = scan.OuterBlocks;
        var blocks = starts.Select((block, index) =>
            (From: block.Row, To: index + 1 < starts.Count ? starts[index + 1].Row : axis.Length,
                Label: $"{scan.File} {scan.Field("Outer.name")} {block.Value}"))
            .Where(block => block.To > block.From).ToList();
        if (blocks.All(block => axis.AsSpan(block.From, block.To - block.From).SequenceEqual(
            axis.AsSpan(blocks[0].From, blocks[0].To - blocks[0].From))))
        {
            scan.Warn("xdi_outer_array", "The file holds a scan within a scan; each outer value is read as one spectrum.");
            return blocks;
        }
        scan.Warn("xdi_outer_array",
            "The file declares a scan within a scan, but its blocks have different energies; all rows are read as one spectrum.");
        return [(0, axis.Length, scan.File)];
    }

    private static (string Name, double[] Values) Signal(XdiScan scan, string? wanted)
    {
        if (wanted is not null && wanted != ComputedTransmission && wanted != ComputedFluorescence)
            return scan.Find(wanted) is { } named
                ? (wanted, [.. scan.Rows.Select(row => row[named])])
                : throw Missing(scan, $"no column is named {wanted}");
        if (wanted is null)
            foreach (var names in new[] { Transmission, Fluorescence, Normalised })
                if (scan.Find(names) is { } column) return (scan.Column(column).Name, [.. scan.Rows.Select(row => row[column])]);

        var incoming = scan.Find("i0");
        if (incoming is { } i0 && wanted != ComputedFluorescence && scan.Find("itrans", "it", "i1") is { } itrans)
            return Computed(scan, ComputedTransmission, i0, itrans, (before, behind) => Math.Log(before / behind));
        if (incoming is { } counted && wanted != ComputedTransmission && scan.Find("ifluor", "if") is { } ifluor)
            return Computed(scan, ComputedFluorescence, counted, ifluor, (before, emitted) => emitted / before);
        throw Missing(scan, "there is neither mutrans, mufluor, a normalised column, nor i0 with itrans");
    }

    private const string ComputedTransmission = "ln(i0/itrans)";
    private const string ComputedFluorescence = "ifluor/i0";

    private static (string Name, double[] Values) Computed(XdiScan scan, string name, int i0, int other, Func<double, double, double> formula)
    {
        scan.Warn("xdi_signal_computed", $"The absorption was computed as {name} from columns {scan.Column(i0).Name} and {scan.Column(other).Name}.");
        var values = scan.Rows.Select(row => formula(row[i0], row[other])).ToArray();
        var bad = Array.FindIndex(values, value => !double.IsFinite(value));
        return bad < 0
            ? (name, values)
            : throw new SeriesFormatException("xdi_signal_counts", SeriesReading.Text(
                $"{scan.File}: {name} is no number in data row {bad + 1} (counts of zero or below)."));
    }

    private static SeriesFormatException Missing(XdiScan scan, string what) =>
        new("xdi_signal_missing", $"{scan.File}: {what} (found: {scan.ColumnNames}).");

    private static void CheckEdge(XdiScan scan, double[] axis, string? unit)
    {
        if (scan.Field("Scan.edge_energy") is not { } text || !string.Equals(unit, "eV", StringComparison.OrdinalIgnoreCase)) return;
        if (TextContent.TryNumber(text.Split(' ')[0]) is not { } edge) scan.Warn("xdi_edge_out_of_range",
            $"Scan.edge_energy '{text}' is not a number.");
        else if (edge < axis.Min() || edge > axis.Max())
            scan.Warn("xdi_edge_out_of_range", SeriesReading.Text(
                $"the energies {axis.Min()} to {axis.Max()} eV do not contain the edge at {edge} eV; the scan may be cut."));
    }
}
