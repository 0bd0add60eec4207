using System.Text.Json;

namespace Tutti.Scheduling.Checking;

/// <summary>The rules and layers of richer instances.</summary>
public sealed partial class PlanCheck
{
    private readonly Dictionary<int, (int? Shifts, int? Starts)> weekly;
    private readonly int week;
    private readonly List<int[]> together;
    private readonly Weights weights;
    private readonly bool forbidsInversion;

    private sealed class Weights(JsonElement given)
    {
        public long Science { get; } = Perhaps(given, "science") ?? 1;

        public long Guarantee { get; } = Perhaps(given, "guarantee") ?? 400;

        public long Travel { get; } = Perhaps(given, "travel") ?? 0;

        public int Stay { get; } = Perhaps(given, "stay") ?? 6;

        public long Preference { get; } = Perhaps(given, "preference") ?? 50;

        public long SetUp { get; } = Perhaps(given, "setUp") ?? 1;

        public long EvenLoad { get; } = Perhaps(given, "evenLoad") ?? 0;
    }

    /// <summary>The shifts that count for a placement: those of its blocks where fewer than asked are allowed, else those asked.</summary>
    private int Granted(Placed one)
    {
        var experiment = experiments[one.Experiment];
        if (experiment.Least == experiment.Shifts) return experiment.Shifts;
        var total = one.Blocks.Sum(block => ShiftsOf(one, block).Count());
        return total >= experiment.Least && total <= experiment.Shifts ? total : experiment.Shifts;
    }

    private IEnumerable<(int Start, int End, bool MayStart)> ShiftsOf(Placed one, (int Start, int End) block) =>
        instruments[one.Instrument].Shifts.Where(shift => block.Start <= shift.Start && shift.End <= block.End);

    private IEnumerable<(int Experiment, int Start, int End, int Site)> BlocksOf(IEnumerable<Placed> placed) =>
        placed.SelectMany(one => one.Blocks.Select(block => (one.Experiment, block.Start, block.End, instruments[one.Instrument].Site)));

    private IEnumerable<BrokenRule> SetUps(IEnumerable<Placed> placed)
    {
        foreach (var on in placed.GroupBy(one => one.Instrument))
        {
            var times = instruments[on.Key].SetUpTimes;
            var blocks = BlocksOf(on).OrderBy(block => block.Start).ThenBy(block => block.End).ToList();
            for (var i = 0; i < blocks.Count; i++)
                for (var j = i + 1; j < blocks.Count; j++)
                {
                    var (one, next) = (experiments[blocks[i].Experiment], experiments[blocks[j].Experiment]);
                    if (one.Id == next.Id) continue;
                    var time = one.Cleaning + next.Preparation + (times is null ? 0 : times[one.Mode][next.Mode]);
                    if (time > 0 && blocks[j].Start < blocks[i].End + time) yield return new("set_up", [one.Id, next.Id], $"{blocks[j].Start - blocks[i].End} units between them on instrument {on.Key}, {time} asked.");
                }
        }
    }

    private IEnumerable<BrokenRule> SamplesAtTwoPlaces(IEnumerable<Placed> placed)
    {
        foreach (var sample in placed.Where(one => experiments[one.Experiment].Sample is not null).GroupBy(one => experiments[one.Experiment].Sample))
        {
            var blocks = BlocksOf(sample).OrderBy(block => block.Start).ThenBy(block => block.End).ToList();
            for (var i = 0; i < blocks.Count; i++)
                for (var j = i + 1; j < blocks.Count; j++)
                    if (blocks[i].Experiment != blocks[j].Experiment && blocks[j].Start < blocks[i].End + shipping[blocks[i].Site][blocks[j].Site])
                        yield return new("sample_at_two_places", [blocks[i].Experiment, blocks[j].Experiment], $"Sample {sample.Key} cannot be at both.");
        }
    }

    private IEnumerable<BrokenRule> Weeks(IEnumerable<Placed> placed)
    {
        // What is pinned stays, however much it is: a week is full for everything else.
        var pinned = pins.Select(pin => pin.Experiment).ToHashSet();
        foreach (var group in placed.GroupBy(one => instruments[one.Instrument].Contacts))
        {
            var (most, mostStarts) = weekly[group.Key];
            if (most is { } shifts)
                foreach (var over in ByWeek(group).GroupBy(one => one.Week).Where(one => one.Count() > shifts && one.Any(shift => !pinned.Contains(shift.Experiment))))
                    yield return new("week_shifts", [.. over.Select(one => one.Experiment).Distinct().Order()], $"{over.Count()} shifts of contact group {group.Key} in week {over.Key}, {shifts} allowed.");
            if (mostStarts is { } starts)
                foreach (var over in BlocksOf(group).GroupBy(block => block.Start / week).Where(one => one.Count() > starts && one.Any(block => !pinned.Contains(block.Experiment))))
                    yield return new("week_starts", [.. over.Select(one => one.Experiment).Distinct().Order()], $"{over.Count()} blocks of contact group {group.Key} begin in week {over.Key}, {starts} allowed.");
        }
    }

