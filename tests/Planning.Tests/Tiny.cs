using System.Text.Json;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

/// <summary>Instances so small that all their plans can be looked at, with every rule and layer that there is.</summary>
internal static class Tiny
{
    public static PlanningInstance Instance(int seed)
    {
        var random = new Random(seed);
        const int horizon = 14;
        var experiments = new List<InstanceExperiment>();
        var proposals = new List<InstanceProposal>();
        for (var p = 0; p < 3; p++)
        {
            var own = new List<int>();
            for (var n = random.Next(1, 3); n > 0 && experiments.Count < 4; n--)
            {
                own.Add(experiments.Count);
                var shifts = random.Next(1, 4);
                var divided = shifts > 1 && random.Next(3) == 0;
                experiments.Add(new()
                {
                    Id = experiments.Count, Proposal = p, Shifts = shifts, MinBlock = divided ? 1 : shifts, MaxBlocks = divided ? 2 : 1, Instruments = random.Next(3) == 0 ? [] : [random.Next(2)],
                    Technique = null, Release = random.Next(4), Due = horizon - random.Next(4), NeedsTeam = random.Next(3) > 0, GloveBox = random.Next(4) == 0, CellType = random.Next(4) == 0 ? 0 : null,
                    Required = own.Count == 1 || random.Next(2) == 0, Preparation = random.Next(3) == 0 ? 1 : 0, Cleaning = random.Next(3) == 0 ? 1 : 0, Mode = random.Next(2),
                    Sample = random.Next(2) == 0 ? random.Next(2) : null, MinShifts = random.Next(2) == 0 ? 1 : null, ConsentsToFewer = random.Next(3) > 0,
                    Preferred = random.Next(3) == 0 ? [[random.Next(6), 6 + random.Next(4)]] : [], Prices = random.Next(3) == 0 ? [new(random.Next(8), 8 + random.Next(6), random.Next(-30, 60), null)] : [],
                });
                if (experiments[^1].Instruments.Count == 0) experiments[^1] = experiments[^1] with { Technique = "A" };
            }
            if (own.Count > 0) proposals.Add(new(p, random.Next(2), random.Next(2), random.Next(20, 40), own));
        }
        experiments = [.. experiments.Where(one => proposals.Exists(proposal => proposal.Id == one.Proposal))];
        List<IReadOnlyList<int>> together = [];
        var required = experiments.Where(one => one.Required).Select(one => one.Id).ToList();
        if (random.Next(2) == 0 && required.Count > 1) together.Add([required[0], required[^1]]);
        if (random.Next(2) == 0 && experiments.GroupBy(one => one.Proposal).FirstOrDefault(group => group.Count() > 1) is { } several) together.Add([.. several.Select(one => one.Id)]);
        return new()
        {
            Horizon = horizon, Week = 7, Travel = [[0, 2], [1, 0]], Shipping = [[0, 3], [1, 0]], Sites = [new(0, 7, 1), new(1, 7, 1)], Countries = [new(0, 2, 9), new(1, 3, 8)], CellTypes = [new(0, 1, 0)],
            ContactGroups = [new(0, [[0, horizon, 1]]) { WeeklyShifts = random.Next(2) == 0 ? 3 : null, WeeklyStarts = random.Next(2) == 0 ? 1 : null }, new(1, [[0, horizon, 2]]) { WeeklyShifts = 3 }],
            Instruments =
            [
                new() { Id = 0, Site = 0, ContactGroup = 0, Technique = "A", Open = [[0, 6], [7, 12]], BridgeableGap = random.Next(2), SetUpTimes = [[0, 1], [random.Next(3), 0]], SetUpCosts = [[0, 15], [25, 5]] },
                new()
                {
                    Id = 1, Site = random.Next(2), ContactGroup = 1, Technique = "A", BridgeableGap = 1, SharedSource = random.Next(2) == 0 ? 5 : null,
                    Shifts = [[0, 2], [2, 3], [4, 6], [6, 8, 0], [8, 9], [10, 13]], SetUpTimes = random.Next(2) == 0 ? [[0, 2], [1, 0]] : null, SetUpCosts = random.Next(2) == 0 ? [[0, 40], [10, 0]] : null,
                },
            ],
            Teams = [new(0, 0, [[3, 4]]), new(1, 1, [])], Proposals = proposals, Experiments = experiments,
            Precedences = experiments.Count > 1 && random.Next(2) == 0 ? [new(experiments[0].Id, experiments[1].Id, 1, true, random.Next(2) == 0 ? 6 : null)] : [],
            Pinned = [], Together = together,
            Objective = new() { Science = random.Next(1, 3), Guarantee = random.Next(0, 30), Travel = 12 * random.Next(3), Stay = random.Next(4), Preference = random.Next(40), SetUp = random.Next(3), EvenLoad = 5 * random.Next(3) },
        };
    }

