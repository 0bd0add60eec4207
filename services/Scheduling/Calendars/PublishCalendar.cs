using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Staff of a site fix when users can have beam at an instrument; shifts follow by the site's own clock.</summary>
public static class PublishCalendar
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/instruments/{code}/calendar", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(
        string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { } instrument) return TypedResults.NotFound();
        var calendar = instrument.Understand(request, KeptInstrument.CheckReason(request.Reason));
        http.RequireSeen(instrument.Kept?.Version);
        var published = await instrument.PublishAsync(db, calendar, request.BridgeableHours, person, request.Reason, null, time, cancel);
        answer.TellVersion(published.Version);
        return TypedResults.Ok(published);
    }

    /// <summary>A run calendar; all times are on the site's wall clock.</summary>
    public sealed record Request : WrittenCalendar
    {
        /// <summary>Why it is changed.</summary>
        public required string Reason { get; init; }
    }

    /// <summary>What the calendar offers, what changed, and whose promised shifts are no beamtime any more.</summary>
    public sealed record Response(
        int Revision, int Shifts, DateTimeOffset From, DateTimeOffset To, int UserQuota, int Gained, int Lost, IReadOnlyList<CalendarHit> Hits,
            [property: JsonIgnore] int Version = 0);
}
