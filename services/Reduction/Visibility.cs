using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Knowing;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>
/// Who may work with data: the team of the proposal, and the staff of the site where the experiment is done. The user office sees that data and
/// jobs exist, not what is in them. For everybody else they do not exist (R59).
/// </summary>
internal static class Visibility
{
    /// <summary>Experiments whose data the person may work with.</summary>
    public static IQueryable<KnownExperiment> OpenTo(this IQueryable<KnownExperiment> experiments, ClaimsPrincipal person, ReductionDb db)
    {
        var (id, sites) = (person.Id, person.ScopesOf(Roles.FacilityStaff));
        return experiments.Where(experiment =>
            db.Members.Any(member => member.ProposalId == experiment.ProposalId && member.PersonId == id)
            || db.Instruments.Any(known => known.Code == experiment.InstrumentCode && known.SiteCode != null && sites.Contains(known.SiteCode)));
    }

    /// <summary>Data sets the person may work with.</summary>
    public static IQueryable<DataSet> OpenTo(this IQueryable<DataSet> sets, ClaimsPrincipal person, ReductionDb db)
    {
        var experiments = db.Experiments.OpenTo(person, db);
        return sets.Where(set => experiments.Any(experiment => experiment.Id == set.ExperimentId));
    }

    /// <summary>Data sets of which the person may know.</summary>
    public static IQueryable<DataSet> KnownTo(this IQueryable<DataSet> sets, ClaimsPrincipal person, ReductionDb db) =>
        person.Holds(Roles.UserOffice) ? sets : sets.OpenTo(person, db);

    /// <summary>Jobs of which the person may know.</summary>
    public static IQueryable<ReductionJob> KnownTo(this IQueryable<ReductionJob> jobs, ClaimsPrincipal person, ReductionDb db)
    {
        var sets = db.DataSets.KnownTo(person, db);
        return jobs.Where(job => sets.Any(set => set.Id == job.DataSetId));
    }

    /// <summary>Refuses who knows of a data set but may not work with it.</summary>
    public static async Task RequireOpenAsync(Guid dataSetId, ClaimsPrincipal person, ReductionDb db, CancellationToken cancel)
    {
        if (!await db.DataSets.OpenTo(person, db).AnyAsync(set => set.Id == dataSetId, cancel))
            throw RuleViolation.Forbidden("data-set.contents-closed", "The contents are open to the team and to the staff of the site.");
    }
}
