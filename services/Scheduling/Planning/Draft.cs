namespace Tutti.Scheduling.Planning;

/// <summary>How a place is looked for among the legal ones.</summary>
internal enum Seek
{
    Earliest,
    Latest,
    Anywhere,
}

/// <summary>A legal set of placements that changes one placement at a time, with all capacities and quotas kept up to date.</summary>
internal sealed class Draft
{
    private const int MostSplits = 1500;

    private readonly Place?[] at;
    private readonly ulong[][] own, sources;
    private readonly Capacity[] contacts, gloves, cells;
    private readonly int[] instrumentLeft, siteLeft, countryLeft, countryGiven;
    private readonly List<Visit>[] visits, samples;
    private readonly SetUps? setUps;
    private readonly Workload? workload;
    private readonly int[]? trips;
    private readonly ulong[] busy, cellless;
    private readonly List<(int First, int Able)> stretches = [];
    private long tripCount;
    private int splits;

    private readonly record struct Visit(int Experiment, int Start, int End, int Site);

    public Draft(Space space)
    {
        Space = space;
        var units = space.Units;
        (busy, cellless) = (Bits.Create(units), Bits.Create(units));
        at = new Place?[space.Experiments.Length];
        own = [.. space.Instruments.Select(_ => Bits.Create(units))];
        sources = [.. space.SourceUsers.Select(_ => Bits.Create(units))];
        contacts = [.. space.ContactCapacity.Select(capacity => new Capacity(units, t => t < capacity.Length ? capacity[t] : 0))];
        gloves = [.. space.Instance.Sites.Select(site => new Capacity(units, _ => site.GloveBoxes))];
        cells = [.. space.CellCapacity.Select(capacity => new Capacity(units, t => capacity[t]))];
        instrumentLeft = [.. space.Instruments.Select(instrument => instrument.Quota)];
        siteLeft = [.. space.Instance.Sites.Select(site => site.ShiftQuota)];
        countryLeft = [.. space.Instance.Countries.Select(country => country.MaxShifts)];
        countryGiven = new int[countryLeft.Length];
        visits = [.. Enumerable.Range(0, space.TeamCount).Select(_ => new List<Visit>())];
        samples = [.. Enumerable.Range(0, space.SampleCount).Select(_ => new List<Visit>())];
        if (space.NeedsSetUp) setUps = new(space);
        if (space.LimitsWeeks || space.Weights.EvenLoad > 0) workload = new(space);
        if (space.Weights.Travel > 0) trips = new int[visits.Length];
        foreach (var country in space.Instance.Countries) Shortfall += country.MinShifts;
    }

    public Space Space { get; }

    /// <summary>Per experiment the only option that insertion may take, or -1; null: any option.</summary>
    public int[]? Guide { get; set; }

    /// <summary>What the placed experiments are worth, every one for itself, less what their places cost.</summary>
    public long Value { get; private set; }

    public long Shortfall { get; private set; }

    /// <summary>How often a place was looked for: the measure of work that does not depend on the machine.</summary>
    public long Searches { get; private set; }

    /// <summary>The objective, as long as of no proposal only a part of the required experiments is placed.</summary>
    public long Objective => Value - (Space.Weights.Guarantee * Shortfall) - Costs;

    /// <summary>What placements cost by standing next to one another: trips, set-ups, busiest weeks.</summary>
    public long Costs => (Space.Weights.Travel * tripCount) + (Space.Weights.SetUp * (setUps?.Cost ?? 0)) + (Space.Weights.EvenLoad * (workload?.Peaks ?? 0));

    public long Trips => tripCount;

    public SetUps? SetUps => setUps;

    public Workload? Workload => workload;

    /// <summary>Blocks of a team that stand, by site.</summary>
    public IEnumerable<(int Site, int Start, int End)> VisitsOf(int team) => visits[team].Select(visit => (visit.Site, visit.Start, visit.End));

    public Place? this[int experiment] => at[experiment];

    public int InstrumentLeft(int instrument) => instrumentLeft[instrument];

    public int SiteLeft(int site) => siteLeft[site];

    public int CountryLeft(int country) => countryLeft[country];

