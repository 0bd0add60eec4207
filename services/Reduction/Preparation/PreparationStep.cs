using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>
/// One step between the raw series and the matrix that is resolved. In JSON the member <c>step</c> tells which; what is left out has its default;
/// what a step found by itself (an edge energy, a folding point) stands in the recorded step as a given value, so that a record replays to the same
/// bits. A bad parameter is refused with <c>step_parameter</c>, a missing second input with <c>reference_missing</c>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(Cut), "cut")]
[JsonDerivedType(typeof(Scale), "scale")]
[JsonDerivedType(typeof(CropSpectra), "crop-spectra")]
[JsonDerivedType(typeof(DropSpectra), "drop-spectra")]
[JsonDerivedType(typeof(AverageNeighbours), "average-neighbours")]
[JsonDerivedType(typeof(MergeSpectra), "merge-spectra")]
[JsonDerivedType(typeof(MeanCentre), "mean-centre")]
[JsonDerivedType(typeof(NormaliseSpectra), "normalise-spectra")]
[JsonDerivedType(typeof(NormaliseChannels), "normalise-channels")]
[JsonDerivedType(typeof(Rebin), "rebin")]
[JsonDerivedType(typeof(CountingErrors), "counting-errors")]
[JsonDerivedType(typeof(ShiftAxis), "shift-axis")]
[JsonDerivedType(typeof(AlignToFoil), "align-to-foil")]
[JsonDerivedType(typeof(FindEdge), "find-edge")]
[JsonDerivedType(typeof(NormaliseEdge), "normalise-edge")]
[JsonDerivedType(typeof(Deglitch), "deglitch")]
[JsonDerivedType(typeof(RebinEdge), "rebin-edge")]
[JsonDerivedType(typeof(CheckSelfAbsorption), "check-self-absorption")]
[JsonDerivedType(typeof(ExtractChi), "extract-chi")]
[JsonDerivedType(typeof(Fold), "fold")]
[JsonDerivedType(typeof(CalibrateVelocity), "calibrate-velocity")]
[JsonDerivedType(typeof(ResonantAbsorption), "resonant-absorption")]
[JsonDerivedType(typeof(SnipBackground), "snip-background")]
[JsonDerivedType(typeof(AsymmetricBaseline), "asymmetric-baseline")]
[JsonDerivedType(typeof(ReweightedBaseline), "reweighted-baseline")]
[JsonDerivedType(typeof(PolynomialBaseline), "polynomial-baseline")]
[JsonDerivedType(typeof(MomentumTransfer), "momentum-transfer")]
[JsonDerivedType(typeof(StandardNormalVariate), "standard-normal-variate")]
[JsonDerivedType(typeof(ScatterCorrection), "scatter-correction")]
[JsonDerivedType(typeof(SmoothSpectra), "smooth-spectra")]
[JsonDerivedType(typeof(TransmittanceToAbsorbance), "transmittance-to-absorbance")]
[JsonDerivedType(typeof(OpticalDensity), "optical-density")]
[JsonDerivedType(typeof(AlignImages), "align-images")]
[JsonDerivedType(typeof(MaskPixels), "mask-pixels")]
[JsonDerivedType(typeof(NormaliseByMonitor), "normalise-by-monitor")]
[JsonDerivedType(typeof(CorrectTransmission), "correct-transmission")]
[JsonDerivedType(typeof(SubtractBackground), "subtract-background")]
[JsonDerivedType(typeof(ElectrochemistryClock), "electrochemistry-clock")]
public abstract record PreparationStep
{
    private static readonly FrozenDictionary<Type, string> Names = typeof(PreparationStep).GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToFrozenDictionary(known => known.DerivedType, known => $"{known.TypeDiscriminator}");

    /// <summary>The word that stands for the step in recipes and records.</summary>
    [JsonIgnore]
    public string Name => Names[GetType()];

    /// <summary>Refuses parameters that make no sense whatever the data.</summary>
    internal virtual void Check()
    {
    }

    /// <summary>The names of the second inputs without which the step cannot be done.</summary>
    [JsonIgnore]
    internal virtual IReadOnlyList<string> Needs => [];

    internal abstract Applied Apply(Working work, References references);
}

/// <summary>What a step made of the series, the step with all found values in their places, and what the owner should know.</summary>
internal sealed record Applied(Working Work, PreparationStep Used)
{
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Found { get; init; } = FrozenDictionary<string, IReadOnlyList<double>>.Empty;
    public IReadOnlyList<ReadingWarning> Warnings { get; init; } = [];
}

/// <summary>The second inputs that steps name, and which of them were used.</summary>
internal sealed class References(IReadOnlyDictionary<string, SpectralSeries> given, CancellationToken cancellation)
{
    private readonly SortedDictionary<string, string> used = new(StringComparer.Ordinal);

    /// <summary>Name and hash of the inputs used.</summary>
    public IReadOnlyDictionary<string, string> Used => used;

    public SpectralSeries Get(string? name)
    {
        if (name is null || !given.TryGetValue(name, out var series))
        {
            var known = given.Count == 0 ? "none was given" : $"given were: {string.Join(", ", given.Keys.Order(StringComparer.Ordinal))}";
            throw new NumericsException("reference_missing", $"The step needs the second input '{name}', and {known}.");
        }
        used[name] = SeriesHash.Of(series, cancellation);
        return series;
    }
}
