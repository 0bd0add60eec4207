using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;

namespace Tutti.Reduction.CommandLine;

/// <summary><c>tutti inspect INPUT...</c>: what is in files, and what the rank indicators say of it.</summary>
internal static class InspectCommand
{
    private const double SpectraNoise = 5, ChannelsNoise = 10;
    private const int Shown = 9, FullUpTo = 4_000_000;
    private static readonly JsonSerializerOptions indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create()
    {
        var (inputs, input, preparation) = (InputOptions.Inputs(), new InputOptions(), new PreparationInput());
        Option<bool> json = new("--json") { Description = "everything as one JSON document" };
        Option<int?> components = new("--components", "-k") { Description = "how many purest spectra and channels are looked for, and evolving factors followed (the rank verdict)" };
        Option<double?> noise = new("--noise") { Description = "noise level of SIMPLISMA, percent of the largest mean (5 for spectra, 10 for channels)" };
        Option<bool> centre = new("--center") { Description = "take the mean spectrum off before the principal components" };
        var command = new Command("inspect", "Says what files hold: format, shape, axis, warnings, singular values, rank indicators, evolving factors, purest spectra.") { inputs, json, components, noise, centre };
        input.AddTo(command);
        preparation.AddTo(command);
        command.SetAction((parsed, cancel) => TuttiCommand.GuardAsync(parsed.InvocationConfiguration.Error, () => Task.Run(
            () =>
            {
                var recipe = preparation.Recipe(parsed);
                var wanted = new Wanted(recipe, preparation.References(parsed, recipe), parsed.GetValue(components), parsed.GetValue(noise), parsed.GetValue(centre));
                var (found, rank) = Look(parsed.GetValue(inputs) ?? [], input.From(parsed) with { NaNIsMissing = recipe.Model.Missing == MissingValues.NaN }, wanted, cancel);
                if (parsed.GetValue(json)) parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(new { File = found, Rank = rank }, indented));
                else Print(found, rank, parsed.InvocationConfiguration.Output);
            },
            cancel)));
        return command;
    }

    private sealed record Wanted(ReductionRecipe Recipe, Dictionary<string, string> References, int? Components, double? Noise, bool Centred);

    /// <summary>What the series says of its rank: shape and values after preparation and window, singular values, verdict with what led to it, figures, and the
    /// purest spectra and channels by number.</summary>
    private sealed record RankFound(
        int Spectra, int Channels, ValueSummary Values, IReadOnlyList<double> SingularValues, RankVerdict Verdict, RankIndicators Indicators, int Components,
        IReadOnlyList<int>? PurestSpectra, IReadOnlyList<int>? PurestChannels, IReadOnlyList<ReadingWarning> Warnings);

    private static (SeriesInspection Found, RankFound? Rank) Look(string[] paths, ReadingOptions options, Wanted wanted, CancellationToken cancel)
    {
        if (MappedArray.Of([.. paths.Select(path => (path, Path.GetFileName(path)))], options, cancel) is { } mapped)
        {
            using (mapped.Data) return (SeriesInspection.Of(mapped), RankOf(mapped, wanted, options, cancel));
        }
        var skipped = new List<ReadingWarning>();
        var files = SeriesReading.Load(paths, options, skipped, cancel);
        var inspection = SeriesReading.Inspect(files, options, cancel);
        return (inspection with { Warnings = [.. skipped, .. inspection.Warnings] }, inspection is { Spectra: > 1, Channels: > 1, Format: not "BioLogic electrochemistry" } ? RankOf(SeriesReading.Read(files, options, cancel), wanted, options, cancel) : null);
    }

    private static RankFound? RankOf(SpectralSeries series, Wanted wanted, ReadingOptions options, CancellationToken cancel)
    {
        var prepared = PreparationInput.Prepare(series, wanted.Recipe, wanted.References, options, cancel);
        var used = Reduce.Cut(prepared.Series, wanted.Recipe.Model.Window, options.Storage, cancel).Used.Data;
        if (used.Rows < 2 || used.Columns < 2) return null;
        var components = PrincipalComponents.OfLarge(used, wanted.Centred, cancellation: cancel);
        var rank = used.Count <= FullUpTo ? RankAnalysis.Of(used, components, cancellation: cancel) : RankAnalysis.Of(components);
        var count = Math.Clamp(wanted.Components ?? rank.Verdict.Suggested, 1, Math.Min(used.Rows, used.Columns));
        List<ReadingWarning> warnings = [.. prepared.Warnings];
        return new RankFound(
            used.Rows, used.Columns, ValueSummary.Of(used, cancel), components.SingularValues, rank.Verdict, RankIndicators.Of(components, rank), count,
            Purest("spectra", () => Simplisma.PurestRows(used, count, wanted.Noise ?? SpectraNoise, wanted.Recipe.Model.StartFloor)),
            Purest("channels", () => Simplisma.PurestColumns(used, count, wanted.Noise ?? ChannelsNoise)), warnings);

        IReadOnlyList<int>? Purest(string what, Func<IReadOnlyList<int>> look)
        {
            try
            {
                return look();
            }
            catch (NumericsException none) when (none.Code == "simplisma_exhausted")
            {
                warnings.Add(new ReadingWarning(none.Code, $"There are no {count} purest {what}: {none.Message}"));
                return null;
            }
        }
    }

    private static void Print(SeriesInspection inspection, RankFound? rank, TextWriter text)
    {
        text.WriteLine($"format:   {inspection.Format}");
        if (inspection.Sources is [var first, _, .., var last])
            text.WriteLine(Invariant($"files:    {inspection.Sources.Count}, from {first.Name} to {last.Name}, {inspection.Sources.Sum(source => source.Bytes)} bytes (--json has all with their sha256)"));
        else foreach (var source in inspection.Sources) text.WriteLine(Invariant($"file:     {source.Name}, {source.Bytes} bytes, sha256 {source.Sha256}"));
        foreach (var line in Lines(inspection)) text.WriteLine(line);
        foreach (var warning in inspection.Warnings) text.WriteLine($"warning:  {warning.Code}: {warning.Message}");
        if (rank is not null) PrintRank(rank, text);
    }

    private static IEnumerable<string> Lines(SeriesInspection found)
    {
        if (found.Spectra > 0) yield return Invariant($"spectra:  {found.Spectra}");
        if (found.Channels > 0) yield return Invariant($"channels: {found.Channels}");
        if (found.MapShape is { } map) yield return Invariant($"image:    {map.Rows} x {map.Columns} pixels");
        if (found.AxisName is not null)
            yield return Invariant($"axis:     {found.AxisName}{(found.AxisUnit is null ? "" : $" ({found.AxisUnit})")} from {found.AxisFrom} to {found.AxisTo}");
        if (found.Smallest is not null) yield return Invariant($"values:   {found.Smallest:G8} to {found.Largest:G8}");
        if (found.FirstTime is { } first) yield return Invariant($"times:    {first:s} to {found.LastTime:s}");
        if (found.Labels is { Count: > 0 } labels) yield return $"labels:   {string.Join(", ", labels.Take(5))}{(labels.Count > 5 ? ", ..." : "")}";
        foreach (var content in found.Contents) yield return $"holds:    {content}";
        foreach (var (name, value) in found.Metadata ?? new Dictionary<string, string>()) yield return $"told:     {name}: {value}";
    }

    private static void PrintRank(RankFound found, TextWriter text)
    {
        var figures = found.Indicators;
        text.WriteLine(Invariant($"reduced:  {found.Spectra} spectra of {found.Channels} channels, mean {found.Values.Mean:G8}, {found.Values.Least:G8} to {found.Values.Largest:G8}"));
        foreach (var warning in found.Warnings) text.WriteLine($"warning:  {warning.Code}: {warning.Message}");
        text.WriteLine($"singular values: {Listed(found.SingularValues, 10, "G8")}");
        text.WriteLine($"lack of fit by 1, 2, ... components (%): {Listed(figures.LofPercent, Shown, "G7")}");
        text.WriteLine($"real error RE:                           {Listed(figures.RealError, Shown, "G6")}");
        text.WriteLine($"indicator IND:                           {Listed(figures.Indicator, Shown, "G6")}");
        text.WriteLine($"F test, significance (%):                {Listed(figures.SignificancePercent, Shown, "G3")}");
        text.WriteLine($"Durbin-Watson of loadings:               {Listed(figures.DurbinWatson, Shown, "0.####")}");
        text.WriteLine($"rank:     {found.Verdict.Summary}");
        foreach (var evidence in found.Verdict.Evidence) text.WriteLine($"  {evidence.Indicator}: {evidence.Reading}");
        if (found.PurestSpectra is { } spectra) text.WriteLine($"purest spectra (from 0):  {string.Join(", ", spectra)}");
        if (found.PurestChannels is { } channels) text.WriteLine($"purest channels (from 0): {string.Join(", ", channels)}");
        if (figures.Evolving is not null) text.WriteLine("evolving factors: --json lists their eigenvalues");
    }

    private static string Listed(IReadOnlyList<double> values, int most, string format) => string.Join(", ", values.Take(most).Select(value => value.ToString(format, CultureInfo.InvariantCulture)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
