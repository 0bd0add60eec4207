using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>Where absorption edges lie.</summary>
internal static class Edges
{
    /// <summary>k^2 in 1/Angstrom^2 for one eV above the edge: 2 m_e / hbar^2 (CODATA 2018).</summary>
    public const double WaveNumberSquaredPerEv = 0.262468425;

    public const string EnergyColumn = "e0";
    public const string StepColumn = "edge_step";

    /// <summary>The edge energies found before, else the maxima of the derivatives.</summary>
    public static IReadOnlyList<double> Of(Working work) => work.Column(EnergyColumn)
        ?? [.. Enumerable.Range(0, work.Spectra).Select(row => work.Axis[SteepestAt(work, row, work.Channels(null, null, 3))])];

    /// <summary>Given energies, one for each spectrum or one for all; else <see cref="Of"/>.</summary>
    public static double[] Given(IReadOnlyList<double>? given, Working work)
    {
        if (given is null) return [.. Of(work)];
        if (given.Count == 1) return [.. Enumerable.Repeat(given[0], work.Spectra)];
        Require.OnePerSpectrum(given, work, "the edge energy");
        return [.. given];
    }

    /// <summary>The channel with the largest derivative among the given neighbours.</summary>
    public static int SteepestAt(Working work, int row, int[] within)
    {
        var slope = Differences.Gradient(work.Axis.AsSpan(within[0], within.Length), work.Series.Data.Row(row).AsSpan(within[0], within.Length));
        return within[TensorPrimitives.IndexOfMax<double>(slope)];
    }
}

/// <summary>Shifts the axis by <paramref name="By"/>, in its unit: the energy calibration of a scan whose offset is known.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ShiftAxis(double By) : PreparationStep
{
    internal override void Check() => Require.Parameter(double.IsFinite(By), $"A shift is a finite number, not {By}.");

    internal override Applied Apply(Working work, References references) =>
        new(work.WithAxis(work.Series.Axis with { Values = [.. work.Axis.Select(value => value + By)] }), this);
}

/// <summary>
/// Calibrates and aligns energies by a foil measured with the series (reference <paramref name="Reference"/>: one spectrum for all, or one for each):
/// the maximum of the foil's derivative, refined by a parabola through three points, is moved to the <paramref name="EdgeEnergy"/> (eV), or that
/// tabulated for the K edge of <paramref name="Element"/> (Bearden, Burr, Rev. Mod. Phys. 39, 1967, 125; Ti to Sb), searched within
/// <paramref name="SearchWithin"/> eV of it. One shift for all moves the axis; different ones bring each spectrum back on the common axis by a cubic spline,
/// cut to the range that all cover. <paramref name="Shifts"/> (eV) are found unless given.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlignToFoil(
    double? EdgeEnergy = null, string Reference = "foil", string? Element = null, double SearchWithin = 50, IReadOnlyList<double>? Shifts = null)
    : PreparationStep
{
    /// <summary>K edges in eV.</summary>
    public static IReadOnlyDictionary<string, double> KEdges { get; } = new Dictionary<string, double>(StringComparer.Ordinal)
    {
        ["Ti"] = 4966, ["V"] = 5465, ["Cr"] = 5989, ["Mn"] = 6539, ["Fe"] = 7112, ["Co"] = 7709, ["Ni"] = 8333, ["Cu"] = 8979, ["Zn"] = 9659,
        ["Ge"] = 11103, ["As"] = 11867, ["Se"] = 12658, ["Zr"] = 17998, ["Nb"] = 18986, ["Mo"] = 20000, ["Pd"] = 24350, ["Ag"] = 25514,
        ["Sn"] = 29200, ["Sb"] = 30491,
    };

    internal override void Check()
    {
        Require.Parameter(EdgeEnergy is null != Element is null, $"The foil's edge is told by its energy or by its element: one of both.");
        Require.Parameter(Element is null || KEdges.ContainsKey(Element), $"The K edge of '{Element}' is not in the table: give its energy.");
        Require.Parameter(EdgeEnergy is null or > 0 && SearchWithin > 0,
            $"An edge at {EdgeEnergy} eV searched within {SearchWithin} eV is no edge.");
    }

    private double Tabulated => EdgeEnergy ?? KEdges[Element ?? ""];

    internal override IReadOnlyList<string> Needs => Shifts is null ? [Reference] : [];

    internal override Applied Apply(Working work, References references)
    {
        var shifts = Shifts ?? Found(references.Get(Reference), work);
        Require.That(shifts.Count == 1 || shifts.Count == work.Spectra, "reference_rows",
            $"The foil has {shifts.Count} spectra and the series {work.Spectra}: one for all or one for each is needed.");
        var used = this with { Shifts = shifts };
        var found = new Dictionary<string, IReadOnlyList<double>> { ["energy_shift"] = shifts };
        if (shifts.Distinct().Count() == 1)
            return new Applied(work.WithAxis(work.Series.Axis with { Values = [.. work.Axis.Select(value => value + shifts[0])] }), used)
            {
                Found = found,
            };
        var (low, high) = (work.Axis[0] + shifts.Max(), work.Axis[^1] + shifts.Min());
        double[] grid = [.. work.Axis.Where(value => value >= low && value <= high)];
        Require.That(grid.Length >= 2, "window_empty", $"Once shifted, the spectra share no more than {grid.Length} channels.");
        return new Applied(
            work.With(work.Series.Axis with { Values = grid }, (row, from, to) =>
            {
                var spline = new CubicSpline(work.Axis, from);
                for (var c = 0; c < to.Length; c++) to[c] = spline.At(grid[c] - shifts[row]);
            }),
            used)
        {
            Found = found,
        };
    }

    private double[] Found(SpectralSeries foil, Working work)
    {
        double[] x = [.. foil.Axis.Values];
        var first = Array.FindIndex(x, value => value >= Tabulated - SearchWithin);
        var last = Array.FindLastIndex(x, value => value <= Tabulated + SearchWithin);
        Require.That(first >= 0 && last - first >= 4, "edge_not_found",
            $"The foil has fewer than five points within {SearchWithin} eV of {Tabulated} eV.");
        Require.That(foil.Data.Rows == 1 || foil.Data.Rows == work.Spectra, "reference_rows",
            $"The foil has {foil.Data.Rows} spectra and the series {work.Spectra}: one for all or one for each is needed.");
        var shifts = new double[foil.Data.Rows];
        for (var row = 0; row < shifts.Length; row++)
        {
            var energies = x.AsSpan(first, last - first + 1);
            var slope = Differences.Gradient(energies, foil.Data.Row(row).AsSpan(first, energies.Length));
            var at = TensorPrimitives.IndexOfMax<double>(slope);
            Require.That(at > 0 && at < slope.Length - 1, "edge_not_found",
                $"The derivative of foil spectrum {row} has no maximum inside {SearchWithin} eV of {Tabulated} eV.");
            shifts[row] = Tabulated - Differences.Vertex(energies[at - 1], slope[at - 1], energies[at], slope[at], energies[at + 1], slope[at + 1]);
        }
        return shifts;
    }
}

