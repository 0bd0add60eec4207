using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Asking;

/// <summary>A broken rule of a plan: a stable code of <see cref="ViolationCodes"/> and the part it is about.</summary>
public sealed record Violation(string Code, string Subject);

/// <summary>Codes for the rules of a plan.</summary>
public static class ViolationCodes
{
    public const string UnknownExperiment = "unknown-experiment";
    public const string PlacedTwice = "placed-twice";
    public const string InstrumentNotEligible = "instrument-not-eligible";
    public const string ShiftsNotOpen = "shifts-not-open";
    public const string ShiftsNotConsecutive = "shifts-not-consecutive";
    public const string GapNotBridgeable = "gap-not-bridgeable";
    public const string BlockDiffers = "block-differs-from-shifts";
    public const string WrongShiftCount = "wrong-shift-count";
    public const string StartNotAllowed = "start-not-allowed";
    public const string OutsideWindow = "outside-window";
    public const string ForbiddenTime = "forbidden-time";
    public const string InstrumentOverlap = "instrument-overlap";
    public const string SourceOverlap = "source-overlap";
    public const string TeamOverlap = "team-overlap";
    public const string TravelTime = "travel-time";
    public const string Order = "order";
    public const string GapTooLong = "gap-too-long";
    public const string ProposalIncomplete = "proposal-incomplete";
    public const string SampleElsewhere = "sample-elsewhere";
    public const string SetUpTime = "set-up-time";
    public const string PinMoved = "pin-moved";
    public const string ObjectiveWrong = "objective-wrong";
    public const string BoundTooLow = "bound-too-low";
    public const string CountryMaximum = "country-maximum";
    public const string InstrumentQuota = "instrument-quota";
    public const string ContactsBusy = "contacts-busy";
    public const string StockExceeded = "stock-exceeded";
    public const string SiteQuota = UnplacedReasons.SiteQuota;
    public const string WeekFull = UnplacedReasons.WeekFull;
    public const string GroupIncomplete = UnplacedReasons.GroupIncomplete;
    public const string UnplacedListWrong = "unplaced-list-wrong";
}

/// <summary>
/// Judges a plan against its problem, rule by rule as the rules are written and with no thought of speed. It defines what a legal plan is,
/// and shares no code with the planner, so that a mistake there is found here.
/// </summary>
public static class PlanChecker
{
    /// <summary>All violations of a plan; empty for a legal plan.</summary>
    public static IReadOnlyList<Violation> Check(PlanningProblem problem, Plan plan)
    {
        var violations = CheckPlacements(problem, plan.Placements).ToList();
        var objective = Objective(problem, plan.Placements);
        if (plan.Objective != objective) violations.Add(new(ViolationCodes.ObjectiveWrong, $"{plan.Objective}, not {objective}"));
        if (plan.Bound < objective || plan.Status == PlanStatus.Optimal && plan.Bound != objective)
            violations.Add(new(ViolationCodes.BoundTooLow, $"{plan.Bound} for {objective}"));

        var placed = plan.Placements.Select(placement => placement.ExperimentId).ToHashSet();
        var missing = problem.Experiments.Select(experiment => experiment.Id).Where(id => !placed.Contains(id)).Order();
        if (!missing.SequenceEqual(plan.Unplaced.Select(unplaced => unplaced.ExperimentId).Order()) || plan.Unplaced.Any(unplaced => unplaced.Reasons.Count == 0))
            violations.Add(new(ViolationCodes.UnplacedListWrong, $"{plan.Unplaced.Count}"));
        return violations;
    }

