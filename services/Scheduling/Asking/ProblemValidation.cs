namespace Tutti.Scheduling.Asking;

/// <summary>Finds what makes no sense in a problem; the solver is never shown a problem that has an error, because a native abort would take the process with it.</summary>
internal static class ProblemValidation
{
    private const int LastUnit = 20_000_000;
    private const int HighestScore = 1_000_000;
    private const int HighestWorth = 100_000_000;
    private const int MostShifts = 10_000;
    private const int MostExperiments = 20_000;
    private const int MostInstruments = 2_000;
    private const long MostPlaces = 5_000_000;

    public static IReadOnlyList<ProblemError> Errors(PlanningProblem problem)
    {
        var errors = new List<ProblemError>();
        if (problem.Experiments.Count > MostExperiments) errors.Add(new("too-many-experiments", $"{problem.Experiments.Count}"));
        if (problem.Instruments.Count > MostInstruments) errors.Add(new("too-many-instruments", $"{problem.Instruments.Count}"));
        if (errors.Count > 0) return errors;

        foreach (var id in problem.Instruments.GroupBy(instrument => instrument.Id).Where(same => same.Count() > 1)) errors.Add(new("instrument-twice", id.Key));
        foreach (var id in problem.Experiments.GroupBy(experiment => experiment.Id).Where(same => same.Count() > 1)) errors.Add(new("experiment-twice", $"{id.Key}"));
        foreach (var proposal in problem.Experiments.GroupBy(experiment => experiment.ProposalId))
            if (proposal.Select(experiment => experiment.Score).Distinct().Count() > 1) errors.Add(new("proposal-score-differs", $"{proposal.Key}"));

        foreach (var (layer, weight) in problem.Weights.All)
            if (weight is < 0 or > ObjectiveWeights.Highest) errors.Add(new("weight-out-of-range", layer));
        errors.AddRange(PartErrors(problem));
        errors.AddRange(StockErrors(problem));
        errors.AddRange(GroupErrors(problem));
        foreach (var same in problem.Weekly.GroupBy(most => most.Group).Where(same => same.Count() > 1)) errors.Add(new("weekly-work-twice", same.Key));
        foreach (var most in problem.Weekly.Where(most => most.Shifts is < 0 || most.Starts is < 0)) errors.Add(new("weekly-work-negative", most.Group));
        foreach (var same in problem.SiteQuotas.GroupBy(quota => quota.Site).Where(same => same.Count() > 1)) errors.Add(new("site-quota-twice", same.Key));
        foreach (var quota in problem.SiteQuotas.Where(quota => quota.Shifts < 0)) errors.Add(new("site-quota-negative", quota.Site));
        foreach (var id in problem.Experiments.Where(one => one.Mode is null && problem.Instruments.Any(instrument => instrument.ModeChanges.Count > 0 && one.Instruments.Contains(instrument.Id))))
            errors.Add(new("mode-missing", $"{id.Id}"));

        var instruments = problem.Instruments.Select(instrument => instrument.Id).ToHashSet();
        foreach (var instrument in problem.Instruments) errors.AddRange(Errors(instrument));
        foreach (var experiment in problem.Experiments) errors.AddRange(Errors(experiment, instruments));
        errors.AddRange(Errors(problem.Distances));
        errors.AddRange(Errors(problem.Contacts));
        if (problem.DefaultTravel is < 0 or > LastUnit || problem.DefaultShipping is < 0 or > LastUnit)
            errors.Add(new("distance-out-of-range", "default"));

        var experiments = problem.Experiments.Select(experiment => experiment.Id).ToHashSet();
        errors.AddRange(Errors(problem.Precedences, experiments));
        foreach (var pin in problem.Pins)
        {
            if (!experiments.Contains(pin.ExperimentId)) errors.Add(new("pin-of-unknown-experiment", $"{pin.ExperimentId}"));
            if (!instruments.Contains(pin.Instrument)) errors.Add(new("pin-on-unknown-instrument", $"{pin.ExperimentId} on {pin.Instrument}"));
        }
        if (errors.Count > 0) return errors;
        var open = problem.Instruments.ToDictionary(instrument => instrument.Id, instrument => (long)instrument.OpenShifts.Count);
        var possible = problem.Experiments.Sum(experiment => experiment.Instruments.Sum(instrument => open[instrument]));
        return possible > MostPlaces ? [new("too-many-places", $"{possible}")] : PinErrors(problem);
    }

