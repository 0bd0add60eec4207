using System.Text.Json;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Benchmarks;

/// <summary>Repairs published plans after the loss of one instrument-week, at random instruments and weeks, and sets them against planning afresh.</summary>
internal static class RepairBenchmark
{
    private const int Week = 21;

    public static void Measure(string name, PlanningInstance instance, ShiftPlan published, int cases, double seconds, double afresh, int workers)
    {
        var random = new Random(20_270_104);
        var rows = new List<(double Seconds, double Moved, double Below, int Teams)>();
        for (var n = 0; n < cases; n++)
        {
            var (instrument, start) = (0, 0);
            do
            {
                instrument = instance.Instruments[random.Next(instance.Instruments.Count)].Id;
                start = Week * random.Next(instance.Horizon / Week);
            }
            while (!published.Placements.Any(place => place.Instrument == instrument && place.Blocks.Any(block => block[0] < start + Week && start < block[1])));
            var disruption = new Disruption { Now = start, Lost = [new(instrument, start, start + Week)] };
            var options = Enum.GetValues<RepairOption>().Select(option => Repair.Plan(instance, published, disruption, option, new() { TimeLimit = TimeSpan.FromSeconds(seconds), Workers = workers })).ToList();
            foreach (var repaired in options) Judge(repaired);
            var best = Planner.Plan(options[0].Instance, new() { TimeLimit = TimeSpan.FromSeconds(afresh), Workers = 2 }).Objective;
            foreach (var repaired in options)
            {
                var moved = 100.0 * repaired.UntouchedTeamsMoved.Count / Math.Max(1, repaired.UntouchedTeams);
                var below = 100.0 * (best - repaired.Plan.Objective) / Math.Max(1, best);
                if (repaired.Option == RepairOption.LeastMoved) rows.Add((repaired.Seconds, moved, below, repaired.UntouchedTeamsMoved.Count));
                Console.WriteLine($"{name,-14}{$"{instrument} {start}-{start + Week}",-16}{repaired.Option,-13}{repaired.Seconds,6:F1}s  hit {repaired.Changes.Count(change => change.Hit),2} of {repaired.TeamsHit.Count,2} teams, dropped {repaired.Changes.Count(change => change.Effect == RepairEffect.Dropped),2}"
                    + $", added {repaired.Changes.Count(change => change.Effect == RepairEffect.Added),2}, untouched teams moved {repaired.UntouchedTeamsMoved.Count,2} of {repaired.UntouchedTeams} ({moved:F1} %), value {repaired.Plan.Objective}, afresh {best}: {below:F2} % below");
            }
        }
        Console.WriteLine($"{name,-14}least moved, {cases} weeks: at most {rows.Max(row => row.Seconds):F1} s, {rows.Max(row => row.Moved):F1} % of untouched teams moved, {rows.Max(row => row.Below):F2} % below afresh (mean {rows.Average(row => row.Below):F2} %); "
            + $"within all three limits {rows.Count(row => row is { Seconds: <= 10, Moved: <= 3, Below: <= 2 })} of {cases}");
    }

    private static void Judge(RepairedPlan repaired)
    {
        using var json = new MemoryStream();
        repaired.Instance.Write(json);
        using var written = new MemoryStream();
        repaired.Plan.Write(written);
        json.Position = written.Position = 0;
        var verdict = PlanCheck.Read(json).Judge(written);
        if (!verdict.IsLegal || verdict.Objective != repaired.Plan.Objective) throw new InvalidOperationException($"The repaired plan is not legal or worth {verdict.Objective}, not {repaired.Plan.Objective}: {JsonSerializer.Serialize(verdict.Broken)}");
    }
}
