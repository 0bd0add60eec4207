using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Repairing;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Everybody with an account takes the calendar of an instrument into a calendar program: open shifts, runs, closures.</summary>
public static class ExportCalendar
{
    private const int MaxShifts = 6000;
    private static readonly TimeSpan longest = TimeSpan.FromDays(5 * 366);

    internal static void Map(RouteGroupBuilder group) =>
        group.MapGet("/instruments/{code}/calendar.ics", Handle).Produces<string>(StatusCodes.Status200OK, CalendarFile.MediaType);

    internal static async Task<Results<ContentHttpResult, NotFound>> Handle(
        string code, SchedulingDb db, HttpResponse answer, TimeProvider time, CancellationToken cancel, DateTimeOffset? from = null, DateTimeOffset? to = null,
            string parts = "shifts,runs,closures")
    {
        var start = from ?? time.GetUtcNow().AddDays(-30);
        var end = to ?? start + TimeSpan.FromDays(400);
        if (!RunCalendar.IsPlausible(start.UtcDateTime)
            || !RunCalendar.IsPlausible(end.UtcDateTime)) throw Invalid("from", "shifts.date", "Dates lie between the years 2000 and 2200.");
        if (end <= start || end - start > longest) throw Invalid("to", "shifts.range", $"The end lies after the start, by at most {longest.TotalDays} days.");
        var wanted = parts.Split(',', StringSplitOptions.TrimEntries).Select(part => part switch
        {
            "shifts" => FileParts.Shifts,
            "runs" => FileParts.Runs,
            "closures" => FileParts.Closures,
            _ => throw Invalid("parts", "calendar.parts", "shifts, runs, closures, or several of them with commas between."),
        }).Aggregate((one, other) => one | other);
        var instrument = await db.Instruments.AsNoTracking().SingleOrDefaultAsync(x => x.Code == code, cancel);
        var kept = await db.Calendars.AsNoTracking().Include(x => x.History.OrderByDescending(change => change.Revision).Take(1))
            .SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        if (instrument is null || kept is null) return TypedResults.NotFound();
        if (wanted.HasFlag(FileParts.Shifts) && kept.Calendar.ShiftsBetween(start, end).Count > MaxShifts)
            throw Invalid("to", "shifts.range", $"There are more than {MaxShifts} shifts between.");
        answer.TellVersion(kept.Version);
        var file = string.Concat(code.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
        answer.Headers.ContentDisposition = $"attachment; filename=\"{file}.ics\"";
        var lost = await db.LostBetweenAsync([code], start, end, cancel);
        return TypedResults.Text(CalendarFile.Write(code, instrument.Name, kept.Calendar, kept.Revision, kept.History[0].At, start, end, wanted,
            shift => lost.Take(code, shift)), CalendarFile.MediaType, Encoding.UTF8);
    }

    private static RuleViolation Invalid(string path, string code, string text) => RuleViolation.Invalid("shifts.invalid", text, [new(path, code, text)]);
}
