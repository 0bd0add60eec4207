namespace Tutti.Scheduling.Planning;

/// <summary>One block of an experiment on an instrument: slots [First, First + Slots), time [Start, End).</summary>
internal readonly record struct Block(int First, int Slots, int Start, int End);

/// <summary>An experiment's place: one of its options and its blocks in order of time. Never changed.</summary>
internal sealed record Place(Option Option, Block[] Blocks)
{
    public int Instrument => Option.Instrument;

    public int Start => Blocks[0].Start;

    public int End => Blocks[^1].End;

    /// <summary>What it costs to be here.</summary>
    public long Price => Option.Prices is null ? 0 : Blocks.Sum(block => Option.Prices[block.First]);

    public bool Same(Place other) => Instrument == other.Instrument && Blocks.AsSpan().SequenceEqual(other.Blocks);
}

/// <summary>An experiment on one of its eligible instruments: all blocks that its own rules (window, team away, start shift, bridging) leave.</summary>
internal sealed class Option
{
    public required int Instrument { get; init; }

    public required int Site { get; init; }

    /// <summary>Units for which a cell is held before and after, for its way.</summary>
    public required int Pad { get; init; }

    /// <summary>Legal single blocks, ascending.</summary>
    public required Block[] Single { get; init; }

    /// <summary>For an experiment in several blocks, per slot: the last slot that a block beginning there may have, or -1 where none may begin.</summary>
    public int[] Reach { get; init; } = [];

    /// <summary>Per slot what a block that begins with it costs; null: nothing.</summary>
    public long[]? Prices { get; init; }

    public long Price(int first) => Prices is null ? 0 : Prices[first];

    /// <summary>No place on it costs less.</summary>
    public long LeastPrice { get; init; }
}

internal sealed class InstrumentData
{
    public required int Id { get; init; }

    public required int Site { get; init; }

    public required int Contacts { get; init; }

    public required int[] Sources { get; init; }

    public required int[] SlotStart { get; init; }

    public required int[] SlotEnd { get; init; }

    public required bool[] MayStart { get; init; }

    /// <summary>Per slot its run: slots with no longer gap between them than may be bridged.</summary>
    public required int[] Run { get; init; }

    public required int Quota { get; init; }

    /// <summary>The most shifts that it can give: its quota or its open time.</summary>
    public int Most => Math.Min(Quota, Run.Length);

    public int Runs => Run.Length == 0 ? 0 : Run[^1] + 1;
}

internal sealed class ExperimentData
{
    public required int Id { get; init; }

    public required int Proposal { get; init; }

    public required int Shifts { get; init; }

    public required int MinBlock { get; init; }

    public required int MaxBlocks { get; init; }

    /// <summary>The team that has to be there, or -1.</summary>
    public required int Team { get; init; }

    public required bool GloveBox { get; init; }

    /// <summary>The type of cell it needs, or -1.</summary>
    public required int Cell { get; init; }

    public required bool Required { get; init; }

    public required long Value { get; init; }

    public required Option[] Options { get; init; }

    /// <summary>The places in one block that cost less than most, the cheapest first; empty where all cost the same.</summary>
    public required Place[] Cheap { get; init; }

    /// <summary>The most that it can bring, prices counted.</summary>
    public long Most => Value - (Pin?.Price ?? Options.Where(option => option.Single.Length > 0 || option.Reach.Length > 0).Select(option => option.LeastPrice).DefaultIfEmpty(0).Min());

    public Place? Pin { get; set; }

    public bool Hopeless => Pin is null && Options.All(option => option.Single.Length == 0 && option.Reach.All(last => last < 0));
}

internal sealed class ProposalData
{
    public required int Id { get; init; }

    public required int Score { get; init; }

    public required int Country { get; init; }

    public required int[] Required { get; init; }

    public required int[] Optional { get; init; }

    /// <summary>Its required experiments count one by one.</summary>
    public required bool Started { get; init; }

    public IEnumerable<int> All => Required.Concat(Optional);
}

/// <summary><paramref name="To"/> starts at least Lag after <paramref name="From"/> ends, at most <paramref name="MaxGap"/> after it.</summary>
internal sealed record OrderData(int From, int To, int MinGap, bool Ship, int MaxGap);

