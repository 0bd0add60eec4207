namespace Tutti.Scheduling.Planning;

/// <summary>
/// Large neighbourhood search on drafts: takes some proposals out (on one instrument, in one stretch of time, or to make room for one that has no place), puts
/// proposals back in a changed order, and keeps the result by simulated annealing with ever longer cycles, in rounds. The same seed gives the same sequence of drafts.
/// </summary>
internal sealed class RuinAndRecreate
{
    /// <summary>So many of the longest cycles without a better draft end a round: the next begins with nothing, or warm from the best.</summary>
    private const int MostIdle = 12;

    private readonly Space space;
    private readonly Draft draft;
    private readonly List<(int Experiment, Place Place)> removed = [];
    private readonly List<int> inserted = [], list = [], optional = [], affected = [];
    private readonly List<double> keys = [];
    private readonly int[][] usersOf;
    private readonly bool[] fixedProposal;

    /// <summary>Per instrument the proposals that want it or one with which it shares a source.</summary>
    private readonly int[][] near;
    private readonly long[] marks;
    private Dice dice;
    private long cycle = 4_000, step, looked;
    private readonly long longest;
    private readonly double warm;
    private double hot, temperature;

    /// <summary>The proposals of which something is pinned, and nothing else.</summary>
    private readonly Place?[] origin;

    /// <summary>The best draft of this round; a round ends when it has not become better for long.</summary>
    private Place?[] round;
    private long roundObjective;
    private int idle;

    public RuinAndRecreate(Space space, Draft start, ulong seed)
    {
        this.space = space;
        draft = start;
        dice = new Dice(seed);
        Best = draft.Copy();
        BestObjective = draft.Objective;
        (round, roundObjective) = (Best, BestObjective);
        usersOf = [.. Enumerable.Range(0, space.Instruments.Length).Select(i => Enumerable.Range(0, space.Experiments.Length)
            .Where(e => space.Experiments[e].Options.Any(option => option.Instrument == i)).ToArray())];
        near = [.. space.Instruments.Select(one => Near(space, one))];
        marks = new long[space.Proposals.Length];
        fixedProposal = [.. space.Proposals.Select(proposal => proposal.Members.Any(p => space.Proposals[p].All.Any(e => space.Experiments[e].Pin is not null)))];
        origin = [.. Best.Select((place, e) => fixedProposal[space.Experiments[e].Proposal] ? place : null)];
        var values = space.Proposals.Select(proposal => (double)proposal.Required.Sum(e => space.Experiments[e].Value - space.Experiments[e].Bonus)).Where(value => value > 0).Order().ToArray();
        warm = values.Length == 0 ? 1 : values[values.Length / 2] * 0.25;
        longest = Math.Max(8_000, 1_000L * space.Proposals.Length);
        hot = warm;
        temperature = hot;
    }

    public Place?[] Best { get; private set; }

    public long BestObjective { get; private set; }

    public long Steps { get; private set; }

    /// <summary>What the steps have cost, in the same measure on every problem: places sought, and proposals looked at for a quarter each.</summary>
    public long Effort => draft.Searches + (looked / 4);

    /// <summary>Goes on from a draft that something else has found.</summary>
    public void Adopt(Place?[] places, long objective)
    {
        if (objective <= BestObjective) return;
        draft.Load(places);
        Best = draft.Copy();
        BestObjective = draft.Objective;
        (round, roundObjective, idle) = (Best, BestObjective, 0);
    }

    /// <summary>Goes on from a plan even where it is worth less than the best known here.</summary>
    public void Restart(Place?[] places)
    {
        draft.Load(places);
        Best = draft.Copy();
        BestObjective = draft.Objective;
        (round, roundObjective, idle) = (Best, BestObjective, 0);
    }

