using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;
using Microsoft.EntityFrameworkCore;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>Who has handled a message: each queue has one consumer, and its name is pinned, whatever the class is called.</summary>
internal static class Inbox
{
    private static readonly ConcurrentDictionary<string, Guid> consumers = [];

    /// <summary>The id under which the consumer of a queue signs.</summary>
    public static Guid ConsumerOf(string queue) => consumers.GetOrAdd(queue, name => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)));
}

/// <summary>Whether a message has been handled; compiled once per host, because a compiled query belongs to one database provider.</summary>
internal sealed class InboxQuestion<TDb> where TDb : DbContext
{
    public Func<TDb, Guid, Guid, Task<bool>> WasConsumed { get; } =
        EF.CompileAsyncQuery((TDb db, Guid message, Guid consumer) => db.Set<InboxMessage>().Any(row => row.MessageId == message && row.ConsumerId == consumer));
}

/// <summary>
/// One transaction around a consumer: the inbox row, the consumer's changes and what it publishes are committed together or not at all.
/// </summary>
internal sealed class InboxContextFactory<TDb>(TDb db, InboxQuestion<TDb> question, IServiceProvider services, InProcessHandling handling, TimeProvider time) : IOutboxContextFactory<TDb>
    where TDb : DbContext
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next) where T : class
    {
        var message = context.GetOriginalMessageId() ?? throw new MessageException(typeof(T), "A message without an id cannot be handled exactly once.");
        var queue = context.ReceiveContext.InputAddress.GetEndpointName() ?? throw new MessageException(typeof(T), "It came from no queue.");
        var consumer = Inbox.ConsumerOf(queue);
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
            db.Add(new InboxMessage { MessageId = message, ConsumerId = consumer, ConsumedAt = time.GetUtcNow() });
            await next.Send(new OneTransaction<T>(context, options, services, db, time));
            await db.SaveChangesAsync(context.CancellationToken);
            await transaction.CommitAsync(context.CancellationToken);
        }
        catch (Exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            // Duplicates are rare and first deliveries are not, so the inbox is not asked before but the row's key refuses the second one.
            if (!await question.WasConsumed(db, message, consumer)) throw;
            // Consumed all the same: the transport would move a message that nobody took to "_skipped".
            await context.NotifyConsumed(TimeSpan.Zero, options.ConsumerType);
        }
        handling.Handled(message, queue);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("inbox");

    /// <summary>What a consumer publishes becomes outbox rows of its own transaction; there is nothing left to deliver afterwards.</summary>
    private sealed class OneTransaction<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IServiceProvider services, TDb db, TimeProvider time)
        : OutboxConsumeContextProxy<T>(context, options, services) where T : class
    {
        private readonly Guid? conversation = context.ConversationId;

        public override bool ContinueProcessing { get; set; }

        public override bool IsMessageConsumed => false;

        public override bool IsOutboxDelivered => true;

        public override int ReceiveCount => 0;

        public override long? LastSequenceNumber => null;

        public override Task AddSend<TMessage>(SendContext<TMessage> context)
        {
            db.Add(Outbox.Row(context.Message, context.MessageId ?? Guid.CreateVersion7(), conversation ?? Guid.CreateVersion7(), time.GetUtcNow()));
            return Task.CompletedTask;
        }

        public override Task SetConsumed() => Task.CompletedTask;

        public override Task SetDelivered() => Task.CompletedTask;

        public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult<List<OutboxMessageContext>>([]);

        public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

        public override Task RemoveOutboxMessages() => Task.CompletedTask;
    }
}
