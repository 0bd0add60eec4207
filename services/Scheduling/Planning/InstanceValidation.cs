namespace Tutti.Scheduling.Planning;

/// <summary>Finds what makes no sense in an instance; the planner and its native solver are never shown one that has an error.</summary>
internal static class InstanceValidation
{
    private const int LastUnit = 2_000_000, HighestScore = 1_000_000, MostShifts = 100_000, MostExperiments = 50_000, MostInstruments = 5_000, MostErrors = 1_000, MostModes = 50;
    private const int HighestPrice = 100_000_000, MostPrices = 10_000;
    private const long MostCapacityUnits = 200_000_000;

    public static IReadOnlyList<InstanceError> Errors(PlanningInstance instance)
    {
        instance = instance.Expanded();
        var errors = Found(instance).Take(MostErrors).ToList();
        return errors.Count > 0 ? errors : [.. PinErrors.Of(instance).Take(MostErrors)];
    }

    private static IEnumerable<InstanceError> Found(PlanningInstance instance)
    {
        if (instance.Horizon is < 1 or > LastUnit) yield return new("horizon_out_of_range", $"{instance.Horizon}", $"The horizon must be from 1 to {LastUnit} units.");
        if (instance.Experiments.Count > MostExperiments) yield return new("too_many_experiments", $"{instance.Experiments.Count}", $"At most {MostExperiments} can be planned at once.");
        if (instance.Instruments.Count > MostInstruments) yield return new("too_many_instruments", $"{instance.Instruments.Count}", $"At most {MostInstruments} can be planned at once.");
        if (((long)instance.ContactGroups.Count + instance.Sites.Count + instance.CellTypes.Count + (2L * instance.Instruments.Count)) * instance.Horizon > MostCapacityUnits)
            yield return new("too_many_units", $"{instance.Horizon}", "Instruments and capacities times units of the horizon are more than can be held in memory.");
        foreach (var error in Dense("site", instance.Sites.Select(site => site.Id)).Concat(Dense("country", instance.Countries.Select(country => country.Id)))
            .Concat(Dense("cell_type", instance.CellTypes.Select(type => type.Id))).Concat(Twice("contact_group", instance.ContactGroups.Select(group => group.Id)))
            .Concat(Twice("instrument", instance.Instruments.Select(instrument => instrument.Id))).Concat(Twice("team", instance.Teams.Select(team => team.Id)))
            .Concat(Twice("proposal", instance.Proposals.Select(proposal => proposal.Id))).Concat(Twice("experiment", instance.Experiments.Select(experiment => experiment.Id)))
            .Concat(Matrix("travel", instance.Travel, instance.Sites.Count)).Concat(Matrix("shipping", instance.Shipping, instance.Sites.Count)))
            yield return error;

        foreach (var site in instance.Sites)
            if (site.ShiftQuota < 0 || site.GloveBoxes < 0) yield return new("negative_number", $"site {site.Id}", "Quota and glove boxes must not be negative.");
        foreach (var country in instance.Countries)
            if (country.MinShifts < 0 || country.MaxShifts < 0) yield return new("negative_number", $"country {country.Id}", "Its shares must not be negative.");
        var instruments = instance.Instruments.Select(instrument => instrument.Id).ToHashSet();
        foreach (var type in instance.CellTypes)
        {
            if (type.Count < 0) yield return new("negative_number", $"cellType {type.Id}", "The number of cells must not be negative.");
            if (type.Withdrawn.Any(piece => piece is not [var from, var to, >= 0] || to < from)) yield return new("interval_damaged", $"cellType {type.Id}", "Withdrawn cells are [from, to, n].");
            if (!Known(type.HomeSite, instance.Sites.Count)) yield return Unknown("site", type.HomeSite, $"cellType {type.Id}");
            foreach (var id in type.Instruments ?? [])
                if (!instruments.Contains(id)) yield return Unknown("instrument", id, $"cellType {type.Id}");
        }
        foreach (var group in instance.ContactGroups.Where(group => group.WeeklyShifts < 0 || group.WeeklyStarts < 0))
            yield return new("negative_number", $"contactGroup {group.Id}", "The most of a week must not be negative.");
        foreach (var group in instance.ContactGroups)
            foreach (var piece in group.Capacity)
                if (piece is not [var from, var to, var n] || from < 0 || to < from || to > instance.Horizon || n < 0)
                    yield return new("interval_damaged", $"contactGroup {group.Id}", "Each piece of capacity is [from, to, n] within the horizon, n not negative.");
        foreach (var team in instance.Teams)
        {
            if (!Known(team.Country, instance.Countries.Count)) yield return Unknown("country", team.Country, $"team {team.Id}");
            foreach (var away in team.Away)
                if (away is not [var from, var to] || to < from) yield return new("interval_damaged", $"team {team.Id}", "Away intervals are [from, to].");
        }
        foreach (var error in Instruments(instance).Concat(Proposals(instance)).Concat(Experiments(instance)).Concat(Orders(instance))
            .Concat(Groups(instance)).Concat(Layers(instance))) yield return error;
    }

