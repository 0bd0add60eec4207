using Google.OrTools.Sat;
using Google.OrTools.Util;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// The problem as a CP-SAT model: for each experiment one optional interval per (instrument, run of open shifts, length of the block in units)
/// with a start variable over the legal starts. Blocks of one experiment differ in length only where the run is irregular (a bridged closure, a change
/// of the clocks), so that every interval has a fixed size and no table of lengths is needed.
/// </summary>
internal sealed class PlanModel
{
    private readonly Places places;
    private readonly List<Option>[] options;
    private readonly ILiteral?[] present;
    private readonly (LinearExpr Start, LinearExpr End, IntVar? StartHint, IntVar? EndHint)?[] span;
    private readonly List<(BoolVar Literal, int[] Experiments, long Value)> serving = [];
    private readonly List<(BoolVar Literal, int First, int Second)> turns = [];
    private readonly Dictionary<int, List<(string Site, ILiteral[] There)>> sites = [];
    private readonly List<(BoolVar Literal, int Experiment, string Site)> siteLiterals = [];

    private sealed record Option(int Experiment, Place[] Blocks, IntVar Start, BoolVar Chosen, IntervalVar Interval);

    public PlanModel(Places places)
    {
        this.places = places;
        options = new List<Option>[places.Legal.Length];
        present = new ILiteral?[places.Legal.Length];
        span = new (LinearExpr, LinearExpr, IntVar?, IntVar?)?[places.Legal.Length];
        for (var e = 0; e < options.Length; e++) options[e] = [];
        foreach (var proposal in places.Proposals) AddProposal(proposal);
        OneAtATime();
        OrderAndGaps();
        Teams();
        Model.Maximize(LinearExpr.WeightedSum(serving.Select(term => term.Literal), serving.Select(term => term.Value)));
    }

    public CpModel Model { get; } = new();

    /// <summary>Gives the solver a complete plan to start from.</summary>
    public void Hint(DraftPlan plan)
    {
        foreach (var option in options.SelectMany(list => list))
        {
            var chosen = plan[option.Experiment] is { } place && Array.IndexOf(option.Blocks, place) >= 0;
            Model.AddHint(option.Chosen, chosen ? 1 : 0);
            Model.AddHint(option.Start, chosen && plan[option.Experiment] is { } at ? at.Start : option.Blocks[0].Start);
        }
        foreach (var (literal, experiments, _) in serving) Model.AddHint(literal, Array.TrueForAll(experiments, e => plan[e] is not null) ? 1 : 0);
        foreach (var (literal, first, second) in turns)
            Model.AddHint(literal, plan[first] is { } one && plan[second] is { } other && one.Start > other.Start ? 0 : 1);
        foreach (var (literal, e, site) in siteLiterals) Model.AddHint(literal, plan[e] is { } place && places.SiteOf(place) == site ? 1 : 0);
        for (var e = 0; e < span.Length; e++)
            if (span[e] is { StartHint: { } start, EndHint: { } end })
            {
                var place = plan[e] ?? places.Legal[e][0];
                Model.AddHint(start, place.Start);
                Model.AddHint(end, place.End);
            }
    }

    /// <summary>The placements of a solution of the model.</summary>
    public List<(int Experiment, Place Place)> Read(Func<IntVar, long> value)
    {
        var placed = new List<(int, Place)>();
        foreach (var option in options.SelectMany(list => list))
            if (value(option.Chosen) != 0)
                placed.Add((option.Experiment, Array.Find(option.Blocks, block => block.Start == value(option.Start))));
        return placed;
    }

    private void AddProposal(ProposalPart proposal)
    {
        if (proposal.HasBegun)
            foreach (var e in proposal.All.Where(e => places.Legal[e].Length > 0))
            {
                var placed = AddServing([e]);
                if (places.Pinned[e] is not null) Model.Add(placed == 1);
            }
        else if (Array.TrueForAll(proposal.Required, e => places.Legal[e].Length > 0))
        {
            var served = AddServing(proposal.Required);
            foreach (var e in proposal.Optional.Where(e => places.Legal[e].Length > 0)) Model.AddImplication(AddServing([e]), served);
        }
    }

    /// <summary>A literal that says that the experiments are all placed; where it is false, none is.</summary>
    private BoolVar AddServing(int[] experiments)
    {
        var literal = Model.NewBoolVar($"serve {serving.Count}");
        serving.Add((literal, experiments, experiments.Sum(places.Value)));
        foreach (var e in experiments) AddExperiment(e, literal);
        return literal;
    }

    private void AddExperiment(int e, BoolVar placed)
    {
        present[e] = placed;
        foreach (var blocks in places.Legal[e].GroupBy(place => (place.Instrument, place.Run, place.Duration)).Select(group => group.ToArray()))
        {
            var start = Model.NewIntVarFromDomain(Domain.FromValues([.. blocks.Select(block => (long)block.Start)]), $"start {e}");
            var chosen = Model.NewBoolVar($"chosen {e}");
            options[e].Add(new(e, blocks, start, chosen, Model.NewOptionalFixedSizeIntervalVar(start, blocks[0].Duration, chosen, $"block {e}")));
        }
        Model.AddExactlyOne([.. options[e].Select(option => (ILiteral)option.Chosen), placed.Not()]);
    }

