using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>Derivatives and crossings of a sampled curve y(x) on a strictly increasing, possibly uneven grid. Errors:
/// <c>too_few_points</c>.</summary>
public static class Differences
{
    /// <summary>
    /// dy/dx at every point: the second-order formula for unequal steps inside, (a^2 y[i+1] + (b^2 - a^2) y[i] - b^2 y[i-1]) / (a b (a + b)) with a
    /// the step before and b the step after, one-sided differences at both ends (Quarteroni, Sacco, Saleri, Numerical Mathematics, ch. 10.10).
    /// </summary>
    public static double[] Gradient(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length < 2 || x.Length != y.Length)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"A derivative needs two points or more and as many ordinates; there are {x.Length} and {y.Length}."));
        var slope = new double[x.Length];
        slope[0] = (y[1] - y[0]) / (x[1] - x[0]);
        slope[^1] = (y[^1] - y[^2]) / (x[^1] - x[^2]);
        for (var i = 1; i + 1 < x.Length; i++)
        {
            var before = x[i] - x[i - 1];
            var after = x[i + 1] - x[i];
            slope[i] = (before * before * y[i + 1] + (after * after - before * before) * y[i] - after * after * y[i - 1])
                / (before * after * (before + after));
        }
        return slope;
    }

    /// <summary>The abscissa where the curve first rises through <paramref name="level"/>, by linear interpolation; null where it never
    /// does.</summary>
    public static double? FirstRise(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double level)
    {
        for (var i = 0; i + 1 < x.Length; i++)
            if (y[i] < level && y[i + 1] >= level) return x[i] + (level - y[i]) / (y[i + 1] - y[i]) * (x[i + 1] - x[i]);
        return null;
    }

    /// <summary>The abscissa of the vertex of the parabola through three neighbouring points around an extreme; the middle one where they are
    /// straight.</summary>
    public static double Vertex(double x0, double y0, double x1, double y1, double x2, double y2)
    {
        var left = (y1 - y0) / (x1 - x0);
        var right = (y2 - y1) / (x2 - x1);
        var curvature = (right - left) / (x2 - x0);
        return curvature == 0 ? x1 : Math.Clamp(0.5 * (x0 + x1 - left / curvature), x0, x2);
    }

    /// <summary>The area under the curve by the trapezoidal rule.</summary>
    public static double Area(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double area = 0;
        for (var i = 0; i + 1 < x.Length; i++) area += 0.5 * (y[i] + y[i + 1]) * (x[i + 1] - x[i]);
        return area;
    }

    /// <summary>Piecewise linear interpolation; beyond the ends the end values.</summary>
    public static double Interpolate(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double at)
    {
        if (at <= x[0]) return y[0];
        if (at >= x[^1]) return y[^1];
        var index = x.BinarySearch(at);
        if (index >= 0) return y[index];
        var right = ~index;
        var share = (at - x[right - 1]) / (x[right] - x[right - 1]);
        return y[right - 1] + share * (y[right] - y[right - 1]);
    }
}
