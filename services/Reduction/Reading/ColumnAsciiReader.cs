namespace Tutti.Reduction.Reading;

/// <summary>
/// Files of columns under comment lines, as beamlines, Athena, pyFAI and most instruments write them (.txt, .dat, .xmu, .nor, .xy, .xye, .xsp): one
/// file is one spectrum, or with the signal * one spectrum per column; several files are a series in the order of their start times, else of their
/// names, on the axis of the first (others are interpolated linearly, which is warned of). Axis and signal are chosen by name.
/// Codes: <c>columns_missing</c>, <c>columns_no_data</c>, <c>columns_ragged</c>, <c>columns_signal_missing</c>, <c>columns_signal_counts</c>,
/// <c>axis_not_monotonic</c>, <c>axis_no_overlap</c>, <c>axis_unit_mixed</c>, <c>not_a_number</c>, <c>not_finite</c>, <c>line_too_long</c> and the
/// limits. Warnings: <c>columns_unnamed</c>, <c>columns_uncertainty_left_out</c>, <c>columns_signal_computed</c>, <c>columns_comment_among_data</c>,
/// <c>columns_time_missing</c>, <c>column_not_finite</c>, <c>axis_interpolated</c>, <c>axis_cut</c>, <c>file_ignored</c>, <c>text_end_open</c>.
/// </summary>
public sealed class ColumnAsciiReader : ISeriesReader
{
    private const string EveryColumn = "*";

    private static readonly string[] AxisNames =
        ["energy", "e", "ev", "wavelength", "lambda", "wavenumber", "raman", "shift", "angle", "theta", "2theta", "tth", "2th", "q", "velocity",
            "channel",
            "d", "k", "x"];

    // In the order in which they are preferred.
    private static readonly string[] SignalNames =
        ["mutrans", "mufluor", "normalized", "normalised", "norm", "nor", "flat", "xmu", "mu", "mu(e)", "absorbance", "od", "intensity", "counts",
            "signal", "transmittance", "reflectance", "y", "chi", "i"];

    private static readonly string[] Uncertainties = ["error", "err", "esd", "sigma", "sig", "std", "stddev", "uncertainty", "delta", "dy"];

