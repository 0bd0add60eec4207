using System.Globalization;
using System.Text.Json;

namespace Tutti.Scheduling.Checking;

/// <summary>A broken rule of a plan: a stable code, the experiments involved, and words.</summary>
public sealed record BrokenRule(string Code, IReadOnlyList<int> Experiments, string Text);

/// <summary>What a check came to: the objective, served proposals, shifts given to them, shifts by which countries stay below their minimum, and every broken rule.</summary>
public sealed record Verdict(long Objective, int Served, long Shifts, long Shortfall, IReadOnlyList<BrokenRule> Broken)
{
    /// <summary>What the objective is made of: the value of each layer, together the objective.</summary>
    public IReadOnlyDictionary<string, long> Layers { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// Where the policy forbids that rank is inverted: so many of the proposals left out could not be looked at to the end within the trials of one check. Of them nothing is said; an inversion in
    /// <see cref="Broken"/> is certain all the same.
    /// </summary>
    public int RankOpen { get; init; }

    public bool IsLegal => Broken.Count == 0;

    /// <summary>What a plan says of itself and is not so, in words: a plan can be legal all the same.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];
}

/// <summary>The instance or the plan is no document that can be judged: a stable code and words.</summary>
public sealed class UnreadableException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}

/// <summary>
/// Judges plans for an instance, rule by rule as the rules are written, unit of time by unit of time and with no thought of speed. It shares no code with the planner,
/// its reading of the documents included, so that a mistake there is found here.
/// </summary>
public sealed partial class PlanCheck
{
    private readonly int horizon;
    private readonly int[][] travel, shipping;
    private readonly List<Site> sites;
    private readonly List<Country> countries;
    private readonly List<CellType> cellTypes;
    private readonly Dictionary<int, int[]> contacts;
    private readonly Dictionary<int, Instrument> instruments;
    private readonly Dictionary<int, List<(int From, int To)>> away;
    private readonly Dictionary<int, Proposal> proposals;
    private readonly Dictionary<int, Experiment> experiments;
    private readonly List<(int From, int To, int MinGap, bool Ships, int? MaxGap)> orders;
    private readonly List<Placed> pins;
    private readonly HashSet<int> started;

    private sealed record Site(int Quota, int GloveBoxes);

    private sealed record Country(int Id, int Least, int Most);

    private sealed record CellType(int Count, int Home, List<int[]> Withdrawn);

    private sealed record Instrument(int Id, int Site, int Contacts, int[] Sources, List<(int Start, int End, bool MayStart)> Shifts, int Bridge, int? Quota, string Technique, int[][]? SetUpTimes, int[][]? SetUpCosts);

    private sealed record Proposal(int Id, int Team, int Country, int Score, int[] Experiments);

    private sealed record Experiment(
        int Id, int Proposal, int Shifts, int MinBlock, int MaxBlocks, int[] Instruments, int Release, int Due, bool NeedsTeam, int? Team, bool GloveBox, int? Cell, bool Required,
        List<(int? Instrument, int From, int To)> Forbidden, List<(int? Instrument, int From, int To, long Price)> Prices, int Least, int Preparation, int Cleaning, int Mode, int? Sample,
        List<(int From, int To)> Preferred, int Bonus);

    private sealed record Placed(int Experiment, int Instrument, List<(int Start, int End)> Blocks);

