using Npgsql;

namespace Tutti.Testing.Tests;

[Trait("needs", "servers")]
public sealed class A_PostgreSQL_server
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Has_its_committed_rows_after_a_kill_and_leaves_nothing_behind()
    {
        var processesBefore = Own();
        var foldersBefore = Folders();
        await using (var server = await PostgreSqlServer.StartAsync(cancellation: Stop))
        {
            TestContext.Current.SendDiagnosticMessage(server.Description);
            var database = await server.CreateDatabaseAsync("tutti_test", Stop);
            await ExecuteAsync(database, "create table shift (number int); insert into shift values (7)");

            await server.KillAsync(Stop);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(database, "select 1"));
            await server.StartAgainAsync(Stop);

            Assert.Equal(7, await ExecuteAsync(database, "select number from shift"));
            Assert.Equal(["tutti_test"], await server.DatabasesAsync(Stop));

            await server.StopAsync(Stop);
            await server.StartAgainAsync(Stop);
            Assert.Equal(7, await ExecuteAsync(database, "select number from shift"));

            await server.DropDatabaseAsync("tutti_test", Stop);
            Assert.Empty(await server.DatabasesAsync(Stop));
        }

        Assert.Equal(processesBefore, Own());
        Assert.Equal(foldersBefore, Folders());
    }

    [Fact]
    public async Task Keeps_data_and_password_in_a_folder_of_ours()
    {
        using var folder = new TemporaryFolder("kept");
        var options = new PostgreSqlOptions { Folder = Path.Combine(folder.Path, "postgresql") };
        string connection;
        await using (var first = await PostgreSqlServer.StartAsync(options, Stop))
        {
            connection = first.ConnectionString;
            await first.CreateDatabaseAsync("tutti_kept", Stop);
        }

        await using var second = await PostgreSqlServer.StartAsync(options with { Port = new NpgsqlConnectionStringBuilder(connection).Port }, Stop);

        Assert.Equal(connection, second.ConnectionString);
        Assert.Equal(["tutti_kept"], await second.DatabasesAsync(Stop));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string statement)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Stop);
#pragma warning disable CA2100 // The statements stand above.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Stop);
    }

    private static IEnumerable<ProcessTree.Member> Own() =>
        ProcessTree.Below(Environment.ProcessId).Where(ProcessTree.IsAlive).OrderBy(each => each.Id);

    private static IEnumerable<string> Folders() =>
        Directory.EnumerateDirectories(Path.GetTempPath(), $"tutti-test-{Environment.ProcessId}-postgresql-*").Order();
}
