namespace Tutti.Reduction.Numerics;

/// <summary>What the iteration begins with: spectra S (k x m), from which C follows first.</summary>
public abstract record McrStart
{
    private McrStart()
    {
    }

    /// <summary>Given component spectra, k x m.</summary>
    public sealed record Spectra(Matrix S) : McrStart;

    /// <summary>Given concentrations, n x k; the first spectra are fitted to them.</summary>
    public sealed record Concentrations(Matrix C) : McrStart;

    /// <summary>Spectra of the data themselves, by their numbers.</summary>
    public sealed record OfSpectra(IReadOnlyList<int> Numbers) : McrStart;

    /// <summary>The concentrations are first taken to go as these channels of the data, by their numbers.</summary>
    public sealed record OfChannels(IReadOnlyList<int> Numbers) : McrStart;
}

/// <summary>How a half step is solved.</summary>
public enum Regressor
{
    /// <summary>Exact least squares under the sign conditions.</summary>
    NonNegativeLeastSquares,

    /// <summary>Ordinary least squares; what the sign conditions forbid is then set to zero, as the MATLAB program does. Not a least-squares answer
    /// and not sure to converge; for comparison.</summary>
    ZeroedLeastSquares,
}

/// <summary>A component that may have either sign although the others may not, in the given blocks (null: in all).</summary>
public sealed record SignFree(int Component, IReadOnlyList<int>? Blocks = null);

/// <summary>
/// Constraints and stop rules of <see cref="McrAls"/>. <see cref="Tolerance"/>: stop when |ln LOF_i - ln LOF_best| falls below it, LOF_best being
/// the best of the iterations before, which under exact least squares is the one before. <see cref="ExactIterations"/>: do exactly that many,
/// whatever happens. <see cref="DivergenceLimit"/>: stop after more than so many iterations in a row without a new best fit.
/// </summary>
public sealed record McrOptions
{
    public bool NonNegativeC { get; init; } = true;
    public bool NonNegativeS { get; init; } = true;

    /// <summary>Exceptions from <see cref="NonNegativeC"/>; blocks are those of the spectra.</summary>
    public IReadOnlyList<SignFree> SignFreeC { get; init; } = [];

    /// <summary>Exceptions from <see cref="NonNegativeS"/>; blocks are those of the channels.</summary>
    public IReadOnlyList<SignFree> SignFreeS { get; init; } = [];

    public Regressor Regressor { get; init; }

    /// <summary>Mass balance, the last operation on C.</summary>
    public Closure? Closure { get; init; }

    /// <summary>Further conditions on the concentration profiles, in this order.</summary>
    public IReadOnlyList<ProfileConstraint> OnC { get; init; } = [];

    /// <summary>Further conditions on the spectra, in this order.</summary>
    public IReadOnlyList<ProfileConstraint> OnS { get; init; } = [];

    /// <summary>Concentrations known beforehand; profiles have one value per spectrum.</summary>
    public IReadOnlyList<KnownProfile> KnownC { get; init; } = [];

    /// <summary>Spectra known beforehand; profiles have one value per channel.</summary>
    public IReadOnlyList<KnownProfile> KnownS { get; init; } = [];

    /// <summary>Numbers of spectra of the runs that lie below each other in D; null: one run.</summary>
    public IReadOnlyList<int>? RowBlocks { get; init; }

    /// <summary>Numbers of channels of the techniques that lie beside each other in D; null: one technique.</summary>
    public IReadOnlyList<int>? ColumnBlocks { get; init; }

    /// <summary>
    /// Work on the reproduction of D by so many principal components instead of D itself; null: on D. The lack of fit is told against both.
    /// </summary>
    public int? Compression { get; init; }

    /// <summary>Weight of the squared error of each spectrum (n values above zero); null: all one.</summary>
    public IReadOnlyList<double>? SpectrumWeights { get; init; }

    /// <summary>Weight of the squared error of each channel (m values above zero); null: all one.</summary>
    public IReadOnlyList<double>? ChannelWeights { get; init; }

