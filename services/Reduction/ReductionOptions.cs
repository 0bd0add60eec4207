using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction;

/// <summary>What the resolution begins with.</summary>
public enum StartMethod
{
    /// <summary>The purest spectra of the series (SIMPLISMA).</summary>
    PurestSpectra,

    /// <summary>The purest channels as concentrations (SIMPLISMA).</summary>
    PurestChannels,

    /// <summary>Concentration windows of evolving factor analysis.</summary>
    EvolvingFactors,

    /// <summary>Mean spectra of clusters (k-means).</summary>
    Clusters,

    /// <summary>The singular value decomposition made non-negative (NNDSVD).</summary>
    NonNegativeDecomposition,

    /// <summary>Spectra given by the user (<see cref="ReductionOptions.GivenSpectra"/>).</summary>
    GivenSpectra,

    /// <summary>Concentrations given by the user (<see cref="ReductionOptions.GivenConcentrations"/>).</summary>
    GivenConcentrations,
}

/// <summary>What is known of the noise.</summary>
public enum NoiseModel
{
    /// <summary>The same everywhere.</summary>
    Even,

    /// <summary>Counts: the variance is the mean.</summary>
    Poisson,
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

    /// <summary>Spectra whose mean is below this part of the largest mean are not taken as pure, such as the empty pixels of a map.</summary>
    public double StartFloor { get; init; }

    [JsonIgnore]
    public Matrix? GivenSpectra { get; init; }

    [JsonIgnore]
    public Matrix? GivenConcentrations { get; init; }

    /// <summary>Whether the mean spectrum is taken off before the principal components; the resolution works on the data as they are.</summary>
    public bool Centred { get; init; }

    public bool NonNegativeC { get; init; } = true;
    public bool NonNegativeS { get; init; } = true;
    public IReadOnlyList<SignFree> SignFreeC { get; init; } = [];
    public IReadOnlyList<SignFree> SignFreeS { get; init; } = [];
    public Regressor Regressor { get; init; }
    public Closure? Closure { get; init; }
    public IReadOnlyList<ProfileConstraint> OnC { get; init; } = [];
    public IReadOnlyList<ProfileConstraint> OnS { get; init; } = [];
    public IReadOnlyList<KnownProfile> KnownC { get; init; } = [];
    public IReadOnlyList<KnownProfile> KnownS { get; init; } = [];

    /// <summary>Numbers of spectra of the runs that follow each other in the series; null: one run.</summary>
    public IReadOnlyList<int>? RowBlocks { get; init; }

    /// <summary>Numbers of channels of the techniques that lie beside each other; null: one technique.</summary>
    public IReadOnlyList<int>? ColumnBlocks { get; init; }

    public NoiseModel Noise { get; init; }

    /// <summary>Principal components that the resolution works on instead of the data; null: on the data.</summary>
    public int? Compression { get; init; }

    /// <summary>Whether the iteration is carried on in the direction of its last improvement: the same minimum in fewer iterations.</summary>
    public bool Accelerated { get; init; }

    /// <summary>Whether the bands of rotational ambiguity are looked for; takes as long as many resolutions.</summary>
    public bool Bands { get; init; }

    public int MaxIterations { get; init; } = 500;
    public int? ExactIterations { get; init; }
    public double Tolerance { get; init; } = 1e-5;
    public int DivergenceLimit { get; init; } = 20;
    public int Threads { get; init; } = 1;
}

/// <summary>What a reduction is doing.</summary>
public enum ReductionPhase
{
    PrincipalComponents,
    Resolution,
    Bands,
    Finished,
}

/// <summary>Where a reduction stands; iteration and fit belong to the resolution.</summary>
public sealed record ReductionProgress(ReductionPhase Phase, int Iteration = 0, int MaxIterations = 0, double? LofPercent = null);
