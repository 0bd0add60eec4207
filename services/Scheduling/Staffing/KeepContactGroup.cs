using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Calendars;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Staffing;

/// <summary>Staff of a site tell who looks after which instruments.</summary>
public static class KeepContactGroup
{
    private const int MaxCode = 64, MaxName = 200, MaxPeople = 200, MaxAtOnce = 20, MaxInstruments = 200, MaxWeekly = 10_000;

    internal static void Map(RouteGroupBuilder group) => group.MapPut("/sites/{site}/contact-groups/{code}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        string site, string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (await StaffOfSites.SiteForAsync(db, site, person, change: true, cancel) is null) return TypedResults.NotFound();
        List<Problem> problems = [.. KeptInstrument.CheckReason(request.Reason)];
        if (code.Length > MaxCode || !code.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            problems.Add(new("code", "contact-group.code", $"Small letters, digits and hyphens, at most {MaxCode}."));
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > MaxName)
            problems.Add(new("name", "contact-group.name", $"1 to {MaxName} characters are needed."));
        if (request.Contacts.Count > MaxPeople || request.Instruments.Count > MaxInstruments)
            problems.Add(new("", "contact-group.too-many", $"At most {MaxPeople} people and {MaxInstruments} instruments."));
        if (request.Contacts.Any(contact => contact.AtOnce is < 0 or > MaxAtOnce))
            problems.Add(new("contacts", "contact-group.at-once", $"0 to {MaxAtOnce} experiments at once."));
        if (request.Contacts.Any(contact => string.IsNullOrWhiteSpace(contact.Name) || contact.Name.Length > MaxName))
            problems.Add(new("contacts", "contact-group.contact-name", $"1 to {MaxName} characters are needed."));
        if (request.Contacts.DistinctBy(contact => contact.PersonId).Count() < request.Contacts.Count)
            problems.Add(new("contacts", "contact-group.person-twice", "A person is in a group once."));
        if (request.WeeklyShifts is < 1 or > MaxWeekly) problems.Add(new("weeklyShifts", "contact-group.weekly", $"1 to {MaxWeekly} shifts in a week, or no limit."));
        if (request.WeeklyStarts is < 1 or > MaxWeekly) problems.Add(new("weeklyStarts", "contact-group.weekly", $"1 to {MaxWeekly} beginnings in a week, or no limit."));
        var here = await db.Instruments.Where(x => x.SiteCode == site).Select(x => x.Code).ToListAsync(cancel);
        if (request.Instruments.Except(here).Any() || request.Instruments.Distinct().Count() < request.Instruments.Count)
            problems.Add(new("instruments", "contact-group.instruments", "Instruments of the site, each once."));
        var groups = await db.ContactGroups.Where(x => x.SiteCode == site).ToListAsync(cancel);
        problems.AddRange(groups.Where(other => other.Code != code).SelectMany(other => other.Instruments.Intersect(request.Instruments)
            .Select(instrument => new Problem("instruments", "contact-group.instrument-in-another", $"{instrument} is looked after by {other.Name}."))));
        if (problems.Count > 0) throw RuleViolation.Invalid("contact-group.invalid", "The contact group makes no sense like this.", problems);

        var now = time.GetUtcNow();
        var group = groups.Find(one => one.Code == code);
        http.RequireSeen(group?.Version);
        var isNew = group is null;
        if (group is null) db.Add(group = new ContactGroup { SiteCode = site, Code = code });
        group.Change(request.Name.Trim(), request.Instruments, request.Contacts, new(request.WeeklyShifts, request.WeeklyStarts), person.Id, request.Reason.Trim(),
            Guid.CreateVersion7(now), now);
        await FirstOfTwo.SaveAsync(db, isNew, () => db.ContactGroups.AnyAsync(x => x.SiteCode == site && x.Code == code, cancel), cancel);
        answer.TellVersion(group.Version);
        return TypedResults.NoContent();
    }

    /// <summary>The whole group.</summary>
    public sealed record Request
    {
        /// <summary>Why it is changed.</summary>
        public required string Reason { get; init; }

        /// <summary>Name.</summary>
        public required string Name { get; init; }

        /// <summary>Instruments of the site.</summary>
        public required IReadOnlyList<string> Instruments { get; init; }

        /// <summary>People, and how many experiments each looks after at once.</summary>
        public required IReadOnlyList<Contact> Contacts { get; init; }

        /// <summary>The most shifts of experiments, by the beginning of the shift, that they look after in a week; weeks begin on Monday at 00:00 UTC. Null: no limit.</summary>
        public int? WeeklyShifts { get; init; }

        /// <summary>The most blocks of experiments that begin in such a week; null: no limit.</summary>
        public int? WeeklyStarts { get; init; }
    }
}
