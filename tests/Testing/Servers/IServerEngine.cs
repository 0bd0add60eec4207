namespace Tutti.Testing;

/// <summary>What runs a server: installed binaries, a container, or somebody else (an address given from outside).</summary>
internal interface IServerEngine : IAsyncDisposable
{
    /// <summary>For people, for example <c>PostgreSQL 15.18 from installed binaries on 127.0.0.1:15432</c>.</summary>
    string Description { get; }

    int Port { get; }

    /// <summary>Starts it, again on the same port and with the same data after a stop or a kill.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Orderly shutdown; data stays.</summary>
    Task StopAsync(CancellationToken cancellation);

    /// <summary>SIGKILL; data stays as it is on the disk at that moment.</summary>
    Task KillAsync(CancellationToken cancellation);

    /// <summary>The end of the server's log, for messages.</summary>
    string LastLines();
}
