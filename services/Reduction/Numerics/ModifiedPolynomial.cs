using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The polynomial below peaks: fitted again and again to what was cut at the last fit (Lieber, Mahadevan-Jansen, Appl. Spectrosc. 57, 2003, 1363).
/// Cut at the fit itself that sinks below the noise, and never recovers from a first fit that the peaks had bent; so the cut is one standard deviation
/// of the residuals above the fit, and what stands higher than that above the first fit is left out as peaks (Zhao, Lui, McLean, Zeng, Appl. Spectrosc.
/// 61, 2007, 1225). It ends when the standard deviation changes by less than a part of it. Errors: those of <see cref="PolynomialFit"/>.
/// </summary>
public static class ModifiedPolynomial
{
    private const double Rounding = 1e-12;

    /// <summary>The polynomial of <paramref name="degree"/> under n values at n increasing places.</summary>
    public static double[] Baseline(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int degree, double tolerance, int iterations)
    {
        double[] places = x.ToArray(), cut = y.ToArray(), baseline = new double[y.Length];
        var size = TensorPrimitives.Max(y) - TensorPrimitives.Min(y);
        var last = double.NaN;
        for (var pass = 0; pass < iterations; pass++)
        {
            var fit = PolynomialFit.Of(places, cut, degree);
            for (var c = 0; c < baseline.Length; c++) baseline[c] = fit.At(x[c]);
            var residuals = new double[cut.Length];
            for (var i = 0; i < cut.Length; i++) residuals[i] = cut[i] - fit.At(places[i]);
            var mean = TensorPrimitives.Sum<double>(residuals) / residuals.Length;
            var deviation = Math.Sqrt(Math.Max(0, TensorPrimitives.SumOfSquares<double>(residuals) / residuals.Length - mean * mean));
            if (deviation <= Rounding * size || Math.Abs(deviation - last) < tolerance * deviation) break;
            last = deviation;
            if (pass == 0)
            {
                var kept = Enumerable.Range(0, cut.Length).Where(i => residuals[i] <= deviation).ToArray();
                if (kept.Length > degree + 1)
                    (places, cut) = ([.. kept.Select(i => places[i])], [.. kept.Select(i => cut[i])]);
            }
            for (var i = 0; i < cut.Length; i++) cut[i] = Math.Min(cut[i], fit.At(places[i]) + deviation);
        }
        return baseline;
    }
}
