using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Dense linear least squares by Householder reflections (Golub, Van Loan, Matrix Computations, ch. 5.3): the x that makes |A x - b| least.
/// Errors: <c>matrix_shape</c>, <c>rank_deficient</c> where the columns of A do not determine x.
/// </summary>
public static class LinearLeastSquares
{
    private const double Rounding = 1e-13;

    /// <summary><paramref name="a"/> is m x n with m >= n, <paramref name="b"/> has m values; both stay as they are. Returns n values.</summary>
    public static double[] Solve(Matrix a, ReadOnlySpan<double> b)
    {
        ArgumentNullException.ThrowIfNull(a);
        var (rows, unknowns) = (a.Rows, a.Columns);
        if (b.Length != rows || rows < unknowns)
            throw new NumericsException("matrix_shape", string.Create(CultureInfo.InvariantCulture,
                $"{rows} equations with {b.Length} right-hand sides do not determine {unknowns} unknowns."));
        // Columns lie one after the other, so that a reflection works on neighbours in memory.
        var columns = a.Transpose().Values.ToArray();
        var right = b.ToArray();
        var largest = 0.0;
        for (var j = 0; j < unknowns; j++) largest = Math.Max(largest, TensorPrimitives.Norm<double>(columns.AsSpan(j * rows, rows)));
        var diagonal = new double[unknowns];
        for (var j = 0; j < unknowns; j++)
        {
            var pivot = columns.AsSpan(j * rows + j, rows - j);
            var norm = TensorPrimitives.Norm<double>(pivot);
            if (!(norm > Rounding * largest))
                throw new NumericsException("rank_deficient", string.Create(CultureInfo.InvariantCulture,
                    $"The {rows} points do not determine {unknowns} coefficients."));
            diagonal[j] = pivot[0] > 0 ? -norm : norm;
            pivot[0] -= diagonal[j];
            var weight = 2 / TensorPrimitives.SumOfSquares<double>(pivot);
            for (var k = j + 1; k < unknowns; k++) Reflect(pivot, weight, columns.AsSpan(k * rows + j, rows - j));
            Reflect(pivot, weight, right.AsSpan(j));
        }
        var x = new double[unknowns];
        for (var j = unknowns - 1; j >= 0; j--)
        {
            var sum = right[j];
            for (var k = j + 1; k < unknowns; k++) sum -= columns[k * rows + j] * x[k];
            x[j] = sum / diagonal[j];
        }
        return x;
    }

    private static void Reflect(ReadOnlySpan<double> reflector, double weight, Span<double> target) =>
        TensorPrimitives.MultiplyAdd(reflector, -weight * TensorPrimitives.Dot(reflector, target), target, target);
}
