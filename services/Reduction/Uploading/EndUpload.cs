using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>The owner does not want an upload any more; what has arrived is removed. A data set it became part of stays.</summary>
public static class EndUpload
{
    internal static void Map(RouteGroupBuilder group) => group.MapDelete("/uploads/{id:guid}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, ReductionDb db, FileStore files, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        if (await FindUpload.OfAsync(id, person, db, time, cancel) is null) return TypedResults.NotFound();
        var now = time.GetUtcNow();
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            if (await db.Uploads.Where(row => row.Id == id && (row.Writer == null || row.WriterUntil < now)).ExecuteDeleteAsync(cancel) == 0)
                throw new RuleViolation("upload.locked", "A request is adding to the upload.", StatusCodes.Status423Locked);
            await transaction.CommitAsync(cancel);
        }
        // The row first: a file without a row is swept.
        File.Delete(files.UploadPath(id));
        return TypedResults.NoContent();
    }
}
