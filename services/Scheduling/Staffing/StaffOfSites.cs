using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Knowing;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Staffing;

/// <summary>Who looks after which instruments, and when: what the planner is told of people.</summary>
public sealed class StaffOfSites
{
    private readonly Dictionary<string, ContactGroup> groupOf = [];
    private readonly Dictionary<string, Dictionary<Guid, IReadOnlyList<AbsentInterval>>> away = [];
    private readonly Dictionary<string, string> states = [];

    private StaffOfSites()
    {
    }

    /// <summary>Reads groups and leave of all sites.</summary>
    public static async Task<StaffOfSites> LoadAsync(SchedulingDb db, CancellationToken cancel)
    {
        var staff = new StaffOfSites();
        var zones = await db.Sites.AsNoTracking().ToDictionaryAsync(x => x.Code, x => x.TimeZone, cancel);
        var leave = (await db.StaffLeave.AsNoTracking().ToListAsync(cancel)).ToLookup(x => x.SiteCode);
        foreach (var group in await db.ContactGroups.AsNoTracking().OrderBy(x => x.SiteCode).ThenBy(x => x.Code).ToListAsync(cancel))
        {
            if (!zones.TryGetValue(group.SiteCode, out var zone)) continue;
            staff.away.TryAdd(group.SiteCode,
                leave[group.SiteCode].ToDictionary(one => one.PersonId, one => one.Absences(TimeZoneInfo.FindSystemTimeZoneById(zone))));
            var people = leave[group.SiteCode].Where(one => group.Contacts.Any(contact => contact.PersonId == one.PersonId)).OrderBy(one => one.PersonId);
            foreach (var instrument in group.Instruments)
            {
                staff.groupOf[instrument] = group;
                staff.states[instrument] =
                    string.Create(CultureInfo.InvariantCulture, $".{group.Code}{group.Version}-{string.Join('-', people.Select(one => one.Version))}");
            }
        }
        return staff;
    }

    /// <summary>The group that looks after an instrument, as one name over all sites; null: nobody is told, so nobody limits it.</summary>
    public string? GroupOf(string instrument) => groupOf.TryGetValue(instrument, out var group) ? $"{group.SiteCode}/{group.Code}" : null;

    /// <summary>How many experiments an instrument's group can serve at once over [from, to); empty where it has none.</summary>
    public IReadOnlyList<ContactCapacity> CapacityOf(string instrument, DateTimeOffset from, DateTimeOffset to) =>
        groupOf.TryGetValue(instrument, out var group) ? group.CapacityBetween(from, to, away[group.SiteCode]) : [];

    /// <summary>How much an instrument's group looks after in a week; no limits where it has none.</summary>
    public WeeklyLimits WeeklyOf(string instrument) =>
        groupOf.TryGetValue(instrument, out var group) ? new(group.WeeklyShifts, group.WeeklyStarts) : WeeklyLimits.None;

    /// <summary>Instruments together with those that the same people look after.</summary>
    public HashSet<string> WithSharedContacts(IReadOnlySet<string> instruments) =>
        [.. instruments, .. instruments.Where(groupOf.ContainsKey).Select(code => groupOf[code]).Distinct().SelectMany(group => group.Instruments)];

    /// <summary>A text that changes when what is told of an instrument's people does.</summary>
    public string StateOf(string instrument) => states.GetValueOrDefault(instrument, "");

    /// <summary>A site whose staff somebody may read about, or, to change it, keeps; null: there is none for them.</summary>
    /// <exception cref="RuleViolation">It is there for them to see, but not to change.</exception>
    internal static async Task<KnownSite?> SiteForAsync(SchedulingDb db, string site, ClaimsPrincipal person, bool change, CancellationToken cancel)
    {
        var known = await db.Sites.AsNoTracking().SingleOrDefaultAsync(x => x.Code == site, cancel);
        var keeps = person.Holds(Roles.UserOffice) || person.Holds(Roles.FacilityStaff, site);
        if (known is null || !(keeps || person.Holds(Roles.FacilityDirector, site))) return null;
        return keeps || !change ? known : throw RuleViolation.Forbidden("staffing.read-only", "Only staff of the site change this.");
    }
}
