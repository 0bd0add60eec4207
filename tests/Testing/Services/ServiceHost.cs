using System.Net.Http.Headers;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Testing;

/// <summary>
/// One service in the test's process, entered through its HTTP door and by events. On SQLite and the in-memory transport by default; with
/// <c>TUTTI_TEST_ENGINE=servers</c> on PostgreSQL and RabbitMQ, each host with databases and queues of its own.
/// </summary>
/// <typeparam name="TDb">The service's context; its assembly is the service.</typeparam>
public class ServiceHost<TDb> : WebApplicationFactory<TDb>, IAsyncDisposable where TDb : DbContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder data = new("service");
    private readonly Dictionary<string, string?> settings;
    private readonly Lazy<RsaSecurityKey> key;

    public ServiceHost()
    {
        // Blocking is right here: a class fixture is made before any test of the class, and not on a test's thread pool turn.
        settings = TestEngine.IsServers
            ? Task.Run(() => TestEngine.ServersAsync(data.Path)).GetAwaiter().GetResult()
            : TestEngine.Embedded(data.Path);
        key = new(() => Authorization.ReadSigningKey(Services.GetRequiredService<IConfiguration>()));
    }

    /// <summary>The service's clock.</summary>
    public TestTime Time { get; } = new();

    /// <summary>Folder with the service's data.</summary>
    public string Data => data.Path;

    /// <summary>Configuration to be set before the service starts.</summary>
    public void Set(string name, string? value) => settings[name] = value;

    /// <summary>A client that calls as this person.</summary>
    public HttpClient As(Person person)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", person.Token(key.Value, Time));
        return client;
    }

    /// <summary>Lets the service hear something, and returns when every reaction to it has been committed. The same id again is a second delivery.</summary>
    public async Task HearAsync<T>(T message, Guid? messageId = null) where T : class
    {
        var id = messageId ?? Guid.CreateVersion7();
        var expected = Services.GetServices<Reaction>().Count(reaction => reaction.Contracts.Contains(message.GetType()));
        if (expected == 0) throw new InvalidOperationException($"The service does not react to {message.GetType().Name}.");
        await PublishAsync(message, id);
        await Poll.UntilAsync(
            async stop => await ReadAsync(db => db.Set<InboxMessage>().CountAsync(row => row.MessageId == id, stop)) >= expected,
            Patience, () => $"{expected} reactions to {message.GetType().Name} {id}");
    }

    /// <summary>Puts a message on the bus without waiting.</summary>
    public async Task PublishAsync(object message, Guid id)
    {
#pragma warning disable RS0030 // A test plays the other services.
        // A broker drops what nobody has bound a queue for yet: the queues are there once the bus is healthy.
        await Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, Patience);
        await Services.GetRequiredService<IBus>().Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = id));
#pragma warning restore RS0030
    }

    /// <summary>Everything of one contract that the service has said so far, in order.</summary>
    public async Task<List<T>> SaidAsync<T>() where T : class
    {
        var name = Outbox.NameOf(typeof(T));
        var rows = await ReadAsync(db => db.Set<OutboxMessage>().AsNoTracking().Where(row => row.Contract == name).OrderBy(row => row.Position).ToListAsync());
        return rows.ConvertAll(row => JsonSerializer.Deserialize<T>(row.Body, Json.Stored) ?? throw new JsonException("null"));
    }

    /// <summary>Asks the database of the service.</summary>
    public async Task<TResult> ReadAsync<TResult>(Func<TDb, Task<TResult>> read)
    {
        await using var scope = Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<TDb>());
    }

    /// <summary>Waits until the database of the service says so.</summary>
    public Task UntilAsync(Func<TDb, Task<bool>> condition, string what) =>
        Poll.UntilAsync(_ => ReadAsync(condition), Patience, () => what);

    /// <summary>Waits until every row of the outbox has been carried to its end.</summary>
    public Task QuietAsync() =>
        UntilAsync(db => db.Set<OutboxMessage>().AllAsync(row => row.SentAt != null || row.SetAside != null || row.NotBefore != null), "an empty outbox");

    /// <inheritdoc/>
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (name, value) in settings) builder.UseSetting(name, value);
        builder.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time)));
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        // Else every host that has ended keeps its idle connections for minutes, and some hundred hosts use up what the server allows.
        if (TestEngine.IsServers) NpgsqlConnection.ClearAllPools();
        data.Dispose();
        GC.SuppressFinalize(this);
    }
}
