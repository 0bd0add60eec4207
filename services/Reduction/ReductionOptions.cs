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

/// <summary>How the series becomes components.</summary>
public enum ReductionMethod
{
    /// <summary>Curve resolution by alternating least squares: spectra and concentrations are both sought.</summary>
    CurveResolution,

    /// <summary>Linear combination fitting: the spectra are references, their fractions are sought.</summary>
    LinearCombination,

    /// <summary>Spectra and concentrations are both given; one factor per component is sought that brings their product nearest to the data.</summary>
    GivenProfiles,
}

/// <summary>What values that are no numbers mean in the files of a series.</summary>
public enum MissingValues
{
    /// <summary>The files are refused.</summary>
    Refused,

    /// <summary>NaN stands for a value that was not measured; it has no weight.</summary>
    NaN,
}

/// <summary>
/// Known spectra (k x m). <see cref="Axis"/>: their own, from which they are interpolated onto that of the series by cubic splines, and which
/// must reach as far; null: they are on the axis of the series. <see cref="Names"/>: one each.
/// </summary>
public sealed record ReferenceSpectra
{
    public required Matrix Spectra { get; init; }

    public IReadOnlyList<double>? Axis { get; init; }
    public IReadOnlyList<string>? Names { get; init; }
}

/// <summary>
/// How the series is fitted by references (<see cref="ReductionMethod.LinearCombination"/>). Fractions are not negative where
/// <see cref="ReductionOptions.NonNegativeC"/> says so, and sum to one with the closure of one. <see cref="Background"/>, <see cref="MostShift"/>,
/// <see cref="SumWeight"/> and <see cref="NoiseLevel"/> are those of <see cref="LinearCombinationOptions"/>. <see cref="Rank"/>: of every spectrum all
/// combinations of up to so many references are tried and the best are told; null: none.
/// </summary>
public sealed record CombinationModel
{
    public IReadOnlyList<ReferenceSpectra> References { get; init; } = [];
    public FitBackground Background { get; init; }
    public double MostShift { get; init; }
    public double SumWeight { get; init; }
    public double? NoiseLevel { get; init; }
    public int? Rank { get; init; }
}

/// <summary>The part of the axis to be used, both ends included.</summary>
public sealed record AxisWindow(double Low, double High);

/// <summary>One reduction as a user asks for it; <see cref="Components"/> null leaves the number to the rank verdict. Given spectra must be on the
/// windowed axis.</summary>
public sealed record ReductionOptions
{
    /// <summary>Given numbers above this many are used and not written down again with the options.</summary>
    public const int MostRecorded = 200_000;

    /// <summary>What is sought; what the others hold for alone is refused with it.</summary>
    public ReductionMethod Method { get; init; }

    public AxisWindow? Window { get; init; }
    public int? Components { get; init; }
    public StartMethod Start { get; init; } = StartMethod.PurestSpectra;
    public double StartNoisePercent { get; init; } = 5;

    /// <summary>Spectra whose mean is below this part of the largest mean are not taken as pure, such as the empty pixels of a map.</summary>
    public double StartFloor { get; init; }

    /// <summary>Spectra to start with, or those of <see cref="ReductionMethod.GivenProfiles"/>: k x m.</summary>
    public Matrix? GivenSpectra { get; init; }

    /// <summary>Concentrations to start with, or those of <see cref="ReductionMethod.GivenProfiles"/>: n x k.</summary>
    public Matrix? GivenConcentrations { get; init; }

    /// <summary>Of given profiles: the number of the spectrum (from 0) that belongs to each column of the concentrations; null: in their order.</summary>
    public IReadOnlyList<int>? Pairs { get; init; }

    /// <summary>References and how to fit by them.</summary>
    public CombinationModel? Combination { get; init; }

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

    /// <summary>Weights of squared errors: n x m for every value (zero: it does not count), n x 1 for spectra, 1 x m for channels; the channels are
    /// those of the series or of its window.</summary>
    public Matrix? Weights { get; init; }

    /// <summary>Whether NaN in the files is a value that is missing.</summary>
    public MissingValues Missing { get; init; }

    /// <summary>How the uncertainty of the profiles is found; null: it is not looked for.</summary>
    public ResamplingOptions? Resampling { get; init; }

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

    /// <summary>The options as they are written down: without given numbers that are too many.</summary>
    public ReductionOptions Recorded() => this with
    {
        GivenSpectra = Few(GivenSpectra), GivenConcentrations = Few(GivenConcentrations), Weights = Few(Weights),
        Combination = Combination is { } model && model.References.Any(set => Few(set.Spectra) is null) ? model with { References = [] } : Combination,
    };

    private static Matrix? Few(Matrix? given) => given?.Values.Length > MostRecorded ? null : given;
}

/// <summary>What a reduction is doing.</summary>
public enum ReductionPhase
{
    PrincipalComponents,
    Resolution,
    Bands,
    Resampling,
    Finished,
}

/// <summary>Where a reduction stands; iteration and fit belong to the resolution.</summary>
public sealed record ReductionProgress(ReductionPhase Phase, int Iteration = 0, int MaxIterations = 0, double? LofPercent = null);