    /// <exception cref="UnreadableException"><c>instance_unreadable</c></exception>
    public PlanCheck(JsonElement instance)
    {
        try
        {
            horizon = Whole(instance, "horizon");
            travel = Matrix(Member(instance, "travel"));
            shipping = Matrix(Member(instance, "shipping"));
            sites = [.. Each(instance, "sites").Select(one => new Site(Whole(one, "shiftQuota"), Whole(one, "gloveBoxes")))];
            countries = [.. Each(instance, "countries").Select(one => new Country(Whole(one, "id"), Whole(one, "minShifts"), Whole(one, "maxShifts")))];
            cellTypes = [.. Each(instance, "cellTypes").Select(one => new CellType(Whole(one, "count"), Whole(one, "homeSite"),
                one.TryGetProperty("withdrawn", out var gone) && gone.ValueKind == JsonValueKind.Array ? [.. Matrix(gone)] : []))];
            contacts = Each(instance, "contactGroups").ToDictionary(one => Whole(one, "id"), ContactsOf);
            instruments = Each(instance, "instruments").Select(InstrumentOf).ToDictionary(one => one.Id);
            away = Each(instance, "teams").ToDictionary(one => Whole(one, "id"), one => Intervals(Member(one, "away")));
            proposals = Each(instance, "proposals").Select(one => new Proposal(Whole(one, "id"), Whole(one, "team"), Whole(one, "country"), Whole(one, "score"), Numbers(Member(one, "experiments"))))
                .ToDictionary(one => one.Id);
            experiments = Each(instance, "experiments").Select(one => ExperimentOf(one, instruments)).ToDictionary(one => one.Id);
            orders = [.. Each(instance, "precedences").Select(one => (Whole(one, "from"), Whole(one, "to"), Whole(one, "minGap"), Member(one, "shipSample").GetBoolean(), Perhaps(one, "maxGap")))];
            pins = [.. Each(instance, "pinned").Select(PlacedOf)];
            started = instance.TryGetProperty("started", out var begun) && begun.ValueKind == JsonValueKind.Array ? [.. Numbers(begun)] : [];
            weekly = Each(instance, "contactGroups").ToDictionary(one => Whole(one, "id"), one => (Perhaps(one, "weeklyShifts"), Perhaps(one, "weeklyStarts")));
            week = Perhaps(instance, "week") ?? 21;
            together = instance.TryGetProperty("together", out var groups) && groups.ValueKind == JsonValueKind.Array ? [.. groups.EnumerateArray().Select(Numbers)] : [];
            weights = new(instance.TryGetProperty("objective", out var layers) && layers.ValueKind == JsonValueKind.Object ? layers : JsonDocument.Parse("{}").RootElement);
            forbidsInversion = instance.TryGetProperty("policy", out var policy) && policy.ValueKind == JsonValueKind.String && policy.GetString() == "no-rank-inversion";
            if (Dangling().FirstOrDefault() is { } what) throw new FormatException(what);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new UnreadableException("instance_unreadable", $"The instance is not of the planning format: {wrong.Message}", wrong);
        }
    }

    /// <exception cref="UnreadableException"><c>instance_unreadable</c></exception>
    public static PlanCheck Read(Stream instance) => new(Parse(instance, "instance_unreadable"));

    /// <summary>The verdict on a plan document.</summary>
    /// <exception cref="UnreadableException"><c>plan_unreadable</c></exception>
    public Verdict Judge(Stream plan, CancellationToken stop = default) => Judge(Parse(plan, "plan_unreadable"), stop);

    /// <param name="stop">Ends the search for inversions of rank, which is the one part of a verdict that may take seconds; all else is judged.</param>
    /// <exception cref="UnreadableException"><c>plan_unreadable</c></exception>
    public Verdict Judge(JsonElement plan, CancellationToken stop = default) => Judge(plan, MostTrials, stop).Verdict;

    /// <summary>As above with another number of trials; the verdict and how many were made.</summary>
    internal (Verdict Verdict, int Trials) Judge(JsonElement plan, int mostTrials, CancellationToken stop)
    {
        var (placed, broken) = Known(Readable(() => Each(plan, "placements").Select(PlacedOf).ToList()));
        broken.AddRange(Broken(placed));
        broken.AddRange(pins.Where(pin => !placed.TryGetValue(pin.Experiment, out var there) || there.Instrument != pin.Instrument || !there.Blocks.SequenceEqual(pin.Blocks))
            .Select(pin => new BrokenRule("pin_moved", [pin.Experiment], "It was pinned and is elsewhere.")));
        var verdict = Worth(placed, broken);
        var trials = new Trials(mostTrials, stop);
        var (inversions, open) = verdict.IsLegal && forbidsInversion ? Inversions(placed, trials) : ([], 0);
        broken.AddRange(inversions);
        if (verdict.IsLegal) broken.AddRange(Reserve(plan, placed));
        return (verdict with { Wrong = [.. Wrong(plan, verdict, placed)], RankOpen = open }, trials.Made);
    }

