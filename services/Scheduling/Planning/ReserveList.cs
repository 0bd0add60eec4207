namespace Tutti.Scheduling.Planning;

/// <summary>Proposals without a place, by rank, with what would have to be given back for them to have one.</summary>
internal static class ReserveList
{
    private const int MostAlternatives = 5, MostSearches = 200_000;

    public static IReadOnlyList<ReservedProposal> Of(Space space, Place?[] plan, CancellationToken stop)
    {
        var draft = new Draft(space);
        draft.Load(plan);
        var dice = new Dice(1);
        var reserve = new List<ReservedProposal>();
        var served = space.Proposals.Where(proposal => proposal.Leads && !proposal.Started && proposal.Required.Length > 0 && draft.Serves(proposal)
            && !proposal.Members.Any(p => space.Proposals[p].All.Any(e => space.Experiments[e].Pin is not null))).OrderBy(proposal => proposal.Score).ThenBy(proposal => proposal.Id).ToList();
        var waiting = space.Proposals.Where(proposal => proposal.Leads && !proposal.Started && proposal.Required.Length > 0 && !draft.Serves(proposal)
            && !proposal.Required.Any(e => space.Experiments[e].Hopeless)).OrderByDescending(proposal => proposal.Score).ThenBy(proposal => proposal.Id);
        foreach (var proposal in waiting)
        {
            if (stop.IsCancellationRequested || draft.Searches > MostSearches) break;
            List<int> fresh = [];
            if (draft.Insert(proposal, Seek.Earliest, ref dice, fresh))
            {
                // It has a place and costs more than it brings.
                foreach (var e in fresh) draft.Release(e);
                continue;
            }
            List<IReadOnlyList<int>> insteadOf = [];
            IReadOnlyList<InstancePlacement> placements = [];
            foreach (var other in served.Where(other => Near(space, proposal, other, draft)))
            {
                if (insteadOf.Count == MostAlternatives || draft.Searches > MostSearches || stop.IsCancellationRequested) break;
                int[] all = [.. other.Members.SelectMany(p => space.Proposals[p].All).Distinct()];
                var places = all.Where(e => draft[e] is not null).Select(e => (Experiment: e, Place: draft[e])).ToList();
                foreach (var (e, _) in places) draft.Release(e);
                fresh.Clear();
                if (draft.MayFit(proposal) && (draft.Insert(proposal, Seek.Earliest, ref dice, fresh) || draft.Insert(proposal, Seek.Anywhere, ref dice, fresh)))
                {
                    if (insteadOf.Count == 0) placements = [.. proposal.Required.Select(e => space.Placement(e, draft[e] ?? throw new InvalidOperationException("A served proposal without a place.")))];
                    insteadOf.Add([.. other.Members.Select(p => space.Proposals[p].Id)]);
                    foreach (var e in fresh) draft.Release(e);
                }
                foreach (var (e, place) in places)
                    if (place is not null) draft.Take(e, place);
            }
            if (insteadOf.Count > 0) reserve.Add(new(reserve.Count + 1, proposal.Id, proposal.Score, insteadOf, placements));
        }
        return reserve;
    }

    /// <summary>Whether what one gives back could be of any use to the other: the same site, country or team.</summary>
    private static bool Near(Space space, ProposalData proposal, ProposalData other, Draft draft) =>
        proposal.Country == other.Country || proposal.Required.Any(e => other.All.Any(held => draft[held] is { } place
            && (Array.Exists(space.Experiments[e].Options, option => option.Site == place.Option.Site) || (space.Experiments[e].Cell >= 0 && space.Experiments[e].Cell == space.Experiments[held].Cell)
                || (space.Experiments[e].Team >= 0 && space.Experiments[e].Team == space.Experiments[held].Team) || (space.Experiments[e].Sample >= 0 && space.Experiments[e].Sample == space.Experiments[held].Sample))));
}
