using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Preparation;

/// <summary>A closed stretch of the axis, in its unit.</summary>
public sealed record AxisRange(double Low, double High);

/// <summary>
/// Replaces glitches by linear interpolation between the good points beside them. Points are flagged by <paramref name="Ranges"/>, and by an outlier
/// test where <paramref name="Threshold"/> is given: a point whose distance from the cubic through its two neighbours on either side is more than
/// that many robust standard deviations (of those distances over 41 points; Hampel, J. Am. Stat. Assoc. 69, 1974, 383) and whose neighbours are good:
/// edges and sharp lines are left alone, glitches of several points need a range. The points are recorded for each spectrum (channels from 0). More
/// than a tenth of a spectrum flagged is warned of.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Deglitch(
    IReadOnlyList<AxisRange>? Ranges = null, double? Threshold = 8, IReadOnlyList<IReadOnlyList<int>>? Points = null) : PreparationStep
{
    private const int Reach = 20;
    private const int MostPasses = 50;
    private const double SignatureTolerance = 0.28;

    internal override void Check()
    {
        Require.Parameter(Threshold is null or >= 3, $"A threshold below three standard deviations flags good points; {Threshold} was given.");
        Require.Parameter(Ranges is null || Ranges.All(range => range is not null && range.Low <= range.High), $"A range ends above its beginning.");
    }

    internal override Applied Apply(Working work, References references)
    {
        if (Points is not null) Require.OnePerSpectrum(Points, work, "glitches");
        var points = new IReadOnlyList<int>[work.Spectra];
        var many = 0;
        var clean = work.With((row, from, to) =>
        {
            from.CopyTo(to);
            var flagged = new SortedSet<int>(Points?[row] ?? Enumerable.Range(0, work.Axis.Length).Where(InRanges));
            Require.That(flagged.Count < work.Axis.Length - 1 && (flagged.Count == 0 || (flagged.Min >= 0 && flagged.Max < work.Axis.Length)),
                "no_points_left", $"Of spectrum {row} too few points are left to replace {flagged.Count} others.");
            Replace(work.Axis, to, flagged);
            if (Points is null && Threshold is { } threshold)
            {
                for (var pass = 0; pass < MostPasses && Outliers(work.Axis, to, threshold) is { Count: > 0 } outliers; pass++)
                {
                    if (outliers.IsSubsetOf(flagged) || flagged.Count + outliers.Count > work.Axis.Length / 2) break;
                    flagged.UnionWith(outliers);
                    Replace(work.Axis, to, flagged);
                }
            }
            points[row] = [.. flagged];
            if (flagged.Count > work.Axis.Length / 10) many++;
        });
        return new Applied(clean, this with { Points = points })
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["glitches"] = [.. points.Select(list => (double)list.Count)] },
            Warnings = many == 0 ? [] : [new("many_glitches", Require.Text($"In {many} spectra more than a tenth of the points were replaced."))],
        };

        bool InRanges(int channel) => Ranges is not null && Ranges.Any(range => work.Axis[channel] >= range.Low && work.Axis[channel] <= range.High);
    }

    private static void Replace(double[] x, Span<double> y, SortedSet<int> flagged)
    {
        foreach (var at in flagged)
        {
            var (left, right) = (at - 1, at + 1);
            while (left >= 0 && flagged.Contains(left)) left--;
            while (right < x.Length && flagged.Contains(right)) right++;
            y[at] = left < 0 ? y[right] : right >= x.Length ? y[left]
                : y[left] + (x[at] - x[left]) / (x[right] - x[left]) * (y[right] - y[left]);
        }
    }

    private static SortedSet<int> Outliers(double[] x, ReadOnlySpan<double> y, double threshold)
    {
        var outliers = new SortedSet<int>();
        if (x.Length < 9) return outliers;
        var distances = new double[x.Length];
        for (var i = 2; i + 2 < x.Length; i++)
        {
            distances[i] = y[i];
            foreach (var k in (ReadOnlySpan<int>)[i - 2, i - 1, i + 1, i + 2]) distances[i] -= Share(x, i, k) * y[k];
        }
        var range = TensorPrimitives.Max(y) - TensorPrimitives.Min(y);
        for (var i = 2; i + 2 < x.Length; i++)
        {
            var size = Math.Abs(distances[i]);
            if (size < Math.Abs(distances[i - 1]) || size <= Math.Abs(distances[i + 1]) || size < Math.Abs(distances[i - 2])
                || size <= Math.Abs(distances[i + 2])) continue;
            var first = Math.Clamp(i - Reach, 2, Math.Max(2, x.Length - 3 - 2 * Reach));
            var count = Math.Min(2 * Reach + 1, x.Length - 2 - first);
            var deviation = Robust.Deviation(distances.AsSpan(first, count));
            if (size > threshold * deviation && size > 1e-9 * range && Alone(x, distances, i)) outliers.Add(i);
        }
        return outliers;
    }

    // A single bad point pulls the cubics of its two neighbours the other way by a known part; an edge or a sharp line does not.
    private static bool Alone(double[] x, double[] distances, int at)
    {
        foreach (var beside in (ReadOnlySpan<int>)[at - 1, at + 1])
        {
            if (beside < 2 || beside + 2 >= x.Length) continue;
            if (Math.Abs(distances[beside] + Share(x, beside, at) * distances[at]) > SignatureTolerance * Math.Abs(distances[at])) return false;
        }
        return true;
    }

    // What the point k has in the value at a of the cubic through the two neighbours of a on either side.
    private static double Share(double[] x, int at, int k)
    {
        var share = 1.0;
        foreach (var other in (ReadOnlySpan<int>)[at - 2, at - 1, at + 1, at + 2])
            if (other != k) share *= (x[at] - x[other]) / (x[k] - x[other]);
        return share;
    }
}