    /// <summary>What names something that the instance does not have.</summary>
    private IEnumerable<string> Dangling()
    {
        foreach (var (name, matrix) in new[] { ("travel", travel), ("shipping", shipping) })
            if (matrix.Length < sites.Count || matrix.Any(row => row.Length < sites.Count)) yield return $"{name} has no row and column for every site.";
        foreach (var type in cellTypes.Where(type => type.Home < 0 || type.Home >= sites.Count)) yield return $"A cell type has its home at site {type.Home}, which there is not.";
        foreach (var one in instruments.Values)
        {
            if (one.Site < 0 || one.Site >= sites.Count) yield return $"Instrument {one.Id} names site {one.Site}, which there is not.";
            if (!contacts.ContainsKey(one.Contacts)) yield return $"Instrument {one.Id} names contact group {one.Contacts}, which there is not.";
        }
        var known = countries.Select(country => country.Id).ToHashSet();
        foreach (var one in proposals.Values)
        {
            if (!away.ContainsKey(one.Team)) yield return $"Proposal {one.Id} names team {one.Team}, which there is not.";
            if (!known.Contains(one.Country)) yield return $"Proposal {one.Id} names country {one.Country}, which there is not.";
            foreach (var id in one.Experiments.Where(id => !experiments.ContainsKey(id))) yield return $"Proposal {one.Id} names experiment {id}, which there is not.";
        }
        foreach (var one in experiments.Values)
        {
            if (!proposals.ContainsKey(one.Proposal)) yield return $"Experiment {one.Id} names proposal {one.Proposal}, which there is not.";
            if (one.Team is { } team && !away.ContainsKey(team)) yield return $"Experiment {one.Id} names team {team}, which there is not.";
            if (one.Cell is { } cell && (cell < 0 || cell >= cellTypes.Count)) yield return $"Experiment {one.Id} names cell type {cell}, which there is not.";
        }
        foreach (var id in orders.SelectMany(order => new[] { order.From, order.To }).Concat(together.SelectMany(group => group)).Where(id => !experiments.ContainsKey(id))) yield return $"An order or a group names experiment {id}, which there is not.";
    }

