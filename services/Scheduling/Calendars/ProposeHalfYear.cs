using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Keepers let the calendar of a half-year be proposed from the operating pattern, for one instrument or a whole site; the proposal is a
/// draft.</summary>
public static class ProposeHalfYear
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/instruments/{code}/calendar/draft", Handle);
        group.MapPost("/sites/{site}/calendar-drafts", HandleSite);
    }

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(
        string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { } instrument) return TypedResults.NotFound();
        var half = Understand(request);
        var (calendar, bridgeable, warnings, holidays) = await ProposeAsync(db, instrument, half, cancel);
        var draft = await DraftView.KeepAsync(db, instrument, calendar, bridgeable, afresh: true, person.Id, http, time.GetUtcNow(), cancel);
        answer.TellVersion(draft.Version);
        return TypedResults.Ok(new Response(await DraftView.OfAsync(db, instrument, draft, time.GetUtcNow(), cancel), warnings, holidays));
    }

    internal static async Task<Results<Ok<SiteResponse>,
        NotFound>> HandleSite(string site, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time,
        CancellationToken cancel)
    {
        if (!await db.Sites.AnyAsync(x => x.Code == site, cancel)) return TypedResults.NotFound();
        if (!KeptInstrument.MayKeep(person, site)) throw RuleViolation.Forbidden("calendar.other-site", "Only staff of the site keep its calendars.");
        var half = Understand(request);
        var codes = await db.Instruments.Where(x => x.SiteCode == site && x.InScheme && x.RetiredAtRevision <= x.Revision).Select(x => x.Code).OrderBy(x => x)
            .ToListAsync(cancel);
        // A draft that somebody is at work on is left alone: it is begun anew by its own route only.
        var begun = await db.CalendarDrafts.Where(x => codes.Contains(x.InstrumentCode)).Select(x => x.InstrumentCode).ToListAsync(cancel);
        foreach (var code in codes.Except(begun))
            if (await KeptInstrument.LoadAsync(db, code, person, cancel) is { } instrument)
            {
                var (calendar, bridgeable, _, _) = await ProposeAsync(db, instrument, half, cancel);
                await DraftView.KeepAsync(db, instrument, calendar, bridgeable, afresh: true, person.Id, http, time.GetUtcNow(), cancel);
            }
        return TypedResults.Ok(new SiteResponse([.. codes.Except(begun)], [.. begun.Order(StringComparer.Ordinal)]));
    }

    private static HalfYear Understand(Request request) => new HalfYear(request.Year, request.Half) is { IsValid: true } half ? half
        : throw RuleViolation.Invalid("calendar.invalid", "There is no such half-year.",
            [new("half", "calendar.half-year", "Half 1 or 2 of a year from 2020 to 2100.")]);

    private static async Task<(RunCalendar Calendar, int BridgeableHours, IReadOnlyList<Problem> Warnings, IReadOnlyList<PublicHoliday> Holidays)> ProposeAsync(
        SchedulingDb db, KeptInstrument instrument, HalfYear half, CancellationToken cancel)
    {
        var pattern = await KeptPattern.ForAsync(db, instrument.Code, instrument.Site, cancel);
        List<Problem> warnings = [];
        var known = PublicHolidays.Knows(instrument.Site.Country);
        if (pattern.HolidaysClose && !known)
            warnings.Add(new("holidaysClose", "calendar.holidays-unknown",
                $"The public holidays of {instrument.Site.Country} are not known; name them as closures."));
        var proposal = half.Propose(pattern, instrument.Site.TimeZone, known ? instrument.Site.Country : null);
        if (instrument.Kept?.Calendar is not { } kept) return (proposal, pattern.BridgeableHours, warnings, Holidays());
        var together = kept.With(half.Time, proposal);
        if (together.RunPeriods.Any(run => !run.Meets(half.Time))
            && !(kept.Pattern.IsSame(proposal.Pattern) && kept.Week.SequenceEqual(proposal.Week) && kept.HolidayCountry == proposal.HolidayCountry
            && kept.Shares.SequenceEqual(proposal.Shares)))
            warnings.Add(new("pattern", "calendar.pattern-changes",
                "Shifts, hours of the week, holidays or shares differ from those published: they change outside the half-year as well."));
        return (together, pattern.BridgeableHours, warnings, Holidays());

        IReadOnlyList<PublicHoliday> Holidays() => known
            ? PublicHolidays.Between(instrument.Site.Country, DateOnly.FromDateTime(half.Time.From), DateOnly.FromDateTime(half.Time.To)) : [];
    }

    /// <summary>A half-year.</summary>
    public sealed record Request
    {
        /// <summary>The year.</summary>
        public required int Year { get; init; }

        /// <summary>1: January to June; 2: July to December.</summary>
        public required int Half { get; init; }
    }

    /// <summary>The draft, what to look at in it, and the public holidays of the time, whether they close or not.</summary>
    public sealed record Response(DraftView Draft, IReadOnlyList<Problem> Warnings, IReadOnlyList<PublicHoliday> Holidays);

    /// <summary>Instruments that have a draft now, and those whose draft was begun before and is left as it was.</summary>
    public sealed record SiteResponse(IReadOnlyList<string> Proposed, IReadOnlyList<string> BegunBefore);
}
