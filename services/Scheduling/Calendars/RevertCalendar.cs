using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Keepers go back to a calendar that held before: it becomes the next revision, the history keeps all.</summary>
public static class RevertCalendar
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/instruments/{code}/calendar/revert", Handle);

    internal static async Task<Results<Ok<PublishCalendar.Response>, NotFound>> Handle(
        string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { Kept: { } kept } instrument) return TypedResults.NotFound();
        var problems = KeptInstrument.CheckReason(request.Reason);
        if (problems.Count > 0) throw RuleViolation.Invalid("calendar.invalid", "A reason is needed.", problems);
        http.RequireSeen(kept.Version);
        if (request.Revision == kept.Revision) throw new RuleViolation("calendar.holds-already", $"Revision {request.Revision} is the one that holds.");
        var earlier = await db.Set<CalendarChange>().AsNoTracking()
            .SingleOrDefaultAsync(x => x.InstrumentCode == code && x.Revision == request.Revision, cancel)
            ?? throw RuleViolation.Invalid("calendar.invalid", "There is no such revision.",
                [new("revision", "calendar.revision-unknown", $"The calendar has revisions 1 to {kept.Revision}.")]);
        // A site that has moved its clock meanwhile aligns all its calendars by the new one.
        var published = await instrument.PublishAsync(db, earlier.Calendar with { TimeZone = instrument.Site.TimeZone }, earlier.BridgeableHours, person,
            request.Reason, request.Revision, time, cancel);
        answer.TellVersion(published.Version);
        return TypedResults.Ok(published);
    }

    /// <summary>Which calendar, and why.</summary>
    public sealed record Request
    {
        /// <summary>Number of the earlier calendar.</summary>
        public required int Revision { get; init; }

        /// <summary>Why it is changed back.</summary>
        public required string Reason { get; init; }
    }
}
