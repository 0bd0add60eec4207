using System.Text.Json.Serialization;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Asking;

/// <summary>The answer to a request for a plan: the plan, or all the errors for which the problem was not planned.</summary>
/// <param name="Failure">How the planner's process came to a bad end; the plan, if there is one, is the best that it had told of.</param>
public sealed record PlanningResult(Plan? Plan, IReadOnlyList<ProblemError> Errors, string? Failure = null)
{
    /// <summary>What went wrong, in words; null: nothing.</summary>
    [JsonIgnore]
    public string? Trouble => Failure ?? (Plan is null ? string.Join("; ", Errors.Take(20).Select(error => $"{error.Code}: {error.Subject}")) : null);
}

/// <summary>
/// Puts a problem of the service to the planner: names become numbers, shifts keep their length, and a proposal of which something is pinned or promised has started.
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
        try
        {
            return new(Read(problem, Planner.Plan(Instance(problem), options, Promised(problem), progress, stop)), []);
        }
        catch (PlanningException refused)
        {
            return Refused(refused);
        }
    }

    /// <summary>The same in a process of its own: when that ends before its time, the best plan that it told of is the answer, and <see cref="PlanningResult.Failure"/> says what happened.</summary>
    public static async Task<PlanningResult> PlanAsync(PlanningProblem problem, PlannerOptions options, SolverProcess process, Action<PlanProgress>? progress, CancellationToken stop)
    {
        if (problem.Validate() is { Count: > 0 } errors) return new(null, errors);
        var instance = Instance(problem);
        try
        {
            var (answer, failure) = await process.PlanAsync(instance, options, Promised(problem), progress, stop);
            return new(Read(problem, failure is null && !stop.IsCancellationRequested ? answer : Planner.WithReasons(instance, answer, CancellationToken.None)), [], failure);
        }
        catch (PlanningException) when (stop.IsCancellationRequested)
        {
            // Stopped before there was anything: the first plan is made here, without the native solver.
            return Plan(problem, options, progress, stop);
        }
        catch (PlanningException refused)
        {
            return Refused(refused);
        }
    }

    private static PlanningResult Refused(PlanningException refused) =>
        new(null, [.. refused.Errors.Select(error => new ProblemError(error.Code.Replace('_', '-'), error.Subject))], refused.Code is SolverProcess.Crashed or SolverProcess.NotFound ? refused.Message : null);

    private static Plan Read(PlanningProblem problem, ShiftPlan answer)
    {
        IReadOnlyList<Placement> placements = [.. answer.Placements.Select(one => PlacementOf(problem, one)).OrderBy(one => one.Start)];
        // What promised places are worth to the search is no part of the objective, and what bounds both together says little of it.
        var kept = Kept(problem, placements);
        IReadOnlyList<Guid> proposals = [.. problem.Experiments.Select(one => one.ProposalId).Distinct()];
        var (begun, placed) = (Begun(problem).ToHashSet(), placements.Select(one => one.ExperimentId).ToHashSet());
        var plan = new Plan
        {
            Status = kept == 0 ? answer.Status : PlanStatus.Feasible, Objective = answer.Objective - kept, Bound = kept == 0 ? answer.Bound ?? answer.Objective : null,
            Placements = placements, Layers = PlanChecker.Layers(problem, placements),
            Help = [.. (answer.Explain ?? []).Select(one => new UnplacedHelp(Id(one.Experiment), Codes(one.Experiment, one.Relax), one.SmallerGrant, one.Impossible,
                one.Forced is { } way ? new(way.Cost, way.CostAtLeast, way.Proven, Ids(way.Displaced), Ids(way.Moved), Ids(way.Added)) : null)
            { OtherInstruments = [.. one.OtherInstruments.Select(instrument => problem.Instruments[instrument].Id)] })],
            Reserve = Waiting(problem, answer, proposals), RankOpen = answer.RankOpen is { } open ? [.. open.Select(number => proposals[number])] : null,
            Unplaced = [.. answer.Unplaced.Select(one => new UnplacedExperiment(problem.Experiments[one.Experiment].Id, Codes(one.Experiment, one.Reasons)))],
        };
        if (PlanChecker.Check(problem, plan) is [var violation, ..])
            throw new InvalidOperationException($"The planner made a plan that breaks a rule: {violation}");
        return plan;

        // The planner knows cells only, and may have looked at all experiments that the proposal needs with this one.
        IReadOnlyList<string> Codes(int experiment, IReadOnlyList<string> codes) => codes.Contains(UnplacedReasons.CellsOut)
            ? [.. codes.SelectMany(code => code == UnplacedReasons.CellsOut ? Lacks(problem.Experiments[experiment]).DefaultIfEmpty(code) : [code])] : codes;

        IEnumerable<string> Lacks(PlanningExperiment experiment) => problem.Experiments
            .Where(other => other.Id == experiment.Id || (other.ProposalId == experiment.ProposalId && other.Required && !begun.Contains(other.ProposalId) && !placed.Contains(other.Id)))
            .Select(one => one.Stock).OfType<string>().Distinct().Select(name => problem.Stocks.First(stock => stock.Name == name).Lack).Distinct();

        Guid Id(int experiment) => problem.Experiments[experiment].Id;

        IReadOnlyList<Guid> Ids(IReadOnlyList<int> experiments) => [.. experiments.Select(Id)];
    }

    private static IReadOnlyList<WaitingProposal> Waiting(PlanningProblem problem, ShiftPlan answer, IReadOnlyList<Guid> proposals) =>
        [.. answer.Reserve.Select(one => new WaitingProposal(one.Rank, proposals[one.Proposal], one.Score, [.. one.InsteadOf.Select(way => (IReadOnlyList<Guid>)[.. way.Select(other => proposals[other])])],
            [.. one.Placements.Select(place => PlacementOf(problem, place)).OrderBy(place => place.Start)]))];

    private static Placement PlacementOf(PlanningProblem problem, InstancePlacement one)
    {
        var (instrument, experiment, start) = (problem.Instruments[one.Instrument], problem.Experiments[one.Experiment], one.Blocks[0][0]);
        var first = Enumerable.Range(0, instrument.OpenShifts.Count).First(shift => instrument.OpenShifts[shift].Start == start);
        return new(experiment.Id, instrument.Id, start, one.Blocks[^1][1], [.. Enumerable.Range(first, ShiftsOf(instrument, one.Blocks))]);
    }

    private static int ShiftsOf(PlanningInstrument instrument, IReadOnlyList<IReadOnlyList<int>> blocks) => instrument.OpenShifts.Count(shift => shift.Start >= blocks[0][0] && shift.End <= blocks[^1][1]);

    private static long Kept(PlanningProblem problem, IReadOnlyList<Placement> placements)
    {
        var promised = problem.Experiments.Where(one => one.Bonus > 0 || one.Promised is not null).ToDictionary(one => one.Id);
        return placements.Sum(one => !promised.TryGetValue(one.ExperimentId, out var experiment) ? 0L
            : experiment.Bonus + (experiment.Promised is { } place && place.Instrument == one.Instrument && place.Start == one.Start ? place.Worth : 0L));
    }

    /// <summary>The plan to begin with: promised places, as far as the instruments still have their shifts.</summary>
    private static ShiftPlan? Promised(PlanningProblem problem)
    {
        var instruments = problem.Instruments.Select((one, id) => (one, id)).ToDictionary(pair => pair.one.Id, pair => (pair.one.OpenShifts, pair.id));
        List<InstancePlacement> placements = [];
        for (var id = 0; id < problem.Experiments.Count; id++)
        {
            if (problem.Experiments[id].Promised is not { } place) continue;
            var (open, instrument) = instruments[place.Instrument];
            var first = Enumerable.Range(0, open.Count).FirstOrDefault(shift => open[shift].Start == place.Start, -1);
            if (first >= 0 && first + problem.Experiments[id].Shifts <= open.Count) placements.Add(new(id, instrument, [[place.Start, open[first + problem.Experiments[id].Shifts - 1].End]]));
        }
        return placements.Count == 0 ? null : new() { Status = PlanStatus.Feasible, Objective = 0, Placements = placements };
    }

    private static PlanningInstance Instance(PlanningProblem problem)
    {
        // Where nobody is told who looks after an instrument, it has contacts of its own, whom nothing limits.
        var groups = Numbered(problem.Instruments.Select(Contacts));
        var capacity = problem.Contacts.ToLookup(piece => piece.Group);
        var weekly = problem.Weekly.ToDictionary(most => most.Group);
        var quotas = problem.SiteQuotas.ToDictionary(quota => quota.Site, quota => quota.Shifts);
        var sites = Numbered(problem.Instruments.Select(one => one.Site));
        var sources = Numbered(problem.Instruments.SelectMany(one => one.SharedSources));
        var instruments = Numbered(problem.Instruments.Select(one => one.Id));
        var experiments = Numbered(problem.Experiments.Select(one => one.Id));
        var proposals = Numbered(problem.Experiments.Select(one => one.ProposalId));
        var teams = Numbered(problem.Experiments.Select(one => one.TeamId).OfType<Guid>());
        var samples = Numbered(problem.Experiments.Select(one => one.SampleId).OfType<Guid>());
        var distances = problem.Distances.ToDictionary(one => (one.From, one.To));
        var parts = problem.Parts.Select((one, n) => (one.Name, Id: 1 + n)).ToDictionary(one => one.Name, one => one.Id);
        var modes = Numbered(problem.Instruments.SelectMany(one => one.ModeChanges).SelectMany(change => new[] { change.From, change.To }).Concat(problem.Experiments.Select(one => one.Mode).OfType<string>()));
        var stocks = Numbered(problem.Stocks.Select(one => one.Name));
        var horizon = problem.Instruments.SelectMany(one => one.OpenShifts).Select(shift => shift.End).DefaultIfEmpty(1).Max();
        return new()
        {
            Horizon = horizon, Policy = problem.Policy, Objective = new() { Preference = problem.Weights.Preference ?? problem.UnwelcomeStart, Guarantee = problem.Weights.Guarantee, SetUp = problem.Weights.SetUp, Travel = problem.Weights.Travel, Stay = problem.Stay, EvenLoad = problem.Weights.EvenLoad },
            Week = problem.Week, Together = [.. problem.Together.Where(group => !problem.Experiments.Any(one => one.Promised is not null && group.Contains(one.Id))).Select(group => (IReadOnlyList<int>)[.. group.Select(id => experiments[id])])],
            Travel = Between((from, to) => distances.TryGetValue((from, to), out var listed) ? listed.Travel : problem.DefaultTravel),
            // A stock has a home of its own, as far from every site as what is around a block there.
            Shipping = [.. Between((from, to) => distances.TryGetValue((from, to), out var listed) ? listed.Shipping : problem.DefaultShipping)
                .Take(sites.Count), .. problem.Stocks.Select(stock => (IReadOnlyList<int>)[.. sites.Keys.Select(site => stock.Around.GetValueOrDefault(site)), .. stocks.Select(_ => 0)])],
            Sites = [.. sites.Select(site => new InstanceSite(site.Value, quotas.GetValueOrDefault(site.Key, int.MaxValue), 0)), .. stocks.Values.Select(id => new InstanceSite(sites.Count + id, int.MaxValue, 0))],
            Countries = [new(0, 0, int.MaxValue), .. problem.Parts.Select(one => new InstanceCountry(parts[one.Name], one.MinShifts, one.MaxShifts ?? int.MaxValue))],
            CellTypes = [.. problem.Stocks.Select((one, id) => new InstanceCellType(id, one.Count, sites.Count + id) { Withdrawn = [.. one.Gone.Select(gone => (IReadOnlyList<int>)[gone.From, gone.To, gone.Pieces])], Instruments = [.. one.Instruments.Where(instruments.ContainsKey).Select(name => instruments[name])] })],
            ContactGroups = [.. groups.Select(group => new InstanceContactGroup(group.Value, capacity.Contains(group.Key)
                ? [.. capacity[group.Key].Where(piece => piece.From < horizon).Select(piece => (IReadOnlyList<int>)[piece.From, Math.Min(piece.To, horizon), piece.AtOnce])] : [[0, horizon, Plenty]])
            { WeeklyShifts = weekly.GetValueOrDefault(group.Key)?.Shifts, WeeklyStarts = weekly.GetValueOrDefault(group.Key)?.Starts })],
            Instruments = [.. problem.Instruments.Select((one, id) => new InstanceInstrument
            {
                Id = id, Site = sites[one.Site], ContactGroup = groups[Contacts(one)], ShiftQuota = one.ShiftQuota, BridgeableGap = one.BridgeableGap, MoreSources = [.. one.SharedSources.Select(name => sources[name])],
                // What is of no known technique is like nothing else.
                Technique = one.Technique.Length > 0 ? one.Technique : $"only {one.Id}", SetUpTimes = Table(one, change => change.Units), SetUpCosts = Table(one, change => change.Cost), Preparation = one.Preparation, Cleaning = one.Cleaning,
                Shifts = [.. one.OpenShifts.Select(shift => (IReadOnlyList<int>)[shift.Start, shift.End, shift.MayStart ? 1 : 0])],
            })],
            Teams = [new(-1, 0, []), .. teams.Values.Select(id => new InstanceTeam(id, 0, []))],
            Proposals = [.. problem.Experiments.GroupBy(one => one.ProposalId).Select(group =>
                new InstanceProposal(proposals[group.Key], -1, group.First().Part is { } part ? parts[part] : 0, group.First().Score, [.. group.Select(one => experiments[one.Id])]))],
            Experiments = [.. problem.Experiments.Select((one, id) => new InstanceExperiment
            {
                Id = id, Proposal = proposals[one.ProposalId], Shifts = one.Shifts, MinBlock = one.Shifts, MaxBlocks = 1, Instruments = [.. one.Instruments.Select(name => instruments[name])],
                Release = Math.Clamp(one.Release, 0, horizon), Due = Math.Clamp(one.Due, 0, horizon), NeedsTeam = one.TeamId is not null, Team = one.TeamId is { } team ? teams[team] : null,
                MinShifts = one.MinShifts, ConsentsToFewer = one.MinShifts is not null, Sample = one.SampleId is { } sample ? samples[sample] : null, Preparation = one.Preparation, Cleaning = one.Cleaning,
                Mode = one.Mode is { } mode ? modes[mode] : null,
                Preferred = [.. one.Preferred.Select(time => (IReadOnlyList<int>)[time.Start, time.End])],
                GloveBox = false, CellType = one.Stock is { } stock ? stocks[stock] : null, Required = one.Required, Bonus = one.Bonus,
                Prices = one.Promised is { Worth: > 0 } promised ? [new(promised.Start, promised.Start + 1, -promised.Worth, instruments[promised.Instrument])] : [],
                Forbidden = [.. one.Forbidden.Select(no => new InstanceForbidden(no.Start, no.End, no.Reason switch
                {
                    ForbiddenReason.CellRefused => UnplacedReasons.CellRefused,
                    ForbiddenReason.EquipmentRefused => UnplacedReasons.EquipmentRefused,
                    ForbiddenReason.TeamAway => UnplacedReasons.TeamAway,
                    ForbiddenReason.StaffAway => UnplacedReasons.StaffAway,
                    ForbiddenReason.Desk => UnplacedReasons.TimeForbidden,
                }, no.Instrument is { } name ? instruments[name] : null))],
            })],
            Precedences = [.. problem.Precedences.Select(one => new InstancePrecedence(experiments[one.From], experiments[one.To], one.MinGap, one.ShipsSample, one.MaxGap))],
            Pinned = [.. problem.Pins.Select(pin => new InstancePlacement(experiments[pin.ExperimentId], instruments[pin.Instrument], [[pin.Start, pin.End]]))],
            Started = [.. Begun(problem).Select(proposal => proposals[proposal])],
        };

        static string Contacts(PlanningInstrument instrument) => instrument.ContactGroup ?? $"only {instrument.Id}";

        IReadOnlyList<IReadOnlyList<int>>? Table(PlanningInstrument instrument, Func<ModeChange, int> amount)
        {
            if (instrument.ModeChanges.Count == 0) return null;
            var table = Enumerable.Range(0, modes.Count).Select(_ => new int[modes.Count]).ToArray();
            foreach (var change in instrument.ModeChanges) table[modes[change.From]][modes[change.To]] = amount(change);
            return table;
        }

        IReadOnlyList<IReadOnlyList<int>> Between(Func<string, string, int> units) =>
            [.. sites.Keys.Select(from => (IReadOnlyList<int>)[.. sites.Keys.Select(to => from == to ? 0 : units(from, to)), .. stocks.Select(_ => 0)]), .. stocks.Select(_ => (IReadOnlyList<int>)new int[sites.Count + stocks.Count])];
    }

    /// <summary>Proposals of which something is pinned or promised.</summary>
    private static IEnumerable<Guid> Begun(PlanningProblem problem)
    {
        var pinned = problem.Pins.Select(pin => pin.ExperimentId).ToHashSet();
        return problem.Experiments.Where(one => one.Promised is not null || pinned.Contains(one.Id)).Select(one => one.ProposalId).Distinct();
    }

    private static Dictionary<T, int> Numbered<T>(IEnumerable<T> names) where T : notnull => names.Distinct().Select((name, id) => (name, id)).ToDictionary(pair => pair.name, pair => pair.id);
}
