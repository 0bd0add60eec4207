using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Proposals.Submitting;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Drafting;

/// <summary>
/// A team member saves the draft. It may be incomplete, but what it holds is within its limits and its people exist. With
/// <c>If-Match</c> a colleague's work is never overwritten unseen.
/// </summary>
public static class ChangeDraft
{
    internal static void Map(RouteGroupBuilder group) => group.MapPut("/{id:guid}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        Guid id, Request request, ProposalsDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var proposal = await db.Proposals.OfTeam(person.Id).Include(x => x.Team).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) return TypedResults.NotFound();
        http.RequireVersion(proposal.Version);
        var problems = DraftRules.Check(request.Text, request.Team);
        if (request.Team.Count > 0) problems.AddRange(await DraftRules.UnknownPeopleAsync(request.Team, db, cancel));
        if (problems.Count > 0) throw RuleViolation.Invalid("proposal.invalid", "The draft cannot be saved like this.", problems);
        proposal.Write(request.Text, request.Team, time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(proposal.Version);
        return TypedResults.NoContent();
    }

    /// <summary>The whole draft: text and colleagues. Who leads stays on the team.</summary>
    public sealed record Request
    {
        /// <summary>The text.</summary>
        public required ProposalText Text { get; init; }

        /// <summary>Colleagues by their ids.</summary>
        public IReadOnlyList<Guid> Team { get; init; } = [];
    }
}
