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

    /// <summary>The purest spectra of the data themselves.</summary>
    public sealed record PurestSpectra(int Components, double NoisePercent = 5) : McrStart;

    /// <summary>The concentrations are first taken to go as the purest channels.</summary>
    public sealed record PurestChannels(int Components, double NoisePercent = 10) : McrStart;
}

/// <summary>
/// Constraints and stop rules of <see cref="McrAls"/>. <see cref="Tolerance"/>: stop when |ln LOF_i - ln LOF_(i-1)| falls below it.
/// <see cref="ExactIterations"/>: do exactly that many, whatever happens. <see cref="DivergenceLimit"/>: stop after more than so many iterations in
/// a row without a new best fit.
/// </summary>
public sealed record McrOptions
{
    public bool NonNegativeC { get; init; } = true;
    public bool NonNegativeS { get; init; } = true;
    public Closure? Closure { get; init; }
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
}

/// <summary>
/// The best iterate found: D (n x m) = C S + E with C n x k and S k x m. <see cref="LofPercent"/> holds 100 |D - C S| / |D| after each iteration;
/// <see cref="BestIteration"/> (from 1) is the one C and S belong to. <see cref="VanishedComponents"/> became zero on the way;
/// <see cref="OpenSpectra"/> is the number of spectra that a closure could not close because their components were all zero.
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
}
