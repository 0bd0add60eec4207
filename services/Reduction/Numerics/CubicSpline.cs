using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The natural cubic spline through points on a strictly increasing grid (de Boor, A Practical Guide to Splines, ch. IV); beyond the ends it goes on
/// straight. Errors: <c>too_few_points</c>, <c>axis_not_increasing</c>.
/// </summary>
public sealed class CubicSpline
{
    private readonly double[] x;
    private readonly double[] y;
    private readonly double[] second;

    public CubicSpline(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length < 2 || x.Length != y.Length)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"A spline needs two points or more and as many ordinates; there are {x.Length} and {y.Length}."));
        for (var i = 1; i < x.Length; i++)
            if (!(x[i] > x[i - 1])) throw new NumericsException("axis_not_increasing", "The grid of a spline increases from point to point.");
        (this.x, this.y, second) = (x.ToArray(), y.ToArray(), new double[x.Length]);
        var above = new double[x.Length];
        for (var i = 1; i + 1 < x.Length; i++)
        {
            var (before, after) = (x[i] - x[i - 1], x[i + 1] - x[i]);
            var right = 6 * ((y[i + 1] - y[i]) / after - (y[i] - y[i - 1]) / before);
            var pivot = 2 * (before + after) - before * above[i - 1];
            above[i] = after / pivot;
            second[i] = (right - before * second[i - 1]) / pivot;
        }
        for (var i = x.Length - 2; i >= 1; i--) second[i] -= above[i] * second[i + 1];
    }

    /// <summary>The value at <paramref name="at"/>.</summary>
    public double At(double at)
    {
        if (at <= x[0]) return y[0] + (at - x[0]) * SlopeAtStart();
        if (at >= x[^1]) return y[^1] + (at - x[^1]) * SlopeAtEnd();
        var found = Array.BinarySearch(x, at);
        if (found >= 0) return y[found];
        var right = ~found;
        var step = x[right] - x[right - 1];
        var (a, b) = ((x[right] - at) / step, (at - x[right - 1]) / step);
        return a * y[right - 1] + b * y[right] + step * step / 6 * ((a * a * a - a) * second[right - 1] + (b * b * b - b) * second[right]);
    }

    private double SlopeAtStart() => (y[1] - y[0]) / (x[1] - x[0]) - (x[1] - x[0]) / 6 * second[1];

    private double SlopeAtEnd() => (y[^1] - y[^2]) / (x[^1] - x[^2]) + (x[^1] - x[^2]) / 6 * second[^2];
}
