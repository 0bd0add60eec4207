using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using Tutti.Testing;

namespace Tutti.Demo.Load;

/// <summary>
/// Distributed: how many events per second the outbox moves from commit to handled. Events pile up while this program holds the lease of
/// the service's dispatcher, as another replica would; then it lets go, and the time until every one is handled is taken.
/// </summary>
internal static class OutboxLoad
{
    private const int WarmUp = 1500, Proposals = 2500, Publications = 40, Calls = 8000;
    private static readonly TimeSpan leaseRunsOut = TimeSpan.FromSeconds(12);

    public static async Task RunAsync(TextWriter output, CancellationToken stop)
    {
        await output.WriteLineAsync($"{Environment.ProcessorCount} cores for everything; load of the machine before: {(await File.ReadAllTextAsync("/proc/loadavg", stop)).Trim()}");
        await using var cluster = await Cluster.StartAsync(new ClusterOptions
        {
            Replicas = 1, Settings = new Dictionary<string, string?> { ["Tutti__Identity__DemoAccounts"] = "true" }, Progress = output.WriteLine,
        }, stop);
        using var http = new HttpClient { BaseAddress = cluster.Url };
        var maria = await Caller.SignInAsync(http, "maria", stop);
        var olga = await Caller.SignInAsync(http, "olga", stop);
        var call = await Commands.OpenCallAsync(http, stop);
        await output.WriteLineAsync("warm-up, not counted");
        await AnnounceAsync(cluster.Url, olga, WarmUp, stop);
        await PublishAsync(olga, 10, stop);
        await SubmitAsync(cluster.Url, maria.Token, call, WarmUp, stop);
        await UntilHandledAsync(cluster, stop);

        await MeasureAsync(cluster, "proposals", "calls, which one service listens to", () => AnnounceAsync(cluster.Url, olga, Calls, stop), output, stop);
        await MeasureAsync(cluster, "catalogue", "catalogue records, which five services listen to", () => PublishAsync(olga, Publications, stop), output, stop);
        await MeasureAsync(cluster, "proposals", "submissions, with the lifecycle and the tasks of Review behind them", () => SubmitAsync(cluster.Url, maria.Token, call, Proposals, stop), output, stop);
        foreach (var late in await cluster.StopAsync()) await output.WriteLineAsync($"{late} had to be killed");
    }

    /// <summary>Lets events of a service pile up, and takes the time from the first one that goes on until every listener has handled each of them.</summary>
    private static async Task MeasureAsync(Cluster cluster, string service, string what, Func<Task> say, TextWriter output, CancellationToken stop)
    {
        await LeaseAsync(cluster, service, TimeProvider.System.GetUtcNow().AddHours(1), stop);
        await Task.Delay(leaseRunsOut, stop);
        await say();
        var (sentBefore, handledBefore) = (await SentAsync(cluster, stop), await HandledAsync(cluster, stop));
        await LeaseAsync(cluster, service, TimeProvider.System.GetUtcNow().AddMinutes(-1), stop);
        await Poll.UntilAsync(async cancel => await HandledAsync(cluster, cancel) > handledBefore, TimeSpan.FromSeconds(60), () => "the first event goes on", stop);
        var started = Stopwatch.GetTimestamp();
        var quiet = await UntilHandledAsync(cluster, stop);
        var seconds = (Stopwatch.GetElapsedTime(started) - quiet).TotalSeconds;
        var (sent, handled) = (await SentAsync(cluster, stop) - sentBefore, await HandledAsync(cluster, stop) - handledBefore);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {sent} events from commit to handled in {seconds:0.0} s: {sent / seconds:0} events per second, {handled / seconds:0} handlings per second"));
    }

    private static async Task PublishAsync(Caller olga, int times, CancellationToken stop)
    {
        for (var time = 0; time < times; time++) await olga.PostAsync("/api/catalogue/publication", null, stop);
    }

    private static Task AnnounceAsync(Uri url, Caller olga, int count, CancellationToken stop) =>
        TogetherAsync(url, olga.Token, count, client => Commands.AnnounceAsync(client, olga.Id, stop), stop);

    private static Task SubmitAsync(Uri url, string token, Guid call, int count, CancellationToken stop) => TogetherAsync(url, token, count, async client =>
    {
        using var created = await client.PostAsync("/api/proposals", new StringContent($$"""{"callId":"{{call}}"}""", Encoding.UTF8, "application/json"), stop);
        var path = created.EnsureSuccessStatusCode().Headers.Location?.OriginalString;
        (await client.PutAsync(path, SubmissionLoad.Draft(), stop)).EnsureSuccessStatusCode();
        (await client.PostAsync(path + "/submission", null, stop)).EnsureSuccessStatusCode();
    }, stop);

    private static async Task TogetherAsync(Uri url, string token, int count, Func<HttpClient, Task> act, CancellationToken stop)
    {
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var client = new HttpClient { BaseAddress = url };
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            while (Interlocked.Decrement(ref left) >= 0) await act(client);
        }, stop)));
    }

    /// <summary>Waits until nothing is left to send and nothing has been handled for a second; returns how long that quiet was.</summary>
    private static async Task<TimeSpan> UntilHandledAsync(Cluster cluster, CancellationToken stop)
    {
        var last = -1L;
        var since = Stopwatch.GetTimestamp();
        await Poll.UntilAsync(async cancel =>
        {
            var waiting = await SumAsync(cluster, """select count(*) from "Outbox" where "SentAt" is null and "NotBefore" is null""", cancel);
            var handled = await HandledAsync(cluster, cancel);
            if (handled != last || waiting > 0) (last, since) = (handled, Stopwatch.GetTimestamp());
            return Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(1);
        }, TimeSpan.FromMinutes(5), () => "every event handled", stop);
        return Stopwatch.GetElapsedTime(since);
    }

    private static async Task LeaseAsync(Cluster cluster, string service, DateTimeOffset until, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(cluster.Database.ConnectionStringTo("tutti_" + service));
        await connection.OpenAsync(stop);
        await using var command = new NpgsqlCommand("""update "DispatcherLease" set "Owner" = @owner, "Until" = @until""", connection)
        {
            Parameters = { new("owner", Guid.CreateVersion7()), new("until", until.UtcDateTime) },
        };
        await command.ExecuteNonQueryAsync(stop);
    }

    private static Task<long> HandledAsync(Cluster cluster, CancellationToken stop) => SumAsync(cluster, """select count(*) from "Inbox" """, stop);

    private static Task<long> SentAsync(Cluster cluster, CancellationToken stop) => SumAsync(cluster, """select count(*) from "Outbox" where "SentAt" is not null""", stop);

    private static async Task<long> SumAsync(Cluster cluster, string sql, CancellationToken stop)
    {
        var sum = 0L;
        foreach (var database in (string[])["catalogue", "proposals", "review", "scheduling", "cellpool", "reduction"]) sum += await CountAsync(cluster, database, sql, stop);
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
