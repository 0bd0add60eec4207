using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>
/// Compares normalised fluorescence with the normalised transmission of the same sample (reference <paramref name="Reference"/>) between
/// <paramref name="Low"/> and <paramref name="High"/> eV from the edge. In a thick sample f = t / (1 - s + s t), where s is the part that the
/// absorber itself has in what attenuates beam and fluorescence (Troeger et al., Phys. Rev. B 46, 1992, 3283; Booth, Bridges, Phys. Scr. T115,
/// 2005, 202, for the thick limit): s is the least-squares solution of f - t = s f (1 - t). The spectra stay; s is kept in the column
/// <c>self_absorption</c>, and spectra above <paramref name="Limit"/> are warned of (<c>self_absorption</c>).
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CheckSelfAbsorption(string Reference = "transmission", double Low = -10, double High = 150, double Limit = 0.05)
    : PreparationStep
{
    internal override void Check()
    {
        Require.Window(Low, High);
        Require.Parameter(Limit is > 0 and < 1, $"The limit is a part between 0 and 1, not {Limit}.");
    }

    internal override IReadOnlyList<string> Needs => [Reference];

    internal override Applied Apply(Working work, References references)
    {
        var transmission = references.Get(Reference);
        Require.That(transmission.Data.Rows == 1 || transmission.Data.Rows == work.Spectra, "reference_rows",
            $"The transmission has {transmission.Data.Rows} spectra and the series {work.Spectra}: one for all or one for each is needed.");
        var edges = Edges.Of(work);
        var parts = new double[work.Spectra];
        for (var row = 0; row < parts.Length; row++)
        {
            var known = Spectrum.OnAxis(transmission, transmission.Data.Rows == 1 ? 0 : row, work, Reference);
            var seen = work.Series.Data.Row(row);
            double product = 0, square = 0;
            foreach (var c in work.Channels(edges[row] + Low, edges[row] + High, 5))
            {
                var lever = seen[c] * (1 - known[c]);
                product += (seen[c] - known[c]) * lever;
                square += lever * lever;
            }
            Require.That(square > 0, "no_contrast", $"Transmission is one everywhere beside spectrum {row}: nothing tells self-absorption.");
            parts[row] = product / square;
        }
        var above = parts.Count(part => part > Limit);
        return new Applied(work.WithColumn("self_absorption", parts), this)
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["self_absorption"] = parts },
            Warnings = above == 0 ? [] : [new("self_absorption", Require.Text(
                $"{above} spectra are damped by self-absorption (largest part {parts.Max():g3}): amplitudes are not comparable with transmission."))],
        };
    }
}

/// <summary>
/// The fine structure chi(k) of normalised absorption: chi = mu - mu0 over k = sqrt(2 m (E - E0)) / hbar, on an even grid in k from
/// <paramref name="KMin"/> to <paramref name="KMax"/> (1/Angstrom; null: as far as all spectra reach), times k^<paramref name="KWeight"/>. The
/// background mu0 is the spline that leaves least below the distance <paramref name="Rbkg"/> (Angstrom) in the transform of k^2 chi
/// (<see cref="FineStructureBackground"/>): half of the shortest bond, at most. Input must be normalised to an edge step of one.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExtractChi(
    double Rbkg = 1, double KMin = 0.5, double? KMax = null, double KStep = 0.05, int KWeight = 2, IReadOnlyList<double>? EdgeEnergies = null)
    : PreparationStep
{
    private const int MostPoints = 10_000;

    internal override void Check()
    {
        Require.Parameter(Rbkg is > 0.1 and < 5, $"Rbkg lies between 0.1 and 5 Angstrom, not at {Rbkg}.");
        Require.Parameter(KMin >= 0 && !(KMax <= KMin) && KStep is > 0.001 and < 1,
            $"From {KMin} to {KMax} in steps of {KStep} there is no range of k.");
        Require.Parameter(KWeight is >= 0 and <= 3, $"The weight in k is 0 to 3, not {KWeight}.");
        Require.Parameter(4 * Rbkg * KStep < Math.PI, $"Steps of {KStep} 1/Angstrom are too coarse to tell what lies below {Rbkg} Angstrom.");
    }

    internal override Applied Apply(Working work, References references)
    {
        var edges = Edges.Given(EdgeEnergies, work);
        var reach = edges.Min(edge => Math.Sqrt(Math.Max(0, (work.Axis[^1] - edge) * Edges.WaveNumberSquaredPerEv)));
        var last = Math.Min(KMax ?? reach, reach);
        var count = Math.Floor((last - KMin) / KStep * (1 + 1e-12)) + 1;
        Require.That(count is >= 10 and <= MostPoints, "window_empty",
            $"Between {KMin} and {last} 1/Angstrom there are {count} points of fine structure; 10 to {MostPoints} can be used.");
        work.CheckSize(work.Spectra, count);
        double[] grid = [.. Enumerable.Range(0, (int)count).Select(index => KMin + index * KStep)];
        var warnings = new List<ReadingWarning>();
        if (KMax > reach) warnings.Add(new("k_range_short", Require.Text($"The spectra reach to {reach:g4} 1/Angstrom, not to {KMax}.")));
        var background = new FineStructureBackground(grid, Rbkg);
        var chi = work.With(new SpectralAxis("k", "1/Angstrom", grid), (row, mu, target) =>
        {
            var spline = new CubicSpline(work.Axis, mu);
            var sampled = Array.ConvertAll(grid, k => spline.At(edges[row] + k * k / Edges.WaveNumberSquaredPerEv));
            var smooth = background.Of(sampled);
            for (var c = 0; c < grid.Length; c++) target[c] = (sampled[c] - smooth[c]) * Math.Pow(grid[c], KWeight);
        });
        return new Applied(chi, this with { EdgeEnergies = edges, KMax = last })
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { [Edges.EnergyColumn] = edges, ["knots"] = background.Knots },
            Warnings = warnings,
        };
    }
}
