using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Plotting;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;

namespace Tutti.Reduction.CommandLine;

/// <summary>One run of <c>tutti reduce</c>: read, prepare, reduce, write.</summary>
internal sealed class ReductionRun(
    string[] inputs, ReadingOptions reading, ReductionRecipe recipe, IReadOnlyDictionary<string, string> references, bool bands, DirectoryInfo output, bool plots,
    ProgressLines progress)
{
    // Larger series are taken to have been looked at with fewer spectra.
    private const long ValuesForBilinearity = 1_000_000;
    private readonly List<(string Phase, IterationTime Time)> phases = [];

    public void Run(TextWriter text, CancellationToken cancel)
    {
        output.Create();
        File.Delete(PathOf("result.json"));
        var series = Timed("read", () => LargeArray.Map(inputs, reading) ?? SeriesReading.ReadPaths(inputs, reading, cancel));
        using var data = series.Data;
        var prepared = recipe.Steps.Count == 0 ? null : Timed("prepare", () => Prepare.Run(
            series, recipe.Steps, new PreparationContext(Environment.UserName, TimeProvider.System.GetUtcNow()), References(cancel), cancellation: cancel));
        series = prepared?.Series ?? series;
        var outcome = Reduce.Run(series, recipe.Model, progress, cancellation: cancel);
        progress.End();
        phases.Add(("rank", outcome.Timings.Rank));
        phases.Add(("resolution", outcome.Timings.Resolution));
        var result = outcome.Result;
        if (prepared is not null) result = result with { Warnings = [.. prepared.Warnings, .. result.Warnings] };
        if (outcome.Used.Data.Count <= ValuesForBilinearity && result.ComponentCount < Math.Min(series.Data.Rows, series.Data.Columns))
            result = result with { Warnings = [.. result.Warnings, .. Timed("bilinearity", () => Bilinearity.Check(outcome.Used.Data.ToMatrix(), result.ComponentCount, cancellation: cancel)).Warnings] };
        var ambiguity = !bands ? null : Timed("bands", () => AmbiguityBands.Of(outcome.Concentrations, outcome.Spectra, new AmbiguityOptions
        {
            NonNegativeC = recipe.Model.NonNegativeC, NonNegativeS = recipe.Model.NonNegativeS, Closure = recipe.Model.Closure is not null,
        }, cancel));
        Timed("output", () =>
        {
            Write(outcome, ambiguity);
            return 0;
        });
        WriteResult(result, prepared, ambiguity, outcome.Timings);
        Tell(text, outcome, result, ambiguity);
    }

    private Dictionary<string, SpectralSeries> References(CancellationToken cancel) =>
        references.ToDictionary(pair => pair.Key, pair => SeriesReading.ReadPaths([pair.Value], reading, cancel));

    private void Write(ReductionOutcome outcome, AmbiguityBands? ambiguity)
    {
        WriteFile("C.npy", file => NpyFormat.Write(file, outcome.Concentrations));
        WriteFile("S.npy", file => NpyFormat.Write(file, outcome.Spectra));
        WriteFile("axis.npy", file => NpyFormat.Write(file, outcome.Used.Axis.Values.ToArray()));
        WriteText("spectra.csv", text => ResultTables.WriteSpectra(text, outcome));
        WriteText("concentrations.csv", text => ResultTables.WriteConcentrations(text, outcome));
        WriteText("recipe.json", text => text.Write(recipe.ToJson()));
        if (!plots) return;
        foreach (var plot in ReductionPlots.All(outcome))
        {
            WriteFile(Path.Combine("plots", plot.Name + ".svg"), file => file.Write(plot.Svg));
            WriteFile(Path.Combine("plots", plot.Name + ".png"), file => file.Write(plot.Png));
        }
        if (ambiguity is null) return;
        foreach (var (component, band) in ambiguity.Components.Index())
            WriteText(string.Create(CultureInfo.InvariantCulture, $"band-{component + 1}.csv"), text =>
            {
                text.WriteLine("axis,least,most");
                for (var channel = 0; channel < outcome.Used.Axis.Values.Count; channel++)
                    text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Used.Axis.Values[channel]:R},{band.Minimum.Spectrum[channel]:R},{band.Maximum.Spectrum[channel]:R}"));
            });
    }

    // Last and in one piece: where it is, everything else is too.
    private void WriteResult(ReductionResult result, PreparedSeries? prepared, AmbiguityBands? ambiguity, ReductionTimings timings)
    {
        var json = JsonNode.Parse(result.ToJson())?.AsObject() ?? [];
        json["timings"] = new JsonObject
        {
            ["phases"] = new JsonArray([.. phases.Select(phase => (JsonNode)new JsonObject
            {
                ["phase"] = phase.Phase, ["wallSeconds"] = phase.Time.WallSeconds, ["cpuSeconds"] = phase.Time.CpuSeconds,
            })]),
            ["iterations"] = new JsonArray([.. timings.Iterations.Select(time => (JsonNode)new JsonObject
            {
                ["wallSeconds"] = time.WallSeconds, ["cpuSeconds"] = time.CpuSeconds,
            })]),
        };
        json["peakBytes"] = PeakBytes();
        if (prepared is not null) json["preparation"] = JsonNode.Parse(RecordText.Of(prepared.Records));
        if (ambiguity is not null)
            json["bands"] = new JsonObject
            {
                ["unique"] = ambiguity.Unique, ["summary"] = ambiguity.Summary,
                ["components"] = new JsonArray([.. ambiguity.Components.Select(band => (JsonNode)new JsonObject
                {
                    ["contribution"] = band.Contribution, ["least"] = band.Minimum.Contribution, ["most"] = band.Maximum.Contribution,
                })]),
            };
        var part = PathOf("result.json.part");
        File.WriteAllText(part, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.Move(part, PathOf("result.json"), overwrite: true);
    }

    private void Tell(TextWriter text, ReductionOutcome outcome, ReductionResult result, AmbiguityBands? ambiguity)
    {
        text.WriteLine(Invariant($"{result.Spectra} spectra of {result.Channels} channels, {outcome.Used.Format}"));
        text.WriteLine(Invariant($"rank:            {result.Rank.Summary}"));
        text.WriteLine(Invariant($"components:      {result.ComponentCount}{(result.ComponentsByVerdict ? " (by the verdict)" : "")}"));
        text.WriteLine(Invariant($"lack of fit:     {result.BestLofPercent:0.######} % (principal components: {result.LofPcaPercent:0.######} %), R2 {result.R2Percent:0.######} %"));
        text.WriteLine(Invariant($"iterations:      {result.Iterations}, {JsonNamingPolicy.KebabCaseLower.ConvertName(result.StopReason.ToString())}; the best, number {result.BestIteration}, is kept"));
        foreach (var finding in result.Findings) text.WriteLine(Invariant($"found:           {finding.Name} = {finding.Value:G8}"));
        if (ambiguity is not null) text.WriteLine($"bands:           {ambiguity.Summary}");
        foreach (var warning in result.Warnings) text.WriteLine($"warning:         {warning.Code}: {warning.Message}");
        text.WriteLine($"results:         {output.FullName}");
    }

    private T Timed<T>(string phase, Func<T> work)
    {
        var (wall, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var done = work();
        phases.Add((phase, new IterationTime(Stopwatch.GetElapsedTime(wall).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds)));
        return done;
    }

    private string PathOf(string name) => Path.Combine(output.FullName, name);

    private void WriteText(string name, Action<TextWriter> write) => WriteFile(name, file =>
    {
        using var text = new StreamWriter(file, leaveOpen: true);
        write(text);
    });

    private void WriteFile(string name, Action<Stream> write)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        using var file = File.Create(path);
        write(file);
    }

    // The largest resident memory so far; parts of a file that is worked on in place count while they are in memory.
    private static long PeakBytes()
    {
        const string status = "/proc/self/status";
        if (File.Exists(status) && File.ReadLines(status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
            && long.TryParse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes))
            return kilobytes << 10;
        return Process.GetCurrentProcess().PeakWorkingSet64;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