/// <summary>What experiments may not overrule: families of rules that a trial can leave out one at a time.</summary>
[Flags]
internal enum Rules
{
    None = 0, Window = 1, TeamAway = 2, StartShift = 4, RunLength = 8, Contacts = 16, GloveBox = 32, Cells = 64, InstrumentQuota = 128, SiteQuota = 256, CountryMax = 512,
    Order = 1024, Travel = 2048, Occupied = 4096, Source = 8192, Forbidden = 16384,
}

/// <summary>
/// An instance prepared for search: identities turned into indices, instruments cut into slots and runs, and per experiment and instrument all blocks that
/// the experiment's own rules leave.
/// </summary>
internal sealed class Space
{
    public const int Penalty = 400;

    private const int MostCheap = 64;

    private readonly Dictionary<int, int> teamIndex;

    public Space(PlanningInstance instance)
    {
        Instance = instance;
        var groups = Index(instance.ContactGroups.Select(group => group.Id));
        var instruments = Index(instance.Instruments.Select(instrument => instrument.Id));
        var teams = teamIndex = Index(instance.Teams.Select(team => team.Id));
        var proposals = Index(instance.Proposals.Select(proposal => proposal.Id));
        var experiments = Index(instance.Experiments.Select(experiment => experiment.Id));
        InstrumentIndex = instruments;
        ExperimentIndex = experiments;
        Travel = [.. instance.Travel.Select(row => row.ToArray())];
        Shipping = [.. instance.Shipping.Select(row => row.ToArray())];
        Units = instance.Horizon + instance.Shipping.SelectMany(row => row).DefaultIfEmpty(0).Max() + 1;
        ContactCapacity = [.. instance.ContactGroups.Select(group => Capacity(group, instance.Horizon))];

        var sources = instance.Instruments.SelectMany(Sources).Distinct().Order().Select((source, index) => (source, index)).ToDictionary(pair => pair.source, pair => pair.index);
        Instruments = [.. instance.Instruments.Select(one => Instrument(one, groups, sources))];
        SourceUsers = [.. Enumerable.Range(0, sources.Count).Select(source => Enumerable.Range(0, Instruments.Length).Where(i => Instruments[i].Sources.Contains(source)).ToArray())];
        TeamCount = instance.Teams.Count;
        Experiments = [.. instance.Experiments.Select(one => Experiment(one, instance.Proposals[proposals[one.Proposal]], proposals, instruments, teams, Rules.None))];
        Orders = [.. instance.Precedences.Select(order => new OrderData(experiments[order.From], experiments[order.To], order.MinGap, order.ShipSample, order.MaxGap ?? int.MaxValue))];
        var ofExperiment = Enumerable.Range(0, Experiments.Length).Select(_ => new List<OrderData>()).ToArray();
        foreach (var order in Orders)
        {
            ofExperiment[order.From].Add(order);
            if (order.To != order.From) ofExperiment[order.To].Add(order);
        }
        OrdersOf = [.. ofExperiment.Select(orders => orders.ToArray())];

        var started = instance.Started.ToHashSet();
        var rank = Ranks();
        Proposals = [.. instance.Proposals.Select(one =>
        {
            var own = one.Experiments.Select(id => experiments[id]).OrderBy(e => rank[e]).ToArray();
            return new ProposalData
            {
                Id = one.Id, Score = one.Score, Country = one.Country, Started = started.Contains(one.Id),
                Required = [.. own.Where(e => Experiments[e].Required)], Optional = [.. own.Where(e => !Experiments[e].Required)],
            };
        })];
        foreach (var pin in instance.Pinned) Experiments[experiments[pin.Experiment]].Pin = PlaceOf(experiments[pin.Experiment], pin);
    }

    public PlanningInstance Instance { get; }

    public int[][] Travel { get; }

    public int[][] Shipping { get; }

    /// <summary>Units of time that anything can be held in, the way of cells after the horizon included.</summary>
    public int Units { get; }

    public int[][] ContactCapacity { get; }

