using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Registering;

/// <summary>The data sets of which the caller may know, the latest first.</summary>
public static class ListDataSets
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/datasets", Handle);

    internal static async Task<Ok<List<Response>>> Handle(ReductionDb db, ClaimsPrincipal person, CancellationToken cancel, Guid? proposalId = null, Guid? experimentId = null, int page = 1)
    {
        Paging.Require(page);
        var sets = db.DataSets.AsNoTracking().KnownTo(person, db);
        if (proposalId is { } proposal) sets = sets.Where(set => set.ProposalId == proposal);
        if (experimentId is { } experiment) sets = sets.Where(set => set.ExperimentId == experiment);
        return TypedResults.Ok(await sets.OrderByDescending(set => set.RegisteredAt).ThenBy(set => set.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(set => new Response(set.Id, set.ProposalId, set.ExperimentId, set.Name, set.Spectra, set.Channels, set.RegisteredAt)).ToListAsync(cancel));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(Guid Id, Guid ProposalId, Guid ExperimentId, string Name, int Spectra, int Channels, DateTimeOffset RegisteredAt);
}
