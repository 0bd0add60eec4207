using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Repairing;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Everybody with an account sees the shifts of an instrument, in UTC and as the site calls them, without what was reported as lost.</summary>
public static class ListShifts
{
    private static readonly TimeSpan longest = TimeSpan.FromDays(366), usual = TimeSpan.FromDays(30);

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/instruments/{code}/shifts", Handle);

    internal static async Task<Results<Ok<Response>,
        NotFound>> Handle(string code, SchedulingDb db, TimeProvider time, CancellationToken cancel, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        var start = from ?? time.GetUtcNow();
        if (!RunCalendar.IsPlausible(start.UtcDateTime)) throw Invalid("from", "shifts.date", "Dates lie between the years 2000 and 2200.");
        var end = to ?? start + usual;
        if (!RunCalendar.IsPlausible(end.UtcDateTime)) throw Invalid("to", "shifts.date", "Dates lie between the years 2000 and 2200.");
        if (end <= start || end - start > longest) throw Invalid("to", "shifts.range", $"The end lies after the start, by at most {longest.TotalDays} days.");
        var kept = await db.Calendars.AsNoTracking().SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        if (kept is not null)
        {
            var lost = await db.LostBetweenAsync([code], start, end, cancel);
            return TypedResults.Ok(new Response(code, kept.Calendar.TimeZone, kept.Revision, [.. kept.Calendar.ShiftsBetween(start, end).Where(shift => !lost.Take(code, shift))]));
        }
        return await db.Instruments.AnyAsync(x => x.Code == code, cancel) ? TypedResults.Ok(new Response(code, null, 0, [])) : TypedResults.NotFound();
    }

    private static RuleViolation Invalid(string path, string code, string text) => RuleViolation.Invalid("shifts.invalid", text, [new(path, code, text)]);

    /// <summary>Shifts in order of time.</summary>
    public sealed record Response(string InstrumentCode, string? TimeZone, int Revision, IReadOnlyList<Shift> Shifts);
}
