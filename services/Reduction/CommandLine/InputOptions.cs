using System.CommandLine;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary>The options that say how files are read.</summary>
internal sealed class InputOptions
{
    private static readonly Dictionary<string, TableLayout> layouts = new()
    {
        ["detect"] = TableLayout.Detect, ["spectrum-per-row"] = TableLayout.SpectrumPerRow, ["spectrum-per-column"] = TableLayout.SpectrumPerColumn, ["no-axis"] = TableLayout.NoAxis,
    };

    private readonly Option<string?> signal = new("--signal") { Description = "the column that is the spectrum, by name (mutrans, mufluor, ...); of plain columns and XDI * for all" };
    private readonly Option<string?> variable = new("--variable") { Description = "the matrix of a MATLAB file, or the group or dataset of an HDF5 file" };
    private readonly Option<string?> layout = new("--layout") { Description = $"how a table lies, where it cannot be told: {string.Join(", ", layouts.Keys)}" };
    private readonly Option<string?> axisName = new("--axis-name") { Description = "what the axis is, where the file does not tell" };
    private readonly Option<string?> axisUnit = new("--axis-unit") { Description = "its unit" };

    public static Argument<string[]> Inputs()
    {
        Argument<string[]> inputs = new("input") { Description = $"files, folders or archives that are one series: {string.Join(", ", SeriesReading.Formats)}", Arity = ArgumentArity.OneOrMore };
        inputs.Validators.Add(given =>
        {
            foreach (var word in given.Tokens.Select(token => token.Value))
                if (word.StartsWith('-') && !Path.Exists(word)) given.AddError($"There is no option '{word}'.");
        });
        return inputs;
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[signal, variable, layout, axisName, axisUnit]) command.Add(option);
    }

    /// <summary>How to read, as the options say; files on the own machine may be larger than what a service takes in.</summary>
    public ReadingOptions From(ParseResult parsed) => new()
    {
        Signal = parsed.GetValue(signal), Variable = parsed.GetValue(variable), Layout = LayoutOf(parsed.GetValue(layout)), AxisName = parsed.GetValue(axisName),
        AxisUnit = parsed.GetValue(axisUnit), MaxBytes = 2L << 30, MaxValues = Array.MaxLength, MaxValuesInPlace = long.MaxValue, MaxSpectra = 100_000_000, MaxChannels = 100_000_000,
    };

    private static TableLayout LayoutOf(string? word) => word is null ? TableLayout.Detect
        : layouts.TryGetValue(word, out var layout) ? layout : throw new UsageException($"There is no layout '{word}': {string.Join(", ", layouts.Keys)}.");
}
