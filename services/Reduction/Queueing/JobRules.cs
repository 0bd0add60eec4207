using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Queueing;

/// <summary>What a reduction that somebody asks for must keep to; everything that is wrong is told at once, before anybody waits for it.</summary>
internal sealed class JobRules
{
    private const int MostComponents = NonNegativeLeastSquares.MaxComponents, MostIterations = 100_000, MostConstraints = 100, MostBlocks = 1000, MostNumbers = ReductionOptions.MostRecorded, MostReplicates = 1000;

    // Bands are looked for among so many components.
    private const int MostInBands = 12;

    // A result file is put together in one piece of memory.
    private const long LargestFile = (2L << 30) - (128L << 20);

    private readonly List<Problem> problems = [];
    private readonly ReductionOptions options;
    private readonly DataSet? set;
    private readonly IReadOnlyList<PreparationStep> steps;
    private readonly int most;

    private JobRules(ReductionOptions options, DataSet? set, IReadOnlyList<PreparationStep> steps)
    {
        (this.options, this.set, this.steps) = (options, set, steps);
        most = set is null || steps.Count > 0 ? MostComponents : Math.Min(MostComponents, Math.Min(set.Spectra, set.Channels));
    }

    /// <summary>What is wrong with options and preparation; for a recipe without a data set, whatever data it will meet.</summary>
    public static List<Problem> Check(
        ReductionOptions options, IReadOnlyList<PreparationStep> steps, DataSet? set, ReductionLimits limits, IReadOnlyList<DataSet>? references = null)
    {
        var rules = new JobRules(options, set, steps);
        rules.CheckNumbers(limits);
        rules.CheckTogether();
        rules.CheckConstraints();
        if (set is not null) rules.CheckSizes(set, limits, references ?? []);
        return rules.problems;
    }

    // Preparation may change how many there are.
    private int? Spectra => steps.Count == 0 ? set?.Spectra : null;
    private int? Channels => steps.Count == 0 && options.Window is null ? set?.Channels : null;

    private void Rule(bool kept, string path, string code, string message)
    {
        if (!kept) problems.Add(new("options." + path, code, message));
    }

    private void CheckNumbers(ReductionLimits limits)
    {
        if (options.Window is { } window)
        {
            Rule(double.IsFinite(window.Low) && double.IsFinite(window.High) && window.Low < window.High, "window", "window.order", "A window has a lower and a higher end.");
            if (set is not null && steps.Count == 0)
                Rule(!(window.High < set.AxisFrom) && !(window.Low > set.AxisTo), "window", "window.outside", $"The axis runs from {set.AxisFrom:R} to {set.AxisTo:R}.");
        }
        Rule(options.Components is not { } components || (components >= 1 && components <= most), "components", "components.range", $"1 to {most} components can be asked for.");
        Rule(options.Start != StartMethod.GivenSpectra || options.GivenSpectra is not null, "givenSpectra", "start.given", "A start from given spectra needs them.");
        Rule(options.Start != StartMethod.GivenConcentrations || options.GivenConcentrations is not null, "givenConcentrations", "start.given", "A start from given concentrations needs them.");
        Rule(options.Method != ReductionMethod.LinearCombination || options.Combination is { References.Count: > 0 }, "combination", "references.missing", "A fit by references needs reference spectra.");
        Rule(options.Combination?.Rank is null or (>= 1 and <= MostComponents), "combination.rank", "references.rank", $"Combinations of 1 to {MostComponents} references can be ranked.");
        Rule(options.Resampling is not { } sampling || (sampling.Replicates is >= 2 and <= MostReplicates && sampling.Iterations is >= 1 and <= 100), "resampling", "resampling.range",
            $"2 to {MostReplicates} replicates of 1 to 100 iterations can be asked for.");
        Rule(options.Missing == MissingValues.Refused, "missing", "missing.not-offered", "A data set has no missing values: they were refused when it was registered. Give weights of zero instead.");
        Rule(options.StartNoisePercent is >= 0 and <= 100, "startNoisePercent", "start.noise", "The noise is 0 to 100 percent.");
        Rule(options.StartFloor is >= 0 and < 1, "startFloor", "start.floor", "The floor is a part of the largest mean, from 0 to below 1.");
        Rule(options.Compression is null or (>= 1 and <= 500), "compression", "compression.range", "1 to 500 principal components can be worked on.");
        Rule(options.DivergenceLimit is >= 1 and <= MostIterations, "divergenceLimit", "iterations.range", $"1 to {MostIterations} iterations can be asked for.");
        var constraints = options.OnC.Count + options.OnS.Count + options.KnownC.Count + options.KnownS.Count + options.SignFreeC.Count + options.SignFreeS.Count;
        Rule(constraints <= MostConstraints, "onC", "constraints.count", $"At most {MostConstraints} constraints can be asked for.");
        Rule((options.RowBlocks?.Count ?? 0) <= MostBlocks && (options.ColumnBlocks?.Count ?? 0) <= MostBlocks, "rowBlocks", "blocks.count", $"At most {MostBlocks} blocks can be told apart.");
        Rule(Numbers(options) <= MostNumbers, "knownC", "constraints.length", $"At most {MostNumbers} numbers can be sent with constraints, given profiles, weights and references.");
        Rule(options.MaxIterations is >= 1 and <= MostIterations, "maxIterations", "iterations.range", $"1 to {MostIterations} iterations can be asked for.");
        Rule(options.ExactIterations is null or (>= 1 and <= MostIterations), "exactIterations", "iterations.range", $"1 to {MostIterations} iterations can be asked for.");
        Rule(options.Tolerance is > 0 and < 1, "tolerance", "tolerance.range", "The tolerance lies between 0 and 1.");
        Rule(options.Threads >= 1 && options.Threads <= limits.MaxThreads, "threads", "threads.range", $"1 to {limits.MaxThreads} threads can be asked for.");
    }