    public string Format => "column ASCII";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var reasons = files.Select(ColumnScan.WhyNot).ToArray();
        // Among many spectra a readme may stand; among few it would decide what the series is.
        return reasons.Count(reason => reason is null) * 2 > files.Count ? null : reasons.First(reason => reason is not null);
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        var warnings = new List<ReadingWarning>();
        var spectra = new List<MeasuredSpectrum>();
        (string Name, string? Unit)? axis = null;
        string? signal = options.Signal;
        Dictionary<string, string>? metadata = null;
        var values = 0L;
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (files.Count > 1 && ColumnScan.WhyNot(file) is { } reason)
            {
                warnings.Add(new ReadingWarning("file_ignored", $"{file.Name} was left out: {reason}."));
                continue;
            }
            var scan = ColumnScan.Parse(file, options, cancellation);
            var (name, unit) = AddSpectra(scan, ref signal, spectra);
            if (axis is { } first && !string.Equals(first.Unit, unit, StringComparison.OrdinalIgnoreCase))
                throw new SeriesFormatException("axis_unit_mixed",
                    $"{file.Name}: the axis is in {unit ?? "no unit"} where the first file has {first.Unit ?? "none"}.");
            axis ??= (name, unit);
            warnings.AddRange(scan.Warnings);
            if (files.Count == 1 && scan.Comment.Count > 0) metadata = Header(scan);
            values += scan.Rows.Count;
            if (values > options.MaxValues) SeriesReading.CheckShape(spectra.Count, scan.Rows.Count, options);
        }
        if (axis is not { } found) throw new SeriesFormatException("columns_missing", "None of the files holds columns of numbers.");
        var ordered = signal == EveryColumn && files.Count == 1
            ? spectra
            : SpectraOnOneAxis.Order(spectra, () => warnings.Add(new ReadingWarning(
                "columns_time_missing", "Not every file tells its start time: the series is in the order of the file names.")));
        var (rising, data) = SpectraOnOneAxis.Join(ordered, options, warnings, cancellation);
        return new SpectralSeries(
            Format, new SpectralAxis(found.Name, found.Unit, rising), data, [.. ordered.Select(spectrum => spectrum.Label)],
            SpectraOnOneAxis.Times(ordered), [.. warnings.Distinct()], []) { Metadata = metadata };
    }

    private static Dictionary<string, string> Header(ColumnScan scan)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in scan.Comment)
            if (line.IndexOfAny(['=', ':']) is var at and > 0 && at < line.Length - 1) fields.TryAdd(line[..at].Trim(), line[(at + 1)..].Trim());
        return fields;
    }

    private static (string Name, string? Unit) AddSpectra(ColumnScan scan, ref string? wanted, List<MeasuredSpectrum> spectra)
    {
        var axisColumn = scan.Find(name => IsAxis(name)) ?? 0;
        var (axisName, unit) = scan.NameAndUnit(axisColumn);
        var axis = scan.Column(axisColumn);
        if (wanted is null && IsMultiColumn(scan)) wanted = EveryColumn;
        if (wanted == EveryColumn)
        {
            for (var column = 0; column < scan.Columns; column++)
                if (column != axisColumn)
                    spectra.Add(new MeasuredSpectrum(
                        scan.Names?[column] ?? SeriesReading.Text($"column {column + 1}"), axis, scan.Column(column),
                            scan.Started).Rising(scan.File));
            return (axisName, unit);
        }
        var (used, values) = Signal(scan, axisColumn, ref wanted);
        scan.WarnOfUnused(used);
        spectra.Add(new MeasuredSpectrum(scan.File, axis, values, scan.Started).Rising(scan.File));
        return (axisName, unit);
    }

    // Athena's export of many groups at once: every column but the first is a spectrum.
    private static bool IsMultiColumn(ColumnScan scan) => scan.Comment.Any(line => line.Contains("multicolumn", StringComparison.OrdinalIgnoreCase));

    private static bool IsAxis(string name) => Words(name) is { Length: > 0 } words && AxisNames.Contains(words[^1].TrimEnd('_'))
        && !words.Contains("ref");

    private static string[] Words(string name)
    {
        var bare = TextContent.NameAndUnit(name).Name;
        return bare.ToLowerInvariant().Split([' ', '_', '-', '.', ':'], StringSplitOptions.RemoveEmptyEntries);
    }

    private static (int[] Used, double[] Values) Signal(ColumnScan scan, int axis, ref string? wanted)
    {
        var name = wanted;
        if (name is not null && name is not (ComputedTransmission or ComputedFluorescence))
        {
            var column = scan.Find(have => have.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? scan.Find(have => TextContent.NameAndUnit(have).Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw Missing(scan, $"no column is named {name}");
            return ([axis, column], scan.Column(column));
        }
        if (name is null)
        {
            if (scan.Names is null) return Unnamed(scan, axis);
            foreach (var known in SignalNames)
                if (scan.Find(have => scan.Names[axis] != have && (have.Equals(known, StringComparison.OrdinalIgnoreCase)
                    || TextContent.NameAndUnit(have).Name.Equals(known, StringComparison.OrdinalIgnoreCase))) is { } column)
                {
                    wanted = scan.Names[column];
                    return ([axis, column], scan.Column(column));
                }
        }
        var i0 = scan.Find(have => Is(have, "i0", "io", "monitor"));
        if (i0 is { } before && name != ComputedFluorescence && scan.Find(have => Is(have, "itrans", "it", "i1", "trans")) is { } behind)
        {
            wanted = ComputedTransmission;
            return Computed(scan, wanted, axis, before, behind, (a, b) => Math.Log(a / b));
        }
        if (i0 is { } incoming && name != ComputedTransmission && scan.Find(have => Is(have, "ifluor", "if", "fluor", "fluorescence")) is { } emitted)
        {
            wanted = ComputedFluorescence;
            return Computed(scan, wanted, axis, incoming, emitted, (a, b) => b / a);
        }
        var others = Enumerable.Range(0, scan.Columns)
            .Where(column => column != axis && !Words(scan.Names?[column] ?? "").Any(word => Uncertainties.Contains(word))).ToArray();
        if (others.Length == 1) return ([axis, others[0]], scan.Column(others[0]));
        throw Missing(scan, "which column is the signal cannot be told from the names; name it (* reads every column as a spectrum)");
    }

    private static (int[] Used, double[] Values) Unnamed(ColumnScan scan, int axis)
    {
        if (scan.Columns > 3) throw Missing(scan, "the columns have no names; name the signal (* reads every column as a spectrum)");
        scan.Warnings.Add(new ReadingWarning("columns_unnamed",
            $"{scan.File}: the columns have no names; the first is read as the axis, the second as the signal."));
        if (scan.Columns == 3)
            scan.Warnings.Add(new ReadingWarning("columns_uncertainty_left_out",
                $"{scan.File}: the third column is taken for the uncertainty and left out."));
        return ([axis, 1], scan.Column(1));
    }

    private const string ComputedTransmission = "ln(i0/itrans)";
    private const string ComputedFluorescence = "ifluor/i0";

    private static (int[] Used, double[] Values) Computed(
        ColumnScan scan, string name, int axis, int i0, int other, Func<double, double, double> formula)
    {
        scan.Warnings.Add(new ReadingWarning("columns_signal_computed", $"{scan.File}: the absorption was computed as {name}."));
        var values = scan.Column(i0).Zip(scan.Column(other), formula).ToArray();
        var bad = Array.FindIndex(values, value => !double.IsFinite(value));
        return bad < 0
            ? ([axis, i0, other], values)
            : throw new SeriesFormatException("columns_signal_counts", SeriesReading.Text(
                $"{scan.File}: {name} is no number in data row {bad + 1} (counts of zero or below)."));
    }

    private static bool Is(string name, params ReadOnlySpan<string> known)
    {
        foreach (var word in known)
            if (name.Equals(word, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    private static SeriesFormatException Missing(ColumnScan scan, string what) =>
        new("columns_signal_missing", $"{scan.File}: {what} (found: {scan.ColumnNames}).");
}
