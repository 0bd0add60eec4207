using System.IO.Compression;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Registering;

/// <summary>Gives back what was uploaded: the file as it came, or several in one archive.</summary>
public static class DownloadDataSet
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/datasets/{id:guid}/content", Handle);

    internal static async Task<Results<FileStreamHttpResult, PushStreamHttpResult, NotFound>> Handle(Guid id, ReductionDb db, FileStore files, ClaimsPrincipal person, TimeProvider time, HttpContext http, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var set = await db.DataSets.AsNoTracking().KnownTo(person, db, now).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (set is null) return TypedResults.NotFound();
        await Visibility.RequireReadableAsync(id, person, db, now, cancel);
        // The end of a compressed entry is written synchronously, whatever way it is closed.
        if (set.Files.Count > 1 && http.Features.Get<IHttpBodyControlFeature>() is { } control) control.AllowSynchronousIO = true;
        return set.Files.Count == 1
            ? TypedResults.Stream(files.Open(set.Files[0].Sha256), "application/octet-stream", set.Files[0].Name, enableRangeProcessing: true)
            : TypedResults.Stream(body => PackAsync(set, files, body, cancel), "application/zip", "data-set.zip");
    }

    private static async Task PackAsync(DataSet set, FileStore files, Stream body, CancellationToken cancel)
    {
        await using var archive = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancel);
        foreach (var file in set.Files)
        {
            await using var from = files.Open(file.Sha256);
            await using var to = await archive.CreateEntry(file.Name, CompressionLevel.Fastest).OpenAsync(cancel);
            await from.CopyToAsync(to, cancel);
        }
    }
}
