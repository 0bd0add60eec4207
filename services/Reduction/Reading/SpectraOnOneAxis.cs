using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>One spectrum as its file has it, before it takes its place in a series.</summary>
internal record MeasuredSpectrum(string Label, double[] Axis, double[] Values, DateTime? Started)
{
    /// <summary>The same spectrum on a rising axis, or <c>axis_not_monotonic</c>.</summary>
    public MeasuredSpectrum Rising(string file) => AxisOrder.Direction(Axis) switch
    {
        > 0 => this,
        < 0 => this with { Axis = [.. Axis.Reverse()], Values = [.. Values.Reverse()] },
        _ => throw new SeriesFormatException("axis_not_monotonic",
            $"{file}: the axis neither rises nor falls all the way; a value is repeated or out of order."),
    };
}

/// <summary>
/// Puts spectra of several files into one series: in the order of their start times (else of their names), interpolated linearly on the axis of the
/// first where the axes differ, cut to what all have. Codes: <c>axis_no_overlap</c> and the limits. Warnings: <c>axis_interpolated</c>,
/// <c>axis_cut</c>.
/// </summary>
internal static class SpectraOnOneAxis
{
    /// <summary>The spectra in order, where every one tells its time, else by name.</summary>
    public static List<T> Order<T>(List<T> spectra, Action timeMissing)
        where T : MeasuredSpectrum
    {
        if (spectra.Count < 2) return spectra;
        if (spectra.All(spectrum => spectrum.Started is not null))
            return [.. spectra.OrderBy(spectrum => spectrum.Started).ThenBy(spectrum => spectrum.Label, NaturalOrder.Instance)];
        timeMissing();
        return [.. spectra.OrderBy(spectrum => spectrum.Label, NaturalOrder.Instance)];
    }

    /// <summary>The start times, where every spectrum tells it.</summary>
    public static IReadOnlyList<DateTime>? Times<T>(IReadOnlyList<T> spectra)
        where T : MeasuredSpectrum =>
        spectra.All(spectrum => spectrum.Started is not null) ? [.. spectra.Select(spectrum => spectrum.Started.GetValueOrDefault())] : null;

    /// <summary>Axis and matrix of spectra whose axes rise.</summary>
    public static (double[] Axis, Matrix Data) Join<T>(
        IReadOnlyList<T> spectra, ReadingOptions options, List<ReadingWarning> warnings, CancellationToken cancellation)
        where T : MeasuredSpectrum
    {
        SeriesReading.CheckShape(spectra.Count, spectra.Max(spectrum => spectrum.Axis.Length), options);
        var first = spectra[0].Axis;
        var (low, high) = (spectra.Max(spectrum => spectrum.Axis[0]), spectra.Min(spectrum => spectrum.Axis[^1]));
        var axis = first.Where(value => value >= low && value <= high).ToArray();
        if (axis.Length == 0 || (axis.Length < 2 && first.Length > 1))
            throw new SeriesFormatException("axis_no_overlap", "The spectra have no common range of axis values.");
        if (axis.Length < first.Length)
            warnings.Add(new ReadingWarning("axis_cut", SeriesReading.Text(
                $"{first.Length - axis.Length} of {first.Length} axis values of the first spectrum lie outside the common range and were cut.")));
        var moved = 0;
        var data = Matrix.Allocate(spectra.Count, axis.Length);
        for (var row = 0; row < spectra.Count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var target = data.AsSpan(row * axis.Length, axis.Length);
            var from = Array.BinarySearch(spectra[row].Axis, axis[0]);
            if (from >= 0 && from + axis.Length <= spectra[row].Axis.Length
                && axis.AsSpan().SequenceEqual(spectra[row].Axis.AsSpan(from, axis.Length)))
            {
                spectra[row].Values.AsSpan(from, axis.Length).CopyTo(target);
                continue;
            }
            moved++;
            Interpolate(spectra[row], axis, target);
        }
        if (moved > 0)
            warnings.Add(new ReadingWarning("axis_interpolated", SeriesReading.Text(
                $"{moved} spectra were interpolated linearly on the axis values of the first.")));
        return (axis, new Matrix(spectra.Count, axis.Length, data));
    }

    private static void Interpolate(MeasuredSpectrum spectrum, double[] axis, Span<double> target)
    {
        var upper = Math.Min(1, spectrum.Axis.Length - 1);
        for (var index = 0; index < axis.Length; index++)
        {
            while (upper < spectrum.Axis.Length - 1 && spectrum.Axis[upper] < axis[index]) upper++;
            var lower = Math.Max(0, upper - 1);
            var width = spectrum.Axis[upper] - spectrum.Axis[lower];
            var share = width > 0 ? (axis[index] - spectrum.Axis[lower]) / width : 0;
            target[index] = spectrum.Values[lower] + share * (spectrum.Values[upper] - spectrum.Values[lower]);
        }
    }
}
