using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Knowing;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Repairing;
using Tutti.Scheduling.Staffing;
using Tutti.Scheduling.Travelling;

namespace Tutti.Scheduling.Allocating;

/// <summary>Everything that a round of a plan is made from, read in one go.</summary>
internal sealed record PlanSnapshot
{
    private static readonly TimeSpan longest = TimeSpan.FromDays(4 * 366);

    /// <summary>The plan as it stood.</summary>
    public required CallPlan Plan { get; init; }

    /// <summary>Proposals of the call with something to be planned.</summary>
    public required IReadOnlyDictionary<Guid, GrantedProposal> Proposals { get; init; }

    /// <summary>Their experiments without published shifts.</summary>
    public required IReadOnlyList<Experiment> Experiments { get; init; }

    /// <summary>Experiments, of any call, with published shifts that matter here.</summary>
    public required IReadOnlyList<Experiment> Published { get; init; }

    /// <summary>Principal investigators of proposals with published experiments.</summary>
    public required IReadOnlyDictionary<Guid, Guid?> LeadersOfPublished { get; init; }

    /// <summary>Instruments of the experiments, and those that share a source with them.</summary>
    public required IReadOnlyDictionary<string, KnownInstrument> Instruments { get; init; }

    /// <summary>Their calendars.</summary>
    public required IReadOnlyDictionary<string, InstrumentCalendar> Calendars { get; init; }

    /// <summary>What instruments need between experiments.</summary>
    public required IReadOnlyDictionary<string, InstrumentSetUp> SetUps { get; init; }

    /// <summary>What is known of the call; null: nothing was told.</summary>
    public required KnownCall? Call { get; init; }

    /// <summary>To whose guarantee proposals of the call count, where they do.</summary>
    public required IReadOnlyDictionary<Guid, PartnerGuarantee> Partners { get; init; }

    /// <summary>Promised experiments of the call that are not planned here.</summary>
    public required IReadOnlyList<GivenShifts> Given { get; init; }

    /// <summary>Instruments that may be named to experiments without a place: of the technique of one that was granted, in the scheme, with a calendar.</summary>
    public IReadOnlyList<string> Advised { get; init; } = [];

    /// <summary>Experiments with published shifts that matter for these alone.</summary>
    public IReadOnlyList<Experiment> Elsewhere { get; init; } = [];

    /// <summary>Who looks after the instruments.</summary>
    public required StaffOfSites Staff { get; init; }

    /// <summary>How long people and samples are on their way from site to site, where that is told.</summary>
    public required SiteDistances Distances { get; init; }

    /// <summary>What the pool was asked for this plan so far.</summary>
    public required IReadOnlyList<Reservation> Reservations { get; init; }

    /// <summary>What is known of the pool: cells and equipment that are wanted here, and what of them is lent, to whatever plan; null: not read, as nothing gets another place.</summary>
    public required KnownPool? Pool { get; init; }

    /// <summary>All this by revision, but for the pool: what is held is held, whatever else it has to lend.</summary>
    public required PlanInputs Inputs { get; init; }

    /// <summary>Where and when desk staff does not want experiments.</summary>
    public required IReadOnlyList<PlanForbid> Forbids { get; init; }

    /// <summary>When instruments give no beam in spite of their calendars.</summary>
    public required IReadOnlyList<Disturbance> Lost { get; init; }

    /// <summary>Instruments on which an experiment may run: the one for which it was granted first, and where it was promised shifts.</summary>
    public IReadOnlyList<string> EligibleOf(Experiment experiment) =>
        Eligible(experiment.GrantedInstrument, experiment.Wishes, Instruments) is var eligible && eligible.Contains(experiment.InstrumentCode) ? eligible : [.. eligible, experiment.InstrumentCode];

    /// <summary><see cref="Experiments"/> by id.</summary>
    public IReadOnlyDictionary<Guid, Experiment> ById => field ??= Experiments.ToDictionary(one => one.Id);

    /// <summary>Whether anything of the plan, or of the one that it is a copy of, has been promised.</summary>
    public required bool IsLive { get; init; }

    /// <summary>Proposals of which something is promised already: the rest may be placed or not, each for itself.</summary>
    public IReadOnlySet<Guid> Begun => field ??= Published.Concat(Experiments.Where(one => one.HoldsShifts)).Select(one => one.ProposalId).ToHashSet();

    /// <summary>Experiments of this plan that have had beam: they are past changing.</summary>
    public IEnumerable<Guid> Ran => IsLive ? Published.Where(one => one.PlanId == Plan.Lineage).Select(one => one.Id) : [];

    /// <summary>What the pool refused in the present series of rounds, and what was promised and cannot be used: what it said before that may be otherwise by now.</summary>
    public IEnumerable<Reservation> Refusals => Reservations.Where(one => one.Status == ReservationStatus.Refused && (one.Round > Plan.RoundsBefore || one.PromisedAt is not null));