    public Place?[] Copy() => (Place?[])at.Clone();

    public Func<int, int> ContactsLeft(int group) => contacts[group].Left;

    public Func<int, int> GlovesLeft(int site) => gloves[site].Left;

    public Func<int, int> CellsLeft(int type) => cells[type].Left;

    /// <summary>The open shifts of a run that nobody has.</summary>
    public int FreeSlots(int instrument, int run)
    {
        var data = Space.Instruments[instrument];
        var free = 0;
        for (var slot = 0; slot < data.Run.Length; slot++)
            if (data.Run[slot] == run && Bits.Last(own[instrument], data.SlotStart[slot], data.SlotEnd[slot]) < 0) free++;
        return free;
    }

    /// <summary>Whether a largest gap to something placed keeps the experiment near it.</summary>
    public bool IsHeldBack(int e, int site) => Between(e, site) is var (_, _, latestStart, earliestEnd) && (latestStart < int.MaxValue || earliestEnd > int.MinValue);

    /// <summary>As <see cref="Option.Reach"/>, for what is left as things stand; cells are not looked at.</summary>
    public int[] Reach(int e, Option option)
    {
        var data = Space.Experiments[e];
        var instrument = Space.Instruments[option.Instrument];
        var (earliest, latestEnd, _, _) = Between(e, option.Site);
        var reach = new int[option.Reach.Length];
        Occupy(data, option);
        for (var first = 0; first < reach.Length; first++)
        {
            reach[first] = -1;
            var start = instrument.SlotStart[first];
            if (option.Reach[first] < first || start < earliest || LacksGloveBox(data, option, start)) continue;
            var until = Bits.First(busy, start, Math.Min(instrument.SlotEnd[option.Reach[first]], latestEnd));
            until = setUps?.Until(e, option.Instrument, start, until) ?? until;
            var last = first;
            while (last <= option.Reach[first] && instrument.SlotEnd[last] <= until) last++;
            if (last > first) reach[first] = last - 1;
        }
        return reach;
    }

    public bool Serves(ProposalData proposal)
    {
        foreach (var e in proposal.Required)
            if (at[e] is null) return false;
        return true;
    }

    public void Load(Place?[] places)
    {
        for (var e = 0; e < at.Length; e++)
            if (at[e] is { } old && (places[e] is not { } same || !ReferenceEquals(same, old))) Release(e);
        for (var e = 0; e < at.Length; e++)
            if (at[e] is null && places[e] is { } place) Take(e, place);
    }

    public void Take(int e, Place place)
    {
        var data = Space.Experiments[e];
        var (instrument, site, country) = (Space.Instruments[place.Instrument], place.Option.Site, Space.Proposals[data.Proposal].Country);
        at[e] = place;
        foreach (var block in place.Blocks)
        {
            Bits.Fill(own[place.Instrument], block.Start, block.End, true);
            foreach (var source in instrument.Sources) Bits.Fill(sources[source], block.Start, block.End, true);
            contacts[instrument.Contacts].Take(block.Start, block.End);
            if (data.GloveBox) gloves[site].Take(Math.Max(0, block.Start - 1), block.End);
            if (data.Team >= 0) visits[data.Team].Add(new(e, block.Start, block.End, site));
            if (data.Sample >= 0) samples[data.Sample].Add(new(e, block.Start, block.End, site));
        }
        setUps?.Take(e, place);
        workload?.Take(place);
        if (data.Team >= 0 && trips is not null) CountTrips(data.Team);
        if (data.Cell >= 0) cells[data.Cell].Take(Math.Max(0, place.Start - place.Option.Pad), place.End + place.Option.Pad);
        var shifts = place.Option.Shifts;
        instrumentLeft[place.Instrument] -= shifts;
        siteLeft[site] -= shifts;
        countryLeft[country] -= shifts;
        Give(country, shifts);
        Value += place.Option.Value - place.Price;
    }

