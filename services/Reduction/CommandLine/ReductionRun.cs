using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Plotting;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.CommandLine;

/// <summary>One run of <c>tutti reduce</c>: read, prepare, reduce, write.</summary>
internal sealed partial class ReductionRun(
    string[] inputs, ReadingOptions readingAsAsked, ReductionRecipe recipe, IReadOnlyDictionary<string, string> references, DirectoryInfo output, bool plots,
    ProgressLines progress)
{
    private const int SpectraTold = 5;

    // What does not fit into memory goes beside the results, where there must be room anyway.
    private readonly ReadingOptions reading = readingAsAsked with { Storage = readingAsAsked.Storage with { Folder = NearestFolder(output) } };
    private readonly List<(string Phase, IterationTime Time)> phases = [];

    public void Run(TextWriter text, CancellationToken cancel)
    {
        Writing(() =>
        {
            RequireWritable();
            // What an earlier run left is no result of this one, whatever becomes of it.
            if (File.Exists(PathOf("result.json"))) File.Delete(PathOf("result.json"));
        });
        try
        {
            Work(text, cancel);
        }
        finally
        {
            progress.End();
        }
    }

    private void Work(TextWriter text, CancellationToken cancel)
    {
        var series = Timed("read", () => MappedArray.Of([.. inputs.Select(path => (path, Path.GetFileName(path)))], reading, cancel) ?? SeriesReading.ReadPaths(inputs, reading, cancel));
        using var data = series.Data;
        var prepared = Timed("prepare", () => PreparationInput.Prepare(series, recipe, references, reading, cancel));
        using var preparedData = prepared.Series.Data;
        var outcome = Reduce.Run(prepared, recipe.Model, progress, null, cancel, reading.Storage);
        progress.End();
        cancel.ThrowIfCancellationRequested();
        phases.Add(("rank", outcome.Timings.Rank));
        phases.Add(("resolution", outcome.Timings.Resolution));
        Timed("output", () =>
        {
            // Products and rooms of the numerics are large and done with.
            GC.Collect();
            Writing(() =>
            {
                RemoveEarlier();
                Write(outcome);
            });
            return 0;
        });
        Writing(() => WriteResult(outcome));
        Tell(text, outcome);
    }

    private void Writing(Action write)
    {
        try
        {
            write();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"The results cannot be written to {output.FullName}: {refused.Message}", refused);
        }
    }

    // A run may take hours: whether its results can be written is found out before it, by a file that is gone at once.
    private void RequireWritable()
    {
        var folder = NearestFolder(output);
        for (var path = output.FullName; path.Length > folder.Length; path = Path.GetDirectoryName(path) ?? folder)
            if (File.Exists(path)) throw new IOException($"{path} is a file.");
        File.Create(Path.Combine(folder, $".tutti-{Guid.CreateVersion7():N}"), 1, FileOptions.DeleteOnClose).Dispose();
    }

    private static string NearestFolder(DirectoryInfo folder)
    {
        var there = folder;
        while (there is { Exists: false, Parent: not null }) there = there.Parent;
        return there.FullName;
    }

    // Files that this run would not replace would be taken for its own; what Tutti does not write, and what this run reads, stays.
    private void RemoveEarlier()
    {
        var read = inputs.Concat(references.Values).Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))).ToList();
        foreach (var (folder, written) in ((string, Regex)[])[(output.FullName, Tables()), (PathOf("plots"), Plots())])
        {
            if (!Directory.Exists(folder)) continue;
            foreach (var file in Directory.EnumerateFiles(folder).Where(file => written.IsMatch(Path.GetFileName(file)) && !IsRead(file)).ToList()) File.Delete(file);
        }

        bool IsRead(string file) => read.Any(path => file == path || file.StartsWith(path + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^((C|S)(-deviation|-low|-high)?\.npy|axis\.npy|(concentrations|spectra)(-uncertainty)?\.csv|combination\.csv|combinations-ranked\.csv|band-\d+\.csv|recipe(-replay)?\.json|result\.json\.part)$")]
    private static partial Regex Tables();

    [GeneratedRegex(@"^(spectra|components|concentrations|(concentrations|spectra)-uncertainty|concentrations-(potential|capacity)|bands|scree|residual|map-\d+)\.(svg|png)$")]
    private static partial Regex Plots();

    private void Write(ReductionOutcome outcome)
    {
        WriteFile("C.npy", file => NpyFormat.Write(file, outcome.Concentrations));
        WriteFile("S.npy", file => NpyFormat.Write(file, outcome.Spectra));
        WriteFile("axis.npy", file => NpyFormat.Write(file, outcome.Used.Axis.Values.ToArray()));
        foreach (var (name, write) in ResultTables.All(outcome)) WriteText(name, write);
        if (outcome.Uncertainty is { } found)
            foreach (var (name, matrix) in ((string, Matrix)[])
                [("C-deviation", found.DeviationC), ("C-low", found.LowC), ("C-high", found.HighC), ("S-deviation", found.DeviationS), ("S-low", found.LowS), ("S-high", found.HighS)])
                WriteFile(name + ".npy", file => NpyFormat.Write(file, matrix));
        var followed = recipe with { Model = recipe.Model.Recorded() };
        WriteText("recipe.json", text => text.Write(followed.ToJson()));
        if (outcome.Prepared.Records.Count > 0) WriteText("recipe-replay.json", text => text.Write((followed with { Steps = outcome.Prepared.Replay }).ToJson()));
        if (plots) foreach (var plot in ReductionPlots.All(outcome))
        {
            WriteFile(Path.Combine("plots", plot.Name + ".svg"), file => file.Write(plot.Svg));
            WriteFile(Path.Combine("plots", plot.Name + ".png"), file => file.Write(plot.Png));
        }
        WriteBands(outcome);
    }

    private void WriteBands(ReductionOutcome outcome)
    {
        foreach (var (component, band) in outcome.Bands?.Components.Index() ?? [])
            WriteText(string.Create(CultureInfo.InvariantCulture, $"band-{component + 1}.csv"), text =>
            {
                text.WriteLine("axis,least,most");
                for (var channel = 0; channel < outcome.Used.Axis.Values.Count; channel++)
                    text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Used.Axis.Values[channel]:R},{band.Minimum.Spectrum[channel]:R},{band.Maximum.Spectrum[channel]:R}"));
            });
    }

    // Last and in one piece: where it is, everything else is too.
    private void WriteResult(ReductionOutcome outcome)
    {
        var json = JsonNode.Parse(outcome.Result.ToJson())?.AsObject() ?? [];
        json["timings"] = new JsonObject
        {
            ["phases"] = new JsonArray([.. phases.Select(phase => (JsonNode)new JsonObject
            {
                ["phase"] = phase.Phase, ["wallSeconds"] = phase.Time.WallSeconds, ["cpuSeconds"] = phase.Time.CpuSeconds,
            })]),
            ["iterations"] = new JsonArray([.. outcome.Timings.Iterations.Select(time => (JsonNode)new JsonObject
            {
                ["wallSeconds"] = time.WallSeconds, ["cpuSeconds"] = time.CpuSeconds,
            })]),
        };
        json["peakBytes"] = PeakBytes();
        if (outcome.Prepared.Records.Count > 0) json["preparation"] = JsonNode.Parse(StepRecords.ToJson(outcome.Prepared.Records));
        var part = PathOf("result.json.part");
        File.WriteAllText(part, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.Move(part, PathOf("result.json"), overwrite: true);
    }

    private void Tell(TextWriter text, ReductionOutcome outcome)
    {
        var result = outcome.Result;
        text.WriteLine(Invariant($"{result.Spectra} spectra of {result.Channels} channels, {outcome.Used.Format}"));
        text.WriteLine(Invariant($"rank:            {result.Rank.Summary}"));
        text.WriteLine(Invariant($"components:      {result.ComponentCount}{(result.ComponentsByVerdict ? " (by the verdict)" : "")}"));
        text.WriteLine(Invariant($"lack of fit:     {result.BestLofPercent:0.######} % ({(result.LofPcaPercent is { } least ? Invariant($"principal components: {least:0.######} %") : "weighted")}), R2 {result.R2Percent:0.######} %"));
        text.WriteLine(Invariant($"iterations:      {result.Iterations}, {result.StopReason.Word()}; the best, number {result.BestIteration}, is kept"));
        foreach (var finding in result.Findings) text.WriteLine(Invariant($"found:           {finding.Name} = {finding.Value:G8}"));
        if (result.Combination is { } combination) TellCombination(text, combination);
        if (result.Uncertainty is { } around)
            text.WriteLine(Invariant($"uncertainty:     C {string.Join(", ", around.ConcentrationsPercent.Select(Short))} %, S {string.Join(", ", around.SpectraPercent.Select(Short))} % (standard deviation of {around.Replicates} replicates)"));
        if (result.Options.Method == ReductionMethod.CurveResolution) text.WriteLine($"uniqueness:      {result.Bands?.Summary ?? "not looked at; --bands tells how far the profiles can be turned into each other without any change of the fit"}");
        foreach (var warning in result.Warnings) text.WriteLine($"warning:         {warning.Code}: {warning.Message}");
        text.WriteLine($"results:         {output.FullName}");
    }

    private static void TellCombination(TextWriter text, CombinationSummary combination)
    {
        text.WriteLine(Invariant($"references:      {string.Join(", ", combination.References)}; R factor {combination.RFactor:G6}"));
        foreach (var (number, spectrum) in combination.Spectra.Take(SpectraTold).Index())
        {
            text.WriteLine(Invariant($"spectrum {number}:      {string.Join(", ", spectrum.Fractions.Zip(spectrum.Errors, (value, error) => Invariant($"{value:G4} +- {(error is { } known ? Short(known) : "?")}")))}; R {spectrum.RFactor:G4}"));
            if (spectrum.Ranking is [var best, ..])
                text.WriteLine(Invariant($"  best:          {string.Join(" + ", best.References.Select(reference => combination.References[reference]))}, reduced chi-square {best.ReducedChiSquare:G5}"));
        }
        if (combination.Spectra.Count > SpectraTold) text.WriteLine("                 ... (combination.csv has all)");
    }

    private static string Short(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

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
