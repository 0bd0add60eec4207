using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Results;

/// <summary>Gives the files of a result to those who may work with the data: figures, tables, plots.</summary>
public static class ReadResult
{
    private const string Plots = "plots/";
    private const string Tables =
        "concentrations\\.csv|spectra\\.csv|concentrations-uncertainty\\.csv|spectra-uncertainty\\.csv|combination\\.csv|combinations-ranked\\.csv";

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet($"/jobs/{{id:guid}}/{{file:regex(^(result\\.(json|nxs|mat)|preparation\\.json|report\\.pdf|{Tables})$)}}", Handle);
        group.MapGet("/jobs/{id:guid}/plots/{file}", HandlePlot);
        group.MapGet("/jobs/{id:guid}/plots", HandlePlots);
    }

    internal static Task<Results<FileStreamHttpResult, NotFound>> HandlePlot(
        Guid id, string file, ReductionDb db, FileStore files, ClaimsPrincipal person, HttpResponse http, CancellationToken cancel) =>
        Handle(id, Plots + file, db, files, person, http, cancel);

    internal static async Task<Results<FileStreamHttpResult, NotFound>> Handle(
        Guid id, string file, ReductionDb db, FileStore files, ClaimsPrincipal person, HttpResponse http, CancellationToken cancel)
    {
        if (await CompletedAsync(id, db, person, cancel) is not { } job || job.Files.FirstOrDefault(known => known.Name == file) is not { } found) return TypedResults.NotFound();
        // A drawing opened by itself must not run anything.
        http.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        http.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(files.Open(found.Sha256), found.MediaType, entityTag: new($"\"{found.Sha256}\""));
    }

    internal static async Task<Results<Ok<List<Plot>>, NotFound>> HandlePlots(Guid id, ReductionDb db, ClaimsPrincipal person, CancellationToken cancel) =>
        await CompletedAsync(id, db, person, cancel) is { } job
            ? TypedResults.Ok(job.Files.Where(file => file.Name.StartsWith(Plots, StringComparison.Ordinal) && file.Name.EndsWith(".svg", StringComparison.Ordinal))
                .Select(file => file.Name[Plots.Length..^4])
                .Select(name => new Plot(name, $"/api/reduction/jobs/{id}/plots/{name}.svg", $"/api/reduction/jobs/{id}/plots/{name}.png")).ToList())
            : TypedResults.NotFound();

    /// <summary>The job with its result, if the caller may work with the data.</summary>
    internal static async Task<ReductionJob?> CompletedAsync(Guid id, ReductionDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var job = await db.Jobs.AsNoTracking().KnownTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (job is null) return null;
        await Visibility.RequireOpenAsync(job.DataSetId, person, db, cancel);
        return job.Status == JobStatus.Completed ? job : throw new RuleViolation("job.no-result", $"A job that is {job.Status.Word()} has no result.");
    }

    /// <summary>A plot, and where it is to be had in both forms.</summary>
    public sealed record Plot(string Name, string Svg, string Png);
}
