using System.Security.Claims;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Tutti.ServiceDefaults.Messaging;

/// <summary>A message whose consumer failed for good, kept in the consumer's database until an operator replays or discards it.</summary>
public sealed class DeadLetter
{
    /// <summary>Id of this entry.</summary>
    public required Guid Id { get; init; }

    /// <summary>Id of the message.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The queue whose consumer failed.</summary>
    public required string Queue { get; init; }

    /// <summary>Name of the contract; null when the message cannot be read.</summary>
    public string? Contract { get; init; }

    /// <summary>The message as JSON, or what came instead.</summary>
    public required string Body { get; init; }

    /// <summary>What went wrong.</summary>
    public required string Error { get; init; }

    /// <summary>When it failed for the last time.</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>replayed or discarded; null: waiting for an operator.</summary>
    public string? Resolution { get; set; }

    /// <summary>The operator.</summary>
    public Guid? ResolvedBy { get; set; }

    /// <summary>When the operator acted.</summary>
    public DateTimeOffset? ResolvedAt { get; set; }
}

/// <summary>Where messages end that no consumer could handle, and what operators do with them.</summary>
public static class DeadLetters
{
    /// <summary>A dead letter as an operator sees it: without contents.</summary>
    public sealed record Entry(Guid Id, Guid MessageId, string Queue, string? Contract, string Error, DateTimeOffset FailedAt, string? Resolution);

    /// <summary>Routes for operators: list (what waits for them first), replay, discard; and what could not even be sent.</summary>
    public static void MapDeadLetters<TDb>(this IEndpointRouteBuilder app, string service) where TDb : DbContext
    {
        var group = app.MapGroup($"/api/{service}/dead-letters").WithGroupName(service).WithTags("Operations").RequireAuthorization(Roles.Operator);
        Func<IServiceProvider, DbContext> database = services => services.GetRequiredService<TDb>();
        group.MapGet("/", (IServiceProvider services, CancellationToken cancel) => ListAsync(database(services), cancel));
        group.MapPost("/{id:guid}/replay", (Guid id, IServiceProvider services, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel) =>
            ResolveAsync(database(services), id, "replayed", person, time, cancel));
        group.MapPost("/{id:guid}/discard", (Guid id, IServiceProvider services, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel) =>
            ResolveAsync(database(services), id, "discarded", person, time, cancel));
        UnreadableMessages.Map(group, database);
    }

    private static async Task<Ok<List<Entry>>> ListAsync(DbContext db, CancellationToken cancel) =>
        TypedResults.Ok(await db.Set<DeadLetter>().OrderBy(letter => letter.Resolution != null).ThenByDescending(letter => letter.FailedAt).Take(500)
            .Select(letter => new Entry(letter.Id, letter.MessageId, letter.Queue, letter.Contract, letter.Error, letter.FailedAt, letter.Resolution))
            .ToListAsync(cancel));

    internal static void AddTo(ModelBuilder model) => model.Entity<DeadLetter>(row =>
    {
        row.ToTable("DeadLetters");
        row.Property(x => x.Id).ValueGeneratedNever();
        row.Property(x => x.Queue).HasMaxLength(128);
        row.Property(x => x.Contract).HasMaxLength(128);
        row.Property(x => x.Resolution).HasMaxLength(16).IsConcurrencyToken(); // of two operators at once, one acts
        row.HasIndex(x => x.FailedAt);
    });

    private static async Task<Results<NoContent, NotFound>> ResolveAsync(DbContext db, Guid id, string resolution, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var letter = await db.Set<DeadLetter>().SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (letter is null) return TypedResults.NotFound();
        if (letter.Resolution is not null) throw new RuleViolation("dead-letter.resolved", $"It was {letter.Resolution} already.");
        if (resolution == "replayed")
        {
            if (letter.Contract is null) throw new RuleViolation("dead-letter.unreadable", "It cannot be read, so it cannot be sent again.");
            db.Add(new OutboxMessage
            {
                Id = Guid.CreateVersion7(), Position = time.GetUtcNow().UtcTicks, Contract = letter.Contract, Key = letter.Id.ToString(),
                Body = letter.Body, ConversationId = letter.Id, CreatedAt = time.GetUtcNow(), Queue = letter.Queue,
            });
        }
        (letter.Resolution, letter.ResolvedBy, letter.ResolvedAt) = (resolution, person.Id, time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>
    /// Last filter of a message that failed, or that no consumer took: writes the dead letter instead of moving the message to an <c>_error</c> or
    /// <c>_skipped</c> queue where nobody looks.
    /// </summary>
    internal sealed class Filter<TDb>(IServiceProvider services, string queue) : IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext> where TDb : DbContext
    {
        public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
        {
            await KeepAsync(context, context.Exception);
            await next.Send(context);
        }

        public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            await KeepAsync(context, new MessageException(typeof(object), "No consumer of the queue takes a message of this type."));
            await next.Send(context);
        }

        private async Task KeepAsync(ReceiveContext context, Exception failure)
        {
            // What cannot be read passes here as failed, and then once more as not taken.
            if (context.TryGetPayload<Kept>(out _)) return;
            var body = Encoding.UTF8.GetString(context.Body.GetBytes()); // GetString refuses what is no UTF-8
            var (message, contract, content) = Read(body);
            var handling = services.GetRequiredService<InProcessHandling>();
            try
            {
                // Interrupted, not failed: the next host takes it up again.
                if (context.CancellationToken.IsCancellationRequested) throw new OperationCanceledException("The host stops.", failure, context.CancellationToken);
                await using var scope = services.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<TDb>();
                await WriteAsync(db, message, contract, content, failure);
            }
            catch (Exception exception)
            {
                handling.Failed(message, exception);
                throw;
            }
            context.GetOrAddPayload(() => new Kept());
            Telemetry.DeadLetters.Add(1);
            handling.Handled(message, queue);
        }

        /// <summary>With the letter the message is settled for this queue: delivered again it counts as a duplicate, and a replay is a new message.</summary>
        private async Task WriteAsync(TDb db, Guid message, string? contract, string content, Exception exception)
        {
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            var consumer = Inbox.ConsumerOf(queue);
            if (message != Guid.Empty)
            {
                if (await db.Set<InboxMessage>().AnyAsync(row => row.MessageId == message && row.ConsumerId == consumer)) return;
                db.Add(new InboxMessage { MessageId = message, ConsumerId = consumer, ConsumedAt = now });
            }
            db.Add(new DeadLetter
            {
                Id = Guid.CreateVersion7(), MessageId = message, Queue = queue, Contract = contract, Body = Storable(content), Error = Storable(exception.ToString()), FailedAt = now,
            });
            await db.SaveChangesAsync(CancellationToken.None);
        }

        private sealed record Kept;

        /// <summary>PostgreSQL stores no text with U+0000.</summary>
        private static string Storable(string text) => text.Replace('\0', '\uFFFD');

        public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");

        /// <summary>Takes the message out of its envelope; what cannot be read is kept as it came.</summary>
        private static (Guid Message, string? Contract, string Content) Read(string body)
        {
            try
            {
                using var envelope = JsonDocument.Parse(body);
                var root = envelope.RootElement;
                var type = root.GetProperty("messageType")[0].GetString();
                var contract = Contracts.ContractList.All.FirstOrDefault(known => MessageUrn.ForTypeString(known) == type);
                return (root.GetProperty("messageId").GetGuid(), contract is null ? null : Outbox.NameOf(contract), root.GetProperty("message").GetRawText());
            }
            catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
            {
                return (Guid.Empty, null, body);
            }
        }
    }
}
