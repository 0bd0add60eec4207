namespace Tutti.Reduction.Numerics;

/// <summary>Small dense systems of linear equations, by elimination with row pivots.</summary>
internal static class LinearSystem
{
    /// <summary>The x with A x = b for A (n x n, row-major); both arguments are used up. A singular direction gets zero.</summary>
    public static double[] Solve(double[] matrix, double[] right)
    {
        var size = right.Length;
        var order = new int[size];
        for (var index = 0; index < size; index++) order[index] = index;
        for (var column = 0; column < size; column++)
        {
            var pivot = column;
            for (var row = column + 1; row < size; row++)
                if (Math.Abs(matrix[order[row] * size + column]) > Math.Abs(matrix[order[pivot] * size + column])) pivot = row;
            (order[column], order[pivot]) = (order[pivot], order[column]);
            var top = order[column] * size;
            if (matrix[top + column] == 0) continue;
            for (var row = column + 1; row < size; row++)
            {
                var at = order[row] * size;
                var factor = matrix[at + column] / matrix[top + column];
                for (var other = column; other < size; other++) matrix[at + other] -= factor * matrix[top + other];
                right[order[row]] -= factor * right[order[column]];
            }
        }
        var solution = new double[size];
        for (var row = size - 1; row >= 0; row--)
        {
            var at = order[row] * size;
            var value = right[order[row]];
            for (var other = row + 1; other < size; other++) value -= matrix[at + other] * solution[other];
            solution[row] = matrix[at + row] == 0 ? 0 : value / matrix[at + row];
        }
        return solution;
    }
}
