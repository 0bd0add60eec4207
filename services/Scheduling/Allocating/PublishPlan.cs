using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Allocating;

/// <summary>The user office makes a plan a promise: every placed experiment has its shifts from now on, and its cell where it needs one.</summary>
public static class PublishPlan
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/publication", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var plan = await db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (plan is null) return TypedResults.NotFound();
        // Read before the check, written after it: whoever changes one of these rows meanwhile makes this write fail, or is made to look again.
        var proposalIds = plan.Entries.ConvertAll(entry => entry.ProposalId);
        var proposals = await db.Proposals.Where(x => proposalIds.Contains(x.Id)).ToListAsync(cancel);
        var codes = PlanSnapshot.WithSharedSources(plan.Entries.Where(entry => entry.IsPlaced).Select(entry => entry.InstrumentCode), await db.Instruments.AsNoTracking().ToListAsync(cancel));
        var calendars = await db.Calendars.Where(x => codes.Contains(x.InstrumentCode)).ToListAsync(cancel);
        var held = await db.Reservations.Where(x => x.PlanId == id && x.Status == ReservationStatus.Held).ToDictionaryAsync(x => x.Id, cancel);
        if (await plan.IsStaleAsync(db, cancel)) throw new RuleViolation("plan.stale", "Since the plan was made a proposal, a calendar or a cell has changed: ask for a new plan.");
        plan.Publish(person.Id, Guid.CreateVersion7(now), now);

        foreach (var proposal in proposals) proposal.PublishedPlanId = plan.Id;
        foreach (var calendar in calendars) calendar.Book();
        foreach (var reservation in held.Values) reservation.Promise(now);
        var experimentIds = plan.Entries.ConvertAll(entry => entry.ExperimentId);
        var experiments = await db.Experiments.Where(x => experimentIds.Contains(x.Id)).ToDictionaryAsync(x => x.Id, cancel);
        foreach (var entry in plan.Entries)
        {
            var experiment = experiments[entry.ExperimentId];
            if (entry.IsPlaced)
            {
                experiment.Schedule(entry, entry.ReservationId is { } reservation ? held[reservation].CellCode : null, person.Id, Guid.CreateVersion7(now), now);
                db.Publish(new ExperimentScheduled
                {
                    ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, PlanId = plan.Id, Revision = experiment.NextRevision(), InstrumentCode = experiment.InstrumentCode,
                    Shifts = experiment.Intervals(), CellCode = experiment.CellCode, ScheduledAt = now,
                }, time);
            }
            else
                db.Publish(new ExperimentUnplaced { ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, PlanId = plan.Id, Revision = experiment.NextRevision(), Reasons = entry.Reasons }, time);
        }
        db.Publish(new PlanPublished
        {
            PlanId = plan.Id, CallId = plan.CallId, Revision = plan.Revision, Placed = plan.Entries.Count(entry => entry.IsPlaced), Unplaced = plan.Entries.Count(entry => !entry.IsPlaced), PublishedAt = now,
        }, time);
        if (await db.OpenPlans.SingleOrDefaultAsync(x => x.PlanId == plan.Id, cancel) is { } open) db.Remove(open);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