    /// <summary>All violations of a set of placements, whoever made it (the planner, a person by hand).</summary>
    public static IReadOnlyList<Violation> CheckPlacements(PlanningProblem problem, IReadOnlyList<Placement> placements)
    {
        var violations = new List<Violation>();
        var experiments = problem.Experiments.ToDictionary(experiment => experiment.Id);
        var instruments = problem.Instruments.ToDictionary(instrument => instrument.Id);

        foreach (var same in placements.GroupBy(placement => placement.ExperimentId).Where(same => same.Count() > 1))
            violations.Add(new(ViolationCodes.PlacedTwice, $"{same.Key}"));
        var known = new List<(PlanningExperiment Experiment, PlanningInstrument Instrument, Placement Placement)>();
        foreach (var placement in placements)
            if (!experiments.TryGetValue(placement.ExperimentId, out var experiment)) violations.Add(new(ViolationCodes.UnknownExperiment, $"{placement.ExperimentId}"));
            else if (!instruments.TryGetValue(placement.Instrument, out var instrument)) violations.Add(new(ViolationCodes.InstrumentNotEligible, $"{placement.ExperimentId} on {placement.Instrument}"));
            else known.Add((experiment, instrument, placement));

        foreach (var (experiment, instrument, placement) in known) violations.AddRange(Alone(experiment, instrument, placement));
        var byStart = known.OrderBy(one => one.Placement.Start).ThenBy(one => one.Placement.End).ToList();
        for (var i = 0; i < byStart.Count; i++)
            for (var j = i + 1; j < byStart.Count; j++)
                violations.AddRange(Pair(problem, byStart[i], byStart[j]));

        foreach (var there in known.GroupBy(one => one.Instrument.Id))
            if (there.First().Instrument.ShiftQuota is { } quota && there.Sum(one => one.Placement.Shifts.Count) > quota) violations.Add(new(ViolationCodes.InstrumentQuota, there.Key));
        foreach (var site in problem.SiteQuotas)
            if (known.Where(one => one.Instrument.Site == site.Site).Sum(one => one.Placement.Shifts.Count) > site.Shifts) violations.Add(new(ViolationCodes.SiteQuota, site.Site));
        violations.AddRange(problem.Weekly.SelectMany(Weeks));
        foreach (var part in problem.Parts)
            if (Given(part, known.Select(one => (one.Experiment, one.Placement))) > part.MaxShifts) violations.Add(new(ViolationCodes.CountryMaximum, part.Name));
        foreach (var group in problem.Contacts.Select(piece => piece.Group).Distinct())
            if (IsOverfull(group)) violations.Add(new(ViolationCodes.ContactsBusy, group));

        foreach (var stock in problem.Stocks)
            if (TooMany(stock) is { Count: > 0 } many) violations.Add(new(ViolationCodes.StockExceeded, $"{stock.Name}: {string.Join(' ', many)}"));

        foreach (var precedence in problem.Precedences)
            foreach (var from in known.Where(one => one.Experiment.Id == precedence.From))
                foreach (var to in known.Where(one => one.Experiment.Id == precedence.To))
                {
                    var gap = to.Placement.Start - from.Placement.End;
                    var least = precedence.MinGap + (precedence.ShipsSample ? Distance(problem, from.Instrument.Site, to.Instrument.Site).Shipping : 0);
                    if (gap < least) violations.Add(new(ViolationCodes.Order, $"{precedence.From} to {precedence.To}"));
                    if (precedence.MaxGap is { } most && gap > most) violations.Add(new(ViolationCodes.GapTooLong, $"{precedence.From} to {precedence.To}"));
                }

        var placed = known.Select(one => one.Experiment.Id).ToHashSet();
        foreach (var proposal in problem.Experiments.GroupBy(experiment => experiment.ProposalId))
            if (!HasBegun(problem, proposal) && proposal.Any(one => placed.Contains(one.Id)) && proposal.Any(one => one.Required && !placed.Contains(one.Id)))
                violations.Add(new(ViolationCodes.ProposalIncomplete, $"{proposal.Key}"));
        foreach (var group in problem.Together)
            if (group.Any(placed.Contains) && !group.All(placed.Contains) && !HasBegun(problem, problem.Experiments.Where(one => group.Contains(one.Id))))
                violations.Add(new(ViolationCodes.GroupIncomplete, string.Join(' ', group)));

        foreach (var pin in problem.Pins)
            if (!placements.Any(placement => placement.ExperimentId == pin.ExperimentId && placement.Instrument == pin.Instrument
                    && placement.Start == pin.Start && placement.End == pin.End))
                violations.Add(new(ViolationCodes.PinMoved, $"{pin.ExperimentId}"));
        return violations;

        // What is pinned stays, however much it is: a week counts as full for everything else.
        IEnumerable<Violation> Weeks(WeeklyWork most)
        {
            var pinned = problem.Pins.Select(pin => pin.ExperimentId).ToHashSet();
            var served = known.FindAll(one => one.Instrument.ContactGroup == most.Group);
            var shifts = served.SelectMany(one => one.Placement.Shifts.Where(shift => shift >= 0 && shift < one.Instrument.OpenShifts.Count).Select(shift => (one.Experiment.Id, At: one.Instrument.OpenShifts[shift].Start)));
            return Full(shifts, most.Shifts).Concat(Full(served.Select(one => (one.Experiment.Id, At: one.Placement.Start)), most.Starts));

            IEnumerable<Violation> Full(IEnumerable<(Guid Experiment, int At)> work, int? limit) => work.GroupBy(one => one.At / problem.Week)
                .Where(week => week.Count() > limit && week.Any(one => !pinned.Contains(one.Experiment)))
                .Select(week => new Violation(ViolationCodes.WeekFull, $"{most.Group} in week {week.Key}: {string.Join(' ', week.Select(one => one.Experiment).Distinct())}"));
        }

        // How many are kept grows only where a block with what is around it begins, or where some are gone.
        HashSet<Guid> TooMany(PoolStock stock)
        {
            var kept = known.Where(one => one.Experiment.Stock == stock.Name).Select(one => (one.Placement, Around: stock.Around.GetValueOrDefault(one.Instrument.Site)))
                .Select(one => (one.Placement.ExperimentId, From: one.Placement.Start - one.Around, To: one.Placement.End + one.Around)).ToList();
            return [.. kept.Select(one => one.From).Concat(stock.Gone.Select(gone => gone.From)).Distinct()
                .Select(at => (Together: kept.FindAll(one => one.From <= at && at < one.To), Left: stock.Count - stock.Gone.Where(gone => gone.From <= at && at < gone.To).Sum(gone => gone.Pieces)))
                .Where(one => one.Together.Count > one.Left).SelectMany(one => one.Together).Select(one => one.ExperimentId)];
        }

        // The number served at once changes only where a block or a piece begins.
        bool IsOverfull(string group)
        {
            var served = known.Where(one => one.Instrument.ContactGroup == group).Select(one => one.Placement).ToList();
            var pieces = problem.Contacts.Where(piece => piece.Group == group).ToList();
            var moments = served.Select(one => one.Start).Concat(pieces.Select(piece => piece.From)).Concat(pieces.Select(piece => piece.To)).Distinct();
            return moments.Any(at => served.Count(one => one.Start <= at && at < one.End) > pieces.Where(piece => piece.From <= at && at < piece.To).Sum(piece => piece.AtOnce));
        }
    }

