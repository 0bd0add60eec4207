using System.Diagnostics;

namespace Tutti.Scheduling.Planning;

/// <summary>The first plan: pinned placements, then proposals by score, each at the earliest place.</summary>
internal static class Greedy
{
    // Whoever stops a search at once wants a plan all the same.
    private static readonly TimeSpan leastTime = TimeSpan.FromSeconds(1);

    /// <exception cref="PlanningException"><c>pins_incomplete</c>: a proposal with a pinned experiment cannot be completed around the pins, and is not said to have started.</exception>
    public static Draft Fill(Space space, Place?[]? start, ulong seed, CancellationToken stop)
    {
        var draft = new Draft(space);
        var dice = new Dice(seed);
        for (var e = 0; e < space.Experiments.Length; e++)
            if (space.Experiments[e].Pin is { } pin) draft.Take(e, pin);
        foreach (var proposal in space.Proposals.Where(proposal => !proposal.Started && proposal.All.Any(e => space.Experiments[e].Pin is not null)))
            Complete(draft, proposal, proposal.Required, ref dice, start);
        foreach (var e in Enumerable.Range(0, space.Experiments.Length).Where(e => draft[e] is not null && space.Experiments[e].Set.Any(one => draft[one] is null)))
            if (!space.Proposals[space.Experiments[e].Proposal].Started) Complete(draft, space.Proposals[space.Experiments[e].Proposal], space.Experiments[e].Set, ref dice, start);
        if (start is not null)
            foreach (var proposal in space.Proposals) Keep(draft, proposal, start);
        Extend(draft, stop, ref dice);
        return draft;
    }

    /// <summary>Adds what still fits, highest score first.</summary>
    public static void Extend(Draft draft, CancellationToken stop, ref Dice dice)
    {
        var space = draft.Space;
        var byScore = space.Proposals.OrderByDescending(proposal => proposal.Score).ThenBy(proposal => proposal.Id).ToArray();
        List<int> inserted = [];
        var began = Stopwatch.GetTimestamp();
        foreach (var proposal in byScore)
        {
            if (stop.IsCancellationRequested && Stopwatch.GetElapsedTime(began) > leastTime) return;
            if (!proposal.Leads) continue;
            if (proposal.Started)
                foreach (var e in proposal.Required.Where(e => draft[e] is null)) draft.Insert(e, Seek.Earliest, ref dice);
            else if (!draft.Serves(proposal) && draft.MayFit(proposal) && !draft.Insert(proposal, Seek.Earliest, ref dice, inserted))
                draft.Insert(proposal, Seek.Anywhere, ref dice, inserted);
        }
        foreach (var proposal in byScore)
            if (proposal.Started || draft.Serves(proposal))
                foreach (var e in proposal.Optional.Where(e => draft[e] is null)) draft.InsertSet(e, Seek.Earliest, ref dice, inserted);
    }

    private static void Complete(Draft draft, ProposalData proposal, int[] wanted, ref Dice dice, Place?[]? start)
    {
        List<int> inserted = [];
        if (start is not null)
            foreach (var e in wanted)
                if (draft[e] is null && start[e] is { } place && draft.Broken(e, place) == Rules.None) draft.Take(e, place);
        for (var trial = 0; trial < 200; trial++)
        {
            if (wanted.All(e => draft[e] is not null)) return;
            foreach (var e in wanted)
            {
                if (draft[e] is not null) continue;
                if (draft.Insert(e, trial == 0 ? Seek.Earliest : Seek.Anywhere, ref dice))
                {
                    inserted.Add(e);
                    continue;
                }
                foreach (var one in inserted) draft.Release(one);
                inserted.Clear();
                break;
            }
        }
        throw new PlanningException("pins_incomplete", $"proposal {proposal.Id}",
            "Something of it is pinned, and there is no place for the rest of what it requires, or of what is placed together with that; say that it has started, or unpin it.");
    }

    /// <summary>Keeps of a plan that was given what is still legal.</summary>
    private static void Keep(Draft draft, ProposalData proposal, Place?[] start)
    {
        List<int> kept = [];
        Take(proposal.Required);
        if (!proposal.Started && !draft.Serves(proposal))
        {
            foreach (var e in kept) draft.Release(e);
            return;
        }
        foreach (var set in proposal.Optional.Select(e => draft.Space.Experiments[e].Set).Distinct())
        {
            kept.Clear();
            Take(set);
            if (set.Any(e => draft[e] is null))
                foreach (var e in kept) draft.Release(e);
        }

        void Take(int[] wanted)
        {
            foreach (var e in wanted)
                if (draft[e] is null && start[e] is { } place && draft.Broken(e, place) == Rules.None)
                {
                    draft.Take(e, place);
                    kept.Add(e);
                }
        }
    }
}
