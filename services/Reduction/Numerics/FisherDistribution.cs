namespace Tutti.Reduction.Numerics;

/// <summary>Upper tail of Fisher's F distribution, by the continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8,
/// evaluated after Lentz).</summary>
internal static class FisherDistribution
{
    /// <summary>The chance of a ratio above <paramref name="ratio"/> with the given degrees of freedom; relative error about 1e-12.</summary>
    public static double UpperTail(double ratio, double numeratorFreedom, double denominatorFreedom) => ratio switch
    {
        <= 0 => 1,
        double.PositiveInfinity => 0,
        _ => IncompleteBeta(denominatorFreedom / (denominatorFreedom + numeratorFreedom * ratio), denominatorFreedom / 2, numeratorFreedom / 2),
    };

    private static double IncompleteBeta(double x, double a, double b)
    {
        if (x >= 1) return 1;
        if (x > (a + 1) / (a + b + 2)) return 1 - IncompleteBeta(1 - x, b, a);
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x)) / a;
        const double tiny = 1e-300;
        var numerator = 1.0;
        var denominator = Inverse(1 - (a + b) * x / (a + 1));
        var fraction = denominator;
        for (var step = 1; step < 500; step++)
        {
            var even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step));
            denominator = Inverse(1 + even * denominator);
            numerator = Guard(1 + even / numerator);
            fraction *= denominator * numerator;
            var odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1));
            denominator = Inverse(1 + odd * denominator);
            numerator = Guard(1 + odd / numerator);
            var change = denominator * numerator;
            fraction *= change;
            if (Math.Abs(change - 1) < 1e-15) break;
        }
        return front * fraction;

        static double Guard(double value) => Math.Abs(value) < tiny ? tiny : value;
        static double Inverse(double value) => 1 / Guard(value);
    }

    // Stirling's series, with the argument raised above 12 by the recurrence.
    private static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 12; x++) shift -= Math.Log(x);
        var inverse = 1 / x;
        var square = inverse * inverse;
        var series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188)))));
        return shift + (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series;
    }
}
