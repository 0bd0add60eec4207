using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Plotting;

/// <summary>One plot in both forms it is delivered in.</summary>
public sealed record PlotImage(string Name, byte[] Svg, byte[] Png);

/// <summary>The plots of a series and of its reduction; needs neither a display nor installed fonts.</summary>
public static partial class ReductionPlots
{
    private const int Width = 900;
    private const int Height = 560;
    private const int SpectraShownSingly = 8;
    private const int RowsBetweenLooks = 64;

    // Beyond so many points a line is drawn by the extremes of stretches, which look the same at this width.
    private const int MostPoints = 8 * Width;
    private const int MapRows = 400;
    private const int MapColumns = 800;

    // Told apart by people with colour-blindness (Okabe and Ito).
    private static readonly Color[] Palette =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#A6A600" }.Select(hex => Color.FromHex(hex))];

    /// <summary>All plots of an outcome: the spectra, the components, their concentrations (over the potential too, where the preparation knows it),
    /// the scree, the residual, and where there are any the bands of ambiguity, the uncertainty of the profiles and the maps of an image stack.</summary>
    public static IReadOnlyList<PlotImage> All(ReductionOutcome outcome, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        List<Func<PlotImage>> plots =
        [
            () => Series(outcome.Used, cancellation), () => Components(outcome), () => Concentrations(outcome), () => Scree(outcome),
            () => ResidualMap(outcome, cancellation),
        ];
        if (Of("potential") is { } potential) plots.Add(() => Over(outcome, potential, "potential", "V"));
        if (Of("capacity") is { } capacity) plots.Add(() => Over(outcome, capacity, "capacity", "mAh"));
        if (outcome.Bands is { } bands) plots.Add(() => Bands(outcome, bands));
        if (outcome.Uncertainty is { } found)
        {
            plots.Add(() => SpectraUncertainty(outcome, found));
            plots.Add(() => ConcentrationsUncertainty(outcome, found));
        }
        List<PlotImage> drawn = [];
        foreach (var plot in plots)
        {
            cancellation.ThrowIfCancellationRequested();
            drawn.Add(plot());
        }
        return outcome.Prepared.Map is { } map ? [.. drawn, .. Maps(outcome, map, cancellation)] : drawn;

        IReadOnlyList<double?>? Of(string column) =>
            outcome.Prepared.Columns.TryGetValue(column, out var values) && values.Count == outcome.Concentrations.Rows && values.Any(value => value is not null) ? values : null;
    }

