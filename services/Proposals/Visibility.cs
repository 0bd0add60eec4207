using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals;

/// <summary>Who may see a proposal: its team, the user office, and, once submitted, the staff of the instruments it asks for (R59).</summary>
internal static class Visibility
{
    public static IQueryable<Proposal> OfTeam(this IQueryable<Proposal> proposals, Guid person) =>
        proposals.Where(proposal => proposal.Team.Any(member => member.PersonId == person));

    /// <summary>The text that a reader sees: the team its own, everybody else what was submitted.</summary>
    public static ProposalText TextFor(this Proposal proposal, Guid person) =>
        proposal.Team.Any(member => member.PersonId == person) ? proposal.Text : proposal.SubmittedText ?? ProposalText.Empty;

    public static async Task<bool> MaySeeAsync(Proposal proposal, ClaimsPrincipal person, ProposalsDb db, CancellationToken cancel)
    {
        var id = person.Id;
        if (proposal.Team.Any(member => member.PersonId == id)) return true;
        if (proposal.SubmittedText is not { } text) return false;
        if (person.Holds(Roles.UserOffice)) return true;
        var sites = person.ScopesOf(Roles.FacilityStaff);
        if (sites.Count == 0) return false;
        var codes = text.Experiments.Select(experiment => experiment.InstrumentCode).ToList();
        return await db.Instruments.AnyAsync(known => codes.Contains(known.Code) && known.SiteCode != null && sites.Contains(known.SiteCode), cancel);
    }
}
