using System.CommandLine;
using System.Globalization;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.CommandLine;

/// <summary><c>tutti repair INSTANCE.json PLAN.json</c>: a published plan after lost time, cancelled teams or withdrawn cells; 0: done, 1: refused, 2: unreadable.</summary>
internal static class RepairCommand
{
    public static Command Create()
    {
        Argument<FileInfo> input = new("instance") { Description = "the instance, as JSON" };
        Argument<FileInfo> published = new("plan") { Description = "the published plan, as JSON" };
        Option<string[]> lost = new("--lost") { Description = "INSTRUMENT:START-END, time that an instrument gives to nobody" };
        Option<int[]> teams = new("--cancelled-team") { Description = "a team that does not come" };
        Option<int[]> experiments = new("--cancelled-experiment") { Description = "an experiment that is given up" };
        Option<string[]> cells = new("--withdrawn-cells") { Description = "TYPE:COUNT:START-END, cells that cannot be used" };
        Option<int?> now = new("--now") { Description = "the unit at which it is known: what began earlier stays; the start of the earliest lost time where none is given" };
        Option<int[]?> booked = new("--booked") { Description = "a team with tickets; those that travel within three weeks where none is given" };
        Option<string> option = new("--option") { Description = "least-moved, most-science, reserve-only, or all of them side by side", DefaultValueFactory = _ => "all" };
        option.AcceptOnlyFromAmong("least-moved", "most-science", "reserve-only", "all");
        Option<double> time = new("--time-limit") { Description = "seconds for each option", DefaultValueFactory = _ => 3 };
        Option<int> workers = new("--workers") { Description = "as of plan", DefaultValueFactory = _ => 2 };
        Option<int> seed = new("--seed") { Description = "as of plan", DefaultValueFactory = _ => 1 };
        Option<FileInfo?> output = new("--output", "-o") { Description = "file for the repaired plan with its changes; of one option only" };
        Option<FileInfo?> problem = new("--instance-output") { Description = "file for the instance after the disruption, by which the plan is to be judged" };
        var command = new Command("repair", "Repairs a published plan: keeps what can stay, and says whom it moves.")
        {
            input, published, lost, teams, experiments, cells, now, booked, option, time, workers, seed, output, problem,
        };
        command.SetAction((parsed, cancel) => PlanningCommand.GuardAsync(parsed.InvocationConfiguration.Error, () => Task.Run(() =>
        {
            var seconds = parsed.GetValue(time);
            if (!(seconds is >= 0.001 and <= 86_400)) throw new ArgumentOutOfRangeException("--time-limit", seconds, "The time limit is from a millisecond to a day.");
            var options = parsed.GetValue(option) switch
            {
                "least-moved" => [RepairOption.LeastMoved],
                "most-science" => [RepairOption.MostScience],
                "reserve-only" => [RepairOption.ReserveOnly],
                _ => Enum.GetValues<RepairOption>(),
            };
            var (toFile, instanceToFile) = (parsed.GetValue(output), parsed.GetValue(problem));
            if (options.Length > 1 && (toFile is not null || instanceToFile is not null)) throw new UnreadableException("usage", "A file is written of one option: say which by --option.");
            foreach (var file in new[] { toFile, instanceToFile })
                if (file is not null) PlanningCommand.RequireWritable(file);
            using var json = new MemoryStream(File.ReadAllBytes(parsed.GetRequiredValue(input).FullName));
            var instance = PlanningCommand.Read(json, parsed.InvocationConfiguration.Error);
            ShiftPlan plan;
            using (var source = parsed.GetRequiredValue(published).OpenRead()) plan = ShiftPlan.Read(source);
            var worth = Verdict(instance, plan).Objective;
            IReadOnlyList<LostTime> gone = [.. (parsed.GetValue(lost) ?? []).Select(word => Numbers(word, "--lost", "INSTRUMENT:START-END", 3)).Select(n => new LostTime(n[0], n[1], n[2]))];
            IReadOnlyList<WithdrawnCells> withdrawn = [.. (parsed.GetValue(cells) ?? []).Select(word => Numbers(word, "--withdrawn-cells", "TYPE:COUNT:START-END", 4)).Select(n => new WithdrawnCells(n[0], n[1], n[2], n[3]))];
            var disruption = new Disruption
            {
                Lost = gone, WithdrawnCells = withdrawn, CancelledTeams = parsed.GetValue(teams) ?? [], CancelledExperiments = parsed.GetValue(experiments) ?? [],
                Booked = parsed.GetValue(booked) is { Length: > 0 } told ? told : null,
                Now = parsed.GetValue(now) ?? gone.Select(one => one.Start).Concat(withdrawn.Select(one => one.Start)).DefaultIfEmpty(0).Min(),
            };
            if (gone.Count + withdrawn.Count + disruption.CancelledTeams.Count + disruption.CancelledExperiments.Count == 0)
                throw new UnreadableException("usage", "Nothing has happened: say what by --lost, --cancelled-team, --cancelled-experiment or --withdrawn-cells.");
            var report = parsed.InvocationConfiguration.Output;
            foreach (var one in options)
            {
                var search = new PlannerOptions { TimeLimit = TimeSpan.FromSeconds(seconds), Workers = parsed.GetValue(workers), Seed = parsed.GetValue(seed) };
                var repaired = Repair.Plan(instance, plan, disruption, one, search, null, cancel);
                Judge(repaired);
                Tell(report, repaired, worth);
                Write(toFile, repaired.Plan.Write);
                Write(instanceToFile, repaired.Instance.Write);
            }
            return 0;
        }, CancellationToken.None)));
        return command;
    }

