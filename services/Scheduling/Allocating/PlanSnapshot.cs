using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Knowing;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Staffing;

namespace Tutti.Scheduling.Allocating;

/// <summary>Everything that a round of a plan is made from, read in one go.</summary>
internal sealed record PlanSnapshot
{
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

    /// <summary>Who looks after the instruments.</summary>
    public required StaffOfSites Staff { get; init; }

    /// <summary>What the pool was asked for this plan so far.</summary>
    public required IReadOnlyList<Reservation> Reservations { get; init; }

    /// <summary>All this by revision.</summary>
    public required PlanInputs Inputs { get; init; }

    /// <summary>Proposals of which something is promised already: the rest may be placed or not, each for itself.</summary>
    public IReadOnlySet<Guid> Begun => Published.Select(one => one.ProposalId).ToHashSet();

    public static async Task<PlanSnapshot> LoadAsync(SchedulingDb db, CallPlan plan, CancellationToken cancel)
    {
        var call = plan.CallId;
        var experiments = await db.Experiments.AsNoTracking().Where(x => x.CallId == call && x.Status == ExperimentStatus.Granted
            && db.Proposals.Any(proposal => proposal.Id == x.ProposalId && proposal.Revision > 0 && proposal.WithdrawnAt == null)).OrderBy(x => x.Id).ToListAsync(cancel);
        var proposals = await db.Proposals.AsNoTracking().Where(x => x.CallId == call && x.Revision > 0 && x.WithdrawnAt == null
            && db.Experiments.Any(one => one.ProposalId == x.Id && one.Status == ExperimentStatus.Granted)).ToDictionaryAsync(x => x.Id, cancel);
        var all = await db.Instruments.AsNoTracking().ToDictionaryAsync(x => x.Code, cancel);
        var codes = WithSharedSources(experiments.Select(one => one.InstrumentCode), all.Values);
        var calendars = await db.Calendars.AsNoTracking().Where(x => codes.Contains(x.InstrumentCode)).ToDictionaryAsync(x => x.InstrumentCode, cancel);
        var staff = await StaffOfSites.LoadAsync(db, cancel);
        var since = plan.RequestedAt;
        var published = await db.Experiments.AsNoTracking().Where(x =>
            (x.Status == ExperimentStatus.Scheduled || x.Status == ExperimentStatus.Running || x.Status == ExperimentStatus.Done)
            && ((x.To > since && (codes.Contains(x.InstrumentCode)
                    || db.Proposals.Any(other => other.Id == x.ProposalId && db.Proposals.Any(ours => ours.CallId == call && ours.LeaderId != null && ours.LeaderId == other.LeaderId))))
                || db.Experiments.Any(ours => ours.CallId == call && ours.ProposalId == x.ProposalId && ours.Status == ExperimentStatus.Granted)))
            .OrderBy(x => x.From).ThenBy(x => x.Id).ToListAsync(cancel);
        var owners = published.Select(one => one.ProposalId).Distinct().ToList();
        return new PlanSnapshot
        {
            Plan = plan,
            Proposals = proposals,
            Experiments = [.. experiments.Where(one => proposals.ContainsKey(one.ProposalId))],
            Published = published,
            LeadersOfPublished = await db.Proposals.AsNoTracking().Where(x => owners.Contains(x.Id)).ToDictionaryAsync(x => x.Id, x => x.LeaderId, cancel),
            Instruments = all,
            Calendars = calendars,
            Staff = staff,
            Reservations = await db.Reservations.AsNoTracking().Where(x => x.PlanId == plan.Id).OrderBy(x => x.Round).ThenBy(x => x.Id).ToListAsync(cancel),
            Inputs = new PlanInputs(proposals.ToDictionary(one => one.Key, one => one.Value.Revision),
                codes.ToDictionary(code => code, code => StateOf(calendars.GetValueOrDefault(code), all.GetValueOrDefault(code)) + staff.StateOf(code))),
        };
    }

    /// <summary>What a plan would be made from now.</summary>
    public static async Task<PlanInputs> InputsNowAsync(SchedulingDb db, CallPlan plan, CancellationToken cancel) => (await LoadAsync(db, plan, cancel)).Inputs;

    /// <summary>Instruments together with those that run on the same source.</summary>
    public static HashSet<string> WithSharedSources(IEnumerable<string> codes, IEnumerable<KnownInstrument> instruments)
    {
        var all = codes.ToHashSet();
        var known = instruments.ToList();
        var sources = known.Where(one => all.Contains(one.Code)).SelectMany(one => one.SharedSources).ToHashSet();
        all.UnionWith(known.Where(one => one.SharedSources.Any(sources.Contains)).Select(one => one.Code));
        return all;
    }

    private static string StateOf(InstrumentCalendar? calendar, KnownInstrument? instrument) =>
        string.Create(CultureInfo.InvariantCulture, $"{calendar?.Revision ?? 0}.{calendar?.Bookings ?? 0}{(instrument?.IsRetired == true ? ".retired" : "")}");
}
