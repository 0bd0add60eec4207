using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Calls;

/// <summary>The user office closes a call before its time.</summary>
public static class CloseCall
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/calls/{id:guid}/closing", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, ProposalsDb db, TimeProvider time, CancellationToken cancel)
    {
        var call = await db.Calls.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (call is null) return TypedResults.NotFound();
        call.CloseEarly(time.GetUtcNow());
        db.Publish(AnnounceCall.Opened(call), time);
        db.Publish(new CallClosingDue { CallId = call.Id, ClosesAt = call.ClosesAt }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
