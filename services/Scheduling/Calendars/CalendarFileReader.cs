using System.Runtime.Serialization;
using System.Text;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;
using NodaTime;
using NodaTime.TimeZones;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>One time of an entry of a calendar file, on the site's clock.</summary>
public sealed record FileEntry(string Uid, string? Summary, IReadOnlyList<string> Categories, LocalInterval Time);

/// <summary>An entry of which nothing was taken, and why: a stable code.</summary>
public sealed record SkippedEntry(string Uid, string Code);

/// <summary>What a calendar file holds between two times.</summary>
/// <param name="Uids">Every entry that the file speaks of, cancelled ones too: what was taken from them before is replaced.</param>
internal sealed record FileContent(IReadOnlyList<FileEntry> Entries, IReadOnlySet<string> Uids, IReadOnlyList<SkippedEntry> Skipped);

/// <summary>
/// Reads iCalendar files (RFC 5545) from other programs: rules of repetition, moved and cancelled occurrences, whole days, times in UTC, in any zone, or
/// without one, which are taken as the site's. Everything is bounded, since a rule of one line can mean millions of entries.
/// </summary>
internal static class CalendarFileReader
{
    private const int MaxBytes = 1024 * 1024, MaxEvents = 2000, MaxTimes = 2000, MaxSkipped = 100;
    private const long MaxWork = 2_000_000;

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="RuleViolation"><c>ics.too-large</c>, <c>ics.not-text</c>.</exception>
    public static async Task<string> BodyAsync(Stream body, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await body.ReadAsync(buffer, cancel)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaxBytes) throw new RuleViolation("ics.too-large", $"A calendar file has at most {MaxBytes} bytes.",
                StatusCodes.Status413PayloadTooLarge);
        }
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw Invalid("ics.not-text", "The file is not UTF-8 text.");
        }
    }

    /// <summary>All times of the file's entries that touch a time on the site's clock.</summary>
    /// <param name="outward">In the hour that comes twice the site's clock cannot tell every instant: whether an entry then becomes longer (a closure, leave)
    /// or shorter (a run).</param>
    /// <exception cref="RuleViolation"><c>ics.invalid</c> with all that cannot be understood.</exception>
    public static FileContent Read(string text, TimeZoneInfo site, LocalInterval within, bool outward)
    {
        var calendars = Understood(() => Calendar.Load<Calendar>(text));
        if (calendars.Count == 0) throw Invalid("ics.not-a-calendar", "There is no VCALENDAR in the file.");
        if (calendars.Sum(calendar => calendar.Events.Count) > MaxEvents) throw Invalid("ics.too-many-events", $"At most {MaxEvents}.");
        List<SkippedEntry> skipped = [];
        var problems = calendars.SelectMany(calendar => calendar.Events)
            .SelectMany(one => Check(one).Select(code => new Problem(UidOf(one), code, one.Summary ?? ""))).Distinct().Take(MaxSkipped).ToList();
        if (problems.Count == 0 && calendars.SelectMany(calendar => calendar.Events).Sum(one => Work(one, within.To)) > MaxWork)
            problems.Add(new("", "ics.too-many-occurrences", "The rules of repetition mean too many occurrences."));
        if (problems.Count > 0) throw RuleViolation.Invalid("ics.invalid", "The calendar file cannot be taken like this.", problems);

        List<FileEntry> entries = [];
        foreach (var calendar in calendars)
        {
            var cancelled = string.Equals(calendar.Method, "CANCEL", StringComparison.OrdinalIgnoreCase);
            var start = new CalDateTime(within.From.AddDays(-2), CalDateTime.UtcTzId, true);
            var times = Understood(() => calendar.GetOccurrences<CalendarEvent>(start, new EvaluationOptions { MaxUnmatchedIncrementsLimit = 10_000 })
                .TakeWhile(time => time.Period.StartTime.Value < within.To.AddDays(2)).Take(MaxTimes + 1).ToList());
            if (times.Count > MaxTimes) throw Invalid("ics.too-many-occurrences",
                $"At most {MaxTimes} between {within.From:yyyy-MM-dd} and {within.To:yyyy-MM-dd}.");
            foreach (var time in times)
            {
                if (time.Source is not CalendarEvent source) continue;
                if (cancelled || source.Status == "CANCELLED")
                {
                    skipped.Add(new(UidOf(source), "ics.cancelled"));
                    continue;
                }
                var local = new LocalInterval(ToLocal(time.Period.StartTime, site, !outward),
                    ToLocal(time.Period.EffectiveEndTime ?? time.Period.StartTime, site, outward));
                if (local.From >= local.To) skipped.Add(new(UidOf(source), "ics.no-duration"));
                else if (local.Meets(within)) entries.Add(new(UidOf(source), Clean(source.Summary), [.. source.Categories.OfType<string>()], local));
            }
        }
        if (entries.Count > MaxTimes) throw Invalid("ics.too-many-occurrences",
            $"At most {MaxTimes} between {within.From:yyyy-MM-dd} and {within.To:yyyy-MM-dd}.");
        return new([.. entries.OrderBy(entry => entry.Time.From).ThenBy(entry => entry.Time.To).ThenBy(entry => entry.Uid, StringComparer.Ordinal)],
            problems.Select(problem => problem.Path).Concat(calendars.SelectMany(calendar => calendar.Events).Select(UidOf)).ToHashSet(),
                [.. skipped.Distinct().Take(MaxSkipped)]);
    }

    /// <summary>A rule of repetition, a zone or a date that cannot be understood stops the import: half a calendar is worse than none.</summary>
    private static IEnumerable<string> Check(CalendarEvent one)
    {
        if (one.Start is not { } start)
        {
            yield return "ics.no-start";
            yield break;
        }
        var dates = one.ExceptionDates.GetAllDates().Concat(one.RecurrenceDates.GetAllDates()).Append(start);
        if (one.End is { } ends) dates = dates.Append(ends);
        if (dates.Any(date => date.TzId is { } id && ZoneOf(id) is null)) yield return "ics.unknown-time-zone";
        else if (dates.Any(date => !RunCalendar.IsPlausible(date.Value))) yield return "ics.date-out-of-range";
        else if (one.End is { } end ? Instant(end, TimeZoneInfo.Utc) < Instant(start, TimeZoneInfo.Utc)
            : one.Duration is { Sign: < 0 }) yield return "ics.end-before-start";
        foreach (var rule in Rules(one))
            if (rule.Frequency is FrequencyType.Secondly or FrequencyType.Minutely or FrequencyType.Hourly
                || PerDay(rule) > 24) yield return "ics.too-frequent";
    }

    /// <summary>How many occurrences have to be looked at, at most.</summary>
    private static long Work(CalendarEvent one, DateTime until) =>
        one.Start is not { } start ? 0 : Rules(one).Sum(rule => (long)Math.Max(1, (until - start.Value).TotalDays) * PerDay(rule));

    private static IEnumerable<RecurrencePattern> Rules(CalendarEvent one) => one.Properties.Where(property => property.Name is "RRULE" or "EXRULE")
        .SelectMany(property => property.Values).OfType<RecurrencePattern>();

    private static int PerDay(RecurrencePattern rule) => Math.Max(1, rule.ByHour.Count) * Math.Max(1, rule.ByMinute.Count) * Math.Max(1, rule.BySecond.Count);

    /// <summary>A time of the file on the site's clock; a time in UTC or of another zone that falls in the second pass of the hour that comes twice becomes the
    /// end of that hour, or the first pass.</summary>
    private static DateTime ToLocal(CalDateTime time, TimeZoneInfo site, bool later)
    {
        if (!time.HasTime || time.IsFloating || time.TzId == site.Id) return DateTime.SpecifyKind(time.Value, DateTimeKind.Unspecified);
        var instant = Instant(time, site);
        var local = TimeZoneInfo.ConvertTime(instant, site).DateTime;
        if (!later || !site.IsAmbiguousTime(local) || RunCalendar.ToUtc(local, site) == instant) return local;
        while (site.IsAmbiguousTime(local)) local = new DateTime(local.Ticks - (local.Ticks % TimeSpan.TicksPerMinute)).AddMinutes(1);
        return local;
    }

    private static DateTimeOffset Instant(CalDateTime time, TimeZoneInfo site) =>
        RunCalendar.ToUtc(time.Value, time.TzId is { } id ? ZoneOf(id) ?? site : site);

    /// <summary>A zone by its IANA name, or by the name that Windows has for it, which mail programs write.</summary>
    private static TimeZoneInfo? ZoneOf(string id)
    {
        var iana = TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping.TryGetValue(id, out var mapped) ? mapped : id;
        return TimeZoneInfo.TryFindSystemTimeZoneById(iana, out var zone) && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone.Id) is not null ? zone : null;
    }

    private static string UidOf(CalendarEvent one) => Clean(one.Uid) ?? "";

    private static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var clean = string.Concat(text.Trim().Select(letter => char.IsControl(letter) ? ' ' : letter));
        if (clean.Length <= WrittenCalendar.MaxText) return clean;
        return clean[..(char.IsHighSurrogate(clean[WrittenCalendar.MaxText - 1]) ? WrittenCalendar.MaxText - 1 : WrittenCalendar.MaxText)];
    }

    private static T Understood<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unreadable) when (
            unreadable is SerializationException or FormatException or ArgumentException or OverflowException or EvaluationException)
        {
            throw Invalid("ics.unreadable", unreadable.Message);
        }
    }

    private static RuleViolation Invalid(string code, string text) =>
        RuleViolation.Invalid("ics.invalid", "The calendar file cannot be taken like this.", [new("", code, text)]);
}
