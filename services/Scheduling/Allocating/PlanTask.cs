using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Staffing;
using Tutti.Scheduling.Travelling;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// One round's question to the planner, and how its answer reads in calendars and experiments. What stands (published shifts, locked placements, those a team was offered, and of
/// a plan that was published everything that is where it was promised) goes in as pins, each block on shifts of its own without a gap, so that neither a calendar
/// changed meanwhile nor a conflict that somebody forced can contradict it.
/// </summary>
internal sealed class PlanTask
{
    /// <summary>The most instruments beside its own among which the planner chooses for one experiment, those of the same site first.</summary>
    private const int MostOthers = 8;

    private static readonly TimeSpan longest = TimeSpan.FromDays(4 * 366), bookedAhead = TimeSpan.FromDays(21);

    private readonly PlanSnapshot snapshot;
    private readonly TimeGrid grid;
    private readonly DateTimeOffset from, to;
    private readonly Dictionary<string, IReadOnlyList<Shift>> shifts = [];
    private readonly List<StandingBlock> unpinned = [];
    private readonly HashSet<Guid> standing;
    private readonly Dictionary<Guid, PlanEntry> entries;
    private readonly long standingWorth;
    private readonly Quotas quotas;
    private PromisedWorth? promisedWorth;

    public PlanTask(PlanSnapshot snapshot, TimeSpan travel, bool keepHeld, DateTimeOffset now)
    {
        this.snapshot = snapshot;
        entries = snapshot.Plan.Entries.ToDictionary(entry => entry.ExperimentId);
        (from, to) = snapshot.Window(now);
        quotas = new Quotas(snapshot, now);
        var known = snapshot.Experiments.Select(one => one.Id).ToHashSet();
        var held = keepHeld ? Held(known) : [];
        HasHeld = held.Count > 0;
        List<PlanEntry> own = [.. snapshot.Plan.Entries.Where(entry => entry.IsPlaced && known.Contains(entry.ExperimentId) && (held.Contains(entry.ExperimentId) || Stays(entry)))];
        standing = own.Select(entry => entry.ExperimentId).ToHashSet();
        standingWorth = own.Sum(entry => entry.Worth);

        var blocks = Standing(own);
        var start = blocks.Select(one => one.From).Append(from).Min().UtcDateTime.Date;
        // A week begins on Monday.
        grid = TimeGrid.QuarterHours(new DateTimeOffset(start.AddDays(-(((int)start.DayOfWeek + 6) % 7)), TimeSpan.Zero));
        var instruments = snapshot.Experiments.SelectMany(snapshot.EligibleOf).Concat(blocks.Select(one => one.InstrumentCode)).Concat(snapshot.Advised).Distinct().Order(StringComparer.Ordinal)
            .Select(code => Instrument(code, blocks, own)).ToList();
        var stocks = new Stocks(snapshot, snapshot.Plan.Entries, grid, standing, to, now);
        List<PlanningExperiment> experiments = [.. Free(stocks, [.. instruments.Select(one => one.Id)]), .. AsPlanned(blocks, travel)];
        Promised = blocks.Where(one => snapshot.Proposals.ContainsKey(one.ProposalId)).Sum(one => 2L * snapshot.Proposals[one.ProposalId].Score * one.Shifts);
        var parts = PartsOf(experiments);
        Problem = new PlanningProblem
        {
            Grid = grid, Instruments = instruments, Experiments = experiments, Contacts = Contacts(instruments, blocks), DefaultTravel = (int)Math.Ceiling(travel / grid.Unit), DefaultShipping = (int)Math.Ceiling(travel / grid.Unit),
            Distances = snapshot.DistancesOn(grid),
            Parts = [.. Parts()], SiteQuotas = [.. SiteQuotas()], Stocks = stocks.All, Weights = Weights, Together = [.. Groups(parts)],
            Weekly = [.. from one in instruments.DistinctBy(one => one.ContactGroup) let most = snapshot.Staff.WeeklyOf(one.Id) where most != WeeklyLimits.None select new WeeklyWork(one.ContactGroup ?? "", most.Shifts, most.Starts)],
            Policy = snapshot.Plan.Search.ForbidRankInversion ?? snapshot.Call is { RankMayBeInverted: false } ? RankPolicy.NoRankInversion : RankPolicy.BestSum,
            Precedences = [.. Orders(parts), .. parts.Where(one => one.Value.Count > 1 && !IsPinned(one.Key)).SelectMany(one => one.Value.Zip(one.Value.Skip(1), (before, after) => new Precedence(before, after, 0)))],
            Pins = [.. blocks.Select(one => new Pin(one.Part, one.InstrumentCode, Unit(one.From), Unit(one.To)))],
        };

        bool IsPinned(Guid experiment) => blocks.Exists(one => one.ExperimentId == experiment);

        IEnumerable<PartnersPart> Parts()
        {
            foreach (var one in snapshot.Call?.Partners ?? [])
            {
                var name = one.Country ?? one.Partner ?? "";
                var (taken, pins) = (quotas.GivenTo(name) + own.Where(entry => quotas.PartOf(entry.ProposalId) == name).Sum(entry => entry.Shifts.Count), blocks.Where(block => quotas.PartOf(block.ProposalId) == name).Sum(block => block.Shifts));
                yield return new(name, Math.Max(0, (one.MinShifts ?? 0) - taken) + pins, one.MaxShifts is { } most ? Math.Max(0, most - taken) + pins : null);
            }
        }

        // What stands of other calls is not of this call's shifts.
        IEnumerable<SiteShifts> SiteQuotas() =>
            from site in instruments.Select(one => one.Site).Distinct()
            where quotas.OfSite(site) is not null
            let left = (quotas.OfSite(site) ?? 0) - quotas.GivenAt(site) - own.Where(entry => snapshot.SiteOf(entry.InstrumentCode) == site).Sum(entry => entry.Shifts.Count)
            select new SiteShifts(site, blocks.Where(block => snapshot.SiteOf(block.InstrumentCode) == site).Sum(block => block.Shifts) + Math.Max(0, left));

        // Optional experiments that their team ties together, and the blocks of one that was split.
        IEnumerable<IReadOnlyList<Guid>> Groups(Dictionary<Guid, List<Guid>> partsOf) => snapshot.Experiments.Where(one => !one.Required && !standing.Contains(one.Id) && partsOf[one.Id].Count > 0)
            .GroupBy(one => (one.ProposalId, Group: one.Wishes.Group ?? $"{one.Id}")).Select(group => (IReadOnlyList<Guid>)[.. group.SelectMany(one => partsOf[one.Id])]).Where(group => group.Count > 1);

        Dictionary<Guid, List<Guid>> PartsOf(List<PlanningExperiment> planned)
        {
            var ids = planned.Select(one => one.Id).ToHashSet();
            return snapshot.Experiments.Concat(snapshot.Published).Concat(snapshot.Elsewhere).ToDictionary(one => one.Id, one => Enumerable.Range(0, Blocks.Most).Select(block => Blocks.Part(one.Id, block)).Where(ids.Contains).ToList());
        }

        IEnumerable<Precedence> Orders(Dictionary<Guid, List<Guid>> partsOf) => snapshot.Experiments.Concat(snapshot.Published)
            .SelectMany(one => one.After.Select(after => (one.Id, After: after)))
            .Where(order => partsOf.TryGetValue(order.After.ExperimentId, out var before) && before.Count > 0 && partsOf[order.Id].Count > 0 && !(IsPinned(order.Id) && IsPinned(order.After.ExperimentId)))
            .Select(order => new Precedence(partsOf[order.After.ExperimentId][^1], partsOf[order.Id][0], order.After.MinGapHours * 4, order.After.MaxGapHours * 4));
    }

