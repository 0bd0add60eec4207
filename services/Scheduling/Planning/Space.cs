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

    /// <summary>The shifts that it gives: those asked, or fewer where the proposer agrees.</summary>
    public required int Shifts { get; init; }

    /// <summary>What that is worth.</summary>
    public required long Value { get; init; }

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

    /// <summary>Per slot the week in which it begins.</summary>
    public required int[] Week { get; init; }

    public int[][]? SetUpTimes { get; init; }

    public int[][]? SetUpCosts { get; init; }

    /// <summary>Whether any two experiments on it need time, or a change that costs, between them.</summary>
    public bool NeedsSetUp { get; set; }

    public required int Quota { get; init; }

    /// <summary>The most shifts that it can give: its quota or its open time.</summary>
    public int Most => Math.Min(Quota, Run.Length);

    public int Runs => Run.Length == 0 ? 0 : Run[^1] + 1;
}

internal sealed class ExperimentData
{
    public required int Id { get; init; }

    public required int Proposal { get; init; }

    /// <summary>The shifts that it asks for.</summary>
    public required int Shifts { get; init; }

    /// <summary>The fewest that it can be given.</summary>
    public required int Least { get; init; }

    public required int MinBlock { get; init; }

    public required int MaxBlocks { get; init; }

    /// <summary>The team that has to be there, or -1.</summary>
    public required int Team { get; init; }

    public required bool GloveBox { get; init; }

    /// <summary>The type of cell it needs, or -1.</summary>
    public required int Cell { get; init; }

    /// <summary>Whether its proposal is not served without it: required of it, or held together with what is.</summary>
    public required bool Required { get; set; }

    /// <summary>Optional experiments that are placed with it or not at all, itself among them.</summary>
    public required int[] Set { get; set; }

    /// <summary>The sample that it shares with others, or -1.</summary>
    public required int Sample { get; init; }

    public required int Preparation { get; init; }

    public required int Cleaning { get; init; }

    public required int Mode { get; init; }

    /// <summary>What a shift of it is worth.</summary>
    public required long Unit { get; init; }

    /// <summary>What all the shifts that it asks for are worth.</summary>
    public long Value => (Unit * Shifts) + Bonus;

    /// <summary>What it is worth besides, however many shifts it is given.</summary>
    public required long Bonus { get; init; }

    public required Option[] Options { get; init; }

    /// <summary>The places in one block that cost less than most, the cheapest first; empty where all cost the same.</summary>
    public required Place[] Cheap { get; init; }

    /// <summary>The most that it can bring, prices counted.</summary>
    public long Most => Pin is { } pin ? pin.Option.Value - pin.Price
        : Options.Where(option => option.Single.Length > 0 || option.Reach.Length > 0).Select(option => option.Value - option.LeastPrice).DefaultIfEmpty(Value).Max();

    public Place? Pin { get; set; }

    public bool Hopeless => ShownHopeless || (Pin is null && Options.All(option => option.Single.Length == 0 && option.Reach.All(last => last < 0)));

    /// <summary>The exact model has shown that no plan has it together with all that its proposal requires.</summary>
    public bool ShownHopeless { get; set; }
}

internal sealed class ProposalData
{
    public required int Id { get; init; }

    public required int Score { get; init; }

    public required int Country { get; init; }

    /// <summary>What has to be placed for it to be served; the same array for proposals that are served together.</summary>
    public required int[] Required { get; set; }

    public required int[] Optional { get; set; }

    /// <summary>Proposals that are served together, itself among them; the first of them leads.</summary>
    public required int[] Members { get; set; }

    public bool Leads { get; set; } = true;

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
    Order = 1024, Travel = 2048, Occupied = 4096, Source = 8192, Forbidden = 16384, SetUp = 32768, Sample = 65536, Week = 131072,
}

/// <summary>
/// An instance prepared for search: identities turned into indices, instruments cut into slots and runs, and per experiment and instrument all blocks that
/// the experiment's own rules leave.
/// </summary>
internal sealed class Space
{
    private const int MostCheap = 64;

    private readonly Dictionary<int, int> teamIndex;