    public void Release(int e)
    {
        if (at[e] is not { } place) return;
        var data = Space.Experiments[e];
        var (instrument, site, country) = (Space.Instruments[place.Instrument], place.Option.Site, Space.Proposals[data.Proposal].Country);
        at[e] = null;
        foreach (var block in place.Blocks)
        {
            Bits.Fill(own[place.Instrument], block.Start, block.End, false);
            foreach (var source in instrument.Sources) Bits.Fill(sources[source], block.Start, block.End, false);
            contacts[instrument.Contacts].Give(block.Start, block.End);
            if (data.GloveBox) gloves[site].Give(Math.Max(0, block.Start - 1), block.End);
        }
        if (data.Team >= 0) Leave(visits[data.Team], e);
        if (data.Sample >= 0) Leave(samples[data.Sample], e);
        setUps?.Release(e, place);
        workload?.Release(place);
        if (data.Team >= 0 && trips is not null) CountTrips(data.Team);
        if (data.Cell >= 0) cells[data.Cell].Give(Math.Max(0, place.Start - place.Option.Pad), place.End + place.Option.Pad);
        var shifts = place.Option.Shifts;
        instrumentLeft[place.Instrument] += shifts;
        siteLeft[site] += shifts;
        countryLeft[country] += shifts;
        Give(country, -shifts);
        Value -= place.Option.Value - place.Price;
    }

    /// <summary>Whether the quotas leave room for the experiment on an option.</summary>
    public bool Affords(int e, Option option)
    {
        var data = Space.Experiments[e];
        return instrumentLeft[option.Instrument] >= option.Shifts && siteLeft[option.Site] >= option.Shifts && countryLeft[Space.Proposals[data.Proposal].Country] >= option.Shifts;
    }

    /// <summary>The rules that a place would break as things stand, quotas and order and capacities all.</summary>
    public Rules Broken(int e, Place place)
    {
        var shifts = place.Option.Shifts;
        var data = Space.Experiments[e];
        var (instrument, site) = (Space.Instruments[place.Instrument], place.Option.Site);
        var broken = Rules.None;
        if (instrumentLeft[place.Instrument] < shifts) broken |= Rules.InstrumentQuota;
        if (siteLeft[site] < shifts) broken |= Rules.SiteQuota;
        if (countryLeft[Space.Proposals[data.Proposal].Country] < shifts) broken |= Rules.CountryMax;
        for (var n = 0; n < place.Blocks.Length; n++)
        {
            var block = place.Blocks[n];
            if (Bits.Last(own[place.Instrument], block.Start, block.End) >= 0) broken |= Rules.Occupied;
            foreach (var source in instrument.Sources)
                if (Bits.Last(sources[source], block.Start, block.End) >= 0 && Bits.Last(own[place.Instrument], block.Start, block.End) < 0) broken |= Rules.Source;
            if (Bits.Last(contacts[instrument.Contacts].Full, block.Start, block.End) >= 0) broken |= Rules.Contacts;
            if (data.GloveBox && (Bits.Last(gloves[site].Full, Math.Max(0, block.Start - 1), block.End) >= 0
                    || (n > 0 && place.Blocks[n - 1].End == block.Start && gloves[site].Left(block.Start - 1) < 2))) broken |= Rules.GloveBox;
            if (data.Team >= 0 && Clash(visits[data.Team], Space.Travel, site, block.Start, block.End) is not NoClash) broken |= Rules.Travel;
            if (data.Sample >= 0 && Clash(samples[data.Sample], Space.Shipping, site, block.Start, block.End) is not NoClash) broken |= Rules.Sample;
            if (setUps?.Clash(e, place.Instrument, block.Start, block.End) is not null) broken |= Rules.SetUp;
        }
        if (Space.LimitsWeeks && workload?.Fits(place.Instrument, place.Blocks) == false) broken |= Rules.Week;
        if (data.Cell >= 0 && Bits.Last(cells[data.Cell].Full, Math.Max(0, place.Start - place.Option.Pad), place.End + place.Option.Pad) >= 0) broken |= Rules.Cells;
        var (earliest, latestEnd, latestStart, earliestEnd) = Between(e, site);
        if (place.Start < earliest || place.End > latestEnd || place.Start > latestStart || place.End < earliestEnd) broken |= Rules.Order;
        return broken;
    }

