namespace Tutti.Scheduling.Planning;

/// <summary>
/// A legal set of placements that grows by insertion: tells which rules keep a place from being taken, fills itself by score at the earliest
/// place, and explains by trial insertion why the rest did not fit.
/// </summary>
internal sealed class DraftPlan
{
    /// <summary>So many places are tried for one proposal before it counts as not fitting, because search over orders of several experiments can explode.</summary>
    private const int MostTrials = 5_000;

    private static readonly Rules[] Relaxable = [Rules.Order, Rules.Team, Rules.Instrument, Rules.Source, Rules.Window, Rules.CellRefused, Rules.TeamAway, Rules.StaffAway, Rules.StartShift];

    private readonly Places places;
    private readonly Place?[] taken;
    private readonly List<int>[] onInstrument;
    private readonly Dictionary<string, int[]> instrumentsOfSource;
    private readonly Dictionary<Guid, List<int>> ofTeam = [];

    public DraftPlan(Places places)
    {
        this.places = places;
        taken = new Place?[places.Problem.Experiments.Count];
        onInstrument = [.. places.Problem.Instruments.Select(_ => new List<int>())];
        instrumentsOfSource = Enumerable.Range(0, places.Problem.Instruments.Count)
            .SelectMany(i => places.Problem.Instruments[i].SharedSources.Distinct().Select(source => (source, i)))
            .GroupBy(pair => pair.source).ToDictionary(group => group.Key, group => group.Select(pair => pair.i).ToArray());
        for (var e = 0; e < taken.Length; e++)
            if (places.Pinned[e] is { } pinned) Take(e, pinned);
    }

    public DraftPlan(Places places, IEnumerable<(int Experiment, Place Place)> placed) : this(places)
    {
        foreach (var (e, place) in placed)
            if (taken[e] is null) Take(e, place);
    }

    public Place? this[int experiment] => taken[experiment];

    public IEnumerable<(int Experiment, Place Place)> Placed
    {
        get
        {
            for (var e = 0; e < taken.Length; e++)
                if (taken[e] is { } place) yield return (e, place);
        }
    }

    public long Objective => places.Proposals.Sum(proposal => proposal.All.Where(e => taken[e] is not null).Sum(places.Value));

    /// <summary>Adds proposals and then optional experiments that still fit, highest score first.</summary>
    public void Fill(CancellationToken stop)
    {
        var byScore = places.Proposals.OrderByDescending(proposal => places.Problem.Experiments[proposal.All.First()].Score).ToArray();
        foreach (var proposal in byScore)
        {
            if (stop.IsCancellationRequested) return;
            if (proposal.HasBegun)
                foreach (var e in proposal.Required) TryInsert([e], Rules.None);
            else TryInsert(proposal.Required, Rules.None);
        }
        foreach (var proposal in byScore)
            if (proposal.HasBegun || Array.TrueForAll(proposal.Required, e => taken[e] is not null))
                foreach (var e in proposal.Optional)
                {
                    if (stop.IsCancellationRequested) return;
                    TryInsert([e], Rules.None);
                }
    }

    /// <summary>For every experiment without a place the codes of <see cref="UnplacedReasons"/> that keep it out.</summary>
    public IEnumerable<(int Experiment, IReadOnlyList<string> Reasons)> Explain()
    {
        foreach (var proposal in places.Proposals)
        {
            var missing = proposal.All.Where(e => taken[e] is null).ToArray();
            var alone = missing.ToDictionary(e => e, WhyNotAlone);
            var jointly = !proposal.HasBegun && missing.Length > 0 && Array.TrueForAll(proposal.Required, e => alone.TryGetValue(e, out var reasons) && reasons.Count == 0)
                && proposal.Required.Length > 0 ? WhyNotJointly(proposal.Required) : [];
            foreach (var e in missing)
                yield return (e, alone[e] is { Count: > 0 } own ? own
                    : places.Problem.Experiments[e].Required && jointly.Count > 0 ? jointly : [UnplacedReasons.ProposalIncomplete]);
        }
    }

    private List<string> WhyNotAlone(int experiment)
    {
        var offers = places.Offered[experiment];
        if (offers.Length == 0)
            return [places.Problem.Experiments[experiment].Instruments.All(IsNeverOpen) ? UnplacedReasons.NoOpenShifts : UnplacedReasons.RunTooShort];
        var single = Rules.None;
        var fewest = ~Rules.None;
        foreach (var (place, own) in offers)
        {
            var broken = own | Broken(experiment, place);
            if (broken == Rules.None) return [];
            if (int.PopCount((int)broken) == 1) single |= broken;
            if (int.PopCount((int)broken) < int.PopCount((int)fewest)) fewest = broken;
        }
        return Codes(single == Rules.None ? fewest : single);
    }

