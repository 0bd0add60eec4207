using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// Makes a plan one in which no proposal is left out for lower ranked ones: from the highest rank on, each proposal without a place is put in place of lower ranked ones where
/// that is possible at all, and these are put back as far as there is room.
/// </summary>
internal sealed class RankOrder
{
    // In units of the solver: what is not decided by then counts as impossible.
    private const double MostWork = 20;

    private readonly Space space;
    private readonly int[] byRank, least, most;
    private readonly bool[] stays;

    public RankOrder(Space space)
    {
        this.space = space;
        least = [.. space.Proposals.Select(proposal => proposal.Members.Min(p => space.Proposals[p].Score))];
        most = [.. space.Proposals.Select(proposal => proposal.Members.Max(p => space.Proposals[p].Score))];
        stays = [.. space.Proposals.Select(proposal => proposal.Started || proposal.Members.Any(p => space.Proposals[p].All.Any(e => space.Experiments[e].Pin is not null)))];
        byRank = [.. Enumerable.Range(0, space.Proposals.Length).Where(p => space.Proposals[p].Leads).OrderByDescending(p => least[p]).ThenBy(p => space.Proposals[p].Id)];
    }

    public Place?[] Enforce(Place?[] plan, CancellationToken stop)
    {
        var draft = new Draft(space);
        draft.Load(plan);
        var dice = new Dice(1);
        foreach (var p in byRank)
        {
            var proposal = space.Proposals[p];
            if (proposal.Started || proposal.Required.Length == 0 || draft.Serves(proposal) || proposal.Required.Any(e => space.Experiments[e].Hopeless)) continue;
            List<(int Experiment, Place Place)> lower = [];
            foreach (var q in byRank)
                if (!stays[q] && most[q] < least[p])
                    foreach (var e in space.Proposals[q].Members.SelectMany(member => space.Proposals[member].All).Distinct())
                        if (draft[e] is { } place)
                        {
                            lower.Add((e, place));
                            draft.Release(e);
                        }
            var served = Serve(draft, p, ref dice, stop);
            PutBack(draft, lower);
            if (served) Greedy.Extend(draft, stop, ref dice);
        }
        return draft.Copy();
    }

    private bool Serve(Draft draft, int p, ref Dice dice, CancellationToken stop)
    {
        var proposal = space.Proposals[p];
        List<int> inserted = [];
        if (!draft.MayFit(proposal)) return false;
        for (var trial = 0; trial < 4; trial++)
            if (draft.Insert(proposal, trial == 0 ? Seek.Earliest : Seek.Anywhere, ref dice, inserted)) return true;
        // One that has no place beside what stays decides alone; the search for a single block leaves nothing out.
        foreach (var e in proposal.Required)
            if (draft[e] is null && !Array.Exists(space.Experiments[e].Options, option => option.Reach.Length > 0 || draft.Find(e, option, Seek.Earliest) is not null)) return false;
        var model = new ExactModel(space, draft, proposal.Members);
        if (!model.Require(proposal)) return false;
        var answer = ExactSolver.Solve(model, new(60, MostWork, 1), stop);
        if (answer.Status is not (CpSolverStatus.Optimal or CpSolverStatus.Feasible) || answer.Plan is not { } found) return false;
        for (var e = 0; e < found.Length; e++)
            if (draft[e] is null && found[e] is { } place) draft.Take(e, place);
        return true;
    }

    /// <summary>What was taken out, by rank, where it was; a proposal with all that it requires or not at all.</summary>
    private void PutBack(Draft draft, List<(int Experiment, Place Place)> lower)
    {
        var places = lower.ToDictionary(one => one.Experiment, one => one.Place);
        foreach (var q in byRank)
        {
            if (stays[q] || !space.Proposals[q].All.Any(places.ContainsKey)) continue;
            if (space.Proposals[q].Required.Length > 0 && !Take(space.Proposals[q].Required)) continue;
            foreach (var set in space.Proposals[q].Members.SelectMany(member => space.Proposals[member].Optional).Select(e => space.Experiments[e].Set).Distinct()) Take(set);
        }

        bool Take(int[] experiments)
        {
            List<int> taken = [];
            foreach (var e in experiments)
            {
                if (draft[e] is null && places.TryGetValue(e, out var place) && draft.Broken(e, place) == Rules.None)
                {
                    draft.Take(e, place);
                    taken.Add(e);
                    continue;
                }
                foreach (var one in taken) draft.Release(one);
                return false;
            }
            return true;
        }
    }
}
