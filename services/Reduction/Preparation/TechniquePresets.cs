using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Preparation;

/// <summary>The steps that a series of a technique usually begins with: a place to start from, every value of which can be changed.
/// None of them smooths: that makes the noise of neighbouring channels alike, and the tests of rank then take noise for components. Absorbance of
/// solutions (uv-vis) needs no step.</summary>
public static class TechniquePresets
{
    /// <summary>The techniques that have a preset.</summary>
    public static IReadOnlyList<string> Techniques { get; } = ["xas", "moessbauer", "xrd", "ftir", "raman", "uv-vis", "stxm", "neutron", "saxs"];

    /// <summary>The default steps of a technique. Those that need a second input name it: <c>iron</c> (unfolded alpha-iron spectrum, moessbauer),
    /// <c>i0</c> (stxm), <c>monitor</c> and <c>background</c> (neutron, saxs). Errors: <c>unknown_technique</c>.</summary>
    public static IReadOnlyList<PreparationStep> For(string technique) => technique switch
    {
        "xas" => [new FindEdge(), new NormaliseEdge()],
        "moessbauer" => [new Fold(Reference: "iron"), new CalibrateVelocity(), new ResonantAbsorption()],
        "xrd" => [new SnipBackground(), new NormaliseSpectra(SpectrumSize.Area)],
        "ftir" => [new AsymmetricBaseline(), new NormaliseSpectra(SpectrumSize.Length)],
        "raman" => [new Deglitch(Threshold: 12), new ReweightedBaseline(), new NormaliseSpectra(SpectrumSize.Area)],
        "uv-vis" => [],
        "stxm" => [new OpticalDensity(Reference: "i0")],
        "neutron" => [new CountingErrors(), new NormaliseByMonitor(Reference: "monitor")],
        "saxs" => [new NormaliseByMonitor(Reference: "monitor"), new SubtractBackground()],
        _ => throw new NumericsException("unknown_technique", $"There is no preset for '{technique}': {string.Join(", ", Techniques)} have one."),
    };
}
