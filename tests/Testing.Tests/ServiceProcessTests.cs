
namespace Tutti.Testing.Tests;

public sealed class A_service_process : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly HttpClient Http = new();

    private readonly TemporaryFolder folder = new("service-process");
    private readonly ServiceProcess service;

    public A_service_process() => service = StandIn.Service(folder, ("Tutti__Answer", "42"));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await service.StartAsync();
        await service.WaitUntilReadyAsync(Long, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Gets_its_settings() => Assert.Equal("42", await Http.GetStringAsync(new Uri(service.Address, "/setting/Tutti__Answer"), Stop));

    [Fact]
    public void Tells_what_it_uses()
    {
        Assert.True(service.CpuTime > TimeSpan.Zero);
        Assert.True(service.ResidentBytes > 1_000_000);
    }

    [Fact]
    public void Has_its_output_kept() => Assert.Contains("Now listening on", service.LastLines(), StringComparison.Ordinal);

    [Fact]
    public async Task Is_gone_when_killed_and_back_on_the_same_address_when_restarted()
    {
        var first = service.Id;
        var before = service.CpuTime;

        await service.KillAsync();

        Assert.Null(ProcessTree.Find(first));
        Assert.False(service.IsRunning);
        Assert.False(service.EndedUnexpectedly);

        await service.RestartAsync(Long, Stop);

        Assert.NotEqual(first, service.Id);
        Assert.Equal("42", await Http.GetStringAsync(new Uri(service.Address, "/setting/Tutti__Answer"), Stop));
        Assert.True(service.CpuTime > before);
    }

    [Fact]
    public async Task Ends_in_order_when_asked_to()
    {
        Assert.True(await service.TerminateAsync(Long));

        Assert.False(service.IsRunning);
        Assert.False(service.EndedUnexpectedly);
        Assert.Contains("Application is shutting down", service.LastLines(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_ends_by_itself_is_noticed()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => Http.GetStringAsync(new Uri(service.Address, "/quit"), Stop));

        await Poll.UntilAsync(() => service.EndedUnexpectedly, Long, () => "the end is noticed", Stop);

        Assert.Contains("told to quit", service.LastLines(), StringComparison.Ordinal);
    }
}

public sealed class A_program_that_fails
{
    [Fact]
    public async Task Is_reported_with_its_last_words()
    {
        using var folder = new TemporaryFolder("failing");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ChildProcess.RunAsync(StandIn.Run(folder, "fail"), TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the reason it failed", failure.Message, StringComparison.Ordinal);
    }
}
