using Google.OrTools.Sat;
using Google.OrTools.Util;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// Proposals as a CP-SAT model around a draft that stays as it is: of all proposals around an empty draft, or of some around the rest of a plan. Per block of an
/// experiment one start variable, and per (instrument, run, length) a literal with an optional interval; no-overlap and a sum of shifts per run, cumulative
/// constraints for contacts, glove boxes and cells, lags that depend on the chosen sites, and travel for pairs of a team that no order separates.
/// </summary>
internal sealed partial class ExactModel
{
    /// <summary>Blocks of variable length get a literal per length up to so many literals: a tighter relaxation, but a larger model.</summary>
    private const int MostLengths = 6_000;

    private const int MostDivisions = 3;

    private readonly Space space;
    private readonly Draft around;
    private readonly Pieces?[] pieces;
    private readonly List<(BoolVar Literal, int[] Experiments, long Value)> serving = [];
    private readonly List<(BoolVar Literal, int First, int Second)> turns = [];
    private readonly List<(BoolVar Literal, Part Part, Func<Choice, bool> Which)> groups = [];
    private readonly List<(IntVar Size, int Experiment, int Pad)> held = [];
    private readonly List<(IntVar Short, int Country, long Minimum)> shortfalls = [];
    private readonly Dictionary<(Part, int), List<(int Site, ILiteral[] There)>> sites = [];
    private readonly List<(IntVar Amount, Part Part, Choice Choice)> amounts = [];
    private readonly List<(LinearExpr Given, int Experiment)> grants = [];
    private readonly List<LinearExpr> costs = [];
    private readonly List<(BoolVar Literal, Part Part, Choice Choice, HashSet<int> Starts)> weeks = [];
    private readonly bool everyLength;
    private LinearExpr objective = LinearExpr.Constant(0);

    /// <summary>A way to place a block: on an instrument, in a run, starting in <see cref="Starts"/>. <see cref="Slots"/> is 0 where the block's length is a variable.</summary>
    private sealed record Choice(BoolVar Literal, int Instrument, int Site, int Run, int Slots, int Duration, Domain Starts, int Until, IntervalVar Interval, long Price);

    /// <summary>One block of an experiment; <see cref="Present"/> is what says that it exists.</summary>
    private sealed class Part
    {
        public required int Experiment { get; init; }

        public required int Index { get; init; }

        public required IntVar Start { get; init; }

        public required BoolVar Present { get; init; }

        public bool OwnPresence { get; init; }

        public IntVar? Slots { get; init; }

        public IntVar? Duration { get; init; }

        public List<Choice> Choices { get; } = [];

        /// <summary>The end of a block of variable length.</summary>
        public IntVar? Until { get; init; }

        public LinearExpr End => Until is not null ? Until + 0
            : Choices.TrueForAll(choice => choice.Duration == Choices[0].Duration) ? Start + Choices[0].Duration
            : Start + LinearExpr.WeightedSum(Choices.Select(choice => choice.Literal), Choices.Select(choice => (long)choice.Duration));
    }

    private sealed class Pieces
    {
        public required BoolVar Placed { get; init; }

        public List<Part> Parts { get; } = [];

        /// <summary>Where there are several blocks: no earlier than the end of the last one.</summary>
        public IntVar? Last { get; set; }

        public LinearExpr End => Last is not null ? Last + 0 : Parts[0].End;

        /// <summary>The shifts that it is given, where these can be fewer than asked; else null.</summary>
        public LinearExpr? Granted { get; set; }
    }

    /// <param name="around">What stays; none of the free proposals is in it.</param>
    public ExactModel(Space space, Draft around, IReadOnlyList<int> free)
    {
        this.space = space;
        this.around = around;
        pieces = new Pieces?[space.Experiments.Length];
        everyLength = LengthsOf(free) <= MostLengths || space.LimitsWeeks || space.Weights.EvenLoad > 0;
        foreach (var p in free) AddProposal(space.Proposals[p]);
        OneAtATime();
        Contacts();
        ContactClusters();
        GloveBoxes();
        Cells();
        Quotas();
        OrderAndGaps();
        Teams();
        Samples();
        Trips();
        SetUpsBetween();
        Weeks();
        Objective();
    }

    public CpModel Model { get; } = new();

    public int Choices { get; private set; }

    /// <summary>Ask only for plans that serve a proposal; false: there is none.</summary>
    public bool Require(ProposalData proposal)
    {
        if (serving.Find(one => ReferenceEquals(one.Experiments, proposal.Required)).Literal is not { } literal) return false;
        Model.Add(literal == 1);
        return true;
    }

    /// <summary>Ask only for plans worth at least this.</summary>
    public void AtLeast(long value) => Model.Add(objective >= value - Fixed);

    public void AtMost(long value) => Model.Add(objective <= value - Fixed);

    /// <summary>Ask only for plans in which all these experiments of the free proposals have a place.</summary>
    public void Require(IReadOnlyList<int> experiments)
    {
        foreach (var e in experiments)
            if (pieces[e] is { } piece) Model.Add(piece.Placed == 1);
            else Model.AddBoolOr(Array.Empty<ILiteral>());
    }

    /// <summary>What the draft around is worth: to be added to the model's objective.</summary>
    public long Fixed { get; private set; }

