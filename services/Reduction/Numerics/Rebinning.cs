using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>What becomes of the points in one bin.</summary>
public enum BinValue
{
    /// <summary>Their mean, as for absorption or a cross section.</summary>
    Mean,

    /// <summary>Their sum, as for counts.</summary>
    Sum,
}

/// <summary>
/// Points on one grid gathered into the bins around the points of another: the bin of a new point reaches half way to its neighbours. A bin without
/// any point takes the linear interpolation (mean) or zero (sum). Errors: <c>axis_not_increasing</c>, <c>too_few_points</c>.
/// </summary>
public sealed class Rebinning
{
    private readonly double[] from;
    private readonly double[] to;
    private readonly int[] starts;
    private readonly BinValue value;

    public Rebinning(IReadOnlyList<double> from, IReadOnlyList<double> to, BinValue value)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (to.Count < 2)
            throw new NumericsException("too_few_points", string.Create(CultureInfo.InvariantCulture,
                $"Two bins or more are needed, not {to.Count}."));
        for (var i = 1; i < to.Count; i++)
            if (!(to[i] > to[i - 1])) throw new NumericsException("axis_not_increasing", "The new grid increases from bin to bin.");
        (this.from, this.to, this.value) = ([.. from], [.. to], value);
        starts = new int[to.Count + 1];
        for (var edge = 0; edge < starts.Length; edge++)
        {
            var at = edge == 0 ? to[0] - 0.5 * (to[1] - to[0])
                : edge == to.Count ? to[^1] + 0.5 * (to[^1] - to[^2]) : 0.5 * (to[edge - 1] + to[edge]);
            var found = Array.BinarySearch(this.from, at);
            starts[edge] = found >= 0 ? found : ~found;
        }
    }

    /// <summary>How many bins hold no point.</summary>
    public int Empty => Enumerable.Range(0, to.Length).Count(bin => starts[bin] == starts[bin + 1]);

    public void Apply(ReadOnlySpan<double> y, Span<double> binned)
    {
        for (var bin = 0; bin < to.Length; bin++)
        {
            var points = y[starts[bin]..starts[bin + 1]];
            var sum = 0.0;
            foreach (var point in points) sum += point;
            binned[bin] = value == BinValue.Sum ? sum : points.IsEmpty ? Differences.Interpolate(from, y, to[bin]) : sum / points.Length;
        }
    }

    /// <summary>Standard deviations of the bins from those of independent points: root of the sum of squares, divided by the number of points for a
    /// mean.</summary>
    public void ApplyToErrors(ReadOnlySpan<double> errors, Span<double> binned)
    {
        for (var bin = 0; bin < to.Length; bin++)
        {
            var points = errors[starts[bin]..starts[bin + 1]];
            var sum = 0.0;
            foreach (var point in points) sum += point * point;
            binned[bin] = value == BinValue.Sum ? Math.Sqrt(sum)
                : points.IsEmpty ? Differences.Interpolate(from, errors, to[bin]) : Math.Sqrt(sum) / points.Length;
        }
    }
}
