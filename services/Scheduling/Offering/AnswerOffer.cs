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
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.CopyOf == null && x.AnswerBy != null
            && x.Entries.Any(entry => entry.ExperimentId == id && entry.Answer != TeamAnswer.None && desk.Db.Proposals.Any(known => known.Id == entry.ProposalId && known.Team.Any(member => member.PersonId == me))), desk.Cancel);
        if (plan?.Entries.Find(entry => entry.ExperimentId == id) is not { } entry) return TypedResults.NotFound();
        if (!plan.IsOpen || now > plan.AnswerBy) throw new RuleViolation("offer.closed", $"Answers were expected until {plan.AnswerBy:u}.");
        if (entry.Answer == TeamAnswer.Declined) throw new RuleViolation("offer.declined", "The shifts were declined; they are not kept.");
        if (request.Accepts) plan.Accept(entry, me, now);
        else
        {
            ChangePlan.RequireReason(request.Reason ?? "");
            plan.Decline(entry, Reasons.Of(Reasons.TeamDeclined) with { Text = request.Reason ?? "" }, me, now);
            await FreedAsync(desk.Db, plan, me, request.Reason ?? "", now, desk.Time, desk.Cancel);
        }
        desk.Db.Publish(new OfferAnswered { ExperimentId = id, ProposalId = entry.ProposalId, PlanId = plan.Id, Accepted = request.Accepts, BySilence = false, Reason = request.Accepts ? null : request.Reason, AnsweredAt = now }, desk.Time);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Cells that the freed places held are let go, and the plan has a version without them.</summary>
    internal static async Task FreedAsync(SchedulingDb db, CallPlan plan, Guid? by, string reason, DateTimeOffset now, TimeProvider time, CancellationToken cancel)
    {
        await HoldCells.ReleaseUnusedAsync(db, plan, "The team does not come.", time, cancel);
        db.Add(plan.Record(PlanVersionKind.Decline, by, reason, now));
    }

    private static async Task<Ok<List<Offer>>> ListAsync([AsParameters] Desk desk)
    {
        var (db, me) = (desk.Db, desk.Person.Id);
        var offers = await db.Set<PlanEntry>().AsNoTracking().Where(entry => entry.Answer != TeamAnswer.None && db.Proposals.Any(known => known.Id == entry.ProposalId && known.Team.Any(member => member.PersonId == me)))
            .Join(db.Plans.Where(x => x.CopyOf == null && x.AnswerBy != null && x.Status != CallPlanStatus.Published && x.Status != CallPlanStatus.Superseded), entry => entry.PlanId, plan => plan.Id,
                (entry, plan) => new { Entry = entry, plan.AnswerBy, plan.Silence }).OrderBy(x => x.Entry.From).ThenBy(x => x.Entry.ExperimentId).Take(Most).ToListAsync(desk.Cancel);
        return TypedResults.Ok(offers.ConvertAll(one => new Offer(one.Entry.ExperimentId, one.Entry.ProposalId, one.Entry.InstrumentCode, one.Entry.Shifts, one.AnswerBy ?? default, one.Silence, one.Entry.Answer)));
    }

    /// <summary>What the team says.</summary>
    public sealed record Request
    {
        /// <summary>Whether it comes.</summary>
        public required bool Accepts { get; init; }

        /// <summary>Why not; needed where it does not come.</summary>
        public string? Reason { get; init; }
    }

    /// <summary>Shifts that are offered; none where they were declined.</summary>
    public sealed record Offer(Guid ExperimentId, Guid ProposalId, string InstrumentCode, IReadOnlyList<PlacedShift> Shifts, DateTimeOffset AnswerBy, SilencePolicy Silence, TeamAnswer Answer);
}
