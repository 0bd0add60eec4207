using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>One absorption line: where its middle lies (channels), half width at half height (channels) and depth (counts).</summary>
public sealed record LorentzianLine(double Position, double HalfWidth, double Depth, double PositionError);

/// <summary>Lorentzian lines in a flat baseline, in the order of their positions; <see cref="ReducedChiSquare"/> near 1 says that counting statistics
/// explain what is left.</summary>
public sealed record LorentzianLines(double Baseline, IReadOnlyList<LorentzianLine> Lines, double ReducedChiSquare, bool Converged)
{
    /// <summary>
    /// Fits <paramref name="count"/> lines to counts per channel (channel numbers from 0), weights 1/counts: starts at the deepest minima of the
    /// smoothed spectrum that keep <paramref name="apart"/> channels from one another.
    /// Errors: <c>lines_not_found</c>, <c>fit_not_converged</c>, and those of <see cref="LevenbergMarquardt"/>.
    /// </summary>
    public static LorentzianLines Fit(ReadOnlySpan<double> counts, int count, int apart = 10)
    {
        var n = counts.Length;
        if (n < 4 * count) throw new NumericsException("too_few_points", Text($"{n} channels do not hold {count} lines."));
        var smooth = new double[n];
        for (var i = 0; i < n; i++)
        {
            var (low, high) = (Math.Max(0, i - 1), Math.Min(n - 1, i + 1));
            for (var k = low; k <= high; k++) smooth[i] += counts[k] / (high - low + 1);
        }
        var level = Robust.Percentile(counts, 75);
        var starts = Minima(smooth, count, apart);
        var start = new double[1 + 3 * count];
        start[0] = level;
        for (var line = 0; line < count; line++)
        {
            start[1 + 3 * line] = starts[line];
            start[2 + 3 * line] = HalfWidth(smooth, starts[line], level);
            start[3 + 3 * line] = level - smooth[starts[line]];
        }
        var weights = new double[n];
        for (var i = 0; i < n; i++) weights[i] = 1 / Math.Max(1, Math.Abs(counts[i]));
        var fit = LevenbergMarquardt.Fit(Model, counts, weights, start);
        if (!fit.Converged) throw new NumericsException("fit_not_converged", Text($"The fit of {count} lines did not settle."));
        var lines = Enumerable.Range(0, count)
            .Select(line => new LorentzianLine(fit.Parameters[1 + 3 * line], Math.Abs(fit.Parameters[2 + 3 * line]), fit.Parameters[3 + 3 * line],
                fit.StandardErrors[1 + 3 * line]))
            .OrderBy(line => line.Position).ToArray();
        return lines.Any(line => !(line.Position > -1 && line.Position < n) || !(line.Depth > 0))
            ? throw new NumericsException("lines_not_found", Text($"The fit of {count} lines left the spectrum or turned a line round."))
            : new LorentzianLines(fit.Parameters[0], lines, fit.ChiSquare / (n - start.Length), fit.Converged);
    }

    private static void Model(ReadOnlySpan<double> parameters, Span<double> values, Span<double> jacobian)
    {
        var p = parameters.Length;
        for (var i = 0; i < values.Length; i++)
        {
            var row = jacobian.Slice(i * p, p);
            var value = parameters[0];
            row[0] = 1;
            for (var a = 1; a < p; a += 3)
            {
                var (width, depth) = (parameters[a + 1], parameters[a + 2]);
                var t = (i - parameters[a]) / width;
                var shape = 1 / (1 + t * t);
                value -= depth * shape;
                row[a] = -depth * shape * shape * 2 * t / width;
                row[a + 1] = -depth * shape * shape * 2 * t * t / width;
                row[a + 2] = -shape;
            }
            values[i] = value;
        }
    }

    private static int[] Minima(double[] smooth, int count, int apart)
    {
        var found = new List<int>();
        foreach (var candidate in Enumerable.Range(0, smooth.Length).OrderBy(index => smooth[index]))
        {
            if (found.Count == count) break;
            if (found.TrueForAll(other => Math.Abs(other - candidate) >= apart) && IsLow(smooth, candidate, apart / 2)) found.Add(candidate);
        }
        if (found.Count < count)
            throw new NumericsException("lines_not_found", Text(
                $"Only {found.Count} minima keep {apart} channels apart where {count} lines were asked."));
        return [.. found.Order()];

        static bool IsLow(double[] smooth, int at, int reach)
        {
            for (var k = Math.Max(0, at - reach); k <= Math.Min(smooth.Length - 1, at + reach); k++)
                if (smooth[k] < smooth[at]) return false;
            return true;
        }
    }

    private static double HalfWidth(double[] smooth, int at, double level)
    {
        var half = 0.5 * (level + smooth[at]);
        int left = at, right = at;
        while (left > 0 && smooth[left] < half) left--;
        while (right < smooth.Length - 1 && smooth[right] < half) right++;
        return Math.Max(0.5, 0.5 * (right - left));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
