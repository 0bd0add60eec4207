using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Drafting;

/// <summary>A proposer starts a draft for a call; who starts it leads the team.</summary>
public static class CreateDraft
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/", Handle);

    internal static async Task<Created<Response>> Handle(Request request, ProposalsDb db, ClaimsPrincipal person, HttpResponse http, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var call = await db.Calls.AsNoTracking().SingleOrDefaultAsync(x => x.Id == request.CallId, cancel)
            ?? throw RuleViolation.Invalid("proposal.invalid", "The call is not known.", [new("callId", "call.unknown", "No call has this id.")]);
        if (call.StageAt(now) > Calls.CallStage.Open) call.RequireOpen(now);
        var proposal = Proposal.Draft(Guid.CreateVersion7(now), call.Id, person.Id, now);
        db.Add(proposal);
        await db.SaveChangesAsync(cancel);
        http.TellVersion(proposal.Version);
        return TypedResults.Created($"/api/proposals/{proposal.Id}", new Response(proposal.Id));
    }

    /// <summary>Which call it is for.</summary>
    public sealed record Request(Guid CallId);

    /// <summary>The new draft.</summary>
    public sealed record Response(Guid Id);
}
