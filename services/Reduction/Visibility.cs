using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Knowing;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>
/// Who may work with data: the team of the proposal, and the staff of the site where the experiment is done. The user office sees that data and
/// jobs exist, not what is in them. Data with a licence may be read by everybody who is signed in, once their embargo is over; jobs and results stay
/// with those who work with the data. For everybody else they do not exist (R59).
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

    /// <summary>Data sets whose contents the person may read.</summary>
    public static IQueryable<DataSet> ReadableBy(this IQueryable<DataSet> sets, ClaimsPrincipal person, ReductionDb db, DateTimeOffset now)
    {
        var experiments = db.Experiments.OpenTo(person, db);
        return sets.Where(set => (set.Licence != null && set.EmbargoUntil <= now) || experiments.Any(experiment => experiment.Id == set.ExperimentId));
    }

    /// <summary>Data sets that a result of the proposal may tell of: its own, and those that everybody may read.</summary>
    public static IQueryable<DataSet> OfProposalOrPublic(this IQueryable<DataSet> sets, Guid proposalId, DateTimeOffset now) =>
        sets.Where(set => set.ProposalId == proposalId || (set.Licence != null && set.EmbargoUntil <= now));

    /// <summary>Recipes the person may use: their own, those of a team they are on, and those for everybody.</summary>
    public static IQueryable<Recipe> OpenTo(this IQueryable<Recipe> recipes, ClaimsPrincipal person, ReductionDb db)
    {
        var id = person.Id;
        return recipes.Where(recipe => recipe.Owner == id || recipe.Sharing == RecipeSharing.Everybody
            || (recipe.Sharing == RecipeSharing.Team && db.Members.Any(member => member.ProposalId == recipe.ProposalId && member.PersonId == id)));
    }

    /// <summary>Data sets of which the person may know.</summary>
    public static IQueryable<DataSet> KnownTo(this IQueryable<DataSet> sets, ClaimsPrincipal person, ReductionDb db, DateTimeOffset now) =>
        person.Holds(Roles.UserOffice) ? sets : sets.ReadableBy(person, db, now);

    /// <summary>Jobs of which the person may know.</summary>
    public static IQueryable<ReductionJob> KnownTo(this IQueryable<ReductionJob> jobs, ClaimsPrincipal person, ReductionDb db)
    {
        if (person.Holds(Roles.UserOffice)) return jobs;
        var sets = db.DataSets.OpenTo(person, db);
        return jobs.Where(job => sets.Any(set => set.Id == job.DataSetId));
    }

    /// <summary>Refuses who knows of a data set but may not read it.</summary>
    public static async Task RequireReadableAsync(Guid dataSetId, ClaimsPrincipal person, ReductionDb db, DateTimeOffset now, CancellationToken cancel)
    {
        if (!await db.DataSets.ReadableBy(person, db, now).AnyAsync(set => set.Id == dataSetId, cancel))
            throw RuleViolation.Forbidden("data-set.contents-closed", "The contents are open to the team and to the staff of the site.");
    }

    /// <summary>Refuses who knows of a data set but may not work with it.</summary>
    public static async Task RequireOpenAsync(Guid dataSetId, ClaimsPrincipal person, ReductionDb db, CancellationToken cancel)
    {
        if (!await db.DataSets.OpenTo(person, db).AnyAsync(set => set.Id == dataSetId, cancel))
            throw RuleViolation.Forbidden("data-set.contents-closed", "The contents are open to the team and to the staff of the site.");
    }
}
