using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>
/// Sends what a service has committed. Only the holder of the one-row lease sends.
/// <code>
/// commit ──► queue in memory ─┐                        ┌─► delivered ──► SentAt set, in batches
///                             ├─► in flight, per key ──┤
/// sweep: SentAt is null ──────┘   one after another    └─► failed: tried again, those behind it wait
/// </code>
/// The queue in memory is a short cut for a process that is alone on its database and has caught up with it. Otherwise a row from there could
/// overtake an older one of its key, of another replica or from before the start: then it only wakes the sweep.
/// A row is selected by <c>SentAt is null</c>, never by its number: a lower number may commit later.
/// </summary>
internal sealed partial class Dispatcher<TDb>(
    IServiceScopeFactory scopes, OutboxQueue<TDb> queue, Delivery delivery, IConfiguration configuration, TimeProvider time, ILogger<Dispatcher<TDb>> log) : BackgroundService where TDb : DbContext
{
    private const int MostInFlight = 1000;
    private static readonly TimeSpan leaseTime = TimeSpan.FromSeconds(10), sweepEvery = TimeSpan.FromMilliseconds(500), markEvery = TimeSpan.FromMilliseconds(50), wakeEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan keepFor = TimeSpan.FromDays(7);

    private readonly Guid me = Guid.CreateVersion7();
    private readonly Dictionary<Guid, OutboxMessage> inFlight = [];
    private readonly Dictionary<string, (Guid Last, Task Sent)> tailOfKey = [];
    private readonly Channel<OutboxMessage> ended = Channel.CreateUnbounded<OutboxMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<Guid> unmarked = [];
    private readonly bool alone = Database.ProviderOf(configuration) == DatabaseProvider.Sqlite;
    private DateTimeOffset leaseUntil, lastSweep, nextSweep, nextMark, nextCleaning;
    private bool caughtUp;

    /// <summary>A sweep finds what is on its way again, so it waits until there is room for more; the lease is looked after all the same.</summary>
    private DateTimeOffset NextSweep => inFlight.Count <= MostInFlight / 2 ? nextSweep : leaseUntil - (leaseTime / 2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ready = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!ready) await delivery.Ready(stoppingToken);
                ready = true;
                await StepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // The database is away, or somebody else took the lease: nothing is lost, rows stay unsent.
                StepFailed(exception);
                await Task.Delay(sweepEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await LeaveAsync();
    }

    /// <summary>An orderly stop leaves the lease to the next.</summary>
    private async Task LeaveAsync()
    {
        var now = time.GetUtcNow();
        if (leaseUntil <= now) return;
        using var within = new CancellationTokenSource(leaseTime / 2, time);
        try
        {
            TakeEnded();
            await MarkAsync(now, within.Token);
            await WriteAsync(db => db.Set<DispatcherLease>().Where(lease => lease.Owner == me)
                .ExecuteUpdateAsync(set => set.SetProperty(lease => lease.Until, now), within.Token), within.Token);
        }
        catch (Exception exception)
        {
            // The database is away: the lease runs out by itself.
            StepFailed(exception);
        }
    }

    private async Task StepAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (now + (leaseTime / 2) >= leaseUntil && !await TakeLeaseAsync(now, cancel))
        {
            caughtUp = false;
            ForgetHandedOver();
            await Task.Delay(leaseTime / 4, time, cancel);
            return;
        }
        TakeEnded();
        if (caughtUp)
        {
            while (inFlight.Count < MostInFlight && queue.Committed.TryRead(out var row))
                if (row.NotBefore is null) await StartAsync(row, cancel);
        }
        else if (ForgetHandedOver() && nextSweep > lastSweep + wakeEvery)
        {
            nextSweep = lastSweep + wakeEvery;
        }
        if (unmarked.Count >= 200 || (unmarked.Count > 0 && now >= nextMark)) await MarkAsync(now, cancel);
        if (now >= NextSweep) await SweepAsync(now, cancel);
        if (now >= nextCleaning) await CleanAsync(now, cancel);
        await WaitForWorkAsync(cancel);
    }

    private void TakeEnded()
    {
        while (ended.Reader.TryRead(out var sent))
        {
            inFlight.Remove(sent.Id);
            if (tailOfKey.TryGetValue(sent.Key, out var tail) && tail.Last == sent.Id) tailOfKey.Remove(sent.Key);
            unmarked.Add(sent.Id);
        }
    }

    private bool ForgetHandedOver()
    {
        var any = false;
        while (queue.Committed.TryRead(out _)) any = true;
        return any;
    }

    private async Task WaitForWorkAsync(CancellationToken cancel)
    {
        var sweep = NextSweep;
        var wait = (unmarked.Count > 0 && nextMark < sweep ? nextMark : sweep) - time.GetUtcNow();
        if (wait <= TimeSpan.Zero) return;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var work = ended.Reader.WaitToReadAsync(either.Token).AsTask();
        var more = inFlight.Count < MostInFlight ? queue.Committed.WaitToReadAsync(either.Token).AsTask() : work;
        await Task.WhenAny(work, more, Task.Delay(wait, time, either.Token));
        await either.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private async Task SweepAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var room = MostInFlight - inFlight.Count;
        var waiting = room <= 0 ? [] : await scope.ServiceProvider.GetRequiredService<TDb>().Set<OutboxMessage>().AsNoTracking()
            .Where(row => row.SentAt == null && row.SetAside == null && (row.NotBefore == null || row.NotBefore <= now))
            .OrderBy(row => row.Position).Take(MostInFlight).ToListAsync(cancel);
        var all = room > 0 && waiting.Count < MostInFlight;
        foreach (var row in waiting)
        {
            if (inFlight.Count < MostInFlight) await StartAsync(row, cancel);
            else all = false;
        }
        caughtUp |= alone && all;
        lastSweep = now;
        nextSweep = waiting.Count == MostInFlight ? now : now + sweepEvery;
    }

    /// <summary>Starts a row unless it is on its way; rows of one key follow each other.</summary>
    private async Task StartAsync(OutboxMessage row, CancellationToken cancel)
    {
        if (inFlight.ContainsKey(row.Id) || unmarked.Contains(row.Id)) return;
        object message;
        Type type;
        try
        {
            type = Outbox.TypeOf(row.Contract) ?? throw new JsonException($"No contract is called {row.Contract}.");
            message = JsonSerializer.Deserialize(row.Body, type, Json.Stored) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException unreadable)
        {
            await SetAsideAsync(row, unreadable.Message, cancel);
            return;
        }
        inFlight.Add(row.Id, row);
        var before = tailOfKey.GetValueOrDefault(row.Key).Sent;
        tailOfKey[row.Key] = (row.Id, SendAfterAsync(before, row, message, type, cancel));
    }

    private async Task SendAfterAsync(Task? before, OutboxMessage row, object message, Type type, CancellationToken cancel)
    {
        if (before is not null) await before;
        var pause = TimeSpan.FromMilliseconds(250);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                using var span = Telemetry.Activities.StartActivity("outbox " + row.Contract, ActivityKind.Producer, row.TraceParent ?? "");
                await delivery.DeliverAsync(row, message, type, cancel);
                Telemetry.OutboxLag.Record((time.GetUtcNow() - row.CreatedAt).TotalSeconds);
                ended.Writer.TryWrite(row);
                return;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Broker trouble never counts against a row: it is tried until it succeeds, and what follows it in the aggregate waits.
                SendFailed(exception, row.Contract);
                await Task.Delay(pause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause < TimeSpan.FromSeconds(4) ? pause * 2 : pause;
            }
        }
    }

    private async Task MarkAsync(DateTimeOffset now, CancellationToken cancel)
    {
        Guid[] ids = [.. unmarked];
        await WriteAsync(db => db.Set<OutboxMessage>().Where(row => ids.Contains(row.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.SentAt, now), cancel), cancel);
        unmarked.Clear();
        nextMark = now + markEvery;
    }

    private async Task SetAsideAsync(OutboxMessage row, string reason, CancellationToken cancel)
    {
        RowSetAside(row.Id, row.Contract, reason);
        Telemetry.SetAside.Add(1);
        var text = reason.Length > 400 ? reason[..400] : reason;
        await WriteAsync(db => db.Set<OutboxMessage>().Where(x => x.Id == row.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(x => x.SetAside, text), cancel), cancel);
    }

    private async Task<bool> TakeLeaseAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var until = now + leaseTime;
        var taken = await WriteAsync(db => db.Set<DispatcherLease>().Where(lease => alone || lease.Owner == me || lease.Until < now)
            .ExecuteUpdateAsync(set => set.SetProperty(lease => lease.Owner, me).SetProperty(lease => lease.Until, until), cancel), cancel);
        if (taken == 0)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TDb>();
            if (await db.Set<DispatcherLease>().AnyAsync(cancel)) return false;
            db.Add(new DispatcherLease { Id = 1, Owner = me, Until = until });
            await db.SaveChangesAsync(cancel);
        }
        leaseUntil = until;
        return true;
    }

    /// <summary>Rows that everybody has are kept for a week, for operators to look at.</summary>
    private async Task CleanAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var old = now - keepFor;
        await WriteAsync(db => db.Set<OutboxMessage>().Where(row => row.SentAt < old).ExecuteDeleteAsync(cancel), cancel);
        await WriteAsync(db => db.Set<InboxMessage>().Where(row => row.ConsumedAt < old).ExecuteDeleteAsync(cancel), cancel);
        nextCleaning = now + TimeSpan.FromHours(1);
    }

    private async Task<int> WriteAsync(Func<TDb, Task<int>> write, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var count = await write(db);
        await transaction.CommitAsync(cancel);
        return count;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dispatching failed; it is tried again")]
    private partial void StepFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sending {Contract} failed; it is tried again")]
    private partial void SendFailed(Exception exception, string contract);

    [LoggerMessage(Level = LogLevel.Error, Message = "Outbox row {Id} of {Contract} cannot be read and is set aside: {Reason}")]
    private partial void RowSetAside(Guid id, string contract, string reason);
}
