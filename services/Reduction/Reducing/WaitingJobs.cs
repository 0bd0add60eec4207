using System.Collections.Concurrent;
using System.Threading.Channels;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace Tutti.Reduction.Reducing;

/// <summary>The way into Hangfire: each waiting job once, as long as this process knows of it.</summary>
public sealed class WaitingJobs(JobStorage storage, TimeProvider time)
{
    // What Hangfire was given and nobody began may have been lost with its storage. What broke its worker is not tried again at once.
    private static readonly TimeSpan giveAgainAfter = TimeSpan.FromMinutes(10), aside = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Guid Job, int Version), DateTimeOffset> given = [];
    private readonly ConcurrentDictionary<Guid, Guid> inHand = [];
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> putAside = [];
    private readonly Channel<bool> told = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lazy<BackgroundJobClient> client = new(() => new BackgroundJobClient(storage));

    /// <summary>A job was committed: look now, not at the next sweep. Fails never, so that what was acknowledged stays so.</summary>
    public void Tell() => told.Writer.TryWrite(true);

    /// <summary>Waits until somebody tells, or the time is over.</summary>
    internal async Task WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(told.Reader.WaitToReadAsync(either.Token).AsTask(), Task.Delay(atMost, time, either.Token));
        await either.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        told.Reader.TryRead(out _);
    }

    /// <summary>
    /// Gives a job to the queue of its size, unless that was done for this state of it. What Hangfire carries is a ticket: its worker begins the job
    /// whose turn it is by then. Given twice, the second worker finds nothing to claim.
    /// </summary>
    internal void Give(Guid job, int version, JobSize size)
    {
        if (inHand.ContainsKey(job) || IsAside(job) || given.ContainsKey((job, version))) return;
        given[(job, version)] = time.GetUtcNow();
        try
        {
            client.Value.Create(Job.FromExpression<RunReduction>(run => run.RunAsync(job)), new EnqueuedState(QueueOf(size)));
        }
        catch
        {
            given.TryRemove((job, version), out _);
            throw;
        }
    }

    /// <summary>Hangfire's name for the queue of a size.</summary>
    internal static string QueueOf(JobSize size) => size switch
    {
        JobSize.Small => "small",
        JobSize.Medium => "medium",
        JobSize.Large => "large",
    };

    /// <summary>The ticket of a job was used, perhaps for another one whose turn it was: if it still waits, it gets a new one.</summary>
    internal void Used(Guid job)
    {
        foreach (var key in given.Keys)
            if (key.Job == job) given.TryRemove(key, out _);
    }

    /// <summary>Forgets what was given long ago.</summary>
    internal void Forget()
    {
        foreach (var (key, at) in given)
            if (at + giveAgainAfter < time.GetUtcNow()) given.TryRemove(key, out _);
    }

    /// <summary>A worker of this process takes a job in hand; false: another one has it, or it broke its worker a moment ago.</summary>
    internal bool Take(Guid job, Guid worker) => !IsAside(job) && inHand.TryAdd(job, worker);

    /// <summary>
    /// The worker is done with it, one way or another: what is left of it is looked for at once, or, where the worker itself broke, after a pause, in
    /// which others have their turn.
    /// </summary>
    internal void PutDown(Guid job, bool broken)
    {
        Used(job);
        if (broken) putAside[job] = time.GetUtcNow() + aside;
        inHand.TryRemove(job, out _);
        Tell();
    }

    private bool IsAside(Guid job)
    {
        if (!putAside.TryGetValue(job, out var until)) return false;
        if (time.GetUtcNow() < until) return true;
        putAside.TryRemove(job, out _);
        return false;
    }
}
