using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Queueing;

/// <summary>The jobs of which the caller may know, the latest first.</summary>
public static class ListJobs
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/jobs", Handle);

    internal static async Task<Ok<List<Response>>> Handle(ReductionDb db, ClaimsPrincipal person, CancellationToken cancel, Guid? dataSetId = null, int page = 1)
    {
        Paging.Require(page);
        var jobs = db.Jobs.AsNoTracking().KnownTo(person, db);
        if (dataSetId is { } set) jobs = jobs.Where(job => job.DataSetId == set);
        var open = db.DataSets.OpenTo(person, db);
        return TypedResults.Ok(await jobs.OrderByDescending(job => job.QueuedAt).ThenBy(job => job.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(job => new Response(job.Id, job.DataSetId, job.Status, job.RequestedBy, job.QueuedAt, job.EndedAt, open.Any(known => known.Id == job.DataSetId) ? job.LofPercent : null, job.Fraction, job.Code)).ToListAsync(cancel));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(
        Guid Id, Guid DataSetId, JobStatus Status, Guid RequestedBy, DateTimeOffset QueuedAt, DateTimeOffset? EndedAt, double? LofPercent, double Fraction, string? Code);
}
