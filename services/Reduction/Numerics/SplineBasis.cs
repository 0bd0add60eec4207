namespace Tutti.Reduction.Numerics;

/// <summary>
/// The cubic B-splines between two ends with evenly spaced knots (de Boor, A Practical Guide to Splines, ch. IX and X). Errors: <c>options</c>.
/// </summary>
public sealed class SplineBasis
{
    private const int Order = 4;
    private readonly double[] knots;

    /// <summary><paramref name="count"/> splines, four or more, from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public SplineBasis(double low, double high, int count)
    {
        if (count < Order || !(high > low)) throw new NumericsException("options", "Cubic splines are four or more, between a lower end and a higher.");
        Count = count;
        knots = new double[count + Order];
        for (var i = 0; i < Order; i++) (knots[i], knots[^(i + 1)]) = (low, high);
        for (var i = Order; i < count; i++) knots[i] = low + (i - Order + 1) * (high - low) / (count - Order + 1);
    }

    /// <summary>How many splines there are.</summary>
    public int Count { get; }

    /// <summary>The knots between the ends.</summary>
    public IReadOnlyList<double> InnerKnots => knots[Order..Count];

    /// <summary>The value of each spline at each point: points x <see cref="Count"/>.</summary>
    public Matrix At(ReadOnlySpan<double> points)
    {
        var values = Matrix.Allocate(points.Length, Count);
        Span<double> basis = stackalloc double[Order];
        for (var i = 0; i < points.Length; i++)
        {
            var first = Fill(points[i], basis);
            basis.CopyTo(values.AsSpan(i * Count + first));
        }
        return new Matrix(points.Length, Count, values);
    }

    // The four B-splines that are not zero at x, by the recurrence of Cox and de Boor; returns the index of the first.
    private int Fill(double x, Span<double> basis)
    {
        var span = Order - 1;
        while (span < Count - 1 && x >= knots[span + 1]) span++;
        basis.Clear();
        basis[0] = 1;
        for (var degree = 1; degree < Order; degree++)
        {
            var carried = 0.0;
            for (var r = 0; r < degree; r++)
            {
                var (left, right) = (knots[span + r + 1 - degree], knots[span + r + 1]);
                var share = basis[r] / (right - left);
                basis[r] = carried + (right - x) * share;
                carried = (x - left) * share;
            }
            basis[degree] = carried;
        }
        return span - Order + 1;
    }
}
