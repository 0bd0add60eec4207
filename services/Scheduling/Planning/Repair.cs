using System.Diagnostics;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// Repairs a published plan after a disruption: the planner is given what is left of the plan to begin with, and every published place that could stay is worth something to
/// it, the more the nearer it is and where travel is booked, so that it moves whom it must and no others.
/// </summary>
public static class Repair
{
    private const double UnitsOfDay = 3;

    /// <exception cref="PlanningException">The instance makes no sense, the disruption names what is not there, or the published plan breaks a rule.</exception>
    public static RepairedPlan Plan(
        PlanningInstance instance, ShiftPlan published, Disruption disruption, RepairOption option, PlannerOptions options, Action<PlanProgress>? progress = null, CancellationToken stop = default)
    {
        var watch = Stopwatch.StartNew();
        if (InstanceValidation.Errors(instance) is { Count: > 0 } errors) throw new PlanningException(errors);
        if (Errors(instance, published, disruption) is { Count: > 0 } wrong) throw new PlanningException(wrong);
        var teamOf = Teams(instance);
        var before = published.Placements.ToDictionary(placement => placement.Experiment);
        // What has begun is not undone by a team that does not come any more.
        var past = before.Values.Where(place => place.Blocks[0][0] < disruption.Now).Select(place => place.Experiment).ToHashSet();
        var disturbed = Disturbed(instance, disruption, teamOf, past);
        var (hit, shifts) = Hit(disturbed, published, disruption);
        var experiments = instance.Experiments.ToDictionary(experiment => experiment.Id);
        var begun = past.Where(id => !hit.Contains(id)).ToHashSet();
        var kept = option == RepairOption.ReserveOnly ? [.. before.Keys.Where(id => !hit.Contains(id))] : begun;
        var started = disturbed.Started.Concat(past.Select(id => experiments[id].Proposal));
        if (option == RepairOption.ReserveOnly) started = started.Concat(hit.Select(id => experiments[id].Proposal).Where(proposal => kept.Any(id => experiments[id].Proposal == proposal)));
        var plain = disturbed with
        {
            Pinned = [.. before.Values.Where(place => kept.Contains(place.Experiment))], Started = [.. started.Distinct().Order()],
            Experiments = [.. disturbed.Experiments.Select(one => kept.Contains(one.Id) ? one with { Forbidden = experiments[one.Id].Forbidden }
                : option == RepairOption.ReserveOnly && hit.Contains(one.Id) ? Out(one, disturbed.Horizon, UnplacedReasons.TimeForbidden) : one with { Release = Math.Max(one.Release, disruption.Now) })],
        };
        var booked = Booked(disruption, published, teamOf);
        var worth = WorthOf(option, plain, before, hit);
        var priced = plain with
        {
            Experiments = [.. plain.Experiments.Select(one => kept.Contains(one.Id) || !before.TryGetValue(one.Id, out var place) ? one
                : hit.Contains(one.Id) ? one with { Bonus = one.Bonus + worth.OfAnother }
                : Promised(one, option, shifts[one.Id]) with
                {
                    Bonus = one.Bonus + worth.OfAny, Prices = [.. one.Prices, .. Prices(place, worth.OfPlace((place.Blocks[0][0] - disruption.Now) / UnitsOfDay, booked.Contains(teamOf[one.Id])))],
                })],
        };
        var left = options.TimeLimit - watch.Elapsed;
        var plan = Planner.Plan(priced, options with { TimeLimit = left > TimeSpan.FromMilliseconds(50) ? left : TimeSpan.FromMilliseconds(50) }, published with { Placements = [.. published.Placements.Where(place => !hit.Contains(place.Experiment))] },
            progress, stop);
        return Told(option, plain, plan, before, hit, booked, teamOf, experiments, priced) with { Seconds = watch.Elapsed.TotalSeconds };
    }

    /// <summary>The instance after a disruption: without the lost time, the cells and the teams that do not come.</summary>
    /// <param name="past">Experiments that began before.</param>
    private static PlanningInstance Disturbed(PlanningInstance instance, Disruption disruption, Dictionary<int, int> teamOf, HashSet<int> past)
    {
        var (teams, cancelled) = (disruption.CancelledTeams.ToHashSet(), disruption.CancelledExperiments.ToHashSet());
        return instance with
        {
            Instruments = [.. instance.Instruments.Select(one => Without(one, [.. disruption.Lost.Where(lost => lost.Instrument == one.Id)]))],
            CellTypes = [.. instance.CellTypes.Select(type => disruption.WithdrawnCells.Any(cells => cells.CellType == type.Id)
                ? type with { Withdrawn = [.. type.Withdrawn, .. disruption.WithdrawnCells.Where(cells => cells.CellType == type.Id).Select(cells => (IReadOnlyList<int>)[cells.Start, cells.End, cells.Count])] } : type)],
            Experiments = [.. instance.Experiments.Select(one => (teams.Contains(teamOf[one.Id]) || cancelled.Contains(one.Id)) && !past.Contains(one.Id) ? Out(one, instance.Horizon, UnplacedReasons.TeamAway) : one)],
            Pinned = [],
        };
    }

