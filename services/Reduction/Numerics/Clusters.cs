using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// k-means of spectra by shape, as a start of MCR-ALS: rows are brought to unit length, seeded by k-means++ (Arthur and Vassilvitskii, SODA 2007),
/// moved by Lloyd's iteration, and the best of several seedings is kept. Rows shorter than <see cref="Floor"/> times the longest take no part; of
/// more than <see cref="MostRows"/> an evenly spread part stands for all. The same seed gives the same clusters.
/// Errors: <c>component_count</c>, <c>zero_data</c>, <c>kmeans_exhausted</c>.
/// </summary>
public static class Clusters
{
    /// <summary>Length below which, relative to the longest row, a row has no shape of its own.</summary>
    public const double Floor = 0.05;

    /// <summary>Rows that are clustered at most.</summary>
    public const int MostRows = 20_000;

    private const int Seedings = 5;
    private const int MostRounds = 100;

    /// <summary>S0, k x m: the mean of the unit rows of each cluster, in the order in which the clusters first appear in the series.</summary>
    public static Matrix Spectra(Matrix data, int components, ulong seed = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (components < 1 || components > data.Rows)
            throw new NumericsException("component_count", Text($"{components} clusters cannot be made of {data.Rows} spectra."));
        var rows = Shapes(data, components);
        var noise = new SeededNoise(seed);
        double[]? best = null;
        var least = double.PositiveInfinity;
        for (var seeding = 0; seeding < Seedings; seeding++)
        {
            var (centres, spread) = Settle(rows, Seed(rows, components, noise), components, cancellation);
            if (spread < least) (best, least) = (centres, spread);
        }
        return best is null
            ? throw new NumericsException("kmeans_exhausted", "No clusters were found.")
            : new Matrix(components, data.Columns, best);
    }

    private static double[][] Shapes(Matrix data, int components)
    {
        var step = (data.Rows + MostRows - 1) / MostRows;
        var indices = Enumerable.Range(0, (data.Rows + step - 1) / step).Select(index => index * step).ToArray();
        var lengths = indices.Select(index => TensorPrimitives.Norm(data.Row(index))).ToArray();
        var longest = lengths.Max();
        if (longest == 0) throw new NumericsException("zero_data", "All values are zero.");
        var rows = new List<double[]>(indices.Length);
        for (var index = 0; index < indices.Length; index++)
        {
            if (lengths[index] < Floor * longest) continue;
            var row = data.Row(indices[index]).ToArray();
            TensorPrimitives.Divide(row, lengths[index], row);
            rows.Add(row);
        }
        return rows.Count >= components ? [.. rows] : throw Exhausted(rows.Count);
    }

    private static double[] Seed(double[][] rows, int components, SeededNoise noise)
    {
        var length = rows[0].Length;
        var centres = new double[components * length];
        var nearest = new double[rows.Length];
        Array.Fill(nearest, double.PositiveInfinity);
        var chosen = noise.Below(rows.Length);
        for (var component = 0; ; component++)
        {
            rows[chosen].CopyTo(centres.AsSpan(component * length));
            if (component == components - 1) return centres;
            for (var row = 0; row < rows.Length; row++) nearest[row] = Math.Min(nearest[row], Squared(rows[row], rows[chosen]));
            var total = TensorPrimitives.Sum<double>(nearest);
            if (!(total > 1e-24)) throw Exhausted(component + 1);
            var mark = noise.Uniform() * total;
            chosen = 0;
            for (var sum = nearest[0]; sum < mark && chosen + 1 < rows.Length; sum += nearest[chosen]) chosen++;
            if (nearest[chosen] == 0) chosen = TensorPrimitives.IndexOfMax<double>(nearest);
        }
    }

    private static (double[] Centres, double Spread) Settle(double[][] rows, double[] centres, int components, CancellationToken cancellation)
    {
        var length = rows[0].Length;
        var memberOf = new int[rows.Length];
        var distance = new double[rows.Length];
        Array.Fill(memberOf, -1);
        for (var round = 0; round < MostRounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var moved = false;
            for (var row = 0; row < rows.Length; row++)
            {
                var (nearest, least) = (0, double.PositiveInfinity);
                for (var component = 0; component < components; component++)
                {
                    var squared = Squared(rows[row], centres.AsSpan(component * length, length));
                    if (squared < least) (nearest, least) = (component, squared);
                }
                moved |= memberOf[row] != nearest;
                (memberOf[row], distance[row]) = (nearest, least);
            }
            moved |= FillEmpty(memberOf, distance, components);
            if (!moved) break;
            Array.Clear(centres);
            var counts = new int[components];
            for (var row = 0; row < rows.Length; row++)
            {
                var centre = centres.AsSpan(memberOf[row] * length, length);
                TensorPrimitives.Add(centre, rows[row], centre);
                counts[memberOf[row]]++;
            }
            for (var component = 0; component < components; component++)
            {
                var centre = centres.AsSpan(component * length, length);
                TensorPrimitives.Divide(centre, counts[component], centre);
            }
        }
        var order = Enumerable.Range(0, components).OrderBy(component => Array.IndexOf(memberOf, component)).ToArray();
        var sorted = new double[centres.Length];
        for (var target = 0; target < components; target++) centres.AsSpan(order[target] * length, length).CopyTo(sorted.AsSpan(target * length));
        return (sorted, TensorPrimitives.Sum<double>(distance));
    }

    // A cluster that lost its last row gets the row that is worst represented.
    private static bool FillEmpty(int[] memberOf, double[] distance, int components)
    {
        var counts = new int[components];
        foreach (var member in memberOf) counts[member]++;
        var filled = false;
        for (var component = 0; component < components; component++)
        {
            if (counts[component] > 0) continue;
            var farthest = -1;
            for (var row = 0; row < memberOf.Length; row++)
                if (counts[memberOf[row]] > 1 && (farthest < 0 || distance[row] > distance[farthest])) farthest = row;
            counts[memberOf[farthest]]--;
            (memberOf[farthest], distance[farthest], counts[component], filled) = (component, 0, 1, true);
        }
        return filled;
    }

    private static double Squared(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var distance = TensorPrimitives.Distance(a, b);
        return distance * distance;
    }

    private static NumericsException Exhausted(int found) =>
        new("kmeans_exhausted", Text($"Only {found} spectra of different shape exist in the data; ask for fewer components."));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
