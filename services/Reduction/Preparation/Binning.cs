using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Preparation;

/// <summary>What a bin holds.</summary>
[JsonConverter(typeof(KebabEnumConverter<BinContent>))]
public enum BinContent
{
    /// <summary>The mean of its points.</summary>
    Mean,

    /// <summary>Their sum, as for counts.</summary>
    Sum,
}

/// <summary>
/// Gathers channels into even bins of <paramref name="Width"/> (unit of the axis) between <paramref name="Low"/> and <paramref name="High"/>
/// (null: the ends). Errors are carried on as of independent points. Bins without a point are interpolated and warned of.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Rebin(double Width, double? Low = null, double? High = null, BinContent Content = BinContent.Mean) : PreparationStep
{
    internal const int MostBins = 1_000_000;

    internal override void Check()
    {
        Require.Parameter(Width > 0 && double.IsFinite(Width), $"The width of a bin is above zero, not {Width}.");
        Require.Window(Low, High);
    }

    internal override Applied Apply(Working work, References references)
    {
        var (low, high) = (Low ?? work.Axis[0], High ?? work.Axis[^1]);
        var bins = Math.Floor((high - low) / Width * (1 + 1e-12)) + 1;
        Require.That(bins is >= 2 and <= MostBins, "bin_count",
            $"From {low} to {high} in steps of {Width} there are {bins} bins; 2 to {MostBins} are allowed.");
        work.CheckSize(work.Spectra, bins);
        double[] grid = [.. Enumerable.Range(0, (int)bins).Select(bin => low + bin * Width)];
        return OnGrid(work, grid, Content, this with { Low = low, High = high });
    }

    internal static Applied OnGrid(Working work, double[] grid, BinContent content, PreparationStep used)
    {
        Require.That(grid[^1] >= work.Axis[0] && grid[0] <= work.Axis[^1], "window_empty",
            $"The bins from {grid[0]} to {grid[^1]} lie outside the axis ({work.Axis[0]} to {work.Axis[^1]}).");
        var rebinning = new Rebinning(work.Axis, grid, content == BinContent.Sum ? BinValue.Sum : BinValue.Mean);
        var errors = work.Errors is null ? null : work.Rewritten(work.Errors, grid.Length, (_, from, to) => rebinning.ApplyToErrors(from, to));
        var empty = rebinning.Empty;
        return new Applied(work.With(work.Series.Axis with { Values = grid }, (_, from, to) => rebinning.Apply(from, to), errors), used)
        {
            Warnings = empty == 0 ? [] : [new("empty_bins",
                Require.Text($"{empty} of {grid.Length} bins hold no point: the data are coarser there."))],
        };
    }
}

/// <summary>
/// Gathers channels into the bins usual for absorption edges: even steps below the near edge (eV), fine ones from
/// <paramref name="NearLow"/> to <paramref name="NearHigh"/> (eV from the edge), and even steps in k (1/Angstrom) above it.
/// The edge is <paramref name="EdgeEnergy"/> or the median of those found.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RebinEdge(
    double PreStep = 5, double NearLow = -20, double NearHigh = 40, double NearStep = 0.5, double KStep = 0.05, double? EdgeEnergy = null)
    : PreparationStep
{
    internal override void Check()
    {
        Require.Parameter(PreStep > 0 && NearStep > 0 && KStep > 0, $"Steps {PreStep}, {NearStep} and {KStep} are not all above zero.");
        Require.Parameter(NearLow < 0 && NearHigh > 0, $"The near edge lies around the edge, not from {NearLow} to {NearHigh}.");
    }

    internal override Applied Apply(Working work, References references)
    {
        var (length, kReach) = (work.Axis[^1] - work.Axis[0], Math.Sqrt((work.Axis[^1] - work.Axis[0]) * Edges.WaveNumberSquaredPerEv));
        var most = length / PreStep + (NearHigh - NearLow) / NearStep + kReach / KStep;
        Require.That(most < Rebin.MostBins, "bin_count", $"The steps {PreStep}, {NearStep} and {KStep} give more than {Rebin.MostBins} bins.");
        work.CheckSize(work.Spectra, Math.Floor(most));
        var edge = EdgeEnergy ?? Robust.Median([.. Edges.Of(work)]);
        Require.That(edge >= work.Axis[0] && edge <= work.Axis[^1], "edge_not_found",
            $"The edge at {edge} lies outside the axis ({work.Axis[0]} to {work.Axis[^1]}).");
        var grid = new List<double>();
        var below = (int)Math.Floor((edge + NearLow - work.Axis[0]) / PreStep);
        for (var n = below; n >= 1; n--) grid.Add(edge + NearLow - n * PreStep);
        for (var n = 0; NearLow + n * NearStep < NearHigh; n++) grid.Add(edge + NearLow + n * NearStep);
        for (var k = Math.Sqrt(NearHigh * Edges.WaveNumberSquaredPerEv); ; k += KStep)
        {
            var energy = edge + k * k / Edges.WaveNumberSquaredPerEv;
            if (energy > work.Axis[^1]) break;
            if (grid.Count == 0 || energy > grid[^1]) grid.Add(energy);
        }
        double[] within = [.. grid.Where(energy => energy >= work.Axis[0] && energy <= work.Axis[^1])];
        Require.That(within.Length >= 2, "window_empty", $"No bins around the edge at {edge} lie on the axis ({work.Axis[0]} to {work.Axis[^1]}).");
        return Rebin.OnGrid(work, within, BinContent.Mean, this with { EdgeEnergy = edge });
    }
}
