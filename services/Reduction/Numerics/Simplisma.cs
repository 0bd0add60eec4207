using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The purest spectra (rows) or channels (columns) of a data matrix by SIMPLISMA (Windig and Guilment, Anal. Chem. 63, 1991, 1425), the usual start
/// of MCR-ALS. Purity is deviation / (mean + offset), weighted by the part of a candidate that is independent of those already chosen; the offset
/// is a percentage of the largest mean and keeps near-empty rows or channels from winning. In images, where most rows may be near-empty, a floor
/// excludes rows whose mean is not above that fraction of the largest mean.
/// Errors: <c>component_count</c>, <c>noise_percent</c>, <c>floor</c>, <c>simplisma_exhausted</c>.
/// </summary>
public static class Simplisma
{
    private const int RowsBetweenLooks = 64;

    /// <summary>Indices of the purest rows (spectra), in order of choice. Rows with a mean of at most <paramref name="floor"/> times the largest
    /// one are not eligible; zero leaves all in.</summary>
    public static IReadOnlyList<int> PurestRows(DataMatrix data, int components, double noisePercent, double floor = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!(floor >= 0 && floor < 1))
            throw new NumericsException("floor", Text($"The floor is a fraction from 0 to below 1 of the largest mean, not {floor}."));
        var (mean, deviation, spectrum) = (new double[data.Rows], new double[data.Rows], new double[data.Columns]);
        for (var row = 0; row < data.Rows; row++)
        {
            if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(row, 1, spectrum);
            mean[row] = TensorPrimitives.Sum<double>(spectrum) / data.Columns;
            TensorPrimitives.Subtract(spectrum, mean[row], spectrum);
            deviation[row] = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(spectrum) / data.Columns);
        }
        return Choose(components, noisePercent, floor, mean, deviation, data.Columns,
            data.Row,
            direction =>
            {
                var products = new double[data.Rows];
                for (var row = 0; row < data.Rows; row++)
                {
                    if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
                    data.CopyRows(row, 1, spectrum);
                    products[row] = TensorPrimitives.Dot<double>(spectrum, direction);
                }
                return products;
            });
    }

    /// <summary>Indices of the purest columns (channels), in order of choice.</summary>
    public static IReadOnlyList<int> PurestColumns(DataMatrix data, int components, double noisePercent, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var (mean, deviation, offCentre) = (new double[data.Columns], new double[data.Columns], new double[data.Columns]);
        for (var row = 0; row < data.Rows; row++)
        {
            if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(row, 1, offCentre);
            TensorPrimitives.Add(mean, offCentre, mean);
        }
        TensorPrimitives.Divide(mean, data.Rows, mean);
        for (var row = 0; row < data.Rows; row++)
        {
            if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(row, 1, offCentre);
            TensorPrimitives.Subtract(offCentre, mean, offCentre);
            TensorPrimitives.MultiplyAdd<double>(offCentre, offCentre, deviation, deviation);
        }
        TensorPrimitives.Divide(deviation, data.Rows, deviation);
        TensorPrimitives.Sqrt(deviation, deviation);
        return Choose(components, noisePercent, 0, mean, deviation, data.Rows,
            column => data.Column(column, cancellation),
            direction =>
            {
                var products = new double[data.Columns];
                for (var row = 0; row < data.Rows; row++)
                {
                    if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
                    data.CopyRows(row, 1, offCentre);
                    TensorPrimitives.MultiplyAdd(offCentre, direction[row], products, products);
                }
                return products;
            });
    }

    private static List<int> Choose(
        int components, double noisePercent, double floor, double[] mean, double[] deviation, int length, Func<int, double[]> vector,
        Func<double[], double[]> project)
    {
        var count = mean.Length;
        if (components < 1 || components > Math.Min(count, length))
            throw new NumericsException("component_count", Text(
                $"{components} pure candidates cannot be chosen of {count} with {length} values each."));
        if (!(noisePercent >= 0 && noisePercent <= 100))
            throw new NumericsException("noise_percent", Text($"The noise level is a percentage between 0 and 100, not {noisePercent}."));
        var largest = mean.Max();
        var offset = noisePercent / 100 * largest;
        var scale = new double[count];
        var purity = new double[count];
        var independent = new double[count];
        for (var index = 0; index < count; index++)
        {
            var raised = mean[index] + offset;
            var square = deviation[index] * deviation[index] + raised * raised;
            scale[index] = Math.Sqrt(square * length);
            if (raised <= 0 || square == 0 || floor > 0 && mean[index] <= floor * largest) continue;
            independent[index] = (deviation[index] * deviation[index] + mean[index] * mean[index]) / square;
            purity[index] = independent[index] * deviation[index] / raised;
        }

        var chosen = new List<int>(components) { TensorPrimitives.IndexOfMax<double>(purity) };
        var basis = new List<double[]>();
        while (true)
        {
            if (purity[chosen[0]] <= 0) throw new NumericsException("simplisma_exhausted",
                "The data do not vary: no candidate is purer than another.");
            if (chosen.Count == components) return chosen;
            var direction = vector(chosen[^1]);
            TensorPrimitives.Divide(direction, TensorPrimitives.Norm<double>(direction), direction);
            foreach (var earlier in basis)
                TensorPrimitives.MultiplyAdd(earlier, -TensorPrimitives.Dot<double>(earlier, direction), direction, direction);
            var norm = TensorPrimitives.Norm<double>(direction);
            if (norm < 1e-12) throw Exhausted(chosen.Count);
            TensorPrimitives.Divide(direction, norm, direction);
            basis.Add(direction);

            var products = project(direction);
            var best = -1;
            var bestWeight = 0.0;
            for (var index = 0; index < count; index++)
            {
                if (purity[index] <= 0) continue;
                var along = products[index] / scale[index];
                independent[index] -= along * along;
                var weight = purity[index] * Math.Max(0, independent[index]);
                if (weight > bestWeight) (best, bestWeight) = (index, weight);
            }
            if (best < 0 || chosen.Contains(best)) throw Exhausted(chosen.Count);
            chosen.Add(best);
        }

        static NumericsException Exhausted(int found) =>
            new("simplisma_exhausted", Text($"Only {found} independent pure candidates exist in the data; ask for fewer components."));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
