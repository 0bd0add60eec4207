using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Offering;

/// <summary>A team sees the shifts it is offered, and accepts or declines them before the deadline. Declining frees the place, and those who plan are shown what can be done with it.</summary>
public static class AnswerOffer
{
    private const int Most = 200;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/offers", ListAsync);
        group.MapGroup("").AgainWhenStale<SchedulingDb>().MapPost("/experiments/{id:guid}/answer", Handle);
    }

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, [AsParameters] Desk desk)
    {
        var (now, me) = (desk.Http.ArrivedAt(desk.Time), desk.Person.Id);
        var plans = await Open(desk.Db).Include(x => x.Entries).Where(x => x.Entries.Any(entry => entry.ExperimentId == id && entry.Answer != TeamAnswer.None
            && desk.Db.Proposals.Any(known => known.Id == entry.ProposalId && known.Team.Any(member => member.PersonId == me)))).OrderByDescending(x => x.AnswerBy).ToListAsync(desk.Cancel);
        // An experiment that waits can be offered a place by the plan that is changed and by the next one of its call, and another place later: the one that the team has seen is meant.
        var offered = plans.ConvertAll(x => (Plan: x, Entry: x.Entries.Single(one => one.ExperimentId == id)));
        if (offered.Count == 0) return TypedResults.NotFound();
        if (offered.Find(one => IdOf(one.Entry) == request.Offer) is not ({ } plan, { } entry)) throw new RuleViolation("offer.changed", "What was offered has changed meanwhile: look at the offers again.");
        if (now > entry.AnswerBy) throw new RuleViolation("offer.closed", $"An answer was expected until {entry.AnswerBy:u}.");
        if (entry.Answer == TeamAnswer.Declined) throw new RuleViolation("offer.declined", "The shifts were declined; they are not kept.");
        if (request.Accepts) plan.Accept(entry, me, now);
        else
        {
            ChangePlan.RequireReason(request.Reason ?? "");
            Decline(desk.Db, plan, entry, Reasons.Of(Reasons.TeamDeclined) with { Text = request.Reason ?? "" }, await desk.Db.BegunAsync([entry.ProposalId], desk.Cancel), me, now, desk.Time);
            await FreedAsync(desk.Db, plan, me, request.Reason ?? "", now, desk.Time, desk.Cancel);
        }
        desk.Db.Publish(new OfferAnswered { ExperimentId = id, ProposalId = entry.ProposalId, PlanId = plan.Id, Accepted = request.Accepts, BySilence = false, Reason = request.Accepts ? null : request.Reason, AnsweredAt = now }, desk.Time);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.NoContent();
    }

    /// <summary>A team does not come; where the rest of its proposal goes with it, the offers of that are taken back.</summary>
    internal static void Decline(SchedulingDb db, CallPlan plan, PlanEntry entry, PlanRefusal why, IReadOnlySet<Guid> begun, Guid? by, DateTimeOffset now, TimeProvider time) =>
        WithdrawOffer.Tell(db, plan, plan.Decline(entry, why, begun, by, now), $"Without a required experiment the proposal makes no sense: {why.Text}", time);

    /// <summary>The offer of a place: another place, or the same one offered again, is another offer.</summary>
    private static string IdOf(PlanEntry entry) => string.Create(CultureInfo.InvariantCulture, $"{entry.PlanId:N}-{entry.Offer}");

    /// <summary>Plans whose offer is open.</summary>
    private static IQueryable<CallPlan> Open(SchedulingDb db) => db.Plans.Where(x => x.CopyOf == null && x.AnswerBy != null && (x.Status == CallPlanStatus.Tentative || x.Status == CallPlanStatus.Ready
        || x.Status == CallPlanStatus.Solving || x.Status == CallPlanStatus.Reserving));

    /// <summary>Cells that the freed places held are let go, and the plan has a version without them.</summary>
    internal static async Task FreedAsync(SchedulingDb db, CallPlan plan, Guid? by, string reason, DateTimeOffset now, TimeProvider time, CancellationToken cancel)
    {
        await HoldNeeds.ReleaseUnusedAsync(db, plan, "The team does not come.", time, cancel);
        db.Add(plan.Record(PlanVersionKind.Decline, by, reason, now));
    }

    private static async Task<Ok<List<Offer>>> ListAsync([AsParameters] Desk desk)
    {
        var (db, me) = (desk.Db, desk.Person.Id);
        var offers = await db.Set<PlanEntry>().AsNoTracking().Where(entry => entry.Answer != TeamAnswer.None && db.Proposals.Any(known => known.Id == entry.ProposalId && known.Team.Any(member => member.PersonId == me)))
            .Join(Open(db), entry => entry.PlanId, plan => plan.Id,
                (entry, plan) => new { Entry = entry, plan.Silence }).OrderBy(x => x.Entry.From).ThenBy(x => x.Entry.ExperimentId).Take(Most).ToListAsync(desk.Cancel);
        return TypedResults.Ok(offers.ConvertAll(one => new Offer(IdOf(one.Entry), one.Entry.ExperimentId, one.Entry.ProposalId, one.Entry.InstrumentCode, one.Entry.Shifts, one.Entry.AnswerBy, one.Silence, one.Entry.Answer)));
    }

    /// <summary>What the team says.</summary>
    public sealed record Request
    {
        /// <summary>Which offer it answers: its id as it was shown.</summary>
        public required string Offer { get; init; }

        /// <summary>Whether it comes.</summary>
        public required bool Accepts { get; init; }

        /// <summary>Why not; needed where it does not come.</summary>
        public string? Reason { get; init; }
    }

    /// <summary>Shifts that are offered, and until when an answer is expected; neither where they were declined.</summary>
    /// <param name="Id">Named in the answer, so that nobody says yes or no to what they have not seen.</param>
    public sealed record Offer(string Id, Guid ExperimentId, Guid ProposalId, string InstrumentCode, IReadOnlyList<PlacedShift> Shifts, DateTimeOffset? AnswerBy, SilencePolicy Silence, TeamAnswer Answer);
}