    /// <summary>A legal place on an option as things stand, or null. <paramref name="from"/> (0 to 1) says where a search anywhere begins.</summary>
    public Place? Find(int e, Option option, Seek seek, double from = 0)
    {
        Searches++;
        if (!Affords(e, option)) return null;
        var data = Space.Experiments[e];
        var (earliest, latestEnd, latestStart, earliestEnd) = Between(e, option.Site);
        if (earliest > latestStart || earliest >= latestEnd) return null;
        var single = option.Single;
        if (single.Length > 0)
        {
            var low = LowerBound(single, earliest);
            var found = seek switch
            {
                Seek.Earliest => Forward(low, single.Length),
                Seek.Latest => Backward(low),
                _ => Middle(low),
            };
            if (found >= 0) return new(option, [single[found]]);
        }
        return option.Reach.Length == 0 ? null : Split(e, option, earliest, latestEnd, latestStart, earliestEnd, seek == Seek.Anywhere ? from : 0);

        int Middle(int low)
        {
            var start = low + (int)((single.Length - low) * from);
            return Forward(start, single.Length) is var found and >= 0 ? found : Forward(low, start);
        }

        int Forward(int n, int end)
        {
            while (n < end)
            {
                var block = single[n];
                if (block.Start > latestStart || block.End > latestEnd) return -1;
                var blocked = Blocked(e, data, option, block);
                if (blocked < 0 && block.End >= earliestEnd) return n;
                if (blocked <= block.Start) n++;
                else
                {
                    n++;
                    while (n < end && single[n].Start <= blocked) n++;
                }
            }
            return -1;
        }

        int Backward(int low)
        {
            for (var n = single.Length - 1; n >= low; n--)
            {
                var block = single[n];
                if (block.Start > latestStart || block.End > latestEnd) continue;
                if (block.End < earliestEnd) return -1;
                if (Blocked(e, data, option, block) < 0) return n;
            }
            return -1;
        }
    }

    /// <summary>Places the required experiments of a proposal that have no place yet, or none of them.</summary>
    public bool Insert(ProposalData proposal, Seek seek, ref Dice dice, List<int> inserted) => InsertAll(proposal.Required, seek, ref dice, inserted);

    /// <summary>Places an experiment with all optional ones that are placed with it, or none of them.</summary>
    public bool InsertSet(int e, Seek seek, ref Dice dice, List<int> inserted) => InsertAll(Space.Experiments[e].Set, seek, ref dice, inserted);

    private bool InsertAll(int[] experiments, Seek seek, ref Dice dice, List<int> inserted)
    {
        var before = inserted.Count;
        foreach (var one in experiments)
        {
            if (at[one] is not null) continue;
            if (Insert(one, seek, ref dice))
            {
                inserted.Add(one);
                continue;
            }
            while (inserted.Count > before)
            {
                Release(inserted[^1]);
                inserted.RemoveAt(inserted.Count - 1);
            }
            return false;
        }
        return true;
    }

    /// <summary>Places one experiment on one of its options, the roomier instruments more likely first.</summary>
    public bool Insert(int e, Seek seek, ref Dice dice)
    {
        var options = Space.Experiments[e].Options;
        if (Cheapest(e, ref dice) is { } cheap)
        {
            Take(e, cheap);
            return true;
        }
        if ((options.Length == 1 && !Space.HasCosts) || Guide is not null)
        {
            var one = Guide is null ? 0 : Guide[e];
            if (one < 0) return false;
            if (Find(e, options[one], seek, seek == Seek.Anywhere ? dice.NextDouble() : 0) is not { } only || !Pays(e, only)) return false;
            Take(e, only);
            return true;
        }
        if (Space.HasCosts && dice.NextDouble() < 0.6)
        {
            if (Dearest(e, ref dice) is not { } best) return false;
            Take(e, best);
            return true;
        }
        Span<double> keys = options.Length <= 64 ? stackalloc double[options.Length] : new double[options.Length];
        Span<int> order = options.Length <= 64 ? stackalloc int[options.Length] : new int[options.Length];
        var asked = Space.Experiments[e].Shifts;
        for (var n = 0; n < order.Length; n++)
        {
            order[n] = n;
            keys[n] = -(instrumentLeft[options[n].Instrument] * (0.3 + dice.NextDouble()));
            // Smaller grants come after larger ones.
            if (options[n].Shifts < asked) keys[n] += 1e7 * (asked - options[n].Shifts);
        }
        keys.Sort(order);
        var from = dice.NextDouble();
        foreach (var n in order)
            if (Find(e, options[n], seek, from) is { } place && Pays(e, place))
            {
                Take(e, place);
                return true;
            }
        return false;
    }

