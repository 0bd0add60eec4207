using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Keepers let a draft hold; it is a draft no more.</summary>
public static class PublishDraft
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/instruments/{code}/calendar/draft/publication", Handle);

    internal static async Task<Results<Ok<PublishCalendar.Response>, NotFound>> Handle(
        string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { } instrument) return TypedResults.NotFound();
        if (await db.CalendarDrafts.SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel) is not { } draft) return TypedResults.NotFound();
        var problems = KeptInstrument.CheckReason(request.Reason);
        if (problems.Count > 0) throw RuleViolation.Invalid("calendar.invalid", "A reason is needed.", problems);
        http.RequireSeen(draft.Version);
        if (draft.BasedOn != (instrument.Kept?.Revision ?? 0))
            throw new RuleViolation("calendar.draft-outdated",
                "The calendar was changed since the draft was begun: begin the draft anew, or publish the whole calendar.");
        db.Remove(draft);
        var published = await instrument.PublishAsync(db, draft.Calendar, draft.BridgeableHours, person, request.Reason, null, time, cancel);
        answer.TellVersion(published.Version);
        return TypedResults.Ok(published);
    }

    /// <summary>Why.</summary>
    public sealed record Request
    {
        /// <summary>Why the calendar is as it is.</summary>
        public required string Reason { get; init; }
    }
}
