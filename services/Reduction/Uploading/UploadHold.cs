using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>One request's hold on an upload: nobody else adds to it meanwhile, in this process or another. A hold that is not renewed ends by itself.</summary>
internal sealed class UploadHold(Guid upload, long offset, ReductionDb db, ReductionLimits limits, TimeProvider time)
{
    private readonly Guid writer = Guid.CreateVersion7(time.GetUtcNow());
    private DateTimeOffset until;

    /// <summary>What was told to be on disk.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>How long the upload is kept.</summary>
    public DateTimeOffset Expires { get; private set; }

    /// <summary>Takes the upload, if it stands where the caller believes and nobody holds it.</summary>
    public async Task TakeAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (ends, expires) = (now + Upload.HoldLength, now + limits.UploadLifetime);
        var taken = await InTransactionAsync(() => db.Uploads
            .Where(row => row.Id == upload && row.Offset == Offset && row.Sha256 == null && (row.Writer == null || row.WriterUntil < now))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Writer, writer).SetProperty(row => row.WriterUntil, ends).SetProperty(row => row.ExpiresAt, expires), cancel), cancel);
        if (taken == 0)
        {
            throw await db.Uploads.AnyAsync(row => row.Id == upload && row.Offset == Offset && row.Sha256 == null, cancel)
                ? Busy()
                : new RuleViolation("upload.offset", "The upload does not stand there; ask for its offset.");
        }
        (until, Expires) = (ends, expires);
    }

    /// <summary>Before each write: nobody else may have been given the upload.</summary>
    public async Task RequireAsync(CancellationToken cancel)
    {
        if (time.GetUtcNow() >= until) await TellAsync(Offset, cancel);
    }

    /// <summary>Tells how much is on disk, and renews the hold.</summary>
    public async Task TellAsync(long onDisk, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (ends, expires) = (now + Upload.HoldLength, now + limits.UploadLifetime);
        var mine = await InTransactionAsync(() => db.Uploads.Where(row => row.Id == upload && row.Writer == writer).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Offset, onDisk).SetProperty(row => row.WriterUntil, ends).SetProperty(row => row.ExpiresAt, expires), cancel), cancel);
        if (mine == 0) throw Busy();
        (Offset, until, Expires) = (onDisk, ends, expires);
    }

    /// <summary>Lets the next request in.</summary>
    public Task LetGoAsync() => InTransactionAsync(
        () => db.Uploads.Where(row => row.Id == upload && row.Writer == writer).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Writer, (Guid?)null).SetProperty(row => row.WriterUntil, (DateTimeOffset?)null), CancellationToken.None),
        CancellationToken.None);

    /// <summary>The answer to whom another request is in the way.</summary>
    public static RuleViolation Busy() => new("upload.locked", "Another request is adding to the upload; ask for its offset and try again.", StatusCodes.Status423Locked);

    private async Task<int> InTransactionAsync(Func<Task<int>> change, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var rows = await change();
        await transaction.CommitAsync(cancel);
        return rows;
    }
}
