using Microsoft.AspNetCore.Http.HttpResults;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>Somebody who plans puts an experiment elsewhere, in one block or, where it is to be split, in several; it is locked there.</summary>
public static class MovePlacement
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/plans/{id:guid}/moves", (Guid id, Request request, [AsParameters] Desk desk) => Handle(id, PlanVersionKind.Move, request, desk));
        group.MapPost("/plans/{id:guid}/splits", (Guid id, Request request, [AsParameters] Desk desk) => Handle(id, PlanVersionKind.Split, request, desk));
        group.MapPost("/plans/{id:guid}/merges", (Guid id, Request request, [AsParameters] Desk desk) => Handle(id, PlanVersionKind.Merge, request, desk));
    }

    internal static async Task<Results<Ok<ChangePlan.Done>, Accepted<ChangePlan.Asked>, NotFound, ProblemHttpResult>> Handle(Guid id, PlanVersionKind kind, Request request, Desk desk)
    {
        var least = kind == PlanVersionKind.Split ? 2 : 1;
        var most = kind == PlanVersionKind.Split ? Allocating.Blocks.Most : 1;
        if (request.Blocks.Count < least || request.Blocks.Count > most || request.Blocks.Any(block => block.Shifts is < 1 or > 1000))
            throw RuleViolation.Invalid("plan.change-invalid", "The blocks make no sense.", [new("blocks", "plan.blocks", $"{least} to {most} blocks of 1 to 1000 shifts.")]);
        if (request.Blocks.Any(block => !Calendars.RunCalendar.IsPlausible(block.From.UtcDateTime)))
            throw RuleViolation.Invalid("plan.change-invalid", "The dates make no sense.", [new("blocks", "plan.date", "Dates lie between the years 2000 and 2200.")]);
        return await desk.HandleAsync(id, kind, request.Reason, request.Force, (snapshot, check) =>
        {
            var instrument = request.InstrumentCode ?? snapshot.Plan.Entries.Find(entry => entry.ExperimentId == request.ExperimentId)?.InstrumentCode ?? "";
            return [new Placing(request.ExperimentId, instrument, [.. request.Blocks.OrderBy(block => block.From).SelectMany((block, n) => check.ShiftsFrom(instrument, block.From, block.Shifts, n))])];
        });
    }

    /// <summary>The new place.</summary>
    public sealed record Request
    {
        /// <summary>The experiment.</summary>
        public required Guid ExperimentId { get; init; }

        /// <summary>The instrument; null: where it is.</summary>
        public string? InstrumentCode { get; init; }

        /// <summary>When: one block, or the blocks of a split.</summary>
        public required IReadOnlyList<Block> Blocks { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }

        /// <summary>In spite of conflicts, where they can be lived with.</summary>
        public bool Force { get; init; }
    }

    /// <summary>Shifts in a row, from the one that starts then.</summary>
    public sealed record Block(DateTimeOffset From, int Shifts);
}
