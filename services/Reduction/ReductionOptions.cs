using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction;

/// <summary>What the resolution begins with.</summary>
public enum StartMethod
{
    /// <summary>The purest spectra of the series.</summary>
    PurestSpectra,

    /// <summary>The purest channels as concentrations.</summary>
    PurestChannels,

    /// <summary>Spectra given by the user (<see cref="ReductionOptions.GivenSpectra"/>).</summary>
    GivenSpectra,
}

/// <summary>The part of the axis to be used, both ends included.</summary>
public sealed record AxisWindow(double Low, double High);

/// <summary>One reduction as a user asks for it; <see cref="Components"/> null leaves the number to the rank verdict. Given spectra must be on the
/// windowed axis.</summary>
public sealed record ReductionOptions
{
    public AxisWindow? Window { get; init; }
    public int? Components { get; init; }
    public StartMethod Start { get; init; } = StartMethod.PurestSpectra;
    public double StartNoisePercent { get; init; } = 5;

    [JsonIgnore]
    public Matrix? GivenSpectra { get; init; }

    public bool NonNegativeC { get; init; } = true;
    public bool NonNegativeS { get; init; } = true;
    public Closure? Closure { get; init; }
    public int MaxIterations { get; init; } = 500;
    public int? ExactIterations { get; init; }
    public double Tolerance { get; init; } = 1e-5;
    public int Threads { get; init; } = 1;
}

/// <summary>What a reduction is doing.</summary>
public enum ReductionPhase
{
    PrincipalComponents,
    Resolution,
    Finished,
}

/// <summary>Where a reduction stands; iteration and fit belong to the resolution.</summary>
public sealed record ReductionProgress(ReductionPhase Phase, int Iteration = 0, int MaxIterations = 0, double? LofPercent = null);
