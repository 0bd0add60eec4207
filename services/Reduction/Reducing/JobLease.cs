using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Reducing;

/// <summary>Why a worker stops before it has a result.</summary>
internal enum StopCause
{
    /// <summary>It need not.</summary>
    None,

    /// <summary>Somebody does not want the job any more.</summary>
    Cancelled,

    /// <summary>Another worker has the job.</summary>
    LeaseLost,

    /// <summary>The process is ending.</summary>
    Stopping,
}

/// <summary>
/// A worker's hold on a job while it runs: twice a second the row is told the progress and asked whether the job is still wanted; the lease is
/// renewed well before it ends.
/// </summary>
internal sealed partial class JobLease : IProgress<ReductionProgress>, IAsyncDisposable
{
    /// <summary>How long a job stays with a worker that is not heard of, unless the installation says otherwise.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    private const double ReadingShare = 0.05, ComponentsShare = 0.15, ResolutionShare = 0.9;
    private static readonly TimeSpan beat = TimeSpan.FromMilliseconds(500);
    private readonly Guid job, worker;
    private readonly IServiceScopeFactory scopes;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly TimeSpan length;
    private readonly CancellationTokenSource stop = new(), done = new();
    private readonly CancellationTokenRegistration stopping;
    private readonly Task beating;
    private DateTimeOffset until;
    private Standing now, told;
    private int cause;

    public JobLease(Guid job, Guid worker, DateTimeOffset until, TimeSpan length, IServiceScopeFactory scopes, TimeProvider time, ILogger log, CancellationToken ending)
    {
        (this.job, this.worker, this.until, this.length, this.scopes, this.time, this.log) = (job, worker, until, length, scopes, time, log);
        now = told = new(JobPhase.Reading, 0, null, 0, time.GetUtcNow(), 0);
        stopping = ending.Register(() => Stop(StopCause.Stopping));
        beating = Task.Run(BeatAsync, CancellationToken.None);
    }

    /// <summary>Ends when the worker has to stop.</summary>
    public CancellationToken Stopped => stop.Token;

    /// <summary>Why it has to.</summary>
    public StopCause Cause => (StopCause)Volatile.Read(ref cause);

    public void Report(ReductionProgress value)
    {
        var before = Volatile.Read(ref now);
        var (phase, fraction) = value.Phase switch
        {
            ReductionPhase.PrincipalComponents => (JobPhase.PrincipalComponents, ReadingShare),
            ReductionPhase.Resolution => (JobPhase.Resolution, ComponentsShare + ((ResolutionShare - ComponentsShare) * value.Iteration / Math.Max(1, value.MaxIterations))),
            ReductionPhase.Bands or ReductionPhase.Resampling or ReductionPhase.Finished => (JobPhase.Writing, ResolutionShare),
        };
        var (since, from) = phase == before.Phase ? (before.Since, before.From) : (time.GetUtcNow(), value.Iteration);
        Volatile.Write(ref now, new(phase, value.Iteration, value.LofPercent, fraction, since, from));
    }

    public async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        await beating;
        await stopping.DisposeAsync();
        done.Dispose();
        stop.Dispose();
    }

    private void Stop(StopCause why)
    {
        if (Interlocked.CompareExchange(ref cause, (int)why, (int)StopCause.None) == (int)StopCause.None) stop.Cancel();
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(beat, time);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(done.Token);
                await LookAsync(done.Token);
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The database is away: the work goes on as long as nobody else can have been given it.
                BeatFailed(exception, job);
                if (time.GetUtcNow() > until) Stop(StopCause.LeaseLost);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        var row = await db.Jobs.Where(x => x.Id == job).Select(x => new { x.Status, x.Worker, x.CancelRequestedAt }).SingleOrDefaultAsync(cancel);
        if (row is null || row.Status != JobStatus.Running || row.Worker != worker) Stop(StopCause.LeaseLost);
        else if (row.CancelRequestedAt is not null) Stop(StopCause.Cancelled);
        else await TellAsync(db, cancel);
    }

    private async Task TellAsync(ReductionDb db, CancellationToken cancel)
    {
        var (standing, clock) = (Volatile.Read(ref now), time.GetUtcNow());
        if (standing == told && until - clock > length * 2 / 3) return;
        var renewed = clock + length;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // Not through the version: progress is no change that anybody could have been wrong about.
        var mine = await db.Jobs.Where(x => x.Id == job && x.Worker == worker && x.Status == JobStatus.Running).ExecuteUpdateAsync(
            set => set.SetProperty(x => x.LeaseUntil, renewed).SetProperty(x => x.Phase, standing.Phase).SetProperty(x => x.Iteration, standing.Iteration)
                .SetProperty(x => x.LofPercent, standing.LofPercent).SetProperty(x => x.Fraction, standing.Fraction)
                .SetProperty(x => x.PhaseSince, standing.Since).SetProperty(x => x.PhaseIteration, standing.From), cancel);
        await transaction.CommitAsync(cancel);
        if (mine == 0) Stop(StopCause.LeaseLost);
        else (told, until) = (standing, renewed);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Renewing the lease of job {Job} failed; it is tried again")]
    private partial void BeatFailed(Exception exception, Guid job);

    private sealed record Standing(JobPhase Phase, int Iteration, double? LofPercent, double Fraction, DateTimeOffset Since, int From);
}