    public Space(PlanningInstance instance)
    {
        instance = instance.Expanded();
        Instance = instance;
        Weights = instance.Objective.Weights();
        var week = instance.Week ?? 21;
        Weeks = ((instance.Horizon - 1) / week) + 1;
        Weekly = [.. instance.ContactGroups.Select(group => (group.WeeklyShifts ?? group.WeeklyStarts) is null ? null : Enumerable.Repeat((group.WeeklyShifts ?? int.MaxValue, group.WeeklyStarts ?? int.MaxValue), Weeks).ToArray())];
        LimitsWeeks = Weekly.Any(most => most is not null);
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
        CellCapacity = [.. instance.CellTypes.Select(type => Capacity(type, Units))];

        var sources = instance.Instruments.SelectMany(Sources).Distinct().Order().Select((source, index) => (source, index)).ToDictionary(pair => pair.source, pair => pair.index);
        Instruments = [.. instance.Instruments.Select(one => Instrument(one, groups, sources, week))];
        SourceUsers = [.. Enumerable.Range(0, sources.Count).Select(source => Enumerable.Range(0, Instruments.Length).Where(i => Instruments[i].Sources.Contains(source)).ToArray())];
        TeamCount = instance.Teams.Count;
        var samples = Index(instance.Experiments.Where(one => one.Sample is not null).GroupBy(one => one.Sample ?? 0).Where(same => same.Count() > 1).Select(same => same.Key));
        SampleCount = samples.Count;
        Experiments = [.. instance.Experiments.Select(one => Experiment(one, instance.Proposals[proposals[one.Proposal]], proposals, instruments, teams, samples))];
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
                Id = one.Id, Score = one.Score, Country = one.Country, Started = started.Contains(one.Id), Members = [proposals[one.Id]],
                Required = [.. own.Where(e => Experiments[e].Required)], Optional = [.. own.Where(e => !Experiments[e].Required)],
            };
        })];
        foreach (var (instrument, n) in Instruments.Select((one, n) => (one, n)))
            instrument.NeedsSetUp = instrument.SetUpTimes is not null || instrument.SetUpCosts is not null
                || Experiments.Any(data => data.Preparation + data.Cleaning > 0 && data.Options.Any(option => option.Instrument == n));
        NeedsSetUp = Instruments.Any(one => one.NeedsSetUp);
        HasCosts = Weights.Travel > 0 || Weights.EvenLoad > 0 || (Weights.SetUp > 0 && Instruments.Any(one => one.SetUpCosts is not null));
        var pinned = instance.Pinned.Select(pin => experiments[pin.Experiment]).ToHashSet();
        foreach (var group in instance.Together) Join([.. group.Select(id => experiments[id])], rank, pinned);
        foreach (var pin in instance.Pinned) Experiments[experiments[pin.Experiment]].Pin = PlaceOf(experiments[pin.Experiment], pin);
        MakeRoomForPins();
    }

    /// <summary>What is pinned stays, however much it is for those who look after it: a week in which it is more than they do at most takes nothing else.</summary>
    private void MakeRoomForPins()
    {
        if (!LimitsWeeks) return;
        var pinned = new Workload(this);
        foreach (var data in Experiments)
            if (data.Pin is { } place) pinned.Take(place);
        for (var group = 0; group < Weekly.Length; group++)
            if (Weekly[group] is { } most)
                for (var week = 0; week < Weeks; week++) most[week] = (Math.Max(most[week].Shifts, pinned.Shifts(group, week)), Math.Max(most[week].Starts, pinned.Starts(group, week)));
    }

    public PlanningInstance Instance { get; }

    public int[][] Travel { get; }

    public int[][] Shipping { get; }

    /// <summary>Units of time that anything can be held in, the way of cells after the horizon included.</summary>
    public int Units { get; }

    public int[][] ContactCapacity { get; }

    /// <summary>Per type of cell and unit, those that can be used.</summary>
    public int[][] CellCapacity { get; }

    public InstrumentData[] Instruments { get; }

    public int[][] SourceUsers { get; }

    public ExperimentData[] Experiments { get; }

    public ProposalData[] Proposals { get; }

    public OrderData[] Orders { get; }

    public OrderData[][] OrdersOf { get; }

    public int TeamCount { get; }

    public int SampleCount { get; }

    public LayerWeights Weights { get; }

    public int Weeks { get; }

    /// <summary>Per contact group and week the most shifts and the most beginnings; null: the group is not limited.</summary>
    public (int Shifts, int Starts)[]?[] Weekly { get; }

    public bool LimitsWeeks { get; }

    public bool NeedsSetUp { get; }

    /// <summary>Whether what placements cost depends on one another: then a placement can be worth less than nothing.</summary>
    public bool HasCosts { get; }

    /// <summary>Units between the end of a block of one experiment and the start of one of another on an instrument.</summary>
    public int SetUpTime(int instrument, int from, int to) =>
        Experiments[from].Cleaning + Experiments[to].Preparation + (Instruments[instrument].SetUpTimes is { } times ? times[Experiments[from].Mode][Experiments[to].Mode] : 0);

    /// <summary>What the change between them costs, where nothing is between them.</summary>
    public long SetUpCost(int instrument, int from, int to) =>
        from != to && Instruments[instrument].SetUpCosts is { } costs ? costs[Experiments[from].Mode][Experiments[to].Mode] : 0;

    /// <summary>Per experiment with prices the place that it has in the plan to begin with, which is tried first where none is cheaper; null: there is no such plan.</summary>
    public Place?[]? Homes { get; set; }

    public Dictionary<int, int> InstrumentIndex { get; }

    public Dictionary<int, int> ExperimentIndex { get; }

    public int Lag(OrderData order, int fromSite, int toSite) => order.MinGap + (order.Ship ? Shipping[fromSite][toSite] : 0);

    /// <summary>A placement of a document as a place, whatever rules it breaks; null where its instrument is not one of the experiment's, or its blocks do not lie on slots.</summary>
    public Place? PlaceOf(int experiment, InstancePlacement placement)
    {
        if (!InstrumentIndex.TryGetValue(placement.Instrument, out var instrument) || placement.Blocks.Count == 0) return null;
        if (!Array.Exists(Experiments[experiment].Options, one => one.Instrument == instrument)) return null;
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
        return new(OptionOn(experiment, instrument, blocks.Sum(block => block.Slots)), blocks);
    }

    /// <summary>An experiment's option on one of its instruments: the one that gives so many shifts, or else the one that gives all.</summary>
    public Option OptionOn(int experiment, int instrument, int shifts)
    {
        var options = Experiments[experiment].Options;
        return Array.Find(options, one => one.Instrument == instrument && one.Shifts == shifts) ?? Array.Find(options, one => one.Instrument == instrument)
            ?? throw new InvalidOperationException($"Experiment {Experiments[experiment].Id} has no option on instrument {Instruments[instrument].Id}.");
    }

    public InstancePlacement Placement(int experiment, Place place) =>
        new(Experiments[experiment].Id, Instruments[place.Instrument].Id, [.. place.Blocks.Select(block => (IReadOnlyList<int>)[block.Start, block.End])]);

    /// <summary>What the proposals would bring that can be placed each for itself: no plan brings more.</summary>
    public long TrivialBound() => Proposals
        .Where(proposal => proposal.Started || !proposal.Required.Any(e => Experiments[e].Hopeless))
        .Sum(proposal => (proposal.Leads ? proposal.All : proposal.Optional).Where(e => !Experiments[e].Hopeless).Sum(e => Math.Max(0, Experiments[e].Most)));

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
        InstanceExperiment one, InstanceProposal proposal, Dictionary<int, int> proposals, Dictionary<int, int> instruments, Dictionary<int, int> teams, Dictionary<int, int> samples)
    {
        var least = one.ConsentsToFewer ? Math.Min(one.Shifts, one.MinShifts ?? one.Shifts) : one.Shifts;
        Option[] options = [.. Enumerable.Range(0, one.Shifts - least + 1).SelectMany(fewer => one.Instruments.Select(id => Options(one with { Shifts = one.Shifts - fewer }, proposal, instruments[id], Rules.None, null)))];
        return new()
        {
            Id = one.Id, Proposal = proposals[one.Proposal], Shifts = one.Shifts, Least = least, MinBlock = one.MinBlock, MaxBlocks = one.MaxBlocks,
            Team = one.NeedsTeam ? teams[one.Team ?? proposal.Team] : -1, GloveBox = one.GloveBox, Cell = one.CellType ?? -1, Required = one.Required, Set = [ExperimentIndex[one.Id]],
            Sample = one.Sample is { } sample && samples.TryGetValue(sample, out var shared) ? shared : -1, Preparation = one.Preparation, Cleaning = one.Cleaning, Mode = one.Mode ?? -1,
            Unit = UnitOf(one, proposal), Bonus = one.Bonus, Options = options, Cheap = Cheap(options),
        };
    }

    private long UnitOf(InstanceExperiment one, InstanceProposal proposal) => (one.Required ? 2L : 1L) * proposal.Score * Weights.Science;

    /// <summary>Holds experiments together: optional ones of a proposal with each other or with what it requires, proposals by what they require.</summary>
    private void Join(int[] group, int[] rank, HashSet<int> pinned)
    {
        var optional = Array.TrueForAll(group, e => !Experiments[e].Required);
        if (Array.Exists(group, e => Proposals[Experiments[e].Proposal].Started) && !(optional && !Array.Exists(group, pinned.Contains))) return;
        if (optional)
        {
            int[] set = [.. group.SelectMany(e => Experiments[e].Set).Distinct().OrderBy(e => rank[e])];
            foreach (var e in set) Experiments[e].Set = set;
            return;
        }
        int[] members = [.. group.SelectMany(e => Proposals[Experiments[e].Proposal].Members).Distinct().Order()];
        var bound = group.Where(e => !Experiments[e].Required).SelectMany(e => Experiments[e].Set).ToHashSet();
        int[] required = [.. members.SelectMany(p => Proposals[p].Required).Concat(bound).Distinct().OrderBy(e => rank[e])];
        foreach (var e in bound) (Experiments[e].Required, Experiments[e].Set) = (true, [e]);
        foreach (var p in members)
        {
            (Proposals[p].Members, Proposals[p].Required, Proposals[p].Leads) = (members, required, p == members[0]);
            Proposals[p].Optional = [.. Proposals[p].Optional.Where(e => !bound.Contains(e))];
        }
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
            Instrument = instrument, Site = data.Site, Pad = pad, Single = [.. single], Reach = divisible ? reach : [], Prices = prices, Shifts = one.Shifts, Value = (UnitOf(one, proposal) * one.Shifts) + one.Bonus,
            LeastPrice = prices is null ? 0 : LeastPrice(prices, single, divisible ? reach : [], one.MaxBlocks),
        };
    }

    private long[]? Prices(InstanceExperiment one, InstrumentData data)
    {
        if (one.Prices.Count == 0 && one.Preferred.Count == 0) return null;
        var prices = new long[data.SlotStart.Length];
        if (one.Preferred.Count > 0)
            for (var slot = 0; slot < prices.Length; slot++)
                if (!Prefers(one, data.SlotStart[slot])) prices[slot] = Weights.Preference;
        foreach (var price in one.Prices)
            if (price.Instrument is null || price.Instrument == data.Id)
                for (var slot = 0; slot < prices.Length; slot++)
                    if (price.Start <= data.SlotStart[slot] && data.SlotStart[slot] < price.End) prices[slot] += price.Price;
        return Array.TrueForAll(prices, price => price == 0) ? null : prices;
    }

    /// <summary>Whether a block that begins then begins at a time that the experiment prefers; where it prefers none, all are.</summary>
    public static bool Prefers(InstanceExperiment one, int start) => one.Preferred.Count == 0 || one.Preferred.Any(time => time[0] <= start && start < time[1]);

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
            closed.AddRange(Instance.Teams[teamIndex[one.Team ?? proposal.Team]].Away.Select(away => (away[0], away[1])));
        closed.AddRange(one.Forbidden.Where(forbidden => forbidden.Reason != relaxedReason && (forbidden.Instrument is null || forbidden.Instrument == data.Id)).Select(forbidden => (forbidden.Start, forbidden.End)));
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
                if ((data.Run[first + 1] != data.Run[first] && !relaxed.HasFlag(Rules.RunLength)) || Touches(end, next) || Parts(end, next) || !(relaxed.HasFlag(Rules.Contacts) || Served(end, next))) last = first;
            }
            else if (last < first) last = first;
            reach[first] = last;
        }
        for (var first = 0; first < reach.Length; first++)
            if (!data.MayStart[first] && !relaxed.HasFlag(Rules.StartShift)) reach[first] = -1;
        return reach;

        // What lasts no time closes a block in which it lies all the same.
        bool Parts(int end, int next) => closed.Exists(interval => interval.From == interval.To && end <= interval.From && interval.From <= next);

        bool Touches(int from, int to) => to > from && closed.Exists(interval => from < interval.To && interval.From < to);

        bool Served(int from, int to)
        {
            for (var t = from; t < to; t++)
                if (contacts[t] < 1) return false;
            return true;
        }
    }

    private static IEnumerable<int> Sources(InstanceInstrument one) => (one.SharedSource is { } source ? [source, .. one.MoreSources] : one.MoreSources).Distinct();

    private static InstrumentData Instrument(InstanceInstrument one, Dictionary<int, int> groups, Dictionary<int, int> sources, int week)
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
            SlotStart = [.. start], SlotEnd = [.. end], MayStart = [.. may], Run = run, Week = [.. start.Select(t => t / week)],
            SetUpTimes = one.SetUpTimes?.Select(row => row.ToArray()).ToArray(), SetUpCosts = one.SetUpCosts?.Select(row => row.ToArray()).ToArray(), Quota = one.ShiftQuota ?? int.MaxValue,
        };
    }

    private static int[] Capacity(InstanceContactGroup group, int horizon)
    {
        var capacity = new int[horizon];
        foreach (var piece in group.Capacity) Array.Fill(capacity, piece[2], piece[0], piece[1] - piece[0]);
        return capacity;
    }

    private static int[] Capacity(InstanceCellType type, int units)
    {
        var capacity = new int[units + 1];
        foreach (var piece in type.Withdrawn)
        {
            capacity[Math.Clamp(piece[0], 0, units)] -= piece[2];
            capacity[Math.Clamp(piece[1], 0, units)] += piece[2];
        }
        var left = type.Count;
        for (var t = 0; t < units; t++) capacity[t] = Math.Max(0, left += capacity[t]);
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
