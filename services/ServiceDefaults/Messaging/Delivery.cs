using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Configuration;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>One queue and the contracts its consumer handles.</summary>
public sealed record Reaction(string Queue, IReadOnlyList<Type> Contracts);

/// <summary>
/// Carries one row to where it counts as sent. With a broker that is the publisher confirm: the broker has it on disk. Without one,
/// the queues are forgotten at a crash, so a row counts as sent only when every consumer of this process has handled it.
/// </summary>
internal sealed class Delivery(IBusControl bus, IEnumerable<Reaction> reactions, InProcessHandling handling, IConfiguration configuration)
{
    private static readonly TimeSpan longestConfirm = TimeSpan.FromSeconds(30);
    private readonly bool hasBroker = Bus.TransportOf(configuration) == Transport.RabbitMq;
    private readonly Dictionary<Type, int> listeners = reactions.SelectMany(reaction => reaction.Contracts).GroupBy(type => type).ToDictionary(group => group.Key, group => group.Count());

    public Task Ready(CancellationToken cancel) => bus.WaitForHealthStatus(BusHealthStatus.Healthy, cancel);

    public async Task DeliverAsync(OutboxMessage row, object message, Type type, CancellationToken cancel)
    {
        if (hasBroker)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(longestConfirm);
            await SendAsync(row, message, type, limit.Token);
            return;
        }
        var expected = row.Queue is null ? listeners.GetValueOrDefault(type) : 1;
        if (expected == 0) return;
        var handled = handling.Expect(row.Id, expected);
        await SendAsync(row, message, type, cancel);
        await handled.WaitAsync(cancel);
    }

    private async Task SendAsync(OutboxMessage row, object message, Type type, CancellationToken cancel)
    {
        var address = Pipe.Execute<SendContext>(context =>
        {
            context.MessageId = row.Id;
            context.ConversationId = row.ConversationId;
        });
        if (row.Queue is null) await bus.Publish(message, type, address, cancel);
        // The exchange of the queue: an address "queue:" would declare the queue anew, without its arguments.
        else await (await bus.GetSendEndpoint(new Uri("exchange:" + row.Queue))).Send(message, type, address, cancel);
    }
}

/// <summary>Counts the consumers of this process that still have to handle a message.</summary>
internal sealed class InProcessHandling
{
    private readonly ConcurrentDictionary<Guid, Waiting> waiting = [];

    public Task Expect(Guid message, int consumers) => (waiting[message] = new Waiting(consumers)).Handled;

    /// <summary>The consumer of a queue has committed, found a duplicate, or put the message among the dead letters.</summary>
    public void Handled(Guid message, string queue)
    {
        if (waiting.TryGetValue(message, out var wait) && wait.CountDown(queue)) waiting.TryRemove(message, out _);
    }

    /// <summary>Not even the dead letter could be written: the row must be sent again.</summary>
    public void Failed(Guid message, Exception exception)
    {
        if (waiting.TryRemove(message, out var wait)) wait.Fail(exception);
    }

    private sealed class Waiting(int consumers)
    {
        private readonly TaskCompletionSource handled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HashSet<string> queues = [];

        public Task Handled => handled.Task;

        /// <summary>A queue counts once: after a failure elsewhere the message is sent again to all.</summary>
        public bool CountDown(string queue)
        {
            lock (queues) return queues.Add(queue) && queues.Count >= consumers && handled.TrySetResult();
        }

        public void Fail(Exception exception) => handled.TrySetException(exception);
    }
}
