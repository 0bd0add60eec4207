using System.Collections.Frozen;
using System.Data.Common;
using System.Diagnostics;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Threading.Channels;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Tutti.Contracts;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>A message waiting to be sent: written in the transaction of the change it tells of.</summary>
public sealed class OutboxMessage
{
    /// <summary>Id of the message on the wire; receivers drop a second one with the same id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Order within the aggregate.</summary>
    public required long Position { get; init; }

    /// <summary>Name of the contract, see <see cref="ContractAttribute"/>.</summary>
    public required string Contract { get; init; }

    /// <summary>The aggregate; its messages keep their order.</summary>
    public required string Key { get; init; }

    /// <summary>The message as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>What set all this off; the same along a chain of messages.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>W3C trace context of the writer.</summary>
    public string? TraceParent { get; init; }

    /// <summary>One receiving queue instead of all that listen: a replay.</summary>
    public string? Queue { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not to be sent earlier: a durable timer.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When it was carried to its end: the broker has confirmed it, or, without a broker, every consumer has handled it.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Why it cannot be read; it is set aside and does not stop the rest.</summary>
    public string? SetAside { get; init; }

    /// <summary>Whether this process has handed it to the dispatcher already.</summary>
    internal bool HandedOver { get; set; }

    /// <summary>The transaction it was written in; empty: the one of the save itself; null: not written.</summary>
    internal Guid? WrittenIn { get; set; }
}

/// <summary>A message that a consumer has handled; the second delivery finds it here.</summary>
public sealed class InboxMessage
{
    /// <summary>Id of the message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The consumer at its queue.</summary>
    public required Guid ConsumerId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset ConsumedAt { get; init; }
}

/// <summary>One row: which replica of a service may send.</summary>
public sealed class DispatcherLease
{
    /// <summary>Always 1.</summary>
    public required int Id { get; init; }

    /// <summary>The replica that holds it.</summary>
    public required Guid Owner { get; init; }

    /// <summary>Until when, unless renewed.</summary>
    public required DateTimeOffset Until { get; init; }
}

/// <summary>What an event handler or use case calls to say something: the message is sent if and only if the transaction commits.</summary>
public static class Outbox
{
    private static readonly FrozenDictionary<string, Type> types =
        ContractList.All.ToFrozenDictionary(type => NameOf(type));

    private static readonly FrozenDictionary<Type, (string Name, Func<object, object?> Key)> known =
        ContractList.All.ToFrozenDictionary(type => type, type => (NameOf(type), KeyGetter(type)));

    private static long lastPosition;

    /// <summary>Puts a message into the outbox of this unit of work.</summary>
    public static void Publish<T>(this DbContext db, T message, TimeProvider time, DateTimeOffset? notBefore = null) where T : class =>
        db.Add(Row(message, Guid.CreateVersion7(), ConversationNow(), time.GetUtcNow(), notBefore));

    /// <summary>Says something from within a reaction: it is captured by the reaction's own transaction.</summary>
    public static Task PublishAsync(this ConsumeContext context, object message) => context.Publish(message, message.GetType(), context.CancellationToken);

    /// <summary>Adds the tables of outbox, inbox, lease and dead letters to a service's model.</summary>
    public static void AddMessaging(this ModelBuilder model)
    {
        model.Entity<OutboxMessage>(row =>
        {
            row.ToTable("Outbox");
            row.Property(x => x.Id).ValueGeneratedNever();
            row.Property(x => x.Contract).HasMaxLength(128);
            row.Property(x => x.Key).HasMaxLength(128);
            row.Property(x => x.TraceParent).HasMaxLength(64);
            row.Property(x => x.Queue).HasMaxLength(128);
            row.Ignore(x => x.HandedOver);
            row.Ignore(x => x.WrittenIn);
            row.HasIndex(x => new { x.SentAt, x.SetAside, x.Position });
            row.Property(x => x.SetAside).HasMaxLength(400);
        });
        model.Entity<InboxMessage>(row =>
        {
            row.ToTable("Inbox");
            row.HasKey(x => new { x.MessageId, x.ConsumerId });
            row.HasIndex(x => x.ConsumedAt);
        });
        model.Entity<DispatcherLease>(row =>
        {
            row.ToTable("DispatcherLease");
            row.Property(x => x.Id).ValueGeneratedNever();
        });
        DeadLetters.AddTo(model);
    }

