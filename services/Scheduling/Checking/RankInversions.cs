namespace Tutti.Scheduling.Checking;

/// <summary>Whether a proposal was left out for lower ranked ones, by a search of its own.</summary>
public sealed partial class PlanCheck
{
    /// <summary>So many trials are made for one proposal; what is not found by then does not count as an inversion.</summary>
    private const int MostTrials = 300_000;

    private List<BrokenRule> Inversions(Dictionary<int, Placed> placed)
    {
        var broken = new List<BrokenRule>();
        var parties = Parties();
        var (least, most) = (parties.ToDictionary(one => one.Key, one => one.Value.Min(id => proposals[id].Score)), parties.ToDictionary(one => one.Key, one => one.Value.Max(id => proposals[id].Score)));
        foreach (var party in parties.Values.DistinctBy(one => one[0]))
        {
            var wanted = Wanted(party);
            if (party.Exists(started.Contains) || wanted.Count == 0 || wanted.TrueForAll(placed.ContainsKey)) continue;
            var room = new Room(this, placed.Values.Where(one => experiments[one.Experiment].Proposal is var id && (started.Contains(id) || most[id] >= least[party[0]] || IsPinned(id))).ToDictionary(one => one.Experiment));
            if (room.Serve(wanted) is { } served)
                broken.Add(new("rank_inverted", wanted, $"Proposal {string.Join(", ", party)} could have a place instead of lower ranked ones: {string.Join("; ", served.Select(one => $"{one.Experiment} on {one.Instrument} from {one.Blocks[0].Start}"))}."));
        }
        return broken;

        bool IsPinned(int id) => parties[id].Exists(member => proposals[member].Experiments.Any(experiment => pins.Exists(pin => pin.Experiment == experiment)));
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
    private sealed class Room(PlanCheck check, Dictionary<int, Placed> kept)
    {
        private readonly Dictionary<(string, int, int), int> used = Count(check, kept.Values);
        private int trials;

        public List<Placed>? Serve(List<int> wanted)
        {
            var missing = wanted.Where(id => !kept.ContainsKey(id)).ToList();
            // One that has no place at all beside what stays decides at once; the one with the fewest comes first.
            var places = missing.Select(id => (Id: id, Places: Places(check.experiments[id]).Take(3_000).ToList())).OrderBy(one => one.Places.Count).ToList();
            if (places.Count > 0 && places[0].Places.Count == 0) return null;
            var chosen = new List<Placed>();
            return Choose(0) ? chosen : null;

            bool Choose(int n)
            {
                if (n == places.Count) return true;
                foreach (var place in places[n].Places)
                {
                    if (++trials > MostTrials) return false;
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
                if (instrument.Shifts[n].Start >= experiment.Due || trials > MostTrials) yield break;
                for (var length = left; length >= 1; length--)
                {
                    var rest = left - length;
                    if (n + length > instrument.Shifts.Count || (rest > 0 && (blocks.Count + 2 > experiment.MaxBlocks || rest < experiment.MinBlock || length < experiment.MinBlock))) continue;
                    if (rest == 0 && blocks.Count > 0 && length < experiment.MinBlock) continue;
                    trials++;
                    List<(int, int)> now = [.. blocks, (instrument.Shifts[n].Start, instrument.Shifts[n + length - 1].End)];
                    var place = new Placed(experiment.Id, instrument.Id, now);
                    if (!Fits(place, rest)) continue;
                    if (rest == 0) yield return place;
                    else
                        foreach (var more in From(experiment, instrument, now, n + length, rest)) yield return more;
                }
            }
        }

        private bool Fits(Placed place, int rest = 0)
        {
            var experiment = check.experiments[place.Experiment];
            var use = new Dictionary<(string, int, int), List<int>>();
            // Of blocks to which others will come, the number of shifts says nothing yet; nor does how long a cell is away, but that only grows.
            if (check.Alone(place, use).ToList().Exists(rule => rest == 0 || rule.Code != "wrong_shifts")) return false;
            foreach (var (key, by) in use)
                if (by.Count + used.GetValueOrDefault(key) > check.Most(key)) return false;
            var near = kept.Values.Where(other => other.Instrument == place.Instrument || check.SameTeamOrSample(other.Experiment, experiment.Id)).Append(place).ToList();
            if (check.TeamsAtTwoPlaces(near).Any() || check.SamplesAtTwoPlaces(near).Any() || check.SetUps(near).Any()) return false;
            if (rest > 0) return true;
            var all = kept.Values.Append(place).ToList();
            if (check.Quotas(all).Any() || check.Weeks(all.Where(other => check.instruments[other.Instrument].Contacts == check.instruments[place.Instrument].Contacts)).Any()) return false;
            return !check.Order(all.ToDictionary(one => one.Experiment)).Any();
        }

        private void Put(Placed place, int sign)
        {
            foreach (var (key, n) in Count(check, [place])) used[key] = used.GetValueOrDefault(key) + (sign * n);
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