    /// <summary>The question.</summary>
    public PlanningProblem Problem { get; }

    /// <summary>Whether experiments with a held cell were told to stay.</summary>
    public bool HasHeld { get; }

    private ObjectiveWeights Weights => snapshot.Plan.Search.Weights?.Stated() ?? new();

    /// <summary>What pins add to the planner's objective.</summary>
    private long Promised { get; }

    /// <summary>The planner's figure as the plan states it: what stands counts with its true worth, what other plans published not at all.</summary>
    public long Merit(long objective) => objective - Promised + standingWorth;

    /// <summary>The layers of the answer's objective, with what stands at its true worth.</summary>
    public IReadOnlyList<PlanLayer> Layers(Plan answer) =>
        [.. answer.Layers.Select(layer => layer.Layer == "science" ? layer with { Amount = Merit(layer.Amount), Value = Merit(layer.Value) } : layer)];

    /// <summary>The answer as entries of the plan.</summary>
    public List<PlanEntry> Entries(Plan answer)
    {
        var placed = answer.Placements.ToDictionary(one => one.ExperimentId);
        var unplaced = answer.Unplaced.ToDictionary(one => one.ExperimentId);
        return [.. snapshot.Experiments.Select(experiment =>
        {
            var before = entries.GetValueOrDefault(experiment.Id);
            if (before is not null && standing.Contains(experiment.Id)) return before;
            var value = (experiment.Required ? 2L : 1L) * snapshot.Proposals[experiment.ProposalId].Score;
            var entry = new PlanEntry
            {
                PlanId = snapshot.Plan.Id, ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, InstrumentCode = experiment.GrantedInstrument,
                CellDesignCode = experiment.CellDesignCode, Equipment = experiment.Equipment, Mode = experiment.Mode, Required = experiment.Required, Group = experiment.Required ? null : experiment.Wishes.Group, Value = value, Split = before?.Split ?? [],
            };
            var parts = Enumerable.Range(0, LengthsOf(experiment, before).Count).Select(block => Blocks.Part(experiment.Id, block)).ToList();
            if (parts.TrueForAll(placed.ContainsKey))
                entry.Put(placed[parts[0]].Instrument, [.. parts.SelectMany((part, block) => placed[part].Shifts.Select(index => shifts[placed[part].Instrument][index])
                    .Select(shift => new PlacedShift(shift.Start, shift.End, shift.Label, block)))], PlacementLock.None, null);
            else if (before is { IsPlaced: false } && IsOut(before)) (entry.Lock, entry.Reasons) = (before.Lock, before.Reasons);
            else if (before is { Locked: true } && snapshot.IsRefused(before)) entry.Reasons = [.. snapshot.Refusals.Where(one => one.IsFor(before)).SelectMany(one => one.Reasons), Reasons.Of(Reasons.LockedPlaceRefused)];
            else entry.Reasons = [.. parts.SelectMany(part => unplaced.TryGetValue(part, out var why) ? why.Reasons : [UnplacedReasons.WindowTooSmall]).Distinct().SelectMany(code => Words(experiment.Id, code))];
            return entry;
        })];
    }

