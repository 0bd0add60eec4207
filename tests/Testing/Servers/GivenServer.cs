namespace Tutti.Testing;

/// <summary>A server somebody else runs: it is used, never started or stopped.</summary>
internal sealed class GivenServer(string what, string variable, int port) : IServerEngine
{
    public string Description => $"{what} given by {variable}";

    public int Port => port;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation) => throw new NotSupportedException($"{Description} is not ours to stop.");

    public Task KillAsync(CancellationToken cancellation) => throw new NotSupportedException($"{Description} is not ours to kill.");

    public string LastLines() => $"{Description}: its log is not ours to read.";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