    private void OneAtATime()
    {
        var all = options.SelectMany(list => list).ToList();
        foreach (var run in all.GroupBy(option => (option.Blocks[0].Instrument, option.Blocks[0].Run)))
        {
            var there = run.ToList();
            if (there.Count == 1) continue;
            Model.AddNoOverlap(there.Select(option => option.Interval));
            var shifts = there.Select(option => (long)places.Problem.Experiments[option.Experiment].Shifts).ToList();
            var capacity = places.RunLengths[run.Key.Instrument][run.Key.Run];
            if (shifts.Sum() > capacity) Model.Add(LinearExpr.WeightedSum(there.Select(option => option.Chosen), shifts) <= capacity);
        }

        var bySource = all.SelectMany(option => places.Problem.Instruments[option.Blocks[0].Instrument].SharedSources.Distinct().Select(source => (source, option)));
        foreach (var source in bySource.GroupBy(pair => pair.source, pair => pair.option))
            if (source.DistinctBy(option => option.Blocks[0].Instrument).Count() > 1) Model.AddNoOverlap(source.Select(option => option.Interval));
    }

    private void OrderAndGaps()
    {
        foreach (var order in places.Orders)
        {
            if (present[order.From] is not { } from || present[order.To] is not { } to) continue;
            var ((_, end, _, _), (start, _, _, _)) = (Span(order.From), Span(order.To));
            foreach (var (fromSite, fromThere) in Sites(order.From))
                foreach (var (toSite, toThere) in Sites(order.To))
                    Model.Add(start >= end + places.LeastGap(order, fromSite, toSite)).OnlyEnforceIf([from, to, .. fromThere, .. toThere]);
            if (order.Precedence.MaxGap is { } most) Model.Add(start <= end + most).OnlyEnforceIf([from, to]);
        }
    }

    private void Teams()
    {
        var teams = Enumerable.Range(0, options.Length).Where(e => present[e] is not null && places.Problem.Experiments[e].TeamId is not null)
            .GroupBy(e => places.Problem.Experiments[e].TeamId);
        foreach (var team in teams.Select(group => group.ToArray()).Where(group => group.Length > 1))
        {
            Model.AddNoOverlap(team.SelectMany(e => options[e].Select(option => option.Interval)));
            for (var i = 0; i < team.Length; i++)
                for (var j = i + 1; j < team.Length; j++)
                    AddTravel(team[i], team[j]);
        }
    }

    private void AddTravel(int one, int other)
    {
        var pairs = Sites(one).SelectMany(a => Sites(other).Select(b => (a, b)))
            .Where(pair => places.Travel(pair.a.Site, pair.b.Site) > 0 || places.Travel(pair.b.Site, pair.a.Site) > 0).ToList();
        if (pairs.Count == 0) return;
        if (present[one] is not { } onePresent || present[other] is not { } otherPresent) return;
        var (first, second) = (Span(one), Span(other));
        var turn = Model.NewBoolVar($"{one} before {other}");
        turns.Add((turn, one, other));
        foreach (var (a, b) in pairs)
        {
            ILiteral[] there = [onePresent, otherPresent, .. a.There, .. b.There];
            Model.Add(second.Start >= first.End + places.Travel(a.Site, b.Site)).OnlyEnforceIf([turn, .. there]);
            Model.Add(first.Start >= second.End + places.Travel(b.Site, a.Site)).OnlyEnforceIf([turn.Not(), .. there]);
        }
    }

    /// <summary>The sites at which an experiment may be, with what says that it is there (nothing, where there is only one).</summary>
    private List<(string Site, ILiteral[] There)> Sites(int e)
    {
        if (sites.TryGetValue(e, out var known)) return known;
        var bySite = options[e].GroupBy(option => places.SiteOf(option.Blocks[0])).ToList();
        if (bySite.Count == 1) return sites[e] = [(bySite[0].Key, [])];
        var found = new List<(string, ILiteral[])>();
        foreach (var site in bySite)
        {
            var there = Model.NewBoolVar($"{e} at {found.Count}");
            Model.Add(LinearExpr.Sum(site.Select(option => option.Chosen)) == there);
            found.Add((site.Key, [there]));
            siteLiterals.Add((there, e, site.Key));
        }
        return sites[e] = found;
    }

    private (LinearExpr Start, LinearExpr End, IntVar? StartHint, IntVar? EndHint) Span(int e)
    {
        if (span[e] is { } known) return known;
        if (options[e] is [var only])
            return (span[e] = (only.Start, only.Start + only.Blocks[0].Duration, null, null)).Value;

        var start = Model.NewIntVarFromDomain(Domain.FromValues([.. places.Legal[e].Select(place => (long)place.Start)]), $"start of {e}");
        var end = Model.NewIntVarFromDomain(Domain.FromValues([.. places.Legal[e].Select(place => (long)place.End)]), $"end of {e}");
        foreach (var option in options[e])
        {
            Model.Add(start == option.Start).OnlyEnforceIf(option.Chosen);
            Model.Add(end == option.Start + option.Blocks[0].Duration).OnlyEnforceIf(option.Chosen);
        }
        return (span[e] = (start, end, start, end)).Value;
    }
}