    private static InstanceExperiment Out(InstanceExperiment one, int horizon, string reason) => one with { Forbidden = [.. one.Forbidden, new(0, horizon, reason)] };

    private static InstanceInstrument Without(InstanceInstrument one, List<LostTime> lost) => lost.Count == 0 ? one : one with
    {
        Open = lost.Aggregate(one.Open, (open, gone) => [.. open.SelectMany(piece => Cut(piece, gone))]),
        Shifts = one.Shifts is null ? null : [.. one.Shifts.Where(shift => !lost.Exists(gone => shift[0] < gone.End && gone.Start < shift[1]))],
    };

    private static IEnumerable<IReadOnlyList<int>> Cut(IReadOnlyList<int> piece, LostTime gone)
    {
        if (gone.End <= piece[0] || piece[1] <= gone.Start) yield return piece;
        else
        {
            if (piece[0] < gone.Start) yield return [piece[0], gone.Start];
            if (gone.End < piece[1]) yield return [gone.End, piece[1]];
        }
    }

    /// <summary>Who has a place and does not have to move keeps its shifts too, where as few as possible are to move: nothing is taken from it for others.</summary>
    private static InstanceExperiment Promised(InstanceExperiment one, RepairOption option, int shifts) => option != RepairOption.LeastMoved || !one.ConsentsToFewer ? one
        : one with { Shifts = shifts, MinShifts = null, ConsentsToFewer = false, MinBlock = Math.Min(one.MinBlock, shifts) };

    /// <summary>
    /// Published experiments that cannot be where they were, as few as it takes: those that began first stay, where one of several has to go. Of the others, the shifts that they have.
    /// </summary>
    private static (HashSet<int> Hit, Dictionary<int, int> Shifts) Hit(PlanningInstance disturbed, ShiftPlan published, Disruption disruption)
    {
        var space = new Space(disturbed);
        var draft = new Draft(space);
        var (hit, shifts) = (new HashSet<int>(), new Dictionary<int, int>());
        foreach (var placement in published.Placements.OrderBy(placement => placement.Blocks[0][0]).ThenBy(placement => placement.Experiment))
        {
            var e = space.ExperimentIndex[placement.Experiment];
            var lost = disruption.Lost.Any(gone => gone.Instrument == placement.Instrument && placement.Blocks.Any(block => block[0] < gone.End && gone.Start < block[1]));
            if (!lost && space.PlaceOf(e, placement) is { } place && PinErrors.OwnRules(space, e, place) is null && draft.Broken(e, place) == Rules.None)
            {
                draft.Take(e, place);
                shifts[placement.Experiment] = place.Option.Shifts;
            }
            else hit.Add(placement.Experiment);
        }
        return (hit, shifts);
    }

    private static HashSet<int> Booked(Disruption disruption, ShiftPlan published, Dictionary<int, int> teamOf) => disruption.Booked is { } told ? [.. told]
        : [.. published.Placements.Where(place => place.Blocks.Any(block => block[0] >= disruption.Now && block[0] < disruption.Now + disruption.BookedAhead)).Select(place => teamOf[place.Experiment])];

    private static PromisedWorth WorthOf(RepairOption option, PlanningInstance instance, Dictionary<int, InstancePlacement> before, HashSet<int> hit)
    {
        var (proposals, weights) = (instance.Proposals.ToDictionary(one => one.Id), instance.Objective.Weights());
        var promised = instance.Countries.Where(one => one.MinShifts > 0).Select(one => one.Id).ToHashSet();
        return new(option, instance.Experiments.Where(one => before.ContainsKey(one.Id)).Select(Science),
            instance.Experiments.Where(one => !before.ContainsKey(one.Id)).Select(AtMost), instance.Experiments.Where(one => hit.Contains(one.Id)).Select(AtMost));

        long Science(InstanceExperiment one) => (one.Required ? 2L : 1L) * weights.Science * proposals[one.Proposal].Score * one.Shifts;

        // As if every shift of it made a guarantee good.
        long AtMost(InstanceExperiment one) => Science(one) + (promised.Contains(proposals[one.Proposal].Country) ? (long)weights.Guarantee * one.Shifts : 0);
    }

    // Every block is worth the whole: who moves one of two has moved.
    private static IEnumerable<InstancePrice> Prices(InstancePlacement place, int worth) =>
        worth == 0 ? [] : place.Blocks.Select(block => new InstancePrice(block[0], block[0] + 1, -worth, place.Instrument));