    private static IEnumerable<InstanceError> Instruments(PlanningInstance instance)
    {
        var groups = instance.ContactGroups.Select(group => group.Id).ToHashSet();
        foreach (var one in instance.Instruments)
        {
            var subject = $"instrument {one.Id}";
            if (!Known(one.Site, instance.Sites.Count)) yield return Unknown("site", one.Site, subject);
            if (!groups.Contains(one.ContactGroup)) yield return Unknown("contactGroup", one.ContactGroup, subject);
            if (one.BridgeableGap < 0 || one.ShiftQuota < 0) yield return new("negative_number", subject, "Quota and bridgeable gap must not be negative.");
            if (one.StartShiftsOfDay.Any(shift => shift is < 0 or > 2)) yield return new("start_shift_out_of_range", subject, "Start shifts of the day are 0, 1, 2.");
            var end = 0;
            foreach (var open in one.Shifts ?? one.Open)
            {
                if (open.Count != 2 && (open.Count != 3 || one.Shifts is null) || open[0] < end || open[1] <= open[0] || open[1] > instance.Horizon)
                {
                    yield return new("open_time_damaged", subject, "Open time is [start, end] within the horizon, ascending and without overlap.");
                    break;
                }
                end = open[1];
            }
            if (one.Preparation is < 0 or > LastUnit || one.Cleaning is < 0 or > LastUnit) yield return new("negative_number", subject, $"Preparation and cleaning take from 0 to {LastUnit} units.");
            foreach (var error in SetUps(one.SetUpTimes, subject).Concat(SetUps(one.SetUpCosts, subject))) yield return error;
            if (one.SetUpTimes is { } times && Detour(times) is var (from, by, to))
                yield return new("set_up_detour", subject, $"From mode {from} to {to} takes longer than by way of {by}.");
            if (one.SetUpTimes is { } rows && one.SetUpCosts is { } costs && rows.Count != costs.Count) yield return new("set_up_damaged", subject, "Times and costs of set-ups are for the same modes.");
        }
    }

    private static IEnumerable<InstanceError> SetUps(IReadOnlyList<IReadOnlyList<int>>? table, string subject)
    {
        if (table is null) yield break;
        if (table.Count > MostModes || table.Any(row => row.Count != table.Count)) yield return new("set_up_damaged", subject, $"A set-up table has a row and a column for each mode, at most {MostModes}.");
        else if (table.Any(row => row.Any(value => value is < 0 or > LastUnit))) yield return new("set_up_damaged", subject, $"Times and costs of set-ups are from 0 to {LastUnit}.");
    }

    private static (int From, int By, int To)? Detour(IReadOnlyList<IReadOnlyList<int>> times)
    {
        if (times.Any(row => row.Count != times.Count)) return null;
        for (var from = 0; from < times.Count; from++)
            for (var by = 0; by < times.Count; by++)
                for (var to = 0; to < times.Count; to++)
                    if (times[from][to] > (long)times[from][by] + times[by][to]) return (from, by, to);
        return null;
    }

    private static IEnumerable<InstanceError> Groups(PlanningInstance instance)
    {
        var experiments = instance.Experiments.GroupBy(one => one.Id).ToDictionary(same => same.Key, same => same.First());
        for (var n = 0; n < instance.Together.Count; n++)
        {
            var (group, subject) = (instance.Together[n], $"together {n}");
            foreach (var id in group.Where(id => !experiments.ContainsKey(id))) yield return Unknown("experiment", id, subject);
            if (group.Distinct().Count() < group.Count) yield return new("experiment_twice", subject, "A group names an experiment twice.");
            var own = group.Where(experiments.ContainsKey).Select(id => experiments[id]).ToList();
            if (own.Exists(one => !one.Required) && own.Select(one => one.Proposal).Distinct().Count() > 1)
                yield return new("group_mixed", subject, "A group over several proposals can only be of required experiments.");
        }
    }

