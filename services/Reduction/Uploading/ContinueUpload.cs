using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>
/// Takes the next part of an upload. Bytes are flushed to disk (fsync) every 32 MiB, every few seconds, and at the end of the request, and only then told as
/// the offset: a kill loses at most what was not told. A part with a checksum counts as a whole or not at all. One request at a time holds the upload.
/// </summary>
public static class ContinueUpload
{
    private const long FlushEvery = 32L << 20;
    private static readonly TimeSpan renewEvery = TimeSpan.FromSeconds(5);

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapMethods("/uploads/{id:guid}", [HttpMethods.Patch], Handle).WithMetadata(new DisableRequestSizeLimitAttribute());
        // For clients that can only post.
        group.MapPost("/uploads/{id:guid}", HandlePostAsync).WithMetadata(new DisableRequestSizeLimitAttribute());
    }

    internal static async Task<Results<NoContent, NotFound>> Handle(
        Guid id, HttpRequest request, HttpResponse response, ReductionDb db, FileStore files, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        if (await FindUpload.OfAsync(id, person, db, time, cancel) is not { } upload) return TypedResults.NotFound();
        if (!Tus.CarriesPart(request)) throw new RuleViolation("upload.media-type", $"A part is sent as {Tus.PartType}.", StatusCodes.Status415UnsupportedMediaType);
        var (offset, expires) = await ReceiveAsync(upload, Tus.RequireBytes(request, "Upload-Offset"), request, db, files, limits, time, cancel);
        Tus.Tell(response, offset, expires);
        return TypedResults.NoContent();
    }

    internal static async Task<Results<NoContent, NotFound>> HandlePostAsync(
        Guid id, HttpRequest request, HttpResponse response, ReductionDb db, FileStore files, ReductionLimits limits, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel) =>
        Tus.MethodOf(request) switch
        {
            "PATCH" => await Handle(id, request, response, db, files, limits, person, time, cancel),
            "DELETE" => await EndUpload.Handle(id, db, files, person, time, cancel),
            _ => throw new RuleViolation("request.method-not-allowed", "A post to an upload means PATCH or DELETE, and says which in X-HTTP-Method-Override.", StatusCodes.Status405MethodNotAllowed),
        };

    internal static async Task<(long Offset, DateTimeOffset Expires)> ReceiveAsync(
        Upload upload, long offset, HttpRequest request, ReductionDb db, FileStore files, ReductionLimits limits, TimeProvider time, CancellationToken cancel)
    {
        var checksum = Tus.ChecksumOf(request);
        if (request.ContentLength is { } announced && announced > upload.Length - offset) throw TooLong(upload);
        var hold = new UploadHold(upload.Id, offset, db, limits, time);
        await hold.TakeAsync(cancel);
        try
        {
            await using var file = Open(files.UploadPath(upload.Id));
            if (file.Length < offset) throw new RuleViolation("upload.lost", "What was told to be there is not on disk any more; begin a new upload.", StatusCodes.Status410Gone);
            // Behind the offset may lie what an earlier request wrote and never told of.
            file.SetLength(offset);
            file.Position = offset;
            if (Readable.WhyNot(file, upload, limits) is { } never) throw never;
            if (checksum is null) await TakeInAsync(upload, request, file, hold, time, cancel);
            else await TakeInWholeAsync(upload, request, file, hold, checksum.Value, time, cancel);
            if (offset < Readable.MostHead && Readable.WhyNot(file, upload, limits) is { } found) throw found;
        }
        catch (FileNotFoundException)
        {
            throw new RuleViolation("upload.lost", "What was told to be there is not on disk any more; begin a new upload.", StatusCodes.Status410Gone);
        }
        finally
        {
            await hold.LetGoAsync();
        }
        return (hold.Offset, hold.Expires);
    }

    /// <summary>
    /// Nobody else has the file meanwhile: a request whose hold ended while it stood still may have a write under way, which would fall among those of the next.
    /// </summary>
    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw UploadHold.Busy();
        }
    }

    /// <summary>Each byte that is safely on disk counts, however the request ends.</summary>
    private static async Task TakeInAsync(Upload upload, HttpRequest request, FileStream file, UploadHold hold, TimeProvider time, CancellationToken cancel)
    {
        var (buffer, told) = (new byte[1 << 17], time.GetUtcNow());
        try
        {
            while (await ReadAsync(request.Body, buffer, cancel) is var read and > 0)
            {
                if (file.Position + read > upload.Length) throw TooLong(upload);
                await hold.RequireAsync(cancel);
                await file.WriteAsync(buffer.AsMemory(0, read), cancel);
                if (file.Position - hold.Offset < FlushEvery && time.GetUtcNow() - told < renewEvery) continue;
                file.Flush(flushToDisk: true);
                await hold.TellAsync(file.Position, cancel);
                told = time.GetUtcNow();
            }
        }
        finally
        {
            // Not to be cancelled: the client is often gone by now, and wants to go on from here.
            if (file.Position > hold.Offset)
            {
                file.Flush(flushToDisk: true);
                await hold.TellAsync(file.Position, CancellationToken.None);
            }
        }
    }

    private static async Task TakeInWholeAsync(
        Upload upload, HttpRequest request, FileStream file, UploadHold hold, (HashAlgorithmName Algorithm, byte[] Sum) checksum, TimeProvider time, CancellationToken cancel)
    {
        using var sum = IncrementalHash.CreateHash(checksum.Algorithm);
        var (buffer, renewed) = (new byte[1 << 17], time.GetUtcNow());
        while (await ReadAsync(request.Body, buffer, cancel) is var read and > 0)
        {
            if (file.Position + read > upload.Length) throw TooLong(upload);
            await hold.RequireAsync(cancel);
            sum.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancel);
            if (time.GetUtcNow() - renewed < renewEvery) continue;
            await hold.TellAsync(hold.Offset, cancel);
            renewed = time.GetUtcNow();
        }
        if (!CryptographicOperations.FixedTimeEquals(sum.GetHashAndReset(), checksum.Sum))
            throw new RuleViolation("upload.checksum", "The part that arrived has another checksum than it was sent with; send it again.", 460);
        file.Flush(flushToDisk: true);
        await hold.TellAsync(file.Position, CancellationToken.None);
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            return await body.ReadAsync(buffer, cancel);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The part ended before its end.", damaged);
        }
    }

    private static RuleViolation TooLong(Upload upload) =>
        new("upload.too-large", $"The upload was announced with {upload.Length} bytes; this part goes beyond.", StatusCodes.Status413PayloadTooLarge);
}
