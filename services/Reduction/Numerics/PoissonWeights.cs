namespace Tutti.Reduction.Numerics;

/// <summary>
/// Weights for counted data, whose variance is their mean: one over the mean of each spectrum and each channel, which makes the noise as even as
/// weights for whole spectra and channels can (Keenan and Kotula, Surf. Interface Anal. 36, 2004, 203).
/// </summary>
public static class PoissonWeights
{
    /// <summary>Weights of the n spectra and m channels of counts not below zero; empty ones weigh as the faintest that is not empty. Errors:
    /// <c>zero_data</c>, <c>options</c> for values below zero.</summary>
    public static (double[] Spectra, double[] Channels) Of(DataMatrix counts, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var (rows, columns, row) = (new double[counts.Rows], new double[counts.Columns], new double[counts.Columns]);
        for (var spectrum = 0; spectrum < counts.Rows; spectrum++)
        {
            if (spectrum % 64 == 0) cancellation.ThrowIfCancellationRequested();
            counts.CopyRows(spectrum, 1, row);
            if (System.Numerics.Tensors.TensorPrimitives.Min<double>(row) < 0) throw new NumericsException("options", "Counts are not below zero.");
            rows[spectrum] = System.Numerics.Tensors.TensorPrimitives.Sum<double>(row) / counts.Columns;
            System.Numerics.Tensors.TensorPrimitives.Add<double>(columns, row, columns);
        }
        return (Inverse(rows), Inverse([.. columns.Select(sum => sum / counts.Rows)]));
    }

    private static double[] Inverse(double[] means)
    {
        var faintest = means.Where(mean => mean > 0).DefaultIfEmpty(0).Min();
        if (faintest == 0) throw new NumericsException("zero_data", "All counts are zero.");
        return [.. means.Select(mean => 1 / Math.Max(mean, faintest))];
    }
}
