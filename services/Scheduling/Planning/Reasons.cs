namespace Tutti.Scheduling.Planning;

/// <summary>
/// Why experiments have no place in a plan, by trial: the required experiments of a proposal are placed around the plan as it stands with one family of rules left
/// out, for this proposal alone; where that succeeds, the family is what keeps it out.
/// </summary>
internal sealed class Reasons
{
    private const int MostTrials = 4_000;

    private static readonly (Rules Family, string Code, string Words)[] families =
    [
        (Rules.Order, UnplacedReasons.Order, "the order and gaps to its other experiments"), (Rules.Travel, UnplacedReasons.TeamClash, "its team being at another experiment or on the way"),
        (Rules.Occupied, UnplacedReasons.InstrumentFull, "other experiments on its instruments"), (Rules.Source, UnplacedReasons.SourceBusy, "an instrument on the same source"),
        (Rules.Contacts, UnplacedReasons.NoContact, "local contacts being busy"), (Rules.GloveBox, UnplacedReasons.GloveBoxesFull, "glove boxes being in use"),
        (Rules.Cells, UnplacedReasons.CellsOut, "cells being elsewhere or on their way"), (Rules.InstrumentQuota, UnplacedReasons.InstrumentQuota, "the quota of an instrument"),
        (Rules.SiteQuota, UnplacedReasons.SiteQuota, "the quota of a site"), (Rules.CountryMax, UnplacedReasons.CountryMaximum, "the maximum of its country"),
        (Rules.Window, UnplacedReasons.WindowTooSmall, "its window"), (Rules.TeamAway, UnplacedReasons.TeamAway, "its team being away"),
        (Rules.StartShift, UnplacedReasons.StartNotAllowed, "the shifts with which a block may begin"), (Rules.RunLength, UnplacedReasons.RunTooShort, "closures between the runs"),
        (Rules.SetUp, UnplacedReasons.SetUp, "the time to set its instrument up"), (Rules.Sample, UnplacedReasons.SampleElsewhere, "its sample being elsewhere or on the way"),
        (Rules.Week, UnplacedReasons.WeekFull, "what the local contacts can do in a week"),
        (Rules.Forbidden, UnplacedReasons.CellRefused, "cells having been refused"), (Rules.Forbidden, UnplacedReasons.EquipmentRefused, "equipment having been refused"),
        (Rules.Forbidden, UnplacedReasons.StaffAway, "staff being away"),
        (Rules.Forbidden, UnplacedReasons.TimeForbidden, "times that were forbidden to it"),
    ];

    private const Rules OfItsOwn = Rules.Window | Rules.TeamAway | Rules.StartShift | Rules.RunLength | Rules.Forbidden | Rules.Contacts | Rules.GloveBox | Rules.Cells | Rules.InstrumentQuota | Rules.SiteQuota;

    private readonly Space space;
    private readonly Place?[] plan;
    private readonly Dictionary<int, List<string>> ofProposal = [];
    private Draft draft;
    private string? reason;
    private int trials;

    public Reasons(Space space, Place?[] plan)
    {
        this.space = space;
        this.plan = plan;
        draft = Fresh();
    }

    /// <summary>For each experiment without a place the codes of what keeps it out; when told to stop, the rest is told of without looking.</summary>
    public List<UnplacedExperiment> All(CancellationToken stop)
    {
        var unplaced = new List<UnplacedExperiment>();
        for (var e = 0; e < plan.Length; e++)
        {
            if (plan[e] is not null) continue;
            unplaced.Add(new(space.Experiments[e].Id, stop.IsCancellationRequested ? [UnplacedReasons.NotLookedAt] : [.. Codes(e)]));
        }
        return unplaced;
    }

    /// <summary>The same in words, with smaller grants and other instruments that would fit.</summary>
    public List<Explanation> Explain(CancellationToken stop)
    {
        var explained = new List<Explanation>();
        for (var e = 0; e < plan.Length; e++)
        {
            if (plan[e] is not null) continue;
            if (stop.IsCancellationRequested)
            {
                explained.Add(new(space.Experiments[e].Id, space.Proposals[space.Experiments[e].Proposal].Id, [], [], "Nobody has looked in the time that was given."));
                continue;
            }
            var (data, codes) = (space.Experiments[e], Codes(e));
            var helping = codes.Contains(UnplacedReasons.NotWorthItsCost) ? [] : Helping(e);
            var words = families.Where(family => helping.Contains(family.Code)).Select(family => family.Words).ToList();
            var text = words.Count > 0 ? $"It would have a place, with all that its proposal requires, but for {string.Join(", or but for ", words)}."
                : codes.Contains(UnplacedReasons.ProposalIncomplete) ? "There is a place for it, but not for everything that its proposal requires."
                : codes.Contains(UnplacedReasons.GroupIncomplete) ? "There is a place for it, but not for everything that it is tied to."
                : codes.Contains(UnplacedReasons.NoOpenShifts) ? "None of its instruments has an open shift."
                : codes.Contains(UnplacedReasons.NotWorthItsCost) ? "There is a place for it, with all that its proposal requires, but that would cost more (dates, trips, set-ups, load) than it brings."
                : "No rule was found that keeps it out alone.";
            var (smaller, others) = (Smaller(e), Others(e));
            if (smaller > 0) text += $" {smaller} instead of {data.Shifts} shifts would fit.";
            if (others.Count > 0) text += $" It would fit on {string.Join(", ", others.Select(id => $"instrument {id}"))} of the same technique.";
            explained.Add(new(data.Id, space.Proposals[data.Proposal].Id, helping, others, text, smaller > 0 ? smaller : null));
        }
        return explained;
    }

