using Npgsql;
using Tutti.Demo;
using Tutti.Testing;

namespace Tutti.EndToEnd.Tests;

/// <summary>
/// Distributed: two replicas of each service on a real RabbitMQ and a real PostgreSQL; random ones are killed, the broker goes away. What has
/// been through all this then carries the demo's whole line.
/// </summary>
[Trait("needs", "servers")]
public sealed class Distributed_processes_killed_at_random_moments(ITestOutputHelper output)
{
    private const int Kills = 10;
    private static readonly string[] victims = ["Proposals", "Review", "Catalogue", "Scheduling", "CellPool", "Reduction"];

    [Fact]
    public async Task Carry_every_acknowledged_submission_to_its_end_exactly_once_even_while_the_broker_is_away_and_then_the_whole_line()
    {
        var random = new Random(20261122);
        await using var cluster = await Cluster.StartAsync(new ClusterOptions
        {
            Replicas = 2, Settings = new Dictionary<string, string?> { ["Tutti__Identity__DemoAccounts"] = "true" }, Progress = output.WriteLine,
        });
        using var http = new HttpClient { BaseAddress = cluster.Url };
        var maria = await Caller.SignInAsync(http, "maria", default);
        var submitters = new Submitters(cluster.Url, maria.Token, await Commands.OpenCallAsync(http, default));
        using var stop = new CancellationTokenSource();
        var running = submitters.RunAsync(6, TimeSpan.FromMilliseconds(400), stop.Token);
        Dictionary<(string, int), Task> restarts = [];
        for (var kill = 0; kill < Kills; kill++)
        {
            // Most of the time where the submissions are: at Proposals and Review. Others may still be on their way up.
            var victim = (Service: victims[random.Next(3) == 0 ? random.Next(victims.Length) : random.Next(2)], Replica: random.Next(2));
            await Task.Delay(random.Next(100, 2500));
            if (restarts.TryGetValue(victim, out var earlier)) await earlier;
            await cluster.KillAsync(victim.Service, victim.Replica);
            output.WriteLine($"killed {victim.Service}-{victim.Replica + 1}");
            restarts[victim] = cluster.RestartAsync(victim.Service, victim.Replica);
            if (kill == Kills / 2) await TakeBrokerAwayAsync(cluster, submitters);
        }
        await Task.WhenAll(restarts.Values);
        await stop.CancelAsync();
        await running;
        output.WriteLine($"{submitters.Acknowledged.Count} submissions were acknowledged over {Kills} kills and a broker outage");
        Assert.Empty(submitters.Surprises);
        Assert.Empty(cluster.EndedUnexpectedly);
        await new Aftermath(service => new NpgsqlConnection(cluster.Database.ConnectionStringTo("tutti_" + service))).CheckAsync(submitters.Acknowledged, TimeSpan.FromSeconds(120));

        await The_whole_line.CheckAsync(cluster.Url, output);
        Assert.Empty(cluster.EndedUnexpectedly);
        Assert.Empty(await cluster.StopAsync());
    }

    private async Task TakeBrokerAwayAsync(Cluster cluster, Submitters submitters)
    {
        await cluster.Broker.StopAsync();
        var before = submitters.Acknowledged.Count;
        await Task.Delay(TimeSpan.FromSeconds(12));
        var first = submitters.Acknowledged.Count - before;
        await Task.Delay(TimeSpan.FromSeconds(8));
        var last = submitters.Acknowledged.Count - before - first;
        await cluster.Broker.StartAgainAsync();
        output.WriteLine($"the broker was away for 20 s; {first} submissions were acknowledged in the first 12 s and {last} in the last 8 s");
        Assert.True(last > 0, "Submissions must be acknowledged as long as the broker is away.");
    }
}
