using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>Every value times <paramref name="Factor"/> plus <paramref name="Offset"/> (in the unit of the result).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Scale(double Factor = 1, double Offset = 0) : PreparationStep
{
    internal override void Check() =>
        Require.Parameter(double.IsFinite(Factor) && Factor != 0 && double.IsFinite(Offset), $"Factor {Factor} and offset {Offset} are no scale.");

    internal override Applied Apply(Working work, References references) => new(
        work.With(
            (_, from, to) =>
            {
                for (var c = 0; c < to.Length; c++) to[c] = Factor * from[c] + Offset;
            },
            work.Errors?.Scaled(Math.Abs(Factor))),
        this);
}

/// <summary>Takes the mean spectrum off every spectrum. Non-negativity constraints make no sense afterwards.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MeanCentre : PreparationStep
{
    internal override Applied Apply(Working work, References references)
    {
        var mean = work.Mean();
        return new Applied(work.With((_, from, to) => TensorPrimitives.Subtract(from, mean, to), work.Errors), this);
    }
}

/// <summary>What each spectrum is divided by.</summary>
[JsonConverter(typeof(KebabEnumConverter<SpectrumSize>))]
public enum SpectrumSize
{
    /// <summary>The area by the trapezoidal rule, in the unit of the axis.</summary>
    Area,

    /// <summary>The sum of its values.</summary>
    Sum,

    /// <summary>Its largest value.</summary>
    Max,

    /// <summary>The root of the sum of squares.</summary>
    Length,

    /// <summary>Its mean.</summary>
    Mean,
}

/// <summary>Divides each spectrum by its own size, found within the window (null: the whole axis). A size of zero or below is refused
/// (<c>size_not_positive</c>). The sizes are recorded.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NormaliseSpectra(SpectrumSize By = SpectrumSize.Area, double? Low = null, double? High = null) : PreparationStep
{
    internal override void Check() => Require.Window(Low, High);

    internal override Applied Apply(Working work, References references)
    {
        var window = work.Channels(Low, High, 2);
        var (first, count) = (window[0], window.Length);
        var sizes = new double[work.Spectra];
        work.ForEach((row, values) =>
        {
            sizes[row] = Size(work.Axis.AsSpan(first, count), values.Slice(first, count), By);
            Require.That(sizes[row] > 0, "size_not_positive", $"Spectrum {row} has the {By} {sizes[row]:g4} and cannot be divided by it.");
        });
        return new Applied(Divided(work, sizes), this)
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["size"] = sizes },
        };
    }

    internal static Working Divided(Working work, double[] sizes)
    {
        void Divide(int row, ReadOnlySpan<double> from, Span<double> to) => TensorPrimitives.Divide(from, sizes[row], to);
        return work.With(Divide, work.Errors is null ? null : work.Rewritten(work.Errors, work.Errors.Columns, Divide));
    }

    private static double Size(ReadOnlySpan<double> x, ReadOnlySpan<double> y, SpectrumSize by) => by switch
    {
        SpectrumSize.Area => Differences.Area(x, y),
        SpectrumSize.Sum => TensorPrimitives.Sum(y),
        SpectrumSize.Max => TensorPrimitives.Max(y),
        SpectrumSize.Length => TensorPrimitives.Norm(y),
        SpectrumSize.Mean => TensorPrimitives.Sum(y) / y.Length,
    };
}

/// <summary>What each channel is divided by.</summary>
[JsonConverter(typeof(KebabEnumConverter<ChannelSize>))]
public enum ChannelSize
{
    /// <summary>Its largest absolute value over the series.</summary>
    Max,

    /// <summary>Its standard deviation over the series (autoscaling, once the mean is off).</summary>
    Deviation,

    /// <summary>The root of the sum of squares.</summary>
    Length,
}