    /// <summary>Name on the wire of a contract type.</summary>
    public static string NameOf(Type contract) => Attribute(contract).Name;

    /// <summary>The type behind a name; null when no contract of this version has it.</summary>
    public static Type? TypeOf(string contract) => types.GetValueOrDefault(contract);

    internal static OutboxMessage Row(object message, Guid id, Guid conversation, DateTimeOffset now, DateTimeOffset? notBefore = null)
    {
        var (name, key) = known.TryGetValue(message.GetType(), out var found)
            ? found
            : throw new InvalidOperationException($"{message.GetType().Name} is no contract.");
        return new OutboxMessage
        {
            Id = id,
            Position = NextPosition(now),
            Contract = name,
            Key = Convert.ToString(key(message), System.Globalization.CultureInfo.InvariantCulture) ?? "",
            Body = JsonSerializer.Serialize(message, message.GetType(), Json.Stored), ConversationId = conversation, TraceParent = Activity.Current?.Id,
            CreatedAt = now,
            NotBefore = notBefore,
        };
    }

    /// <summary>The trace of the request serves as conversation: one proposal's life is one chain.</summary>
    private static Guid ConversationNow() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? Guid.ParseExact(activity.TraceId.ToHexString(), "N") : Guid.CreateVersion7();

    private static long NextPosition(DateTimeOffset now)
    {
        while (true)
        {
            var last = Volatile.Read(ref lastPosition);
            var next = Math.Max(last + 1, now.UtcTicks);
            if (Interlocked.CompareExchange(ref lastPosition, next, last) == last) return next;
        }
    }

    private static ContractAttribute Attribute(Type contract) =>
        contract.GetCustomAttribute<ContractAttribute>() ?? throw new InvalidOperationException($"{contract.Name} has no [Contract] name.");

    private static Func<object, object?> KeyGetter(Type contract)
    {
        var message = Expression.Parameter(typeof(object));
        var member = Expression.Property(Expression.Convert(message, contract), Attribute(contract).Key);
        return Expression.Lambda<Func<object, object?>>(Expression.Convert(member, typeof(object)), message).Compile();
    }
}

/// <summary>Committed rows on their way to the dispatcher of this process, so that it need not ask the database for them.</summary>
internal sealed class OutboxQueue<TDb> where TDb : DbContext
{
    private readonly Channel<OutboxMessage> rows = Channel.CreateUnbounded<OutboxMessage>(new UnboundedChannelOptions { SingleReader = true });

    public ChannelReader<OutboxMessage> Committed => rows.Reader;

    public void HandOver(OutboxMessage row)
    {
        if (row.HandedOver) return;
        row.HandedOver = true;
        rows.Writer.TryWrite(row);
    }
}

/// <summary>Hands rows over at the moment the transaction that wrote them has committed, never before.</summary>
internal sealed class OutboxHandOver<TDb>(OutboxQueue<TDb> queue) : DbTransactionInterceptor, ISaveChangesInterceptor where TDb : DbContext
{
    public ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        foreach (var row in Rows(eventData.Context, entry => entry.State == EntityState.Added))
            row.WrittenIn = eventData.Context?.Database.CurrentTransaction?.TransactionId ?? Guid.Empty;
        return ValueTask.FromResult(result);
    }

    public Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        foreach (var row in Rows(eventData.Context, entry => entry.State == EntityState.Added)) row.WrittenIn = null;
        return Task.CompletedTask;
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        foreach (var row in Rows(eventData.Context, entry => entry.Entity.WrittenIn is { } written && (written == Guid.Empty || written == eventData.TransactionId)))
            queue.HandOver(row);
        return Task.CompletedTask;
    }

    private static List<OutboxMessage> Rows(DbContext? db, Func<EntityEntry<OutboxMessage>, bool> wanted)
    {
        if (db is null) return [];
        var detect = db.ChangeTracker.AutoDetectChangesEnabled;
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        List<OutboxMessage> rows = [.. db.ChangeTracker.Entries<OutboxMessage>().Where(wanted).Select(entry => entry.Entity)];
        db.ChangeTracker.AutoDetectChangesEnabled = detect;
        return rows;
    }
}
