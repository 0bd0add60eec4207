using System.Linq.Expressions;
using System.Security.Claims;
using Tutti.ServiceDefaults;

namespace Tutti.Review;

/// <summary>Somebody who wants to judge: the person and the research group they belong to.</summary>
public sealed record Judge(Guid Id, string Group);

/// <summary>Why a person may not judge a proposal.</summary>
public enum Conflict
{
    /// <summary>They are on its team.</summary>
    OnTeam,

    /// <summary>They are of the same group as somebody on its team.</summary>
    SameGroup,

    /// <summary>They gave advice that it builds on (R34).</summary>
    GaveAdvice,
}

/// <summary>
/// No one judges in conflict. The rule is the same for instrument staff, board, panel and user office: where all staff of a small site are of
/// the team's group, nobody of that group judges, other staff of the site do. A person without a group shares it with nobody.
/// </summary>
public static class Conflicts
{
    /// <summary>A group as it is compared: neither spaces around it nor capitals make another group.</summary>
    public static string Key(string group) => group.Trim().ToUpperInvariant();

    /// <summary>The conflict of a person with a proposal; null: none.</summary>
    public static Conflict? Of(Judge judge, Proposal proposal)
    {
        var group = Key(judge.Group);
        return proposal.Team.Any(seat => seat.PersonId == judge.Id) ? Conflict.OnTeam
            : group.Length > 0 && proposal.Team.Any(seat => seat.GroupKey == group) ? Conflict.SameGroup
            : proposal.Advisors.Any(advisor => advisor.PersonId == judge.Id) ? Conflict.GaveAdvice
            : null;
    }

    /// <summary>The same rule for a query: proposals with which the person has no conflict.</summary>
    public static Expression<Func<Proposal, bool>> NoneFor(Judge judge)
    {
        var (id, group) = (judge.Id, Key(judge.Group));
        return proposal => !proposal.Team.Any(seat => seat.PersonId == id || (group != "" && seat.GroupKey == group))
            && !proposal.Advisors.Any(advisor => advisor.PersonId == id);
    }

    /// <summary>Refuses whoever is in conflict.</summary>
    public static void Refuse(Judge judge, Proposal proposal)
    {
        if (Of(judge, proposal) is { } conflict)
            throw RuleViolation.Forbidden("review.conflict", conflict switch
            {
                Conflict.OnTeam => "Who is on the team does not judge.",
                Conflict.SameGroup => "Who is of the group of a team member does not judge.",
                Conflict.GaveAdvice => "Who gave advice that the proposal builds on does not judge it.",
            });
    }

    internal static Judge AsJudge(this ClaimsPrincipal person) => new(person.Id, person.Group);
}
