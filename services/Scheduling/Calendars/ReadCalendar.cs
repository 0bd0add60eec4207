using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Planners read the calendar of an instrument and who changed it when and why.</summary>
public static class ReadCalendar
{
    private const int MostChanges = 100;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/instruments/{code}/calendar", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(string code, SchedulingDb db, HttpResponse http, CancellationToken cancel)
    {
        var kept = await db.Calendars.AsNoTracking().Include(x => x.History.OrderByDescending(change => change.Revision).Take(MostChanges)).SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        if (kept is null) return TypedResults.NotFound();
        http.TellVersion(kept.Version);
        return TypedResults.Ok(new Response(code, kept.Revision, kept.Calendar, kept.BridgeableHours,
            [.. kept.History.OrderByDescending(change => change.Revision).Select(change => new Change(change.Revision, change.At, change.By, change.Reason, change.Calendar))]));
    }

    /// <summary>A calendar with its history, the latest first.</summary>
    public sealed record Response(string InstrumentCode, int Revision, RunCalendar Calendar, int BridgeableHours, IReadOnlyList<Change> History);

    /// <summary>A calendar that held from a moment on.</summary>
    public sealed record Change(int Revision, DateTimeOffset At, Guid By, string Reason, RunCalendar Calendar);
}
