using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Measuring;

/// <summary>Staff of a site report that an experiment is over, and how many shifts were measured.</summary>
public static class FinishExperiment
{
    private const int MaxShifts = 1000;

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/experiments/{id:guid}/finish", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var experiment = await db.Experiments.ServedBy(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (experiment is null) return TypedResults.NotFound();
        if (request.ShiftsUsed is < 0 or > MaxShifts)
            throw RuleViolation.Invalid("experiment.invalid", "Tell how many shifts were measured.", [new("shiftsUsed", "experiment.shifts-used", $"0 to {MaxShifts}.")]);
        experiment.Finish(request.ShiftsUsed, person.Id, Guid.CreateVersion7(now), now);
        db.Publish(new ExperimentFinished { ExperimentId = id, ProposalId = experiment.ProposalId, Revision = experiment.NextRevision(), ShiftsUsed = request.ShiftsUsed, FinishedAt = now }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>What was used.</summary>
    public sealed record Request
    {
        /// <summary>Shifts measured.</summary>
        public required int ShiftsUsed { get; init; }
    }
}