    private static T Readable<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new UnreadableException("plan_unreadable", $"The plan is not of the planning format: {wrong.Message}", wrong);
        }
    }

    private (Dictionary<int, Placed> Placed, List<BrokenRule> Broken) Known(IEnumerable<Placed> placements)
    {
        var broken = new List<BrokenRule>();
        var placed = new Dictionary<int, Placed>();
        foreach (var one in placements)
        {
            if (!experiments.ContainsKey(one.Experiment)) broken.Add(new("unknown_experiment", [one.Experiment], $"There is no experiment {one.Experiment}."));
            else if (!instruments.ContainsKey(one.Instrument)) broken.Add(new("unknown_instrument", [one.Experiment], $"There is no instrument {one.Instrument}."));
            else if (one.Blocks.Count == 0) broken.Add(new("no_blocks", [one.Experiment], "It is placed without a block."));
            else
            {
                if (placed.ContainsKey(one.Experiment)) broken.Add(new("placed_twice", [one.Experiment], "It is placed twice."));
                placed[one.Experiment] = one;
            }
        }

        return (placed, broken);
    }

    private IEnumerable<BrokenRule> Broken(Dictionary<int, Placed> placed)
    {
        var use = new Dictionary<(string Kind, int Key, int Time), List<int>>();
        return [.. placed.Values.SelectMany(one => Alone(one, use)).ToList(), .. Capacities(use), .. Quotas(placed.Values), .. Order(placed), .. TeamsAtTwoPlaces(placed.Values),
            .. SetUps(placed.Values), .. SamplesAtTwoPlaces(placed.Values), .. Weeks(placed.Values), .. Groups(placed)];
    }

    private Verdict Worth(Dictionary<int, Placed> placed, List<BrokenRule> broken)
    {
        var (science, bonus, places, shifts, served) = (0L, 0L, 0L, 0L, 0);
        var given = countries.ToDictionary(country => country.Id, _ => 0L);
        foreach (var proposal in proposals.Values)
        {
            var own = proposal.Experiments.Select(id => experiments[id]).ToList();
            var here = own.Where(one => placed.ContainsKey(one.Id)).ToList();
            var missing = own.Where(one => one.Required && !placed.ContainsKey(one.Id)).ToList();
            if (missing.Count > 0 && !started.Contains(proposal.Id))
            {
                if (here.Count > 0)
                    broken.Add(new("required_missing", [.. here.Select(one => one.Id)], $"Proposal {proposal.Id} has a place, but its required {Names(missing.Select(one => one.Id))} not."));
                continue;
            }
            served++;
            science += here.Sum(one => (one.Required ? 2L : 1L) * proposal.Score * Granted(placed[one.Id]));
            bonus += here.Sum(one => (long)one.Bonus);
            foreach (var there in here.Select(one => placed[one.Id]))
                foreach (var (instrument, from, to, price) in experiments[there.Experiment].Prices)
                    if (instrument is null || instrument == there.Instrument) places += price * there.Blocks.Count(block => from <= block.Start && block.Start < to);
            shifts += here.Sum(one => (long)Granted(placed[one.Id]));
            given[proposal.Country] += here.Sum(one => (long)Granted(placed[one.Id]));
        }
        var shortfall = countries.Sum(country => Math.Max(0, country.Least - given[country.Id]));
        var layers = new Dictionary<string, long>
        {
            ["science"] = weights.Science * science, ["guarantee"] = -weights.Guarantee * shortfall, ["travel"] = -weights.Travel * Trips(placed.Values),
            ["preference"] = -weights.Preference * placed.Values.Sum(Unwelcome), ["setUp"] = -weights.SetUp * ChangesOfMode(placed.Values), ["evenLoad"] = -weights.EvenLoad * BusiestWeeks(placed.Values),
            ["places"] = bonus - places,
        };
        return new(layers.Values.Sum(), served, shifts, shortfall, broken) { Layers = layers };
    }

    private IEnumerable<BrokenRule> Alone(Placed one, Dictionary<(string, int, int), List<int>> use)
    {
        var (experiment, instrument) = (experiments[one.Experiment], instruments[one.Instrument]);
        var proposal = proposals[experiment.Proposal];
        int[] it = [experiment.Id];
        if (Array.IndexOf(experiment.Instruments, instrument.Id) < 0) yield return new("not_eligible", it, $"Instrument {instrument.Id} is not one of its instruments.");
        if (one.Blocks.Count > experiment.MaxBlocks) yield return new("too_many_blocks", it, $"{one.Blocks.Count} blocks, {experiment.MaxBlocks} allowed.");
        var total = 0;
        for (var n = 0; n < one.Blocks.Count; n++)
        {
            var (start, end) = one.Blocks[n];
            var first = instrument.Shifts.FindIndex(shift => shift.Start == start);
            var last = instrument.Shifts.FindIndex(shift => shift.End == end);
            if (first < 0 || last < first)
            {
                yield return new("not_open", it, $"The block {start} to {end} does not begin and end with open shifts.");
                continue;
            }
            var length = last - first + 1;
            total += length;
            for (var k = first; k < last; k++)
                if (instrument.Shifts[k + 1].Start - instrument.Shifts[k].End > instrument.Bridge)
                {
                    yield return new("closure_bridged", it, $"The block {start} to {end} spans a closure that is too long.");
                    break;
                }
            if (start < experiment.Release || end > experiment.Due) yield return new("outside_window", it, $"The block {start} to {end} is not within {experiment.Release} to {experiment.Due}.");
            if (!instrument.Shifts[first].MayStart) yield return new("start_shift", it, $"No block may begin at {start}.");
            if (one.Blocks.Count > 1 && length < experiment.MinBlock) yield return new("block_too_short", it, $"A block of {length} shifts, at least {experiment.MinBlock} asked.");
            if (n > 0 && start < one.Blocks[n - 1].End) yield return new("blocks_out_of_order", it, "Its blocks overlap or are out of order.");
            if (experiment.NeedsTeam && away[experiment.Team ?? proposal.Team].Exists(gone => start < gone.To && gone.From < end)) yield return new("team_away", it, $"Team {experiment.Team ?? proposal.Team} is away in {start} to {end}.");
            if (experiment.Forbidden.Exists(no => (no.Instrument is null || no.Instrument == instrument.Id) && start < no.To && no.From < end))
                yield return new("forbidden_time", it, $"The block {start} to {end} touches a time that was forbidden to it.");
            for (var k = first; k <= last; k++)
                for (var t = instrument.Shifts[k].Start; t < instrument.Shifts[k].End; t++) Take("instrument", instrument.Id, t);
            for (var t = start; t < end; t++)
            {
                Take("contact", instrument.Contacts, t);
                foreach (var source in instrument.Sources) Take("source", source, t);
            }
            if (experiment.GloveBox)
                for (var t = Math.Max(0, start - 1); t < end; t++) Take("glove_box", instrument.Site, t);
        }
        if (total > experiment.Shifts || total < experiment.Least)
            yield return new("wrong_shifts", it, $"{total} shifts, {experiment.Shifts} asked{(experiment.Least < experiment.Shifts ? $", at least {experiment.Least}" : "")}.");
        if (experiment.Cell is { } cell)
        {
            var way = shipping[cellTypes[cell].Home][instrument.Site];
            for (var t = Math.Max(0, one.Blocks[0].Start - way); t < one.Blocks[^1].End + way; t++) Take("cell", cell, t);
        }

        void Take(string kind, int key, int t)
        {
            if (!use.TryGetValue((kind, key, t), out var users)) use[(kind, key, t)] = users = [];
            users.Add(experiment.Id);
        }
    }

    private IEnumerable<BrokenRule> Capacities(Dictionary<(string Kind, int Key, int Time), List<int>> use) =>
        from one in use
        where one.Value.Count > Most(one.Key)
        group one by (one.Key.Kind, one.Key.Key) into over
        orderby over.Key
        let involved = over.SelectMany(one => one.Value).Distinct().Order().ToArray()
        select new BrokenRule($"{over.Key.Kind}_over_capacity", involved, $"More than allowed at once of {over.Key.Kind.Replace('_', ' ')} {over.Key.Key} from {over.Min(one => one.Key.Time)}.");

    private IEnumerable<BrokenRule> Quotas(IEnumerable<Placed> placed)
    {
        var all = placed.Select(one => (Experiment: experiments[one.Experiment], Instrument: instruments[one.Instrument], Given: (long)Granted(one))).ToList();
        foreach (var group in all.GroupBy(one => one.Instrument))
            if (group.Key.Quota is { } quota) foreach (var rule in Over(group, "instrument_quota", $"instrument {group.Key.Id}", quota)) yield return rule;
        foreach (var group in all.GroupBy(one => one.Instrument.Site))
            foreach (var rule in Over(group, "site_quota", $"site {group.Key}", sites[group.Key].Quota)) yield return rule;
        foreach (var group in all.GroupBy(one => proposals[one.Experiment.Proposal].Country))
            foreach (var rule in Over(group, "country_maximum", $"country {group.Key}", countries[group.Key].Most)) yield return rule;

        static IEnumerable<BrokenRule> Over(IEnumerable<(Experiment Experiment, Instrument, long Given)> group, string code, string who, int most)
        {
            var given = group.Sum(one => one.Given);
            if (given > most) yield return new(code, [.. group.Select(one => one.Experiment.Id).Order()], $"{given} shifts of {who}, {most} allowed.");
        }
    }

    private IEnumerable<BrokenRule> Order(Dictionary<int, Placed> placed)
    {
        foreach (var (from, to, minGap, ships, maxGap) in orders)
        {
            if (!placed.TryGetValue(from, out var first) || !placed.TryGetValue(to, out var second)) continue;
            var least = minGap + (ships ? shipping[instruments[first.Instrument].Site][instruments[second.Instrument].Site] : 0);
            var gap = second.Blocks[0].Start - first.Blocks[^1].End;
            if (gap < least) yield return new("order", [from, to], $"{gap} units after the first ends, at least {least} asked.");
            if (gap > maxGap) yield return new("gap_too_long", [from, to], $"{gap} units after the first ends, at most {maxGap} allowed.");
        }
    }

    private IEnumerable<BrokenRule> TeamsAtTwoPlaces(IEnumerable<Placed> placed)
    {
        var visits = from one in placed
                     let experiment = experiments[one.Experiment]
                     where experiment.NeedsTeam
                     from block in one.Blocks
                     select (Team: experiment.Team ?? proposals[experiment.Proposal].Team, block.Start, block.End, instruments[one.Instrument].Site, experiment.Id);
        foreach (var team in visits.GroupBy(visit => visit.Team))
        {
            var ordered = team.OrderBy(visit => visit.Start).ThenBy(visit => visit.End).ThenBy(visit => visit.Site).ToList();
            for (var i = 0; i < ordered.Count; i++)
                for (var j = i + 1; j < ordered.Count; j++)
                    if (ordered[j].Start < ordered[i].End + travel[ordered[i].Site][ordered[j].Site])
                        yield return new("team_at_two_places", [.. new[] { ordered[i].Id, ordered[j].Id }.Distinct()], $"Team {team.Key} cannot be at both.");
        }
    }

    private int[] ContactsOf(JsonElement group)
    {
        var at = new int[horizon];
        foreach (var piece in Member(group, "capacity").EnumerateArray().Select(Numbers))
            for (var t = piece[0]; t < piece[1]; t++) at[t] = piece[2];
        return at;
    }

    private static Instrument InstrumentOf(JsonElement one)
    {
        var shifts = new List<(int, int, bool)>();
        if (one.TryGetProperty("shifts", out var given) && given.ValueKind == JsonValueKind.Array)
            shifts.AddRange(given.EnumerateArray().Select(Numbers).Select(shift => (shift[0], shift[1], shift.Length < 3 || shift[2] != 0)));
        else
        {
            var starts = one.TryGetProperty("startShiftsOfDay", out var listed) ? Numbers(listed) : [0, 1, 2];
            foreach (var (from, to) in Intervals(Member(one, "open")))
                for (var t = from; t < to; t++) shifts.Add((t, t + 1, Array.IndexOf(starts, t % 3) >= 0));
        }
        List<int> sources = Perhaps(one, "sharedSource") is { } source ? [source] : [];
        if (one.TryGetProperty("moreSources", out var more) && more.ValueKind == JsonValueKind.Array) sources.AddRange(Numbers(more));
        return new(Whole(one, "id"), Whole(one, "site"), Whole(one, "contactGroup"), [.. sources.Distinct()], shifts, Whole(one, "bridgeableGap"), Perhaps(one, "shiftQuota"),
            one.TryGetProperty("technique", out var technique) ? technique.GetString() ?? "" : "", Table(one, "setUpTimes"), Table(one, "setUpCosts"));
    }

    private static Experiment ExperimentOf(JsonElement one, Dictionary<int, Instrument> instruments) => new(
        Whole(one, "id"), Whole(one, "proposal"), Whole(one, "shifts"), Whole(one, "minBlock"), Whole(one, "maxBlocks"), Eligible(one, instruments), Whole(one, "release"),
        Whole(one, "due"), Member(one, "needsTeam").GetBoolean(), Perhaps(one, "team"), Member(one, "gloveBox").GetBoolean(), Perhaps(one, "cellType"), Member(one, "required").GetBoolean(),
        one.TryGetProperty("forbidden", out var no) && no.ValueKind == JsonValueKind.Array ? [.. no.EnumerateArray().Select(time => (Perhaps(time, "instrument"), Whole(time, "start"), Whole(time, "end")))] : [],
        one.TryGetProperty("prices", out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(price => (Perhaps(price, "instrument"), Whole(price, "start"), Whole(price, "end"), (long)Whole(price, "price")))] : [],
        one.TryGetProperty("consentsToFewer", out var agreed) && agreed.ValueKind == JsonValueKind.True ? Perhaps(one, "minShifts") ?? Whole(one, "shifts") : Whole(one, "shifts"),
        Perhaps(one, "preparation") ?? 0, Perhaps(one, "cleaning") ?? 0, Perhaps(one, "mode") ?? -1, Perhaps(one, "sample"),
        one.TryGetProperty("preferred", out var liked) && liked.ValueKind == JsonValueKind.Array ? Intervals(liked) : [], Perhaps(one, "bonus") ?? 0);

    private static int[] Eligible(JsonElement one, Dictionary<int, Instrument> instruments)
    {
        var named = Numbers(Member(one, "instruments"));
        if (!one.TryGetProperty("technique", out var asked) || asked.ValueKind != JsonValueKind.String || asked.GetString() is not { } technique) return named;
        return [.. instruments.Values.Where(instrument => instrument.Technique == technique && (named.Length == 0 || Array.IndexOf(named, instrument.Id) >= 0)).Select(instrument => instrument.Id)];
    }

    private static int[][]? Table(JsonElement one, string name) => one.TryGetProperty(name, out var table) && table.ValueKind == JsonValueKind.Array ? Matrix(table) : null;

    private static Placed PlacedOf(JsonElement one) => new(Whole(one, "experiment"), Whole(one, "instrument"), Intervals(Member(one, "blocks")));

    private static JsonElement Parse(Stream json, string code)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException wrong)
        {
            throw new UnreadableException(code, $"It is no JSON: {wrong.Message}", wrong);
        }
    }

    private static JsonElement.ArrayEnumerator Each(JsonElement parent, string name) => Member(parent, name).EnumerateArray();

    private static int Whole(JsonElement parent, string name) => Member(parent, name).TryGetInt32(out var number) ? number : throw new FormatException($"{name} is no whole number.");

    private static JsonElement Member(JsonElement parent, string name) => parent.TryGetProperty(name, out var member) ? member : throw new FormatException($"{name} is missing.");

    private static int? Perhaps(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetInt32() : null;

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    private static List<(int, int)> Intervals(JsonElement array) =>
        [.. array.EnumerateArray().Select(Numbers).Select(pair => pair.Length == 2 ? (pair[0], pair[1]) : throw new FormatException("An interval is two numbers."))];

    private static int[][] Matrix(JsonElement rows) => [.. rows.EnumerateArray().Select(Numbers)];

    private static string Names(IEnumerable<int> ids) => string.Join(", ", ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"experiment {id}")));
}
