namespace Tutti.Scheduling.Checking;

/// <summary>Whether a proposal was left out for lower ranked ones, by a search of its own.</summary>
public sealed partial class PlanCheck
{
    /// <summary>So many trials are made for a plan, shared out among the proposals that it leaves out: a second or two for 400 of them.</summary>
    internal const int MostTrials = 100_000;

    private const int MostPlaces = 3_000;

    /// <summary>The inversions that are found, each of them certain, and how many of the proposals left out were not looked at to the end.</summary>
    private (List<BrokenRule> Found, int Open) Inversions(Dictionary<int, Placed> placed, Trials trials)
    {
        var broken = new List<BrokenRule>();
        var open = 0;
        var parties = Parties();
        var (least, most) = (parties.ToDictionary(one => one.Key, one => one.Value.Min(id => proposals[id].Score)), parties.ToDictionary(one => one.Key, one => one.Value.Max(id => proposals[id].Score)));
        var leftOut = parties.Values.DistinctBy(one => one[0]).Select(party => (Party: party, Wanted: Wanted(party)))
            .Where(one => !one.Party.Exists(started.Contains) && one.Wanted.Count > 0 && !one.Wanted.TrueForAll(placed.ContainsKey)).ToList();
        for (var n = 0; n < leftOut.Count; n++)
        {
            var (party, wanted) = leftOut[n];
            trials.Allow(1.0 / (leftOut.Count - n));
            var room = new Room(this, placed.Values.Where(one => experiments[one.Experiment].Proposal is var id && (started.Contains(id) || most[id] >= least[party[0]] || IsPinned(id))).ToDictionary(one => one.Experiment), trials);
            if (room.Serve(wanted) is { } served)
                broken.Add(new("rank_inverted", wanted, $"Proposal {string.Join(", ", party)} could have a place instead of lower ranked ones: {string.Join("; ", served.Select(one => $"{one.Experiment} on {one.Instrument} from {one.Blocks[0].Start}"))}."));
            else if (!room.SawAll) open++;
        }
        return (broken, open);

        bool IsPinned(int id) => parties[id].Exists(member => proposals[member].Experiments.Any(experiment => pins.Exists(pin => pin.Experiment == experiment)));
    }

    /// <summary>The trials that a search may still make: one sum for all proposals, of which each is allowed a share of what those before it have left.</summary>
    private sealed class Trials(int sum, CancellationToken stop)
    {
        private int allowed;

        public int Made { get; private set; }

        public bool Spent => Made >= allowed || stop.IsCancellationRequested;

        public void Allow(double share) => allowed = Made + (int)((sum - Made) * share);

        /// <summary>Counts one more; false: there is none left.</summary>
        public bool Next()
        {
            if (Spent) return false;
            Made++;
            return true;
        }
    }

    /// <summary>Per proposal those that are served together with it, itself among them.</summary>
    private Dictionary<int, List<int>> Parties()
    {
        var parties = proposals.Keys.ToDictionary(id => id, id => new List<int> { id });
        foreach (var set in together.Where(set => !Array.Exists(set, id => started.Contains(experiments[id].Proposal))))
        {
            var joined = set.Select(id => experiments[id].Proposal).Distinct().SelectMany(id => parties[id]).Distinct().Order().ToList();
            foreach (var id in joined) parties[id] = joined;
        }
        return parties;
    }

    /// <summary>All that has to be placed for them: required experiments, and optional ones that are held together with these.</summary>
    private List<int> Wanted(List<int> party)
    {
        var wanted = party.SelectMany(id => proposals[id].Experiments).Where(id => experiments[id].Required).ToHashSet();
        for (var before = -1; before < wanted.Count;)
        {
            before = wanted.Count;
            foreach (var set in together.Where(set => Array.Exists(set, wanted.Contains))) wanted.UnionWith(set);
        }
        return [.. wanted.Order()];
    }

    /// <summary>What is placed, and whether something more would be legal beside it.</summary>
    private sealed class Room(PlanCheck check, Dictionary<int, Placed> kept, Trials trials)
    {
        private readonly Dictionary<(string, int, int), int> used = Count(check, kept.Values);
        private readonly Dictionary<int, List<int>> company = [];
        private readonly Dictionary<(int Experiment, int Instrument, int Shifts), bool> affords = [];

        /// <summary>Whether <see cref="Serve"/> had trials enough for its no to be certain.</summary>
        public bool SawAll { get; private set; } = true;

        public List<Placed>? Serve(List<int> wanted)
        {
            var missing = wanted.Where(id => !kept.ContainsKey(id)).ToList();
            // One that has no place at all beside what stays decides at once; the one with the fewest comes first.
            var places = missing.Select(id => (Id: id, Places: Places(check.experiments[id]).Take(MostPlaces).ToList())).OrderBy(one => one.Places.Count).ToList();
            if (places.Exists(one => one.Places.Count == MostPlaces)) SawAll = false;
            if (places.Count > 0 && places[0].Places.Count == 0) return null;
            var chosen = new List<Placed>();
            return Choose(0) ? chosen : null;

            bool Choose(int n)
            {
                if (n == places.Count) return true;
                foreach (var place in places[n].Places)
                {
                    if (!Try()) return false;
                    if (n > 0 && !Fits(place)) continue;
                    Put(place, 1);
                    chosen.Add(place);
                    if (Choose(n + 1)) return true;
                    chosen.RemoveAt(n);
                    Put(place, -1);
                }
                return false;
            }
        }

        private bool Try() => trials.Next() || (SawAll = false);