    /// <summary>Of some legal places, on all options, the one with which the plan is worth most; null: there is none.</summary>
    private Place? Dearest(int e, ref Dice dice)
    {
        var (best, most) = ((Place?)null, long.MinValue);
        foreach (var option in Space.Experiments[e].Options)
            for (var trial = 0; trial < 4; trial++)
            {
                if (Find(e, option, trial switch { 0 => Seek.Earliest, 1 => Seek.Latest, _ => Seek.Anywhere }, dice.NextDouble()) is not { } place) break;
                if (!Pays(e, place)) continue;
                Take(e, place);
                if (Objective > most) (best, most) = (place, Objective);
                Release(e);
            }
        return best;
    }

    /// <summary>Whether a place brings more than it costs, where the experiment counts for itself.</summary>
    private bool Pays(int e, Place place) =>
        place.Price <= 0 || place.Price < place.Option.Value || (Space.Experiments[e].Required && !Space.Proposals[Space.Experiments[e].Proposal].Started);

    /// <summary>A legal place that costs less than most, mostly the cheapest; null where there is none, and now and then.</summary>
    private Place? Cheapest(int e, ref Dice dice)
    {
        var home = Space.Homes?[e];
        var cheap = Space.Experiments[e].Cheap;
        if ((cheap.Length == 0 && home is null) || dice.NextDouble() < 0.1) return null;
        if (home is not null && (cheap.Length == 0 || home.Price <= cheap[0].Price) && Fits(home)) return home;
        var skip = dice.NextDouble() < 0.8 ? 0 : dice.Next(cheap.Length + 1);
        for (var n = skip; n < cheap.Length; n++)
            if (Fits(cheap[n])) return cheap[n];
        return null;

        bool Fits(Place place)
        {
            Searches++;
            return Pays(e, place) && (Guide is null || (Guide[e] >= 0 && ReferenceEquals(Space.Experiments[e].Options[Guide[e]], place.Option))) && Broken(e, place) == Rules.None;
        }
    }

    /// <summary>A quick look at the quotas alone.</summary>
    public bool MayFit(ProposalData proposal)
    {
        var needed = 0;
        foreach (var e in proposal.Required)
        {
            if (at[e] is not null) continue;
            needed += Space.Experiments[e].Least;
            var affordable = false;
            foreach (var option in Space.Experiments[e].Options)
                if (Affords(e, option) && (option.Single.Length > 0 || option.Reach.Length > 0))
                {
                    affordable = true;
                    break;
                }
            if (!affordable) return false;
        }
        return proposal.Members.Length > 1 || countryLeft[proposal.Country] >= needed;
    }

    private const int NoClash = -2;

    /// <summary>A unit no later than which a block of the team (or with the sample) must not start as things stand, or <see cref="NoClash"/>.</summary>
    private static int Clash(List<Visit> visits, int[][] ways, int site, int start, int end)
    {
        foreach (var visit in visits)
            if (start < visit.End + ways[visit.Site][site] && visit.Start < end + ways[site][visit.Site])
                return visit.End + ways[visit.Site][site] - 1;
        return NoClash;
    }

    /// <summary>Whether no glove-box is free in the unit before a block, in which it is needed already.</summary>
    private bool LacksGloveBox(ExperimentData data, Option option, int start) => data.GloveBox && start > 0 && Bits.Last(gloves[option.Site].Full, start - 1, start) >= 0;

