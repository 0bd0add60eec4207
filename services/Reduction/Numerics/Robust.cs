namespace Tutti.Reduction.Numerics;

/// <summary>Order statistics that a few outliers cannot move. Errors: <c>too_few_points</c>.</summary>
public static class Robust
{
    /// <summary>Standard deviation of normal noise in units of the median absolute deviation.</summary>
    public const double DeviationPerMad = 1.4826022185056018;

    public static double Median(ReadOnlySpan<double> values) => Percentile(values, 50);

    /// <summary>The percentile (0 to 100) by linear interpolation between order statistics (Hyndman and Fan, Am. Stat. 50, 1996, type 7).</summary>
    public static double Percentile(ReadOnlySpan<double> values, double percent)
    {
        if (values.IsEmpty) throw new NumericsException("too_few_points", "No value was given to take a percentile of.");
        if (percent is not (>= 0 and <= 100)) throw new NumericsException("options", "A percentile lies between 0 and 100.");
        var sorted = values.ToArray();
        Array.Sort(sorted);
        var position = percent / 100 * (sorted.Length - 1);
        var below = (int)Math.Floor(position);
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }

    /// <summary>The standard deviation of the bulk: 1.4826 times the median absolute deviation from the median.</summary>
    public static double Deviation(ReadOnlySpan<double> values)
    {
        var middle = Median(values);
        var distances = new double[values.Length];
        for (var i = 0; i < distances.Length; i++) distances[i] = Math.Abs(values[i] - middle);
        return DeviationPerMad * Median(distances);
    }

    /// <summary>
    /// The standard deviation of white noise on a smooth curve, from third differences (their variance is 20 times that of the noise): null where
    /// fewer than eight points are there.
    /// </summary>
    public static double? Noise(ReadOnlySpan<double> curve)
    {
        if (curve.Length < 8) return null;
        var third = new double[curve.Length - 3];
        for (var i = 0; i < third.Length; i++) third[i] = Math.Abs(curve[i + 3] - 3 * curve[i + 2] + 3 * curve[i + 1] - curve[i]);
        return DeviationPerMad * Median(third) / Math.Sqrt(20);
    }
}
