using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Reporting;

/// <summary>A team reports on what was measured.</summary>
public static class ReportProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id:guid}/report", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, ProposalsDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var proposal = await db.Proposals.OfTeam(person.Id).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) return TypedResults.NotFound();
        if (string.IsNullOrWhiteSpace(request.Text) || request.Text.Length > ProposalText.MaxAbstract)
            throw RuleViolation.Invalid("proposal.invalid", "A report is needed.", [new("text", "report.length", $"1 to {ProposalText.MaxAbstract} characters are needed.")]);
        proposal.FileReport(request.Text, person.Id, Guid.CreateVersion7(now), now);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>The report.</summary>
    public sealed record Request(string Text);
}