    private IEnumerable<PlanRefusal> Words(Guid experiment, string code) => code switch
    {
        UnplacedReasons.CellRefused when RefusedLast(experiment, ReservationKind.Cell) is { Reasons.Count: > 0 } told => told.Reasons,
        UnplacedReasons.EquipmentRefused when RefusedLast(experiment, ReservationKind.Equipment) is { Reasons.Count: > 0 } told => told.Reasons,
        UnplacedReasons.TimeForbidden => [Reasons.Of(Reasons.ForbiddenByDesk)],
        _ => [Reasons.Of(code)],
    };

    private Reservation? RefusedLast(Guid experiment, ReservationKind kind) => snapshot.Refusals.LastOrDefault(one => one.ExperimentId == experiment && one.Kind == kind);

    private bool Stays(PlanEntry entry) => !snapshot.IsRefused(entry) && !IsLost(entry.InstrumentCode, entry.Shifts)
        && (entry.From < snapshot.Plan.FrozenUntil || (snapshot.Plan.Repair is { } repair ? repair.Keeps(entry) : entry.Locked || entry.Answer != TeamAnswer.None || snapshot.IsPromised(entry)));

    private bool IsOut(PlanEntry? entry) => entry is not null && (entry.Locked || snapshot.Plan.Repair?.KeepsOut(entry) == true);

    private bool IsLost(string instrument, IReadOnlyList<PlacedShift> placed) => snapshot.Lost.Any(lost => placed.Any(shift => lost.Takes(instrument, shift.Start, shift.End)));

