using Tutti.Reduction.Numerics;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Queueing;

/// <summary>What a reduction that somebody asks for must keep to; everything that is wrong is told at once.</summary>
internal static class JobRules
{
    private const int MostComponents = NonNegativeLeastSquares.MaxComponents, MostIterations = 100_000, MostConstraints = 100, MostBlocks = 1000, MostNumbers = ReductionOptions.MostRecorded, MostReplicates = 1000;

    /// <summary>What is wrong with the options; for a recipe without a data set, whatever data it will meet.</summary>
    public static List<Problem> Check(ReductionOptions options, DataSet? set, ReductionLimits limits)
    {
        List<Problem> problems = [];
        var most = set is null ? MostComponents : Math.Min(MostComponents, Math.Min(set.Spectra, set.Channels));
        void Rule(bool kept, string path, string code, string message)
        {
            if (!kept) problems.Add(new("options." + path, code, message));
        }
        if (options.Window is { } window)
        {
            Rule(double.IsFinite(window.Low) && double.IsFinite(window.High) && window.Low < window.High, "window", "window.order", "A window has a lower and a higher end.");
            if (set is not null) Rule(!(window.High < set.AxisFrom) && !(window.Low > set.AxisTo), "window", "window.outside", $"The axis runs from {set.AxisFrom:R} to {set.AxisTo:R}.");
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
        if (options.Closure is { } closure)
        {
            Rule(double.IsFinite(closure.Total) && closure.Total > 0, "closure.total", "closure.total", "The total of a closure is above zero.");
            var named = closure.Components;
            Rule(named is null || (named.Count > 0 && named.Count <= most && named.Distinct().Count() == named.Count && named.All(index => index >= 0 && index < (options.Components ?? most))),
                "closure.components", "closure.components", "A closure names different components, counted from 0.");
        }
        Rule(options.MaxIterations is >= 1 and <= MostIterations, "maxIterations", "iterations.range", $"1 to {MostIterations} iterations can be asked for.");
        Rule(options.ExactIterations is null or (>= 1 and <= MostIterations), "exactIterations", "iterations.range", $"1 to {MostIterations} iterations can be asked for.");
        Rule(options.Tolerance is > 0 and < 1, "tolerance", "tolerance.range", "The tolerance lies between 0 and 1.");
        Rule(options.Threads >= 1 && options.Threads <= limits.MaxThreads, "threads", "threads.range", $"1 to {limits.MaxThreads} threads can be asked for.");
        if (set?.EstimatedMemory > limits.MaxMemoryBytes)
            problems.Add(new("dataSetId", "job.too-large", $"It needs about {set.EstimatedMemory >> 20} MiB of memory; {limits.MaxMemoryBytes >> 20} MiB are there."));
        return problems;
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
