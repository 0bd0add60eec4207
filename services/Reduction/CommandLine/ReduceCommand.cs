using System.CommandLine;
using System.Globalization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.CommandLine;

/// <summary><c>tutti reduce INPUT...</c>: principal components, rank and curve resolution of a series; results into a folder.</summary>
internal static class ReduceCommand
{
    private static readonly Dictionary<string, StartMethod> starts = new()
    {
        ["purest-spectra"] = StartMethod.PurestSpectra, ["simplisma"] = StartMethod.PurestSpectra, ["purest-channels"] = StartMethod.PurestChannels,
        ["efa"] = StartMethod.EvolvingFactors, ["k-means"] = StartMethod.Clusters, ["nndsvd"] = StartMethod.NonNegativeDecomposition,
    };

    private static readonly Dictionary<string, ReductionMethod> methods = new()
    {
        ["mcr"] = ReductionMethod.CurveResolution, ["lcf"] = ReductionMethod.LinearCombination, ["profiles"] = ReductionMethod.GivenProfiles,
    };

    private static readonly Dictionary<string, ResamplingMethod> resamplings = new()
    {
        ["bootstrap"] = ResamplingMethod.ResidualBootstrap, ["jackknife"] = ResamplingMethod.Jackknife, ["noise"] = ResamplingMethod.NoiseAddition,
    };