    /// <summary>
    /// Blocks that stand, in order of time. Of two that clash on an instrument or a source, which only a changed catalogue can bring about, the first is a pin; the other one stays too, and its
    /// time is closed to everybody else.
    /// </summary>
    private List<StandingBlock> Standing(List<PlanEntry> own)
    {
        var all = snapshot.Published.Concat(snapshot.Elsewhere)
            .SelectMany(one => Blocks.Of(one.Id, one.ProposalId, one.InstrumentCode, one.PlacedShifts, snapshot.LeadersOfPublished.GetValueOrDefault(one.ProposalId), one.Mode, one.Wishes.SampleId))
            .Concat(own.SelectMany(one => Blocks.Of(one.ExperimentId, one.ProposalId, one.InstrumentCode, one.Shifts, snapshot.Proposals[one.ProposalId].LeaderId, one.Mode, snapshot.ById[one.ExperimentId].Wishes.SampleId)));
        var standing = new List<StandingBlock>();
        foreach (var one in all.Where(one => one.To > from - longest).OrderBy(one => one.From).ThenBy(one => one.Part))
            (standing.Exists(before => one.From < before.To && AreBeside(one.InstrumentCode, before.InstrumentCode)) ? unpinned : standing).Add(one);
        return standing;
    }

    /// <summary>Whether only one of two instruments can have beam at a time.</summary>
    private bool AreBeside(string one, string other) => one == other
        || (snapshot.Instruments.TryGetValue(one, out var here) && snapshot.Instruments.TryGetValue(other, out var there) && here.SharedSources.Any(there.SharedSources.Contains));

    private PlanningInstrument Instrument(string code, List<StandingBlock> standing, List<PlanEntry> own)
    {
        var known = snapshot.Instruments.GetValueOrDefault(code);
        var calendar = snapshot.Calendars.GetValueOrDefault(code);
        var setUp = snapshot.SetUpOf(code);
        var blocks = standing.Where(one => one.InstrumentCode == code).ToList();
        var open = known?.IsRetired == true || calendar is null ? [] : calendar.Calendar.ShiftsBetween(from, to);
        var closed = unpinned.Where(one => AreBeside(one.InstrumentCode, code)).Concat(blocks).ToList();
        var taken = blocks.SelectMany(one => one.Starts.Zip(one.Starts.Skip(1).Append(one.To), (start, end) => new Shift(start, end, "")));
        shifts[code] = [.. open.Where(shift => !snapshot.Lost.Any(lost => lost.Takes(code, shift.Start, shift.End)) && !closed.Exists(block => block.From < shift.End && shift.Start < block.To)).Concat(taken).OrderBy(shift => shift.Start)];
        return new PlanningInstrument
        {
            Id = code, Site = snapshot.SiteOf(code), OpenShifts = grid.OpenShifts(shifts[code]), SharedSources = known?.SharedSources ?? [],
            BridgeableGap = (calendar?.BridgeableHours ?? 0) * 4, ContactGroup = snapshot.Staff.GroupOf(code),
            Technique = known?.Technique ?? "", ShiftQuota = Quota(code, standing, own),
            Preparation = grid.UnitsIn(setUp.PreparationMinutes), Cleaning = grid.UnitsIn(setUp.CleaningMinutes),
            ModeChanges = [.. setUp.Changes.Select(change => new ModeChange(change.From, change.To, grid.UnitsIn(change.Minutes), change.CostPercent * 10))],
        };
    }

    /// <summary>The stricter of calendar and call; what stands has its shifts, of the quotas or not.</summary>
    private int? Quota(string code, List<StandingBlock> standing, List<PlanEntry> own)
    {
        var left = new[]
        {
            quotas.OfCalendar(code) - quotas.TakenOfCalendar(code, standing),
            quotas.OfCall(code) - quotas.GivenOf(code) - own.Where(entry => entry.InstrumentCode == code).Sum(entry => entry.Shifts.Count),
        }.Min();
        return left is { } shifts ? standing.Where(one => one.InstrumentCode == code).Sum(one => one.Shifts) + Math.Max(0, shifts) : null;
    }

