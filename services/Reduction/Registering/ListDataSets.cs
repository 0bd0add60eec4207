using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Registering;

/// <summary>The data sets of which the caller may know, the latest first.</summary>
public static class ListDataSets
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/datasets", Handle);

    internal static async Task<Ok<List<Response>>> Handle(
        ReductionDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel, Guid? proposalId = null, Guid? experimentId = null, string? technique = null,
        string? instrument = null, int page = 1)
    {
        Paging.Require(page);
        var sets = db.DataSets.AsNoTracking().KnownTo(person, db, time.GetUtcNow());
        if (proposalId is { } proposal) sets = sets.Where(set => set.ProposalId == proposal);
        if (experimentId is { } experiment) sets = sets.Where(set => set.ExperimentId == experiment);
        if (technique is not null) sets = sets.Where(set => set.Technique == technique);
        if (instrument is not null) sets = sets.Where(set => set.InstrumentCode == instrument);
        return TypedResults.Ok(await sets.OrderByDescending(set => set.RegisteredAt).ThenBy(set => set.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(set => new Response(set.Id, set.ProposalId, set.ExperimentId, set.Name, set.InstrumentCode, set.Technique, set.Spectra, set.Channels, set.RegisteredAt, set.Licence, set.EmbargoUntil)).ToListAsync(cancel));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(
        Guid Id, Guid ProposalId, Guid ExperimentId, string Name, string InstrumentCode, string? Technique, int Spectra, int Channels, DateTimeOffset RegisteredAt, string? Licence,
        DateTimeOffset EmbargoUntil);
}