    private static int[] Numbers(string word, string name, string form, int count)
    {
        var parts = word.Split(':', '-');
        var numbers = parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return numbers.Length == count && numbers.All(number => number >= 0) ? numbers : throw new UnreadableException("usage", $"{name} has the form {form}, not {word}.");
    }

    private static void Judge(RepairedPlan repaired)
    {
        PlanningCommand.RequireLegal("The repair", repaired.Instance, repaired.Plan, Verdict(repaired.Instance, repaired.Plan));
    }

    private static Verdict Verdict(PlanningInstance instance, ShiftPlan plan)
    {
        using MemoryStream json = new(), written = new();
        instance.Write(json);
        plan.Write(written);
        json.Position = written.Position = 0;
        return PlanCheck.Read(json).Judge(written);
    }

    private static void Tell(TextWriter report, RepairedPlan repaired, long before)
    {
        report.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Name(repaired.Option)}: objective {repaired.Plan.Objective} (published {before}), {repaired.TeamsHit.Count} teams hit, {repaired.UntouchedTeamsMoved.Count} of {repaired.UntouchedTeams} others moved, {repaired.Seconds:F1} s"));
        foreach (var change in repaired.Changes)
            report.WriteLine($"  {(change.Effect switch { RepairEffect.Moved => "moved", RepairEffect.Dropped => "dropped", RepairEffect.Added => "added" }),-8} experiment {change.Experiment} of proposal {change.Proposal}, team {change.Team}"
                + $"{(change.Hit ? ", hit" : "")}{(change.Booked ? ", travel booked" : "")}: {Place(change.Before)} -> {Place(change.After)}");
    }

    private static string Name(RepairOption option) => option switch { RepairOption.LeastMoved => "least-moved", RepairOption.MostScience => "most-science", RepairOption.ReserveOnly => "reserve-only" };

    private static string Place(InstancePlacement? place) => place is null ? "none" : $"instrument {place.Instrument} {string.Join(", ", place.Blocks.Select(block => $"{block[0]}-{block[1]}"))}";

    private static void Write(FileInfo? file, Action<Stream> write)
    {
        if (file is null) return;
        using var target = file.Create();
        write(target);
    }
}
