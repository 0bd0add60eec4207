namespace Tutti.Scheduling.Planning;

/// <summary>Finds what makes no sense in an instance; the planner and its native solver are never shown one that has an error.</summary>
internal static class InstanceValidation
{
    private const int LastUnit = 2_000_000, HighestScore = 1_000_000, MostShifts = 100_000, MostExperiments = 50_000, MostInstruments = 5_000, MostErrors = 1_000;
    private const int HighestPrice = 100_000_000, MostPrices = 10_000;
    private const long MostCapacityUnits = 200_000_000;

    public static IReadOnlyList<InstanceError> Errors(PlanningInstance instance)
    {
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
        foreach (var type in instance.CellTypes)
        {
            if (type.Count < 0) yield return new("negative_number", $"cellType {type.Id}", "The number of cells must not be negative.");
            if (type.Withdrawn.Any(piece => piece is not [var from, var to, >= 0] || to < from)) yield return new("interval_damaged", $"cellType {type.Id}", "Withdrawn cells are [from, to, n].");
            if (!Known(type.HomeSite, instance.Sites.Count)) yield return Unknown("site", type.HomeSite, $"cellType {type.Id}");
        }
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
        foreach (var error in Instruments(instance).Concat(Proposals(instance)).Concat(Experiments(instance)).Concat(Orders(instance))) yield return error;
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
        }
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
        foreach (var one in instance.Experiments)
        {
            var subject = $"experiment {one.Id}";
            if (!proposals.Contains(one.Proposal)) yield return Unknown("proposal", one.Proposal, subject);
            if (one.Shifts is < 1 or > MostShifts) yield return new("shifts_out_of_range", subject, $"An experiment takes from 1 to {MostShifts} shifts.");
            if (one.MinBlock < 1 || one.MaxBlocks < 1) yield return new("blocks_out_of_range", subject, "There is at least one block of at least one shift.");
            if (Math.Abs((long)one.Release) > LastUnit || Math.Abs((long)one.Due) > LastUnit) yield return new("window_out_of_range", subject, $"Release and due are within {LastUnit} units.");
            if (one.Instruments.Count == 0) yield return new("no_eligible_instrument", subject, "It names no instrument.");
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
