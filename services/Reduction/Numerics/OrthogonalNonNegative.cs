using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Least squares with x >= 0 for one right side by the method of Lawson and Hanson (Solving Least Squares Problems, 1974, ch. 23) on orthogonalised
/// columns. Slower than <see cref="NonNegativeLeastSquares"/>, but without the normal equations, which square the condition of A: for columns at a
/// small angle to each other. Columns that are zero, or whose angle to the others has a sine below 1e-8, get x = 0.
/// </summary>
internal sealed class OrthogonalNonNegative
{
    private const double DependentBelow = 1e-8;
    private const double SlopeTolerance = 1e-14;
    private readonly int rows;
    private readonly int columns;
    private readonly double[] unit;
    private readonly double[] norms;
    private readonly List<int> members = [];
    private readonly List<double[]> orthogonal = [];
    private readonly List<double[]> upper = [];

    public OrthogonalNonNegative(Matrix a)
    {
        (rows, columns) = (a.Rows, a.Columns);
        unit = a.Transpose().Values.ToArray();
        norms = new double[columns];
        for (var column = 0; column < columns; column++)
        {
            norms[column] = TensorPrimitives.Norm<double>(unit.AsSpan(column * rows, rows));
            if (norms[column] > 0) TensorPrimitives.Divide(unit.AsSpan(column * rows, rows), norms[column], unit.AsSpan(column * rows, rows));
        }
    }

    /// <summary>The largest amount by which <paramref name="x"/> misses the Karush-Kuhn-Tucker conditions, in units of |b|, for columns of length 1:
    /// slopes of what is zero that are above zero, and any slope of what is not.</summary>
    public double Violation(ReadOnlySpan<double> b, ReadOnlySpan<double> x)
    {
        var size = TensorPrimitives.Norm(b);
        if (size == 0) return 0;
        var residual = b.ToArray();
        for (var j = 0; j < columns; j++) Add(residual, j, -x[j] * norms[j]);
        var worst = 0.0;
        for (var j = 0; j < columns; j++)
        {
            var slope = TensorPrimitives.Dot(Unit(j), residual);
            worst = Math.Max(worst, x[j] > 0 ? Math.Abs(slope) : slope);
        }
        return worst / size;
    }

    /// <summary>The answer for <paramref name="b"/> (one value per row): one value per column.</summary>
    public double[] Solve(ReadOnlySpan<double> b)
    {
        members.Clear();
        orthogonal.Clear();
        upper.Clear();
        var limit = SlopeTolerance * TensorPrimitives.Norm(b);
        var x = new double[columns];
        var refused = new bool[columns];
        for (var round = 0; round < 20 * columns + 20; round++)
        {
            var residual = b.ToArray();
            foreach (var j in members) Add(residual, j, -x[j]);
            var (entering, steepest) = (-1, limit + Rounding(x));
            for (var j = 0; j < columns; j++)
            {
                if (norms[j] == 0 || refused[j] || members.Contains(j)) continue;
                var slope = TensorPrimitives.Dot(Unit(j), residual);
                if (slope > steepest) (entering, steepest) = (j, slope);
            }
            if (entering < 0) break;
            if (!Append(entering))
            {
                refused[entering] = true;
                continue;
            }
            var candidate = Fit(b);
            if (candidate[entering] <= 0)
            {
                Rebuild([.. members.Where(j => j != entering)]);
                refused[entering] = true;
                continue;
            }
            while (members.Exists(j => candidate[j] <= 0))
            {
                var blocking = members.Where(j => candidate[j] <= 0).MinBy(Reach);
                var reach = Reach(blocking);
                foreach (var j in members) x[j] = j == blocking ? 0 : Math.Max(0, x[j] + (reach * (candidate[j] - x[j])));
                Rebuild([.. members.Where(j => x[j] > 0)]);
                candidate = Fit(b);

                double Reach(int j) => x[j] / (x[j] - candidate[j]);
            }
            candidate.CopyTo(x, 0);
            Array.Clear(refused);
        }
        for (var j = 0; j < columns; j++) x[j] = norms[j] > 0 ? x[j] / norms[j] : 0;
        return x;
    }

    private static double Rounding(double[] x) => 2.3e-16 * TensorPrimitives.SumOfMagnitudes<double>(x);

    private ReadOnlySpan<double> Unit(int column) => unit.AsSpan(column * rows, rows);

    private void Add(double[] target, int column, double factor) => TensorPrimitives.MultiplyAdd(Unit(column), factor, target, target);

    private void Rebuild(int[] kept)
    {
        members.Clear();
        orthogonal.Clear();
        upper.Clear();
        foreach (var j in kept) Append(j);
    }

    // Gram-Schmidt, twice (Giraud and others, Numer. Math. 101, 2005, 87: orthogonal to rounding).
    private bool Append(int column)
    {
        var direction = Unit(column).ToArray();
        var along = new double[members.Count + 1];
        for (var pass = 0; pass < 2; pass++)
            for (var k = 0; k < orthogonal.Count; k++)
            {
                var part = TensorPrimitives.Dot<double>(orthogonal[k], direction);
                along[k] += part;
                TensorPrimitives.MultiplyAdd(orthogonal[k], -part, direction, direction);
            }
        var rest = TensorPrimitives.Norm<double>(direction);
        if (rest <= DependentBelow) return false;
        along[^1] = rest;
        TensorPrimitives.Divide(direction, rest, direction);
        members.Add(column);
        orthogonal.Add(direction);
        upper.Add(along);
        return true;
    }

    // The least-squares answer of the members, with one step of refinement.
    private double[] Fit(ReadOnlySpan<double> b)
    {
        var x = new double[columns];
        var residual = b.ToArray();
        for (var step = 0; step < 2; step++)
        {
            var change = new double[members.Count];
            for (var k = members.Count - 1; k >= 0; k--)
            {
                var value = TensorPrimitives.Dot<double>(orthogonal[k], residual);
                for (var later = k + 1; later < members.Count; later++) value -= upper[later][k] * change[later];
                change[k] = value / upper[k][k];
            }
            for (var k = 0; k < members.Count; k++)
            {
                x[members[k]] += change[k];
                Add(residual, members[k], -change[k]);
            }
        }
        return x;
    }
}
