using System.Security.Claims;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling;

/// <summary>Who may see an experiment: its team, the staff of its instrument's site, and the user office (R59).</summary>
internal static class Visibility
{
    /// <summary>The experiments that somebody may see.</summary>
    public static IQueryable<Experiment> SeenBy(this IQueryable<Experiment> experiments, ClaimsPrincipal person, SchedulingDb db)
    {
        if (person.Holds(Roles.UserOffice)) return experiments;
        var (id, sites) = (person.Id, SitesOf(person));
        return experiments.Where(x => db.Proposals.Any(proposal => proposal.Id == x.ProposalId && proposal.Team.Any(member => member.PersonId == id))
            || db.Instruments.Any(known => known.Code == x.InstrumentCode && known.SiteCode != null && sites.Contains(known.SiteCode)));
    }

    /// <summary>The lines of plans that somebody who plans may see.</summary>
    public static IQueryable<PlanEntry> SeenBy(this IQueryable<PlanEntry> entries, ClaimsPrincipal person, SchedulingDb db)
    {
        if (person.Holds(Roles.UserOffice)) return entries;
        var sites = person.ScopesOf(Roles.FacilityStaff);
        return entries.Where(x => db.Instruments.Any(known => known.Code == x.InstrumentCode && known.SiteCode != null && sites.Contains(known.SiteCode)));
    }

    /// <summary>The experiments at instruments where somebody is staff.</summary>
    public static IQueryable<Experiment> ServedBy(this IQueryable<Experiment> experiments, ClaimsPrincipal person, SchedulingDb db)
    {
        var sites = person.ScopesOf(Roles.FacilityStaff);
        return experiments.Where(x => db.Instruments.Any(known => known.Code == x.InstrumentCode && known.SiteCode != null && sites.Contains(known.SiteCode)));
    }

    private static List<string> SitesOf(ClaimsPrincipal person) => [.. person.ScopesOf(Roles.FacilityStaff), .. person.ScopesOf(Roles.FacilityDirector)];
}