/// <summary>What is taken as the energy of an edge.</summary>
[JsonConverter(typeof(KebabEnumConverter<EdgeMark>))]
public enum EdgeMark
{
    /// <summary>The grid point with the largest derivative.</summary>
    MaxDerivative,

    /// <summary>Where a normalised spectrum first rises through a level, by linear interpolation.</summary>
    HalfHeight,
}

/// <summary>
/// Finds the edge energy of each spectrum within the window (eV; null: the whole axis) and keeps it in the column <c>e0</c>; the spectra stay.
/// <paramref name="Level"/> is the height for <see cref="EdgeMark.HalfHeight"/>, in the unit of the data. <paramref name="EdgeEnergies"/> are
/// found unless given, one for each spectrum or one for all. Errors: <c>edge_not_found</c>.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FindEdge(
    EdgeMark Mark = EdgeMark.MaxDerivative, double Level = 0.5, double? Low = null, double? High = null, IReadOnlyList<double>? EdgeEnergies = null)
    : PreparationStep
{
    internal override void Check()
    {
        Require.Window(Low, High);
        Require.Parameter(double.IsFinite(Level), $"A level is a finite number, not {Level}.");
    }

    internal override Applied Apply(Working work, References references)
    {
        var within = work.Channels(Low, High, 3);
        var atEnd = 0;
        var energies = EdgeEnergies is null ? new double[work.Spectra] : Edges.Given(EdgeEnergies, work);
        for (var row = 0; EdgeEnergies is null && row < energies.Length; row++)
        {
            if (Mark == EdgeMark.MaxDerivative)
            {
                var at = Edges.SteepestAt(work, row, within);
                if (at - within[0] < 2 || within[^1] - at < 2) atEnd++;
                energies[row] = work.Axis[at];
                continue;
            }
            var mu = work.Series.Data.Row(row).AsSpan(within[0], within.Length);
            energies[row] = Differences.FirstRise(work.Axis.AsSpan(within[0], within.Length), mu, Level)
                ?? throw new NumericsException("edge_not_found", Require.Text($"Spectrum {row} never rises through {Level}: is it normalised?"));
        }
        return new Applied(work.WithColumn(Edges.EnergyColumn, energies), this with { EdgeEnergies = energies })
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { [Edges.EnergyColumn] = energies },
            Warnings = atEnd == 0 ? [] : [new("edge_at_end",
                Require.Text($"In {atEnd} spectra the steepest point lies at the end of the window: that may be noise and not the edge."))],
        };
    }
}

