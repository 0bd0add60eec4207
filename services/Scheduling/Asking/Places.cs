namespace Tutti.Scheduling.Planning;

/// <summary>One way to place an experiment: a block of consecutive open shifts on an instrument.</summary>
internal readonly record struct Place(int Instrument, int Run, int FirstShift, int Start, int End)
{
    public int Duration => End - Start;
}

/// <summary>The families of rules that can forbid a place.</summary>
[Flags]
internal enum Rules
{
    None = 0,
    Window = 1,
    StartShift = 2,
    CellRefused = 4,
    TeamAway = 8,
    StaffAway = 16,
    Instrument = 32,
    Source = 64,
    Team = 128,
    Order = 256,
}

/// <summary>
/// A problem prepared for planning: identities turned into indices, instruments cut into runs (open shifts with no gap between them longer than
/// may be bridged), and for each experiment all places that the calendar offers, each with the rules of the experiment itself that forbid it.
/// </summary>
internal sealed class Places
{
    private readonly Dictionary<(string From, string To), SiteDistance> distances;

    public Places(PlanningProblem problem)
    {
        Problem = problem;
        distances = problem.Distances.ToDictionary(distance => (distance.From, distance.To));
        var instruments = Enumerable.Range(0, problem.Instruments.Count).ToDictionary(i => problem.Instruments[i].Id);
        var experiments = Enumerable.Range(0, problem.Experiments.Count).ToDictionary(e => problem.Experiments[e].Id);
        RunLengths = [.. problem.Instruments.Select(Runs)];
        Offered = [.. problem.Experiments.Select(experiment => PlacesOf(experiment, instruments))];

        Pinned = new Place?[problem.Experiments.Count];
        foreach (var pin in problem.Pins)
        {
            var e = experiments[pin.ExperimentId];
            Pinned[e] = Offered[e].First(offer => offer.Place.Instrument == instruments[pin.Instrument] && offer.Place.Start == pin.Start && offer.Place.End == pin.End).Place;
        }

        Legal = [.. Offered.Select((offers, e) => Pinned[e] is { } pinned ? [pinned]
            : offers.Where(offer => offer.Broken == Rules.None).Select(offer => offer.Place).OrderBy(place => place.Start).ThenBy(place => place.End).ToArray())];
        Orders = [.. problem.Precedences.Select(precedence => new Ordered(experiments[precedence.From], experiments[precedence.To], precedence))];
        OrdersOf = new List<Ordered>[problem.Experiments.Count];
        for (var e = 0; e < OrdersOf.Length; e++) OrdersOf[e] = [];
        foreach (var order in Orders)
        {
            OrdersOf[order.From].Add(order);
            OrdersOf[order.To].Add(order);
        }

        var rank = RanksByOrder();
        Proposals = [.. Enumerable.Range(0, problem.Experiments.Count).GroupBy(e => problem.Experiments[e].ProposalId).Select(group => new ProposalPart(
            [.. group.Where(e => problem.Experiments[e].Required).OrderBy(e => rank[e])],
            [.. group.Where(e => !problem.Experiments[e].Required).OrderBy(e => rank[e])],
            group.Any(e => Pinned[e] is not null)))];
    }

    public PlanningProblem Problem { get; }

    /// <summary>Per instrument and run: the number of open shifts.</summary>
    public int[][] RunLengths { get; }

    /// <summary>Per experiment: all blocks of its length, with the rules of its own that each breaks.</summary>
    public (Place Place, Rules Broken)[][] Offered { get; }

    /// <summary>Per experiment: the blocks it may have, in order of time; for a pinned one only the pin.</summary>
    public Place[][] Legal { get; }

    public Place?[] Pinned { get; }

    public Ordered[] Orders { get; }

    public List<Ordered>[] OrdersOf { get; }

    public ProposalPart[] Proposals { get; }

    public string SiteOf(Place place) => Problem.Instruments[place.Instrument].Site;

    public int Travel(string from, string to) => from == to ? 0 : distances.TryGetValue((from, to), out var listed) ? listed.Travel : Problem.DefaultTravel;

    public int Shipping(string from, string to) => from == to ? 0 : distances.TryGetValue((from, to), out var listed) ? listed.Shipping : Problem.DefaultShipping;

    public int LeastGap(Ordered order, string from, string to) => order.Precedence.MinGap + (order.Precedence.ShipsSample ? Shipping(from, to) : 0);

    public long Value(int experiment)
    {
        var asked = Problem.Experiments[experiment];
        return (asked.Required ? 2L : 1L) * asked.Score * asked.Shifts;
    }

    /// <summary>What the proposals would bring that can be placed each for itself: no plan brings more.</summary>
    public long TrivialBound() => Proposals
        .Where(proposal => proposal.HasBegun || proposal.Required.All(e => Legal[e].Length > 0))
        .Sum(proposal => proposal.All.Where(e => Legal[e].Length > 0).Sum(Value));

    private static int[] Runs(PlanningInstrument instrument)
    {
        var lengths = new List<int>();
        for (var i = 0; i < instrument.OpenShifts.Count; i++)
            if (i > 0 && instrument.OpenShifts[i].Start - instrument.OpenShifts[i - 1].End <= instrument.BridgeableGap) lengths[^1]++;
            else lengths.Add(1);
        return [.. lengths];
    }

    private (Place, Rules)[] PlacesOf(PlanningExperiment experiment, Dictionary<string, int> instruments)
    {
        var places = new List<(Place, Rules)>();
        foreach (var name in experiment.Instruments)
        {
            var i = instruments[name];
            var open = Problem.Instruments[i].OpenShifts;
            var first = 0;
            for (var run = 0; run < RunLengths[i].Length; first += RunLengths[i][run++])
                for (var shift = first; shift + experiment.Shifts <= first + RunLengths[i][run]; shift++)
                {
                    var place = new Place(i, run, shift, open[shift].Start, open[shift + experiment.Shifts - 1].End);
                    var broken = open[shift].MayStart ? Rules.None : Rules.StartShift;
                    if (place.Start < experiment.Release || place.End > experiment.Due) broken |= Rules.Window;
                    foreach (var forbidden in experiment.Forbidden)
                        if ((forbidden.Instrument ?? name) == name && place.Start < forbidden.End && forbidden.Start < place.End)
                            broken |= forbidden.Reason switch
                            {
                                ForbiddenReason.CellRefused => Rules.CellRefused,
                                ForbiddenReason.TeamAway => Rules.TeamAway,
                                ForbiddenReason.StaffAway => Rules.StaffAway,
                            };
                    places.Add((place, broken));
                }
        }
        return [.. places];
    }

    private int[] RanksByOrder()
    {
        var rank = new int[Problem.Experiments.Count];
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var order in Orders.Where(order => rank[order.To] <= rank[order.From]))
            {
                rank[order.To] = rank[order.From] + 1;
                changed = true;
            }
        }
        return rank;
    }
}

/// <summary>A precedence between experiments by index.</summary>
internal sealed record Ordered(int From, int To, Precedence Precedence);

/// <summary>A proposal's experiments by index, those that go first in front.</summary>
internal sealed record ProposalPart(int[] Required, int[] Optional, bool HasBegun)
{
    public IEnumerable<int> All => Required.Concat(Optional);
}