    public InstrumentData[] Instruments { get; }

    public int[][] SourceUsers { get; }

    public ExperimentData[] Experiments { get; }

    public ProposalData[] Proposals { get; }

    public OrderData[] Orders { get; }

    public OrderData[][] OrdersOf { get; }

    public int TeamCount { get; }

    /// <summary>Per experiment with prices the place that it has in the plan to begin with, which is tried first where none is cheaper; null: there is no such plan.</summary>
    public Place?[]? Homes { get; set; }

    public Dictionary<int, int> InstrumentIndex { get; }

    public Dictionary<int, int> ExperimentIndex { get; }

    public int Lag(OrderData order, int fromSite, int toSite) => order.MinGap + (order.Ship ? Shipping[fromSite][toSite] : 0);

    /// <summary>A placement of a document as a place, whatever rules it breaks; null where its instrument is not one of the experiment's, or its blocks do not lie on slots.</summary>
    public Place? PlaceOf(int experiment, InstancePlacement placement)
    {
        if (!InstrumentIndex.TryGetValue(placement.Instrument, out var instrument) || placement.Blocks.Count == 0) return null;
        var option = Array.Find(Experiments[experiment].Options, one => one.Instrument == instrument);
        if (option is null) return null;
        var data = Instruments[instrument];
        var blocks = new Block[placement.Blocks.Count];
        for (var n = 0; n < blocks.Length; n++)
        {
            if (placement.Blocks[n] is not [var start, var end]) return null;
            var first = Array.BinarySearch(data.SlotStart, start);
            var last = Array.BinarySearch(data.SlotEnd, end);
            if (first < 0 || last < first) return null;
            blocks[n] = new(first, last - first + 1, start, end);
        }
        return new(option, blocks);
    }

    public InstancePlacement Placement(int experiment, Place place) =>
        new(Experiments[experiment].Id, Instruments[place.Instrument].Id, [.. place.Blocks.Select(block => (IReadOnlyList<int>)[block.Start, block.End])]);

    /// <summary>What the proposals would bring that can be placed each for itself: no plan brings more.</summary>
    public long TrivialBound() => Proposals
        .Where(proposal => proposal.Started || !proposal.Required.Any(e => Experiments[e].Hopeless))
        .Sum(proposal => proposal.All.Where(e => !Experiments[e].Hopeless).Sum(e => Math.Max(0, Experiments[e].Most)));

    /// <summary>What the places of a plan cost together.</summary>
    public static long Price(Place?[] plan) => plan.Sum(place => place?.Price ?? 0);

    /// <summary>All options of an experiment as they would be were a family of its own rules not there.</summary>
    /// <param name="reason">Forbidden times with this reason are left out too.</param>
    public Option[] OptionsWithout(int experiment, Rules relaxed, string? reason)
    {
        var one = Instance.Experiments[experiment];
        var proposal = Instance.Proposals[Experiments[experiment].Proposal];
        return [.. one.Instruments.Select(id => Options(one, proposal, InstrumentIndex[id], relaxed, reason))];
    }

    /// <summary>An experiment's blocks for a grant of another size, or on other instruments.</summary>
    public Option[] OptionsOf(int experiment, int shifts, IReadOnlyList<int> instruments)
    {
        var one = Instance.Experiments[experiment] with { Shifts = shifts, MinBlock = Math.Min(shifts, Instance.Experiments[experiment].MinBlock) };
        return [.. instruments.Select(id => Options(one, Instance.Proposals[Experiments[experiment].Proposal], InstrumentIndex[id], Rules.None, null))];
    }

    private ExperimentData Experiment(
        InstanceExperiment one, InstanceProposal proposal, Dictionary<int, int> proposals, Dictionary<int, int> instruments, Dictionary<int, int> teams, Rules relaxed)
    {
        Option[] options = [.. one.Instruments.Select(id => Options(one, proposal, instruments[id], relaxed, null))];
        return new()
        {
            Id = one.Id, Proposal = proposals[one.Proposal], Shifts = one.Shifts, MinBlock = one.MinBlock, MaxBlocks = one.MaxBlocks,
            Team = one.NeedsTeam ? teams[one.Team ?? proposal.Team] : -1, GloveBox = one.GloveBox, Cell = one.CellType ?? -1, Required = one.Required,
            Value = ((one.Required ? 2L : 1L) * proposal.Score * one.Shifts) + one.Bonus, Options = options, Cheap = Cheap(options),
        };
    }

