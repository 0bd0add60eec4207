using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>
/// Keepers take closures or runs from a calendar file into the draft of an instrument's calendar, where they look at them before they publish. What was taken
/// from the same entries before is replaced, so that the same file, or a newer one, can come again.
/// </summary>
public static class ImportCalendar
{
    private const int MaxPeriods = 500;

    internal static void Map(RouteGroupBuilder group) =>
        group.MapPost("/instruments/{code}/calendar/draft/import", Handle).Accepts<Stream>(CalendarFile.MediaType);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(
        string code, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time, CancellationToken cancel,
            string @as = "closures", string reason = "closure")
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { } instrument) return TypedResults.NotFound();
        var reasons = Enum.GetValues<ClosedFor>().Except([ClosedFor.NoRun, ClosedFor.OutsideHours]).ToDictionary(CalendarFile.CategoryOf);
        if (@as is not ("closures" or "runs"))
            throw RuleViolation.Invalid("calendar.invalid", "What is in the file?", [new("as", "calendar.import-as", "closures or runs.")]);
        if (!reasons.TryGetValue(reason, out var usual))
            throw RuleViolation.Invalid("calendar.invalid", "Why are they closed?",
                [new("reason", "calendar.closure-reason", string.Join(", ", reasons.Keys))]);
        var text = await CalendarFileReader.BodyAsync(http.Body, cancel);
        var now = time.GetUtcNow();
        var draft = await db.CalendarDrafts.AsNoTracking().SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        var calendar = draft?.Calendar ?? instrument.Kept?.Calendar ?? await EmptyAsync(db, instrument, cancel);
        var today = now.UtcDateTime.Date;
        var content = CalendarFileReader.Read(text, TimeZoneInfo.FindSystemTimeZoneById(instrument.Site.TimeZone), new(today.AddYears(-1), today.AddYears(4)),
            outward: @as == "closures");

        List<SkippedEntry> skipped = [.. content.Skipped];
        List<FileEntry> taken = [];
        foreach (var entry in content.Entries)
            if (IsWanted(entry)) taken.Add(entry);
            else skipped.Add(new(entry.Uid, "ics.of-another-kind"));
        var next = @as == "runs" ? WithRuns(calendar, taken, content.Uids) : WithClosures(calendar, taken.ConvertAll(AsClosure), content.Uids);
        if (next.RunPeriods.Count > MaxPeriods || next.Closed.Count > MaxPeriods)
            throw RuleViolation.Invalid("calendar.invalid", "The calendar makes no sense like this.",
                [new(@as, "calendar.too-many-periods", $"At most {MaxPeriods}.")]);

        var kept = await DraftView.KeepAsync(db, instrument, next, draft?.BridgeableHours ?? instrument.Kept?.BridgeableHours ?? 0, afresh: false, person.Id,
            http, now, cancel);
        answer.TellVersion(kept.Version);
        return TypedResults.Ok(new Response(await DraftView.OfAsync(db, instrument, kept, now, cancel), taken.Count, [.. skipped.Distinct().Take(100)]));

        // A file of ours says what each entry is; one from elsewhere is what it is taken as.
        bool IsWanted(FileEntry entry)
        {
            if (entry.Categories.Contains(CalendarFile.ShiftCategory)) return false;
            if (entry.Categories.Contains(CalendarFile.RunCategory)) return @as == "runs";
            if (entry.Categories.FirstOrDefault(reasons.ContainsKey) is not { } category) return true;
            return @as == "closures" && !(reasons[category] == ClosedFor.Holiday && calendar.HolidayCountry is not null);
        }
        Closure AsClosure(FileEntry entry) =>
            new(entry.Time.From, entry.Time.To, entry.Categories.FirstOrDefault(reasons.ContainsKey) is { } category ? reasons[category] : usual,
                entry.Summary, entry.Uid);
    }

    private static async Task<RunCalendar> EmptyAsync(SchedulingDb db, KeptInstrument instrument, CancellationToken cancel)
    {
        var pattern = await KeptPattern.ForAsync(db, instrument.Code, instrument.Site, cancel);
        return new RunCalendar { TimeZone = instrument.Site.TimeZone, Pattern = pattern.Shifts, Week = pattern.Week, Shares = pattern.Shares };
    }

    /// <summary>A run takes the place of the runs that it overlaps.</summary>
    private static RunCalendar WithRuns(RunCalendar calendar, List<FileEntry> taken, IReadOnlySet<string> uids) => calendar with
    {
        RunPeriods = [.. calendar.RunPeriods.Where(run => !(run.Uid is { } uid && uids.Contains(uid)) && !taken.Exists(entry => entry.Time.Meets(run)))
            .Concat(taken.Select(entry => new RunPeriod(entry.Time.From, entry.Time.To, entry.Summary, entry.Uid))).OrderBy(run => run.From)],
    };

    /// <summary>A closure that is there already is not there twice.</summary>
    private static RunCalendar WithClosures(RunCalendar calendar, List<Closure> taken, IReadOnlySet<string> uids)
    {
        var stay = calendar.Closed.Where(closed => !(closed.Uid is { } uid && uids.Contains(uid))).ToList();
        var come = taken.Where(one => !stay.Exists(other => (other.From, other.To, other.Reason) == (one.From, one.To, one.Reason)));
        return calendar with { Closed = [.. stay.Concat(come).OrderBy(closed => closed.From)] };
    }

    /// <summary>The draft, the number of times taken from the file, and what was left out.</summary>
    public sealed record Response(DraftView Draft, int Taken, IReadOnlyList<SkippedEntry> Skipped);
}