    private List<string> Codes(int e)
    {
        var data = space.Experiments[e];
        if (data.Options.All(option => space.Instruments[option.Instrument].SlotStart.Length == 0)) return [UnplacedReasons.NoOpenShifts];
        if (FitsAsItIs(e)) return [UnplacedReasons.NotWorthItsCost];
        if (OnItsOwn(e)) return Helping(e) is { Count: > 0 } own ? own : [UnplacedReasons.NoJointPlacement];
        if (Fits([e], Rules.None))
        {
            if (space.Proposals[data.Proposal].Required.Any(IsKeptOut)) return [UnplacedReasons.ProposalIncomplete];
            if (data.Set.Any(IsKeptOut)) return [UnplacedReasons.GroupIncomplete];
        }
        return Helping(e) is { Count: > 0 } codes ? codes : Single([e]) is { Count: > 0 } alone && !Fits([e], Rules.None) ? alone : [UnplacedReasons.NoJointPlacement];

        bool IsKeptOut(int other) => other != e && plan[other] is null && !Fits([other], Rules.None);
    }

    /// <summary>What has to have a place for it to have one, itself and what has one already among them: all that its proposal requires, and what it is tied to.</summary>
    private int[] Company(int e)
    {
        var (data, proposal) = (space.Experiments[e], space.Proposals[space.Experiments[e].Proposal]);
        return proposal.Started ? data.Set : data.Required ? proposal.Required : [.. proposal.Required, .. data.Set];
    }

    /// <summary>Whether there is a place for it, with all that it needs beside it: then it is what that place costs that keeps it out.</summary>
    private bool FitsAsItIs(int e) => Fits(Company(e), Rules.None);

    /// <summary>Whether its own place alone decides.</summary>
    private bool OnItsOwn(int e) => Company(e).All(other => other == e || plan[other] is not null);

    /// <summary>The families each of which, left out for its proposal alone, gives it a place with all that it needs beside it, where there is none as it is.</summary>
    private List<string> Helping(int e)
    {
        var (data, proposal) = (space.Experiments[e], space.Proposals[space.Experiments[e].Proposal]);
        if (!data.Required || proposal.Started) return Single(Company(e));
        if (!ofProposal.TryGetValue(data.Proposal, out var codes)) ofProposal[data.Proposal] = codes = Single(proposal.Required);
        return codes;
    }

    /// <summary>The families each of which, left out for these experiments, lets all of them be placed.</summary>
    private List<string> Single(int[] experiments) => [.. families.Where(family => Fits(experiments, family.Family, family.Code)).Select(family => family.Code)];

    private bool Fits(int[] experiments, Rules relaxed, string? code = null)
    {
        if (relaxed == Rules.Forbidden && !experiments.Any(e => space.Instance.Experiments[e].Forbidden.Any(no => no.Reason == code))) return false;
        reason = code;
        trials = 0;
        int[] missing = [.. experiments.Where(e => draft[e] is null)];
        var fits = Insert(missing, 0, relaxed);
        // What overlaps cannot be taken out again one by one.
        if (fits && (relaxed & (Rules.Occupied | Rules.Source)) != 0) draft = Fresh();
        else
            foreach (var e in missing) draft.Release(e);
        return fits;
    }

    private bool Insert(int[] experiments, int next, Rules relaxed)
    {
        if (next == experiments.Length) return true;
        var e = experiments[next];
        var options = (relaxed & OfItsOwn) != 0 ? space.OptionsWithout(e, relaxed, reason) : space.Experiments[e].Options;
        foreach (var option in options)
        {
            if (relaxed == Rules.None || option.Reach.Length > 0)
            {
                var own = Array.Find(space.Experiments[e].Options, one => one.Instrument == option.Instrument);
                if (own is not null && draft.Find(e, own, Seek.Earliest) is { } place && Go(place)) return true;
            }
            foreach (var block in option.Single)
            {
                if (++trials > MostTrials) return false;
                var place = new Place(option, [block]);
                if ((draft.Broken(e, place) & ~relaxed) == Rules.None && Go(place)) return true;
            }
            if (relaxed == Rules.None) continue;
            foreach (var place in InTwo(e, option, relaxed))
            {
                if (++trials > MostTrials) return false;
                if ((draft.Broken(e, place) & ~relaxed) == Rules.None && Go(place)) return true;
            }
        }
        return false;

        bool Go(Place place)
        {
            draft.Take(e, place);
            if (Insert(experiments, next + 1, relaxed)) return true;
            if ((relaxed & (Rules.Occupied | Rules.Source)) != 0)
            {
                var kept = experiments[..next].Select(one => (one, Place: draft[one])).ToList();
                draft = Fresh();
                foreach (var (one, there) in kept)
                    if (there is not null) draft.Take(one, there);
            }
            else draft.Release(e);
            return false;
        }
    }