    public static Command Create()
    {
        var (inputs, input, preparation) = (InputOptions.Inputs(), new InputOptions(), new PreparationInput());
        Option<string?> method = new("--method") { Description = "mcr: curve resolution (default); lcf: linear combination of --reference-spectra; profiles: only the scale of each component of --st0 and --c0" };
        Option<string?> components = new("--components", "-k") { Description = "number of components, or auto for the rank verdict" };
        Option<string[]> constraints = new("--constraints") { Description = ConstraintWords.Help, AllowMultipleArgumentsPerToken = true };
        Option<string?> closure = new("--closure") { Description = "total that the concentrations of every spectrum sum to" };
        Option<int?> mode = new("--unimodality-mode") { Description = "0: zero, 1: copy the neighbour (default), 2: least squares" };
        Option<string?> start = new("--start") { Description = $"one of {string.Join(", ", starts.Keys)}; or use --st0 or --c0" };
        Option<double?> noise = new("--noise") { Description = "noise level of SIMPLISMA, percent of the largest mean (5)" };
        Option<double?> floor = new("--floor") { Description = "part of the largest mean below which a spectrum is not taken as pure (0)" };
        Option<string?> st0 = new("--st0") { Description = "spectra to start with, components x channels, .npy or CSV" };
        Option<string?> c0 = new("--c0") { Description = "concentrations to start with, spectra x components, .npy or CSV" };
        Option<string?> regressor = new("--regressor") { Description = "nnls (default) or ols (zeroed least squares, for comparison)" };
        Option<string?> compress = new("--compress") { Description = "work on the reproduction by R principal components, or off (default)" };
        Option<int?> most = new("--max-iterations") { Description = "stop after so many iterations (500)" };
        Option<string[]> iterations = new("--iterations") { Description = "exact N: do exactly N iterations", Arity = new ArgumentArity(1, 2), AllowMultipleArgumentsPerToken = true };
        Option<double?> tolerance = new("--tolerance") { Description = "stop when ln(lack of fit) changes by less (1e-5)" };
        Option<int?> divergence = new("--divergence-limit") { Description = "stop after more iterations without a better fit (20)" };
        Option<int> threads = new("--threads") { Description = "threads", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<bool> centre = new("--center") { Description = "take the mean spectrum off before the principal components" };
        Option<bool> noCentre = new("--no-center") { Description = "do not (default)" };
        Option<bool> poisson = new("--poisson") { Description = "the same as --weights poisson" };
        Option<string?> weights = new("--weights") { Description = "none, poisson (counts), or a file of weights of squared errors: one per value (zero: does not count), per spectrum (one column) or per channel (one row)" };
        Option<bool> accelerate = new("--accelerate") { Description = "carry every iteration on in the direction of the last improvement: the same minimum in fewer iterations" };
        Option<int?> resample = new("--resample") { Description = "uncertainty of the profiles from so many replicates" };
        Option<string?> resampleBy = new("--resample-by") { Description = $"{string.Join(", ", resamplings.Keys)} (bootstrap)" };
        Option<int?> resampleBlock = new("--resample-block") { Description = "neighbouring spectra drawn, or left out, together" };
        Option<double?> band = new("--band") { Description = "percent of the replicates within the bands of uncertainty (95)" };
        Option<ulong?> seed = new("--seed") { Description = "seed of the replicates (1)" };
        Option<string?> pairs = new("--pairs") { Description = "of --method profiles: the row of --st0, from 0, that belongs to each column of --c0: 1,2,0,3" };
        Option<string[]> referenceSpectra = new("--reference-spectra")
        {
            Description = "files of known spectra for --method lcf, one or more after one option; those with an axis are interpolated onto that of the series. Inputs stand before it",
            Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> background = new("--background") { Description = "of --method lcf: none (default), constant or linear" };
        Option<double?> shift = new("--max-shift") { Description = "of --method lcf: how far each reference may move along the axis" };
        Option<double?> noiseLevel = new("--noise-level") { Description = "of --method lcf: standard deviation of one value, for chi-square" };
        Option<int?> rank = new("--rank-combinations") { Description = "of --method lcf: try all combinations of up to so many references and rank them" };
        Option<string?> rowBlocks = new("--row-blocks") { Description = "numbers of spectra of the runs in the series: 51,51,51,51" };
        Option<string?> columnBlocks = new("--column-blocks") { Description = "numbers of channels of the techniques side by side" };
        Option<bool> bands = new("--bands") { Description = "bands of rotational ambiguity (MCR-BANDS)" };
        Option<DirectoryInfo> output = new("--output", "-o") { Description = "folder for the results", DefaultValueFactory = _ => new DirectoryInfo("reduction-output") };
        Option<bool> noPlots = new("--no-plots") { Description = "only numbers" };
        Option<bool> quiet = new("--quiet", "-q") { Description = "no progress" };
        var command = new Command("reduce", "Reduces a series to component spectra and concentrations.")
        {
            inputs, method, components, constraints, closure, mode, start, noise, floor, st0, c0, regressor, compress, most, iterations, tolerance, divergence,
            threads, centre, noCentre, weights, poisson, rowBlocks, columnBlocks, bands, accelerate, resample, resampleBy, resampleBlock, band, seed, pairs, referenceSpectra, background, shift, noiseLevel, rank, output, noPlots, quiet,
        };
        input.AddTo(command);
        preparation.AddTo(command);
        command.SetAction((parsed, cancel) => TuttiCommand.GuardAsync(parsed.InvocationConfiguration.Error, () =>
        {
            var used = preparation.Recipe(parsed);
            var options = ConstraintWords.Apply(used.Model, parsed.GetValue(constraints) ?? [], Mode(parsed.GetValue(mode)));
            if (parsed.GetValue(closure) is { } total) options = options with { Closure = new Closure(Number(total, "--closure")) };
            if (parsed.GetValue(components) is { } count) options = options with { Components = count == "auto" ? null : Whole(count, "--components") };
            if (parsed.GetValue(start) is { } word) options = Starting(options, word);
            if (parsed.GetValue(noise) is { } level) options = options with { StartNoisePercent = level };
            if (parsed.GetValue(floor) is { } part) options = options with { StartFloor = part };
            if (parsed.GetValue(method) is { } way)
                options = options with { Method = methods.TryGetValue(way, out var meant) ? meant : throw new UsageException($"There is no method '{way}': {string.Join(", ", methods.Keys)}.") };
            if (parsed.GetValue(st0) is not null && parsed.GetValue(c0) is not null && options.Method == ReductionMethod.CurveResolution)
                throw new UsageException("--st0 and --c0 both name a start; give one, or use --method profiles.");
            if (parsed.GetValue(st0) is { } spectra) options = options with { Start = StartMethod.GivenSpectra, GivenSpectra = ProfileFile.Spectra(spectra) };
            if (parsed.GetValue(c0) is { } concentrations) options = options with { Start = StartMethod.GivenConcentrations, GivenConcentrations = ProfileFile.Concentrations(concentrations) };
            if (parsed.GetValue(regressor) is { } named)
                options = options with
                {
                    Regressor = named switch { "nnls" => Regressor.NonNegativeLeastSquares, "ols" => Regressor.ZeroedLeastSquares, _ => throw new UsageException($"There is no regressor '{named}': nnls or ols.") },
                };
            if (parsed.GetValue(compress) is { } reproduced) options = options with { Compression = reproduced == "off" ? null : Whole(reproduced, "--compress") };
            if (parsed.GetValue(most) is { } limit) options = options with { MaxIterations = limit };
            if (parsed.GetValue(iterations) is { Length: > 0 } exact) options = options with { ExactIterations = Exact(exact) };
            if (parsed.GetValue(tolerance) is { } change) options = options with { Tolerance = change };
            if (parsed.GetValue(divergence) is { } patience) options = options with { DivergenceLimit = patience };
            if (parsed.GetValue(centre)) options = options with { Centred = true };
            if (parsed.GetValue(noCentre)) options = options with { Centred = false };
            if (parsed.GetValue(weights) is { } weighing) options = Weighed(options, weighing);
            if (parsed.GetValue(poisson)) options = options with { Noise = NoiseModel.Poisson };
            if (parsed.GetValue(rowBlocks) is { } runs) options = options with { RowBlocks = ConstraintWords.Numbers(runs) };
            if (parsed.GetValue(columnBlocks) is { } techniques) options = options with { ColumnBlocks = ConstraintWords.Numbers(techniques) };
            if (parsed.GetValue(bands)) options = options with { Bands = true };
            if (parsed.GetValue(accelerate)) options = options with { Accelerated = true };
            if (parsed.GetValue(resample) is { } replicates) options = options with { Resampling = (options.Resampling ?? new ResamplingOptions()) with { Replicates = replicates } };
            if (parsed.GetValue(resampleBy) is { } by)
                options = options with
                {
                    Resampling = (options.Resampling ?? new ResamplingOptions()) with
                    {
                        Method = resamplings.TryGetValue(by, out var drawn) ? drawn : throw new UsageException($"There is no resampling '{by}': {string.Join(", ", resamplings.Keys)}."),
                    },
                };
            if (parsed.GetValue(resampleBlock) is { } together) options = options with { Resampling = Resampled(options, "--resample-block") with { BlockRows = together } };
            if (parsed.GetValue(band) is { } share) options = options with { Resampling = Resampled(options, "--band") with { BandPercent = share } };
            if (parsed.GetValue(seed) is { } number) options = options with { Resampling = Resampled(options, "--seed") with { Seed = number } };
            if (parsed.GetValue(pairs) is { } paired) options = options with { Pairs = ConstraintWords.Numbers(paired) };
            if (parsed.GetValue(referenceSpectra) is { Length: > 0 } known)
                options = options with { Combination = (options.Combination ?? new CombinationModel()) with { References = [.. known.Select(ProfileFile.References)] } };
            if (parsed.GetValue(background) is { } under)
                options = options with
                {
                    Combination = Combined(options, "--background") with
                    {
                        Background = under switch { "none" => FitBackground.None, "constant" => FitBackground.Constant, "linear" => FitBackground.Linear, _ => throw new UsageException($"There is no background '{under}': none, constant or linear.") },
                    },
                };
            if (parsed.GetValue(shift) is { } far) options = options with { Combination = Combined(options, "--max-shift") with { MostShift = far } };
            if (parsed.GetValue(noiseLevel) is { } sigma) options = options with { Combination = Combined(options, "--noise-level") with { NoiseLevel = sigma } };
            if (parsed.GetValue(rank) is { } tried) options = options with { Combination = Combined(options, "--rank-combinations") with { Rank = tried } };
            if (options.Combination is not null && options.Method != ReductionMethod.LinearCombination) throw new UsageException("Reference spectra belong to --method lcf.");
            if (options.Pairs is not null && options.Method != ReductionMethod.GivenProfiles) throw new UsageException("--pairs belongs to --method profiles.");
            options = options with { Threads = parsed.GetValue(threads) };
            var run = new ReductionRun(
                parsed.GetValue(inputs) ?? [], input.From(parsed) with { NaNIsMissing = options.Missing == MissingValues.NaN }, used with { Model = options }, preparation.References(parsed, used),
                parsed.GetValue(output) ?? new DirectoryInfo("reduction-output"), !parsed.GetValue(noPlots), new ProgressLines(parsed.InvocationConfiguration.Error, parsed.GetValue(quiet)));
            return Task.Factory.StartNew(() => run.Run(parsed.InvocationConfiguration.Output, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }));
        return command;
    }

    private static ReductionOptions Weighed(ReductionOptions options, string word) => word switch
    {
        "none" => options with { Noise = NoiseModel.Even, Weights = null },
        "poisson" => options with { Noise = NoiseModel.Poisson, Weights = null },
        _ => options with { Noise = NoiseModel.Even, Weights = ProfileFile.Numbers(word) },
    };

    private static ResamplingOptions Resampled(ReductionOptions options, string option) =>
        options.Resampling ?? throw new UsageException($"{option} says how replicates are made, and none are asked for: --resample N.");

    private static CombinationModel Combined(ReductionOptions options, string option) =>
        options.Combination ?? throw new UsageException($"{option} says how references are fitted, and none are given: --reference-spectra FILE.");

    // Pure channels are looked for with a noise of their own, unless the recipe already was about them.
    private static ReductionOptions Starting(ReductionOptions options, string word) => starts.TryGetValue(word, out var method)
        ? options with { Start = method, StartNoisePercent = method == StartMethod.PurestChannels && options.Start != method ? 10 : options.StartNoisePercent }
        : throw new UsageException($"There is no start '{word}': {string.Join(", ", starts.Keys)}, or --st0 or --c0.");

    private static UnimodalityMode Mode(int? mode) => mode switch
    {
        null or 1 => UnimodalityMode.CopyNeighbour,
        0 => UnimodalityMode.Zero,
        2 => UnimodalityMode.LeastSquares,
        _ => throw new UsageException($"There is no unimodality mode {mode}."),
    };

    private static int Exact(string[] words) => words switch
    {
        ["exact", var count] => Whole(count, "--iterations"),
        [var count] => Whole(count, "--iterations"),
        _ => throw new UsageException("--iterations is written 'exact N'."),
    };

    private static int Whole(string text, string option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"{option}: '{text}' is no whole number.");

    private static double Number(string text, string option) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"{option}: '{text}' is no number.");
}
