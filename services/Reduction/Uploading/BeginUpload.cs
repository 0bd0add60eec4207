using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Registering;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>Somebody who may register data of an experiment begins to upload a file in parts, or asks what such uploads may be like.</summary>
public static class BeginUpload
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/uploads", Handle).WithMetadata(new DisableRequestSizeLimitAttribute());
        group.MapMethods("/uploads", [HttpMethods.Options], HandleOptions);
    }

    internal static NoContent HandleOptions(HttpResponse response, ReductionLimits limits)
    {
        response.Headers["Tus-Version"] = Tus.Version;
        response.Headers["Tus-Extension"] = Tus.Extensions;
        response.Headers["Tus-Checksum-Algorithm"] = Tus.Algorithms;
        response.Headers["Tus-Max-Size"] = limits.LargestUpload.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return TypedResults.NoContent();
    }

    internal static async Task<Results<Created, NotFound>> Handle(
        HttpRequest request, HttpResponse response, ReductionDb db, FileStore files, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var (now, by) = (time.GetUtcNow(), person.Id);
        var length = Tus.RequireBytes(request, "Upload-Length");
        var said = Tus.MetadataOf(request);
        if (!Guid.TryParse(said.GetValueOrDefault("experimentId"), out var experimentId) || said.GetValueOrDefault("filename") is not { } name)
            throw new BadHttpRequestException("The header Upload-Metadata names an experimentId and a filename.");
        if (await RegisterDataSet.OpenExperimentAsync(experimentId, person, db, cancel) is not { } experiment) return TypedResults.NotFound();
        var (label, sum) = (UploadBody.Label(name.Trim()), said.GetValueOrDefault("sha256"));
        if (label.Length == 0) throw RuleViolation.Invalid("upload.invalid", "The upload cannot be begun like this.", [new("filename", "filename.length", $"A file name of 1 to {Upload.MaxFileName} characters is needed.")]);
        if (sum is not null && (sum.Length != 64 || !sum.All(char.IsAsciiHexDigit)))
            throw RuleViolation.Invalid("upload.invalid", "The upload cannot be begun like this.", [new("sha256", "checksum.form", "A SHA-256 has 64 hexadecimal digits.")]);
        if (length > limits.LargestUpload)
            throw new RuleViolation("upload.too-large", $"At most {limits.LargestUpload} bytes are taken in as one file.", StatusCodes.Status413PayloadTooLarge);
        if (length == 0) throw RuleViolation.Invalid("upload.empty", "An empty file cannot become data.", []);
        if (Readable.WhyNot(label, length, limits) is { } never) throw never;
        await RegisterDataSet.RequireInProposalAsync(experiment, db, cancel);
        var upload = new Upload
        {
            Id = Guid.CreateVersion7(now), Owner = by, ExperimentId = experimentId, ProposalId = experiment.ProposalId, FileName = label,
            Metadata = request.Headers["Upload-Metadata"].ToString(), DeclaredSha256 = sum?.ToLowerInvariant(), Length = length, BegunAt = now, ExpiresAt = now + limits.UploadLifetime,
        };
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            try
            {
                await RequireRoomAsync(by, length, now, db, files, limits, cancel);
                // The file before the row: a row always has one, and a file without a row is swept.
                await File.WriteAllBytesAsync(files.UploadPath(upload.Id), [], cancel);
                db.Add(upload);
                await db.SaveChangesAsync(cancel);
            }
            catch
            {
                File.Delete(files.UploadPath(upload.Id));
                throw;
            }
            await transaction.CommitAsync(cancel);
        }
        var (offset, expires) = Tus.CarriesPart(request)
            ? await ContinueUpload.ReceiveAsync(upload, 0, request, db, files, limits, time, cancel)
            : (0, upload.ExpiresAt);
        Tus.Tell(response, offset, expires);
        return TypedResults.Created($"/api/reduction/uploads/{upload.Id}");
    }

    /// <summary>Refuses what one person has no right to any more, or what the disk has no room for once all that was begun has arrived.</summary>
    private static async Task RequireRoomAsync(Guid person, long length, DateTimeOffset now, ReductionDb db, FileStore files, ReductionLimits limits, CancellationToken cancel)
    {
        if (await db.Uploads.CountAsync(open => open.Owner == person && open.DataSetId == null && open.ExpiresAt > now, cancel) >= limits.MaxOpenUploads)
            throw new RuleViolation("uploads.too-many", $"{limits.MaxOpenUploads} of your uploads are open already; register or end some.");
        var coming = await db.Uploads.Where(open => open.DataSetId == null && open.ExpiresAt > now).SumAsync(open => open.Length - open.Offset, cancel);
        if (length > files.FreeBytes - limits.MinFreeBytes - coming)
            throw new RuleViolation("upload.no-room", "There is no room for a file of this length at the moment.", StatusCodes.Status507InsufficientStorage);
    }
}
