using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// The problem almost without time: which proposals are served and on which instruments, within the quotas; and where time is scarce (instruments whose quota is most
/// of their open time, or whose contacts serve hardly more than the quotas), in which runs, within their lengths and what the contacts can serve. No plan is worth
/// more than its best answer, which is often close to the best plan and found in a moment.
/// </summary>
internal sealed class Allocation
{
    private const int MostDivisions = 3;

    private readonly Space space;
    private readonly List<(BoolVar Literal, int Experiment, int Option)> chosen = [];
    private readonly Dictionary<(int Instrument, int Run), List<Use>> runs = [];
    private readonly bool[] tight;
    private readonly LinearExpr objective;

    /// <summary>A possible use of a run: by so many slots (a number, or a variable no less than <see cref="Least"/> where the literal holds), for at least so long.</summary>
    private sealed record Use(BoolVar Literal, IntVar? Amount, int Least, int Duration);

    /// <param name="tightness">Instruments are looked at run by run from this part of their time on: 0 all, above 1 none.</param>
    public Allocation(Space space, double tightness)
    {
        this.space = space;
        tight = Tight(space, tightness);
        List<LinearExpr> terms = [];
        var byInstrument = new Dictionary<int, List<LinearExpr>>();
        var bySite = new Dictionary<int, List<LinearExpr>>();
        var byCountry = new Dictionary<int, List<LinearExpr>>();
        var byGroup = new Dictionary<int, List<LinearExpr>>();
        foreach (var proposal in space.Proposals)
        {
            if (proposal.Started || proposal.Required.Length == 0)
            {
                foreach (var set in proposal.All.Select(e => space.Experiments[e].Set).Distinct())
                {
                    var placed = Model.NewBoolVar("p");
                    foreach (var e in set) Add(e, placed);
                }
                continue;
            }
            if (!proposal.Leads || proposal.Required.Any(e => space.Experiments[e].Hopeless)) continue;
            var served = Model.NewBoolVar("s");
            foreach (var e in proposal.Required) Add(e, served);
            foreach (var set in proposal.Members.SelectMany(p => space.Proposals[p].Optional).Select(e => space.Experiments[e].Set).Distinct())
            {
                var optional = Model.NewBoolVar("o");
                Model.AddImplication(optional, served);
                foreach (var e in set) Add(e, optional);
            }
        }
        foreach (var (instrument, sum) in byInstrument) Model.Add(LinearExpr.Sum(sum) <= space.Instruments[instrument].Most);
        foreach (var (site, sum) in bySite) Model.Add(LinearExpr.Sum(sum) <= space.Instance.Sites[site].ShiftQuota);
        foreach (var (group, sum) in byGroup)
            if (space.Weekly[group] is { } most && most[0].Shifts < int.MaxValue) Model.Add(LinearExpr.Sum(sum) <= most.Sum(week => (long)week.Shifts));
        foreach (var country in space.Instance.Countries)
        {
            var given = LinearExpr.Sum(byCountry.GetValueOrDefault(country.Id, []));
            Model.Add(given <= country.MaxShifts);
            if (country.MinShifts == 0) continue;
            var missing = Model.NewIntVar(0, country.MinShifts, "m");
            Model.Add(missing + given >= country.MinShifts);
            terms.Add(-space.Weights.Guarantee * missing);
        }
        foreach (var ((instrument, run), uses) in runs) Fill(uses, space.Instruments[instrument].Run.Count(one => one == run));
        for (var group = 0; group < space.ContactCapacity.Length; group++)
        {
            var (of, capacity) = (group, space.ContactCapacity[group]);
            Clusters(i => space.Instruments[i].Contacts == of, t => capacity[t]);
        }
        foreach (var users in space.SourceUsers.Where(users => users.Length > 1)) Clusters(i => Array.IndexOf(users, i) >= 0, _ => 1);
        terms.AddRange(ChangesOfMode());
        objective = LinearExpr.Sum(terms);
        Model.Maximize(objective);

        void Add(int e, BoolVar placed)
        {
            var data = space.Experiments[e];
            var alike = data.Least == data.Shifts;
            if (alike)
            {
                terms.Add(data.Value * placed);
                Put(byCountry, space.Proposals[data.Proposal].Country, data.Shifts * placed);
            }
            var options = Enumerable.Range(0, data.Options.Length).Where(n => data.Options[n].Single.Length > 0 || data.Options[n].Reach.Any(last => last >= 0)).ToArray();
            if (data.Pin is { } pin) options = [Array.IndexOf(data.Options, pin.Option)];
            if (options.Length == 0) Model.Add(placed == 0);
            List<BoolVar> literals = [];
            foreach (var n in options)
            {
                var literal = options.Length == 1 ? placed : Model.NewBoolVar("i");
                literals.Add(literal);
                chosen.Add((literal, e, n));
                var least = data.Pin?.Price ?? data.Options[n].LeastPrice;
                if (least != 0) terms.Add(-least * literal);
                var shifts = data.Options[n].Shifts;
                Put(byInstrument, data.Options[n].Instrument, shifts * literal);
                Put(bySite, data.Options[n].Site, shifts * literal);
                if (space.LimitsWeeks) Put(byGroup, space.Instruments[data.Options[n].Instrument].Contacts, shifts * literal);
                if (!alike)
                {
                    terms.Add(data.Options[n].Value * literal);
                    Put(byCountry, space.Proposals[data.Proposal].Country, shifts * literal);
                }
                if (tight[data.Options[n].Instrument] && data.Pin is null) InRuns(data, data.Options[n], literal);
            }
            if (options.Length > 1) Model.Add(LinearExpr.Sum(literals) == placed);
            if (data.Pin is not null) Model.Add(placed == 1);
        }

        static void Put(Dictionary<int, List<LinearExpr>> sums, int key, LinearExpr term)
        {
            if (!sums.TryGetValue(key, out var list)) sums[key] = list = [];
            list.Add(term);
        }
    }

