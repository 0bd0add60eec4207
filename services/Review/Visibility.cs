using System.Security.Claims;
using Tutti.Review.Judging;
using Tutti.Review.Knowing;
using Tutti.ServiceDefaults;

namespace Tutti.Review;

/// <summary>
/// Who may see what (R59). Those who judge see what they are asked to judge, unless in conflict; the panel sees the proposals of its call
/// from the moment it closes. The user office sees all, but who is on a team sees nothing of that proposal here, whatever else they are.
/// </summary>
internal static class Visibility
{
    private const int PageSize = 100;

    /// <summary>What the caller may read.</summary>
    public static IQueryable<Proposal> SeenBy(this IQueryable<Proposal> proposals, ClaimsPrincipal person, ReviewDb db)
    {
        var (id, judge) = (person.Id, person.AsJudge());
        if (person.Holds(Roles.UserOffice)) return proposals.SeenByOffice(id);
        var tasks = db.Tasks.OfJudge(person, db);
        var panels = db.Calls.OfPanel(person).Where(call => call.Closed);
        return proposals.Where(proposal => proposal.Submission > 0 && !proposal.Withdrawn).Where(Conflicts.NoneFor(judge)).Where(proposal =>
            tasks.Any(task => task.ProposalId == proposal.Id && task.Submission == proposal.Submission && task.Submission == proposal.Asked) || panels.Any(call => call.Id == proposal.CallId));
    }

    /// <summary>What the panel of a call, or the user office, sees of that call's proposals.</summary>
    public static IQueryable<Proposal> SeenInCall(this IQueryable<Proposal> proposals, ClaimsPrincipal person, ReviewDb db)
    {
        var (id, judge) = (person.Id, person.AsJudge());
        if (person.Holds(Roles.UserOffice)) return proposals.SeenByOffice(id);
        var panels = db.Calls.OfPanel(person).Where(call => call.Closed);
        return proposals.Where(proposal => proposal.Submission > 0 && !proposal.Withdrawn && panels.Any(call => call.Id == proposal.CallId)).Where(Conflicts.NoneFor(judge));
    }

    /// <summary>Tasks that the caller's roles let them judge, conflicts apart: staff those of their site's instruments, advisors those of the board.</summary>
    public static IQueryable<FeasibilityTask> OfJudge(this IQueryable<FeasibilityTask> tasks, ClaimsPrincipal person, ReviewDb db)
    {
        var (sites, board) = (person.ScopesOf(Roles.FacilityStaff), person.Holds(Roles.BoardAdvisor));
        return tasks.Where(task => task.ExperimentId == null
            ? board
            : db.Instruments.Any(known => known.Code == task.InstrumentCode && known.SiteCode != null && sites.Contains(known.SiteCode)));
    }

    /// <summary>Calls on whose panel the caller sits.</summary>
    public static IQueryable<KnownCall> OfPanel(this IQueryable<KnownCall> calls, ClaimsPrincipal person)
    {
        var (id, member) = (person.Id, person.Holds(Roles.PanelMember));
        return calls.Where(call => member && call.Panel.Any(seat => seat.PersonId == id));
    }

    /// <summary>Calls that the caller sees here: those of their panels, the user office all of which more is known than that they closed.</summary>
    public static IQueryable<KnownCall> SeenBy(this IQueryable<KnownCall> calls, ClaimsPrincipal person) =>
        person.Holds(Roles.UserOffice) ? calls.Where(call => call.Revision > 0) : calls.OfPanel(person);

    /// <summary>One page of a list.</summary>
    public static IQueryable<T> Page<T>(this IQueryable<T> rows, int page) => page is < 1 or > 10_000
        ? throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")])
        : rows.Skip((page - 1) * PageSize).Take(PageSize);

    private static IQueryable<Proposal> SeenByOffice(this IQueryable<Proposal> proposals, Guid person) =>
        proposals.Where(proposal => proposal.Submission > 0 && proposal.Team.All(seat => seat.PersonId != person));
}