    /// <summary>Gives the solver a complete plan to start from.</summary>
    public void Hint(Place?[] plan)
    {
        Model.ClearHints();
        // Equal constants, as of pins, are one variable.
        var hinted = new HashSet<int>();
        var country = new long[space.Instance.Countries.Count];
        for (var e = 0; e < pieces.Length; e++)
        {
            var place = plan[e] ?? around[e];
            if (place is not null) country[space.Proposals[space.Experiments[e].Proposal].Country] += place.Option.Shifts;
            if (pieces[e] is not { } piece) continue;
            for (var n = 0; n < piece.Parts.Count; n++)
            {
                var part = piece.Parts[n];
                var block = plan[e] is { } there && n < there.Blocks.Length ? there.Blocks[n] : (Block?)null;
                if (part.OwnPresence) Hint(part.Present, block is null ? 0 : 1);
                Choice? chosen = null;
                foreach (var choice in part.Choices)
                {
                    var here = chosen is null && block is { } it && plan[e] is { } at && Chosen(choice, at, it);
                    if (here) chosen = choice;
                    Hint(choice.Literal, here ? 1 : 0);
                }
                var start = block?.Start ?? part.Start.Domain.Min();
                Hint(part.Start, start);
                if (part.Until is { } until) Hint(until, block?.End ?? start);
                if (part.Slots is { } slots) Hint(slots, block?.Slots ?? 0);
                if (part.Duration is { } duration) Hint(duration, block is { } b ? b.End - b.Start : 0);
            }
            if (piece.Last is { } last) Hint(last, plan[e] is { } whole ? whole.End : last.Domain.Min());
        }
        foreach (var (literal, experiments, _) in serving) Hint(literal, Array.TrueForAll(experiments, e => plan[e] is not null) ? 1 : 0);
        foreach (var (literal, part, which) in groups)
            Hint(literal, plan[part.Experiment] is { } place && part.Index < place.Blocks.Length && part.Choices.Exists(choice => which(choice) && Chosen(choice, place, place.Blocks[part.Index])) ? 1 : 0);
        foreach (var (literal, first, second) in turns)
            Hint(literal, plan[first] is { } one && plan[second] is { } other && one.Start > other.Start ? 0 : 1);
        foreach (var (literal, part, choice, starts) in weeks)
            Hint(literal, plan[part.Experiment] is { } place && part.Index < place.Blocks.Length && Chosen(choice, place, place.Blocks[part.Index]) && starts.Contains(place.Blocks[part.Index].Start) ? 1 : 0);
        foreach (var (amount, part, choice) in amounts)
            Hint(amount, plan[part.Experiment] is { } place && part.Index < place.Blocks.Length && Chosen(choice, place, place.Blocks[part.Index]) ? place.Blocks[part.Index].Slots : 0);
        foreach (var (size, e, pad) in held) Hint(size, plan[e] is { } place ? place.End - place.Start + (2 * pad) : 0);
        foreach (var (shortfall, c, minimum) in shortfalls) Hint(shortfall, Math.Max(0, minimum - country[c]));

        void Hint(IntVar variable, long value)
        {
            if (hinted.Add(variable.Index)) Model.AddHint(variable, value);
        }
    }

    /// <summary>The places of a solution of the model.</summary>
    public Place?[] Read(Func<IntVar, long> value)
    {
        var plan = new Place?[pieces.Length];
        for (var e = 0; e < pieces.Length; e++)
        {
            if (pieces[e] is not { } piece) continue;
            List<Block> blocks = [];
            var instrument = -1;
            foreach (var part in piece.Parts)
                foreach (var choice in part.Choices)
                    if (value(choice.Literal) != 0)
                    {
                        instrument = choice.Instrument;
                        var data = space.Instruments[choice.Instrument];
                        var first = Array.BinarySearch(data.SlotStart, (int)value(part.Start));
                        var slots = choice.Slots > 0 ? choice.Slots : part.Slots is { } count ? (int)value(count) : 0;
                        blocks.Add(new(first, slots, data.SlotStart[first], data.SlotEnd[first + slots - 1]));
                        break;
                    }
            if (blocks.Count > 0) plan[e] = new(space.OptionOn(e, instrument, blocks.Sum(block => block.Slots)), [.. blocks]);
        }
        return plan;
    }

    private static bool Chosen(Choice choice, Place place, Block block) =>
        choice.Instrument == place.Instrument && choice.Starts.Contains(block.Start)
        && (choice.Slots == 0 ? block.End <= choice.Until && place.Blocks.Length > 1 : choice.Slots == block.Slots && choice.Duration == block.End - block.Start);

    private void AddProposal(ProposalData proposal)
    {
        var options = space.Experiments;
        if (proposal.Started)
            foreach (var set in Sets(proposal.All)) AddServing(set, null);
        else if (proposal.Required.Length == 0)
            foreach (var set in Sets(proposal.Optional)) AddServing(set, null);
        else if (proposal.Leads && !Array.Exists(proposal.Required, e => options[e].Hopeless))
        {
            int[] optionals = [.. proposal.Members.SelectMany(p => space.Proposals[p].Optional)];
            var all = AddServing(proposal.Required, optionals);
            foreach (var set in Sets(optionals)) Model.AddImplication(AddServing(set, null), all);
        }

        IEnumerable<int[]> Sets(IEnumerable<int> experiments) => experiments.Select(e => options[e].Set).Distinct();
    }