    public static Verdict Judged(PlanningInstance instance, ShiftPlan plan)
    {
        using var json = new MemoryStream();
        instance.Write(json);
        using var written = new MemoryStream();
        plan.Write(written);
        json.Position = written.Position = 0;
        return PlanCheck.Read(json).Judge(written);
    }

    public static PlanCheck Check(PlanningInstance instance)
    {
        using var json = new MemoryStream();
        instance.Write(json);
        json.Position = 0;
        return PlanCheck.Read(json);
    }

    public static JsonElement Document(IEnumerable<InstancePlacement> placements) => JsonSerializer.SerializeToElement(new
    {
        placements = placements.Select(one => new { experiment = one.Experiment, instrument = one.Instrument, blocks = one.Blocks }),
    });

    /// <summary>The worth of the best of all plans that the checker finds legal, found by looking at all of them.</summary>
    public static long BestOfAll(PlanningInstance instance)
    {
        var check = Check(instance with { Policy = RankPolicy.BestSum });
        var best = long.MinValue;
        var chosen = new List<InstancePlacement>();
        Choose(0);
        return best;

        void Choose(int n)
        {
            var verdict = check.Judge(Document(chosen));
            // What more placements cannot mend.
            if (verdict.Broken.Any(rule => rule.Code is not ("group_incomplete" or "required_missing"))) return;
            if (n == instance.Experiments.Count)
            {
                if (verdict.IsLegal) best = Math.Max(best, verdict.Objective);
                return;
            }
            Choose(n + 1);
            foreach (var place in Places(instance, instance.Experiments[n]))
            {
                chosen.Add(place);
                Choose(n + 1);
                chosen.RemoveAt(chosen.Count - 1);
            }
        }
    }

    /// <summary>All ways to lay an experiment's blocks on open shifts, legal or not.</summary>
    public static IEnumerable<InstancePlacement> Places(PlanningInstance instance, InstanceExperiment one)
    {
        var least = one.ConsentsToFewer ? one.MinShifts ?? one.Shifts : one.Shifts;
        foreach (var instrument in instance.Instruments.Where(instrument => one.Technique is null ? one.Instruments.Contains(instrument.Id) : instrument.Technique == one.Technique))
        {
            List<(int Start, int End)> shifts = instrument.Shifts is { } given ? [.. given.Select(shift => (shift[0], shift[1]))]
                : [.. instrument.Open.SelectMany(open => Enumerable.Range(open[0], open[1] - open[0])).Select(t => (t, t + 1))];
            for (var first = 0; first < shifts.Count; first++)
                for (var length = 1; length <= one.Shifts && first + length <= shifts.Count; length++)
                {
                    IReadOnlyList<int> block = [shifts[first].Start, shifts[first + length - 1].End];
                    if (length >= least) yield return new(one.Id, instrument.Id, [block]);
                    for (var second = first + length; one.MaxBlocks > 1 && second < shifts.Count; second++)
                        for (var rest = 1; length + rest <= one.Shifts && second + rest <= shifts.Count; rest++)
                            if (length + rest >= least) yield return new(one.Id, instrument.Id, [block, [shifts[second].Start, shifts[second + rest - 1].End]]);
                }
        }
    }
}