    /// <summary>By when a block that begins at <paramref name="start"/> must have ended for its team, its sample, and the set-up of the instrument.</summary>
    private int AwayFrom(int e, ExperimentData data, Option option, int start, int until)
    {
        if (data.Team >= 0) until = Before(visits[data.Team], Space.Travel);
        if (data.Sample >= 0) until = Before(samples[data.Sample], Space.Shipping);
        return setUps?.Until(e, option.Instrument, start, until) ?? until;

        int Before(List<Visit> visits, int[][] ways)
        {
            foreach (var visit in visits)
                if (start < visit.End + ways[visit.Site][option.Site]) until = Math.Min(until, visit.Start - ways[option.Site][visit.Site]);
            return until;
        }
    }

    private static void Leave(List<Visit> list, int e)
    {
        for (var n = list.Count - 1; n >= 0; n--)
            if (list[n].Experiment == e)
            {
                list[n] = list[^1];
                list.RemoveAt(list.Count - 1);
            }
    }

    private void CountTrips(int team)
    {
        if (trips is null) return;
        var count = 0;
        foreach (var visit in visits[team])
            if (!visits[team].Exists(before => before.Site == visit.Site && before.End <= visit.Start && visit.Start - before.End <= Space.Weights.Stay)) count++;
        tripCount += count - trips[team];
        trips[team] = count;
    }

    /// <summary>A unit at or before which no block of this length can start, given that this one cannot; -1 where it can.</summary>
    private int Blocked(int e, ExperimentData data, Option option, Block block)
    {
        var (start, end) = (block.Start, block.End);
        var blocked = Bits.Last(own[option.Instrument], start, end);
        if (blocked >= 0) return blocked;
        var instrument = Space.Instruments[option.Instrument];
        blocked = Bits.Last(contacts[instrument.Contacts].Full, start, end);
        if (blocked >= 0) return blocked;
        foreach (var source in instrument.Sources)
        {
            blocked = Bits.Last(sources[source], start, end);
            if (blocked >= 0) return blocked;
        }
        if (data.Cell >= 0)
        {
            blocked = Bits.Last(cells[data.Cell].Full, Math.Max(0, start - option.Pad), end + option.Pad);
            if (blocked >= 0) return Math.Max(start, blocked + option.Pad);
        }
        if (data.GloveBox)
        {
            blocked = Bits.Last(gloves[option.Site].Full, Math.Max(0, start - 1), end);
            if (blocked >= 0) return Math.Max(start, blocked);
        }
        if (data.Team >= 0 && Clash(visits[data.Team], Space.Travel, option.Site, start, end) is var clash and not NoClash) return Math.Max(start, clash);
        if (data.Sample >= 0 && Clash(samples[data.Sample], Space.Shipping, option.Site, start, end) is var elsewhere and not NoClash) return Math.Max(start, elsewhere);
        if (setUps?.Clash(e, option.Instrument, start, end) is { } busy) return Math.Max(start, busy);
        if (Space.LimitsWeeks && workload?.Fits(option.Instrument, [block]) == false) return start;
        return -1;
    }

    /// <summary>What the order to experiments that are placed leaves: start from, end to, start to, end from.</summary>
    private (int Earliest, int LatestEnd, int LatestStart, int EarliestEnd) Between(int e, int site)
    {
        var (earliest, latestEnd, latestStart, earliestEnd) = (int.MinValue, int.MaxValue, int.MaxValue, int.MinValue);
        foreach (var order in Space.OrdersOf[e])
        {
            if (order.To == e && at[order.From] is { } from)
            {
                earliest = Math.Max(earliest, from.End + Space.Lag(order, from.Option.Site, site));
                if (order.MaxGap < int.MaxValue) latestStart = Math.Min(latestStart, from.End + order.MaxGap);
            }
            else if (order.From == e && at[order.To] is { } to)
            {
                latestEnd = Math.Min(latestEnd, to.Start - Space.Lag(order, site, to.Option.Site));
                if (order.MaxGap < int.MaxValue) earliestEnd = Math.Max(earliestEnd, to.Start - order.MaxGap);
            }
        }
        return (earliest, latestEnd, latestStart, earliestEnd);
    }