    /// <summary>The objective of a set of legal placements, as <see cref="Plan.Objective"/> states it.</summary>
    public static long Objective(PlanningProblem problem, IReadOnlyList<Placement> placements) => Layers(problem, placements).Sum(layer => layer.Value);

    /// <summary>The layers of which <see cref="Objective"/> is the sum.</summary>
    public static IReadOnlyList<PlanLayer> Layers(PlanningProblem problem, IReadOnlyList<Placement> placements)
    {
        var placed = placements.Select(placement => placement.ExperimentId).ToHashSet();
        var given = placements.GroupBy(placement => placement.ExperimentId).ToDictionary(same => same.Key, same => same.First());
        long science = 0, unwelcome = 0, changes = 0;
        foreach (var proposal in problem.Experiments.GroupBy(experiment => experiment.ProposalId))
        {
            var served = proposal.Where(experiment => experiment.Required).All(experiment => placed.Contains(experiment.Id));
            if (!served && !HasBegun(problem, proposal)) continue;
            foreach (var experiment in proposal.Where(experiment => placed.Contains(experiment.Id)))
            {
                science += (experiment.Required ? 2L : 1L) * experiment.Score * (experiment.MinShifts is null ? experiment.Shifts : given[experiment.Id].Shifts.Count);
                if (IsUnwelcome(experiment, given[experiment.Id])) unwelcome++;
            }
        }
        var experiments = problem.Experiments.ToDictionary(experiment => experiment.Id);
        var instruments = problem.Instruments.ToDictionary(instrument => instrument.Id);
        var known = given.Values.Where(placement => experiments.ContainsKey(placement.ExperimentId) && instruments.ContainsKey(placement.Instrument)).ToList();
        foreach (var there in known.GroupBy(placement => placement.Instrument).Where(there => instruments[there.Key].ModeChanges.Count > 0))
        {
            var inOrder = there.OrderBy(placement => placement.Start).ToList();
            for (var i = 1; i < inOrder.Count; i++)
                changes += Change(instruments[there.Key], experiments[inOrder[i - 1].ExperimentId], experiments[inOrder[i].ExperimentId])?.Cost ?? 0;
        }
        var trips = known.Select(placement => (Team: experiments[placement.ExperimentId].TeamId, instruments[placement.Instrument].Site, placement.Start, placement.End)).Where(one => one.Team is not null).GroupBy(one => (one.Team, one.Site))
            .Sum(visits => (long)visits.Count(visit => !visits.Any(before => before.End <= visit.Start && visit.Start - before.End <= problem.Stay)));
        var busiest = known.SelectMany(placement => placement.Shifts.Select(shift => (Group: instruments[placement.Instrument].ContactGroup ?? $"only {placement.Instrument}", Week: instruments[placement.Instrument].OpenShifts[shift].Start / problem.Week)))
            .GroupBy(one => one.Group).Sum(group => (long)group.CountBy(one => one.Week).Max(week => week.Value));
        var below = problem.Parts.Sum(part => (long)Math.Max(0, part.MinShifts - Given(part, known.Select(placement => (experiments[placement.ExperimentId], placement)))));
        return
        [
            new("science", science, 1, science), Cost("guarantee", below, problem.Weights.Guarantee), Cost("travel", trips, problem.Weights.Travel), Cost("preference", unwelcome, problem.Weights.Preference ?? problem.UnwelcomeStart),
            Cost("setUp", changes, problem.Weights.SetUp), Cost("evenLoad", busiest, problem.Weights.EvenLoad),
        ];

        static PlanLayer Cost(string layer, long amount, long weight) => new(layer, amount, -weight, -weight * amount);
    }