    private bool IsNeverOpen(string instrument) => places.Problem.Instruments.First(one => one.Id == instrument).OpenShifts.Count == 0;

    private List<string> WhyNotJointly(int[] required)
    {
        var single = Rules.None;
        foreach (var family in Relaxable)
            if (TryInsert(required, family))
            {
                single |= family;
                foreach (var e in required) Release(e);
            }
        return single == Rules.None ? [UnplacedReasons.NoJointPlacement] : Codes(single);
    }

    private static List<string> Codes(Rules rules) =>
        [.. Relaxable.Where(family => rules.HasFlag(family)).Select(family => family switch
        {
            Rules.Order => UnplacedReasons.Order,
            Rules.Team => UnplacedReasons.TeamClash,
            Rules.Instrument => UnplacedReasons.InstrumentFull,
            Rules.Source => UnplacedReasons.SourceBusy,
            Rules.Window => UnplacedReasons.WindowTooSmall,
            Rules.CellRefused => UnplacedReasons.CellRefused,
            Rules.TeamAway => UnplacedReasons.TeamAway,
            Rules.StaffAway => UnplacedReasons.StaffAway,
            Rules.StartShift => UnplacedReasons.StartNotAllowed,
            _ => throw new InvalidOperationException($"No code for {family}"),
        })];

    /// <summary>Places all the experiments that have none yet, or none of them; rules of the relaxed family are not looked at.</summary>
    private bool TryInsert(int[] experiments, Rules relaxed)
    {
        var trials = 0;
        return Insert([.. experiments.Where(e => taken[e] is null)], 0, relaxed, ref trials);
    }

    private bool Insert(int[] experiments, int next, Rules relaxed, ref int trials)
    {
        if (next == experiments.Length) return true;
        var e = experiments[next];
        var candidates = relaxed == Rules.None || places.Pinned[e] is not null ? places.Legal[e]
            : places.Offered[e].Where(offer => (offer.Broken & ~relaxed) == Rules.None).Select(offer => offer.Place).OrderBy(place => place.Start).ToArray();
        foreach (var place in candidates)
        {
            if (++trials > MostTrials) return false;
            if ((Broken(e, place) & ~relaxed) != Rules.None) continue;
            Take(e, place);
            if (Insert(experiments, next + 1, relaxed, ref trials)) return true;
            Release(e);
        }
        return false;
    }

    private Rules Broken(int experiment, Place place)
    {
        var broken = Rules.None;
        var instrument = places.Problem.Instruments[place.Instrument];
        if (onInstrument[place.Instrument].Exists(other => Overlaps(other, place))) broken |= Rules.Instrument;
        foreach (var source in instrument.SharedSources)
            foreach (var i in instrumentsOfSource[source])
                if (i != place.Instrument && onInstrument[i].Exists(other => Overlaps(other, place))) broken |= Rules.Source;

        if (places.Problem.Experiments[experiment].TeamId is { } team && ofTeam.TryGetValue(team, out var visits))
            foreach (var other in visits)
                if (taken[other] is { } there && (places.Problem.Instruments[there.Instrument].Site is var site)
                    && place.Start < there.End + places.Travel(site, instrument.Site) && there.Start < place.End + places.Travel(instrument.Site, site))
                    broken |= Rules.Team;

        foreach (var order in places.OrdersOf[experiment])
        {
            var (from, to) = (order.From == experiment ? place : taken[order.From], order.To == experiment ? place : taken[order.To]);
            if (from is not { } first || to is not { } second) continue;
            var gap = second.Start - first.End;
            if (gap < places.LeastGap(order, places.SiteOf(first), places.SiteOf(second)) || gap > order.Precedence.MaxGap) broken |= Rules.Order;
        }
        return broken;
    }

    private bool Overlaps(int other, Place place) => taken[other] is { } there && place.Start < there.End && there.Start < place.End;

    private void Take(int experiment, Place place)
    {
        taken[experiment] = place;
        onInstrument[place.Instrument].Add(experiment);
        if (places.Problem.Experiments[experiment].TeamId is not { } team) return;
        if (!ofTeam.TryGetValue(team, out var visits)) ofTeam[team] = visits = [];
        visits.Add(experiment);
    }

    private void Release(int experiment)
    {
        if (taken[experiment] is not { } place) return;
        taken[experiment] = null;
        onInstrument[place.Instrument].Remove(experiment);
        if (places.Problem.Experiments[experiment].TeamId is { } team) ofTeam[team].Remove(experiment);
    }
}
