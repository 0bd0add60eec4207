using System.CommandLine;
using System.Globalization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary>The options that say how a series is prepared, the same for every command.</summary>
internal sealed class PreparationInput
{
    private readonly Option<string?> recipe = new("--recipe") { Description = "a recipe: preparation steps and model as JSON; options given beside it win. Every run leaves the one it followed as recipe.json" };
    private readonly Option<string?> technique = new("--technique") { Description = $"prepare as is usual for a technique: {string.Join(", ", TechniquePresets.Techniques)}" };
    private readonly Option<string[]> reference = new("--reference") { Description = "NAME=FILE: a further input that preparation steps name, such as a foil or an incident spectrum" };
    private readonly Option<string?> window = new("--window") { Description = "LOW..HIGH: the part of the axis to be used" };
    private readonly Option<string?> missing = new("--missing") { Description = "nan: NaN and empty cells are values that were not measured, without weight; refuse (default)" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[recipe, technique, reference, window, missing]) command.Add(option);
    }

    /// <summary>The recipe that is followed, with the window and what NaN means.</summary>
    public ReductionRecipe Recipe(ParseResult parsed)
    {
        var used = Read(parsed.GetValue(recipe), parsed.GetValue(technique));
        var model = used.Model;
        if (parsed.GetValue(window) is { } range) model = model with { Window = Window(range) };
        if (parsed.GetValue(missing) is { } word)
            model = model with
            {
                Missing = word switch { "nan" => MissingValues.NaN, "refuse" => MissingValues.Refused, _ => throw new UsageException($"--missing is nan or refuse, not '{word}'.") },
            };
        return used with { Model = model };
    }

    /// <summary>The files of further inputs by the names that the steps of the recipe know them by. Errors: <c>unused_reference</c> for a name that none of them uses.</summary>
    public Dictionary<string, string> References(ParseResult parsed, ReductionRecipe followed)
    {
        Dictionary<string, string> references = [];
        foreach (var word in parsed.GetValue(reference) ?? [])
        {
            if (word.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } file]) throw new UsageException("--reference is written NAME=FILE.");
            if (!references.TryAdd(name, file)) throw new UsageException($"--reference names '{name}' twice.");
        }
        var needed = SecondInput.NeededBy(followed.Steps);
        if (references.Keys.Where(name => !needed.Contains(name)).Order(StringComparer.Ordinal).FirstOrDefault() is { } unused)
            throw new NumericsException(
                "unused_reference", $"No step uses '{unused}': the steps use {(needed.Count == 0 ? "nothing beside the series" : string.Join(", ", needed.Order(StringComparer.Ordinal)))}.");
        return references;
    }

    /// <summary>The series after the steps of the recipe.</summary>
    public static PreparedSeries Prepare(
        SpectralSeries series, ReductionRecipe recipe, IReadOnlyDictionary<string, string> references, ReadingOptions reading, CancellationToken cancel) => Preparation.Prepare.Run(
        series, recipe.Steps, new PreparationContext(Environment.UserName, TimeProvider.System.GetUtcNow()), references.ToDictionary(pair => pair.Key, pair => Reference(pair.Value, reading, cancel)),
        limits: new PreparationLimits { Storage = reading.Storage }, cancellation: cancel);

    // How the series is read says nothing of what goes with it; the log of a cycler is its clock.
    private static SpectralSeries Reference(string path, ReadingOptions reading, CancellationToken cancel)
    {
        var options = reading with { Signal = null, Variable = null, Layout = TableLayout.Detect, AxisName = null, AxisUnit = null, NaNIsMissing = false };
        return SecondInput.Read(SeriesReading.Load([path], options, cancellation: cancel), options, cancel);
    }

    private static ReductionRecipe Read(string? file, string? technique)
    {
        if (file is not null && technique is not null) throw new UsageException("--recipe and --technique both name the preparation; give one.");
        if (technique is not null) return new ReductionRecipe { Name = technique, Steps = TechniquePresets.For(technique) };
        return file is null ? new ReductionRecipe() : ReductionRecipe.FromJson(File.ReadAllText(file));
    }

    private static AxisWindow Window(string range) =>
        range.Split("..") is [var low, var high] && Number(low) is { } from && Number(high) is { } to ? new AxisWindow(from, to) : throw new UsageException("--window is written LOW..HIGH.");

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