    /// <summary>What the local contacts can serve, and where more stands already, so much; times at which nobody is there are forbidden with a reason of their own.</summary>
    private List<ContactsAtOnce> Contacts(List<PlanningInstrument> instruments, List<StandingBlock> standing)
    {
        List<ContactsAtOnce> contacts = [];
        foreach (var group in instruments.Where(one => one.ContactGroup is not null).GroupBy(one => one.ContactGroup ?? ""))
        {
            var pieces = snapshot.Staff.CapacityOf(group.First().Id, from, to).Select(piece => (From: Unit(piece.From), To: Unit(piece.To), piece.AtOnce)).ToList();
            var blocks = standing.Where(one => group.Any(instrument => instrument.Id == one.InstrumentCode)).Select(one => (From: Unit(one.From), To: Unit(one.To))).ToList();
            var cuts = pieces.SelectMany(piece => new[] { piece.From, piece.To }).Concat(blocks.SelectMany(block => new[] { block.From, block.To })).Distinct().Order().ToList();
            contacts.AddRange(cuts.Zip(cuts.Skip(1), (start, end) => new ContactsAtOnce(group.Key, start, end,
                Math.Max(Math.Max(1, pieces.Where(piece => piece.From <= start && start < piece.To).Sum(piece => piece.AtOnce)), blocks.Count(block => block.From <= start && start < block.To)))));
        }
        return contacts;
    }

    private List<PlanningExperiment> Free(Stocks stocks, HashSet<string> instruments)
    {
        var free = new List<PlanningExperiment>();
        var advised = snapshot.Advised.ToLookup(TechniqueOf);
        foreach (var one in snapshot.Experiments.Where(one => !standing.Contains(one.Id)))
        {
            var proposal = snapshot.Proposals[one.ProposalId];
            var entry = entries.GetValueOrDefault(one.Id);
            var eligible = snapshot.EligibleOf(one);
            var (release, due) = (grid.UnitAfter(Later(Later(from, snapshot.Plan.FrozenUntil ?? from), proposal.BeamtimeFrom)), grid.UnitBefore(Earlier(to, proposal.BeamtimeTo)));
            if (due <= release) continue;
            var forbidden = snapshot.Refusals.Where(refused => refused.ExperimentId == one.Id && instruments.Contains(refused.InstrumentCode)).SelectMany(Forbidden)
                .Concat(advised[TechniqueOf(one.GrantedInstrument)].Concat(eligible).Distinct().SelectMany(WithoutStaff))
                .Concat(snapshot.Forbids.Where(forbid => forbid.ExperimentId == one.Id && (forbid.InstrumentCode is null || instruments.Contains(forbid.InstrumentCode)))
                    .SelectMany(forbid => Forbidden(forbid, release, due)))
                .Concat(Units(one.Wishes.Unacceptable, release, due).Select(time => new ForbiddenInterval(null, time.Start, time.End, ForbiddenReason.TeamAway)));
            // Somebody has put it there, and the pool lacks something for it there, or has taken it out: the planner does not decide for them where else.
            if (entry is not null && IsOut(entry)) forbidden = forbidden.Append(new(null, release, due, entry.IsPlaced ? ForbiddenReason.CellRefused : ForbiddenReason.Desk));
            var concern = ConcernOf(one);
            // Who does not have to move keeps its shifts too, where as few as possible are to move.
            var keepsShifts = concern == Concern.Stays && snapshot.Plan.Repair is { Mode: RepairMode.LeastMoved } && one.Wishes.MinShifts is not null && entry is { Split.Count: <= 1 };
            var lengths = keepsShifts && entry is not null ? [entry.Shifts.Count] : LengthsOf(one, entry);
            var there = Choice(stocks, one, eligible, entry, lengths.Count > 1);
            var setUps = there.ConvertAll(snapshot.SetUpOf);
            free.AddRange(lengths.Select((length, block) => new PlanningExperiment
            {
                Id = Blocks.Part(one.Id, block), ProposalId = one.ProposalId, TeamId = proposal.LeaderId, Score = proposal.Score, Shifts = length, Instruments = there,
                Release = release, Due = due, Required = one.Required, Forbidden = [.. forbidden],
                SampleId = one.Wishes.SampleId, MinShifts = lengths.Count == 1 && !keepsShifts ? one.Wishes.MinShifts : null, Preferred = [.. Units(one.Wishes.Preferred, release, due)],
                Preparation = grid.UnitsIn(setUps.Max(setUp => setUp.PreparationMinutes)), Cleaning = grid.UnitsIn(setUps.Max(setUp => setUp.CleaningMinutes)), Mode = one.Mode, Part = quotas.PartOf(one.ProposalId),
                // The pool holds one piece from the first block to the last.
                Stock = block == 0 ? stocks.Of(one, there[0]) : null, Promised = entry is not null && concern == Concern.Stays ? PlaceKept(entry, block) : null,
                Bonus = concern switch { Concern.Stays => Worth.OfAny, Concern.Hit => block == 0 ? Worth.OfAnother : 0, Concern.Waits or Concern.None => 0 },
            }));
        }
        return free;
    }