/// <summary>Divides each channel by its size over the series; channels without any are left as they are and warned of.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NormaliseChannels(ChannelSize By = ChannelSize.Max) : PreparationStep
{
    internal override Applied Apply(Working work, References references)
    {
        var sizes = Sizes(work);
        var empty = sizes.Count(size => !(size > 0));
        for (var c = 0; c < sizes.Length; c++)
            if (!(sizes[c] > 0)) sizes[c] = 1;
        void Divide(int row, ReadOnlySpan<double> from, Span<double> to) => TensorPrimitives.Divide(from, sizes, to);
        return new Applied(work.With(Divide, work.Errors is null ? null : work.Rewritten(work.Errors, work.Errors.Columns, Divide)), this)
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["size"] = sizes },
            Warnings = empty == 0 ? [] : [new("empty_channels", Require.Text($"{empty} channels have no size to divide by and were left."))],
        };
    }

    private double[] Sizes(Working work)
    {
        var sizes = new double[work.Axis.Length];
        if (By == ChannelSize.Max)
        {
            work.ForEach((_, values) =>
            {
                for (var c = 0; c < sizes.Length; c++) sizes[c] = Math.Max(sizes[c], Math.Abs(values[c]));
            });
            return sizes;
        }
        var centre = By == ChannelSize.Deviation ? work.Mean() : new double[sizes.Length];
        work.ForEach((_, values) =>
        {
            for (var c = 0; c < sizes.Length; c++) sizes[c] += (values[c] - centre[c]) * (values[c] - centre[c]);
        });
        var free = By == ChannelSize.Deviation ? Math.Max(1, work.Spectra - 1) : 1;
        return Array.ConvertAll(sizes, sum => Math.Sqrt(sum / free));
    }
}

/// <summary>Sets the standard deviation of each value to the root of its counts (at least one), as Poisson statistics have it. Values below zero are
/// refused (<c>not_counts</c>).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CountingErrors : PreparationStep
{
    internal override Applied Apply(Working work, References references)
    {
        work.CheckMemory(work.Spectra, work.Axis.Length, "standard deviations");
        var errors = work.Rewritten(work.Series.Data.ToMatrix(), work.Axis.Length, (row, from, to) =>
        {
            for (var c = 0; c < to.Length; c++)
            {
                if (!(from[c] >= 0))
                    throw Require.Refusal("not_counts", $"Spectrum {row}, channel {c} holds {from[c]}, which is no number of counts.");
                to[c] = Math.Sqrt(Math.Max(1, from[c]));
            }
        });
        return new Applied(work.WithErrors(errors), this);
    }
}

/// <summary>Small sums over spectra.</summary>
internal static class Spectrum
{
    /// <summary>The standard deviation with n - 1; zero for one value.</summary>
    public static double Deviation(ReadOnlySpan<double> values)
    {
        if (values.Length < 2) return 0;
        var mean = TensorPrimitives.Sum(values) / values.Length;
        var sum = 0.0;
        foreach (var value in values) sum += (value - mean) * (value - mean);
        return Math.Sqrt(sum / (values.Length - 1));
    }

    /// <summary>The one spectrum of a reference on the axis of the series: as it is where the axes agree, else interpolated within its
    /// range.</summary>
    public static double[] OnAxis(SpectralSeries reference, int row, Working work, string name)
    {
        double[] x = [.. reference.Axis.Values];
        if (x.AsSpan().SequenceEqual(work.Axis)) return reference.Data.Row(row).ToArray();
        var slack = 1e-6 * (Math.Abs(x[0]) + Math.Abs(x[^1]));
        Require.That(work.Axis[0] >= x[0] - slack && work.Axis[^1] <= x[^1] + slack, "reference_range",
            $"The reference '{name}' runs from {x[0]} to {x[^1]} and does not cover {work.Axis[0]} to {work.Axis[^1]}.");
        var y = reference.Data.Row(row).ToArray();
        return [.. work.Axis.Select(at => Differences.Interpolate(x, y, at))];
    }
}
