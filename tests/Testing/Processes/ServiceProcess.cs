namespace Tutti.Testing;

/// <summary>How a service of Tutti is started.</summary>
public sealed record ServiceStart
{
    /// <summary>What people call it, for example <c>catalogue-2</c>; its log file has the same name.</summary>
    public required string Name { get; init; }

    /// <summary>The built assembly, run by <c>dotnet</c>.</summary>
    public required string Assembly { get; init; }

    /// <summary>Where it listens; it must be the same after a restart.</summary>
    public required Uri Address { get; init; }

    /// <summary>Folder for its log file.</summary>
    public required string Logs { get; init; }

    /// <summary>Configuration as environment variables (<c>Tutti__Database__Provider</c>, ...).</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();
}

/// <summary>One process of a service: can be killed, ended and started again on the same address with the same settings.</summary>
public sealed class ServiceProcess(ServiceStart start) : IAsyncDisposable
{
    private static readonly HttpClient Health = new() { Timeout = TimeSpan.FromSeconds(5) };

    private ChildProcess? process;
    private TimeSpan cpuOfEarlierRuns;
    private bool endWasWanted;

    public string Name => start.Name;

    public Uri Address => start.Address;

    /// <summary>The process id of the present or last run.</summary>
    public int Id => process?.Id ?? throw NotStarted();

    public bool IsRunning => process is { HasExited: false };

    /// <summary>Whether it ended although nobody killed or ended it.</summary>
    public bool EndedUnexpectedly => process is { HasExited: true } && !endWasWanted;

    /// <summary>User and system time of all runs; of a killed run what it had used when it was last asked for.</summary>
    public TimeSpan CpuTime => cpuOfEarlierRuns + (process?.CpuTime ?? TimeSpan.Zero);

    /// <summary>Resident memory in bytes, zero when it does not run.</summary>
    public long ResidentBytes => process?.ResidentBytes ?? 0;

    /// <summary>Starts it without waiting; see <see cref="WaitUntilReadyAsync"/>.</summary>
    public async Task StartAsync()
    {
        if (IsRunning)
            throw new InvalidOperationException($"{Name} already runs.");
        if (process is not null)
            await process.DisposeAsync();
        endWasWanted = false;
        process = await ChildProcess.StartAsync(Command([]));
    }

    /// <summary>Asks <c>/health/ready</c> until it answers 200; throws with the service's last lines if it ends or takes too long.</summary>
    public Task WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellation = default) =>
        Poll.UntilAsync(
            async stop =>
            {
                if (!IsRunning)
                    throw new InvalidOperationException($"{Name} ended before it was ready. Its last words:\n{LastLines()}");
                return await AnswersReadyAsync(stop);
            },
            timeout,
            () => $"{Name} answers {new Uri(Address, "/health/ready")}. Its last words:\n{LastLines()}",
            cancellation);

    /// <summary>Runs <c>migrate</c> of the same assembly with the same settings to its end.</summary>
    public Task MigrateAsync(TimeSpan timeout, CancellationToken cancellation = default) =>
        ChildProcess.RunAsync(Command(["migrate"]), timeout, cancellation);

    /// <summary>SIGKILL, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        var running = process ?? throw NotStarted();
        endWasWanted = true;
        cpuOfEarlierRuns += running.CpuTime;
        await running.KillAsync();
    }

    /// <summary>What it has started, and what that has.</summary>
    public IReadOnlyList<ProcessTree.Member> Below() => process is null ? [] : ProcessTree.Below(process.Id);

    /// <summary>SIGKILL to it alone, and waits until it is gone; what it had started has to end by itself.</summary>
    public async Task KillAloneAsync()
    {
        var running = process ?? throw NotStarted();
        endWasWanted = true;
        cpuOfEarlierRuns += running.CpuTime;
        running.Send(Signal.Kill);
        await running.Exited;
    }

    /// <summary>SIGTERM; false if it had to be killed after <paramref name="timeout"/>.</summary>
    public async Task<bool> TerminateAsync(TimeSpan timeout)
    {
        var running = process ?? throw NotStarted();
        endWasWanted = true;
        cpuOfEarlierRuns += running.CpuTime;
        return await running.StopAsync(Signal.Terminate, timeout);
    }

    /// <summary>Starts it again on the same address, killing it first if it still runs, and waits until it is ready.</summary>
    public async Task RestartAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (IsRunning)
            await KillAsync();
        await StartAsync();
        await WaitUntilReadyAsync(timeout, cancellation);
    }

    /// <summary>The end of what it wrote, of all runs.</summary>
    public string LastLines(int lines = 60) => LogTail.Read(LogFile, lines);

    public async ValueTask DisposeAsync()
    {
        endWasWanted = true;
        if (process is not null)
            await process.DisposeAsync();
    }

    private string LogFile => Path.Combine(start.Logs, $"{Name}.log");

    private InvalidOperationException NotStarted() => new($"{Name} was never started.");

    private async Task<bool> AnswersReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await Health.GetAsync(new Uri(Address, "/health/ready"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private ProcessStart Command(string[] arguments)
    {
        // Settings of the calling shell must not reach the service by accident.
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("Tutti__", StringComparison.OrdinalIgnoreCase) || name is "ASPNETCORE_URLS" or "URLS" or "DOTNET_URLS")
            .ToDictionary(name => name, _ => (string?)null);
        // A killed process would leave its diagnostic socket in the temporary folder.
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["ASPNETCORE_URLS"] = Address.GetLeftPart(UriPartial.Authority);
        foreach (var (name, value) in start.Settings)
            environment[name] = value;
        return new ProcessStart
        {
            Name = string.Join(' ', [Name, .. arguments]),
            File = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            Arguments = [start.Assembly, .. arguments],
            Environment = environment,
            Log = LogFile,
        };
    }
}
