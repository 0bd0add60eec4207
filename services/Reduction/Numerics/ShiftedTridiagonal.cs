using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>Eigenvectors of a symmetric tridiagonal matrix T by inverse iteration: (T - value I) x = b, solved by elimination with row exchanges, again and
/// again with the last answer on the right.</summary>
internal sealed class ShiftedTridiagonal
{
    private const int MostRounds = 8;
    private const double RoundingUnit = 1.0 / (1L << 53);
    private readonly double[] diagonal, beside;
    private readonly double[] pivot, upper, second, factor;
    private readonly bool[] exchanged;
    private readonly double norm;
    private readonly SeededNoise noise = new(1);

    /// <summary>T has <paramref name="diagonal"/> and, at i, <paramref name="beside"/>[i] between i and i + 1.</summary>
    public ShiftedTridiagonal(double[] diagonal, double[] beside)
    {
        (this.diagonal, this.beside) = (diagonal, beside);
        var size = diagonal.Length;
        (pivot, upper, second, factor, exchanged) = (new double[size], new double[size], new double[size], new double[size], new bool[size]);
        for (var index = 0; index < size; index++)
            norm = Math.Max(norm, Math.Abs(diagonal[index]) + Math.Abs(beside[index]) + (index > 0 ? Math.Abs(beside[index - 1]) : 0));
    }

    /// <summary>The unit eigenvector of <paramref name="value"/> that is orthogonal to those before it, which lie one after the other.</summary>
    public void Vector(double value, ReadOnlySpan<double> before, Span<double> vector)
    {
        var size = vector.Length;
        if (norm == 0)
        {
            vector.Clear();
            vector[before.Length / size] = 1;
            return;
        }
        Eliminate(value);
        for (var index = 0; index < size; index++) vector[index] = noise.Normal();
        Orthonormalise(before, vector);
        for (var round = 0; round < MostRounds; round++)
        {
            var grown = Solve(vector);
            Orthonormalise(before, vector);
            // Once the answer grows to the inverse of rounding, its residual is rounding; one more round cleans what the start left.
            if (round > 0 && grown * norm * RoundingUnit * size > 0.1) break;
        }
    }

    private void Eliminate(double value)
    {
        var size = diagonal.Length;
        var tiny = RoundingUnit * norm;
        for (var index = 0; index < size; index++) (pivot[index], upper[index], second[index]) = (diagonal[index] - value, beside[index], 0);
        for (var row = 0; row + 1 < size; row++)
        {
            var below = beside[row];
            exchanged[row] = Math.Abs(below) > Math.Abs(pivot[row]);
            if (exchanged[row])
            {
                factor[row] = pivot[row] / below;
                var (ownUpper, nextPivot, nextUpper) = (upper[row], pivot[row + 1], row + 2 < size ? upper[row + 1] : 0);
                (pivot[row], upper[row], second[row]) = (below, nextPivot, nextUpper);
                pivot[row + 1] = ownUpper - factor[row] * nextPivot;
                upper[row + 1] = -factor[row] * nextUpper;
            }
            else
            {
                if (Math.Abs(pivot[row]) < tiny) pivot[row] = tiny;
                factor[row] = below / pivot[row];
                pivot[row + 1] -= factor[row] * upper[row];
            }
        }
        if (Math.Abs(pivot[size - 1]) < tiny) pivot[size - 1] = tiny;
    }

    // Leaves the answer in the right side; says how long it has become.
    private double Solve(Span<double> right)
    {
        var size = right.Length;
        for (var row = 0; row + 1 < size; row++)
        {
            if (exchanged[row]) (right[row], right[row + 1]) = (right[row + 1], right[row] - factor[row] * right[row + 1]);
            else right[row + 1] -= factor[row] * right[row];
        }
        for (var row = size - 1; row >= 0; row--)
        {
            var sum = right[row];
            if (row + 1 < size) sum -= upper[row] * right[row + 1];
            if (row + 2 < size) sum -= second[row] * right[row + 2];
            right[row] = sum / pivot[row];
        }
        return TensorPrimitives.Norm<double>(right);
    }

    // Twice is enough (Parlett, The Symmetric Eigenvalue Problem, 6.9).
    private static void Orthonormalise(ReadOnlySpan<double> before, Span<double> vector)
    {
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector), vector);
        for (var pass = 0; pass < 2; pass++)
        {
            for (var from = 0; from < before.Length; from += vector.Length)
            {
                var other = before.Slice(from, vector.Length);
                TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot(other, vector), vector, vector);
            }
            TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector), vector);
        }
    }
}
