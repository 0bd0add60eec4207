using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The cubic spline of least squares with given inner knots, in B-splines (de Boor, A Practical Guide to Splines, ch. X and XIV).
/// Errors: <c>too_few_points</c>, <c>options</c>, <c>rank_deficient</c> where a stretch between knots holds too few points.
/// </summary>
public sealed class RegressionSpline
{
    private const int Order = 4;
    private readonly double[] knots;
    private readonly double[] coefficients;

    private RegressionSpline(double[] knots, double[] coefficients) => (this.knots, this.coefficients) = (knots, coefficients);

    /// <summary>Fits points with increasing x, weighted; the inner knots increase and lie within the first and the last x.</summary>
    public static RegressionSpline Of(
        ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> weights, IReadOnlyList<double> innerKnots)
    {
        ArgumentNullException.ThrowIfNull(innerKnots);
        var unknowns = innerKnots.Count + Order;
        if (x.Length < unknowns || x.Length != y.Length || x.Length != weights.Length)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"A spline with {innerKnots.Count} inner knots needs at least {unknowns} points; there are {x.Length}."));
        for (var i = 0; i < innerKnots.Count; i++)
            if (!(innerKnots[i] > (i == 0 ? x[0] : innerKnots[i - 1])) || !(innerKnots[i] < x[^1]))
                throw new NumericsException("options", "The inner knots of a spline increase and lie within the points.");
        var knots = new double[unknowns + Order];
        for (var i = 0; i < Order; i++) (knots[i], knots[^(i + 1)]) = (x[0], x[^1]);
        for (var i = 0; i < innerKnots.Count; i++) knots[Order + i] = innerKnots[i];

        var design = Matrix.Allocate(x.Length, unknowns);
        var right = new double[x.Length];
        Span<double> basis = stackalloc double[Order];
        for (var i = 0; i < x.Length; i++)
        {
            var first = Basis(knots, x[i], basis);
            var weight = Math.Sqrt(weights[i]);
            for (var k = 0; k < Order; k++) design[i * unknowns + first + k] = weight * basis[k];
            right[i] = weight * y[i];
        }
        return new RegressionSpline(knots, LinearLeastSquares.Solve(new Matrix(x.Length, unknowns, design), right));
    }

    /// <summary>The value at <paramref name="x"/>; beyond the ends the outermost cubics go on.</summary>
    public double At(double x)
    {
        Span<double> basis = stackalloc double[Order];
        var first = Basis(knots, x, basis);
        var value = 0.0;
        for (var k = 0; k < Order; k++) value += basis[k] * coefficients[first + k];
        return value;
    }

    // The four B-splines that are not zero at x, by the recurrence of Cox and de Boor; returns the index of the first.
    private static int Basis(double[] knots, double x, Span<double> basis)
    {
        var span = Order - 1;
        while (span < knots.Length - Order - 1 && x >= knots[span + 1]) span++;
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
