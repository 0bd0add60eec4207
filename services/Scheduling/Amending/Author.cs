using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>To whom it is told who changed a plan, and their words: to the user office, to themselves, and to those who see one of the experiments that they changed. What the planner says is no secret.</summary>
internal sealed class Author
{
    private readonly Guid me;
    private readonly HashSet<Guid>? seen;

    private Author(Guid me, HashSet<Guid>? seen) => (this.me, this.seen) = (me, seen);

    /// <summary>What somebody sees of a plan.</summary>
    public static async Task<Author> ForAsync(SchedulingDb db, Guid plan, ClaimsPrincipal person, CancellationToken cancel) =>
        new(person.Id, person.Holds(Roles.UserOffice) ? null : await db.Set<PlanEntry>().Where(x => x.PlanId == plan).SeenBy(person, db).Select(x => x.ExperimentId).ToHashSetAsync(cancel));

    /// <summary>The same where it is not known what was changed.</summary>
    public static Author Of(ClaimsPrincipal person) => new(person.Id, person.Holds(Roles.UserOffice) ? null : []);

    /// <summary>Whether it is told.</summary>
    public bool To(Guid? by, IReadOnlyList<Guid> changed) => seen is null || by is null || by == me || changed.Any(seen.Contains);
}
