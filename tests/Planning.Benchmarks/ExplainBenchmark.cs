using System.Diagnostics;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Benchmarks;

/// <summary>
/// Verifies every statement of "explain": the rule that is said to help is relaxed in the instance and the proposal planned again around everything else, pinned; smaller grants and other
/// instruments are asked for in the instance; what is said to be impossible is given to the exact model alone. Plans are judged by the own checker and by check-plan.py.
/// </summary>
internal static class ExplainBenchmark
{
    public static void Measure(string name, PlanningInstance instance, double seconds, double force, string? judge)
    {
        var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(seconds), Explain = true, ForceTime = TimeSpan.FromSeconds(force) });
        var told = plan.Explain ?? [];
        var (relaxed, relaxedTrue, smaller, smallerTrue, others, othersTrue, impossible, impossibleTrue, forced, proven, forcedTrue) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        foreach (var one in told)
        {
            foreach (var code in one.Relax)
            {
                relaxed++;
                if (Placed(Relaxed(instance, plan, one, code), plan, one, one.Experiment, judge)) relaxedTrue++;
                else Console.WriteLine($"{name}: not true: experiment {one.Experiment} would be placed but for {code}");
            }
            var at = instance.Experiments.ToDictionary(experiment => experiment.Id)[one.Experiment];
            if (one.SmallerGrant is { } grant)
            {
                smaller++;
                if (Placed(With(instance, at with { Shifts = grant, MinBlock = Math.Min(at.MinBlock, grant) }), plan, one, one.Experiment, judge)) smallerTrue++;
                else Console.WriteLine($"{name}: not true: {grant} shifts of experiment {one.Experiment} would fit");
            }
            foreach (var other in one.OtherInstruments)
            {
                others++;
                var there = instance.Instruments.Single(instrument => instrument.Id == other);
                if (Placed(With(instance, at with { Instruments = [other], Preparation = there.Preparation ?? at.Preparation, Cleaning = there.Cleaning ?? at.Cleaning }), plan, one, one.Experiment, judge)) othersTrue++;
                else Console.WriteLine($"{name}: not true: experiment {one.Experiment} would fit on {other}");
            }
            if (one.Impossible)
            {
                impossible++;
                if (!Placed(instance, plan with { Placements = [] }, one, one.Experiment, null)) impossibleTrue++;
                else Console.WriteLine($"{name}: not true: experiment {one.Experiment} cannot be placed at all");
            }
            if (one.Forced is { } way)
            {
                forced++;
                if (way.Proven) proven++;
                if (IsTrue(instance, plan, one, way, judge)) forcedTrue++;
                else Console.WriteLine($"{name}: not true: what forcing experiment {one.Experiment} costs");
            }
        }
        Console.WriteLine($"{name,-18}{told.Count,4} unplaced; rule relaxed places it {relaxedTrue} of {relaxed} true; smaller grant {smallerTrue} of {smaller}; other instrument {othersTrue} of {others}; "
            + $"impossible {impossibleTrue} of {impossible}; forced {forcedTrue} of {forced}, {proven} proven; without any statement {told.Count(one => one is { Relax.Count: 0, SmallerGrant: null, OtherInstruments.Count: 0, Impossible: false, Forced: null })}");
    }

    private static PlanningInstance With(PlanningInstance instance, InstanceExperiment changed) =>
        instance with { Experiments = [.. instance.Experiments.Select(one => one.Id == changed.Id ? changed : one)] };

    /// <summary>Plans the proposal around everything else of a plan, and says whether the experiment is in it, in a plan that the judges find legal.</summary>
    private static bool Placed(PlanningInstance instance, ShiftPlan plan, Explanation told, int experiment, string? judge)
    {
        var kept = plan.Placements.Select(place => place.Experiment).ToHashSet();
        // Others without a place are not asked for, and of its own proposal only what is required and the experiment itself.
        var asked = instance.Experiments.Where(one => kept.Contains(one.Id) || (one.Proposal == told.Proposal && (one.Required || one.Id == experiment))).Select(one => one.Id).ToHashSet();
        var around = instance with
        {
            Experiments = [.. instance.Experiments.Where(one => asked.Contains(one.Id))],
            Proposals = [.. instance.Proposals.Select(one => one with { Experiments = [.. one.Experiments.Where(asked.Contains)] })],
            Precedences = [.. instance.Precedences.Where(order => asked.Contains(order.From) && asked.Contains(order.To))],
            Pinned = plan.Placements,
        };
        var again = Planner.Plan(around, new() { TimeLimit = TimeSpan.FromSeconds(20), Workers = 2 });
        if (again.Placements.All(place => place.Experiment != experiment)) return false;
        return IsLegal(around, again, judge);
    }

    private static bool IsLegal(PlanningInstance instance, ShiftPlan plan, string? judge)
    {
        using MemoryStream json = new(), written = new();
        instance.Write(json);
        plan.Write(written);
        json.Position = written.Position = 0;
        var verdict = PlanCheck.Read(json).Judge(written);
        if (!verdict.IsLegal || verdict.Objective != plan.Objective) return false;
        // What only the richer format says (teams of experiments) is beyond the independent judge.
        if (judge is null || instance.Experiments.Any(one => one.Team is not null)) return true;
        var folder = Directory.CreateTempSubdirectory("tutti-explain-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "instance.json"), json.ToArray());
            File.WriteAllBytes(Path.Combine(folder, "plan.json"), written.ToArray());
            using var process = Process.Start(new ProcessStartInfo("python3", [judge, Path.Combine(folder, "instance.json"), Path.Combine(folder, "plan.json")]) { RedirectStandardOutput = true })
                ?? throw new InvalidOperationException("python3 did not start.");
            var words = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) Console.WriteLine(words);
            return process.ExitCode == 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whether the plan that is told of with an experiment forced in is legal, has it, and is worth what is said.</summary>
    private static bool IsTrue(PlanningInstance instance, ShiftPlan plan, Explanation told, ForcedIn way, string? judge)
    {
        var changed = way.Placements.Select(place => place.Experiment).ToHashSet();
        var forced = plan with { Objective = plan.Objective - way.Cost, Reserve = [], Placements = [.. plan.Placements.Where(place => !changed.Contains(place.Experiment) && !way.Displaced.Contains(place.Experiment)), .. way.Placements] };
        return changed.Contains(told.Experiment) && way.Moved.All(changed.Contains) && way.Added.All(changed.Contains) && IsLegal(instance, forced, judge);
    }

    /// <summary>The instance without a family of rules for the experiments of a proposal that have no place.</summary>
    private static PlanningInstance Relaxed(PlanningInstance instance, ShiftPlan plan, Explanation told, string code)
    {
        var placed = plan.Placements.Select(place => place.Experiment).ToHashSet();
        var proposal = instance.Proposals.Single(one => one.Id == told.Proposal);
        var missing = instance.Experiments.Where(one => one.Proposal == told.Proposal && !placed.Contains(one.Id)).Select(one => one.Id).ToHashSet();
        var eligible = instance.Experiments.Where(one => missing.Contains(one.Id)).SelectMany(one => one.Instruments).ToHashSet();
        return code switch
        {
            UnplacedReasons.Order => instance with { Precedences = [.. instance.Precedences.Where(order => !missing.Contains(order.From) && !missing.Contains(order.To))] },
            UnplacedReasons.WindowTooSmall => Missing(one => one with { Release = 0, Due = instance.Horizon }),
            UnplacedReasons.TeamAway => instance with { Teams = [.. instance.Teams.Select(team => team.Id == proposal.Team ? team with { Away = [] } : team)] },
            UnplacedReasons.StartNotAllowed => Eligible(one => one with { StartShiftsOfDay = [0, 1, 2] }),
            UnplacedReasons.RunTooShort => Eligible(one => one with { BridgeableGap = instance.Horizon }),
            UnplacedReasons.InstrumentQuota => Eligible(one => one with { ShiftQuota = null }),
            UnplacedReasons.SourceBusy => Eligible(one => one with { SharedSource = null }),
            UnplacedReasons.SiteQuota => instance with { Sites = [.. instance.Sites.Select(site => site with { ShiftQuota = 1_000_000 })] },
            UnplacedReasons.CountryMaximum => instance with { Countries = [.. instance.Countries.Select(country => country with { MaxShifts = 1_000_000 })] },
            UnplacedReasons.GloveBoxesFull => instance with { Sites = [.. instance.Sites.Select(site => site with { GloveBoxes = 1_000 })] },
            UnplacedReasons.CellsOut => instance with { CellTypes = [.. instance.CellTypes.Select(type => type with { Count = 1_000 })] },
            UnplacedReasons.NoContact => instance with { ContactGroups = [.. instance.ContactGroups.Select(group => group with { Capacity = [[0, instance.Horizon, 1_000]] })] },
            UnplacedReasons.TeamClash => WithTeamsOfTheirOwn(),
            UnplacedReasons.InstrumentFull => WithInstrumentsOfTheirOwn(),
            _ => throw new InvalidOperationException($"No way to relax {code}."),
        };

        PlanningInstance Missing(Func<InstanceExperiment, InstanceExperiment> change) => instance with { Experiments = [.. instance.Experiments.Select(one => missing.Contains(one.Id) ? change(one) : one)] };

        PlanningInstance Eligible(Func<InstanceInstrument, InstanceInstrument> change) => instance with { Instruments = [.. instance.Instruments.Select(one => eligible.Contains(one.Id) ? change(one) : one)] };

        // Their team has not to be anywhere else: each gets one like it.
        PlanningInstance WithTeamsOfTheirOwn()
        {
            var team = instance.Teams.Single(one => one.Id == proposal.Team);
            var next = instance.Teams.Max(one => one.Id) + 1;
            var own = missing.Order().Select((id, n) => (id, team: next + n)).ToDictionary(pair => pair.id, pair => pair.team);
            return Missing(one => one with { Team = own[one.Id] }) with { Teams = [.. instance.Teams, .. own.Values.Select(id => team with { Id = id })] };
        }

        // Nobody else is on their instruments: each gets twins of them, with the quota that is left.
        PlanningInstance WithInstrumentsOfTheirOwn()
        {
            var shifts = instance.Experiments.ToDictionary(one => one.Id, one => one.Shifts);
            var used = plan.Placements.GroupBy(place => place.Instrument).ToDictionary(group => group.Key, group => group.Sum(place => shifts[place.Experiment]));
            var next = instance.Instruments.Max(one => one.Id) + 1;
            List<InstanceInstrument> twins = [];
            var experiments = instance.Experiments.Select(one => !missing.Contains(one.Id) ? one : one with
            {
                Instruments = [.. one.Instruments.Select(id =>
                {
                    var original = instance.Instruments.Single(instrument => instrument.Id == id);
                    // On a shared source the original and its twin are one instrument, the others of the source still count.
                    var rivals = original.SharedSource is { } source && instance.Instruments.Any(instrument => instrument.Id != id && instrument.SharedSource == source && plan.Placements.Any(place => place.Instrument == instrument.Id));
                    twins.Add(original with { Id = next + twins.Count, ShiftQuota = original.ShiftQuota is { } quota ? quota - used.GetValueOrDefault(id) : null, SharedSource = null, Open = rivals ? Without(original) : original.Open });
                    return twins[^1].Id;
                })],
            }).ToList();
            return instance with { Experiments = experiments, Instruments = [.. instance.Instruments, .. twins] };
        }

        // Its open time without what others on the source have.
        IReadOnlyList<IReadOnlyList<int>> Without(InstanceInstrument original)
        {
            var taken = plan.Placements.Where(place => place.Instrument != original.Id && instance.Instruments.Single(one => one.Id == place.Instrument).SharedSource == original.SharedSource).SelectMany(place => place.Blocks).ToList();
            IReadOnlyList<IReadOnlyList<int>> open = original.Open;
            foreach (var block in taken)
                open = [.. open.SelectMany(piece => (IReadOnlyList<IReadOnlyList<int>>)[[piece[0], Math.Min(piece[1], block[0])], [Math.Max(piece[0], block[1]), piece[1]]]).Where(piece => piece[0] < piece[1])];
            return open;
        }
    }
}
