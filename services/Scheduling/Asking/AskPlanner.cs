using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Asking;

/// <summary>The answer to a request for a plan: the plan, or all the errors for which the problem was not planned.</summary>
public sealed record PlanningResult(Plan? Plan, IReadOnlyList<ProblemError> Errors);

/// <summary>
/// Puts a problem of the service to the planner: names become numbers, shifts keep their length, and a proposal of which something is pinned has started.
/// Every plan is judged by <see cref="PlanChecker"/> before it is given out.
/// </summary>
public static class AskPlanner
{
    private const int Plenty = 1_000_000;

    /// <summary>The best plan within the limits; stopping the search early by <paramref name="stop"/> gives the best plan so far.</summary>
    /// <param name="progress">Told of every better plan and bound, on a thread of the search; an exception from it stops the search and comes out here.</param>
    /// <exception cref="InvalidOperationException">The planner itself is at fault: its model is not valid, or its plan breaks a rule.</exception>
    public static PlanningResult Plan(PlanningProblem problem, PlannerOptions options, Action<PlanProgress>? progress = null, CancellationToken stop = default)
    {
        if (problem.Validate() is { Count: > 0 } errors) return new(null, errors);
        ShiftPlan answer;
        try
        {
            answer = Planner.Plan(Instance(problem), options, null, progress, stop);
        }
        catch (PlanningException refused)
        {
            return new(null, [.. refused.Errors.Select(error => new ProblemError(error.Code.Replace('_', '-'), error.Subject))]);
        }
        var plan = new Plan
        {
            Status = answer.Status, Objective = answer.Objective, Bound = answer.Bound ?? answer.Objective,
            Placements = [.. answer.Placements.Select(one => PlacementOf(problem, one)).OrderBy(one => one.Start)],
            Unplaced = [.. answer.Unplaced.Select(one => new UnplacedExperiment(problem.Experiments[one.Experiment].Id, one.Reasons))],
        };
        if (PlanChecker.Check(problem, plan) is [var violation, ..])
            throw new InvalidOperationException($"The planner made a plan that breaks a rule: {violation}");
        return new(plan, []);
    }

    private static Placement PlacementOf(PlanningProblem problem, InstancePlacement one)
    {
        var (instrument, experiment, start) = (problem.Instruments[one.Instrument], problem.Experiments[one.Experiment], one.Blocks[0][0]);
        var first = Enumerable.Range(0, instrument.OpenShifts.Count).First(shift => instrument.OpenShifts[shift].Start == start);
        return new(experiment.Id, instrument.Id, start, one.Blocks[^1][1], [.. Enumerable.Range(first, experiment.Shifts)]);
    }

    private static PlanningInstance Instance(PlanningProblem problem)
    {
        var sites = Numbered(problem.Instruments.Select(one => one.Site));
        var sources = Numbered(problem.Instruments.SelectMany(one => one.SharedSources));
        var instruments = Numbered(problem.Instruments.Select(one => one.Id));
        var experiments = Numbered(problem.Experiments.Select(one => one.Id));
        var proposals = Numbered(problem.Experiments.Select(one => one.ProposalId));
        var teams = Numbered(problem.Experiments.Select(one => one.TeamId).OfType<Guid>());
        var distances = problem.Distances.ToDictionary(one => (one.From, one.To));
        var horizon = problem.Instruments.SelectMany(one => one.OpenShifts).Select(shift => shift.End).DefaultIfEmpty(1).Max();
        return new()
        {
            Horizon = horizon,
            Travel = Between((from, to) => distances.TryGetValue((from, to), out var listed) ? listed.Travel : problem.DefaultTravel),
            Shipping = Between((from, to) => distances.TryGetValue((from, to), out var listed) ? listed.Shipping : problem.DefaultShipping),
            Sites = [.. sites.Values.Select(id => new InstanceSite(id, int.MaxValue, 0))],
            Countries = [new(0, 0, int.MaxValue)],
            CellTypes = [],
            ContactGroups = [new(0, [[0, horizon, Plenty]])],
            Instruments = [.. problem.Instruments.Select((one, id) => new InstanceInstrument
            {
                Id = id, Site = sites[one.Site], ContactGroup = 0, BridgeableGap = one.BridgeableGap, MoreSources = [.. one.SharedSources.Select(name => sources[name])],
                Shifts = [.. one.OpenShifts.Select(shift => (IReadOnlyList<int>)[shift.Start, shift.End, shift.MayStart ? 1 : 0])],
            })],
            Teams = [new(-1, 0, []), .. teams.Values.Select(id => new InstanceTeam(id, 0, []))],
            Proposals = [.. problem.Experiments.GroupBy(one => one.ProposalId).Select(group =>
                new InstanceProposal(proposals[group.Key], -1, 0, group.First().Score, [.. group.Select(one => experiments[one.Id])]))],
            Experiments = [.. problem.Experiments.Select((one, id) => new InstanceExperiment
            {
                Id = id, Proposal = proposals[one.ProposalId], Shifts = one.Shifts, MinBlock = one.Shifts, MaxBlocks = 1, Instruments = [.. one.Instruments.Select(name => instruments[name])],
                Release = Math.Clamp(one.Release, 0, horizon), Due = Math.Clamp(one.Due, 0, horizon), NeedsTeam = one.TeamId is not null, Team = one.TeamId is { } team ? teams[team] : null,
                GloveBox = false, Required = one.Required,
                Forbidden = [.. one.Forbidden.Select(no => new InstanceForbidden(no.Start, no.End, no.Reason switch
                {
                    ForbiddenReason.CellRefused => UnplacedReasons.CellRefused,
                    ForbiddenReason.TeamAway => UnplacedReasons.TeamAway,
                    ForbiddenReason.StaffAway => UnplacedReasons.StaffAway,
                    ForbiddenReason.Desk => UnplacedReasons.TimeForbidden,
                }, no.Instrument is { } name ? instruments[name] : null))],
            })],
            Precedences = [.. problem.Precedences.Select(one => new InstancePrecedence(experiments[one.From], experiments[one.To], one.MinGap, one.ShipsSample, one.MaxGap))],
            Pinned = [.. problem.Pins.Select(pin => new InstancePlacement(experiments[pin.ExperimentId], instruments[pin.Instrument], [[pin.Start, pin.End]]))],
            Started = [.. problem.Pins.Select(pin => proposals[problem.Experiments[experiments[pin.ExperimentId]].ProposalId]).Distinct()],
        };

        IReadOnlyList<IReadOnlyList<int>> Between(Func<string, string, int> units) =>
            [.. sites.Keys.Select(from => (IReadOnlyList<int>)[.. sites.Keys.Select(to => from == to ? 0 : units(from, to))])];
    }

    private static Dictionary<T, int> Numbered<T>(IEnumerable<T> names) where T : notnull => names.Distinct().Select((name, id) => (name, id)).ToDictionary(pair => pair.name, pair => pair.id);
}
