using System.Globalization;
using System.Text.Json;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>What a calendar file tells.</summary>
[Flags]
public enum FileParts
{
    /// <summary>The shifts open to users.</summary>
    Shifts = 1,

    /// <summary>Runs of the machine.</summary>
    Runs = 2,

    /// <summary>Maintenance, machine days, closures, shifts set aside, holidays.</summary>
    Closures = 4,
}

/// <summary>
/// A run calendar as an iCalendar file (RFC 5545). Shifts are told in UTC, runs and closures on the site's clock with its VTIMEZONE, whole days as dates.
/// The identifier of an entry is made of its kind, the instrument and its start, so that a calendar program finds it again when it has changed.
/// </summary>
internal static class CalendarFile
{
    /// <summary>Media type.</summary>
    public const string MediaType = "text/calendar";

    /// <summary>Category of a run and of an open shift; a closure has its reason.</summary>
    public const string RunCategory = "run", ShiftCategory = "open-shift";

    /// <summary>The part of a calendar in [from, to) as a file, without the shifts that are lost; the same for the same revision and the same lost time.</summary>
    public static string Write(string instrument, string name, RunCalendar calendar, int revision, DateTimeOffset publishedAt, DateTimeOffset from,
        DateTimeOffset to, FileParts parts, Func<Shift, bool>? isLost = null)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(calendar.TimeZone);
        var local = new LocalInterval(TimeZoneInfo.ConvertTime(from, zone).DateTime, TimeZoneInfo.ConvertTime(to, zone).DateTime);
        var file = new Ical.Net.Calendar { ProductId = "-//Tutti//Run calendar//EN", Method = "PUBLISH" };
        file.Properties.Add(new CalendarProperty("X-WR-CALNAME", name));
        file.Properties.Add(new CalendarProperty("X-WR-TIMEZONE", calendar.TimeZone));
        var known = new HashSet<string>();

        void Tell(string category, string summary, CalDateTime start, CalDateTime end, string at)
        {
            var uid = $"{category}-{instrument}-{at}";
            for (var i = 2; !known.Add(uid); i++) uid = $"{category}-{instrument}-{at}-{i}";
            file.Events.Add(new CalendarEvent
            {
                Uid = uid + "@tutti", Summary = summary, Start = start, End = end, Categories = [category], Sequence = revision,
                    DtStamp = Instant(publishedAt), LastModified = Instant(publishedAt),
            });
        }
        void TellLocal(string category, string summary, LocalInterval interval)
        {
            var wholeDays = interval.From.TimeOfDay == TimeSpan.Zero && interval.To.TimeOfDay == TimeSpan.Zero;
            CalDateTime At(DateTime time) => wholeDays ? new(DateOnly.FromDateTime(time))
                // A time that the clock skips is read in different ways by different programs; the instant is not.
                : zone.IsInvalidTime(time) ? Instant(RunCalendar.ToUtc(time, zone)) : new(time, calendar.TimeZone, true);
            Tell(category, summary, At(interval.From), At(interval.To), interval.From.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture));
        }

        if (parts.HasFlag(FileParts.Shifts))
            foreach (var shift in calendar.ShiftsBetween(from, to).Where(shift => isLost?.Invoke(shift) != true)) Tell(ShiftCategory, $"Open shift, {name}", Instant(shift.Start), Instant(shift.End),
                shift.Start.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        if (parts.HasFlag(FileParts.Runs))
            foreach (var run in calendar.Runs().Where(run => run.Meets(local))) TellLocal(RunCategory, run.Name ?? "Run", run);
        if (parts.HasFlag(FileParts.Closures))
            foreach (var closed in calendar.Closures(local).Where(closed => closed.Meets(local))) TellLocal(CategoryOf(closed.Reason),
                closed.Note ?? CategoryOf(closed.Reason), closed);
        if (file.Events.Any(one => one.Start?.TzId == calendar.TimeZone || one.End?.TzId == calendar.TimeZone)) file.TimeZones.Add(Clock(zone, from, to));
        return new CalendarSerializer().SerializeToString(file) ?? throw new InvalidOperationException("The calendar could not be written.");
    }

    /// <summary>Name of a closure's category: its reason as the API writes it.</summary>
    public static string CategoryOf(ClosedFor reason) => JsonSerializer.Serialize(reason, Json.Strict).Trim('"');

    /// <summary>
    /// The offsets of a clock, change by change, as it really goes between two instants and a year to either side: no rule has to be guessed, and clocks that
    /// change at midnight or by half an hour need no exception.
    /// </summary>
    private static VTimeZone Clock(TimeZoneInfo zone, DateTimeOffset from, DateTimeOffset to)
    {
        var clock = new VTimeZone(zone.Id);
        var at = from.AddYears(-1);
        var offset = zone.GetUtcOffset(at);
        clock.TimeZoneInfos.Add(Onset(zone, at, offset, offset));
        for (var last = to.AddYears(1); at < last;)
        {
            var next = at.AddDays(1);
            if (zone.GetUtcOffset(next) != offset)
            {
                var (before, after) = (at.ToUnixTimeSeconds(), next.ToUnixTimeSeconds());
                while (after - before > 1)
                {
                    var middle = before + ((after - before) / 2);
                    if (zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(middle)) == offset) before = middle;
                    else after = middle;
                }
                next = DateTimeOffset.FromUnixTimeSeconds(after);
                clock.TimeZoneInfos.Add(Onset(zone, next, offset, zone.GetUtcOffset(next)));
                offset = zone.GetUtcOffset(next);
            }
            at = next;
        }
        return clock;
    }

    private static VTimeZoneInfo Onset(TimeZoneInfo zone, DateTimeOffset at, TimeSpan before, TimeSpan after) =>
        new(zone.IsDaylightSavingTime(at) ? "DAYLIGHT" : "STANDARD")
    {
        OffsetFrom = new UtcOffset(before), OffsetTo = new UtcOffset(after),
            Start = new CalDateTime(DateTime.SpecifyKind(at.UtcDateTime + before, DateTimeKind.Unspecified), true),
    };

    private static CalDateTime Instant(DateTimeOffset instant) => new(instant.UtcDateTime, CalDateTime.UtcTzId, true);
}
