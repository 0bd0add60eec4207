using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Drafting;

/// <summary>A proposer lists the proposals of their teams, the latest first.</summary>
public static class ListProposals
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/", Handle);

    internal static async Task<Ok<List<Response>>> Handle(ProposalsDb db, ClaimsPrincipal person, CancellationToken cancel, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        return TypedResults.Ok(await db.Proposals.OfTeam(person.Id).OrderByDescending(x => x.ChangedAt).ThenBy(x => x.Id)
            .Skip((page - 1) * PageSize).Take(PageSize)
            .Select(x => new Response(x.Id, x.CallId, x.Title, x.Status, x.ChangedAt)).ToListAsync(cancel));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(Guid Id, Guid CallId, string Title, ProposalStatus Status, DateTimeOffset ChangedAt);
}