    private BoolVar AddServing(int[] experiments, int[]? optionals)
    {
        var literal = Model.NewBoolVar($"serve{serving.Count}");
        serving.Add((literal, experiments, experiments.Sum(e => space.Experiments[e].Pin?.Option.Value ?? space.Experiments[e].Value)));
        foreach (var e in experiments) AddExperiment(e, literal);
        if (optionals is not null && Array.Exists(optionals, e => space.Experiments[e].Pin is not null)) Model.Add(literal == 1);
        return literal;
    }

    private void AddExperiment(int e, BoolVar placed)
    {
        var data = space.Experiments[e];
        if (data.Pin is { } pin)
        {
            Model.Add(placed == 1);
            AddPinned(e, pin, placed);
            return;
        }
        // (instrument, run, slots, duration, price) -> starts
        var single = new Dictionary<(int, int, int, int, long), List<long>>();
        foreach (var option in data.Options)
            foreach (var block in option.Single)
                if (around.Broken(e, new(option, [block])) == Rules.None)
                    Add(single, (option.Instrument, space.Instruments[option.Instrument].Run[block.First], block.Slots, block.End - block.Start, option.Price(block.First)), block.Start);
        var segments = data.Options.Any(option => option.Reach.Length > 0) ? Segments(e) : [];
        if (single.Count == 0 && segments.Count == 0)
        {
            Model.Add(placed == 0);
            return;
        }

        var piece = new Pieces { Placed = placed };
        pieces[e] = piece;
        var starts = single.Values.SelectMany(list => list).Concat(segments.SelectMany(segment => segment.Starts)).Distinct().Order().ToArray();
        var manifold = segments.Count > 0;
        var first = new Part
        {
            Experiment = e, Index = 0, Present = placed, Start = Model.NewIntVarFromDomain(Domain.FromValues(starts), $"s{e}"),
            Slots = manifold ? Model.NewIntVar(0, data.Shifts, $"n{e}") : null, Duration = manifold ? Model.NewIntVar(0, Longest(single, segments), $"d{e}") : null,
            Until = manifold ? Model.NewIntVar(0, space.Instance.Horizon, $"u{e}") : null,
        };
        piece.Parts.Add(first);
        foreach (var ((instrument, run, slots, duration, price), list) in single) AddChoice(first, instrument, run, slots, duration, Domain.FromValues([.. list]), price);
        var whole = first.Choices.Count;
        if (!manifold)
        {
            Model.AddExactlyOne([.. first.Choices.Select(choice => (ILiteral)choice.Literal), placed.Not()]);
            if (data.Least < data.Shifts) Grant(piece, e, LinearExpr.WeightedSum(first.Choices.Select(choice => choice.Literal), first.Choices.Select(choice => (long)choice.Slots)));
            return;
        }

        piece.Last = Model.NewIntVar(0, space.Instance.Horizon, $"last{e}");
        var parts = Math.Min(data.MaxBlocks, data.Shifts / data.MinBlock);
        for (var n = 1; n < parts; n++)
        {
            var present = Model.NewBoolVar($"b{e}.{n}");
            piece.Parts.Add(new()
            {
                Experiment = e, Index = n, Present = present, OwnPresence = true, Start = Model.NewIntVarFromDomain(Domain.FromValues([.. segments.SelectMany(segment => segment.Starts).Distinct().Order()]), $"s{e}.{n}"),
                Slots = Model.NewIntVar(0, data.Shifts - data.MinBlock, $"n{e}.{n}"), Duration = Model.NewIntVar(0, Longest([], segments), $"d{e}.{n}"),
                Until = Model.NewIntVar(0, space.Instance.Horizon, $"u{e}.{n}"),
            });
        }
        foreach (var part in piece.Parts)
        {
            foreach (var segment in segments) AddChoice(part, segment.Instrument, segment.Run, segment.Slots, segment.Duration, Domain.FromValues([.. segment.Starts]), segment.Price, segment.Until);
            Model.AddExactlyOne([.. part.Choices.Select(choice => (ILiteral)choice.Literal), part.Present.Not()]);
            if (part.Slots is { } slots && part.Duration is { } duration && part.Until is { } until)
            {
                Model.Add(until == part.Start + duration);
                Model.Add(slots == 0).OnlyEnforceIf(part.Present.Not());
                Model.Add(duration == 0).OnlyEnforceIf(part.Present.Not());
                if (data.Least >= data.MinBlock) Model.Add(LinearExpr.Affine(slots, 1, -data.MinBlock) >= 0).OnlyEnforceIf(part.Present);
                foreach (var choice in part.Choices)
                    if (choice.Slots == 0)
                    {
                        Model.Add(slots == duration).OnlyEnforceIf(choice.Literal);
                        if (data.Least < data.MinBlock) Model.Add(LinearExpr.Affine(slots, 1, -data.MinBlock) >= 0).OnlyEnforceIf(choice.Literal);
                    }
                    else
                    {
                        Model.Add(slots == choice.Slots).OnlyEnforceIf(choice.Literal);
                        Model.Add(duration == choice.Duration).OnlyEnforceIf(choice.Literal);
                    }
            }
            Model.Add(piece.Last >= part.End).OnlyEnforceIf(part.Present);
            Amounts(part, data);
        }
        var total = LinearExpr.Sum(piece.Parts.Select(part => part.Slots ?? throw new InvalidOperationException("A part without a length.")));
        if (data.Least == data.Shifts) Model.Add(total == data.Shifts * placed);
        else
        {
            Model.Add(total <= data.Shifts * placed);
            Model.Add(total >= data.Least * placed);
            Grant(piece, e, total);
        }
        // One block alone is one of the whole ones; otherwise all blocks are on one instrument, in order.
        var divided = first.Choices.Skip(whole).ToList();
        for (var n = 1; n < parts; n++)
        {
            var (before, part) = (piece.Parts[n - 1], piece.Parts[n]);
            if (n > 1) Model.AddImplication(part.Present, before.Present);
            Model.Add(part.Start >= before.End).OnlyEnforceIf(part.Present);
            foreach (var instrument in part.Choices.Select(choice => choice.Instrument).Distinct())
            {
                var here = LinearExpr.Sum(part.Choices.Where(choice => choice.Instrument == instrument).Select(choice => choice.Literal));
                var there = LinearExpr.Sum((n == 1 ? divided : before.Choices).Where(choice => choice.Instrument == instrument).Select(choice => choice.Literal));
                if (n == 1) Model.Add(here == there);
                else Model.Add(here <= there);
            }
        }
    }

