namespace Tutti.Reduction.Numerics;

/// <summary>
/// The slowly varying background under peaks by statistics-sensitive nonlinear iterative peak clipping (Ryan, Clayton, Griffin, Sie, Cousens, Nucl.
/// Instr. Meth. B 34, 1988, 396) with a window that shrinks (Morhac et al., Nucl. Instr. Meth. A 401, 1997, 113). Errors: <c>options</c>.
/// </summary>
public static class Snip
{
    /// <summary>
    /// The background of one spectrum; <paramref name="window"/> is the half width in channels of the broadest peak. With <paramref name="compress"/>
    /// the clipping works on ln(ln(sqrt(y + 1) + 1) + 1), which suits counts over several decades.
    /// </summary>
    public static double[] Background(ReadOnlySpan<double> y, int window, bool compress = true)
    {
        if (window < 1) throw new NumericsException("options", "The window of peak clipping is at least one channel.");
        var floor = double.PositiveInfinity;
        foreach (var value in y) floor = Math.Min(floor, value);
        var clipped = new double[y.Length];
        for (var i = 0; i < y.Length; i++)
            clipped[i] = compress ? Math.Log(Math.Log(Math.Sqrt(y[i] - floor + 1) + 1) + 1) : y[i];
        var next = new double[y.Length];
        for (var reach = Math.Min(window, (y.Length - 1) / 2); reach >= 1; reach--)
        {
            clipped.CopyTo(next.AsSpan());
            for (var i = reach; i + reach < y.Length; i++)
                next[i] = Math.Min(clipped[i], 0.5 * (clipped[i - reach] + clipped[i + reach]));
            (clipped, next) = (next, clipped);
        }
        if (!compress) return clipped;
        for (var i = 0; i < y.Length; i++)
        {
            var root = Math.Exp(Math.Exp(clipped[i]) - 1) - 1;
            clipped[i] = root * root - 1 + floor;
        }
        return clipped;
    }
}