    /// <summary>What each by itself would be right, and together makes no sense.</summary>
    private void CheckTogether()
    {
        if (options.Compression is { } rank)
        {
            Rule(options.Components is not { } components || rank >= components, "compression", "compression.components",
                $"{rank} principal components cannot be resolved into {options.Components}.");
            if (Math.Min(Spectra ?? int.MaxValue, Channels ?? int.MaxValue) is var all and < int.MaxValue)
                Rule(rank <= all, "compression", "compression.size", $"The data have {all} principal components.");
            Rule(options.Noise == NoiseModel.Even, "noise", "compression.weights", "Weights by the noise need the data themselves, not a compression of them.");
        }
        var signs = options.NonNegativeC || options.NonNegativeS;
        if (options.Bands)
        {
            Rule(signs, "bands", "bands.signs", "Without sign conditions any profile can be turned into any other: there are no bands.");
            Rule(options.SignFreeC.Count + options.SignFreeS.Count == 0, "bands", "bands.sign-free", "The bands know signs only for all components together.");
            Rule((options.Components ?? 1) <= MostInBands, "bands", "bands.components", $"Bands are looked for among at most {MostInBands} components.");
        }
        Rule(options.SignFreeC.Count == 0 || options.NonNegativeC, "signFreeC", "sign-free.no-signs", "Exceptions from a sign condition that is not there.");
        Rule(options.SignFreeS.Count == 0 || options.NonNegativeS, "signFreeS", "sign-free.no-signs", "Exceptions from a sign condition that is not there.");
        Rule(options.StartFloor == 0 || options.Start == StartMethod.PurestSpectra, "startFloor", "start.floor-unused", "A floor belongs to the start from the purest spectra.");
        var below = steps.Any(step => step is MeanCentre or StandardNormalVariate or ExtractChi or SmoothSpectra { Derivative: > 0 });
        Rule(!below || options.Noise == NoiseModel.Even, "noise", "noise.not-counts", "After these steps the values are no counts any more: some are below zero.");
        Rule(!below || !options.NonNegativeC || !options.NonNegativeS || options.SignFreeC.Count + options.SignFreeS.Count > 0, "nonNegativeS", "signs.impossible",
            "After these steps some values are below zero: concentrations and spectra that both are not cannot describe them.");
    }

