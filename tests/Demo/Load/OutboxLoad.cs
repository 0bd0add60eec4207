using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using Tutti.Testing;

namespace Tutti.Demo.Load;

/// <summary>
/// Distributed: how many events per second the outbox moves from commit to handled. Submissions are made while the broker is away, so
/// that events pile up; then the broker comes back and the time until every one is handled is taken.
/// </summary>
internal static class OutboxLoad
{
    private const int WarmUp = 2000, Proposals = 5000;

    public static async Task RunAsync(TextWriter output, CancellationToken stop)
    {
        await output.WriteLineAsync($"{Environment.ProcessorCount} cores for everything; load of the machine before: {(await File.ReadAllTextAsync("/proc/loadavg", stop)).Trim()}");
        await using var cluster = await Cluster.StartAsync(new ClusterOptions
        {
            Replicas = 1, Settings = new Dictionary<string, string?> { ["Tutti__Identity__DemoAccounts"] = "true" }, Progress = output.WriteLine,
        }, stop);
        using var http = new HttpClient { BaseAddress = cluster.Url };
        var maria = await Caller.SignInAsync(http, "maria", stop);
        var call = await Commands.OpenCallAsync(http, stop);
        await SubmitAsync(cluster.Url, maria.Token, call, WarmUp, stop);
        await UntilHandledAsync(cluster, stop);

        await cluster.Broker.StopAsync(stop);
        await SubmitAsync(cluster.Url, maria.Token, call, Proposals, stop);
        var before = await HandledAsync(cluster, stop);
        await cluster.Broker.StartAgainAsync(stop);
        await Poll.UntilAsync(async cancel => await HandledAsync(cluster, cancel) > before, TimeSpan.FromSeconds(60), () => "the first event after the broker is back", stop);
        var (first, started) = (await HandledAsync(cluster, stop), Stopwatch.GetTimestamp());
        await UntilHandledAsync(cluster, stop);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var handled = await HandledAsync(cluster, stop) - first;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{handled} deliveries of events were handled in {seconds:0.0} s: {handled / seconds:0} per second from commit to handled, through RabbitMQ and PostgreSQL"));
        foreach (var late in await cluster.StopAsync()) await output.WriteLineAsync($"{late} had to be killed");
    }

    private static async Task SubmitAsync(Uri url, string token, Guid call, int count, CancellationToken stop)
    {
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var client = new HttpClient { BaseAddress = url };
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var created = await client.PostAsync("/api/proposals", new StringContent($$"""{"callId":"{{call}}"}""", Encoding.UTF8, "application/json"), stop);
                var path = created.EnsureSuccessStatusCode().Headers.Location?.OriginalString;
                (await client.PutAsync(path, SubmissionLoad.Draft(), stop)).EnsureSuccessStatusCode();
                (await client.PostAsync(path + "/submission", null, stop)).EnsureSuccessStatusCode();
            }
        }, stop)));
    }

    private static Task UntilHandledAsync(Cluster cluster, CancellationToken stop)
    {
        var last = -1L;
        var since = Stopwatch.GetTimestamp();
        return Poll.UntilAsync(async cancel =>
        {
            var waiting = await CountAsync(cluster, "proposals", """select count(*) from "Outbox" where "SentAt" is null and "NotBefore" is null""", cancel);
            var handled = await HandledAsync(cluster, cancel);
            if (handled != last) (last, since) = (handled, Stopwatch.GetTimestamp());
            return waiting == 0 && Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(1);
        }, TimeSpan.FromMinutes(5), () => "every event handled", stop);
    }

    private static async Task<long> HandledAsync(Cluster cluster, CancellationToken stop)
    {
        var sum = 0L;
        foreach (var database in (string[])["proposals", "review", "scheduling", "cellpool", "reduction"])
            sum += await CountAsync(cluster, database, """select count(*) from "Inbox" """, stop);
        return sum;
    }

    private static async Task<long> CountAsync(Cluster cluster, string database, string sql, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(cluster.Database.ConnectionStringTo("tutti_" + database));
        await connection.OpenAsync(stop);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(stop) ?? 0L);
    }
}