    private void Grant(Pieces piece, int e, LinearExpr given)
    {
        piece.Granted = given;
        grants.Add((given, e));
    }

    /// <summary>Where lengths are variables: how many slots a part has in each stretch, so that the sum per run is linear.</summary>
    private void Amounts(Part part, ExperimentData data)
    {
        var variable = part.Choices.Where(choice => choice.Slots == 0).ToList();
        if (variable.Count == 0 || part.Slots is not { } slots) return;
        var terms = new List<LinearExpr>();
        foreach (var choice in variable)
        {
            var amount = Model.NewIntVar(0, data.Shifts - data.MinBlock, "a");
            Model.Add(amount <= (data.Shifts - data.MinBlock) * choice.Literal);
            Model.Add(amount >= data.MinBlock * choice.Literal);
            amounts.Add((amount, part, choice));
            terms.Add(amount);
        }
        foreach (var choice in part.Choices.Where(choice => choice.Slots > 0)) terms.Add(choice.Slots * choice.Literal);
        Model.Add(LinearExpr.Sum(terms) == slots);
    }

    private void AddPinned(int e, Place pin, BoolVar placed)
    {
        var piece = new Pieces { Placed = placed };
        pieces[e] = piece;
        for (var n = 0; n < pin.Blocks.Length; n++)
        {
            var block = pin.Blocks[n];
            var part = new Part { Experiment = e, Index = n, Present = placed, Start = Model.NewConstant(block.Start) };
            piece.Parts.Add(part);
            AddChoice(part, pin.Instrument, space.Instruments[pin.Instrument].Run[block.First], block.Slots, block.End - block.Start, new Domain(block.Start), pin.Option.Price(block.First));
            Model.Add(part.Choices[0].Literal == 1);
        }
        if (pin.Blocks.Length > 1) piece.Last = Model.NewConstant(pin.End);
    }

    /// <param name="slots">0: the length is the part's variable, and the block ends by <paramref name="until"/>.</param>
    private void AddChoice(Part part, int instrument, int run, int slots, int duration, Domain starts, long price, int until = 0)
    {
        var literal = Model.NewBoolVar($"c{part.Experiment}.{part.Choices.Count}");
        var interval = slots > 0 ? Model.NewOptionalFixedSizeIntervalVar(part.Start, duration, literal, "i")
            : Model.NewOptionalIntervalVar(part.Start, part.Duration ?? throw new InvalidOperationException("A part without a length."), part.End, literal, "i");
        if (!part.Start.Domain.FlattenedIntervals().AsSpan().SequenceEqual(starts.FlattenedIntervals())) Model.AddLinearExpressionInDomain(part.Start, starts).OnlyEnforceIf(literal);
        if (slots == 0) Model.Add(part.End <= until).OnlyEnforceIf(literal);
        part.Choices.Add(new(literal, instrument, space.Instruments[instrument].Site, run, slots, duration, starts, until, interval, price));
        Choices++;
    }

    private sealed record Segment(int Instrument, int Run, int Slots, int Duration, List<long> Starts, int Until, long Price);

    /// <summary>Stretches in which blocks of an experiment in several blocks may lie: whole ones where every slot is one unit, else one per length.</summary>
    private List<Segment> Segments(int e)
    {
        var data = space.Experiments[e];
        var found = new List<Segment>();
        foreach (var option in data.Options.Where(option => option.Reach.Length > 0 && around.Affords(e, option)).DistinctBy(option => option.Instrument))
        {
            if (around.IsHeldBack(e, option.Site)) continue;
            var instrument = space.Instruments[option.Instrument];
            var reach = around.Reach(e, option);
            var byLength = new Dictionary<(int Run, int Slots, int Duration, long Price), List<long>>();
            for (var first = 0; first < reach.Length;)
            {
                if (reach[first] < first)
                {
                    first++;
                    continue;
                }
                var last = reach[first];
                var regular = !everyLength && instrument.SlotEnd[last] - instrument.SlotStart[first] == last - first + 1;
                var starts = new SortedDictionary<long, List<long>>();
                var next = first;
                for (; next <= last; next++)
                {
                    if (reach[next] < next) continue;
                    if (reach[next] != last) break;
                    if (next + data.MinBlock - 1 > last) continue;
                    if (regular)
                    {
                        Add(starts, option.Price(next), instrument.SlotStart[next]);
                        continue;
                    }
                    for (var slots = data.MinBlock; slots <= data.Shifts - data.MinBlock && next + slots - 1 <= last; slots++)
                        Add(byLength, (instrument.Run[next], slots, instrument.SlotEnd[next + slots - 1] - instrument.SlotStart[next], option.Price(next)), instrument.SlotStart[next]);
                }
                foreach (var (price, list) in starts) found.Add(new(option.Instrument, instrument.Run[first], 0, 0, list, instrument.SlotEnd[last], price));
                first = Math.Max(next, first + 1);
            }
            foreach (var ((run, slots, duration, price), starts) in byLength) found.Add(new(option.Instrument, run, slots, duration, starts, 0, price));
        }
        return found;
    }

