using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Smoothing and derivatives by local polynomials (Savitzky, Golay, Anal. Chem. 36, 1964, 1627), fitted on the true abscissae so that the grid may be
/// uneven; at the ends the window stays inside and the polynomial is read off its middle. The weights depend on the grid alone and serve all spectra.
/// Errors: <c>options</c>, <c>too_few_points</c>.
/// </summary>
public sealed class SavitzkyGolay
{
    private const long MostWeights = 100_000_000;
    private readonly int window;
    private readonly int[] first;
    private readonly double[] weights;

    /// <summary>A filter on the grid <paramref name="x"/>: <paramref name="window"/> points (odd), polynomial degree below it, derivative order from
    /// 0 to the degree.</summary>
    public SavitzkyGolay(ReadOnlySpan<double> x, int window, int degree, int derivative = 0)
    {
        if (window < 1 || window % 2 == 0 || degree < 0 || degree >= window || derivative < 0 || derivative > degree || degree > 9)
            throw new NumericsException("options", string.Create(CultureInfo.InvariantCulture,
                $"Window {window} (odd), degree {degree} (below the window, at most 9) and derivative {derivative} (at most that) do not fit."));
        if (x.Length < window)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"A window of {window} points does not fit into {x.Length}."));
        if ((long)x.Length * window > MostWeights)
            throw new NumericsException("options", string.Create(CultureInfo.InvariantCulture,
                $"A window of {window} over {x.Length} points needs more weights than the {MostWeights} allowed."));
        this.window = window;
        first = new int[x.Length];
        weights = new double[x.Length * window];
        for (var i = 0; i < x.Length; i++)
        {
            first[i] = Math.Clamp(i - window / 2, 0, x.Length - window);
            Local(x.Slice(first[i], window), x[i], degree, derivative, weights.AsSpan(i * window, window));
        }
    }

    /// <summary>Filters a spectrum on the grid given at the start.</summary>
    public void Apply(ReadOnlySpan<double> y, Span<double> filtered)
    {
        for (var i = 0; i < first.Length; i++)
        {
            var sum = 0.0;
            for (var k = 0; k < window; k++) sum += weights[i * window + k] * y[first[i] + k];
            filtered[i] = sum;
        }
    }

    // Row "derivative" of the pseudo-inverse of the local Vandermonde matrix.
    private static void Local(ReadOnlySpan<double> x, double at, int degree, int derivative, Span<double> target)
    {
        var scale = Math.Max(at - x[0], x[^1] - at);
        if (scale == 0) scale = 1;
        var count = degree + 1;
        var gram = new double[count * count];
        Span<double> powers = stackalloc double[10];
        for (var i = 0; i < x.Length; i++)
        {
            Powers((x[i] - at) / scale, count, powers);
            for (var a = 0; a < count; a++)
                for (var b = 0; b < count; b++)
                    gram[a * count + b] += powers[a] * powers[b];
        }
        var unit = new double[count];
        unit[derivative] = 1;
        var solution = LinearLeastSquares.Solve(new Matrix(count, count, gram), unit);
        var factor = 1.0;
        for (var k = 1; k <= derivative; k++) factor *= k / scale;
        for (var i = 0; i < x.Length; i++)
        {
            Powers((x[i] - at) / scale, count, powers);
            var weight = 0.0;
            for (var a = 0; a < count; a++) weight += solution[a] * powers[a];
            target[i] = factor * weight;
        }
    }

    private static void Powers(double t, int count, Span<double> powers)
    {
        var power = 1.0;
        for (var a = 0; a < count; a++, power *= t) powers[a] = power;
    }
}