    /// <summary>One ruin and one recreation; true if the best draft became better.</summary>
    public bool Step()
    {
        Steps++;
        if (++step >= cycle)
        {
            step = 0;
            cycle = Math.Min(cycle * 2, longest);
            // Ever colder at first, then anything from cold to warm, so that long searches do not stay where they are.
            hot = cycle < longest ? hot * 0.8 : warm * Math.Pow(10, -dice.NextDouble());
            if (cycle == longest && ++idle > MostIdle)
            {
                idle = 0;
                if (dice.NextDouble() < 0.5)
                {
                    draft.Load(origin);
                    (cycle, hot) = (4_000, warm);
                }
                else draft.Load(Best);
                // Where what is pinned alone is worth more than the best, the next step has to say so.
                (round, roundObjective) = (draft.Copy(), Math.Min(draft.Objective, BestObjective));
            }
            else if (dice.NextDouble() < 0.7) draft.Load(round);
        }
        temperature = hot * Math.Pow(0.01, (double)step / cycle);

        var before = draft.Objective;
        removed.Clear();
        inserted.Clear();
        var wanted = Ruin();
        var ruined = removed.Count;
        Recreate(wanted);
        if (space.HasCosts) Prune();
        var after = draft.Objective;
        if (after >= before || dice.NextDouble() < Math.Exp((after - before) / temperature))
        {
            if (after <= roundObjective) return false;
            (round, roundObjective, idle) = (draft.Copy(), after, 0);
            if (after <= BestObjective) return false;
            BestObjective = after;
            Best = round;
            return true;
        }
        foreach (var e in inserted) draft.Release(e);
        // What was pruned had been put in by this step.
        for (var n = 0; n < ruined; n++) draft.Take(removed[n].Experiment, removed[n].Place);
        return false;
    }

    /// <summary>Takes out, and says which proposal is to come first in, or -1.</summary>
    private int Ruin()
    {
        var kind = dice.NextDouble();
        if (kind < 0.45 && Unserved() is var wanted and >= 0)
        {
            MakeRoom(wanted);
            return wanted;
        }
        if (kind < 0.65)
        {
            // On one instrument.
            var users = usersOf[dice.Next(usersOf.Length)];
            if (users.Length == 0) return -1;
            for (var n = 2 + dice.Next(7); n > 0; n--) Remove(users[dice.Next(users.Length)]);
        }
        else if (kind < 0.85)
        {
            // In one stretch of time, on the instruments of one group of contacts or of all.
            var length = 6 + dice.Next(60);
            var from = dice.Next(Math.Max(1, space.Instance.Horizon - (length / 2)));
            var contacts = space.Instruments.Length > 0 ? space.Instruments[dice.Next(space.Instruments.Length)].Contacts : 0;
            var most = 3 + dice.Next(10);
            var offset = space.Experiments.Length == 0 ? 0 : dice.Next(space.Experiments.Length);
            for (var n = 0; n < space.Experiments.Length && most > 0; n++)
            {
                var e = (n + offset) % space.Experiments.Length;
                if (draft[e] is { } place && place.Start < from + length && from < place.End && space.Instruments[place.Instrument].Contacts == contacts)
                {
                    Remove(e);
                    most--;
                }
            }
        }
        else
            for (var n = 2 + dice.Next(8); n > 0 && space.Experiments.Length > 0; n--) Remove(dice.Next(space.Experiments.Length));
        return -1;
    }

    private bool Wants(ProposalData proposal)
    {
        if (draft.Guide is not { } guide) return true;
        foreach (var e in proposal.Required)
            if (guide[e] < 0) return false;
        return true;
    }

    private int Unserved()
    {
        for (var trial = 0; trial < 20; trial++)
        {
            var p = dice.Next(space.Proposals.Length);
            if (!draft.Serves(space.Proposals[p]) && Wants(space.Proposals[p]) && !space.Proposals[p].Required.Any(e => space.Experiments[e].Hopeless)) return p;
        }
        return -1;
    }

