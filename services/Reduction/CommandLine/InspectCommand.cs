using System.CommandLine;
using System.Globalization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary><c>tutti inspect INPUT...</c>: what is in files, and what the rank indicators say of it.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var (inputs, input) = (InputOptions.Inputs(), new InputOptions());
        var command = new Command("inspect", "Says what files hold: format, shape, axis, warnings, singular values and rank.") { inputs };
        input.AddTo(command);
        command.SetAction((parsed, cancel) => TuttiCommand.GuardAsync(parsed.InvocationConfiguration.Error, () => Task.Run(
            () => Print(parsed.GetValue(inputs) ?? [], input.From(parsed), parsed.InvocationConfiguration.Output, cancel), cancel)));
        return command;
    }

    private static void Print(string[] paths, ReadingOptions options, TextWriter text, CancellationToken cancel)
    {
        if (paths is [var one] && MappedArray.Of(one, Path.GetFileName(one), options, cancel) is { } mapped)
        {
            using (mapped.Data) PrintSeries(mapped, text, cancel);
            return;
        }
        var skipped = new List<ReadingWarning>();
        var files = SeriesReading.Load(paths, options, skipped, cancel);
        var inspection = SeriesReading.Inspect(files, options, cancel);
        text.WriteLine($"format:   {inspection.Format}");
        foreach (var source in inspection.Sources) text.WriteLine(Invariant($"file:     {source.Name}, {source.Bytes} bytes, sha256 {source.Sha256}"));
        foreach (var line in Lines(inspection)) text.WriteLine(line);
        foreach (var warning in skipped.Concat(inspection.Warnings)) text.WriteLine($"warning:  {warning.Code}: {warning.Message}");
        if (inspection is { Spectra: > 1, Channels: > 1, Format: not "BioLogic electrochemistry" }) PrintRank(SeriesReading.Read(files, options, cancel), text, cancel);
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

    private static void PrintSeries(SpectralSeries series, TextWriter text, CancellationToken cancel)
    {
        text.WriteLine($"format:   {series.Format}");
        foreach (var source in series.Sources) text.WriteLine(Invariant($"file:     {source.Name}, {source.Bytes} bytes, sha256 {source.Sha256}"));
        text.WriteLine(Invariant($"spectra:  {series.Data.Rows}"));
        text.WriteLine(Invariant($"channels: {series.Data.Columns}"));
        text.WriteLine(Invariant($"axis:     {series.Axis.Label} from {series.Axis.Values[0]} to {series.Axis.Values[^1]}"));
        PrintRank(series, text, cancel);
    }

    private static void PrintRank(SpectralSeries series, TextWriter text, CancellationToken cancel)
    {
        if (series.Data.Rows < 2 || series.Data.Columns < 2) return;
        var components = PrincipalComponents.OfLarge(series.Data, cancellation: cancel);
        text.WriteLine($"singular values: {string.Join(", ", components.SingularValues.Take(10).Select(value => Invariant($"{value:G8}")))}");
        text.WriteLine($"lack of fit by 1, 2, ... components (%): {string.Join(", ", Enumerable.Range(1, Math.Min(9, components.SingularValues.Count - 1)).Select(k => Invariant($"{components.LofPercent(k):G7}")))}");
        var rank = RankAnalysis.Of(components);
        text.WriteLine($"rank:     {rank.Verdict.Summary}");
        foreach (var evidence in rank.Verdict.Evidence) text.WriteLine($"  {evidence.Indicator}: {evidence.Reading}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
