using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>
/// What the unfolded spectrum of an alpha-iron foil at room temperature says of a drive with triangular velocity: folding point (channel, from 0) as
/// the mean of all twelve line positions, the channels of zero velocity in both halves, and mm/s per channel in both, by straight lines through the
/// positions over the known velocities 5.3123, 3.0760 and 0.8397 mm/s on either side of zero (the customary calibration of 57Fe, zero
/// being alpha-iron itself; J. Bland, thesis, Liverpool, section on calibration, has 5.312, 3.076 and 0.840).
/// Errors: those of <see cref="LorentzianLines"/>.
/// </summary>
public sealed record IronCalibration(
    double FoldingPoint, double FirstZero, double SecondZero, double FirstMmPerSecondPerChannel, double SecondMmPerSecondPerChannel,
    LorentzianLines Lines)
{
    /// <summary>Line positions of alpha-iron, in mm/s.</summary>
    public static IReadOnlyList<double> Velocities { get; } = [-5.3123, -3.0760, -0.8397, 0.8397, 3.0760, 5.3123];

    /// <summary>The scale of the folded spectrum: the mean of both halves.</summary>
    public double MmPerSecondPerChannel => 0.5 * (FirstMmPerSecondPerChannel + SecondMmPerSecondPerChannel);

    /// <summary>Zero velocity in the folded spectrum, in channels of the first half.</summary>
    public double FoldedZero => FoldingPoint - 0.5 * (SecondZero - FirstZero);

    /// <summary>Fits twelve Lorentzian lines to the counts of an unfolded spectrum.</summary>
    public static IronCalibration Of(ReadOnlySpan<double> counts)
    {
        var lines = LorentzianLines.Fit(counts, 12);
        double[] positions = [.. lines.Lines.Select(line => line.Position)];
        var (firstSlope, firstZero) = Line([.. Velocities], positions.AsSpan(0, 6));
        var (secondSlope, secondZero) = Line([.. Velocities], positions.AsSpan(6, 6));
        return new IronCalibration(positions.Average(), firstZero, secondZero, 1 / firstSlope, 1 / secondSlope, lines);
    }

    private static (double Slope, double Offset) Line(double[] x, ReadOnlySpan<double> y)
    {
        double meanX = x.Average(), meanY = 0, product = 0, square = 0;
        foreach (var value in y) meanY += value / y.Length;
        for (var i = 0; i < x.Length; i++)
        {
            product += (x[i] - meanX) * (y[i] - meanY);
            square += (x[i] - meanX) * (x[i] - meanX);
        }
        return (product / square, meanY - product / square * meanX);
    }
}