    public CpModel Model { get; } = new();

    public void AtMost(long value) => Model.Add(objective <= value);

    /// <summary>Per experiment the option that a solution takes, or -1.</summary>
    public int[] Read(Func<IntVar, long> value)
    {
        var options = new int[space.Experiments.Length];
        Array.Fill(options, -1);
        foreach (var (literal, e, option) in chosen)
            if (value(literal) != 0) options[e] = option;
        return options;
    }

    private IEnumerable<LinearExpr> ChangesOfMode()
    {
        if (space.Weights.SetUp == 0) yield break;
        foreach (var there in chosen.GroupBy(one => space.Experiments[one.Experiment].Options[one.Option].Instrument))
            if (space.Instruments[there.Key].SetUpCosts is { } costs)
                yield return -space.Weights.SetUp * ModeChanges.Least(Model, costs, there.GroupBy(one => one.Experiment, one => one.Literal).Select(one => (space.Experiments[one.Key].Mode, (IReadOnlyList<BoolVar>)[.. one])));
    }

    private static bool[] Tight(Space space, double tightness)
    {
        var tight = new bool[space.Instruments.Length];
        foreach (var group in Enumerable.Range(0, tight.Length).GroupBy(i => space.Instruments[i].Contacts))
        {
            var served = 0L;
            var capacity = space.ContactCapacity[group.Key];
            var open = new int[capacity.Length];
            foreach (var i in group)
                for (var slot = 0; slot < space.Instruments[i].Run.Length; slot++)
                    for (var t = space.Instruments[i].SlotStart[slot]; t < space.Instruments[i].SlotEnd[slot]; t++) open[t]++;
            for (var t = 0; t < capacity.Length; t++) served += Math.Min(capacity[t], open[t]);
            var scarce = group.Sum(i => (long)space.Instruments[i].Most) > tightness * served || group.Any(i => space.Instruments[i].Most > tightness * space.Instruments[i].Run.Length);
            foreach (var i in group) tight[i] = scarce;
        }
        return tight;
    }

