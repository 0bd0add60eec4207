using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>Planners list the plans of a call, the latest first.</summary>
public static class ListPlans
{
    private const int PageSize = 50;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/calls/{callId:guid}/plans", Handle);

    internal static async Task<Ok<List<Response>>> Handle(Guid callId, SchedulingDb db, CancellationToken cancel, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        return TypedResults.Ok(await db.Plans.Where(x => x.CallId == callId && x.CopyOf == null).OrderByDescending(x => x.RequestedAt).ThenBy(x => x.Id)
            .Skip((page - 1) * PageSize).Take(PageSize)
            .Select(x => new Response(x.Id, x.Status, x.Round, x.RequestedAt, x.PublishedAt, x.Objective, x.Bound, x.FailureCode)).ToListAsync(cancel));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(Guid Id, CallPlanStatus Status, int Rounds, DateTimeOffset RequestedAt, DateTimeOffset? PublishedAt, long? Objective, long? Bound, string? FailureCode);
}
