using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Uploading;

/// <summary>Removes uploads that nobody continued in time, and files whose upload is gone.</summary>
internal sealed partial class SweepUploads(
    IServiceScopeFactory scopes, FileStore files, ReductionLimits limits, IConfiguration configuration, TimeProvider time, ILogger<SweepUploads> log) : BackgroundService
{
    private static readonly TimeSpan every = TimeSpan.FromMinutes(5);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Embedded, this is the only process: no request of an earlier one still adds to an upload.
        if (Database.ProviderOf(configuration) == DatabaseProvider.Sqlite) await EndHoldsAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Removes what is over now.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            await db.Uploads.Where(upload => upload.ExpiresAt <= now && (upload.Writer == null || upload.WriterUntil < now)).ExecuteDeleteAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        // Files are older than their rows: one that is not known now never will be.
        var there = files.Uploads().ToList();
        foreach (var ids in there.Chunk(500))
        {
            var known = await db.Uploads.Where(upload => ids.Contains(upload.Id)).Select(upload => upload.Id).ToListAsync(cancel);
            foreach (var id in ids.Except(known))
                if (Age(id) > limits.UploadLifetime) File.Delete(files.UploadPath(id));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                SweepFailed(exception);
            }
            await Task.Delay(every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>By the time that is part of the id.</summary>
    private TimeSpan Age(Guid id) => time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(id.ToString("N")[..12], 16));

    private async Task EndHoldsAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Uploads.Where(upload => upload.Writer != null).ExecuteUpdateAsync(
            set => set.SetProperty(upload => upload.Writer, (Guid?)null).SetProperty(upload => upload.WriterUntil, (DateTimeOffset?)null), cancel);
        await transaction.CommitAsync(cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Removing old uploads failed; it is tried again")]
    private partial void SweepFailed(Exception exception);
}