    private void InRuns(ExperimentData data, Option option, BoolVar literal)
    {
        var run = space.Instruments[option.Instrument].Run;
        if (option.Reach.Length == 0)
        {
            List<BoolVar> there = [];
            foreach (var group in option.Single.GroupBy(block => run[block.First]))
            {
                var here = Model.NewBoolVar("r");
                there.Add(here);
                Put(option.Instrument, group.Key, new(here, null, option.Shifts, group.Min(block => block.End - block.Start)));
            }
            Model.Add(LinearExpr.Sum(there) == literal);
            return;
        }
        List<IntVar> amounts = [];
        List<BoolVar> blocks = [];
        for (var first = 0; first < run.Length;)
        {
            var number = run[first];
            var longest = 0;
            for (; first < run.Length && run[first] == number; first++) longest = Math.Max(longest, option.Reach[first] - first + 1);
            if (longest < data.MinBlock) continue;
            var here = Model.NewBoolVar("r");
            var amount = Model.NewIntVar(0, Math.Min(option.Shifts, run.Count(one => one == number)), "a");
            Model.Add(amount <= option.Shifts * here);
            Model.Add(amount >= data.MinBlock * here);
            amounts.Add(amount);
            blocks.Add(here);
            Put(option.Instrument, number, new(here, amount, data.MinBlock, 0));
        }
        Model.Add(LinearExpr.Sum(amounts) == option.Shifts * literal);
        Model.Add(LinearExpr.Sum(blocks) <= data.MaxBlocks * literal);

        void Put(int instrument, int of, Use use)
        {
            if (!runs.TryGetValue((instrument, of), out var list)) runs[(instrument, of)] = list = [];
            list.Add(use);
        }
    }

    private void Fill(List<Use> uses, int length)
    {
        var most = uses.Sum(use => use.Amount is null ? use.Least : length);
        if (most > length) Model.Add(LinearExpr.Sum(uses.Select(use => use.Amount is null ? use.Least * use.Literal : use.Amount + 0)) <= length);
        for (var k = 1; k <= MostDivisions; k++) RunCuts.Divide(Model, [.. uses.Select(use => (use.Literal, use.Least))], length, k);
    }

    /// <summary>Runs that overlap in time and share a capacity: together they cannot give more than it serves.</summary>
    private void Clusters(Func<int, bool> shares, Func<int, int> capacity)
    {
        var there = runs.Where(run => shares(run.Key.Instrument)).Select(run => (run.Key.Instrument, run.Key.Run, run.Value, Span: Span(run.Key))).OrderBy(run => run.Span).ThenBy(run => run.Instrument).ToList();
        for (var n = 0; n < there.Count;)
        {
            var (first, end) = (n, there[n].Span.To);
            for (n++; n < there.Count && there[n].Span.From < end; n++) end = Math.Max(end, there[n].Span.To);
            if (n - first < 2) continue;
            var cluster = there[first..n];
            var (open, served) = (0L, 0L);
            for (var t = cluster[0].Span.From; t < end; t++)
            {
                var at = cluster.Count(run => run.Span.From <= t && t < run.Span.To);
                open += at;
                served += Math.Min(at, capacity(t));
            }
            if (served < open)
                Model.Add(LinearExpr.Sum(cluster.SelectMany(run => run.Value).Select(use => use.Amount is null ? use.Duration * use.Literal : use.Amount + 0)) <= served);
        }
    }

    private (int From, int To) Span((int Instrument, int Run) run)
    {
        var data = space.Instruments[run.Instrument];
        return (data.SlotStart[Array.IndexOf(data.Run, run.Run)], data.SlotEnd[Array.LastIndexOf(data.Run, run.Run)]);
    }
}

/// <summary>Cuts for lengths that must fit together.</summary>
internal static class RunCuts
{
    /// <summary>
    /// Of lengths x that together fit into C, the sum of ceil((k + 1) x / C) - 1 is at most k (a dual feasible function, as for bin packing: Lueker 1983): at
    /// most one more than half, at most two more than a third ... of the run.
    /// </summary>
    public static void Divide(CpModel model, List<(BoolVar Literal, int Slots)> there, int capacity, int k)
    {
        var counted = there.Select(one => (one.Literal, Count: ((((k + 1) * one.Slots) + capacity - 1) / Math.Max(1, capacity)) - 1)).Where(one => one.Count > 0).ToList();
        if (counted.Sum(one => one.Count) <= k) return;
        if (k == 1 && counted.TrueForAll(one => one.Count == 1)) model.AddAtMostOne(counted.Select(one => one.Literal));
        else model.Add(LinearExpr.WeightedSum(counted.Select(one => one.Literal), counted.Select(one => (long)one.Count)) <= k);
    }
}
