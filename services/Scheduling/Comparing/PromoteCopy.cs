using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Amending;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Comparing;

/// <summary>
/// What was tried in a copy becomes the plan, as a new version and under all rules of a change. What others changed in the plan since it was copied stays; where both changed the same
/// experiment, the copy wins only by force. Choosing an option of a repair is just this; the other options are dropped.
/// </summary>
public static class PromoteCopy
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/promotions", Handle);

    internal static async Task<Results<Ok<ChangePlan.Done>, Accepted<ChangePlan.Asked>, NotFound, ProblemHttpResult>> Handle(Guid id, Request request, [AsParameters] Desk desk)
    {
        var copy = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == request.CopyId && x.CopyOf == id, desk.Cancel);
        if (copy is null) return TypedResults.NotFound();
        if (copy.Status != CallPlanStatus.WhatIf) throw new RuleViolation("copy.closed", $"The copy is {copy.Status.Word()}.");
        var origin = await desk.Db.Versions.AsNoTracking().SingleAsync(x => x.PlanId == id && x.Number == copy.CopiedVersion, desk.Cancel);
        return await desk.HandleAsync(id, copy.Repair is null ? PlanVersionKind.Promotion : PlanVersionKind.Repair, request.Reason, request.Force, (snapshot, _) =>
        {
            var changedThere = RestoreVersion.Differences(copy, origin.Lines).ConvertAll(one => one.ExperimentId).ToHashSet();
            var changedHere = RestoreVersion.Differences(snapshot.Plan, origin.Lines).ConvertAll(one => one.ExperimentId).ToHashSet();
            var placings = RestoreVersion.Differences(snapshot.Plan, [.. copy.Entries.Where(entry => changedThere.Contains(entry.ExperimentId))
                .Select(entry => new VersionLine(entry.ExperimentId, entry.ProposalId, entry.InstrumentCode, entry.Shifts, entry.IsPlaced && entry.Lock == PlacementLock.None && copy.Repair is null ? PlacementLock.Moved : entry.Lock, entry.Forced, entry.Reasons))]);
            if (placings.Count == 0) throw new RuleViolation("plan.no-change", "The plan has all that was changed in the copy.");
            var both = placings.Where(one => changedHere.Contains(one.ExperimentId)).ToList();
            if (both.Count > 0 && !request.Force)
                throw new RuleViolation("copy.outdated", "Meanwhile the plan was changed where the copy was.", problems: both.ConvertAll(one => new Problem("copyId", "copy.changed-on-both-sides", $"{one.ExperimentId}")));
            return placings;
        }, copy: copy.Id);
    }

    /// <summary>A copy that became the plan is closed, and so are the other options of the same repair.</summary>
    /// <param name="by">Who asked for it.</param>
    internal static async Task CloseAsync(Desk desk, Guid id, Guid by)
    {
        var now = desk.Time.GetUtcNow();
        var copy = await desk.Db.Plans.SingleAsync(x => x.Id == id, desk.Cancel);
        var others = await desk.Db.Plans.Where(x => x.CopyOf == copy.CopyOf && x.Id != id && copy.DisturbanceId != null && x.DisturbanceId == copy.DisturbanceId
            && x.Status != CallPlanStatus.Superseded && x.Status != CallPlanStatus.Failed).ToListAsync(desk.Cancel);
        copy.Supersede(by, "It became the plan.", Guid.CreateVersion7(now), now);
        foreach (var other in others) other.Supersede(by, "Another option of the repair was chosen.", Guid.CreateVersion7(now), now);
    }

    /// <summary>Which copy, and why.</summary>
    public sealed record Request
    {
        /// <summary>The copy.</summary>
        public required Guid CopyId { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }

        /// <summary>In spite of conflicts, where they can be lived with.</summary>
        public bool Force { get; init; }
    }
}
