using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Amending;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Repairing;

/// <summary>
/// Who may report a disturbance says that it is over earlier than was thought, or that the report was a mistake. The time is open to plans again from then on; options made for a mistake are dropped. A cell
/// or equipment that was let go is not held again: that report ends with an option that is chosen.
/// </summary>
public static class EndDisturbance
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/disturbances/{disturbanceId:guid}/end", (Guid disturbanceId, Request request, [AsParameters] Desk desk) => Handle(disturbanceId, request, desk));
        group.MapPost("/disturbances/{disturbanceId:guid}/cancellation", (Guid disturbanceId, Cancellation request, [AsParameters] Desk desk) => Handle(disturbanceId, new Request { Until = null, Reason = request.Reason }, desk));
    }

    private static async Task<Results<NoContent, NotFound>> Handle(Guid disturbanceId, Request request, Desk desk)
    {
        var (db, now) = (desk.Db, desk.Time.GetUtcNow());
        var disturbance = await db.Disturbances.SingleOrDefaultAsync(x => x.Id == disturbanceId, desk.Cancel);
        if (disturbance is null || (disturbance.By != desk.Person.Id && !desk.Person.Holds(Roles.UserOffice) && !desk.Person.Holds(Roles.FacilityStaff))) return TypedResults.NotFound();
        if (disturbance.By != desk.Person.Id && !desk.Person.Holds(Roles.UserOffice) && !(disturbance.SiteCode is { } site && ChangePlan.MayDecide(desk.Person, site)))
            throw RuleViolation.Forbidden("plan.other-site", "Only its own staff and the user office say what happens at a site.");
        ChangePlan.RequireReason(request.Reason);
        if (disturbance.Kind is DisturbanceKind.CellWithdrawn or DisturbanceKind.EquipmentWithdrawn) throw new RuleViolation("disturbance.cell-gone", "What was held has been let go: choose an option, or ask for options anew.");
        disturbance.End(request.Until ?? disturbance.From, desk.Person.Id, request.Reason);
        if (disturbance.InstrumentCode is { } code)
        {
            // Plans that were made without this time have become stale.
            if (await db.Calendars.SingleOrDefaultAsync(x => x.InstrumentCode == code, desk.Cancel) is { } calendar) calendar.Book();
            db.Publish(new BeamReturned { DisturbanceId = disturbance.Id, InstrumentCode = code, From = disturbance.From, To = disturbance.Until, Reason = request.Reason, ToldAt = now }, desk.Time);
        }
        if (disturbance.IsCancelled)
            foreach (var copy in await db.Plans.Where(x => x.DisturbanceId == disturbanceId && (x.Status == CallPlanStatus.WhatIf || x.Status == CallPlanStatus.Solving)).ToListAsync(desk.Cancel))
                copy.Supersede(desk.Person.Id, "The report was a mistake.", Guid.CreateVersion7(now), now);
        await db.SaveChangesAsync(desk.Cancel);
        return TypedResults.NoContent();
    }

    /// <summary>When and why.</summary>
    public sealed record Request
    {
        /// <summary>When it was over.</summary>
        public required DateTimeOffset? Until { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }

    /// <summary>Why the report was a mistake.</summary>
    public sealed record Cancellation
    {
        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