    private static int Given(PartnersPart part, IEnumerable<(PlanningExperiment Experiment, Placement Placement)> placed) =>
        placed.Where(one => one.Experiment.Part == part.Name).Sum(one => one.Experiment.MinShifts is null ? one.Experiment.Shifts : one.Placement.Shifts.Count);

    private static ModeChange? Change(PlanningInstrument instrument, PlanningExperiment first, PlanningExperiment second) =>
        instrument.ModeChanges.FirstOrDefault(change => change.From == first.Mode && change.To == second.Mode);

    private static bool IsUnwelcome(PlanningExperiment experiment, Placement placement) =>
        experiment.Preferred.Count > 0 && !experiment.Preferred.Any(time => time.Start <= placement.Start && placement.Start < time.End);

    /// <summary>A proposal of which something is pinned or has a promised place was promised to people: it may end incomplete rather than stop the plan of all others.</summary>
    private static bool HasBegun(PlanningProblem problem, IEnumerable<PlanningExperiment> proposal) =>
        proposal.Any(experiment => experiment.Promised is not null || problem.Pins.Any(pin => pin.ExperimentId == experiment.Id));

    private static IEnumerable<Violation> Alone(PlanningExperiment experiment, PlanningInstrument instrument, Placement placement)
    {
        var id = $"{experiment.Id}";
        if (!experiment.Instruments.Contains(instrument.Id)) yield return new(ViolationCodes.InstrumentNotEligible, $"{id} on {instrument.Id}");
        if (placement.Shifts.Count > 0 && (placement.Shifts.Count > experiment.Shifts || placement.Shifts.Count < (experiment.MinShifts ?? experiment.Shifts))) yield return new(ViolationCodes.WrongShiftCount, id);
        if (placement.Start < experiment.Release || placement.End > experiment.Due) yield return new(ViolationCodes.OutsideWindow, id);
        foreach (var forbidden in experiment.Forbidden)
            if ((forbidden.Instrument is null || forbidden.Instrument == instrument.Id) && placement.Start < forbidden.End && forbidden.Start < placement.End)
                yield return new(ViolationCodes.ForbiddenTime, id);

        var open = instrument.OpenShifts;
        if (placement.Shifts.Count == 0 || placement.Shifts.Any(shift => shift < 0 || shift >= open.Count))
        {
            yield return new(ViolationCodes.ShiftsNotOpen, id);
            yield break;
        }
        for (var i = 1; i < placement.Shifts.Count; i++)
            if (placement.Shifts[i] != placement.Shifts[i - 1] + 1) yield return new(ViolationCodes.ShiftsNotConsecutive, id);
            else if (open[placement.Shifts[i]].Start - open[placement.Shifts[i - 1]].End > instrument.BridgeableGap) yield return new(ViolationCodes.GapNotBridgeable, id);
        if (placement.Start != open[placement.Shifts[0]].Start || placement.End != open[placement.Shifts[^1]].End) yield return new(ViolationCodes.BlockDiffers, id);
        if (!open[placement.Shifts[0]].MayStart) yield return new(ViolationCodes.StartNotAllowed, id);
    }

