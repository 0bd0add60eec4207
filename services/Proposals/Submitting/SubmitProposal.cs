using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Submitting;

/// <summary>
/// A team submits its proposal, for the first time or after a revision. Once this has answered, the submission is on disk together with
/// the event that tells the other services of it. The lifecycle goes on in <see cref="Lifecycle.ProposalLifecycle"/>.
/// </summary>
public static class SubmitProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/{id:guid}/submission", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ProposalsDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var arrivedAt = http.HttpContext.ArrivedAt(time);
        var proposal = await db.Proposals.OfTeam(person.Id).Include(x => x.Team).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) return TypedResults.NotFound();
        http.RequireVersion(proposal.Version);
        proposal.Submit(person.Id, Guid.CreateVersion7(arrivedAt), arrivedAt);
        if (proposal.Submission == 1) (await db.Calls.AsNoTracking().SingleAsync(x => x.Id == proposal.CallId, cancel)).RequireOpen(arrivedAt);
        var needs = await SubmissionNeeds.LoadAsync(proposal, db, cancel);
        var problems = needs.Check(proposal);
        if (problems.Count > 0) throw RuleViolation.Invalid("proposal.incomplete", "The proposal cannot be submitted yet.", problems);
        if (proposal.Submission == 1) db.Publish(needs.Submitted(proposal), time);
        else db.Publish(needs.Revised(proposal), time);
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(proposal.Version);
        return TypedResults.Ok(new Response(proposal.Id, proposal.Status, proposal.Submission, arrivedAt, Declaration.Version));
    }

    /// <summary>The acknowledgment.</summary>
    public sealed record Response(Guid Id, ProposalStatus Status, int Submission, DateTimeOffset SubmittedAt, string AcceptedDeclaration);
}
