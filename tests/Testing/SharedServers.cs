namespace Tutti.Testing;

/// <summary>One PostgreSQL and one RabbitMQ for all tests of a process, started when first asked for and ended with the process.</summary>
/// <remarks>For tests that neither stop a server nor need it empty; the others start their own.</remarks>
public static class SharedServers
{
    // No test that shares a server is about loss of power, and without fsync databases are created several times faster.
    private static readonly Lazy<Task<PostgreSqlServer>> Database =
        new(() => StartAsync(() => PostgreSqlServer.StartAsync(new() { Durable = false })));
    private static readonly Lazy<Task<RabbitMqServer>> Broker = new(() => StartAsync(() => RabbitMqServer.StartAsync()));

    public static Task<PostgreSqlServer> PostgreSqlAsync() => Database.Value;

    public static Task<RabbitMqServer> RabbitMqAsync() => Broker.Value;

    // On the pool: a test framework's synchronisation context must not own a start that other tests wait for.
    private static Task<T> StartAsync<T>(Func<Task<T>> start) => Task.Run(start);
}
