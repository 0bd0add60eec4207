using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Testing;

/// <summary>What the services of this test process run on.</summary>
public static class TestEngine
{
    /// <summary>Whether <c>TUTTI_TEST_ENGINE=servers</c> asks for PostgreSQL and RabbitMQ instead of SQLite and the broker in memory.</summary>
    public static bool IsServers => Environment.GetEnvironmentVariable("TUTTI_TEST_ENGINE") == "servers";

    /// <summary>Settings of an installation on SQLite and the broker in memory.</summary>
    public static Dictionary<string, string?> Embedded(string data) => new() { ["Tutti:Data"] = data };

    /// <summary>Settings of an installation on PostgreSQL and RabbitMQ, with databases and queues of its own.</summary>
    public static async Task<Dictionary<string, string?>> ServersAsync(string data, RabbitMqServer? broker = null)
    {
        var prefix = $"t{Guid.CreateVersion7():N}_";
        broker ??= await SharedServers.RabbitMqAsync();
        var database = await SharedServers.PostgreSqlAsync();
        return new(Embedded(data))
        {
            ["Tutti:Database:Provider"] = nameof(DatabaseProvider.PostgreSql),
            ["Tutti:Database:ConnectionString"] = database.ConnectionString,
            ["Tutti:Database:Prefix"] = prefix,
            ["Tutti:Broker:Transport"] = nameof(Transport.RabbitMq),
            ["Tutti:Broker:Url"] = broker.Url.ToString(),
            ["Tutti:Broker:Prefix"] = prefix,
            ["Tutti:MigrateAtStart"] = "true",
        };
    }
}