/// <summary>
/// Folds spectra whose velocity runs up and down: channel i and its mirror image at 2 p - i, linearly interpolated, become their mean (or their sum,
/// as counts). The folding point p (channels from 0, may be fractional) is given, or comes from the alpha-iron spectrum named by
/// <paramref name="Reference"/>, or is found as the best mirror symmetry of the summed series, near the middle. The folded spectrum begins at the
/// channel where both halves exist; errors are carried on.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Fold(double? Point = null, string? Reference = null, bool Sum = false) : PreparationStep
{
    internal override void Check() => Require.Parameter(Point is null or > 0, $"A folding point is a channel above zero, not {Point}.");

    internal override IReadOnlyList<string> Needs => Point is null && Reference is not null ? [Reference] : [];

    internal override Applied Apply(Working work, References references)
    {
        var channels = work.Axis.Length;
        var point = Point ?? (Reference is { } name ? IronCalibration.Of(references.Get(name).Data.Row(0)).FoldingPoint
            : Symmetry(work.Mean()));
        var first = Math.Max(0, (int)Math.Ceiling(2 * point - (channels - 1)));
        var last = (int)Math.Floor(point);
        Require.That(last - first >= 1 && last < channels, "folding_point",
            $"A folding point at {point} leaves nothing to fold in {channels} channels.");
        double[] axis = [.. Enumerable.Range(first, last - first + 1).Select(channel => (double)channel)];
        var share = Sum ? 1 : 0.5;
        var errors = work.Errors is null ? null : work.Rewritten(work.Errors, axis.Length, (_, from, to) =>
        {
            for (var c = 0; c < to.Length; c++)
            {
                var (at, part) = Mirror(first + c, from.Length);
                var (near, far) = ((1 - part) * from[at], part == 0 ? 0 : part * from[at + 1]);
                to[c] = share * Math.Sqrt(from[first + c] * from[first + c] + near * near + far * far);
            }
        });
        return new Applied(
            work.With(new SpectralAxis("channel", null, axis), (_, from, to) =>
            {
                for (var c = 0; c < to.Length; c++)
                {
                    var (at, part) = Mirror(first + c, from.Length);
                    to[c] = share * (from[first + c] + (part == 0 ? from[at] : (1 - part) * from[at] + part * from[at + 1]));
                }
            }, errors),
            this with { Point = point })
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["folding_point"] = [point] },
        };

        (int At, double Part) Mirror(int channel, int count)
        {
            var at = 2 * point - channel;
            var below = Math.Min((int)Math.Floor(at), count - 1);
            return (below, below == count - 1 ? 0 : at - below);
        }
    }

    /// <summary>The p in the middle fifth that makes y(i) and y(2 p - i) correlate best: whole sums 2 p first, then a parabola.</summary>
    internal static double Symmetry(ReadOnlySpan<double> y)
    {
        var n = y.Length;
        Require.That(n >= 20, "too_few_points", $"A spectrum of {n} channels is too short to find a folding point.");
        var (low, high) = ((int)(0.8 * (n - 1)), (int)(1.2 * (n - 1)));
        var likeness = new double[high - low + 1];
        for (var sum = low; sum <= high; sum++) likeness[sum - low] = Correlation(y, sum);
        var best = Array.IndexOf(likeness, likeness.Max());
        Require.That(best > 0 && best < likeness.Length - 1 && likeness[best] > 0, "folding_point",
            $"No mirror symmetry was found around the middle of the spectrum: give the folding point.");
        return 0.5 * Differences.Vertex(
            low + best - 1, likeness[best - 1], low + best, likeness[best], low + best + 1, likeness[best + 1]);
    }

    private static double Correlation(ReadOnlySpan<double> y, int sum)
    {
        var (first, last) = (Math.Max(0, sum - (y.Length - 1)), sum / 2);
        double meanA = 0, meanB = 0;
        for (var i = first; i <= last; i++) (meanA, meanB) = (meanA + y[i], meanB + y[sum - i]);
        var count = last - first + 1;
        (meanA, meanB) = (meanA / count, meanB / count);
        double both = 0, a = 0, b = 0;
        for (var i = first; i <= last; i++)
        {
            both += (y[i] - meanA) * (y[sum - i] - meanB);
            a += (y[i] - meanA) * (y[i] - meanA);
            b += (y[sum - i] - meanB) * (y[sum - i] - meanB);
        }
        return a > 0 && b > 0 ? both / Math.Sqrt(a * b) : 0;
    }
}