    private static IEnumerable<ProblemError> PartErrors(PlanningProblem problem)
    {
        foreach (var same in problem.Parts.GroupBy(part => part.Name).Where(same => same.Count() > 1)) yield return new("part-twice", same.Key);
        foreach (var part in problem.Parts)
            if (part.MinShifts is < 0 or > LastUnit || part.MaxShifts < part.MinShifts) yield return new("part-out-of-range", part.Name);
        var names = problem.Parts.Select(part => part.Name).ToHashSet();
        foreach (var experiment in problem.Experiments)
            if (experiment.Part is { } part && !names.Contains(part)) yield return new("unknown-part", $"{experiment.Id} of {part}");
        foreach (var proposal in problem.Experiments.GroupBy(experiment => experiment.ProposalId))
            if (proposal.Select(experiment => experiment.Part).Distinct().Count() > 1) yield return new("proposal-part-differs", $"{proposal.Key}");
    }

    private static IEnumerable<ProblemError> StockErrors(PlanningProblem problem)
    {
        foreach (var same in problem.Stocks.GroupBy(stock => stock.Name).Where(same => same.Count() > 1)) yield return new("stock-twice", same.Key);
        foreach (var stock in problem.Stocks)
            if (stock.Count is < 0 or > LastUnit || stock.Around.Values.Any(units => units is < 0 or > LastUnit) || stock.Gone.Any(gone => gone.From < 0 || gone.To < gone.From || gone.Pieces < 0))
                yield return new("stock-out-of-range", stock.Name);
        var names = problem.Stocks.Select(stock => stock.Name).ToHashSet();
        foreach (var experiment in problem.Experiments)
            if (experiment.Stock is { } stock && !names.Contains(stock)) yield return new("unknown-stock", $"{experiment.Id} of {stock}");
    }

    private static IEnumerable<ProblemError> GroupErrors(PlanningProblem problem)
    {
        var proposals = problem.Experiments.DistinctBy(one => one.Id).ToDictionary(one => one.Id, one => one.ProposalId);
        foreach (var group in problem.Together)
            if (group.Count == 0) yield return new("group-empty", "");
            else if (group.Where(id => !proposals.ContainsKey(id)).ToList() is [var unknown, ..]) yield return new("group-of-unknown-experiment", $"{unknown}");
            else if (group.Select(id => proposals[id]).Distinct().Count() > 1) yield return new("group-over-proposals", string.Join(' ', group));
        foreach (var twice in problem.Together.SelectMany(group => group).GroupBy(id => id).Where(same => same.Count() > 1)) yield return new("group-twice", $"{twice.Key}");
    }

    private static IEnumerable<ProblemError> Errors(PlanningInstrument instrument)
    {
        if (instrument.ShiftQuota < 0) yield return new("shift-quota-negative", instrument.Id);
        if (instrument.BridgeableGap is < 0 or > LastUnit) yield return new("bridgeable-gap-out-of-range", instrument.Id);
        foreach (var change in instrument.ModeChanges)
            if (change.Units is < 0 or > LastUnit || change.Cost is < 0 or > HighestScore) yield return new("mode-change-out-of-range", $"{instrument.Id} from {change.From} to {change.To}");
        foreach (var twice in instrument.ModeChanges.GroupBy(change => (change.From, change.To)).Where(same => same.Count() > 1 || same.Key.From == same.Key.To))
            yield return new("mode-change-twice", $"{instrument.Id} from {twice.Key.From} to {twice.Key.To}");
        var end = 0;
        foreach (var shift in instrument.OpenShifts)
        {
            if (shift.Start < end || shift.End <= shift.Start || shift.End > LastUnit)
            {
                yield return new("open-shifts-not-in-order", $"{instrument.Id} at {shift.Start}");
                yield break;
            }
            end = shift.End;
        }
    }

