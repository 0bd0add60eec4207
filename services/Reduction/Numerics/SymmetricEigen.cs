using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Eigenvalues and eigenvectors of a real symmetric matrix by Householder reduction to tridiagonal form and the QL method with implicit shifts
/// (Golub, Van Loan, Matrix Computations, ch. 8.3). Absolute error of an eigenvalue: a few rounding units of the largest one.
/// </summary>
internal static class SymmetricEigen
{
    private const int MaxRotationsPerValue = 80;
    private const int RotationsTogether = 20_000;
    private const int ColumnsTogether = 64;
    private const double RoundingUnit = 1.0 / (1L << 53);

    /// <summary>Eigenvalues in falling order; row i of the returned vectors (n x n, row-major) is the unit eigenvector of value i. The input is
    /// overwritten.</summary>
    public static (double[] Values, double[] Vectors) Decompose(double[] symmetric, int size, CancellationToken cancellation)
    {
        var diagonal = new double[size];
        var beside = new double[size];
        var vectors = Tridiagonalise(symmetric, size, diagonal, beside, cancellation);
        Diagonalise(diagonal, beside, vectors, size, cancellation);

        var order = Enumerable.Range(0, size).OrderByDescending(index => diagonal[index]).ToArray();
        var sorted = new double[symmetric.Length];
        var values = new double[size];
        for (var target = 0; target < size; target++)
        {
            values[target] = diagonal[order[target]];
            vectors.AsSpan(order[target] * size, size).CopyTo(sorted.AsSpan(target * size));
        }
        return (values, sorted);
    }

    /// <summary>
    /// All eigenvalues in falling order and the unit eigenvectors of the first <paramref name="kept"/> (kept x n, row-major), with no memory for the
    /// others: by inverse iteration on the tridiagonal form, each held orthogonal to those before it (Golub, Van Loan, ch. 8.4). Eigenvectors of values
    /// that are rounding of the largest are any orthogonal ones. The input is overwritten.
    /// </summary>
    public static (double[] Values, double[] Vectors) Leading(double[] symmetric, int size, int kept, CancellationToken cancellation)
    {
        var (diagonal, beside) = (new double[size], new double[size]);
        var weights = Reduce(symmetric, size, diagonal, beside, cancellation);
        var values = (double[])diagonal.Clone();
        Diagonalise(values, (double[])beside.Clone(), [], size, cancellation);
        Array.Sort(values);
        Array.Reverse(values);
        var vectors = new double[kept * size];
        var solver = new ShiftedTridiagonal(diagonal, beside);
        for (var index = 0; index < kept; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            solver.Vector(values[index], vectors.AsSpan(0, index * size), vectors.AsSpan(index * size, size));
        }
        for (var index = 0; index < kept; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var vector = vectors.AsSpan(index * size, size);
            for (var step = size - 3; step >= 0; step--)
            {
                if (weights[step] == 0) continue;
                var reflector = symmetric.AsSpan(step * size + step + 1, size - step - 1);
                var target = vector[(step + 1)..];
                TensorPrimitives.MultiplyAdd(reflector, -weights[step] * TensorPrimitives.Dot<double>(target, reflector), target, target);
            }
        }
        return (values, vectors);
    }

    /// <summary>Eigenvalues alone, in falling order, without the work on the vectors. The input is overwritten.</summary>
    public static double[] Values(double[] symmetric, int size, CancellationToken cancellation)
    {
        var diagonal = new double[size];
        var beside = new double[size];
        Reduce(symmetric, size, diagonal, beside, cancellation);
        Diagonalise(diagonal, beside, [], size, cancellation);
        Array.Sort(diagonal);
        Array.Reverse(diagonal);
        return diagonal;
    }

    private static double[] Tridiagonalise(double[] a, int size, double[] diagonal, double[] beside, CancellationToken cancellation)
    {
        var weights = Reduce(a, size, diagonal, beside, cancellation);
        var vectors = new double[a.Length];
        for (var index = 0; index < size; index++) vectors[index * size + index] = 1;
        for (var step = size - 3; step >= 0; step--)
        {
            if (weights[step] == 0) continue;
            var reflector = a.AsSpan(step * size + step + 1, size - step - 1);
            for (var row = 0; row < reflector.Length; row++)
            {
                var target = Sub(vectors, size, step, row);
                TensorPrimitives.MultiplyAdd(reflector, -weights[step] * TensorPrimitives.Dot<double>(target, reflector), target, target);
            }
        }
        return vectors;
    }

