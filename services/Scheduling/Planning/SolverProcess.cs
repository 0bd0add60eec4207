using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// The planner in a process of its own, so that a failure of the native solver cannot take down its host: the command line gets the instance by standard input and tells
/// of every better plan by a line of JSON, and the last plan told of is kept whatever becomes of the process. Its standard input stays open as long as its host lives: where the host is killed, it ends with it.
/// </summary>
public sealed class SolverProcess(string program)
{
    /// <summary>The process ended before its time.</summary>
    public const string Crashed = "solver_crashed";

    /// <summary>There is no such program.</summary>
    public const string NotFound = "solver_not_found";

    /// <summary>What is left to a process whose time is over before it is ended, and so much more for each experiment: it still has to say why those without a place have none, and who waits for one.</summary>
    private static readonly TimeSpan grace = TimeSpan.FromSeconds(5), graceOfEach = TimeSpan.FromMilliseconds(25);

    /// <summary>Plans as <see cref="Planner.Plan"/>; stopping ends the process at once and gives the best plan so far.</summary>
    /// <exception cref="PlanningException">
    /// The errors of the instance; <c>solver_crashed</c>: the process ended before there was a plan; <c>solver_not_found</c>: there is no such program.
    /// </exception>
    /// <param name="start">As of <see cref="Planner.Plan"/>.</param>
    /// <returns>The plan, and whether the process came to an orderly end.</returns>
    public async Task<(ShiftPlan Plan, string? Failure)> PlanAsync(PlanningInstance instance, PlannerOptions options, ShiftPlan? start, Action<PlanProgress>? progress, CancellationToken stop)
    {
        if (InstanceValidation.Errors(instance) is { Count: > 0 } errors) throw new PlanningException(errors);
        using var process = Start(options, start is not null);
        // A process that is disposed of leaves open what was taken of it: closed here, when this is over, and not before.
        await using var input = process.StandardInput.BaseStream;
        ShiftPlan? best = null;
        var complete = false;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(options.TimeLimit + (2 * options.TellingTime) + options.ForceTime + grace + (instance.Experiments.Count * graceOfEach));
        await using var ending = late.Token.Register(() => End(process));
        var errorText = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            using var json = new MemoryStream();
            instance.Write(json);
            json.WriteByte((byte)'\n');
            if (start is not null)
            {
                start.Write(json);
                json.WriteByte((byte)'\n');
            }
            json.Position = 0;
            await json.CopyToAsync(input, late.Token);
            await input.FlushAsync(late.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // It ended before it had read everything: its exit code and its last words say why, below.
            End(process);
        }
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (Read(line) is not { } told) continue;
            if (told.Progress is { } step) progress?.Invoke(step);
            best = told.Plan;
            complete |= told.Last;
        }
        await process.WaitForExitAsync(CancellationToken.None);
        var words = await errorText;
        var failure = complete || stop.IsCancellationRequested ? null
            : string.Create(CultureInfo.InvariantCulture, $"{Crashed}: the process ended with {process.ExitCode}. {words.Trim()[..Math.Min(words.Trim().Length, 500)]}");
        return best is not null ? (best, failure) : throw new PlanningException(Crashed, program, failure ?? "It was stopped before there was a plan.");
    }

    /// <summary>One line of a process: an improvement with its plan, or the plan at the end.</summary>
    public sealed record Line(ShiftPlan Plan, bool Last, PlanProgress? Progress = null)
    {
        public string Write() => JsonSerializer.Serialize(this, PlanningJson.Default.Line);
    }

    private static Line? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, PlanningJson.Default.Line);
        }
        catch (JsonException)
        {
            // Native code writes to the same stream when it aborts; a line that was cut off tells nothing.
            return null;
        }
    }

    /// <summary>The program that runs this process's runtime, wherever that is installed.</summary>
    private static string Runtime => Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet") is var path && File.Exists(path) ? Path.GetFullPath(path) : "dotnet";

    private Process Start(PlannerOptions options, bool hasStart)
    {
        var start = new ProcessStartInfo(program.EndsWith(".dll", StringComparison.Ordinal) ? Runtime : program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        if (program.EndsWith(".dll", StringComparison.Ordinal)) start.ArgumentList.Add(program);
        string[] words =
        [
            "plan", "-", "--json", "--until-input-ends", "--time-limit", options.TimeLimit.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture),
            "--workers", options.Workers.ToString(CultureInfo.InvariantCulture), "--seed", options.Seed.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var word in words) start.ArgumentList.Add(word);
        if (options.WorkLimit is { } work)
        {
            start.ArgumentList.Add("--work-limit");
            start.ArgumentList.Add(work.ToString("R", CultureInfo.InvariantCulture));
        }
        if (hasStart)
        {
            start.ArgumentList.Add("--start");
            start.ArgumentList.Add("-");
        }
        if (options.Explain)
        {
            start.ArgumentList.Add("--explain");
            start.ArgumentList.Add("--force-time");
            start.ArgumentList.Add(options.ForceTime.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture));
        }
        try
        {
            return Process.Start(start) ?? throw new PlanningException(NotFound, program, "It did not start.");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new PlanningException(NotFound, program, missing.Message, missing);
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself meanwhile.
        }
    }
}
