using System.CommandLine;
using System.Globalization;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.CommandLine;

/// <summary><c>tutti plan INSTANCE.json</c>: the best plan within a time, with a line for every improvement.</summary>
internal static class PlanCommand
{
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
        var command = new Command("plan", "Plans an instance: the best plan that is found within the time, its bound, and why the rest has no place.")
        {
            input, time, work, workers, seed, output, start, explain, force, lines,
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
            json.Position = 0;
            var instance = PlanningInstance.Read(json);
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
            var verdict = PlanCheck.Read(json).Judge(written);
            if (!verdict.IsLegal || verdict.Objective != plan.Objective || plan.Layers.Any(layer => verdict.Layers[layer.Layer] != layer.Value))
                throw new InvalidOperationException($"The planner made a plan that the checker refuses: {verdict.Objective} for {plan.Objective}, {string.Join("; ", verdict.Broken.Take(3))}");
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
            return 0;
        }, CancellationToken.None)));
        return command;
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
