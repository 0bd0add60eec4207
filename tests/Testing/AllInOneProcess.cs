namespace Tutti.Testing;

/// <summary>How the embedded process, all services in one, is started.</summary>
public sealed record AllInOneOptions
{
    /// <summary>Databases and files; null for a folder that goes away with the process. The process can be killed and started on it again.</summary>
    public string? Data { get; init; }

    /// <summary>A fixed port; null for a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Further configuration, by environment variable.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Finds the built assembly of a program by its project's name; null for this repository's build output.</summary>
    public Func<string, string>? Programs { get; init; }

    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Tutti in one process (SQLite, broker in memory): can be killed and started again on the same data folder and port.</summary>
public sealed class AllInOneProcess : IAsyncDisposable
{
    private const string Program = "Tutti.AllInOne";

    private readonly AllInOneOptions options;
    private readonly TemporaryFolder? temporary;

    private AllInOneProcess(AllInOneOptions options)
    {
        this.options = options;
        temporary = options.Data is null ? new TemporaryFolder("all-in-one") : null;
        Data = Path.GetFullPath(options.Data ?? Path.Combine(temporary?.Path ?? "", "data"));
        Directory.CreateDirectory(Data);
        Process = new ServiceProcess(new ServiceStart
        {
            Name = "all-in-one",
            Assembly = (options.Programs ?? BuildOutput.OfThisRepository().Assembly)(Program),
            Address = new Uri($"http://127.0.0.1:{options.Port ?? FreePorts.Next()}"),
            Logs = temporary?.Path ?? Path.Combine(Data, "logs"),
            Settings = new Dictionary<string, string?>(options.Settings) { ["Tutti__Data"] = Data },
        });
    }

    public string Data { get; }

    public Uri Url => Process.Address;

    public ServiceProcess Process { get; }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<AllInOneProcess> StartAsync(AllInOneOptions? options = null, CancellationToken cancellation = default)
    {
        var all = new AllInOneProcess(options ?? new AllInOneOptions());
        try
        {
            await all.StartAgainAsync(cancellation);
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>Starts it after a kill, on the same data folder and port, and waits until it is ready.</summary>
    public Task StartAgainAsync(CancellationToken cancellation = default) => Process.RestartAsync(options.ReadyWithin, cancellation);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        temporary?.Dispose();
    }
}