        private IEnumerable<Placed> Places(Experiment experiment)
        {
            for (var shifts = experiment.Shifts; shifts >= experiment.Least; shifts--)
                foreach (var instrument in experiment.Instruments.Select(id => check.instruments[id]))
                    foreach (var place in From(experiment, instrument, [], 0, shifts)) yield return place;
        }

        private IEnumerable<Placed> From(Experiment experiment, Instrument instrument, List<(int Start, int End)> blocks, int first, int left)
        {
            for (var n = first; n < instrument.Shifts.Count; n++)
            {
                if (!instrument.Shifts[n].MayStart || instrument.Shifts[n].Start < experiment.Release) continue;
                if (instrument.Shifts[n].Start >= experiment.Due) yield break;
                for (var length = Math.Min(left, Free(instrument, n)); length >= 1; length--)
                {
                    var rest = left - length;
                    if ((rest > 0 && (blocks.Count + 2 > experiment.MaxBlocks || rest < experiment.MinBlock || length < experiment.MinBlock))) continue;
                    if (rest == 0 && blocks.Count > 0 && length < experiment.MinBlock) continue;
                    if (!Try()) yield break;
                    List<(int, int)> now = [.. blocks, (instrument.Shifts[n].Start, instrument.Shifts[n + length - 1].End)];
                    var place = new Placed(experiment.Id, instrument.Id, now);
                    if (!Fits(place, rest)) continue;
                    if (rest == 0) yield return place;
                    else
                        foreach (var more in From(experiment, instrument, now, n + length, rest)) yield return more;
                }
            }
        }

        /// <summary>So many shifts from one on nobody has.</summary>
        private int Free(Instrument instrument, int first) =>
            instrument.Shifts.Skip(first).TakeWhile(shift => used.GetValueOrDefault(("instrument", instrument.Id, shift.Start)) == 0).Count();

        private List<int> Company(int experiment)
        {
            if (!company.TryGetValue(experiment, out var found)) company[experiment] = found = [.. check.experiments.Keys.Where(other => other != experiment && check.SameTeamOrSample(other, experiment))];
            return found;
        }

        private bool Fits(Placed place, int rest = 0)
        {
            var experiment = check.experiments[place.Experiment];
            var use = new Dictionary<(string, int, int), List<int>>();
            // Of blocks to which others will come, the number of shifts says nothing yet; nor does how long a cell is away, but that only grows.
            if (check.Alone(place, use).ToList().Exists(rule => rest == 0 || rule.Code != "wrong_shifts")) return false;
            foreach (var (key, by) in use)
                if (by.Count + used.GetValueOrDefault(key) > check.Most(key)) return false;
            var near = kept.Values.Where(other => other.Instrument == place.Instrument)
                .Concat(Company(experiment.Id).Where(kept.ContainsKey).Select(other => kept[other]).Where(other => other.Instrument != place.Instrument)).Append(place).ToList();
            if (check.TeamsAtTwoPlaces(near).Any() || check.SamplesAtTwoPlaces(near).Any() || check.SetUps(near).Any()) return false;
            if (rest > 0) return true;
            if (!Affords(experiment, place)) return false;
            if (check.weekly[check.instruments[place.Instrument].Contacts] is var (shifts, starts) && (shifts ?? starts) is not null
                && check.Weeks(kept.Values.Append(place).Where(other => check.instruments[other.Instrument].Contacts == check.instruments[place.Instrument].Contacts)).Any()) return false;
            return !check.Order(check.orders.Where(order => order.From == experiment.Id || order.To == experiment.Id).SelectMany(order => new[] { order.From, order.To }).Distinct()
                .Where(kept.ContainsKey).Select(other => kept[other]).Append(place).ToDictionary(one => one.Experiment)).Any();
        }

        /// <summary>Whether the quotas leave room: the same for all places on an instrument with as many shifts, as long as nothing else comes or goes.</summary>
        private bool Affords(Experiment experiment, Placed place)
        {
            var key = (experiment.Id, place.Instrument, check.Granted(place));
            if (!affords.TryGetValue(key, out var does)) affords[key] = does = !check.Quotas(kept.Values.Append(place)).Any();
            return does;
        }

        private void Put(Placed place, int sign)
        {
            foreach (var (key, n) in Count(check, [place])) used[key] = used.GetValueOrDefault(key) + (sign * n);
            affords.Clear();
            if (sign > 0) kept[place.Experiment] = place;
            else kept.Remove(place.Experiment);
        }

        private static Dictionary<(string, int, int), int> Count(PlanCheck check, IEnumerable<Placed> placed)
        {
            var use = new Dictionary<(string, int, int), List<int>>();
            foreach (var one in placed) _ = check.Alone(one, use).Count();
            return use.ToDictionary(one => one.Key, one => one.Value.Count);
        }
    }

    private bool SameTeamOrSample(int one, int other)
    {
        var (a, b) = (experiments[one], experiments[other]);
        return (a.NeedsTeam && b.NeedsTeam && (a.Team ?? proposals[a.Proposal].Team) == (b.Team ?? proposals[b.Proposal].Team)) || (a.Sample is not null && a.Sample == b.Sample);
    }

    private int Most((string Kind, int Key, int Time) key) => key.Kind switch
    {
        "contact" => key.Time < horizon ? contacts[key.Key][key.Time] : 0,
        "glove_box" => sites[key.Key].GloveBoxes,
        "cell" => Math.Max(0, cellTypes[key.Key].Count - cellTypes[key.Key].Withdrawn.Where(piece => piece[0] <= key.Time && key.Time < piece[1]).Sum(piece => piece[2])),
        _ => 1,
    };
}