/// <summary>
/// Normalises absorption to an edge step of one: mu_norm = (mu - pre) / step, where pre is the straight line (least squares) through the points from
/// <paramref name="PreLow"/> to <paramref name="PreHigh"/> eV and the step is, at the edge, the polynomial through the points from
/// <paramref name="PostLow"/> to <paramref name="PostHigh"/> eV less that line; all windows closed and counted from the edge. With
/// <paramref name="Flatten"/> the post-edge curve is made one above the edge. Edge energies: as given (one for each spectrum or one for all), as
/// found before, else the maximum of the derivative. Columns <c>e0</c> and <c>edge_step</c>. Errors: <c>pre_edge_short</c>, <c>post_edge_short</c>,
/// <c>edge_step_not_positive</c>. (Newville, Fundamentals of XAFS, Rev. Mineral. Geochem. 78, 2014, 33, section 5.)
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NormaliseEdge(
    double PreLow = -150, double PreHigh = -30, double PostLow = 100, double PostHigh = 600, int PostDegree = 2, bool Flatten = false,
    IReadOnlyList<double>? EdgeEnergies = null) : PreparationStep
{
    internal override void Check()
    {
        Require.Parameter(PreLow < PreHigh && PreHigh < 0, $"The pre-edge window lies below the edge, not from {PreLow} to {PreHigh} eV.");
        Require.Parameter(PostLow > 0 && PostLow < PostHigh, $"The post-edge window lies above the edge, not from {PostLow} to {PostHigh} eV.");
        Require.Parameter(PostDegree is >= 0 and <= 4, $"The post-edge polynomial has a degree from 0 to 4, not {PostDegree}.");
    }

    internal override Applied Apply(Working work, References references)
    {
        var energies = Edges.Given(EdgeEnergies, work);
        var steps = new double[work.Spectra];
        var cutShort = 0;
        var applied = work.With((row, mu, normalised) =>
        {
            var edge = energies[row];
            var before = Within(work.Axis, edge + PreLow, edge + PreHigh);
            var after = Within(work.Axis, edge + PostLow, edge + PostHigh);
            Require.That(before.Count >= 3, "pre_edge_short",
                $"Spectrum {row} has {before.Count} points from {edge + PreLow} to {edge + PreHigh} eV; the pre-edge line needs three.");
            Require.That(after.Count >= PostDegree + 2, "post_edge_short",
                $"Spectrum {row} has {after.Count} points from {edge + PostLow} to {edge + PostHigh} eV; the curve needs {PostDegree + 2}.");
            if (work.Axis[0] > edge + PreLow || work.Axis[^1] < edge + PostHigh) cutShort++;
            var pre = PolynomialFit.Of(work.Axis.AsSpan(before.First, before.Count), mu.Slice(before.First, before.Count), 1);
            var post = PolynomialFit.Of(work.Axis.AsSpan(after.First, after.Count), mu.Slice(after.First, after.Count), PostDegree);
            var step = steps[row] = post.At(edge) - pre.At(edge);
            Require.That(step > 0, "edge_step_not_positive", $"Spectrum {row} has the edge step {step:g4} at {edge} eV: there is no edge.");
            for (var c = 0; c < mu.Length; c++)
            {
                var energy = work.Axis[c];
                normalised[c] = (mu[c] - pre.At(energy)) / step;
                if (Flatten && energy >= edge) normalised[c] += 1 - (post.At(energy) - pre.At(energy)) / step;
            }
        }, work.Errors);
        if (work.Errors is { } errors)
            applied = applied.WithErrors(work.Rewritten(errors, errors.Columns, (row, from, to) => TensorPrimitives.Divide(from, steps[row], to)));
        return new Applied(
            applied.WithColumn(Edges.EnergyColumn, energies).WithColumn(Edges.StepColumn, steps), this with { EdgeEnergies = energies })
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { [Edges.EnergyColumn] = energies, [Edges.StepColumn] = steps },
            Warnings = cutShort == 0 ? [] : [new("normalisation_range_short", Require.Text(
                $"In {cutShort} spectra the axis ({work.Axis[0]} to {work.Axis[^1]}) does not cover the whole windows: edge steps depend on it."))],
        };
    }

    private static (int First, int Count) Within(double[] axis, double low, double high)
    {
        var first = Array.FindIndex(axis, value => value >= low);
        var last = Array.FindLastIndex(axis, value => value <= high);
        return first < 0 || last < first ? (0, 0) : (first, last - first + 1);
    }
}