    // Leaves the reflectors in the rows of the matrix; the weights are theirs.
    private static double[] Reduce(double[] a, int size, double[] diagonal, double[] beside, CancellationToken cancellation)
    {
        var weights = new double[size];
        var image = new double[size];
        for (var step = 0; step + 2 < size; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var reflector = a.AsSpan(step * size + step + 1, size - step - 1);
            var norm = TensorPrimitives.Norm<double>(reflector);
            if (norm == 0) continue;
            var head = reflector[0] > 0 ? -norm : norm;
            beside[step] = head;
            reflector[0] -= head;
            var weight = weights[step] = 2 / TensorPrimitives.SumOfSquares<double>(reflector);

            var rest = image.AsSpan(0, reflector.Length);
            for (var row = 0; row < rest.Length; row++) rest[row] = weight * TensorPrimitives.Dot<double>(Sub(a, size, step, row), reflector);
            var shift = -0.5 * weight * TensorPrimitives.Dot<double>(rest, reflector);
            TensorPrimitives.MultiplyAdd(reflector, shift, rest, rest);
            for (var row = 0; row < rest.Length; row++)
            {
                var target = Sub(a, size, step, row);
                TensorPrimitives.MultiplyAdd(rest, -reflector[row], target, target);
                TensorPrimitives.MultiplyAdd(reflector, -rest[row], target, target);
            }
        }
        for (var index = 0; index < size; index++) diagonal[index] = a[index * size + index];
        if (size > 1) beside[size - 2] = a[(size - 2) * size + size - 1];
        return weights;
    }

    private static Span<double> Sub(double[] matrix, int size, int step, int row) =>
        matrix.AsSpan((step + 1 + row) * size + step + 1, size - step - 1);

    private static void Diagonalise(double[] diagonal, double[] beside, double[] vectors, int size, CancellationToken cancellation)
    {
        var pending = new List<(int Row, double Cosine, double Sine)>();
        // Among eigenvalues that are rounding of the largest, nothing smaller than that rounding can be told from zero.
        var floor = 0.1 * RoundingUnit * Math.Max(
            Math.Abs(TensorPrimitives.MaxMagnitude<double>(diagonal)), Math.Abs(TensorPrimitives.MaxMagnitude<double>(beside)));
        for (var first = 0; first < size; first++)
        {
            for (var rotations = 0; ; rotations++)
            {
                var last = first;
                while (last + 1 < size
                    && Math.Abs(beside[last]) > Math.Max(floor, RoundingUnit * (Math.Abs(diagonal[last]) + Math.Abs(diagonal[last + 1])))) last++;
                if (last == first) break;
                if (rotations == MaxRotationsPerValue)
                    throw new NumericsException("eigen_no_convergence", "The eigenvalue iteration did not settle.");
                cancellation.ThrowIfCancellationRequested();
                Chase(diagonal, beside, pending, first, last);
                if (pending.Count >= RotationsTogether) Rotate(vectors, size, pending);
            }
        }
        Rotate(vectors, size, pending);
    }

    // Many rotations are applied to a few columns at a time, which stay in the cache meanwhile.
    private static void Rotate(double[] vectors, int size, List<(int Row, double Cosine, double Sine)> pending)
    {
        for (var left = 0; left < size && vectors.Length > 0; left += ColumnsTogether)
        {
            var width = Math.Min(ColumnsTogether, size - left);
            foreach (var (row, cosine, sine) in pending)
                Rotation.Apply(vectors.AsSpan(row * size + left, width), vectors.AsSpan((row + 1) * size + left, width), cosine, sine);
        }
        pending.Clear();
    }

    // One implicit QL sweep over the unreduced block first..last, with the shift of Wilkinson.
    private static void Chase(double[] diagonal, double[] beside, List<(int Row, double Cosine, double Sine)> pending, int first, int last)
    {
        var slope = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
        var bulge = diagonal[last] - diagonal[first] + beside[first] / (slope + Math.CopySign(double.Hypot(slope, 1), slope));
        double sine = 1, cosine = 1, carried = 0;
        for (var index = last - 1; index >= first; index--)
        {
            var across = sine * beside[index];
            var along = cosine * beside[index];
            var length = double.Hypot(across, bulge);
            beside[index + 1] = length;
            if (length == 0)
            {
                diagonal[index + 1] -= carried;
                beside[last] = 0;
                return;
            }
            sine = across / length;
            cosine = bulge / length;
            var lower = diagonal[index + 1] - carried;
            var mixed = (diagonal[index] - lower) * sine + 2 * cosine * along;
            carried = sine * mixed;
            diagonal[index + 1] = lower + carried;
            bulge = cosine * mixed - along;
            pending.Add((index, cosine, sine));
        }
        diagonal[first] -= carried;
        beside[first] = bulge;
        beside[last] = 0;
    }
}