    private void CheckConstraints()
    {
        var (rows, columns) = (BlocksOf(options.RowBlocks, Spectra, "rowBlocks"), BlocksOf(options.ColumnBlocks, Channels, "columnBlocks"));
        if (options.Closure is { } closure)
        {
            Rule(double.IsFinite(closure.Total) && closure.Total > 0, "closure.total", "closure.total", "The total of a closure is above zero.");
            var named = closure.Components;
            Rule(named is null || (named.Count > 0 && named.Count <= most && named.Distinct().Count() == named.Count && named.All(index => index >= 0 && index < (options.Components ?? most))),
                "closure.components", "closure.components", "A closure names different components, counted from 0.");
            Rule(closure.Blocks is not { } within || (within.Count > 0 && within.All(block => block >= 0 && block < (options.RowBlocks?.Count ?? 1))),
                "closure.blocks", "closure.blocks", "A closure names blocks of spectra that are there.");
        }
        if (options.Components is null)
        {
            var named = options.KnownC.Count + options.KnownS.Count + options.SignFreeC.Count + options.SignFreeS.Count > 0
                || options.OnC.Concat(options.OnS).Any(constraint => constraint.Components is not null || constraint is FirstOrderKinetics or QuantityCorrelation);
            Rule(!named && options.Closure?.Components is null, "components", "components.needed", "Constraints on single components need their number to be asked for.");
            if (named) return;
        }
        foreach (var (index, constraint) in options.OnC.Index()) Try($"onC[{index}]", () => constraint.Check(Count, rows ?? Whole(constraint)));
        foreach (var (index, constraint) in options.OnS.Index()) Try($"onS[{index}]", () => constraint.Check(Count, columns ?? Whole(constraint)));
        foreach (var (index, known) in options.KnownC.Index()) Try($"knownC[{index}]", () => known.Check(Count, Spectra ?? known.Values.Count));
        foreach (var (index, known) in options.KnownS.Index()) Try($"knownS[{index}]", () => known.Check(Count, Channels ?? known.Values.Count));
        foreach (var (path, known, length) in new[] { ("knownC", options.KnownC, Spectra), ("knownS", options.KnownS, Channels) })
            if (problems.Count == 0 && known.Count > 1) Try(path, () => KnownProfile.Check(known, Count, length ?? known[0].Values.Count));
        bool There(SignFree exception, IReadOnlyList<int>? blocks) => exception.Component >= 0 && exception.Component < Count
            && exception.Blocks?.All(block => block >= 0 && block < (blocks?.Count ?? 1)) != false;
        const string nowhere = "A sign exception names a component or block that is not there.";
        Rule(options.SignFreeC.All(exception => There(exception, options.RowBlocks)), "signFreeC", "constraint", nowhere);
        Rule(options.SignFreeS.All(exception => There(exception, options.ColumnBlocks)), "signFreeS", "constraint", nowhere);
    }

    private int Count => options.Components ?? most;

    // The blocks, where they can be known; null too where they are wrong.
    private Block[]? BlocksOf(IReadOnlyList<int>? lengths, int? total, string path)
    {
        if (lengths is null) return total is { } whole ? [new Block(0, whole)] : null;
        var fits = lengths.Count > 0 && lengths.All(length => length > 0) && (total is null || lengths.Sum(length => (long)length) == total);
        Rule(fits, path, "blocks.sum", total is null ? "Blocks have at least one member." : $"The blocks are above zero and add up to {total}.");
        var first = 0;
        return fits && lengths.Sum(length => (long)length) <= int.MaxValue ? [.. lengths.Select(length => new Block((first += length) - length, length))] : null;
    }

    // One block as long as the constraint itself says where the data do not tell.
    private static Block[] Whole(ProfileConstraint constraint) => [new Block(0, constraint switch
    {
        FirstOrderKinetics kinetics => Math.Max(1, kinetics.Times.Count),
        QuantityCorrelation correlation => Math.Max(1, correlation.Known.Count),
        _ => 1,
    })];

    private void Try(string path, Action check)
    {
        try
        {
            check();
        }
        catch (NumericsException unfit)
        {
            problems.Add(new("options." + path, unfit.Code, unfit.Message));
        }
    }

    private void CheckSizes(DataSet data, ReductionLimits limits, IReadOnlyList<DataSet> references)
    {
        if (data.Format == ElectrochemistryClock.Format)
            problems.Add(new("dataSetId", "data-set.no-spectra", "The log of a cycler holds no spectra: it goes with a series as its clock."));
        var (needed, file) = (MemoryEstimate.Of(data, options, steps, references), MemoryEstimate.LargestFile(data, options));
        if (needed > limits.MaxMemoryBytes)
            problems.Add(new("dataSetId", "job.too-large", $"It needs about {needed >> 20} MiB of memory; {limits.MaxMemoryBytes >> 20} MiB are there."));
        if (file > LargestFile)
            problems.Add(new("dataSetId", "result.too-large",
                $"Its profiles alone would be a file of {file >> 20} MiB; {LargestFile >> 20} MiB can be written.{(options.Components is null ? " Ask for a number of components." : "")}"));
    }

    private static int Size(Matrix? given) => given?.Values.Length ?? 0;

    private static long Numbers(ReductionOptions options) =>
        Size(options.GivenSpectra) + Size(options.GivenConcentrations) + Size(options.Weights) + (options.Combination?.References.Sum(set => (long)Size(set.Spectra) + (set.Axis?.Count ?? 0)) ?? 0)
        + options.KnownC.Concat(options.KnownS).Sum(known => (long)known.Values.Count) + (options.RowBlocks?.Count ?? 0) + (options.ColumnBlocks?.Count ?? 0)
        + options.OnC.Concat(options.OnS).Sum(constraint => constraint switch
        {
            FirstOrderKinetics kinetics => kinetics.Times.Count + kinetics.Steps.Count,
            QuantityCorrelation correlation => correlation.Known.Count,
            _ => 0L,
        });
}
