
namespace Tutti.Testing.Tests;

[Trait("needs", "servers")]
public sealed class When_the_process_that_started_servers
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_killed_they_end_too()
    {
        using var folder = new TemporaryFolder("killed-starter");
        var mark = Path.Combine(folder.Path, "started");
        await using var starter = await ChildProcess.StartAsync(StandIn.Run(folder, "hold-servers", mark));
        await Poll.UntilAsync(() => File.Exists(mark) || starter.HasExited, Long, () => $"the servers are started\n{starter.LastLines()}", Stop);
        Assert.False(starter.HasExited, starter.LastLines());
        var servers = ProcessTree.Below(starter.Id);
        Assert.True(servers.Count >= 3, "A database, a broker and its port mapper should run.");

        // Only the starter: whoever is below it has to be ended by the kernel.
        starter.Send(Signal.Kill);
        await starter.Exited;

        await Poll.UntilAsync(
            () => !servers.Any(ProcessTree.IsAlive), Long, () => $"{servers.Count(ProcessTree.IsAlive)} of {servers.Count} processes are gone", Stop);
        foreach (var left in Directory.EnumerateDirectories(Path.GetTempPath(), $"tutti-test-{starter.Id}-*"))
            Directory.Delete(left, recursive: true);
    }

    [Fact]
    public async Task Ends_without_disposing_of_them_they_and_their_folders_are_gone()
    {
        using var folder = new TemporaryFolder("ending-starter");
        await using var starter = await ChildProcess.StartAsync(StandIn.Run(folder, "share-servers"));
        var seen = new HashSet<ProcessTree.Member>();
        await Poll.UntilAsync(
            () =>
            {
                seen.UnionWith(ProcessTree.Below(starter.Id));
                return starter.HasExited;
            },
            Long,
            () => $"the starter ends\n{starter.LastLines()}",
            Stop);

        Assert.Equal(0, starter.ExitCode);
        Assert.True(seen.Count >= 3, "A database, a broker and its port mapper should have run.");
        await Poll.UntilAsync(() => !seen.Any(ProcessTree.IsAlive), Long, () => "all that was started is gone", Stop);
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), $"tutti-test-{starter.Id}-*"));
    }
}