    private static IEnumerable<Violation> Pair(
        PlanningProblem problem,
        (PlanningExperiment Experiment, PlanningInstrument Instrument, Placement Placement) first,
        (PlanningExperiment Experiment, PlanningInstrument Instrument, Placement Placement) second)
    {
        var overlap = second.Placement.Start < first.Placement.End;
        var subject = $"{first.Experiment.Id} and {second.Experiment.Id}";
        if (overlap && first.Instrument.Id == second.Instrument.Id) yield return new(ViolationCodes.InstrumentOverlap, subject);
        else if (overlap && first.Instrument.SharedSources.Intersect(second.Instrument.SharedSources).Any())
            yield return new(ViolationCodes.SourceOverlap, subject);

        var free = first.Experiment.Cleaning + second.Experiment.Preparation + (Change(first.Instrument, first.Experiment, second.Experiment)?.Units ?? 0);
        if (free > 0 && first.Instrument.Id == second.Instrument.Id && second.Placement.Start < first.Placement.End + free) yield return new(ViolationCodes.SetUpTime, subject);
        if (first.Experiment.SampleId is { } sample && sample == second.Experiment.SampleId
            && (overlap || second.Placement.Start < first.Placement.End + Distance(problem, first.Instrument.Site, second.Instrument.Site).Shipping))
            yield return new(ViolationCodes.SampleElsewhere, subject);

        if (first.Experiment.TeamId is null || first.Experiment.TeamId != second.Experiment.TeamId) yield break;
        if (overlap) yield return new(ViolationCodes.TeamOverlap, subject);
        else if (second.Placement.Start < first.Placement.End + Distance(problem, first.Instrument.Site, second.Instrument.Site).Travel)
            yield return new(ViolationCodes.TravelTime, subject);
    }

    private static (int Travel, int Shipping) Distance(PlanningProblem problem, string from, string to)
    {
        if (from == to) return (0, 0);
        var listed = problem.Distances.FirstOrDefault(distance => distance.From == from && distance.To == to);
        return listed is null ? (problem.DefaultTravel, problem.DefaultShipping) : (listed.Travel, listed.Shipping);
    }
}