    /// <summary>Takes out the least valuable on the instruments that a proposal wants, until the quotas leave room, and what is in the way of one of its places.</summary>
    private void MakeRoom(int wanted)
    {
        foreach (var e in space.Proposals[wanted].Required)
        {
            var data = space.Experiments[e];
            if (draft[e] is not null) continue;
            var option = data.Options[draft.Guide is { } guide ? guide[e] : dice.Next(data.Options.Length)];
            if (option.Single.Length == 0 && option.Reach.Length == 0) continue;
            while (draft.InstrumentLeft(option.Instrument) < option.Shifts && Worst(usersOf[option.Instrument], option.Instrument, -1) is var out1 and >= 0) Remove(out1);
            while (draft.SiteLeft(option.Site) < option.Shifts && Worst(null, -1, option.Site) is var out2 and >= 0) Remove(out2);
            if (option.Single.Length > 0 && dice.NextDouble() < 0.7 && draft.Find(e, option, Seek.Earliest) is null)
            {
                // In time: clear one stretch of it.
                var block = option.Single[dice.Next(option.Single.Length)];
                foreach (var other in usersOf[option.Instrument])
                    if (draft[other] is { } there && there.Instrument == option.Instrument && there.Start < block.End && block.Start < there.End) Remove(other);
            }
        }
        var country = space.Proposals[wanted].Country;
        var asked = space.Proposals[wanted].Required.Sum(e => draft[e] is null ? space.Experiments[e].Shifts : 0);
        for (var trial = 0; trial < 50 && draft.CountryLeft(country) < asked; trial++)
        {
            var e = dice.Next(space.Experiments.Length);
            if (space.Proposals[space.Experiments[e].Proposal].Country == country) Remove(e);
        }
    }

    /// <summary>Of those placed on an instrument (or at a site) one with a low score, with some chance.</summary>
    private int Worst(int[]? users, int instrument, int site)
    {
        var (worst, lowest) = (-1, double.MaxValue);
        var count = users?.Length ?? space.Experiments.Length;
        for (var n = 0; n < count; n++)
        {
            var e = users is null ? n : users[n];
            if (draft[e] is not { } place || (instrument >= 0 ? place.Instrument != instrument : place.Option.Site != site)) continue;
            var data = space.Experiments[e];
            if (fixedProposal[data.Proposal]) continue;
            var key = space.Proposals[data.Proposal].Score * (data.Required ? 2 : 1) * (0.4 + dice.NextDouble());
            if (key < lowest) (worst, lowest) = (e, key);
        }
        return worst;
    }

    /// <summary>Takes an experiment out: a required one with all of its proposal.</summary>
    private void Remove(int e)
    {
        if (draft[e] is null) return;
        var proposal = space.Proposals[space.Experiments[e].Proposal];
        if (fixedProposal[space.Experiments[e].Proposal])
        {
            // Around pins only what counts for itself moves.
            if (proposal.Started && space.Experiments[e].Pin is null) AllOut(space.Experiments[e].Set);
            else if (!space.Experiments[e].Required && Array.TrueForAll(space.Experiments[e].Set, one => space.Experiments[one].Pin is null)) AllOut(space.Experiments[e].Set);
            return;
        }
        if (proposal.Started || !space.Experiments[e].Required)
        {
            AllOut(space.Experiments[e].Set);
            return;
        }
        AllOut(proposal.Required);
        foreach (var p in proposal.Members) AllOut(space.Proposals[p].Optional);
    }

    private void AllOut(int[] experiments)
    {
        foreach (var e in experiments)
            if (draft[e] is { } there) Out(e, there);
    }

    /// <summary>Takes out again what costs more by what stands next to it than it brings.</summary>
    private void Prune()
    {
        for (var n = inserted.Count - 1; n >= 0; n--)
        {
            var e = inserted[n];
            if (draft[e] is null || fixedProposal[space.Experiments[e].Proposal]) continue;
            var (before, kept) = (draft.Objective, removed.Count);
            Remove(e);
            if (draft.Objective > before) continue;
            for (var k = removed.Count - 1; k >= kept; k--) draft.Take(removed[k].Experiment, removed[k].Place);
            removed.RemoveRange(kept, removed.Count - kept);
        }
    }