    /// <summary>Shifts of each block: those into which it was split, as long as that is what it was granted.</summary>
    private static IReadOnlyList<int> LengthsOf(Experiment experiment, PlanEntry? entry) => entry is { Split.Count: > 1 } && entry.Split.Sum() == experiment.Shifts ? entry.Split : [experiment.Shifts];

    /// <summary>
    /// The instruments among which the planner chooses. The blocks of one experiment are on one, and what it needs of the pool has to serve wherever it goes: where it stands already in a repair, else where it was granted, else
    /// where there is any.
    /// </summary>
    private List<string> Choice(Stocks stocks, Experiment experiment, IReadOnlyList<string> eligible, PlanEntry? entry, bool split)
    {
        var stands = entry is { IsPlaced: true } && eligible.Contains(entry.InstrumentCode) ? entry.InstrumentCode : null;
        if (split) return [stands ?? experiment.GrantedInstrument];
        if (eligible is [var only]) return [only];
        var (first, needs) = (snapshot.Plan.Repair is null ? experiment.GrantedInstrument : stands ?? experiment.GrantedInstrument, Need.Of(experiment.CellDesignCode, experiment.Equipment).Count > 0);
        if (needs && stocks.Of(experiment, first) is null) first = eligible.FirstOrDefault(code => stocks.Of(experiment, code) is not null) ?? first;
        var stock = stocks.Of(experiment, first);
        return [first, .. eligible.Where(code => code != first && stocks.Of(experiment, code) == stock).OrderBy(code => snapshot.SiteOf(code) != snapshot.SiteOf(first)).Take(MostOthers)];
    }

    private string TechniqueOf(string instrument) => snapshot.Instruments.GetValueOrDefault(instrument)?.Technique ?? "";

    private IEnumerable<UnitInterval> Units(IReadOnlyList<DateInterval> dates, int release, int due) => dates.Where(date => date.From < to && date.To > from)
        .Select(date => new UnitInterval(Math.Max(release, grid.UnitBefore(Later(from, date.From))), Math.Min(due, grid.UnitAfter(Earlier(to, date.To))))).Where(time => time.Start < time.End);

    /// <summary>In a repair: the place that it keeps if it can, and what that is worth.</summary>
    private PromisedPlace? PlaceKept(PlanEntry entry, int block)
    {
        if (entry.Shifts.FirstOrDefault(shift => shift.Block == block) is not { } first || entry.From is not { } begins) return null;
        var ahead = begins - snapshot.Plan.PlansFrom;
        return new(entry.InstrumentCode, Unit(first.Start), Worth.OfPlace(ahead.TotalDays, entry.Answer == TeamAnswer.Accepted || ahead < bookedAhead));
    }

    /// <summary>Whether an experiment could stay where the plan has it, cannot (by what is repaired, or by what was lost before), or waits for a place.</summary>
    private Concern ConcernOf(Experiment one) =>
        snapshot.Plan.Repair is not { } repair ? Concern.None
        : entries.GetValueOrDefault(one.Id) is not { IsPlaced: true } entry ? repair.Hit.Contains(one.Id) ? Concern.Hit : Concern.Waits
        : IsLost(entry.InstrumentCode, entry.Shifts) || entry.From < from || !snapshot.EligibleOf(one).Contains(entry.InstrumentCode) ? Concern.Hit : Concern.Stays;

