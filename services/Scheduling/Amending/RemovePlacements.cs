using Microsoft.AspNetCore.Http.HttpResults;

namespace Tutti.Scheduling.Amending;

/// <summary>Somebody who plans takes experiments out of the plan; the planner leaves them out until they are unlocked.</summary>
public static class RemovePlacements
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/removals", Handle);

    internal static Task<Results<Ok<ChangePlan.Done>, Accepted<ChangePlan.Asked>, NotFound, ProblemHttpResult>> Handle(Guid id, Request request, [AsParameters] Desk desk) =>
        desk.HandleAsync(id, PlanVersionKind.Removal, request.Reason, request.Force, (snapshot, _) => [.. request.Experiments.Select(experiment =>
            new Placing(experiment, snapshot.Plan.Entries.Find(entry => entry.ExperimentId == experiment)?.InstrumentCode ?? "", []))]);

    /// <summary>What goes.</summary>
    public sealed record Request
    {
        /// <summary>The experiments.</summary>
        public required List<Guid> Experiments { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }

        /// <summary>In spite of conflicts, where they can be lived with.</summary>
        public bool Force { get; init; }
    }
}
