using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>What a model leaves of the data, taken value by value.</summary>
internal static class ModelResidual
{
    /// <summary>
    /// The (weighted) sum of squares of D - C S for C as components x spectra and S as components x channels; with a basis the data are scores and D
    /// is their product with it.
    /// </summary>
    public static double Squares(
        DataMatrix data, Matrix? basis, double[] c, double[] s, int components, double[]? spectrumWeights, double[]? channelWeights, RowRanges ranges,
        CancellationToken cancellation)
    {
        var channels = s.Length / components;
        var sums = new double[ranges.Count];
        ranges.ForEach(
            range =>
            {
                var (row, rest) = (new double[data.Columns], new double[channels]);
                for (var spectrum = ranges.First(range); spectrum < ranges.First(range + 1); spectrum++)
                {
                    if (cancellation.IsCancellationRequested) return;
                    data.CopyRows(spectrum, 1, row);
                    if (basis is null) row.CopyTo(rest, 0);
                    else
                    {
                        Array.Clear(rest);
                        for (var score = 0; score < basis.Rows; score++) TensorPrimitives.MultiplyAdd(basis.Row(score), row[score], rest, rest);
                    }
                    for (var j = 0; j < components; j++)
                        TensorPrimitives.MultiplyAdd<double>(s.AsSpan(j * channels, channels), -c[j * data.Rows + spectrum], rest, rest);
                    if (channelWeights is null) sums[range] += (spectrumWeights?[spectrum] ?? 1) * TensorPrimitives.SumOfSquares<double>(rest);
                    else
                    {
                        TensorPrimitives.Multiply(rest, rest, rest);
                        sums[range] += (spectrumWeights?[spectrum] ?? 1) * TensorPrimitives.Dot<double>(rest, channelWeights);
                    }
                }
            },
            cancellation);
        return sums.Sum();
    }
}
