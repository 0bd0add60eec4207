using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Planners read the calendar of an instrument and who changed it when and why, and of each change what it brought and took.</summary>
public static class ReadCalendar
{
    private const int MostChanges = 100;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/instruments/{code}/calendar", Handle);
        group.MapGet("/instruments/{code}/calendar/changes/{revision:int}", HandleChange);
    }

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(string code, SchedulingDb db, HttpResponse http, CancellationToken cancel)
    {
        var kept = await db.Calendars.AsNoTracking().Include(x => x.History.OrderByDescending(change => change.Revision).Take(MostChanges))
            .SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        if (kept is null) return TypedResults.NotFound();
        http.TellVersion(kept.Version);
        return TypedResults.Ok(new Response(code, kept.Revision, kept.Calendar.TimeZone, WrittenCalendar.Of(kept.Calendar, kept.BridgeableHours),
            [.. kept.History.OrderByDescending(change => change.Revision)
                .Select(change => new Change(change.Revision, change.At, change.By, change.Reason, change.Gained, change.Lost, change.RevertsTo, change.Calendar.TimeZone, WrittenCalendar.Of(change.Calendar, change.BridgeableHours)))]));
    }

    internal static async Task<Results<Ok<ChangeResponse>,
        NotFound>> HandleChange(string code, int revision, SchedulingDb db, CancellationToken cancel, int? against = null)
    {
        var other = against ?? revision - 1;
        var changes = await db.Set<CalendarChange>().AsNoTracking().Where(x => x.InstrumentCode == code && (x.Revision == revision || x.Revision == other))
            .ToDictionaryAsync(x => x.Revision, cancel);
        if (!changes.TryGetValue(revision, out var change) || (other != 0 && !changes.ContainsKey(other))) return TypedResults.NotFound();
        var diff = CalendarDiff.Between(changes.GetValueOrDefault(other)?.Calendar.Shifts() ?? [], change.Calendar.Shifts());
        return TypedResults.Ok(new ChangeResponse(revision, other, change.At, change.By, change.Reason, change.RevertsTo,
            WrittenCalendar.Of(change.Calendar, change.BridgeableHours), diff.Gained, diff.Lost));
    }

    /// <summary>A calendar as it is written, on the clock of a zone, with its history, the latest first.</summary>
    public sealed record Response(string InstrumentCode, int Revision, string TimeZone, WrittenCalendar Calendar, IReadOnlyList<Change> History);

    /// <summary>A calendar that held from a moment on, with the number of shifts that users gained and lost by it.</summary>
    public sealed record Change(int Revision, DateTimeOffset At, Guid By, string Reason, int Gained, int Lost, int? RevertsTo, string TimeZone, WrittenCalendar Calendar);

    /// <summary>One change, compared with the calendar before it or another; 0 is the time before the first.</summary>
    public sealed record ChangeResponse(
        int Revision, int Against, DateTimeOffset At, Guid By, string Reason, int? RevertsTo, WrittenCalendar Calendar, IReadOnlyList<Shift> Gained,
            IReadOnlyList<Shift> Lost);
}
