using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Measuring;

/// <summary>Staff of a site report that an experiment has beam.</summary>
public static class StartExperiment
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/experiments/{id:guid}/start", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var experiment = await db.Experiments.ServedBy(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (experiment is null) return TypedResults.NotFound();
        experiment.Start(person.Id, Guid.CreateVersion7(now), now);
        db.Publish(new ExperimentStarted { ExperimentId = id, ProposalId = experiment.ProposalId, Revision = experiment.NextRevision(), StartedAt = now }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