    /// <summary>What places are worth in a repair.</summary>
    private PromisedWorth Worth => promisedWorth ??= WorthOf(snapshot.Plan.Repair?.Mode switch
    {
        RepairMode.LeastMoved => RepairOption.LeastMoved,
        RepairMode.MostScience => RepairOption.MostScience,
        RepairMode.ReserveOnly => RepairOption.ReserveOnly,
        null => throw new InvalidOperationException("The plan is no repair."),
    });

    private PromisedWorth WorthOf(RepairOption option)
    {
        var guaranteed = (snapshot.Call?.Partners ?? []).Where(one => one.MinShifts > 0).Select(one => one.Country ?? one.Partner).ToHashSet();
        var free = snapshot.Experiments.Where(one => !standing.Contains(one.Id)).ToLookup(ConcernOf);
        return new(option, snapshot.Plan.Entries.Select(entry => entry.Worth), free[Concern.Waits].Select(AtMost), free[Concern.Hit].Select(AtMost));

        // As if every shift of it made a guarantee good.
        long AtMost(Experiment one) => one.Shifts * (((one.Required ? 2L : 1L) * snapshot.Proposals[one.ProposalId].Score) + (guaranteed.Contains(quotas.PartOf(one.ProposalId)) ? Weights.Guarantee : 0));
    }

    /// <summary>Times at which everybody who looks after the instrument is away.</summary>
    private IEnumerable<ForbiddenInterval> WithoutStaff(string instrument) => snapshot.Staff.CapacityOf(instrument, from, to).Where(piece => piece.AtOnce == 0)
        .Select(piece => new ForbiddenInterval(instrument, grid.UnitBefore(piece.From), grid.UnitAfter(piece.To), ForbiddenReason.StaffAway));

    private IEnumerable<ForbiddenInterval> Forbidden(PlanForbid forbid, int release, int due)
    {
        var (start, end) = (forbid.From is { } since ? grid.UnitBefore(since) : release, forbid.To is { } until ? grid.UnitAfter(until) : due);
        if (start < end) yield return new(forbid.InstrumentCode, start, end, ForbiddenReason.Desk);
    }

    /// <summary>What a refusal teaches: nothing from the time that was refused until the next that is free, nor between two that are.</summary>
    private IEnumerable<ForbiddenInterval> Forbidden(Reservation refused)
    {
        var code = refused.InstrumentCode;
        var reason = refused.Kind switch { ReservationKind.Cell => ForbiddenReason.CellRefused, ReservationKind.Equipment => ForbiddenReason.EquipmentRefused };
        if (refused.NextFree.Count == 0)
        {
            yield return new(code, 0, grid.UnitAfter(to) + 1, reason);
            yield break;
        }
        var later = refused.NextFree.Where(free => free.From > refused.From).OrderBy(free => free.From).ToList();
        var end = later.Count > 0 ? later[0].From : refused.To;
        yield return new(code, grid.UnitBefore(refused.From), Math.Max(grid.UnitBefore(refused.From) + 1, grid.UnitAfter(end)), reason);
        foreach (var (one, next) in later.Zip(later.Skip(1)))
            if (one.To is { } over && grid.UnitBefore(over) < grid.UnitAfter(next.From))
                yield return new(code, grid.UnitBefore(over), grid.UnitAfter(next.From), reason);
    }