    private static RepairedPlan Told(RepairOption option, PlanningInstance plain, ShiftPlan plan, Dictionary<int, InstancePlacement> before, HashSet<int> hit, HashSet<int> booked, Dictionary<int, int> teamOf,
        Dictionary<int, InstanceExperiment> experiments, PlanningInstance priced)
    {
        var after = plan.Placements.ToDictionary(placement => placement.Experiment);
        List<RepairChange> changes = [];
        foreach (var id in before.Keys.Union(after.Keys).Order())
        {
            var (old, now) = (before.GetValueOrDefault(id), after.GetValueOrDefault(id));
            if (old is not null && now is not null && old.Instrument == now.Instrument && old.Blocks.SelectMany(block => block).SequenceEqual(now.Blocks.SelectMany(block => block))) continue;
            changes.Add(new(id, experiments[id].Proposal, teamOf[id], old is null ? RepairEffect.Added : now is null ? RepairEffect.Dropped : RepairEffect.Moved, hit.Contains(id), booked.Contains(teamOf[id]), old, now));
        }
        var (withPlace, teamsHit) = (before.Keys.Select(id => teamOf[id]).ToHashSet(), hit.Select(id => teamOf[id]).ToHashSet());
        var bonuses = priced.Experiments.Where(one => after.ContainsKey(one.Id)).Sum(one => (long)one.Bonus - experiments[one.Id].Bonus + one.Prices.Skip(experiments[one.Id].Prices.Count)
            .Where(price => price.Instrument == after[one.Id].Instrument).Sum(price => -(long)price.Price * after[one.Id].Blocks.Count(block => price.Start <= block[0] && block[0] < price.End)));
        var space = new Space(plain);
        var places = Planner.Places(space, plan);
        return new()
        {
            Option = option, Instance = plain, Plan = plan with { Objective = plan.Objective - bonuses, Layers = Planner.Layers(space, places), Granted = Planner.Granted(space, places), Bound = null, Status = PlanStatus.Feasible, Changes = changes }, Seconds = 0,
            TeamsHit = [.. teamsHit.Order()], UntouchedTeams = withPlace.Count(team => !teamsHit.Contains(team)),
            UntouchedTeamsMoved = [.. changes.Where(change => change.Effect != RepairEffect.Added && !teamsHit.Contains(change.Team)).Select(change => change.Team).Distinct().Order()],
        };
    }

    private static Dictionary<int, int> Teams(PlanningInstance instance)
    {
        var proposals = instance.Proposals.ToDictionary(proposal => proposal.Id, proposal => proposal.Team);
        return instance.Experiments.ToDictionary(one => one.Id, one => one.Team ?? proposals[one.Proposal]);
    }

    private static List<InstanceError> Errors(PlanningInstance instance, ShiftPlan published, Disruption disruption)
    {
        List<InstanceError> errors = [];
        var (instruments, teams, experiments) = (instance.Instruments.Select(one => one.Id).ToHashSet(), instance.Teams.Select(one => one.Id).ToHashSet(), instance.Experiments.Select(one => one.Id).ToHashSet());
        if (disruption.Now < 0 || disruption.Now > instance.Horizon) errors.Add(new("now_out_of_range", $"{disruption.Now}", "The time is within the horizon."));
        foreach (var lost in disruption.Lost)
        {
            if (!instruments.Contains(lost.Instrument)) errors.Add(new("unknown_instrument", "lost time", $"There is no instrument {lost.Instrument}."));
            if (lost.End <= lost.Start) errors.Add(new("interval_damaged", "lost time", "It lasts from start to end."));
        }
        foreach (var cells in disruption.WithdrawnCells)
        {
            if (cells.CellType < 0 || cells.CellType >= instance.CellTypes.Count) errors.Add(new("unknown_celltype", "withdrawn cells", $"There is no cellType {cells.CellType}."));
            if (cells.End <= cells.Start || cells.Count < 1) errors.Add(new("interval_damaged", "withdrawn cells", "At least one is withdrawn from start to end."));
        }
        errors.AddRange(disruption.CancelledTeams.Concat(disruption.Booked ?? []).Where(id => !teams.Contains(id)).Select(id => new InstanceError("unknown_team", "disruption", $"There is no team {id}.")));
        errors.AddRange(disruption.CancelledExperiments.Where(id => !experiments.Contains(id)).Select(id => new InstanceError("unknown_experiment", "disruption", $"There is no experiment {id}.")));
        foreach (var twice in published.Placements.GroupBy(place => place.Experiment).Where(same => same.Count() > 1)) errors.Add(new("placement_twice", $"experiment {twice.Key}", "It stands twice in the published plan."));
        foreach (var place in published.Placements)
            if (!experiments.Contains(place.Experiment)) errors.Add(new("unknown_experiment", "published plan", $"There is no experiment {place.Experiment}."));
            else if (!instruments.Contains(place.Instrument)) errors.Add(new("unknown_instrument", "published plan", $"There is no instrument {place.Instrument}."));
            else if (place.Blocks.Count == 0 || place.Blocks.Any(block => block is not [var start, var end] || end <= start || start < 0 || end > instance.Horizon))
                errors.Add(new("interval_damaged", $"published experiment {place.Experiment}", "Blocks are [start, end] within the horizon."));
        if (errors.Count == 0) errors.AddRange(PinErrors.Of(instance with { Pinned = published.Placements }).Select(error => error with { Code = error.Code.Replace("pin_", "published_", StringComparison.Ordinal), Subject = error.Subject.Replace("pinned", "published", StringComparison.Ordinal) }));
        return errors;
    }
}
