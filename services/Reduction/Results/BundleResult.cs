using System.IO.Compression;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Tutti.Reduction.Results;

/// <summary>Gives all files of a result in one archive. It carries no times of its own: the same result gives the same bytes.</summary>
public static class BundleResult
{
    // The first moment an archive can name.
    private static readonly DateTimeOffset noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/jobs/{id:guid}/bundle", Handle);

    internal static async Task<Results<PushStreamHttpResult, NotFound>> Handle(Guid id, ReductionDb db, FileStore files, ClaimsPrincipal person, HttpContext http, CancellationToken cancel)
    {
        if (await ReadResult.CompletedAsync(id, db, person, cancel) is not { } job) return TypedResults.NotFound();
        // The end of a compressed entry is written synchronously, whatever way it is closed.
        if (http.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true;
        return TypedResults.Stream(body => PackAsync(job, files, body, cancel), "application/zip", $"reduction-{id}.zip");
    }

    private static async Task PackAsync(ReductionJob job, FileStore files, Stream body, CancellationToken cancel)
    {
        await using var archive = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancel);
        foreach (var file in job.Files.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            // Pictures and the report are packed already.
            var entry = archive.CreateEntry(file.Name, file.MediaType is "image/png" or "application/pdf" ? CompressionLevel.NoCompression : CompressionLevel.Optimal);
            entry.LastWriteTime = noTime;
            await using var from = files.Open(file.Sha256);
            await using var to = await entry.OpenAsync(cancel);
            await from.CopyToAsync(to, cancel);
        }
    }
}
