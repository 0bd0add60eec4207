namespace Tutti.Reduction.Numerics;

/// <summary>The inverse of a small square matrix by Gauss-Jordan elimination with row pivoting.</summary>
internal static class SmallInverse
{
    /// <summary>Writes the inverse of <paramref name="matrix"/> (size x size, row-major); false where it is singular to rounding.</summary>
    public static bool TryInvert(ReadOnlySpan<double> matrix, int size, Span<double> inverse) => TryInvert(matrix, size, inverse, out _);

    /// <summary>As the other, with the determinant where there is an inverse.</summary>
    public static bool TryInvert(ReadOnlySpan<double> matrix, int size, Span<double> inverse, out double determinant)
    {
        determinant = 1;
        const double singular = 1e-14;
        Span<double> work = size <= 16 ? stackalloc double[size * size] : new double[size * size];
        matrix[..(size * size)].CopyTo(work);
        inverse[..(size * size)].Clear();
        var largest = 0.0;
        for (var index = 0; index < size; index++) inverse[index * size + index] = 1;
        foreach (var value in work) largest = Math.Max(largest, Math.Abs(value));
        for (var column = 0; column < size; column++)
        {
            var pivot = column;
            for (var row = column + 1; row < size; row++)
                if (Math.Abs(work[row * size + column]) > Math.Abs(work[pivot * size + column])) pivot = row;
            var head = work[pivot * size + column];
            if (!(Math.Abs(head) > singular * largest)) return false;
            determinant *= pivot == column ? head : -head;
            for (var index = 0; index < size; index++)
            {
                (work[pivot * size + index], work[column * size + index]) = (work[column * size + index], work[pivot * size + index] / head);
                (inverse[pivot * size + index], inverse[column * size + index]) =
                    (inverse[column * size + index], inverse[pivot * size + index] / head);
            }
            for (var row = 0; row < size; row++)
            {
                var factor = work[row * size + column];
                if (row == column || factor == 0) continue;
                for (var index = 0; index < size; index++)
                {
                    work[row * size + index] -= factor * work[column * size + index];
                    inverse[row * size + index] -= factor * inverse[column * size + index];
                }
            }
        }
        return true;
    }
}