    /// <summary>Whether the pool lacks something for just the place that an entry has.</summary>
    public bool IsRefused(PlanEntry entry) => Refusals.Any(one => one.IsFor(entry));

    /// <summary>Whether a plan that was published has an experiment where its team was promised it.</summary>
    public bool IsPromised(PlanEntry entry) => IsLive && ById.GetValueOrDefault(entry.ExperimentId) is { HoldsShifts: true } promised && entry.IsAt(promised.InstrumentCode, promised.PlacedShifts);

    /// <summary>Whether somebody who plans does not want an experiment where it stands.</summary>
    public bool IsForbidden(PlanEntry entry) => entry.IsPlaced && Blocks.Of(entry.ExperimentId, entry.ProposalId, entry.InstrumentCode, entry.Shifts, null, entry.Mode, null)
        .Any(block => Forbids.Any(forbid => forbid.Concerns(block.ExperimentId, block.InstrumentCode, block.From, block.To)));

    /// <summary>The site of an instrument; empty: not known.</summary>
    public string SiteOf(string instrument) => Instruments.GetValueOrDefault(instrument)?.SiteCode ?? "";

    /// <summary>What an instrument needs between experiments.</summary>
    public SetUp SetUpOf(string instrument) => SetUps.TryGetValue(instrument, out var told) ? told.SetUp : SetUp.None;

    /// <summary>The times between sites that were told, on a grid.</summary>
    public IReadOnlyList<SiteDistance> DistancesOn(TimeGrid grid) =>
        [.. Distances.Ways.SelectMany(way => way.Directions()).Select(way => new SiteDistance(way.From, way.To, grid.UnitsIn(way.TravelHours * 60), grid.UnitsIn(way.ShippingHours * 60)))];

    /// <summary>The time in which experiments are placed.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Window(DateTimeOffset now)
    {
        var from = new[] { now, Plan.PlansFrom, Proposals.Values.Select(one => one.BeamtimeFrom).DefaultIfEmpty(Plan.PlansFrom).Min() }.Max();
        var to = Proposals.Values.Select(one => one.BeamtimeTo).DefaultIfEmpty(from).Max();
        return (from, to < from ? from : to < from + longest ? to : from + longest);
    }

