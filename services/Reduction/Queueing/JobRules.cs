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
        rules.CheckWeights();
        rules.CheckGiven();
        rules.CheckCombination();
        rules.CheckResampling();
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
        Rule(options.Resampling is not { } sampling || (sampling.Replicates is >= 2 and <= MostReplicates && sampling.Iterations is >= 1 and <= 100), "resampling", "resampling.range",
            $"2 to {MostReplicates} replicates of 1 to 100 iterations can be asked for.");
        Rule(set is not { HasMissing: true } || options.Missing == MissingValues.NaN, "missing", "missing.not-asked", "The data set has missing values: a reduction that is to leave them out says missing: nan.");
        Rule(set is not { HasMissing: true } || steps.Count == 0, "missing", "missing.prepared", "Steps of preparation need every value: a series with missing ones is resolved as it is.");
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
            Rule(options.Noise == NoiseModel.Even && options.Weights is null && options.Missing == MissingValues.Refused, "compression", "compression.weights", "Weights and missing values need the data themselves, not a compression of them.");
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

    private void CheckWeights()
    {
        if (options.Weights is not { } given) return;
        Rule(options.Noise == NoiseModel.Even, "weights", "weights.twice", "Weights are given or follow from the counts, not both.");
        // Of a window it is not known how many channels it has; weights may be of those of the whole series too.
        var (rows, columns) = (given.Rows == 1 || Spectra is not { } spectra || given.Rows == spectra,
            given.Columns == 1 || steps.Count > 0 || set is null || given.Columns == set.Channels || (options.Window is not null && given.Columns < set.Channels));
        Rule(rows && columns, "weights", "weights.shape", $"{given.Rows} x {given.Columns} weights are none of the data: one for each value, each spectrum (n x 1) or each channel (1 x m).");
        var alone = given.Rows == 1 || given.Columns == 1;
        Rule(given.Values.IndexOfAnyExceptInRange(alone ? double.Epsilon : 0, double.MaxValue) < 0, "weights", "weights.sign", alone
            ? "The weight of a spectrum or a channel is a number above zero." : "Weights are finite numbers not below zero.");
    }

    private void CheckGiven()
    {
        var (s, c, pairs) = (options.GivenSpectra, options.GivenConcentrations, options.Pairs);
        var (both, resolves) = (options.Method == ReductionMethod.GivenProfiles, options.Method == ReductionMethod.CurveResolution);
        var (needsS, needsC) = (both || (resolves && options.Start == StartMethod.GivenSpectra), both || (resolves && options.Start == StartMethod.GivenConcentrations));
        Rule(!needsS || s is not null, "givenSpectra", "start.given", both ? "Given profiles are spectra and concentrations." : "A start from given spectra needs them.");
        Rule(!needsC || c is not null, "givenConcentrations", "start.given", both ? "Given profiles are spectra and concentrations." : "A start from given concentrations needs them.");
        if (needsS && s is not null) Shape(s, "givenSpectra", s.Rows, s.Columns, Channels ?? (steps.Count == 0 ? set?.Channels : null), Channels is not null, "channels");
        if (needsC && c is not null) Shape(c, "givenConcentrations", c.Columns, c.Rows, Spectra, true, "spectra");
        Rule(!both || s is null || c is null || s.Rows == c.Columns, "givenConcentrations", "given.components", "Given spectra and given concentrations are of as many components.");
        Rule(pairs is null || both, "pairs", "pairs.unused", "Pairs belong to given profiles.");
        Rule(!both || pairs is null || s is null || pairs.Order().SequenceEqual(Enumerable.Range(0, s.Rows)), "pairs", "pairs.range", "The pairs name each of the given spectra once, by numbers from 0.");

        void Shape(Matrix given, string path, int components, int length, int? there, bool exactly, string what)
        {
            Rule(components <= most && (both || options.Components is not { } asked || asked == components), path, "given.components", $"They are of {components} components: {options.Components ?? most} can be.");
            Rule(there is not { } known || length == known || (!exactly && length < known), path, "given.length", $"They have {length} {what}, the data {there}.");
            var zero = Enumerable.Range(0, components).Any(k => (path == "givenSpectra" ? given.Row(k) : given.Column(k)).IndexOfAnyExcept(0.0) < 0);
            Rule(both || !zero, path, "given.zero", "A component of the start is zero everywhere.");
        }
    }

    private void CheckCombination()
    {
        if (Combine.WhyNot(options) is { } why) problems.Add(new("options.method", "method.options", why));
        var fits = options.Method == ReductionMethod.LinearCombination;
        Rule(fits || options.Combination is null, "combination", "references.unused", "References belong to a fit by them (linear-combination).");
        if (!fits) return;
        Rule(options.Combination is { References.Count: > 0 }, "combination", "references.missing", "A fit by references needs reference spectra.");
        if (options.Combination is not { References.Count: > 0 } model) return;
        var count = model.References.Sum(one => (long)one.Spectra.Rows);
        var parameters = count + (model.Background switch { FitBackground.None => 0, FitBackground.Constant => 1, FitBackground.Linear => 2 });
        Rule(count <= MostComponents, "combination.references", "references.count", $"At most {MostComponents} references can be fitted at once, not {count}.");
        Rule(Channels is not { } channels || parameters < channels, "combination.references", "references.parameters", $"{parameters} parameters cannot be fitted to {Channels} channels.");
        Rule(model.MostShift >= 0 && model.SumWeight >= 0 && model.NoiseLevel is null or > 0, "combination", "references.options", "Shift and weight of the sum are not below zero, a noise level is above.");
        foreach (var (index, one) in model.References.Index()) CheckReference(one, $"combination.references[{index}]");
        if (model.Rank is { } rank && count <= MostComponents)
        {
            var tooMany = Combine.TooManyToRank(Spectra ?? 1, (int)count, rank);
            Rule(tooMany is null, "combination.rank", "references.rank", tooMany ?? "");
        }
    }

    private void CheckReference(ReferenceSpectra one, string path)
    {
        Rule(one.Names is not { } names || names.Count == one.Spectra.Rows, path, "references.names", $"{one.Spectra.Rows} references have {one.Names?.Count} names.");
        if (one.Axis is not { } axis)
        {
            var there = steps.Count == 0 ? set?.Channels : null;
            Rule(there is not { } known || one.Spectra.Columns == known || (Channels is null && one.Spectra.Columns < known), path, "references.axis",
                $"References of {one.Spectra.Columns} channels without an axis do not fit spectra of {there}.");
            return;
        }
        var rises = axis.Count == one.Spectra.Columns && axis.Zip(axis.Skip(1)).All(pair => pair.First < pair.Second);
        Rule(rises && axis.Count > 0, path, "references.axis", "The axis of references has one value for each channel, each above the one before.");
        if (!rises || axis.Count == 0 || set is null || steps.Count > 0) return;
        var (low, high) = (Math.Max(set.AxisFrom, options.Window?.Low ?? set.AxisFrom), Math.Min(set.AxisTo, options.Window?.High ?? set.AxisTo));
        // Half a step, as when they are fitted; where the channels of a window lie is not known, only that they do not reach beyond a step of its ends.
        var slack = (set.AxisTo - set.AxisFrom) / Math.Max(1, set.Channels - 1);
        var covers = options.Window is null ? axis[0] <= low + (slack / 2) && axis[^1] >= high - (slack / 2) : axis[0] <= high && axis[^1] >= low;
        Rule(covers, path, "references.range", $"References from {axis[0]:R} to {axis[^1]:R} do not cover the spectra from {low:R} to {high:R}: use a window.");
    }

    private void CheckResampling()
    {
        if (options is not { Resampling: { } sampling, Method: ReductionMethod.CurveResolution }) return;
        var each = set is { HasMissing: true } || options.Weights is { Rows: > 1, Columns: > 1 };
        var known = new McrOptions
        {
            KnownC = options.KnownC, OnC = options.OnC, RowBlocks = options.RowBlocks, Weights = each ? new Matrix(1, 1, [1]) : null,
            SpectrumWeights = options.Noise == NoiseModel.Poisson || options.Weights is { Columns: 1 } ? [1] : null,
        };
        // Of how many values the data will be, where that is not known, is judged when it is.
        Try("resampling", () => Resampling.Check(Spectra ?? int.MaxValue, Spectra is null ? 0 : Channels ?? 0, known, sampling));
    }

    private void CheckSizes(DataSet data, ReductionLimits limits, IReadOnlyList<DataSet> references)
    {
        if (data.Format == ElectrochemistryClock.Format)
            problems.Add(new("dataSetId", "data-set.no-spectra", "The log of a cycler holds no spectra: it goes with a series as its clock."));
        if (references.Any(reference => reference.HasMissing))
            problems.Add(new("references", "references.missing-values", "A step uses a data set with missing values; the second inputs of steps are complete."));
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
