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
    private const int MostPoints = 8000;
    private const int MapRows = 400;
    private const int MapColumns = 800;

    // Told apart by people with colour-blindness (Okabe and Ito).
    private static readonly Color[] Palette =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#A6A600" }.Select(hex => Color.FromHex(hex))];

    /// <summary>All plots of an outcome: the spectra, the components, their concentrations (over the potential too, where the preparation knows it),
    /// the scree, the residual, and where there are any the bands of ambiguity, the uncertainty of the profiles and the maps of an image stack.</summary>
    public static IReadOnlyList<PlotImage> All(ReductionOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return
        [
            Series(outcome.Used), Components(outcome), Concentrations(outcome), Scree(outcome), ResidualMap(outcome),
            .. outcome.Prepared.Columns.TryGetValue("potential", out var potential) && potential.Count == outcome.Concentrations.Rows
                ? (PlotImage[])[OverPotential(outcome, potential)]
                : [],
            .. outcome.Bands is { } bands ? (PlotImage[])[Bands(outcome, bands)] : [],
            .. outcome.Uncertainty is { } found ? (PlotImage[])[SpectraUncertainty(outcome, found), ConcentrationsUncertainty(outcome, found)] : [],
            .. outcome.Prepared.Map is { } map ? Maps(outcome, map) : [],
        ];
    }

    /// <summary>The concentrations against the potential of the cell, in the order of the spectra; spectra without one are left out.</summary>
    public static PlotImage OverPotential(ReductionOutcome outcome, IReadOnlyList<double?> potential)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(potential);
        var plot = Begin("Concentrations over potential", "potential (V)", "concentration");
        int[] known = [.. Enumerable.Range(0, potential.Count).Where(index => potential[index] is not null)];
        var across = known.Select(index => potential[index] ?? 0).ToArray();
        for (var k = 0; k < outcome.Concentrations.Columns; k++)
            Line(plot, across, [.. known.Select(index => outcome.Concentrations[index, k])], k, outcome.NameOf(k));
        return Finish(plot, "concentrations-potential");
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

    private static (double[] Places, string Name) Across(ReductionOutcome outcome) => outcome.Used.Times is { } times
        ? ([.. times.Select(time => (time - times[0]).TotalHours)], "time since the first spectrum (h)")
        : ([.. Enumerable.Range(0, outcome.Concentrations.Rows).Select(index => (double)index)], "spectrum");

    /// <summary>The concentration of each component over the image; pixels that were masked are left empty.</summary>
    public static IReadOnlyList<PlotImage> Maps(ReductionOutcome outcome, MapShape map)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var pixels = outcome.Prepared.Columns.TryGetValue("pixel", out var named) ? named : null;
        if (pixels is null && outcome.Concentrations.Rows != map.Rows * map.Columns) return [];
        return [.. Enumerable.Range(0, outcome.Concentrations.Columns).Select(component =>
        {
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
    public static PlotImage Series(SpectralSeries series)
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
    public static PlotImage ResidualMap(ReductionOutcome outcome)
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

    // More points than the picture has: of each stretch its ends, its lowest and its highest are drawn, which looks the same.
    private static (double[] Across, double[] Up) Thinned(double[] across, double[] up)
    {
        if (up.Length <= MostPoints) return (across, up);
        const int stretches = MostPoints / 4;
        var kept = new List<int>(MostPoints);
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var (from, to) = ((int)((long)stretch * up.Length / stretches), (int)((long)(stretch + 1) * up.Length / stretches));
            var part = up.AsSpan(from, to - from);
            kept.AddRange(new[] { from, from + TensorPrimitives.IndexOfMin<double>(part), from + TensorPrimitives.IndexOfMax<double>(part), to - 1 }.Distinct().Order());
        }
        return ([.. kept.Select(index => across[index])], [.. kept.Select(index => up[index])]);
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
