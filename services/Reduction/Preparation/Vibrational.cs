using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Preparation;

/// <summary>Gives each spectrum the mean 0 and the standard deviation (n - 1) 1 (Barnes, Dhanoa, Lister, Appl. Spectrosc. 43, 1989, 772). A flat
/// spectrum is refused (<c>flat_spectrum</c>).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StandardNormalVariate : PreparationStep
{
    internal override Applied Apply(Working work, References references) => new(
        work.With((row, from, to) =>
        {
            var mean = TensorPrimitives.Sum(from) / from.Length;
            var deviation = Spectrum.Deviation(from);
            Require.That(deviation > 1e-14 * Math.Abs(mean), "flat_spectrum", $"Spectrum {row} is flat: it has no standard deviation to divide by.");
            for (var c = 0; c < to.Length; c++) to[c] = (from[c] - mean) / deviation;
        }),
        this);
}

/// <summary>
/// Multiplicative scatter correction: each spectrum is fitted as offset + gain x target and turned back, (spectrum - offset) / gain (Geladi,
/// MacDougall, Martens, Appl. Spectrosc. 39, 1985, 491). The target is the reference spectrum, or the mean of the series. Errors:
/// <c>flat_spectrum</c>.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ScatterCorrection(string? Reference = null) : PreparationStep
{
    internal override IReadOnlyList<string> Needs => Reference is null ? [] : [Reference];

    internal override Applied Apply(Working work, References references)
    {
        var target = Reference is { } name ? Spectrum.OnAxis(references.Get(name), 0, work, name) : work.Mean();
        var mean = target.Average();
        var square = target.Sum(value => (value - mean) * (value - mean));
        Require.That(square > 0, "flat_spectrum", $"The target of the scatter correction is flat.");
        double[] gains = new double[work.Spectra], offsets = new double[work.Spectra];
        var corrected = work.With((row, from, to) =>
        {
            var product = 0.0;
            for (var c = 0; c < target.Length; c++) product += from[c] * (target[c] - mean);
            gains[row] = product / square;
            offsets[row] = TensorPrimitives.Sum(from) / from.Length - gains[row] * mean;
            Require.That(gains[row] != 0, "flat_spectrum", $"Spectrum {row} has nothing of the target in it.");
            for (var c = 0; c < to.Length; c++) to[c] = (from[c] - offsets[row]) / gains[row];
        });
        return new Applied(corrected, this)
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["gain"] = gains, ["offset"] = offsets },
        };
    }
}

/// <summary>Smooths by <see cref="SavitzkyGolay"/> with <paramref name="Window"/> points (odd) and polynomials of <paramref name="Degree"/>, or takes
/// a <paramref name="Derivative"/> by the axis. It makes the noise of neighbouring channels alike, which misleads the tests of rank: warned of
/// (<c>noise_correlated</c>).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SmoothSpectra(int Window = 9, int Degree = 2, int Derivative = 0) : PreparationStep
{
    internal override void Check() => Require.Parameter(
        Window is >= 1 and <= 1001 && Window % 2 == 1 && Degree >= 0 && Degree <= Math.Min(9, Window - 1) && Derivative >= 0 && Derivative <= Degree,
        $"Window {Window} (odd), degree {Degree} (below it, at most 9) and derivative {Derivative} (at most the degree) do not fit.");

    internal override Applied Apply(Working work, References references)
    {
        var filter = new SavitzkyGolay(work.Axis, Window, Degree, Derivative);
        return new Applied(work.With((_, from, to) => filter.Apply(from, to)), this)
        {
            Warnings = Window == 1 ? [] : [new("noise_correlated",
                Require.Text($"Smoothing over {Window} channels makes their noise alike: tests of rank, which take it for white, find too many components."))],
        };
    }
}

/// <summary>Absorbance A = -log10(T) from transmittance, given as a part of one or in <paramref name="Percent"/>. Values at or below zero are
/// raised to <paramref name="Floor"/> (a part of one) and warned of, or refused where that is null (<c>not_positive</c>).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TransmittanceToAbsorbance(bool Percent = false, double? Floor = null) : PreparationStep
{
    internal override void Check() => Require.Parameter(Floor is null or > 0, $"The floor is above zero, not {Floor}.");

    internal override Applied Apply(Working work, References references)
    {
        var raised = 0L;
        var absorbance = work.With((row, from, to) =>
        {
            for (var c = 0; c < to.Length; c++)
            {
                var part = Percent ? from[c] / 100 : from[c];
                if (Floor is { } floor && part < floor) (part, raised) = (floor, raised + 1);
                if (!(part > 0))
                    throw Require.Refusal("not_positive", $"Spectrum {row}, channel {c} holds {from[c]}: absorbance needs transmittance above zero.");
                to[c] = -Math.Log10(part);
            }
        });
        return new Applied(absorbance, this)
        {
            Warnings = raised == 0 ? [] : [new("values_raised", Require.Text($"{raised} values lay below the floor {Floor} and were raised to it."))],
        };
    }
}