    /// <summary>
    /// What stands, as the planner sees it. Of two blocks of one team that clash, by force or by a changed travel time, the later is taken as of nobody's, and likewise of one sample; of two without the time for a hand-over, the set-up
    /// between them takes what there is.
    /// </summary>
    private List<PlanningExperiment> AsPlanned(List<StandingBlock> blocks, TimeSpan travel)
    {
        List<(Guid Who, StandingBlock Block)> teams = [], samples = [];
        var ways = snapshot.Distances.Ways.SelectMany(way => way.Directions()).ToList();
        var planned = new List<PlanningExperiment>();
        foreach (var one in blocks)
        {
            var team = Unless(one.LeaderId, one, teams, way => way.TravelHours);
            var sample = Unless(one.SampleId, one, samples, way => way.ShippingHours);
            planned.Add(new PlanningExperiment
            {
                Id = one.Part, ProposalId = one.ProposalId, TeamId = team, SampleId = sample, Shifts = one.Shifts, Instruments = [one.InstrumentCode], Release = Unit(one.From), Due = Unit(one.To),
                Score = snapshot.Proposals.TryGetValue(one.ProposalId, out var proposal) ? proposal.Score : 0, Part = quotas.PartOf(one.ProposalId),
            });
        }
        foreach (var code in blocks.Select(one => one.InstrumentCode).Distinct()) SetUpBetween(planned, [.. Enumerable.Range(0, blocks.Count).Where(n => blocks[n].InstrumentCode == code)]);
        return planned;

        // Who, or what, is needed at two places at once or too soon is only at the first.
        Guid? Unless(Guid? who, StandingBlock block, List<(Guid Who, StandingBlock Block)> earlier, Func<SiteWay, int> hours)
        {
            if (who is not { } one || earlier.Exists(before => before.Who == one && block.From < before.Block.To + Between(snapshot.SiteOf(before.Block.InstrumentCode), snapshot.SiteOf(block.InstrumentCode), hours))) return null;
            earlier.Add((one, block));
            return one;
        }

        TimeSpan Between(string from, string to, Func<SiteWay, int> hours) => from == to ? TimeSpan.Zero
            : ways.Find(way => way.From == from && way.To == to) is { } told ? TimeSpan.FromHours(hours(told)) : travel + grid.Unit;

        void SetUpBetween(List<PlanningExperiment> all, List<int> there)
        {
            var setUp = snapshot.SetUpOf(blocks[there[0]].InstrumentCode);
            for (var n = 0; n < there.Count; n++)
            {
                var (here, mode, preparation) = (blocks[there[n]], blocks[there[n]].Mode, grid.UnitsIn(setUp.PreparationMinutes));
                if (n > 0 && Unit(here.From) < Unit(blocks[there[n - 1]].To) + grid.UnitsIn(setUp.MinutesBetween(all[there[n - 1]].Mode ?? "", mode))) mode = all[there[n - 1]].Mode ?? "";
                foreach (var before in there.Take(n))
                {
                    var gap = Unit(here.From) - Unit(blocks[before].To) - grid.UnitsIn(setUp.MinutesBetween(all[before].Mode ?? "", mode));
                    all[before] = all[before] with { Cleaning = Math.Clamp(gap, 0, all[before].Cleaning) };
                    preparation = Math.Clamp(gap - all[before].Cleaning, 0, preparation);
                }
                all[there[n]] = all[there[n]] with { Mode = mode, Preparation = preparation, Cleaning = grid.UnitsIn(setUp.CleaningMinutes) };
            }
        }
    }

    /// <summary>
    /// Experiments of proposals that nothing was refused to stay where all that they need is held, and where nobody forbids it and beam is not lost. Of a proposal of which something
    /// cannot stay nothing stays: it is placed as a whole or not at all.
    /// </summary>
    private HashSet<Guid> Held(HashSet<Guid> known)
    {
        if (!snapshot.Plan.Inputs.Equal(snapshot.Inputs)) return [];
        var held = snapshot.Reservations.Where(one => one.Status == ReservationStatus.Held).Select(one => one.Id).ToHashSet();
        return [.. snapshot.Plan.Entries.Where(entry => entry.IsPlaced).GroupBy(entry => entry.ProposalId)
            .Where(group => group.Any(entry => entry.Needs.Count > 0) && group.All(entry => known.Contains(entry.ExperimentId) && entry.Reservations.Count(held.Contains) == entry.Needs.Count && !IsLost(entry.InstrumentCode, entry.Shifts) && !snapshot.IsForbidden(entry)))
            .SelectMany(group => group).Where(entry => !Stays(entry)).Select(entry => entry.ExperimentId)];
    }

    private int Unit(DateTimeOffset at) => grid.UnitBefore(at);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    /// <summary>How a repair concerns an experiment.</summary>
    private enum Concern
    {
        None,
        Stays,
        Hit,
        Waits,
    }
}