    private static IEnumerable<InstanceError> Layers(PlanningInstance instance)
    {
        if (instance.Week is < 1 or > LastUnit) yield return new("week_out_of_range", $"{instance.Week}", $"A week has from 1 to {LastUnit} units.");
        if (!Enum.IsDefined(instance.Policy)) yield return new("unknown_policy", $"{instance.Policy}", "A policy is best-sum or no-rank-inversion.");
        var one = instance.Objective.Weights();
        foreach (var (name, weight) in new[]
            { ("science", one.Science), ("guarantee", one.Guarantee), ("travel", one.Travel), ("stay", one.Stay), ("preference", one.Preference), ("setUp", one.SetUp), ("evenLoad", one.EvenLoad) })
            if (weight is < 0 or > HighestScore) yield return new("weight_out_of_range", $"objective {name}", $"Weights and the length of a stay are from 0 to {HighestScore}.");
    }

    private static IEnumerable<InstanceError> Proposals(PlanningInstance instance)
    {
        var teams = instance.Teams.Select(team => team.Id).ToHashSet();
        var own = instance.Experiments.ToLookup(experiment => experiment.Proposal, experiment => experiment.Id);
        foreach (var proposal in instance.Proposals)
        {
            var subject = $"proposal {proposal.Id}";
            if (!teams.Contains(proposal.Team)) yield return Unknown("team", proposal.Team, subject);
            if (!Known(proposal.Country, instance.Countries.Count)) yield return Unknown("country", proposal.Country, subject);
            if (proposal.Score is < 0 or > HighestScore) yield return new("score_out_of_range", subject, $"A score is from 0 to {HighestScore}.");
            if (!own[proposal.Id].Order().SequenceEqual(proposal.Experiments.Order()))
                yield return new("experiments_differ", subject, "Its experiments are not those that name it as their proposal.");
        }
        var known = instance.Proposals.Select(proposal => proposal.Id).ToHashSet();
        foreach (var id in instance.Started)
            if (!known.Contains(id)) yield return Unknown("proposal", id, "started");
    }

    private static IEnumerable<InstanceError> Experiments(PlanningInstance instance)
    {
        var proposals = instance.Proposals.Select(proposal => proposal.Id).ToHashSet();
        var instruments = instance.Instruments.Select(instrument => instrument.Id).ToHashSet();
        var teams = instance.Teams.Select(team => team.Id).ToHashSet();
        var tables = instance.Instruments.GroupBy(one => one.Id).Select(same => same.First()).Where(one => (one.SetUpTimes ?? one.SetUpCosts) is not null)
            .ToDictionary(one => one.Id, one => Math.Min(one.SetUpTimes?.Count ?? int.MaxValue, one.SetUpCosts?.Count ?? int.MaxValue));
        foreach (var one in instance.Experiments)
        {
            var subject = $"experiment {one.Id}";
            if (!proposals.Contains(one.Proposal)) yield return Unknown("proposal", one.Proposal, subject);
            if (one.Shifts is < 1 or > MostShifts) yield return new("shifts_out_of_range", subject, $"An experiment takes from 1 to {MostShifts} shifts.");
            if (one.MinShifts < 1 || one.MinShifts > one.Shifts) yield return new("min_shifts_out_of_range", subject, "The fewest shifts of use are from 1 to those asked.");
            if (one.Preparation is < 0 or > LastUnit || one.Cleaning is < 0 or > LastUnit) yield return new("negative_number", subject, $"Preparation and cleaning take from 0 to {LastUnit} units.");
            if (one.Mode < 0 || one.Instruments.Any(id => tables.TryGetValue(id, out var modes) && one.Mode >= modes)) yield return Unknown("mode", one.Mode ?? 0, subject);
            if (one.Mode is null && one.Instruments.Any(tables.ContainsKey)) yield return new("mode_missing", subject, "It may run on an instrument with set-up tables and has to say in which mode.");
            foreach (var time in one.Preferred)
                if (time is not [var from, var to] || to < from) yield return new("interval_damaged", subject, "Preferred times are [start, end].");
            if (one.MinBlock < 1 || one.MaxBlocks < 1) yield return new("blocks_out_of_range", subject, "There is at least one block of at least one shift.");
            if (Math.Abs((long)one.Release) > LastUnit || Math.Abs((long)one.Due) > LastUnit) yield return new("window_out_of_range", subject, $"Release and due are within {LastUnit} units.");
            if (one.Instruments.Count == 0) yield return new("no_eligible_instrument", subject, "It names no instrument, or none that has the technique which it asks for.");
            if (one.Instruments.Distinct().Count() < one.Instruments.Count) yield return new("instrument_twice", subject, "It names an instrument twice.");
            foreach (var id in one.Instruments)
                if (!instruments.Contains(id)) yield return Unknown("instrument", id, subject);
            if (one.Team is { } team && !teams.Contains(team)) yield return Unknown("team", team, subject);
            if (one.CellType is { } type && !Known(type, instance.CellTypes.Count)) yield return Unknown("cellType", type, subject);
            foreach (var forbidden in one.Forbidden)
                if (forbidden.End < forbidden.Start) yield return new("interval_damaged", subject, "Forbidden intervals are from start to end.");
                else if (forbidden.Instrument is { } id && !instruments.Contains(id)) yield return Unknown("instrument", id, subject);
            if (one.Bonus is < 0 or > HighestPrice) yield return new("bonus_out_of_range", subject, $"A bonus is from 0 to {HighestPrice}.");
            if (one.Prices.Count > MostPrices) yield return new("too_many_prices", subject, $"An experiment has at most {MostPrices} prices.");
            foreach (var price in one.Prices.Take(MostPrices))
                if (price.End < price.Start) yield return new("interval_damaged", subject, "Prices hold from start to end.");
                else if (price.Price is < -HighestPrice or > HighestPrice) yield return new("price_out_of_range", subject, $"A price is from -{HighestPrice} to {HighestPrice}.");
                else if (price.Instrument is { } id && !instruments.Contains(id)) yield return Unknown("instrument", id, subject);
        }
        var experiments = instance.Experiments.Select(experiment => experiment.Id).ToHashSet();
        foreach (var pin in instance.Pinned)
        {
            if (!experiments.Contains(pin.Experiment)) yield return Unknown("experiment", pin.Experiment, "pinned");
            if (!instruments.Contains(pin.Instrument)) yield return Unknown("instrument", pin.Instrument, $"pinned experiment {pin.Experiment}");
            if (pin.Blocks.Count == 0 || pin.Blocks.Any(block => block is not [var start, var end] || end <= start || start < 0 || end > instance.Horizon))
                yield return new("interval_damaged", $"pinned experiment {pin.Experiment}", "Blocks are [start, end] within the horizon.");
        }
        foreach (var error in Twice("pin", instance.Pinned.Select(pin => pin.Experiment))) yield return error;
    }

