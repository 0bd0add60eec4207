using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Calls;

/// <summary>Everybody with an account sees the calls and how far they have come.</summary>
public static class ListCalls
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/calls", Handle);
        group.MapGet("/calls/{id:guid}", HandleOne);
    }

    internal static async Task<Ok<List<Response>>> Handle(ProposalsDb db, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var calls = await db.Calls.AsNoTracking().OrderByDescending(call => call.ClosesAt).Take(200).ToListAsync(cancel);
        return TypedResults.Ok(calls.ConvertAll(call => Describe(call, now)));
    }

    internal static async Task<Results<Ok<Response>, NotFound>> HandleOne(Guid id, ProposalsDb db, HttpResponse http, TimeProvider time, CancellationToken cancel)
    {
        var call = await db.Calls.AsNoTracking().SingleOrDefaultAsync(call => call.Id == id, cancel);
        if (call is null) return TypedResults.NotFound();
        http.TellVersion(call.Version);
        return TypedResults.Ok(Describe(call, time.GetUtcNow()));
    }

    private static Response Describe(Call call, DateTimeOffset now) =>
        new(call.Id, call.Title, call.StageAt(now), call.OpensAt, call.ClosesAt, call.BoardFeasibilityRequired, call.BeamtimeFrom, call.BeamtimeTo, call.Terms);

    /// <summary>A call.</summary>
    public sealed record Response(
        Guid Id, string Title, CallStage Stage, DateTimeOffset OpensAt, DateTimeOffset ClosesAt, bool BoardFeasibilityRequired, DateTimeOffset BeamtimeFrom, DateTimeOffset BeamtimeTo,
        CallTerms Terms);
}