    private static int LowerBound(Block[] blocks, int start)
    {
        if (blocks.Length == 0 || blocks[0].Start >= start) return 0;
        var (low, high) = (0, blocks.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (blocks[middle].Start < start) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private Place? Split(int e, Option option, int earliest, int latestEnd, int latestStart, int earliestEnd, double from)
    {
        var data = Space.Experiments[e];
        var slots = Space.Instruments[option.Instrument].SlotStart;
        var first = Array.BinarySearch(slots, earliest);
        if (first < 0) first = ~first;
        if (from > 0) first += (int)((slots.Length - first) * from);
        if (data.MaxBlocks == 2 && setUps is null && earliestEnd == int.MinValue)
            return InTwo(e, data, option, first, latestEnd, latestStart) is var (one, two) ? Weekly(two.Slots == 0 ? [one] : [one, two]) : null;
        splits = 0;
        var blocks = new Block[data.MaxBlocks];
        return Splits(e, data, option, blocks, 0, first, option.Shifts, latestEnd, latestStart, earliestEnd, int.MaxValue) is var count and > 0 ? Weekly(blocks[..count]) : null;

        Place? Weekly(Block[] found) => Space.LimitsWeeks && workload?.Fits(option.Instrument, found) == false ? null : new(option, found);
    }

    /// <summary>
    /// Two blocks (or one, the second without slots), the first of them at or after a slot; null: there are none. The first takes all that its stretch of free slots leaves for it: were there
    /// two blocks with a shorter first one, the second would fit where it is then as well, or both into the one stretch.
    /// </summary>
    private (Block One, Block Two)? InTwo(int e, ExperimentData data, Option option, int slot, int latestEnd, int latestStart)
    {
        Stretches(data, option, slot, latestEnd);
        var (starts, ends) = (Space.Instruments[option.Instrument].SlotStart, Space.Instruments[option.Instrument].SlotEnd);
        for (var n = 0; n < stretches.Count; n++)
        {
            var (first, able) = stretches[n];
            if (starts[first] > latestStart) return null;
            var shifts = Math.Min(able, option.Shifts);
            if (shifts == option.Shifts) return (Made(first, shifts), default);
            if (able < data.MinBlock) continue;
            shifts = Math.Min(shifts, option.Shifts - data.MinBlock);
            if (shifts < data.MinBlock) continue;
            var (left, end) = (option.Shifts - shifts, ends[first + shifts - 1]);
            var until = data.Cell >= 0 ? Bits.First(cellless, starts[first], Space.Units) : int.MaxValue;
            for (var m = n + 1; m < stretches.Count && starts[stretches[m].First] < until; m++)
                if (stretches[m].Able >= left && !(data.GloveBox && end == starts[stretches[m].First] && gloves[option.Site].Left(end - 1) < 2)) return (Made(first, shifts), Made(stretches[m].First, left));
        }
        return null;

        Block Made(int first, int shifts) => new(first, shifts, starts[first], ends[first + shifts - 1]);
    }

    /// <summary>From each slot at which a block may begin, the number of slots in a row that are free for the experiment; of those in one row only the first.</summary>
    private void Stretches(ExperimentData data, Option option, int slot, int latestEnd)
    {
        var instrument = Space.Instruments[option.Instrument];
        Occupy(data, option);
        if (data.Cell >= 0)
        {
            Bits.Widen(cells[data.Cell].Full, option.Pad, cellless, Space.Units);
            Bits.Add(busy, cellless);
        }
        stretches.Clear();
        for (var first = slot; first < option.Reach.Length;)
        {
            var (reach, start) = (option.Reach[first], instrument.SlotStart[first]);
            if (start >= latestEnd) return;
            if (reach < first || LacksGloveBox(data, option, start))
            {
                first++;
                continue;
            }
            var until = Bits.First(busy, start, Math.Min(Math.Min(instrument.SlotEnd[reach], latestEnd), Space.Instance.Horizon));
            var last = first;
            while (last <= reach && instrument.SlotEnd[last] <= until) last++;
            if (last > first) stretches.Add((first, last - first));
            first = Math.Max(last, first + 1);
        }
    }

    /// <summary>Fills <see cref="busy"/> with the units in which the experiment cannot run on an option as things stand; cells, set-ups and order are not looked at.</summary>
    private void Occupy(ExperimentData data, Option option)
    {
        var instrument = Space.Instruments[option.Instrument];
        own[option.Instrument].AsSpan().CopyTo(busy);
        Bits.Add(busy, contacts[instrument.Contacts].Full);
        foreach (var source in instrument.Sources) Bits.Add(busy, sources[source]);
        if (data.GloveBox) Bits.Add(busy, gloves[option.Site].Full);
        if (data.Team >= 0) Away(visits[data.Team], Space.Travel);
        if (data.Sample >= 0) Away(samples[data.Sample], Space.Shipping);

        void Away(List<Visit> visits, int[][] ways)
        {
            foreach (var visit in visits) Bits.Fill(busy, Math.Max(0, visit.Start - ways[option.Site][visit.Site]), Math.Min(Space.Units, visit.End + ways[visit.Site][option.Site]), true);
        }
    }

    /// <summary>The number of blocks that fill what remains, the first of them at or after a slot; 0 where there are none (or none was found in the trials allowed).</summary>
    private int Splits(int e, ExperimentData data, Option option, Block[] blocks, int count, int slot, int remaining, int latestEnd, int latestStart, int earliestEnd, int cellUntil)
    {
        var instrument = Space.Instruments[option.Instrument];
        var left = data.MaxBlocks - count;
        for (var first = slot; first < option.Reach.Length; first++)
        {
            var reach = option.Reach[first];
            if (reach < first) continue;
            if (++splits > MostSplits) return 0;
            var start = instrument.SlotStart[first];
            if (count == 0 && start > latestStart) return 0;
            if (start >= latestEnd || start >= cellUntil) return 0;
            var until = Math.Min(Math.Min(instrument.SlotEnd[reach], latestEnd), Math.Min(cellUntil, Space.Instance.Horizon));
            until = Bits.First(own[option.Instrument], start, until);
            until = Bits.First(contacts[instrument.Contacts].Full, start, until);
            foreach (var source in instrument.Sources) until = Bits.First(sources[source], start, until);
            if (data.GloveBox)
            {
                if (LacksGloveBox(data, option, start)) continue;
                if (count > 0 && blocks[count - 1].End == start && gloves[option.Site].Left(start - 1) < 2) continue;
                until = Bits.First(gloves[option.Site].Full, start, until);
            }
            var cells = cellUntil;
            if (data.Cell >= 0 && count == 0)
            {
                var begin = Math.Max(0, start - option.Pad);
                cells = Bits.First(this.cells[data.Cell].Full, begin, Space.Units) is var full && full == Space.Units ? int.MaxValue : full - option.Pad;
                until = Math.Min(until, cells);
            }
            if (until <= start) continue;
            until = AwayFrom(e, data, option, start, until);
            if (until <= start) continue;
            var last = first;
            while (last <= reach && last - first < remaining && instrument.SlotEnd[last] <= until) last++;
            var able = last - first;
            if (able >= remaining && (count == 0 || remaining >= data.MinBlock) && instrument.SlotEnd[first + remaining - 1] >= earliestEnd)
            {
                blocks[count] = new(first, remaining, start, instrument.SlotEnd[first + remaining - 1]);
                return count + 1;
            }
            if (left == 1) continue;
            for (var shifts = Math.Min(able, remaining - data.MinBlock); shifts >= data.MinBlock; shifts--)
            {
                if (splits > MostSplits) return 0;
                blocks[count] = new(first, shifts, start, instrument.SlotEnd[first + shifts - 1]);
                if (Splits(e, data, option, blocks, count + 1, first + shifts, remaining - shifts, latestEnd, latestStart, earliestEnd, cells) is var found and > 0) return found;
            }
        }
        return 0;
    }

    private void Give(int country, int shifts)
    {
        var minimum = Space.Instance.Countries[country].MinShifts;
        Shortfall -= Math.Max(0, minimum - countryGiven[country]);
        countryGiven[country] += shifts;
        Shortfall += Math.Max(0, minimum - countryGiven[country]);
    }
}
