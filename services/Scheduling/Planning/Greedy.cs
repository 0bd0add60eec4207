namespace Tutti.Scheduling.Planning;

/// <summary>The first plan: pinned placements, then proposals by score, each at the earliest place.</summary>
internal static class Greedy
{
    /// <exception cref="PlanningException"><c>pins_incomplete</c>: a proposal with a pinned experiment cannot be completed around the pins, and is not said to have started.</exception>
    public static Draft Fill(Space space, Place?[]? start, ulong seed, CancellationToken stop)
    {
        var draft = new Draft(space);
        var dice = new Dice(seed);
        for (var e = 0; e < space.Experiments.Length; e++)
            if (space.Experiments[e].Pin is { } pin) draft.Take(e, pin);
        foreach (var proposal in space.Proposals.Where(proposal => !proposal.Started && proposal.All.Any(e => space.Experiments[e].Pin is not null)))
            Complete(draft, proposal, ref dice, start);
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
        foreach (var proposal in byScore)
        {
            if (stop.IsCancellationRequested) return;
            if (proposal.Started)
                foreach (var e in proposal.Required.Where(e => draft[e] is null)) draft.Insert(e, Seek.Earliest, ref dice);
            else if (!draft.Serves(proposal) && draft.MayFit(proposal) && !draft.Insert(proposal, Seek.Earliest, ref dice, inserted))
                draft.Insert(proposal, Seek.Anywhere, ref dice, inserted);
        }
        foreach (var proposal in byScore)
            if (proposal.Started || draft.Serves(proposal))
                foreach (var e in proposal.Optional.Where(e => draft[e] is null)) draft.Insert(e, Seek.Earliest, ref dice);
    }

    private static void Complete(Draft draft, ProposalData proposal, ref Dice dice, Place?[]? start)
    {
        List<int> inserted = [];
        if (start is not null)
            foreach (var e in proposal.Required)
                if (draft[e] is null && start[e] is { } place && draft.Broken(e, place) == Rules.None) draft.Take(e, place);
        for (var trial = 0; trial < 200; trial++)
            if (draft.Insert(proposal, trial == 0 ? Seek.Earliest : Seek.Anywhere, ref dice, inserted)) return;
        throw new PlanningException("pins_incomplete", $"proposal {proposal.Id}", "Something of it is pinned, and there is no place for the rest of what it requires; say that it has started, or unpin it.");
    }

    /// <summary>Keeps of a plan that was given what is still legal.</summary>
    private static void Keep(Draft draft, ProposalData proposal, Place?[] start)
    {
        List<int> kept = [];
        foreach (var e in proposal.Required)
            if (draft[e] is null && start[e] is { } place && draft.Broken(e, place) == Rules.None)
            {
                draft.Take(e, place);
                kept.Add(e);
            }
        if (!proposal.Started && !draft.Serves(proposal))
        {
            foreach (var e in kept) draft.Release(e);
            return;
        }
        foreach (var e in proposal.Optional)
            if (draft[e] is null && start[e] is { } place && draft.Broken(e, place) == Rules.None) draft.Take(e, place);
    }
}
