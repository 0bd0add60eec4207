using Microsoft.AspNetCore.Http.HttpResults;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>Somebody who plans lets two experiments change places: each begins where the other did, with its own number of shifts, on its own instrument.</summary>
public static class SwapPlacements
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/swaps", Handle);

    internal static Task<Results<Ok<ChangePlan.Done>, Accepted<ChangePlan.Asked>, NotFound, ProblemHttpResult>> Handle(Guid id, Request request, [AsParameters] Desk desk) =>
        desk.HandleAsync(id, PlanVersionKind.Swap, request.Reason, request.Force, (snapshot, check) =>
        {
            var (one, other) = (Find(request.One), Find(request.Other));
            return [Exchanged(one, other.From ?? default), Exchanged(other, one.From ?? default)];

            PlanEntry Find(Guid experiment) => snapshot.Plan.Entries.Find(entry => entry.ExperimentId == experiment && entry.IsPlaced)
                ?? throw RuleViolation.Invalid("plan.change-invalid", "Only what has a place can be swapped.", [new("one", "plan.not-placed", $"{experiment} has no place in the plan.")]);

            Placing Exchanged(PlanEntry entry, DateTimeOffset from) => new(entry.ExperimentId, entry.InstrumentCode, check.ShiftsFrom(entry.InstrumentCode, from, entry.Shifts.Count, 0));
        });

    /// <summary>The two.</summary>
    public sealed record Request
    {
        /// <summary>One experiment.</summary>
        public required Guid One { get; init; }

        /// <summary>The other.</summary>
        public required Guid Other { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }

        /// <summary>In spite of conflicts, where they can be lived with.</summary>
        public bool Force { get; init; }
    }
}
