using System.CommandLine;
using System.Globalization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;

namespace Tutti.Reduction.CommandLine;

/// <summary><c>tutti reduce INPUT...</c>: principal components, rank and curve resolution of a series; results into a folder.</summary>
internal static class ReduceCommand
{
    private static readonly Dictionary<string, StartMethod> starts = new()
    {
        ["purest-spectra"] = StartMethod.PurestSpectra, ["simplisma"] = StartMethod.PurestSpectra, ["purest-channels"] = StartMethod.PurestChannels,
        ["efa"] = StartMethod.EvolvingFactors, ["k-means"] = StartMethod.Clusters, ["nndsvd"] = StartMethod.NonNegativeDecomposition,
    };

    public static Command Create()
    {
        var (inputs, input) = (InputOptions.Inputs(), new InputOptions());
        Option<string?> recipe = new("--recipe") { Description = "a recipe: preparation steps and model as JSON; options given beside it win. Every run leaves the one it followed as recipe.json" };
        Option<string?> technique = new("--technique") { Description = "prepare as is usual for xas, moessbauer, xrd, ftir, raman, uv-vis, stxm, neutron or saxs" };
        Option<string[]> reference = new("--reference") { Description = "NAME=FILE: a further input that preparation steps name, such as a foil or an incident spectrum" };
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
        Option<string?> window = new("--window") { Description = "LOW..HIGH: the part of the axis to be used" };
        Option<bool> centre = new("--center") { Description = "take the mean spectrum off before the principal components" };
        Option<bool> noCentre = new("--no-center") { Description = "do not (default)" };
        Option<bool> poisson = new("--poisson") { Description = "weigh counted data by their noise" };
        Option<string?> rowBlocks = new("--row-blocks") { Description = "numbers of spectra of the runs in the series: 51,51,51,51" };
        Option<string?> columnBlocks = new("--column-blocks") { Description = "numbers of channels of the techniques side by side" };
        Option<bool> bands = new("--bands") { Description = "bands of rotational ambiguity (MCR-BANDS)" };
        Option<DirectoryInfo> output = new("--output", "-o") { Description = "folder for the results", DefaultValueFactory = _ => new DirectoryInfo("reduction-output") };
        Option<bool> noPlots = new("--no-plots") { Description = "only numbers" };
        Option<bool> quiet = new("--quiet", "-q") { Description = "no progress" };
        var command = new Command("reduce", "Reduces a series to component spectra and concentrations.")
        {
            inputs, recipe, technique, reference, components, constraints, closure, mode, start, noise, floor, st0, c0, regressor, compress, most, iterations, tolerance, divergence,
            threads, window, centre, noCentre, poisson, rowBlocks, columnBlocks, bands, output, noPlots, quiet,
        };
        input.AddTo(command);
        command.SetAction((parsed, cancel) => TuttiCommand.GuardAsync(parsed.InvocationConfiguration.Error, () =>
        {
            var used = Recipe(parsed.GetValue(recipe), parsed.GetValue(technique));
            var options = ConstraintWords.Apply(used.Model, parsed.GetValue(constraints) ?? [], Mode(parsed.GetValue(mode)));
            if (parsed.GetValue(closure) is { } total) options = options with { Closure = new Closure(Number(total, "--closure")) };
            if (parsed.GetValue(components) is { } count) options = options with { Components = count == "auto" ? null : Whole(count, "--components") };
            if (parsed.GetValue(start) is { } word) options = Starting(options, word);
            if (parsed.GetValue(noise) is { } level) options = options with { StartNoisePercent = level };
            if (parsed.GetValue(floor) is { } part) options = options with { StartFloor = part };
            if (parsed.GetValue(st0) is { } spectra) options = options with { Start = StartMethod.GivenSpectra, GivenSpectra = ProfileFile.Spectra(spectra) };
            if (parsed.GetValue(c0) is { } concentrations) options = options with { Start = StartMethod.GivenConcentrations, GivenConcentrations = ProfileFile.Concentrations(concentrations) };
            if (parsed.GetValue(regressor) is { } named)
                options = options with
                {
                    Regressor = named switch { "nnls" => Regressor.NonNegativeLeastSquares, "ols" => Regressor.ZeroedLeastSquares, _ => throw new UsageException($"There is no regressor '{named}': nnls or ols.") },
                };
            if (parsed.GetValue(compress) is { } rank) options = options with { Compression = rank == "off" ? null : Whole(rank, "--compress") };
            if (parsed.GetValue(most) is { } limit) options = options with { MaxIterations = limit };
            if (parsed.GetValue(iterations) is { Length: > 0 } exact) options = options with { ExactIterations = Exact(exact) };
            if (parsed.GetValue(tolerance) is { } change) options = options with { Tolerance = change };
            if (parsed.GetValue(divergence) is { } patience) options = options with { DivergenceLimit = patience };
            if (parsed.GetValue(window) is { } range) options = options with { Window = Window(range) };
            if (parsed.GetValue(centre)) options = options with { Centred = true };
            if (parsed.GetValue(noCentre)) options = options with { Centred = false };
            if (parsed.GetValue(poisson)) options = options with { Noise = NoiseModel.Poisson };
            if (parsed.GetValue(rowBlocks) is { } runs) options = options with { RowBlocks = ConstraintWords.Numbers(runs) };
            if (parsed.GetValue(columnBlocks) is { } techniques) options = options with { ColumnBlocks = ConstraintWords.Numbers(techniques) };
            if (parsed.GetValue(bands)) options = options with { Bands = true };
            options = options with { Threads = parsed.GetValue(threads) };
            var run = new ReductionRun(
                parsed.GetValue(inputs) ?? [], input.From(parsed), used with { Model = options }, References(parsed.GetValue(reference) ?? []),
                parsed.GetValue(output) ?? new DirectoryInfo("reduction-output"), !parsed.GetValue(noPlots), new ProgressLines(parsed.InvocationConfiguration.Error, parsed.GetValue(quiet)));
            return Task.Factory.StartNew(() => run.Run(parsed.InvocationConfiguration.Output, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }));
        return command;
    }

    private static ReductionRecipe Recipe(string? file, string? technique)
    {
        if (file is not null && technique is not null) throw new UsageException("--recipe and --technique both name the preparation; give one.");
        if (technique is not null) return new ReductionRecipe { Name = technique, Steps = TechniquePresets.For(technique) };
        return file is null ? new ReductionRecipe() : ReductionRecipe.FromJson(File.ReadAllText(file));
    }

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

    private static AxisWindow Window(string range) => range.Split("..") is [var low, var high]
        ? new AxisWindow(Number(low, "--window"), Number(high, "--window"))
        : throw new UsageException("--window is written LOW..HIGH.");

    private static Dictionary<string, string> References(string[] words)
    {
        Dictionary<string, string> references = [];
        foreach (var word in words)
        {
            if (word.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } file]) throw new UsageException("--reference is written NAME=FILE.");
            if (!references.TryAdd(name, file)) throw new UsageException($"--reference names '{name}' twice.");
        }
        return references;
    }

    private static int Whole(string text, string option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"{option}: '{text}' is no whole number.");

    private static double Number(string text, string option) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"{option}: '{text}' is no number.");
}
