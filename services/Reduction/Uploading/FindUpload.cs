using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>Tells the owner of an upload how much of it is safely on disk.</summary>
public static class FindUpload
{
    internal static void Map(RouteGroupBuilder group) => group.MapMethods("/uploads/{id:guid}", [HttpMethods.Head], Handle);

    internal static async Task<Results<Ok, NotFound>> Handle(Guid id, ReductionDb db, ClaimsPrincipal person, TimeProvider time, HttpResponse response, CancellationToken cancel)
    {
        if (await OfAsync(id, person, db, time, cancel) is not { } upload) return TypedResults.NotFound();
        Tus.Tell(response, upload.Offset, upload.ExpiresAt);
        response.Headers["Upload-Length"] = upload.Length.ToString(CultureInfo.InvariantCulture);
        if (upload.Metadata.Length > 0) response.Headers["Upload-Metadata"] = upload.Metadata;
        return TypedResults.Ok();
    }

    /// <summary>The caller's own upload, or null; one whose time is over is gone.</summary>
    internal static async Task<Upload?> OfAsync(Guid id, ClaimsPrincipal person, ReductionDb db, TimeProvider time, CancellationToken cancel)
    {
        var by = person.Id;
        var upload = await db.Uploads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Owner == by, cancel);
        return upload?.IsExpired(time.GetUtcNow()) == true
            ? throw new RuleViolation("upload.expired", "The upload was not continued in time.", StatusCodes.Status410Gone)
            : upload;
    }
}