    private static Place[] Cheap(Option[] options)
    {
        if (Array.TrueForAll(options, option => option.Prices is null)) return [];
        var places = options.SelectMany(option => option.Single.Select(block => (Price: option.Price(block.First), Option: option, Block: block))).OrderBy(one => one.Price).ToList();
        if (places.Count == 0) return [];
        var usual = places[places.Count / 2].Price;
        return [.. places.Where(one => one.Price < usual).Take(MostCheap).Select(one => new Place(one.Option, [one.Block]))];
    }

    private Option Options(InstanceExperiment one, InstanceProposal proposal, int instrument, Rules relaxed, string? relaxedReason)
    {
        var data = Instruments[instrument];
        var pad = one.CellType is { } type ? Shipping[Instance.CellTypes[type].HomeSite][data.Site] : 0;
        var able = (data.Quota >= one.Shifts || relaxed.HasFlag(Rules.InstrumentQuota)) && (Instance.Sites[data.Site].ShiftQuota >= one.Shifts || relaxed.HasFlag(Rules.SiteQuota))
            && (one.CellType is not { } cell || Instance.CellTypes[cell].Count > 0 || relaxed.HasFlag(Rules.Cells))
            && (!one.GloveBox || Instance.Sites[data.Site].GloveBoxes > 0 || relaxed.HasFlag(Rules.GloveBox));
        var reach = able ? Reach(one, proposal, data, relaxed, relaxedReason) : new int[data.SlotStart.Length];
        if (!able) Array.Fill(reach, -1);
        var single = new List<Block>();
        for (var first = 0; first + one.Shifts <= reach.Length; first++)
            if (reach[first] >= first + one.Shifts - 1) single.Add(new(first, one.Shifts, data.SlotStart[first], data.SlotEnd[first + one.Shifts - 1]));
        var divisible = one.MaxBlocks > 1 && 2L * one.MinBlock <= one.Shifts;
        var prices = Prices(one, data);
        return new()
        {
            Instrument = instrument, Site = data.Site, Pad = pad, Single = [.. single], Reach = divisible ? reach : [], Prices = prices,
            LeastPrice = prices is null ? 0 : LeastPrice(prices, single, divisible ? reach : [], one.MaxBlocks),
        };
    }

    private static long[]? Prices(InstanceExperiment one, InstrumentData data)
    {
        if (one.Prices.Count == 0) return null;
        var prices = new long[data.SlotStart.Length];
        foreach (var price in one.Prices)
            if (price.Instrument is null || price.Instrument == data.Id)
                for (var slot = 0; slot < prices.Length; slot++)
                    if (price.Start <= data.SlotStart[slot] && data.SlotStart[slot] < price.End) prices[slot] += price.Price;
        return Array.TrueForAll(prices, price => price == 0) ? null : prices;
    }

    private static long LeastPrice(long[] prices, List<Block> single, int[] reach, int blocks)
    {
        // Blocks begin with different slots.
        var starts = Enumerable.Range(0, prices.Length).Where(slot => (reach.Length > 0 && reach[slot] >= slot) || single.Exists(block => block.First == slot)).Select(slot => prices[slot]).Order().ToArray();
        if (starts.Length == 0) return 0;
        return starts[0] >= 0 || reach.Length == 0 ? starts[0] : starts.TakeWhile(price => price < 0).Take(blocks).Sum();
    }

