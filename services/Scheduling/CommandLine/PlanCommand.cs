using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.CommandLine;

/// <summary><c>tutti plan INSTANCE.json</c>: the best plan within a time, with a line for every improvement.</summary>
internal static class PlanCommand
{
    // A plan is written soon after it is found; `check` looks longer for lower ranked proposals that keep others out.
    private static readonly TimeSpan rankPatience = TimeSpan.FromSeconds(3);

    public static Command Create()
    {
        Argument<string> input = new("instance") { Description = "the instance, as JSON; - for standard input" };
        Option<double> time = new("--time-limit") { Description = "seconds", DefaultValueFactory = _ => 60 };
        Option<double?> work = new("--work-limit") { Description = "with one worker: end after so much work, at the same point on every machine" };
        Option<int> workers = new("--workers") { Description = "1: the same plan for the same seed; 2: one that improves, one that proves", DefaultValueFactory = _ => 2 };
        Option<int> seed = new("--seed") { Description = "seed of the search", DefaultValueFactory = _ => 1 };
        Option<FileInfo?> output = new("--output", "-o") { Description = "file for the plan; standard output where none is given" };
        Option<string?> start = new("--start") { Description = "a plan to begin with; what of it is legal is kept; -: the second line of standard input, after the instance" };
        Option<bool> explain = new("--explain") { Description = "say for each experiment without a place what would help" };
        Option<double> force = new("--force-time") { Description = "with --explain: seconds beyond the time limit to find out what placing each by force would displace", DefaultValueFactory = _ => 20 };
        Option<bool> lines = new("--json") { Description = "progress as JSON lines, each with the placements so far, for programs" };
        Option<bool> guarded = new("--until-input-ends") { Description = "standard input is read line by line, and this process is ended when it ends: who asked is gone" };
        var command = new Command("plan", "Plans an instance: the best plan that is found within the time, its bound, and why the rest has no place.")
        {
            input, time, work, workers, seed, output, start, explain, force, lines, guarded,
        };
        command.SetAction((parsed, cancel) => PlanningCommand.GuardAsync(parsed.InvocationConfiguration.Error, () => Task.Run(() =>
        {
            var seconds = parsed.GetValue(time);
            if (!(seconds is >= 0.001 and <= 86_400)) throw new ArgumentOutOfRangeException("--time-limit", seconds, "The time limit is from a millisecond to a day.");
            var forceSeconds = parsed.GetValue(explain) ? parsed.GetValue(force) : 0;
            if (!(forceSeconds is >= 0 and <= 86_400)) throw new ArgumentOutOfRangeException("--force-time", forceSeconds, "The time to force is from nothing to a day.");
            var toFile = parsed.GetValue(output);
            if (toFile is not null) PlanningCommand.RequireWritable(toFile);
            using var json = new MemoryStream();
            if (parsed.GetRequiredValue(input) is "-" && parsed.GetValue(guarded)) ReadLines(json, parsed.GetValue(start) is "-" ? 2 : 1);
            else
                using (var source = parsed.GetRequiredValue(input) is "-" ? Console.OpenStandardInput() : File.OpenRead(parsed.GetRequiredValue(input))) source.CopyTo(json);
            ShiftPlan? first = null;
            if (parsed.GetValue(start) is "-")
            {
                var end = json.GetBuffer().AsSpan(0, (int)json.Length).IndexOf((byte)'\n');
                if (end < 0) throw new UnreadableException("plan_damaged", "There is no second line with a plan to begin with.");
                using var second = new MemoryStream(json.ToArray()[(end + 1)..]);
                first = ShiftPlan.Read(second);
                json.SetLength(end);
            }
            else if (parsed.GetValue(start) is { } file)
            {
                using var given = File.OpenRead(file);
                first = ShiftPlan.Read(given);
            }
            var instance = PlanningCommand.Read(json, parsed.InvocationConfiguration.Error);
            var options = new PlannerOptions
            {
                TimeLimit = TimeSpan.FromSeconds(seconds), Workers = parsed.GetValue(workers), Seed = parsed.GetValue(seed), WorkLimit = parsed.GetValue(work), Explain = parsed.GetValue(explain), ForceTime = TimeSpan.FromSeconds(forceSeconds),
            };
            var asJson = parsed.GetValue(lines);
            var report = toFile is null && !asJson ? parsed.InvocationConfiguration.Error : parsed.InvocationConfiguration.Output;
            var plan = Planner.Plan(instance, options, first, progress => Tell(report, progress, asJson), cancel);

            using var written = new MemoryStream();
            plan.Write(written);
            json.Position = written.Position = 0;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(rankPatience);
            var verdict = PlanCheck.Read(json).Judge(written, patience.Token);
            var inverted = PlanningCommand.RequireLegal("The planner", instance, plan, verdict);
            if (asJson)
            {
                report.WriteLine(new SolverProcess.Line(plan, true).Write());
                if (toFile is null) return 0;
            }
            written.Position = 0;
            using (var target = toFile is null ? Console.OpenStandardOutput() : toFile.Create()) written.CopyTo(target);
            if (!asJson) report.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(plan.Status == PlanStatus.Optimal ? "optimal" : "feasible")} {plan.Objective}, bound {plan.Bound}, {plan.Placements.Count} placed, {plan.Unplaced.Count} not placed"));
            if (!asJson) report.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"layers: {string.Join(", ", plan.Layers.Where(layer => layer.Amount != 0).Select(layer => $"{layer.Layer} {layer.Value}"))}; {plan.Granted.Count} smaller grants, {plan.Reserve.Count} proposals on the reserve list"));
            if (!asJson && plan.RankOpen is { } open) report.WriteLine($"rank: {open.Count} proposals left out are not decided, {inverted} of them are known to be left out for lower ranked ones");
            return 0;
        }, CancellationToken.None)));
        return command;
    }

    /// <summary>Reads so many lines from standard input, and ends this process when there are no more to come.</summary>
    private static void ReadLines(MemoryStream target, int lines)
    {
        var source = Console.OpenStandardInput();
        var part = new byte[1 << 16];
        while (lines > 0 && source.Read(part) is var read and > 0)
        {
            target.Write(part, 0, read);
            lines -= part.AsSpan(0, read).Count((byte)'\n');
        }
        new Thread(() =>
        {
            source.CopyTo(Stream.Null);
            // The native search hears of nothing else at once.
            Process.GetCurrentProcess().Kill();
        })
        { IsBackground = true, Name = "waits for the end of the input" }.Start();
    }

    private static void Tell(TextWriter report, PlanProgress progress, bool asJson)
    {
        report.WriteLine(asJson ? new SolverProcess.Line(new() { Status = PlanStatus.Feasible, Objective = progress.Objective, Bound = progress.Bound, Placements = progress.Placements() }, false, progress).Write()
            : Line(progress));
        report.Flush();
    }

    private static string Line(PlanProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"{progress.Seconds,8:F2} s  objective {progress.Objective}  bound {progress.Bound}  gap {100 * progress.Gap:F2} %  {progress.By}");
}