    /// <summary>The concentrations against a quantity of the cell, such as its potential, in the order of the spectra; spectra without one are left out.</summary>
    public static PlotImage Over(ReductionOutcome outcome, IReadOnlyList<double?> values, string quantity, string unit)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(values);
        var plot = Begin($"Concentrations over {quantity}", $"{quantity} ({unit})", "concentration");
        int[] known = [.. Enumerable.Range(0, values.Count).Where(index => values[index] is not null)];
        var across = known.Select(index => values[index] ?? 0).ToArray();
        for (var k = 0; k < outcome.Concentrations.Columns; k++)
            Line(plot, across, [.. known.Select(index => outcome.Concentrations[index, k])], k, outcome.NameOf(k));
        return Finish(plot, $"concentrations-{quantity}");
    }

    /// <summary>The spectra of the components with the range between the ends of their bands.</summary>
    public static PlotImage Bands(ReductionOutcome outcome, AmbiguityBands bands)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(bands);
        var plot = Begin(bands.Unique ? "Component spectra; no others are possible" : "Component spectra, and what else is possible", outcome.Used.Axis.Label, "signal, scaled to the resolved spectrum");
        var axis = outcome.Used.Axis.Values.ToArray();
        for (var k = 0; k < outcome.Spectra.Rows; k++)
        {
            var resolved = outcome.Spectra.Row(k).ToArray();
            var (least, most) = (Alike(bands.Components[k].Minimum.Spectrum, resolved), Alike(bands.Components[k].Maximum.Spectrum, resolved));
            double[] low = new double[axis.Length], high = new double[axis.Length];
            TensorPrimitives.Min<double>(least, most, low);
            TensorPrimitives.Max<double>(least, most, high);
            Between(plot, axis, resolved, low, high, k, outcome.NameOf(k));
        }
        return Finish(plot, "bands");
    }

    /// <summary>The spectra of the components between the ends of their bands of uncertainty.</summary>
    public static PlotImage SpectraUncertainty(ReductionOutcome outcome, ProfileUncertainty found)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(found);
        var plot = Begin("Component spectra and their uncertainty", outcome.Used.Axis.Label, "signal per unit of concentration");
        var axis = outcome.Used.Axis.Values.ToArray();
        for (var k = 0; k < outcome.Spectra.Rows; k++) Between(plot, axis, outcome.Spectra.Row(k).ToArray(), found.LowS.Row(k).ToArray(), found.HighS.Row(k).ToArray(), k, outcome.NameOf(k));
        return Finish(plot, "spectra-uncertainty");
    }

    /// <summary>The concentrations between the ends of their bands of uncertainty.</summary>
    public static PlotImage ConcentrationsUncertainty(ReductionOutcome outcome, ProfileUncertainty found)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(found);
        var (across, name) = Across(outcome);
        var plot = Begin("Concentrations and their uncertainty", name, "concentration");
        for (var k = 0; k < outcome.Concentrations.Columns; k++)
            Between(plot, across, outcome.Concentrations.Column(k), found.LowC.Column(k), found.HighC.Column(k), k, outcome.NameOf(k));
        return Finish(plot, "concentrations-uncertainty");
    }

    private static void Between(Plot plot, double[] across, double[] middle, double[] low, double[] high, int colour, string legend)
    {
        var every = (across.Length + MostPoints - 1) / MostPoints;
        var range = plot.Add.FillY([.. Some(across)], [.. Some(low)], [.. Some(high)]);
        (range.FillColor, range.LineWidth) = (Palette[colour % Palette.Length].WithAlpha(0.25), 0);
        Line(plot, across, middle, colour, legend);

        IEnumerable<double> Some(double[] values) => values.Where((_, index) => index % every == 0);
    }

    private static (double[] Places, string Name) Across(ReductionOutcome outcome)
    {
        const double secondsPerHour = 3600;
        var told = outcome.Prepared.Columns.TryGetValue("seconds", out var seconds) && seconds.Count == outcome.Concentrations.Rows;
        var clock = told && seconds?.All(second => second is not null) == true ? seconds : null;
        var hours = outcome.Used.Times is { } times ? times.Select(time => (time - times[0]).TotalHours) : clock?.Select(second => (second ?? 0) / secondsPerHour);
        double[] across = [.. hours ?? Enumerable.Range(0, outcome.Concentrations.Rows).Select(index => (double)index)];
        return (across, hours is null ? "spectrum" : "time since the first spectrum (h)");
    }

    /// <summary>The concentration of each component over the image; pixels that were masked are left empty.</summary>
    public static IReadOnlyList<PlotImage> Maps(ReductionOutcome outcome, MapShape map, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var pixels = outcome.Prepared.Columns.TryGetValue("pixel", out var named) ? named : null;
        if (pixels is null && outcome.Concentrations.Rows != map.Rows * map.Columns) return [];
        return [.. Enumerable.Range(0, outcome.Concentrations.Columns).Select(component =>
        {
            cancellation.ThrowIfCancellationRequested();
            var image = new double[map.Rows, map.Columns];
            for (var row = 0; row < map.Rows; row++)
                for (var column = 0; column < map.Columns; column++) image[row, column] = double.NaN;
            for (var spectrum = 0; spectrum < outcome.Concentrations.Rows; spectrum++)
            {
                var pixel = pixels is null ? spectrum : (int)(pixels[spectrum] ?? -1);
                if (pixel >= 0 && pixel < map.Rows * map.Columns) image[pixel / map.Columns, pixel % map.Columns] = outcome.Concentrations[spectrum, component];
            }
            var plot = Begin(Text($"Component {component + 1}"), "column", "row");
            var heat = plot.Add.Heatmap(image);
            (heat.Colormap, heat.Smooth) = (new ScottPlot.Colormaps.Viridis(), false);
            plot.Add.ColorBar(heat).Label = "concentration";
            plot.Axes.SquareUnits();
            plot.HideGrid();
            return Finish(plot, Text($"map-{component + 1}"), legend: false);
        })];
    }

    private static double[] Alike(IReadOnlyList<double> spectrum, double[] resolved)
    {
        var copy = spectrum.ToArray();
        var square = TensorPrimitives.SumOfSquares<double>(copy);
        if (square > 0) TensorPrimitives.Multiply(copy, TensorPrimitives.Dot<double>(copy, resolved) / square, copy);
        return copy;
    }

    /// <summary>The measured spectra: each of a few; of many the first, the last, the mean and the range.</summary>
    public static PlotImage Series(SpectralSeries series, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        var plot = Begin(Text($"{series.Data.Rows} spectra"), series.Axis.Label, "signal");
        var axis = series.Axis.Values.ToArray();
        if (series.Data.Rows <= SpectraShownSingly)
        {
            for (var row = 0; row < series.Data.Rows; row++) Line(plot, axis, series.Data.Row(row).ToArray(), row,
                Short(series.Labels?[row]) ?? Text($"spectrum {row}"));
        }
        else
        {
            var (low, high, mean) = (series.Data.Row(0).ToArray(), series.Data.Row(0).ToArray(), new double[axis.Length]);
            var spectrum = new double[axis.Length];
            for (var row = 0; row < series.Data.Rows; row++)
            {
                if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
                series.Data.CopyRows(row, 1, spectrum);
                TensorPrimitives.Min<double>(low, spectrum, low);
                TensorPrimitives.Max<double>(high, spectrum, high);
                TensorPrimitives.Add<double>(mean, spectrum, mean);
            }
            TensorPrimitives.Divide(mean, series.Data.Rows, mean);
            var range = plot.Add.FillY(axis, low, high);
            (range.FillColor, range.LineWidth, range.LegendText) = (Colors.Gray.WithAlpha(0.25), 0, "range");
            Line(plot, axis, series.Data.Row(0).ToArray(), 0, "first");
            Line(plot, axis, series.Data.Row(series.Data.Rows - 1).ToArray(), 1, "last");
            Line(plot, axis, mean, 6, "mean");
        }
        return Finish(plot, "spectra");
    }

    /// <summary>The spectra of the components.</summary>
    public static PlotImage Components(ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var plot = Begin("Component spectra", outcome.Used.Axis.Label, "signal per unit of concentration");
        var axis = outcome.Used.Axis.Values.ToArray();
        for (var k = 0; k < outcome.Spectra.Rows; k++) Line(plot, axis, outcome.Spectra.Row(k).ToArray(), k, outcome.NameOf(k));
        return Finish(plot, "components");
    }

    /// <summary>The concentrations over the series: over hours since the first spectrum where times are known, else over the number of the
    /// spectrum.</summary>
    public static PlotImage Concentrations(ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var (across, name) = Across(outcome);
        var plot = Begin("Concentrations", name, "concentration");
        for (var k = 0; k < outcome.Concentrations.Columns; k++) Line(plot, across, outcome.Concentrations.Column(k), k, outcome.NameOf(k));
        return Finish(plot, "concentrations");
    }

    /// <summary>The singular values with the verdict of the rank indicators.</summary>
    public static PlotImage Scree(ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var verdict = outcome.Rank.Verdict;
        var values = outcome.Components.SingularValues.Take(20).Where(value => value > 0).Select(Math.Log10).ToArray();
        var numbers = Enumerable.Range(1, values.Length).Select(index => (double)index).ToArray();
        var said = string.Join(", ", verdict.Evidence.Where(item => item.Suggests is not null).Select(item =>
            Text($"{item.Indicator} {item.Suggests}")));
        var verb = verdict.Ambiguous ? "ambiguous, begin with" : "verdict:";
        var plot = Begin(Text($"Singular values; {verb} {verdict.Suggested} ({(said.Length == 0 ? "no indicator gives a number" : said)})"),
            "component", "singular value");
        var curve = plot.Add.Scatter(numbers, values);
        (curve.Color, curve.LineWidth, curve.MarkerSize) = (Palette[0], 1.5f, 8);
        var used = plot.Add.VerticalLine(outcome.Result.ComponentCount + 0.5);
        (used.Color, used.LineWidth, used.LinePattern, used.LegendText) = (Palette[1], 2, LinePattern.Dashed,
            Text($"{outcome.Result.ComponentCount} used"));
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            IntegerTicksOnly = true,
            LabelFormatter = power => Text($"1e{power:0}"),
        };
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        return Finish(plot, "scree");
    }

    /// <summary>What the model leaves, spectrum by spectrum; of the values that share a point the largest is shown.</summary>
    public static PlotImage ResidualMap(ReductionOutcome outcome, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var (spectra, channels, axis) = (outcome.Used.Data.Rows, outcome.Used.Data.Columns, outcome.Used.Axis.Values);
        var (rows, columns) = (Math.Min(MapRows, spectra), Math.Min(MapColumns, channels));
        var map = new double[rows, columns];
        var (low, high) = (axis[0], axis[^1]);
        var seen = new bool[columns];
        var places = new int[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            places[channel] = channels == 1 ? 0 : Math.Min(columns - 1, (int)((axis[channel] - low) / (high - low) * columns));
            seen[places[channel]] = true;
        }
        var (largest, residual) = (0.0, new double[channels]);
        for (var spectrum = 0; spectrum < spectra; spectrum++)
        {
            if (spectrum % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
            outcome.Residual(spectrum, residual);
            var target = (int)((long)spectrum * rows / spectra);
            for (var channel = 0; channel < channels; channel++)
                if (Math.Abs(residual[channel]) > Math.Abs(map[target, places[channel]])) map[target, places[channel]] = residual[channel];
            largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<double>(residual)));
        }
        // Where channels lie further apart than points, a point shows the channel before it.
        for (var column = 1; column < columns; column++)
            if (!seen[column])
                for (var row = 0; row < rows; row++) map[row, column] = map[row, column - 1];

        var limit = Math.Max(largest, double.Epsilon);
        var plot = Begin("Residual", outcome.Used.Axis.Label, "spectrum");
        var heat = plot.Add.Heatmap(map);
        heat.Colormap = new ScottPlot.Colormaps.CustomInterpolated([Color.FromHex("#2166AC"), Colors.White, Color.FromHex("#B2182B")]);
        heat.ManualRange = new ScottPlot.Range(-limit, limit);
        heat.FlipVertically = true;
        heat.Extent = new CoordinateRect(low, high > low ? high : low + 1, -0.5, spectra - 0.5);
        heat.Smooth = false;
        plot.Add.ColorBar(heat).Label = "measured - model";
        plot.Axes.Margins(0, 0);
        plot.HideGrid();
        return Finish(plot, "residual", legend: false);
    }

    private static Plot Begin(string title, string across, string up)
    {
        PlotTypeface.Use();
        var plot = new Plot();
        plot.Font.Set(PlotTypeface.Name);
        plot.Title(title, 18);
        plot.XLabel(across, 16);
        plot.YLabel(up, 16);
        plot.Axes.Title.Label.Bold = plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        // Energies are written without a thousands separator.
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = place =>
            Text($"{Math.Round(place, 10):0.##########}") };
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 14;
        return plot;
    }

    private static void Line(Plot plot, double[] across, double[] up, int colour, string legend)
    {
        (across, up) = Thinned(across, up);
        var line = plot.Add.ScatterLine(across, up, Palette[colour % Palette.Length]);
        (line.LineWidth, line.LegendText) = (1.8f, legend);
        // Beyond the palette the lines differ by pattern.
        if (colour >= Palette.Length) line.LinePattern = LinePattern.Dashed;
    }

    // Of each stretch of points its first, its lowest and its highest, in their order; the last point of all.
    private static (double[] Across, double[] Up) Thinned(double[] across, double[] up)
    {
        if (up.Length <= MostPoints) return (across, up);
        const int kept = 4;
        var stretches = MostPoints / kept;
        SortedSet<int> points = [up.Length - 1];
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var (first, end) = ((int)((long)up.Length * stretch / stretches), (int)((long)up.Length * (stretch + 1) / stretches));
            var within = up.AsSpan(first, end - first);
            points.UnionWith([first, first + TensorPrimitives.IndexOfMin<double>(within), first + TensorPrimitives.IndexOfMax<double>(within), end - 1]);
        }
        return ([.. points.Select(point => across[point])], [.. points.Select(point => up[point])]);
    }

    private static PlotImage Finish(Plot plot, string name, bool legend = true)
    {
        if (legend)
        {
            plot.ShowLegend(Edge.Right);
            plot.Legend.FontSize = 14;
        }
        return new PlotImage(name, Encoding.UTF8.GetBytes(Renumbered(plot.GetSvgXml(Width, Height))), plot.GetImageBytes(Width, Height, ImageFormat.Png));
    }

    // The drawing library numbers clips and images through the life of the process; the same plot shall have the same bytes.
    private static string Renumbered(string svg)
    {
        Dictionary<string, string> names = [];
        return Name().Replace(svg, match => match.Groups[1].Value
            + (names.TryGetValue(match.Groups[2].Value, out var known) ? known : names[match.Groups[2].Value] = Text($"d{names.Count}")) + match.Groups[3].Value);
    }

    [GeneratedRegex("""( id="|url\(#|href="#)([^")]+)("|\))""")]
    private static partial Regex Name();

    private static string? Short(string? label) => label is { Length: > 24 } ? $"...{label[^21..]}" : label;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
