
namespace Tutti.Testing.Tests;

[Trait("needs", "servers")]
public sealed class A_cluster
{
    private static readonly HttpClient Http = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_migrated_started_survives_a_kill_of_a_replica_and_ends_in_order()
    {
        List<string> said = [];
        var cluster = await Cluster.StartAsync(
            new ClusterOptions
            {
                Replicas = 1,
                ReplicasOf = new Dictionary<string, int> { ["Proposals"] = 2 },
                Database = await SharedServers.PostgreSqlAsync(),
                Broker = await SharedServers.RabbitMqAsync(),
                Programs = _ => StandIn.Assembly,
                Progress = said.Add,
            },
            Stop);
        await using var _ = cluster;

        Assert.Equal(Cluster.Services.Count + 2, cluster.Processes.Count());
        Assert.Equal(
            Cluster.Services.Select(service => $"tutti_{service}".ToLowerInvariant()).Order(), await cluster.Database.DatabasesAsync(Stop));
        Assert.Contains(said, line => line.Contains(cluster.Broker.Description, StringComparison.Ordinal));
        Assert.Equal(
            string.Join(',', cluster.ReplicasOf("Proposals").Select(replica => replica.Address.GetLeftPart(UriPartial.Authority))),
            await Http.GetStringAsync(new Uri(cluster.Url, "/setting/Tutti__Services__Proposals"), Stop));
        Assert.Equal(
            cluster.Broker.Url.AbsoluteUri,
            await Http.GetStringAsync(new Uri(cluster.Replica("Review").Address, "/setting/Tutti__Broker__Url"), Stop));

        await cluster.KillAsync("Proposals", 1);
        Assert.False(cluster.Replica("Proposals", 1).IsRunning);
        Assert.True(cluster.Replica("Proposals").IsRunning);
        await cluster.RestartAsync("Proposals", 1, Stop);
        Assert.True(cluster.Replica("Proposals", 1).IsRunning);
        Assert.Empty(cluster.EndedUnexpectedly);

        Assert.Empty(await cluster.StopAsync());
        Assert.DoesNotContain(cluster.Processes, process => process.IsRunning);
    }
}

public sealed class The_embedded_process
{
    [Fact]
    public async Task Comes_back_after_a_kill_on_the_same_address_and_data()
    {
        await using var all = await AllInOneProcess.StartAsync(
            new AllInOneOptions { Programs = _ => StandIn.Assembly }, TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        await all.KillAsync();
        await all.StartAgainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(all.Data, await http.GetStringAsync(new Uri(all.Url, "/setting/Tutti__Data"), TestContext.Current.CancellationToken));
    }
}