    /// <param name="advice">Whether other instruments are to be looked at for those who have no place.</param>
    /// <param name="pool">Whether what the pool has is to be read: only who looks for places asks for it.</param>
    public static async Task<PlanSnapshot> LoadAsync(SchedulingDb db, CallPlan plan, CancellationToken cancel, bool advice = false, bool pool = true)
    {
        var (call, id, lineage) = (plan.CallId, plan.Id, plan.Lineage);
        var live = await IsLiveAsync(db, plan, cancel);
        var experiments = await Planned(db, plan, live).OrderBy(x => x.Id).ToListAsync(cancel);
        var proposalIds = experiments.Select(one => one.ProposalId).Distinct().ToList();
        var proposals = await db.Proposals.AsNoTracking().Where(x => x.CallId == call && proposalIds.Contains(x.Id)).ToDictionaryAsync(x => x.Id, cancel);
        var all = await db.Instruments.AsNoTracking().ToDictionaryAsync(x => x.Code, cancel);
        var staff = await StaffOfSites.LoadAsync(db, cancel);
        var codes = staff.WithSharedContacts(WithSharedSources(experiments.SelectMany(one => Eligible(one.GrantedInstrument, one.Wishes, all).Append(one.InstrumentCode)), all.Values));
        var techniques = experiments.Select(one => all.GetValueOrDefault(one.GrantedInstrument)?.Technique ?? "").Where(technique => technique.Length > 0).ToHashSet();
        var others = advice ? all.Values.Where(one => techniques.Contains(one.Technique) && one is { InScheme: true, IsRetired: false }).Select(one => one.Code).ToHashSet() : [];
        HashSet<string> looked = [.. codes, .. WithSharedSources(others, all.Values)];
        var calendars = await db.Calendars.AsNoTracking().Where(x => looked.Contains(x.InstrumentCode)).ToDictionaryAsync(x => x.InstrumentCode, cancel);
        var distances = await db.SiteDistances.AsNoTracking().SingleOrDefaultAsync(cancel) ?? new();
        var since = plan.PlansFrom;
        var leaders = proposals.Values.Select(one => one.LeaderId).OfType<Guid>().Distinct().ToList();
        var published = await db.Experiments.AsNoTracking().HoldingShifts().Where(x =>
            (x.To > since && (codes.Contains(x.InstrumentCode) || db.Proposals.Any(other => other.Id == x.ProposalId && other.LeaderId != null && leaders.Contains(other.LeaderId.Value))))
                || x.PlanId == lineage || proposalIds.Contains(x.ProposalId))
            .OrderBy(x => x.From).ThenBy(x => x.Id).ToListAsync(cancel);
        var own = experiments.Select(one => one.Id).ToHashSet();
        published.RemoveAll(one => own.Contains(one.Id));
        var told = own.Concat(published.Select(one => one.Id)).ToHashSet();
        List<Experiment> elsewhere = looked.Count == codes.Count ? [] : await db.Experiments.AsNoTracking().HoldingShifts().Where(x => x.To > since && looked.Contains(x.InstrumentCode))
            .OrderBy(x => x.From).ThenBy(x => x.Id).ToListAsync(cancel);
        elsewhere.RemoveAll(one => told.Contains(one.Id));
        var owners = published.Concat(elsewhere).Select(one => one.ProposalId).Distinct().ToList();
        var ofCall = await db.Calls.AsNoTracking().SingleOrDefaultAsync(x => x.Id == call, cancel);
        var given = ofCall is not ({ Partners.Count: > 0 } or { Quotas.Count: > 0 } or { SiteQuotas.Count: > 0 }) ? []
            : await db.Experiments.AsNoTracking().HoldingShifts().Where(x => x.CallId == call).Select(x => new { x.Id, x.ProposalId, x.InstrumentCode, x.PlacedShifts }).ToListAsync(cancel);
        var partners = ofCall is null or { Partners.Count: 0 } ? []
            : (await db.Proposals.AsNoTracking().Where(x => x.CallId == call).ToListAsync(cancel)).Select(one => (one.Id, Partner: ofCall.PartnerOf(one)));
        var setUps = await db.SetUps.AsNoTracking().Where(x => looked.Contains(x.InstrumentCode)).ToDictionaryAsync(x => x.InstrumentCode, cancel);
        return new PlanSnapshot
        {
            Plan = plan,
            IsLive = live,
            Proposals = proposals,
            Experiments = [.. experiments.Where(one => proposals.ContainsKey(one.ProposalId))],
            Published = published,
            SetUps = setUps,
            Call = ofCall,
            Partners = partners.Where(one => one.Partner is not null).ToDictionary(one => one.Id, one => one.Partner ?? new()),
            Given = [.. given.Where(one => !own.Contains(one.Id)).Select(one => new GivenShifts(one.ProposalId, one.InstrumentCode, one.PlacedShifts.Count))],
            Advised = [.. others.Where(code => calendars.ContainsKey(code) && all[code].SiteCode is not null).Order(StringComparer.Ordinal)],
            Elsewhere = elsewhere,
            LeadersOfPublished = await db.Proposals.AsNoTracking().Where(x => owners.Contains(x.Id)).ToDictionaryAsync(x => x.Id, x => x.LeaderId, cancel),
            Instruments = all,
            Calendars = calendars,
            Staff = staff,
            Distances = distances,
            Reservations = await db.Reservations.AsNoTracking().Where(x => x.PlanId == lineage).OrderBy(x => x.Round).ThenBy(x => x.Id).ToListAsync(cancel),
            Pool = pool ? await KnownPool.LoadAsync(db, experiments, since, cancel) : null,
            Forbids = await db.Standing(id).AsNoTracking().ToListAsync(cancel),
            Lost = await db.Disturbances.AsNoTracking().Where(x => x.InstrumentCode != null && looked.Contains(x.InstrumentCode) && x.To > since).ToListAsync(cancel),
            Inputs = Revisions(proposals.ToDictionary(one => one.Key, one => one.Value.Revision), codes, calendars.ToDictionary(one => one.Key, one => (one.Value.Revision, one.Value.Bookings)), all, staff,
                setUps.ToDictionary(one => one.Key, one => one.Value.Version), ofCall?.Revision ?? 0, distances.Revision),
        };
    }

