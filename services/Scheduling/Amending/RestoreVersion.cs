using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>
/// Somebody who plans goes back to an earlier version; that makes a new one, checked like every other change, because the world may have moved on. What has begun, or would begin in the past, is
/// past changing: it is left as it is, and named in the answer.
/// </summary>
public static class RestoreVersion
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/versions/{number:int}/restoration", Handle);

    internal static async Task<Results<Ok<ChangePlan.Done>, Accepted<ChangePlan.Asked>, NotFound, ProblemHttpResult>> Handle(Guid id, int number, Request request, [AsParameters] Desk desk)
    {
        var version = await desk.Db.Versions.AsNoTracking().SingleOrDefaultAsync(x => x.PlanId == id && x.Number == number, desk.Cancel);
        if (version is null) return TypedResults.NotFound();
        IReadOnlyList<Guid> leftOut = [];
        var answer = await desk.HandleAsync(id, PlanVersionKind.Restoration, request.Reason, request.Force, (snapshot, check) =>
        {
            var differences = Differences(snapshot.Plan, version.Lines).ToLookup(check.IsPast);
            leftOut = [.. differences[true].Select(one => one.ExperimentId).Order()];
            return differences[false].ToList() is { Count: > 0 } placings ? placings
                : throw new RuleViolation("plan.no-change", leftOut.Count == 0 ? "The plan is just as it was in that version." : "All that was otherwise in that version is past changing.");
        }, number);
        return answer.Result is Ok<ChangePlan.Done> { Value: { } done } ? TypedResults.Ok(done with { LeftOut = leftOut }) : answer;
    }

    /// <summary>What has to change for a plan to have the placements of a version, as far as it still has the experiments.</summary>
    internal static List<Placing> Differences(CallPlan plan, IReadOnlyList<VersionLine> lines)
    {
        var present = plan.Entries.ToDictionary(entry => entry.ExperimentId);
        return [.. lines.Where(line => present.TryGetValue(line.ExperimentId, out var entry) && (!entry.IsAt(line.InstrumentCode, line.Shifts) || entry.Lock != line.Lock))
            .Select(line => new Placing(line.ExperimentId, line.InstrumentCode, line.Shifts, line.Lock, line.Reasons))];
    }

    /// <summary>Why.</summary>
    public sealed record Request
    {
        /// <summary>Why.</summary>
        public required string Reason { get; init; }

        /// <summary>In spite of conflicts, where they can be lived with.</summary>
        public bool Force { get; init; }
    }
}
