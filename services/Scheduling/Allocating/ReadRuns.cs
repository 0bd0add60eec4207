using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Asking;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>Planners follow the runs of the planner, say when one is enough, and the user office takes what a run was asked and answered, to do it again elsewhere.</summary>
public static class ReadRuns
{
    private const int PageSize = 50;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/plans/{id:guid}/runs", Handle);
        group.MapGet("/plans/{id:guid}/runs/{runId:guid}/document", ReadDocumentAsync);
        group.MapGroup("").AgainWhenStale<SchedulingDb>().MapPost("/plans/{id:guid}/runs/{runId:guid}/cancellation", CancelAsync);
    }

    internal static async Task<Results<Ok<List<Response>>, NotFound>> Handle(Guid id, SchedulingDb db, CancellationToken cancel, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        if (!await db.Plans.AnyAsync(x => x.Id == id, cancel)) return TypedResults.NotFound();
        return TypedResults.Ok(await db.Runs.Where(x => x.PlanId == id).OrderByDescending(x => x.StartedAt).ThenBy(x => x.Id).Skip((page - 1) * PageSize).Take(PageSize).Select(x => new Response(
            x.Id, x.Round, x.Status, x.StartedAt, x.EndedAt, x.CancelRequestedAt, x.TimeLimitMilliseconds, x.Workers, x.Seed, x.Improvements, x.ImprovedAfterMilliseconds, x.Objective, x.Bound,
            x.ProgramVersion, x.Model, x.SolverVersion, x.InputHash, x.Failure)).ToListAsync(cancel));
    }

    private static async Task<Results<Ok<Document>, NotFound>> ReadDocumentAsync(Guid id, Guid runId, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        if (!person.Holds(Roles.UserOffice)) throw RuleViolation.Forbidden("identity.not-allowed", "A problem spans all sites: the user office reads it.");
        return await db.Runs.AsNoTracking().SingleOrDefaultAsync(x => x.Id == runId && x.PlanId == id, cancel) is { } run
            ? TypedResults.Ok(new Document(run.Model, run.InputHash, Compressed.Read<PlanningProblem>(run.Input), run.Result is null ? null : Compressed.Read<PlanningResult>(run.Result)))
            : TypedResults.NotFound();
    }

    private static async Task<Results<Accepted, NotFound>> CancelAsync(Guid id, Guid runId, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var run = await db.Runs.SingleOrDefaultAsync(x => x.Id == runId && x.PlanId == id, cancel);
        if (run is null) return TypedResults.NotFound();
        var me = person.Id;
        if (!person.Holds(Roles.UserOffice) && !await db.Plans.AnyAsync(x => x.Id == id && x.RequestedBy == me, cancel)) throw RuleViolation.Forbidden("run.not-yours", "A run is ended by who asked for the plan, or by the user office.");
        run.Cancel(time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        return TypedResults.Accepted($"/api/scheduling/plans/{id}/runs");
    }

    /// <summary>A run: how far it is, and what is needed to do it again.</summary>
    public sealed record Response(
        Guid Id, int Round, PlanRunStatus Status, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? CancelRequestedAt, long TimeLimitMilliseconds, int Workers, int Seed, int Improvements,
        long? ImprovedAfterMilliseconds, long? Objective, long? Bound, string ProgramVersion, string Model, string SolverVersion, string InputHash, string? Failure);

    /// <summary>What the planner was asked and what it answered.</summary>
    public sealed record Document(string Model, string InputHash, PlanningProblem Input, PlanningResult? Result);
}
