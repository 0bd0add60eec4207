using System.Net.Http.Headers;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;
using Tutti.ServiceDefaults.Probe;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

/// <summary>One running host of the small service, in the test's process.</summary>
public sealed class ProbeHost(WebApplication app, Installation installation, Traffic traffic) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private bool ended;

    public IServiceProvider Services => app.Services;

    public Traffic Traffic => traffic;

    public Installation Installation => installation;

    public Uri Address => new(app.Urls.Single());

    /// <summary>A client without a token, or with this one.</summary>
    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A client that calls as this person.</summary>
    public HttpClient As(Person person) => Client(person.Token(Authorization.ReadSigningKey(app.Configuration), TimeProvider.System));

    /// <summary>Works on the database in one scope.</summary>
    public async Task<T> InAsync<T>(Func<ProbeDb, Task<T>> work)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<ProbeDb>());
    }

    public Task InAsync(Func<ProbeDb, Task> work) => InAsync(async db =>
    {
        await work(db);
        return true;
    });

    /// <summary>Says something in a transaction of its own.</summary>
    public Task SayAsync<T>(T message, DateTimeOffset? notBefore = null) where T : class => InAsync(async db =>
    {
        db.Publish(message, app.Services.GetRequiredService<TimeProvider>(), notBefore);
        await db.SaveChangesAsync();
    });

    /// <summary>Puts a message on the bus past the outbox: what another service, or a second delivery, would do.</summary>
    public async Task DeliverAsync(object message, Guid id)
    {
#pragma warning disable RS0030 // A test plays the transport.
        await app.Services.GetRequiredService<IBus>().Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = id));
#pragma warning restore RS0030
    }

    /// <summary>Puts a message on one queue past the outbox.</summary>
    public async Task DeliverToAsync(string queue, object message, Guid id)
    {
#pragma warning disable RS0030 // A test plays the transport.
        var endpoint = await app.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("exchange:" + installation.Prefix + queue));
#pragma warning restore RS0030
        await endpoint.Send(message, message.GetType(), Pipe.Execute<SendContext>(context => context.MessageId = id));
    }

    /// <summary>How often a queue has handled the events of a subject, for good.</summary>
    public Task<int> HandledAsync(Guid subject, string queue = WhenProposalClosed.Queue) =>
        InAsync(db => db.Handled.CountAsync(row => row.Subject == subject && row.Queue == queue));

    public async Task UntilAsync(Func<ProbeDb, Task<bool>> condition, string what)
    {
        try
        {
            await Poll.UntilAsync(_ => InAsync(condition), Patience, () => what);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; dead letters: {string.Join("; ", (await LettersAsync()).Select(letter => $"{letter.Queue} {letter.Body} {letter.Error.Split('\n')[0]}"))}", late);
        }
    }

    public Task UntilHandledAsync(Guid subject, string queue = WhenProposalClosed.Queue, int times = 1) =>
        UntilAsync(async db => await db.Handled.CountAsync(row => row.Subject == subject && row.Queue == queue) >= times, $"{queue} has handled {subject} {times} times");

    /// <summary>Waits until every row that is due has been carried to its end.</summary>
    public Task QuietAsync() =>
        UntilAsync(db => db.Set<OutboxMessage>().AllAsync(row => row.SentAt != null || row.SetAside != null || row.NotBefore != null), "an empty outbox");

    /// <summary>Waits until both queues know a message id, by an inbox row.</summary>
    public Task UntilSettledAsync(Guid messageId, int queues = 2) =>
        UntilAsync(async db => await db.Set<InboxMessage>().CountAsync(row => row.MessageId == messageId) >= queues, $"{queues} inbox rows of {messageId}");

    /// <summary>The dead letters of a message id.</summary>
    public Task<List<DeadLetter>> LettersAsync() => InAsync(db => db.Set<DeadLetter>().AsNoTracking().OrderBy(letter => letter.FailedAt).ToListAsync());

    /// <summary>Waits until there are so many dead letters.</summary>
    public async Task<List<DeadLetter>> UntilLettersAsync(int count)
    {
        await UntilAsync(async db => await db.Set<DeadLetter>().CountAsync() >= count, $"{count} dead letters");
        return await LettersAsync();
    }

    public static ProposalClosed Closed(Guid? proposal = null, int revision = 1)
    {
        var id = proposal ?? Guid.CreateVersion7();
        return new ProposalClosed { ProposalId = id, CallId = id, Revision = revision };
    }

    /// <summary>Ends it as an operator would.</summary>
    public async ValueTask DisposeAsync()
    {
        if (ended) return;
        ended = true;
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