    /// <summary>What a plan would be made from now, by revision alone: it is asked whenever somebody looks at a plan.</summary>
    public static async Task<PlanInputs> InputsNowAsync(SchedulingDb db, CallPlan plan, CancellationToken cancel)
    {
        var call = plan.CallId;
        var experiments = await Planned(db, plan, await IsLiveAsync(db, plan, cancel)).Select(x => new { x.ProposalId, x.InstrumentCode, x.GrantedInstrument, x.Wishes }).ToListAsync(cancel);
        var proposalIds = experiments.Select(one => one.ProposalId).Distinct().ToList();
        var proposals = await db.Proposals.Where(x => x.CallId == call && proposalIds.Contains(x.Id)).ToDictionaryAsync(x => x.Id, x => x.Revision, cancel);
        var all = await db.Instruments.AsNoTracking().ToDictionaryAsync(x => x.Code, cancel);
        var staff = await StaffOfSites.LoadAsync(db, cancel);
        var codes = staff.WithSharedContacts(WithSharedSources(experiments.SelectMany(one => Eligible(one.GrantedInstrument, one.Wishes, all).Append(one.InstrumentCode)), all.Values));
        var calendars = await db.Calendars.Where(x => codes.Contains(x.InstrumentCode)).Select(x => new { x.InstrumentCode, x.Revision, x.Bookings }).ToDictionaryAsync(x => x.InstrumentCode, x => (x.Revision, x.Bookings), cancel);
        var setUps = await db.SetUps.Where(x => codes.Contains(x.InstrumentCode)).ToDictionaryAsync(x => x.InstrumentCode, x => x.Version, cancel);
        return Revisions(proposals, codes, calendars, all, staff, setUps,
            await db.Calls.Where(x => x.Id == call).Select(x => x.Revision).SingleOrDefaultAsync(cancel), await db.SiteDistances.Select(x => x.Revision).SingleOrDefaultAsync(cancel));
    }

    private static async Task<bool> IsLiveAsync(SchedulingDb db, CallPlan plan, CancellationToken cancel) =>
        plan.IsLive || (plan.CopyOf is { } origin && await db.Plans.AnyAsync(x => x.Id == origin && x.LiveVersion != null, cancel));

    /// <summary>Experiments that a plan is about: what was published belongs to its plan; what is granted and was never placed belongs to the plan that is not yet published.</summary>
    private static IQueryable<Experiment> Planned(SchedulingDb db, CallPlan plan, bool live)
    {
        var (call, id, lineage) = (plan.CallId, plan.Id, plan.Lineage);
        var granted = db.Experiments.AsNoTracking().Where(x => x.CallId == call
            && db.Proposals.Any(proposal => proposal.Id == x.ProposalId && proposal.Revision > 0 && proposal.WithdrawnAt == null));
        return live
            ? granted.Where(x => db.Set<PlanEntry>().Any(entry => entry.PlanId == id && entry.ExperimentId == x.Id)
                && (x.Status == ExperimentStatus.Granted || (x.Status == ExperimentStatus.Scheduled && x.PlanId == lineage)))
            : granted.Where(x => x.Status == ExperimentStatus.Granted);
    }

    private static IReadOnlyList<string> Eligible(string granted, ExperimentWishes wishes, IReadOnlyDictionary<string, KnownInstrument> instruments) =>
        wishes.AnyInstrument && instruments.TryGetValue(granted, out var own) && own.Technique.Length > 0
            ? [granted, .. instruments.Values.Where(one => one.Code != granted && one.Technique == own.Technique && one is { InScheme: true, IsRetired: false, SiteCode: not null }).Select(one => one.Code).Order(StringComparer.Ordinal)]
            : [granted];

    /// <summary>Instruments together with those that run on the same source.</summary>
    public static HashSet<string> WithSharedSources(IEnumerable<string> codes, IEnumerable<KnownInstrument> instruments)
    {
        var all = codes.ToHashSet();
        var known = instruments.ToList();
        var sources = known.Where(one => all.Contains(one.Code)).SelectMany(one => one.SharedSources).ToHashSet();
        all.UnionWith(known.Where(one => one.SharedSources.Any(sources.Contains)).Select(one => one.Code));
        return all;
    }

    private static PlanInputs Revisions(
        Dictionary<Guid, int> proposals, HashSet<string> codes, Dictionary<string, (int Revision, int Bookings)> calendars, Dictionary<string, KnownInstrument> instruments, StaffOfSites staff,
        Dictionary<string, int> setUps, int call, int distances)
    {
        return new PlanInputs(proposals, codes.ToDictionary(code => code, code => StateOf(calendars.GetValueOrDefault(code), instruments.GetValueOrDefault(code)) + (setUps.TryGetValue(code, out var setUp) ? $".set-up{setUp}" : "") + staff.StateOf(code)))
        { Call = call, Distances = distances };

        string StateOf((int Revision, int Bookings) calendar, KnownInstrument? instrument)
        {
            IEnumerable<string> beside = instrument is null ? []
                : instruments.Values.Where(one => one.Code != instrument.Code && one.SharedSources.Any(instrument.SharedSources.Contains)).Select(one => one.Code).Order(StringComparer.Ordinal);
            return string.Create(CultureInfo.InvariantCulture, $"{calendar.Revision}.{calendar.Bookings}{(instrument?.IsRetired == true ? ".retired" : "")}|{string.Join(',', beside)}");
        }
    }
}

/// <summary>Shifts of an instrument that a proposal was promised.</summary>
internal sealed record GivenShifts(Guid ProposalId, string InstrumentCode, int Shifts);