    private int[] Reach(InstanceExperiment one, InstanceProposal proposal, InstrumentData data, Rules relaxed, string? relaxedReason)
    {
        // What no block may touch, ascending and merged: away times of the team and forbidden times.
        List<(int From, int To)> closed = [];
        if (one.NeedsTeam && !relaxed.HasFlag(Rules.TeamAway))
            closed.AddRange(Instance.Teams[teamIndex[one.Team ?? proposal.Team]].Away.Where(away => away[1] > away[0]).Select(away => (away[0], away[1])));
        closed.AddRange(one.Forbidden.Where(forbidden => forbidden.Reason != relaxedReason && forbidden.End > forbidden.Start && (forbidden.Instrument is null || forbidden.Instrument == data.Id)).Select(forbidden => (forbidden.Start, forbidden.End)));
        closed.Sort();
        var contacts = ContactCapacity[data.Contacts];
        var reach = new int[data.SlotStart.Length];
        var last = reach.Length - 1;
        // From the end: a block that begins at a slot reaches as far as the one that begins at the next, unless the slot or the gap between them is closed.
        for (var first = reach.Length - 1; first >= 0; first--)
        {
            var (start, end) = (data.SlotStart[first], data.SlotEnd[first]);
            var windowOk = relaxed.HasFlag(Rules.Window) || (start >= one.Release && end <= one.Due);
            var usable = windowOk && !Touches(start, end) && (relaxed.HasFlag(Rules.Contacts) || Served(start, end));
            if (!usable)
            {
                last = first - 1;
                reach[first] = -1;
                continue;
            }
            if (first + 1 < reach.Length && last > first)
            {
                var next = data.SlotStart[first + 1];
                if ((data.Run[first + 1] != data.Run[first] && !relaxed.HasFlag(Rules.RunLength)) || Touches(end, next) || !(relaxed.HasFlag(Rules.Contacts) || Served(end, next))) last = first;
            }
            else if (last < first) last = first;
            reach[first] = last;
        }
        for (var first = 0; first < reach.Length; first++)
            if (!data.MayStart[first] && !relaxed.HasFlag(Rules.StartShift)) reach[first] = -1;
        return reach;

        bool Touches(int from, int to) => to > from && closed.Exists(interval => from < interval.To && interval.From < to);

        bool Served(int from, int to)
        {
            for (var t = from; t < to; t++)
                if (contacts[t] < 1) return false;
            return true;
        }
    }

    private static IEnumerable<int> Sources(InstanceInstrument one) => (one.SharedSource is { } source ? [source, .. one.MoreSources] : one.MoreSources).Distinct();

    private static InstrumentData Instrument(InstanceInstrument one, Dictionary<int, int> groups, Dictionary<int, int> sources)
    {
        List<int> start = [], end = [];
        List<bool> may = [];
        if (one.Shifts is { } shifts)
            foreach (var shift in shifts)
            {
                start.Add(shift[0]);
                end.Add(shift[1]);
                may.Add(shift.Count < 3 || shift[2] != 0);
            }
        else
            foreach (var open in one.Open)
                for (var t = open[0]; t < open[1]; t++)
                {
                    start.Add(t);
                    end.Add(t + 1);
                    may.Add(one.StartShiftsOfDay.Contains(t % 3));
                }
        var run = new int[start.Count];
        for (var k = 1; k < run.Length; k++) run[k] = run[k - 1] + (start[k] - end[k - 1] > one.BridgeableGap ? 1 : 0);
        return new()
        {
            Id = one.Id, Site = one.Site, Contacts = groups[one.ContactGroup], Sources = [.. Sources(one).Select(source => sources[source])],
            SlotStart = [.. start], SlotEnd = [.. end], MayStart = [.. may], Run = run, Quota = one.ShiftQuota ?? int.MaxValue,
        };
    }

    private static int[] Capacity(InstanceContactGroup group, int horizon)
    {
        var capacity = new int[horizon];
        foreach (var piece in group.Capacity) Array.Fill(capacity, piece[2], piece[0], piece[1] - piece[0]);
        return capacity;
    }

    private int[] Ranks()
    {
        var rank = new int[Experiments.Length];
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var order in Orders)
                if (rank[order.To] <= rank[order.From])
                {
                    rank[order.To] = rank[order.From] + 1;
                    changed = true;
                }
        }
        return rank;
    }

    private static Dictionary<int, int> Index(IEnumerable<int> ids) => ids.Select((id, index) => (id, index)).ToDictionary(pair => pair.id, pair => pair.index);
}
