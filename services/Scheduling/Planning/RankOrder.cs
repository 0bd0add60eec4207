using System.Diagnostics;
using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>A plan as <see cref="RankOrder"/> leaves it.</summary>
/// <param name="Open">Proposals without a place of which it is not known whether they could have one in place of lower ranked ones; of all others left out it is certain that they could not.</param>
/// <param name="Models">How often CP-SAT was asked.</param>
/// <param name="Work">What that cost, in units of the solver.</param>
internal sealed record Ranked(Place?[] Plan, IReadOnlyList<int> Open, int Models, double Work);

/// <summary>
/// Makes a plan one in which no proposal is left out for lower ranked ones: from the highest rank on, each proposal without a place is put in place of lower ranked ones where
/// that is possible, and these are put back as far as there is room. What trials of insertion do not serve CP-SAT decides, as far as the work goes that it is given.
/// </summary>
internal sealed class RankOrder
{
    /// <summary>Of what is left of the work one proposal gets so much, that one that is hard does not leave nothing for those after it.</summary>
    private const double ShareOfOne = 0.25;

    /// <summary>In units of the solver: what a question costs at the least, and for each variable and constraint of its model, which has to be made and presolved before the solver counts anything.</summary>
    internal const double LeastWork = 0.01, WorkOfSize = 5e-6;

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

    /// <param name="work">What CP-SAT may do for all proposals together, in units of the solver.</param>
    /// <param name="seconds">Wall-clock time after which no more is asked of CP-SAT: the upper end where the work lasts longer.</param>
    /// <param name="stop">As when the time is over.</param>
    public Ranked Enforce(Place?[] plan, double work, double seconds, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var (left, models) = (work, 0);
        List<int> open = [];
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
            var served = Serve(p);
            PutBack(draft, lower);
            if (served is true) Greedy.Extend(draft, stop, ref dice);
            else if (served is null) open.Add(p);
        }
        return new(draft.Copy(), [.. open.Where(p => !draft.Serves(space.Proposals[p]))], models, work - left);

        // Null: not decided.
        bool? Serve(int p)
        {
            var proposal = space.Proposals[p];
            List<int> inserted = [];
            if (!draft.MayFit(proposal)) return false;
            for (var trial = 0; trial < 4; trial++)
                if (draft.Insert(proposal, trial == 0 ? Seek.Earliest : Seek.Anywhere, ref dice, inserted)) return true;
            // One that has no place beside what stays decides alone; the search for a single block leaves nothing out.
            foreach (var e in proposal.Required)
                if (draft[e] is null && !Array.Exists(space.Experiments[e].Options, option => option.Reach.Length > 0 || draft.Find(e, option, Seek.Earliest) is not null)) return false;
            var most = Math.Max(LeastWork, left * ShareOfOne);
            if (left < LeastWork || watch.Elapsed.TotalSeconds >= seconds || stop.IsCancellationRequested) return null;
            var model = new ExactModel(space, draft, proposal.Members);
            if (!model.Require(proposal)) return false;
            var answer = ExactSolver.Solve(model, new(Math.Max(0.01, seconds - watch.Elapsed.TotalSeconds), most, 1), stop);
            left -= LeastWork + answer.Work + (WorkOfSize * (model.Model.Model.Variables.Count + model.Model.Model.Constraints.Count));
            models++;
            if (answer.Status == CpSolverStatus.Infeasible) return false;
            if (answer.Plan is not { } found) return null;
            for (var e = 0; e < found.Length; e++)
                if (draft[e] is null && found[e] is { } place) draft.Take(e, place);
            return true;
        }
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