    private IEnumerable<(int Experiment, int Week)> ByWeek(IEnumerable<Placed> placed) =>
        placed.SelectMany(one => one.Blocks.SelectMany(block => ShiftsOf(one, block).Select(shift => (one.Experiment, shift.Start / week))));

    /// <summary>Whether all of a group are placed or none: with a proposal that has started only optional experiments of which none is pinned.</summary>
    private bool Holds(int[] set) => !Array.Exists(set, id => started.Contains(experiments[id].Proposal)) || Array.TrueForAll(set, id => !experiments[id].Required && !pins.Exists(pin => pin.Experiment == id));

    private IEnumerable<BrokenRule> Groups(Dictionary<int, Placed> placed) =>
        from set in together
        where Holds(set) && Array.Exists(set, placed.ContainsKey) && !Array.TrueForAll(set, placed.ContainsKey)
        select new BrokenRule("group_incomplete", [.. set.Where(placed.ContainsKey)], $"Placed without {Names(set.Where(id => !placed.ContainsKey(id)))}, with which it is placed or not at all.");

    private long Trips(IEnumerable<Placed> placed)
    {
        var trips = 0L;
        foreach (var team in placed.Where(one => experiments[one.Experiment].NeedsTeam).GroupBy(one => experiments[one.Experiment].Team ?? proposals[experiments[one.Experiment].Proposal].Team))
        {
            var blocks = BlocksOf(team).ToList();
            trips += blocks.Count(block => !blocks.Exists(before => before.Site == block.Site && before.End <= block.Start && block.Start - before.End <= weights.Stay));
        }
        return trips;
    }

    /// <summary>Blocks that begin outside the times that their experiment prefers.</summary>
    private long Unwelcome(Placed one)
    {
        var preferred = experiments[one.Experiment].Preferred;
        return preferred.Count == 0 ? 0 : one.Blocks.Count(block => !preferred.Exists(time => time.From <= block.Start && block.Start < time.To));
    }

    private long ChangesOfMode(IEnumerable<Placed> placed)
    {
        var cost = 0L;
        foreach (var on in placed.GroupBy(one => one.Instrument))
        {
            if (instruments[on.Key].SetUpCosts is not { } costs) continue;
            var blocks = BlocksOf(on).OrderBy(block => block.Start).ToList();
            for (var n = 1; n < blocks.Count; n++)
                if (blocks[n - 1].Experiment != blocks[n].Experiment) cost += costs[experiments[blocks[n - 1].Experiment].Mode][experiments[blocks[n].Experiment].Mode];
        }
        return cost;
    }

    private long BusiestWeeks(IEnumerable<Placed> placed) =>
        placed.GroupBy(one => instruments[one.Instrument].Contacts).Sum(group => ByWeek(group).GroupBy(one => one.Week).Select(one => (long)one.Count()).DefaultIfEmpty(0).Max());

    /// <summary>Whether each proposal of the reserve list has the places that are told when the first that it is told to wait for gives its own back.</summary>
    private List<BrokenRule> Reserve(JsonElement plan, Dictionary<int, Placed> placed)
    {
        var broken = new List<BrokenRule>();
        if (!plan.TryGetProperty("reserve", out var reserve) || reserve.ValueKind != JsonValueKind.Array) return broken;
        foreach (var (proposal, gone, places) in Readable(() => reserve.EnumerateArray().Select(entry => (Whole(entry, "proposal"), Numbers(entry.GetProperty("insteadOf")[0]).ToHashSet(), Each(entry, "placements").Select(PlacedOf).ToList())).ToList()))
        {
            if (!proposals.ContainsKey(proposal))
            {
                broken.Add(new("reserve_does_not_fit", [], $"There is no proposal {proposal}."));
                continue;
            }
            var (then, fault) = Known(placed.Values.Where(one => !gone.Contains(experiments[one.Experiment].Proposal)).Concat(places));
            if (fault.Count > 0 || Broken(then).Any() || proposals[proposal].Experiments.Any(id => experiments[id].Required && !then.ContainsKey(id)) || Worth(then, []).Broken.Count > 0)
                broken.Add(new("reserve_does_not_fit", proposals[proposal].Experiments, $"Proposal {proposal} has no place when {string.Join(", ", gone)} gives its own back."));
        }
        return broken;
    }
}