    private void Out(int e, Place place)
    {
        draft.Release(e);
        removed.Add((e, place));
    }

    private void Recreate(int wanted)
    {
        var seek = dice.NextDouble() is var s && s < 0.5 ? Seek.Earliest : s < 0.6 ? Seek.Latest : Seek.Anywhere;
        if (wanted >= 0) draft.Insert(space.Proposals[wanted], seek, ref dice, inserted);
        list.Clear();
        keys.Clear();
        var noise = dice.NextDouble() switch { < 0.3 => 0.1, < 0.7 => 0.5, < 0.9 => 1.0, _ => 4.0 };
        var byValue = dice.NextDouble() < 0.15;
        Affected();
        looked += affected.Count;
        foreach (var p in affected)
        {
            var proposal = space.Proposals[p];
            if (!proposal.Leads || proposal.Started || draft.Serves(proposal) || !Wants(proposal) || !draft.MayFit(proposal)) continue;
            list.Add(p);
            var key = byValue ? Worth(proposal) : proposal.Score;
            keys.Add(-key * (1 + (noise * dice.NextDouble())));
        }
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(keys).Sort(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list));
        foreach (var p in list)
        {
            var proposal = space.Proposals[p];
            if (!draft.MayFit(proposal)) continue;
            if (!draft.Insert(proposal, seek, ref dice, inserted) && dice.NextDouble() < 0.5) draft.Insert(proposal, seek == Seek.Anywhere ? Seek.Earliest : Seek.Anywhere, ref dice, inserted);
        }
        optional.Clear();
        foreach (var p in affected)
        {
            var proposal = space.Proposals[p];
            if (proposal.Started)
                foreach (var e in proposal.Required)
                    if (draft[e] is null) optional.Add(e);
            if (proposal.Optional.Length > 0 && (proposal.Started || draft.Serves(proposal)))
                foreach (var e in proposal.Optional)
                    if (draft[e] is null) optional.Add(e);
        }
        dice.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(optional));
        foreach (var e in optional)
            if (draft[e] is null) draft.InsertSet(e, seek, ref dice, inserted);
    }

    /// <summary>
    /// Proposals for which room may have been made: what did not fit before and wants nothing near what was taken out does not fit now either, but for contacts, cells, glove-boxes and
    /// quotas of sites, for which all are looked at now and then.
    /// </summary>
    private void Affected()
    {
        affected.Clear();
        if (dice.NextDouble() < 0.05)
        {
            for (var p = 0; p < space.Proposals.Length; p++) affected.Add(p);
            return;
        }
        foreach (var (e, place) in removed)
        {
            Mark(space.Experiments[e].Proposal);
            foreach (var p in near[place.Instrument]) Mark(p);
        }
        affected.Sort();

        void Mark(int p)
        {
            if (marks[p] == Steps) return;
            marks[p] = Steps;
            affected.Add(p);
        }
    }

    private static int[] Near(Space space, InstrumentData instrument)
    {
        var beside = Enumerable.Range(0, space.Instruments.Length).Where(other => space.Instruments[other] == instrument || space.Instruments[other].Sources.Any(instrument.Sources.Contains)).ToHashSet();
        return [.. Enumerable.Range(0, space.Proposals.Length).Where(one => space.Proposals[one].Members.Any(p => space.Proposals[p].All.Any(e => space.Experiments[e].Options.Any(option => beside.Contains(option.Instrument)))))];
    }

    private double Worth(ProposalData proposal)
    {
        var worth = 0L;
        foreach (var e in proposal.Required) worth += space.Experiments[e].Value;
        return worth;
    }
}
