using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Smoothing with a second-difference penalty (Whittaker; Eilers, Anal. Chem. 75, 2003, 3631): the z that makes sum w (y - z)^2 + lambda sum
/// (second difference of z)^2 least. Points count as evenly spaced. Errors: <c>too_few_points</c>, <c>options</c>.
/// </summary>
public static class Whittaker
{
    private const double LargestMiss = 0.01;
    private const double Rounding = 1e-8;

    /// <summary>Smooths n values with n weights (not negative, not all zero) and lambda above zero.</summary>
    public static double[] Smooth(ReadOnlySpan<double> y, ReadOnlySpan<double> weights, double lambda)
    {
        Check(y, lambda);
        if (weights.Length != y.Length) throw new NumericsException("options", "The Whittaker smoother needs one weight for each point.");
        var n = y.Length;
        double[] main = weights.ToArray(), beside = new double[n], outer = new double[n];
        for (var r = 0; r + 2 < n; r++)
        {
            main[r] += lambda;
            main[r + 1] += 4 * lambda;
            main[r + 2] += lambda;
            beside[r] -= 2 * lambda;
            beside[r + 1] -= 2 * lambda;
            outer[r] += lambda;
        }
        var z = new double[n];
        // L D L' of the matrix with two side diagonals, forward substitution on the way.
        for (var i = 0; i < n; i++)
        {
            var (below, further) = (i > 0 ? beside[i - 1] : 0, i > 1 ? outer[i - 2] : 0);
            main[i] -= (i > 0 ? below * below * main[i - 1] : 0) + (i > 1 ? further * further * main[i - 2] : 0);
            beside[i] = (beside[i] - (i > 0 ? main[i - 1] * below * outer[i - 1] : 0)) / main[i];
            outer[i] /= main[i];
            z[i] = weights[i] * y[i] - (i > 0 ? below * z[i - 1] : 0) - (i > 1 ? further * z[i - 2] : 0);
        }
        for (var i = n - 1; i >= 0; i--)
            z[i] = z[i] / main[i] - (i + 1 < n ? beside[i] * z[i + 1] : 0) - (i + 2 < n ? outer[i] * z[i + 2] : 0);
        return z;
    }

    /// <summary>
    /// The baseline by asymmetric least squares (Eilers, Boelens, Baseline correction with asymmetric least squares smoothing, 2005): weight
    /// <paramref name="asymmetry"/> above the baseline and 1 - asymmetry below, repeated until the weights stay.
    /// </summary>
    public static double[] AsymmetricBaseline(ReadOnlySpan<double> y, double lambda, double asymmetry, int iterations = 50)
    {
        Check(y, lambda);
        if (asymmetry is not (> 0 and < 1)) throw new NumericsException("options", "The asymmetry lies between 0 and 1.");
        var weights = new double[y.Length];
        Array.Fill(weights, 1);
        var baseline = Smooth(y, weights, lambda);
        for (var pass = 1; pass < iterations; pass++)
        {
            var changed = false;
            for (var i = 0; i < weights.Length; i++)
            {
                var weight = y[i] > baseline[i] ? asymmetry : 1 - asymmetry;
                changed |= weight != weights[i];
                weights[i] = weight;
            }
            if (!changed) break;
            baseline = Smooth(y, weights, lambda);
        }
        return baseline;
    }

    /// <summary>
    /// The baseline by asymmetrically reweighted penalised least squares (Baek, Park, Ahn, Choo, Analyst 140, 2015, 250): points far above the
    /// baseline, in units of the noise seen below it, lose their weight by a logistic curve. Where there is less noise than the smoother itself misses,
    /// point after point would lose its weight and the baseline sag, so the unit is at least what a smoother of a tenth of lambda would move (up to 1 %
    /// of the range of the data).
    /// </summary>
    public static double[] ReweightedBaseline(ReadOnlySpan<double> y, double lambda, double tolerance = 1e-3, int iterations = 50)
    {
        Check(y, lambda);
        var weights = new double[y.Length];
        Array.Fill(weights, 1);
        var baseline = Smooth(y, weights, lambda);
        var range = TensorPrimitives.Max(y) - TensorPrimitives.Min(y);
        for (var pass = 1; pass < iterations; pass++)
        {
            double sum = 0, squares = 0;
            var below = 0;
            for (var i = 0; i < y.Length; i++)
            {
                var distance = y[i] - baseline[i];
                if (distance >= 0) continue;
                (sum, squares, below) = (sum + distance, squares + distance * distance, below + 1);
            }
            if (below < 2) break;
            var mean = sum / below;
            var spread = Math.Sqrt(Math.Max(0, squares / below - mean * mean));
            var deviation = Math.Max(spread, Math.Min(Missed(y, weights, lambda, baseline), LargestMiss * range));
            if (deviation <= Rounding * Math.Abs(TensorPrimitives.MaxMagnitude(y))) break;
            double change = 0, total = 0;
            for (var i = 0; i < y.Length; i++)
            {
                var exponent = 2 * (y[i] - baseline[i] - (2 * deviation - mean)) / deviation;
                var weight = 1 / (1 + Math.Exp(Math.Min(exponent, 700)));
                change += (weight - weights[i]) * (weight - weights[i]);
                total += weights[i] * weights[i];
                weights[i] = weight;
            }
            if (Math.Sqrt(change / total) < tolerance) break;
            baseline = Smooth(y, weights, lambda);
        }
        return baseline;
    }

    // By how much the smoother is too stiff for the points that count.
    private static double Missed(ReadOnlySpan<double> y, double[] weights, double lambda, double[] baseline)
    {
        var softer = Smooth(y, weights, lambda / 10);
        var missed = 0.0;
        for (var i = 0; i < softer.Length; i++)
            if (weights[i] > 0.5) missed = Math.Max(missed, Math.Abs(softer[i] - baseline[i]));
        return missed;
    }

    private static void Check(ReadOnlySpan<double> y, double lambda)
    {
        if (y.Length < 3)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"The Whittaker smoother needs three points; there are {y.Length}."));
        if (!(lambda > 0) || !double.IsFinite(lambda)) throw new NumericsException("options", "The smoothness lambda is a number above zero.");
    }
}