    private int LengthsOf(IReadOnlyList<int> free) => free.SelectMany(p => space.Proposals[p].All).Select(e => space.Experiments[e])
        .Sum(data => data.Options.Where(option => option.Reach.Length > 0).Sum(option => space.Instruments[option.Instrument].Runs) * Math.Max(0, data.Shifts - (2 * data.MinBlock) + 1) * 2);

    private static void Add<TKey, TValue>(IDictionary<TKey, List<TValue>> lists, TKey key, TValue value) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists[key] = list = [];
        list.Add(value);
    }

    private static int Longest(Dictionary<(int, int, int, int Duration, long), List<long>> single, List<Segment> segments)
    {
        var longest = single.Keys.Select(key => key.Duration).DefaultIfEmpty(0).Max();
        foreach (var segment in segments) longest = Math.Max(longest, segment.Slots > 0 ? segment.Duration : segment.Until - (int)segment.Starts[0]);
        return longest;
    }

    private IEnumerable<(Part Part, Choice Choice)> All() =>
        pieces.Where(piece => piece is not null).SelectMany(piece => piece?.Parts ?? []).SelectMany(part => part.Choices.Select(choice => (part, choice)));

    private void OneAtATime()
    {
        var amount = amounts.ToDictionary(one => one.Choice, one => one.Amount);
        foreach (var run in All().GroupBy(one => (one.Choice.Instrument, one.Choice.Run)))
        {
            var there = run.ToList();
            if (there.DistinctBy(one => (one.Part.Experiment, one.Part.Index)).Count() > 1) Model.AddNoOverlap(there.Select(one => one.Choice.Interval));
            var capacity = around.FreeSlots(run.Key.Instrument, run.Key.Run);
            var fixedOnes = there.Where(one => one.Choice.Slots > 0).ToList();
            var variable = there.Where(one => one.Choice.Slots == 0).ToList();
            var most = fixedOnes.Sum(one => one.Choice.Slots) + variable.Sum(one => space.Experiments[one.Part.Experiment].Shifts);
            if (most > capacity)
                Model.Add(LinearExpr.Sum([LinearExpr.WeightedSum(fixedOnes.Select(one => one.Choice.Literal), fixedOnes.Select(one => (long)one.Choice.Slots)),
                    .. variable.Select(one => amount[one.Choice] + 0)]) <= capacity);
            for (var k = 1; k <= MostDivisions; k++) RunCuts.Divide(Model, [.. there.Select(one => (one.Choice.Literal, one.Choice.Slots > 0 ? one.Choice.Slots : space.Experiments[one.Part.Experiment].MinBlock))], capacity, k);
        }
        foreach (var users in space.SourceUsers.Where(users => users.Length > 1))
        {
            var intervals = All().Where(one => Array.IndexOf(users, one.Choice.Instrument) >= 0).ToList();
            if (intervals.DistinctBy(one => one.Part.Experiment).Count() > 1) Model.AddNoOverlap(intervals.Select(one => one.Choice.Interval));
        }
    }

    /// <summary>
    /// The choices of a part, grouped: per group a literal that one of them is taken, and their common duration (null: the part's variable). Where one group has all
    /// choices the literal is that of the part.
    /// </summary>
    private IEnumerable<(TKey Key, ILiteral Literal, int? Duration)> Grouped<TKey>(Part part, Func<Choice, TKey> key) where TKey : notnull
    {
        var byKey = part.Choices.GroupBy(choice => (Key: key(choice), Duration: part.Duration is null ? choice.Duration : -1)).ToList();
        foreach (var group in byKey)
        {
            var members = group.ToList();
            ILiteral literal;
            if (byKey.Count == 1) literal = part.Present;
            else if (members.Count == 1) literal = members[0].Literal;
            else
            {
                var any = Model.NewBoolVar("g");
                Model.Add(LinearExpr.Sum(members.Select(choice => choice.Literal)) == any);
                var set = members.ToHashSet();
                groups.Add((any, part, set.Contains));
                literal = any;
            }
            yield return (group.Key.Key, literal, group.Key.Duration < 0 ? null : group.Key.Duration);
        }
    }

    private IntervalVar Interval(Part part, ILiteral literal, int? duration, int before) => duration is { } length
        ? Model.NewOptionalFixedSizeIntervalVar(part.Start - before, length + before, literal, "r")
        : Model.NewOptionalIntervalVar(part.Start - before, (part.Duration ?? throw new InvalidOperationException("A part without a length.")) + before, part.End, literal, "r");

    private IEnumerable<Part> Parts() => pieces.SelectMany(piece => piece?.Parts ?? []);

    private void Contacts()
    {
        var demands = new Dictionary<int, List<(IntervalVar Interval, int Instruments)>>();
        var instruments = Enumerable.Range(0, space.Instruments.Length).GroupBy(i => space.Instruments[i].Contacts).ToDictionary(group => group.Key, group => group.Count());
        var tight = space.ContactCapacity.Select((capacity, group) => instruments.TryGetValue(group, out var count) && Array.Exists(capacity, n => n > 0 && n < count)).ToArray();
        foreach (var part in Parts())
            foreach (var (group, literal, duration) in Grouped(part, choice => tight[space.Instruments[choice.Instrument].Contacts] ? space.Instruments[choice.Instrument].Contacts : -1))
            {
                if (group < 0) continue;
                if (!demands.TryGetValue(group, out var list)) demands[group] = list = [];
                list.Add((Interval(part, literal, duration, 0), 0));
            }
        foreach (var (group, list) in demands) Cumulative([.. list.Select(one => one.Interval)], around.ContactsLeft(group), space.Instance.Horizon);
    }

    /// <summary>Runs of a group of contacts that overlap in time: together they cannot give more shifts than their contacts can serve.</summary>
    private void ContactClusters()
    {
        var amount = amounts.ToDictionary(one => one.Choice, one => one.Amount);
        foreach (var group in All().GroupBy(one => space.Instruments[one.Choice.Instrument].Contacts))
        {
            var left = around.ContactsLeft(group.Key);
            var runs = group.GroupBy(one => (one.Choice.Instrument, one.Choice.Run)).Select(run => (Run: run.ToList(), Span: Span(run.Key.Instrument, run.Key.Run))).OrderBy(run => run.Span).ToList();
            for (var n = 0; n < runs.Count;)
            {
                var (first, end) = (n, runs[n].Span.To);
                for (n++; n < runs.Count && runs[n].Span.From < end; n++) end = Math.Max(end, runs[n].Span.To);
                if (n - first < 2) continue;
                var there = runs[first..n];
                var (open, served) = (0L, 0L);
                for (var t = there[0].Span.From; t < end; t++)
                {
                    var instruments = there.Count(run => Covers(run.Run[0].Choice.Instrument, run.Run[0].Choice.Run, t));
                    open += instruments;
                    served += Math.Min(instruments, left(t));
                }
                if (served >= open) continue;
                var choices = there.SelectMany(run => run.Run).ToList();
                var fixedOnes = choices.Where(one => one.Choice.Slots > 0).ToList();
                Model.Add(LinearExpr.Sum([LinearExpr.WeightedSum(fixedOnes.Select(one => one.Choice.Literal), fixedOnes.Select(one => (long)one.Choice.Duration)),
                    .. choices.Where(one => one.Choice.Slots == 0).Select(one => amount[one.Choice] + 0)]) <= served);
            }
        }

        (int From, int To) Span(int instrument, int run)
        {
            var data = space.Instruments[instrument];
            return (data.SlotStart[Array.IndexOf(data.Run, run)], data.SlotEnd[Array.LastIndexOf(data.Run, run)]);
        }

        bool Covers(int instrument, int run, int t)
        {
            var (from, to) = Span(instrument, run);
            return from <= t && t < to;
        }
    }

    private void GloveBoxes()
    {
        var demands = new Dictionary<int, List<IntervalVar>>();
        foreach (var part in Parts().Where(part => space.Experiments[part.Experiment].GloveBox))
            foreach (var (site, literal, duration) in Grouped(part, choice => choice.Site))
            {
                if (!demands.TryGetValue(site, out var list)) demands[site] = list = [];
                list.Add(Interval(part, literal, duration, 1));
            }
        foreach (var (site, list) in demands) Cumulative(list, around.GlovesLeft(site), space.Units);
    }

    private void Cells()
    {
        var demands = new Dictionary<int, List<IntervalVar>>();
        for (var e = 0; e < pieces.Length; e++)
        {
            if (pieces[e] is not { } piece || space.Experiments[e].Cell is not (>= 0 and var cell)) continue;
            if (!demands.TryGetValue(cell, out var list)) demands[cell] = list = [];
            var options = space.Experiments[e].Options;
            foreach (var (pad, literal, duration) in Grouped(piece.Parts[0], choice => Array.Find(options, option => option.Instrument == choice.Instrument)?.Pad ?? 0))
            {
                var from = piece.Parts[0].Start - pad;
                if (piece.Last is null && duration is { } length) list.Add(Model.NewOptionalFixedSizeIntervalVar(from, length + (2 * pad), literal, "cell"));
                else
                {
                    var size = Model.NewIntVar(0, space.Units + (2 * pad), "held");
                    held.Add((size, e, pad));
                    list.Add(Model.NewOptionalIntervalVar(from, size, piece.End + pad, literal, "cell"));
                }
            }
        }
        foreach (var (cell, list) in demands) Cumulative(list, around.CellsLeft(cell), space.Units);
    }

    /// <summary>At most as many intervals at once as are left; what is missing to the most stands as fixed intervals.</summary>
    private void Cumulative(List<IntervalVar> intervals, Func<int, int> left, int units)
    {
        var most = 1;
        for (var t = 0; t < units; t++) most = Math.Max(most, left(t));
        List<(int From, int To, int Missing)> missing = [];
        for (var t = 0; t < units;)
        {
            var (from, n) = (t, most - left(t));
            while (t < units && most - left(t) == n) t++;
            if (n > 0) missing.Add((from, t, n));
        }
        if (missing.Count == 0 && intervals.Count <= most) return;
        if (most <= 1)
        {
            // What cannot run at all has been left out of the starts already, apart from the way of cells.
            Model.AddNoOverlap([.. intervals, .. missing.Select(piece => Model.NewFixedSizeIntervalVar(piece.From, piece.To - piece.From, "none"))]);
            return;
        }
        var cumulative = Model.AddCumulative(most);
        foreach (var interval in intervals) cumulative.AddDemand(interval, 1);
        foreach (var (from, to, n) in missing) cumulative.AddDemand(Model.NewFixedSizeIntervalVar(from, to - from, "less"), n);
    }

    private void Quotas()
    {
        var amount = amounts.ToDictionary(one => one.Choice, one => one.Amount);
        var byInstrument = new Dictionary<int, List<(IntVar Given, int Times, int Most)>>();
        var bySite = new Dictionary<int, List<(IntVar Given, int Times, int Most)>>();
        foreach (var (part, choice) in All())
        {
            var shifts = space.Experiments[part.Experiment].Shifts;
            (IntVar, int, int) given;
            if (pieces[part.Experiment]?.Granted is null)
            {
                if (part.Index > 0) continue;
                var all = space.Experiments[part.Experiment].Pin?.Option.Shifts ?? shifts;
                given = (choice.Literal, all, all);
            }
            else given = choice.Slots > 0 ? (choice.Literal, choice.Slots, choice.Slots) : (amount[choice], 1, shifts);
            Add(byInstrument, choice.Instrument, given);
            Add(bySite, choice.Site, given);
        }
        foreach (var (instrument, list) in byInstrument) Limit(list, around.InstrumentLeft(instrument));
        foreach (var (site, list) in bySite) Limit(list, around.SiteLeft(site));

        void Limit(List<(IntVar Given, int Times, int Most)> list, int left)
        {
            if (list.Sum(one => (long)one.Most) > left) Model.Add(LinearExpr.WeightedSum(list.Select(one => one.Given), list.Select(one => (long)one.Times)) <= left);
        }
    }

    private void OrderAndGaps()
    {
        foreach (var order in space.Orders)
        {
            if (pieces[order.From] is not { } from || pieces[order.To] is not { } to) continue;
            var start = to.Parts[0].Start;
            var (fromSites, toSites) = (Sites(from.Parts[0]), Sites(to.Parts[0]));
            var least = fromSites.Min(a => toSites.Min(b => space.Lag(order, a.Site, b.Site)));
            ILiteral[] both = [from.Placed, to.Placed];
            foreach (var part in from.Parts)
            {
                ILiteral[] present = part.Index == 0 ? both : [.. both, part.Present];
                Model.Add(start >= part.End + least).OnlyEnforceIf(present);
                foreach (var a in fromSites)
                    foreach (var b in toSites)
                        if (space.Lag(order, a.Site, b.Site) is var lag && lag > least)
                            Model.Add(start >= part.End + lag).OnlyEnforceIf([.. present, .. a.There, .. b.There]);
            }
            if (order.MaxGap < int.MaxValue) AtMostAfter(order, from, to);
        }
    }

    /// <summary>The start is at most the largest gap after the end of the last block, which is the end of some block.</summary>
    private void AtMostAfter(OrderData order, Pieces from, Pieces to)
    {
        var start = to.Parts[0].Start;
        if (from.Parts.Count == 1)
        {
            Model.Add(start <= from.End + order.MaxGap).OnlyEnforceIf([from.Placed, to.Placed]);
            return;
        }
        for (var n = 0; n < from.Parts.Count; n++)
        {
            ILiteral[] last = n + 1 < from.Parts.Count ? [from.Placed, to.Placed, from.Parts[n].Present, from.Parts[n + 1].Present.Not()] : [from.Placed, to.Placed, from.Parts[n].Present];
            Model.Add(start <= from.Parts[n].End + order.MaxGap).OnlyEnforceIf(last);
        }
    }

    private void Teams()
    {
        var teams = Enumerable.Range(0, pieces.Length).Where(e => pieces[e] is not null && space.Experiments[e].Team >= 0).GroupBy(e => space.Experiments[e].Team);
        foreach (var team in teams.Select(group => group.ToArray()).Where(group => group.Length > 1))
        {
            Model.AddNoOverlap(team.SelectMany(e => pieces[e]?.Parts ?? []).SelectMany(part => part.Choices).Select(choice => choice.Interval));
            for (var i = 0; i < team.Length; i++)
                for (var j = i + 1; j < team.Length; j++)
                    AddWays(team[i], team[j], space.Travel);
        }
    }

    /// <summary>Experiments with the same sample: as those of one team, but the sample goes its own ways.</summary>
    private void Samples()
    {
        var samples = Enumerable.Range(0, pieces.Length).Where(e => pieces[e] is not null && space.Experiments[e].Sample >= 0).GroupBy(e => space.Experiments[e].Sample);
        foreach (var sample in samples.Select(group => group.ToArray()).Where(group => group.Length > 1))
        {
            // Blocks of one experiment are in order already.
            Model.AddNoOverlap(sample.SelectMany(e => pieces[e]?.Parts ?? []).SelectMany(part => part.Choices).Select(choice => choice.Interval));
            for (var i = 0; i < sample.Length; i++)
                for (var j = i + 1; j < sample.Length; j++)
                    AddWays(sample[i], sample[j], space.Shipping);
        }
    }

    private void AddWays(int one, int other, int[][] ways)
    {
        if (pieces[one] is not { } first || pieces[other] is not { } second) return;
        foreach (var a in first.Parts)
            foreach (var b in second.Parts)
            {
                var pairs = Sites(a).SelectMany(x => Sites(b).Select(y => (x, y))).Where(pair => ways[pair.x.Site][pair.y.Site] > 0 || ways[pair.y.Site][pair.x.Site] > 0)
                    .Where(pair => !Separated(one, other, pair.x.Site, pair.y.Site, ways)).ToList();
                if (pairs.Count == 0) continue;
                var turn = Model.NewBoolVar("turn");
                turns.Add((turn, one, other));
                ILiteral[] present = [.. new[] { first.Placed, a.Present, second.Placed, b.Present }.Distinct()];
                foreach (var (x, y) in pairs)
                {
                    ILiteral[] there = [.. present, .. x.There, .. y.There];
                    Model.Add(b.Start >= a.End + ways[x.Site][y.Site]).OnlyEnforceIf([turn, .. there]);
                    Model.Add(a.Start >= b.End + ways[y.Site][x.Site]).OnlyEnforceIf([turn.Not(), .. there]);
                }
            }
    }

    private bool Separated(int one, int other, int oneSite, int otherSite, int[][] ways)
    {
        foreach (var order in space.OrdersOf[one])
            if ((order.From == one && order.To == other && space.Lag(order, oneSite, otherSite) >= ways[oneSite][otherSite])
                || (order.To == one && order.From == other && space.Lag(order, otherSite, oneSite) >= ways[otherSite][oneSite])) return true;
        return false;
    }

    /// <summary>The sites at which a part may be, with what says that it is there (nothing, where there is only one).</summary>
    private List<(int Site, ILiteral[] There)> Sites(Part part)
    {
        if (sites.TryGetValue((part, 0), out var known)) return known;
        var bySite = part.Choices.GroupBy(choice => choice.Site).ToList();
        var found = new List<(int, ILiteral[])>();
        foreach (var group in bySite)
        {
            if (bySite.Count == 1)
            {
                found.Add((group.Key, []));
                break;
            }
            var members = group.ToHashSet();
            var there = Model.NewBoolVar("site");
            Model.Add(LinearExpr.Sum(members.Select(choice => choice.Literal)) == there);
            groups.Add((there, part, members.Contains));
            found.Add((group.Key, [there]));
        }
        return sites[(part, 0)] = found;
    }

    private void Objective()
    {
        List<LinearExpr> terms = [LinearExpr.WeightedSum(serving.Select(term => term.Literal), serving.Select(term => term.Value)), .. costs];
        terms.AddRange(All().Where(one => one.Choice.Price != 0).Select(one => -one.Choice.Price * one.Choice.Literal));
        var byCountry = new Dictionary<int, List<(LinearExpr Given, int Most)>>();
        foreach (var (literal, experiments, _) in serving)
            foreach (var same in experiments.GroupBy(CountryOf))
            {
                var shifts = same.Sum(e => space.Experiments[e].Pin?.Option.Shifts ?? space.Experiments[e].Shifts);
                Add(byCountry, same.Key, (shifts * literal, shifts));
            }
        foreach (var (given, e) in grants)
        {
            // What is not given of what serving counts.
            var (data, placed) = (space.Experiments[e], pieces[e]?.Placed ?? throw new InvalidOperationException("A grant without a place."));
            terms.Add((data.Unit * given) - (data.Unit * data.Shifts * placed));
            Add(byCountry, CountryOf(e), (given - (data.Shifts * placed), 0));
        }
        Fixed = around.Value - around.Costs;
        for (var c = 0; c < space.Instance.Countries.Count; c++)
        {
            var country = space.Instance.Countries[c];
            var given = country.MaxShifts - around.CountryLeft(c);
            if (!byCountry.TryGetValue(c, out var list))
            {
                Fixed -= space.Weights.Guarantee * (long)Math.Max(0, country.MinShifts - given);
                continue;
            }
            var sum = LinearExpr.Sum(list.Select(one => one.Given));
            if (list.Sum(one => (long)one.Most) > around.CountryLeft(c)) Model.Add(sum <= around.CountryLeft(c));
            if (country.MinShifts <= given) continue;
            var missing = Model.NewIntVar(0, country.MinShifts - given, $"short{c}");
            Model.Add(missing + sum >= country.MinShifts - given);
            shortfalls.Add((missing, c, country.MinShifts));
            terms.Add(-space.Weights.Guarantee * missing);
        }
        objective = LinearExpr.Sum(terms);
        Model.Maximize(objective);

        int CountryOf(int e) => space.Proposals[space.Experiments[e].Proposal].Country;
    }
}