/// <summary>
/// Turns the channels of folded spectra into velocity (mm/s): v = (channel - zero) x scale, from the unfolded alpha-iron spectrum named by
/// <paramref name="Reference"/> or as given. A sextet is symmetric, so it does not tell the sign: <paramref name="FirstHalfRising"/> says whether
/// the velocity rises with the channel in the first half, and unless it is given that is assumed and warned of.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CalibrateVelocity(
    string Reference = "iron", double? ZeroChannel = null, double? MmPerSecondPerChannel = null, bool? FirstHalfRising = null) : PreparationStep
{
    internal override void Check()
    {
        Require.Parameter(MmPerSecondPerChannel is null or > 0, $"The scale is above zero, not {MmPerSecondPerChannel}.");
        Require.Parameter(ZeroChannel is null == MmPerSecondPerChannel is null, $"Zero channel and scale are given both or not at all.");
    }

    internal override IReadOnlyList<string> Needs => ZeroChannel is null || MmPerSecondPerChannel is null ? [Reference] : [];

    internal override Applied Apply(Working work, References references)
    {
        var found = new Dictionary<string, IReadOnlyList<double>>();
        var (zero, scale) = (ZeroChannel ?? 0, MmPerSecondPerChannel ?? 0);
        if (ZeroChannel is null || MmPerSecondPerChannel is null)
        {
            var iron = IronCalibration.Of(references.Get(Reference).Data.Row(0));
            (zero, scale) = (iron.FoldedZero, iron.MmPerSecondPerChannel);
            found["folding_point"] = [iron.FoldingPoint];
            found["zero_channels"] = [iron.FirstZero, iron.SecondZero];
            found["mm_per_second_per_channel"] = [iron.FirstMmPerSecondPerChannel, iron.SecondMmPerSecondPerChannel];
            found["line_positions"] = [.. iron.Lines.Lines.Select(line => line.Position)];
        }
        var rising = FirstHalfRising ?? true;
        var channels = work.Axis.Length;
        double[] axis = [.. work.Axis.Select(channel => (rising ? 1 : -1) * (channel - zero) * scale)];
        if (!rising) Array.Reverse(axis);
        var errors = work.Errors is null ? null : work.Rewritten(work.Errors, channels, Turn);
        return new Applied(
            work.With(new SpectralAxis("velocity", "mm/s", axis), Turn, errors),
            this with { ZeroChannel = zero, MmPerSecondPerChannel = scale, FirstHalfRising = rising })
        {
            Found = found,
            Warnings = FirstHalfRising is not null ? [] : [new("velocity_sign_assumed",
                "A sextet does not tell the sign of the velocity: it is taken to rise in the first half.")],
        };

        void Turn(int spectrum, ReadOnlySpan<double> from, Span<double> to)
        {
            from.CopyTo(to);
            if (!rising) to.Reverse();
        }
    }
}

/// <summary>
/// Resonant absorption 1 - counts / baseline, with the baseline of each spectrum as a percentile of its counts (95 by default, above most of the
/// noise of the flat part); <paramref name="NegativeToZero"/> cuts what is then left below zero. Baselines are recorded.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ResonantAbsorption(double BaselinePercentile = 95, bool NegativeToZero = true, IReadOnlyList<double>? Baselines = null)
    : PreparationStep
{
    internal override void Check() =>
        Require.Parameter(BaselinePercentile is >= 0 and <= 100, $"A percentile lies between 0 and 100, not at {BaselinePercentile}.");

    internal override Applied Apply(Working work, References references)
    {
        if (Baselines is not null) Require.OnePerSpectrum(Baselines, work, "the baseline");
        double[] baselines = Baselines is not null ? [.. Baselines]
            : [.. Enumerable.Range(0, work.Spectra).Select(row => Robust.Percentile(work.Series.Data.Row(row), BaselinePercentile))];
        for (var row = 0; row < baselines.Length; row++)
            Require.That(baselines[row] > 0, "not_counts", $"Spectrum {row} has the baseline {baselines[row]:g4}; counts lie above zero.");
        var errors = work.Errors is null ? null : work.Rewritten(work.Errors, work.Axis.Length, (row, from, to) =>
        {
            for (var c = 0; c < to.Length; c++) to[c] = from[c] / baselines[row];
        });
        return new Applied(
            work.With((row, from, to) =>
            {
                for (var c = 0; c < to.Length; c++)
                {
                    to[c] = 1 - from[c] / baselines[row];
                    if (NegativeToZero && to[c] < 0) to[c] = 0;
                }
            }, errors),
            this with { Baselines = baselines })
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["baseline"] = baselines },
        };
    }
}