    /// <summary>Places in two blocks, halves or the shortest and the rest, of which each alone breaks nothing but the order, which looks at both.</summary>
    private IEnumerable<Place> InTwo(int e, Option option, Rules relaxed)
    {
        var data = space.Experiments[e];
        if (data.MaxBlocks < 2 || option.Reach.Length == 0) yield break;
        foreach (var slots in new[] { option.Shifts / 2, data.MinBlock, option.Shifts - data.MinBlock }.Distinct().Where(slots => slots >= data.MinBlock && option.Shifts - slots >= data.MinBlock))
        {
            var later = Blocks(option.Shifts - slots);
            foreach (var first in Blocks(slots))
                foreach (var second in later)
                    if (second.Start >= first.End) yield return new(option, [first, second]);
        }

        List<Block> Blocks(int slots)
        {
            var (instrument, blocks) = (space.Instruments[option.Instrument], new List<Block>());
            for (var first = 0; first + slots <= option.Reach.Length; first++)
            {
                if (option.Reach[first] < first + slots - 1) continue;
                var block = new Block(first, slots, instrument.SlotStart[first], instrument.SlotEnd[first + slots - 1]);
                if ((draft.Broken(e, new(option, [block])) & ~(relaxed | Rules.Order)) == Rules.None) blocks.Add(block);
            }
            return blocks;
        }
    }

    private int Smaller(int e)
    {
        var data = space.Experiments[e];
        return WithTheOthers(e, () =>
        {
            for (var shifts = data.Shifts - 1; shifts >= Math.Max(1, data.MinBlock / 2); shifts--)
                if (space.OptionsOf(e, shifts, space.Instance.Experiments[e].Instruments).Any(option => FitsOn(e, option))) return shifts;
            return 0;
        }, 0);
    }

    private List<int> Others(int e)
    {
        var data = space.Experiments[e];
        var techniques = space.Instance.Experiments[e].Instruments.Select(id => space.Instance.Instruments[space.InstrumentIndex[id]].Technique).ToHashSet();
        var ids = space.Instance.Instruments.Where(one => techniques.Contains(one.Technique) && !space.Instance.Experiments[e].Instruments.Contains(one.Id) && HasMode(one.SetUpTimes) && HasMode(one.SetUpCosts)).Select(one => one.Id).ToList();
        return WithTheOthers(e, () => space.OptionsOf(e, data.Shifts, ids).Where(option => FitsOnAnother(e, option)).Select(option => space.Instruments[option.Instrument].Id).ToList(), []);

        bool HasMode(IReadOnlyList<IReadOnlyList<int>>? table) => table is null || (data.Mode >= 0 && data.Mode < table.Count);
    }

    /// <summary>Whether it fits on an instrument that it may not run on, with the hand-over of that one and not of its own, and with a cell, unless others than those of its type may serve there.</summary>
    private bool FitsOnAnother(int e, Option option)
    {
        var (data, instrument, times) = (space.Experiments[e], space.Instance.Instruments[option.Instrument], space.Instruments[option.Instrument].SetUpTimes);
        var (preparation, cleaning) = (instrument.Preparation ?? data.Preparation, instrument.Cleaning ?? data.Cleaning);
        var others = data.Cell >= 0 && space.Instance.CellTypes[data.Cell].Instruments is { } served && !served.Contains(instrument.Id) ? Rules.Cells : Rules.None;
        var there = Enumerable.Range(0, plan.Length).SelectMany(other => draft[other] is { } place && place.Instrument == option.Instrument ? place.Blocks.Select(block => (Data: space.Experiments[other], Block: block)) : []).ToList();
        return Array.Exists(option.Single, block => (draft.Broken(e, new(option, [block])) & ~(Rules.SetUp | others)) == Rules.None && there.TrueForAll(other =>
            block.End + cleaning + Change(data, other.Data) + other.Data.Preparation <= other.Block.Start || other.Block.End + other.Data.Cleaning + Change(other.Data, data) + preparation <= block.Start));

        int Change(ExperimentData from, ExperimentData to) => times?[from.Mode][to.Mode] ?? 0;
    }

    /// <summary>Looks while all else that it needs has a place, the first that is found; where there is none, nothing helps it.</summary>
    private T WithTheOthers<T>(int e, Func<T> look, T none)
    {
        int[] missing = [.. Company(e).Where(other => other != e && draft[other] is null)];
        trials = 0;
        if (!Insert(missing, 0, Rules.None)) return none;
        var found = look();
        foreach (var other in missing) draft.Release(other);
        return found;
    }

    private bool FitsOn(int e, Option option)
    {
        foreach (var block in option.Single)
            if (draft.Broken(e, new(option, [block])) == Rules.None) return true;
        return false;
    }

    private Draft Fresh()
    {
        var fresh = new Draft(space);
        fresh.Load(plan);
        return fresh;
    }
}
