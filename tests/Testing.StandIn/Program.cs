using Npgsql;
using Tutti.Testing;

// Stands in for a service where what starts and stops services is tested.
switch (args)
{
    case ["migrate"]:
        var server = new NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable("Tutti__Database__ConnectionString"));
        server.Database = "postgres";
        await using (var connection = new NpgsqlConnection(server.ConnectionString))
        {
            await connection.OpenAsync();
            var name = $"tutti_{Path.GetFileName(Environment.GetEnvironmentVariable("Tutti__Data"))?.ToLowerInvariant()}";
            await using var create = new NpgsqlCommand($"create database {name}", connection);
            await create.ExecuteNonQueryAsync();
        }
        return 0;

    case ["hold-servers", var mark]:
        await using (var database = await PostgreSqlServer.StartAsync())
        await using (var broker = await RabbitMqServer.StartAsync())
        {
            await File.WriteAllTextAsync(mark, "started");
            await Task.Delay(Timeout.Infinite);
        }
        return 0;

    case ["share-servers"]:
        Console.WriteLine((await SharedServers.PostgreSqlAsync()).Description);
        Console.WriteLine((await SharedServers.RabbitMqAsync()).Description);
        return 0;

    case ["engines"]:
        // Asked by ./test before the tests, which says what they run on.
        Console.WriteLine(await PostgreSqlServer.FindEngineAsync());
        Console.WriteLine(await RabbitMqServer.FindEngineAsync());
        return 0;

    case ["fail"]:
        await Console.Error.WriteLineAsync("the reason it failed");
        return 3;

    default:
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapGet("/setting/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
        app.MapGet("/quit", () => Environment.FailFast("told to quit"));
        await app.RunAsync();
        return 0;
}