    /// <summary>Weight of the squared error of each value (n x m, not below zero; zero: missing); null: all one. Excludes the other weights and
    /// <see cref="Compression"/>.</summary>
    public Matrix? Weights { get; init; }

    /// <summary>
    /// Each half step for C begins from spectra that are carried on in the direction of the last change, as far as that keeps improving the fit
    /// (extrapolation with restarts: Ang and Gillis, Neural Comput. 31, 2019, 417). Reaches the same minimum in a fraction of the iterations where
    /// plain alternation creeps; the history then is not that of plain alternation, and an iterate may be worse than the one before.
    /// </summary>
    public bool Accelerated { get; init; }

    public int MaxIterations { get; init; } = 500;
    public double Tolerance { get; init; } = 1e-5;
    public int? ExactIterations { get; init; }
    public int DivergenceLimit { get; init; } = 20;

    /// <summary>Threads to share the data rows; the result does not depend on it.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>Where an iteration stands.</summary>
public sealed record McrProgress(int Iteration, int MaxIterations, double LofPercent, double BestLofPercent);

/// <summary>Why the iteration ended.</summary>
public enum StopReason
{
    /// <summary>The lack of fit changed by less than the tolerance.</summary>
    Converged,

    /// <summary>The allowed number of iterations was used up before convergence.</summary>
    MaxIterations,

    /// <summary>The number of iterations that was asked for exactly.</summary>
    ExactIterations,

    /// <summary>The fit did not improve on its best for too long, or stopped being a number.</summary>
    Diverged,

    /// <summary>The model reproduces the data to rounding; there is nothing left to fit.</summary>
    PerfectFit,

    /// <summary>The problem was linear and solved at once: one of the two sides, or all but the scales, was given.</summary>
    Solved,
}

/// <summary>Wall-clock and processor seconds of one iteration; the processor time is that of the whole process.</summary>
public readonly record struct IterationTime(double WallSeconds, double CpuSeconds);

/// <summary>
/// Keeps the state of a resolution every so often, so that a killed one goes on from there to the same bytes. <paramref name="Saved"/> is what an
/// earlier run of the same data and options kept, or null; <paramref name="Save"/> is given the state at the end of an iteration, not more often than
/// <paramref name="Interval"/>, and when a fit that took as long has ended, so that what follows need not begin with it. <paramref name="Resumed"/> is told the iteration that a saved state was taken up after.
/// </summary>
public sealed record McrCheckpoints(byte[]? Saved, Action<byte[]> Save, TimeSpan Interval, Action<int>? Resumed = null);

/// <summary>
/// The best iterate found: D (n x m) = C S + E with C n x k and S k x m. <see cref="LofPercent"/> holds 100 |D - C S| / |D| after each iteration
/// (weighted, where there are weights); <see cref="BestIteration"/> (from 1) is the one C and S belong to. <see cref="VanishedComponents"/> became
/// zero on the way; <see cref="OpenSpectra"/> is the number of spectra that a closure could not close because their components were all zero.
/// </summary>
public sealed record McrResult(
    Matrix C, Matrix S, StopReason StopReason, int Iterations, int BestIteration, IReadOnlyList<double> LofPercent,
        IReadOnlyList<int> VanishedComponents,
    int OpenSpectra)
{
    /// <summary>Lack of fit of the returned iterate, percent.</summary>
    public double BestLofPercent => LofPercent[BestIteration - 1];

    /// <summary>Explained variance of the returned iterate, percent: 100 - LOF^2 / 100.</summary>
    public double R2Percent => 100 - BestLofPercent * BestLofPercent / 100;

    /// <summary>Under compression: lack of fit against the reproduction by principal components after each iteration, else null.</summary>
    public IReadOnlyList<double>? LofReproductionPercent { get; init; }

    /// <summary>What the constraints found in the returned iterate: rate constants, calibration lines, totals.</summary>
    public IReadOnlyList<ConstraintFinding> Findings { get; init; } = [];

    /// <summary>Time that each iteration took; those before a resumption are zero.</summary>
    public IReadOnlyList<IterationTime> IterationTimes { get; init; } = [];
}
