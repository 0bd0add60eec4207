using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Offering;
using Tutti.Scheduling.Staffing;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// The user office makes a plan a promise: every placed experiment has its shifts from now on, and what it needs from the pool. While teams may still answer an offer it waits, unless
/// <c>despite</c> says why not.
/// </summary>
public static class PublishPlan
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/publication", Handle);

    internal static async Task<Results<NoContent, NotFound, ProblemHttpResult>> Handle(Guid id, [AsParameters] Desk desk, string? despite = null)
    {
        var (db, time, cancel) = (desk.Db, desk.Time, desk.Cancel);
        if (despite is not null) ChangePlan.RequireReason(despite);
        var now = time.GetUtcNow();
        var plan = await db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (plan is null) return TypedResults.NotFound();
        await desk.Http.Request.RequireLatestAsync(plan, db, cancel);
        // Read before the check, written after it: whoever changes one of these rows meanwhile makes this write fail, or is made to look again.
        var proposalIds = plan.Entries.ConvertAll(entry => entry.ProposalId);
        var proposals = await db.Proposals.Where(x => proposalIds.Contains(x.Id)).ToListAsync(cancel);
        var codes = (await StaffOfSites.LoadAsync(db, cancel)).WithSharedContacts(PlanSnapshot.WithSharedSources(plan.Entries.Where(entry => entry.IsPlaced).Select(entry => entry.InstrumentCode), await db.Instruments.AsNoTracking().ToListAsync(cancel)));
        var calendars = await db.Calendars.Where(x => codes.Contains(x.InstrumentCode)).ToListAsync(cancel);
        var held = await db.Reservations.Where(x => x.PlanId == id && x.Status == ReservationStatus.Held).ToDictionaryAsync(x => x.Id, cancel);
        var snapshot = plan.Status is CallPlanStatus.Ready or CallPlanStatus.Tentative ? await PlanSnapshot.LoadAsync(db, plan, cancel, pool: false) : null;
        await plan.RequireFreshAsync(db, cancel, snapshot?.Inputs);
        if (snapshot is not null)
        {
            await DecideSilence.HandleAsync(db, plan, plan.Entries.FindAll(entry => entry.Answer == TeamAnswer.Asked && entry.AnswerBy <= now), now, time, cancel);
            // Whatever way a plan came about, nobody is promised what cannot be.
            if (new PlacementCheck(snapshot, desk.Options.Travel, now).Impossible(plan.Entries) is { Count: > 0 } conflicts) return await ChangePlan.RefusedAsync(desk, plan, conflicts);
        }
        var wasLive = plan.IsLive;
        plan.Publish(desk.Person.Id, despite, Guid.CreateVersion7(now), now);

        foreach (var proposal in proposals) proposal.PublishedPlanId = plan.Id;
        foreach (var calendar in calendars) calendar.Book();
        foreach (var entry in plan.Entries)
            foreach (var reservation in entry.Reservations)
                if (held.TryGetValue(reservation, out var promised)) promised.Promise(now);
        var experimentIds = plan.Entries.ConvertAll(entry => entry.ExperimentId);
        var experiments = await db.Experiments.Where(x => experimentIds.Contains(x.Id)).ToDictionaryAsync(x => x.Id, cancel);
        foreach (var entry in plan.Entries)
            if (experiments.TryGetValue(entry.ExperimentId, out var experiment)) Tell(db, plan, entry, experiment, held, wasLive, desk.Person.Id, now, time);
        // What was promised before and is not any more is let go only now.
        var kept = plan.Entries.SelectMany(entry => entry.Reservations).ToHashSet();
        foreach (var unused in held.Values.Where(one => one.IsLive && !kept.Contains(one.Id))) db.Publish(unused.Release("The plan was published without it."), time);
        db.Publish(new PlanPublished
        {
            PlanId = plan.Id, CallId = plan.CallId, Revision = plan.Revision, Placed = plan.Entries.Count(entry => entry.IsPlaced), Unplaced = plan.Entries.Count(entry => !entry.IsPlaced), PublishedAt = now,
        }, time);
        if (await db.OpenPlans.SingleOrDefaultAsync(x => x.PlanId == plan.Id, cancel) is { } open) db.Remove(open);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>What becomes of an experiment, and the event that tells it; nothing where its team was promised just this already.</summary>
    private static void Tell(SchedulingDb db, CallPlan plan, PlanEntry entry, Experiment experiment, Dictionary<Guid, Reservation> held, bool wasLive, Guid by, DateTimeOffset now, TimeProvider time)
    {
        var has = Held.Of(entry, held);
        var reason = entry.Forced ?? "A later version of the plan was published.";
        switch (experiment.Status)
        {
            case ExperimentStatus.Granted when entry.IsPlaced:
                experiment.Schedule(entry, has, by, Guid.CreateVersion7(now), now);
                db.Publish(new ExperimentScheduled
                {
                    ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, PlanId = plan.Id, Revision = experiment.NextRevision(), InstrumentCode = experiment.InstrumentCode,
                    Shifts = experiment.Intervals(), CellCode = has.CellCode, Equipment = has.Equipment.Count > 0 ? has.Equipment : null, ScheduledAt = now,
                }, time);
                break;
            case ExperimentStatus.Granted when !wasLive:
                db.Publish(new ExperimentUnplaced { ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, PlanId = plan.Id, Revision = experiment.NextRevision(), Reasons = entry.Reasons }, time);
                break;
            case ExperimentStatus.Scheduled when experiment.PlanId == plan.Id && !entry.IsPlaced:
                experiment.Unplace(by, string.Join(" ", entry.Reasons.Select(why => why.Text)), Guid.CreateVersion7(now), now);
                db.Publish(new ExperimentUnplaced { ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, PlanId = plan.Id, Revision = experiment.NextRevision(), Reasons = entry.Reasons }, time);
                break;
            case ExperimentStatus.Scheduled when experiment.PlanId == plan.Id && (!entry.IsAt(experiment.InstrumentCode, experiment.PlacedShifts) || !experiment.Held.IsSameAs(has)):
                var before = experiment.Intervals();
                experiment.Reschedule(entry, has, by, reason, Guid.CreateVersion7(now), now);
                db.Publish(new ExperimentRescheduled
                {
                    ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, PlanId = plan.Id, Revision = experiment.NextRevision(), InstrumentCode = experiment.InstrumentCode,
                    Shifts = experiment.Intervals(), Before = before, CellCode = has.CellCode, Equipment = has.Equipment.Count > 0 ? has.Equipment : null, Reason = reason, RescheduledAt = now,
                }, time);
                break;
        }
    }
}