    private static IEnumerable<InstanceError> Orders(PlanningInstance instance)
    {
        var experiments = instance.Experiments.Select(experiment => experiment.Id).ToHashSet();
        foreach (var order in instance.Precedences)
        {
            var subject = $"{order.From} to {order.To}";
            if (!experiments.Contains(order.From)) yield return Unknown("experiment", order.From, $"order {subject}");
            if (!experiments.Contains(order.To)) yield return Unknown("experiment", order.To, $"order {subject}");
            if (order.MinGap is < 0 or > LastUnit || order.MaxGap < order.MinGap || order.MaxGap > LastUnit)
                yield return new("gap_out_of_range", $"order {subject}", "Gaps are not negative, and the largest is no smaller than the smallest.");
        }
        var before = instance.Precedences.ToLookup(order => order.To, order => order.From);
        var open = instance.Precedences.SelectMany(order => new[] { order.From, order.To }).ToHashSet();
        var waiting = open.ToDictionary(id => id, id => before[id].Count());
        var after = instance.Precedences.ToLookup(order => order.From, order => order.To);
        var free = new Queue<int>(open.Where(id => waiting[id] == 0));
        while (free.TryDequeue(out var id))
        {
            open.Remove(id);
            foreach (var next in after[id])
                if (--waiting[next] == 0) free.Enqueue(next);
        }
        if (open.Count > 0) yield return new("order_in_a_circle", $"experiment {open.Min()}", "Experiments wait for one another in a circle.");
    }

    private static IEnumerable<InstanceError> Twice(string kind, IEnumerable<int> ids) =>
        ids.GroupBy(id => id).Where(same => same.Count() > 1).Select(same => new InstanceError($"{kind}_twice", $"{kind} {same.Key}", "The identity stands twice."));

    private static IEnumerable<InstanceError> Dense(string kind, IEnumerable<int> ids)
    {
        var expected = 0;
        foreach (var id in ids)
            if (id != expected++)
            {
                yield return new($"{kind}_ids_not_in_order", $"{kind} {id}", "Sites, countries and cell types are numbered from 0 in the order in which they stand.");
                yield break;
            }
    }

    private static IEnumerable<InstanceError> Matrix(string name, IReadOnlyList<IReadOnlyList<int>> matrix, int sites)
    {
        if (matrix.Count != sites || matrix.Any(row => row.Count != sites)) yield return new($"{name}_damaged", name, "It must have a row and a column for each site.");
        else if (matrix.Any(row => row.Any(units => units is < 0 or > LastUnit))) yield return new("negative_number", name, $"Times between sites are from 0 to {LastUnit}.");
    }

    private static bool Known(int id, int count) => id >= 0 && id < count;

    private static InstanceError Unknown(string kind, int id, string subject) => new($"unknown_{kind.ToLowerInvariant()}", subject, $"There is no {kind} {id}.");
}