    private static IEnumerable<ProblemError> Errors(PlanningExperiment experiment, HashSet<string> instruments)
    {
        var id = $"{experiment.Id}";
        if (experiment.Shifts is < 1 or > MostShifts) yield return new("shifts-out-of-range", id);
        if (experiment.Bonus is < 0 or > HighestWorth || experiment.Promised is { Worth: < 0 or > HighestWorth }) yield return new("worth-out-of-range", id);
        if (experiment.Promised is { } promised && !experiment.Instruments.Contains(promised.Instrument)) yield return new("promised-on-other-instrument", id);
        if (experiment.Score is < 0 or > HighestScore) yield return new("score-out-of-range", id);
        if (experiment.Due <= experiment.Release || experiment.Release < -LastUnit || experiment.Due > LastUnit) yield return new("window-empty", id);
        if (experiment.MinShifts < 1 || experiment.MinShifts > experiment.Shifts) yield return new("min-shifts-out-of-range", id);
        if (experiment.Preparation is < 0 or > LastUnit || experiment.Cleaning is < 0 or > LastUnit) yield return new("set-up-out-of-range", id);
        if (experiment.Preferred.Any(time => time.End < time.Start)) yield return new("preferred-interval-damaged", id);
        if (experiment.Instruments.Count == 0) yield return new("no-eligible-instrument", id);
        foreach (var unknown in experiment.Instruments.Where(instrument => !instruments.Contains(instrument)))
            yield return new("unknown-instrument", $"{id} on {unknown}");
        if (experiment.Instruments.Distinct().Count() < experiment.Instruments.Count) yield return new("eligible-instrument-twice", id);
        foreach (var forbidden in experiment.Forbidden)
            if (forbidden.End <= forbidden.Start) yield return new("forbidden-interval-empty", id);
            else if (forbidden.Instrument is { } unknown && !instruments.Contains(unknown)) yield return new("unknown-instrument", $"{id} forbidden on {unknown}");
            else if (!Enum.IsDefined(forbidden.Reason)) yield return new("unknown-forbidden-reason", id);
    }

    private static IEnumerable<ProblemError> Errors(IReadOnlyList<SiteDistance> distances)
    {
        foreach (var distance in distances)
            if (distance.Travel is < 0 or > LastUnit || distance.Shipping is < 0 or > LastUnit)
                yield return new("distance-out-of-range", $"{distance.From} to {distance.To}");
            else if (distance.From == distance.To) yield return new("distance-within-a-site", distance.From);
        foreach (var same in distances.GroupBy(distance => (distance.From, distance.To)).Where(same => same.Count() > 1))
            yield return new("distance-twice", $"{same.Key.From} to {same.Key.To}");
    }

    private static IEnumerable<ProblemError> Errors(IReadOnlyList<ContactsAtOnce> contacts)
    {
        foreach (var group in contacts.GroupBy(piece => piece.Group))
        {
            var end = 0;
            foreach (var piece in group.OrderBy(piece => piece.From).ThenBy(piece => piece.To))
            {
                if (piece.From < end || piece.To < piece.From || piece.To > LastUnit || piece.AtOnce < 0)
                {
                    yield return new("contacts-not-in-order", group.Key);
                    break;
                }
                end = piece.To;
            }
        }
    }

    private static IEnumerable<ProblemError> Errors(IReadOnlyList<Precedence> precedences, HashSet<Guid> experiments)
    {
        foreach (var precedence in precedences)
        {
            if (!experiments.Contains(precedence.From)) yield return new("order-of-unknown-experiment", $"{precedence.From}");
            if (!experiments.Contains(precedence.To)) yield return new("order-of-unknown-experiment", $"{precedence.To}");
            if (precedence.MinGap is < 0 or > LastUnit) yield return new("gap-out-of-range", $"{precedence.From} to {precedence.To}");
            if (precedence.MaxGap is { } most && (most < precedence.MinGap || most > LastUnit)) yield return new("gap-out-of-range", $"{precedence.From} to {precedence.To}");
        }

        var before = precedences.ToLookup(precedence => precedence.To, precedence => precedence.From);
        var open = precedences.SelectMany(precedence => new[] { precedence.From, precedence.To }).ToHashSet();
        while (open.Where(id => !before[id].Any(open.Contains)).ToList() is { Count: > 0 } free) open.ExceptWith(free);
        if (open.Count > 0) yield return new("order-in-a-circle", $"{open.Min()}");
    }

    private static List<ProblemError> PinErrors(PlanningProblem problem)
    {
        var errors = new List<ProblemError>();
        foreach (var twice in problem.Pins.GroupBy(pin => pin.ExperimentId).Where(same => same.Count() > 1)) errors.Add(new("pin-twice", $"{twice.Key}"));
        var instruments = problem.Instruments.ToDictionary(instrument => instrument.Id);
        var pinned = new List<Placement>();
        foreach (var pin in problem.Pins)
        {
            var open = instruments[pin.Instrument].OpenShifts;
            var shifts = Enumerable.Range(0, open.Count).Where(i => open[i].Start < pin.End && pin.Start < open[i].End).ToList();
            pinned.Add(new(pin.ExperimentId, pin.Instrument, pin.Start, pin.End, shifts));
        }
        if (errors.Count == 0)
            errors.AddRange(PlanChecker.CheckPlacements(problem, pinned).Select(violation => new ProblemError($"pin-breaks-{violation.Code}", violation.Subject)));
        return errors;
    }
}
