using System.Text.Json;
using System.Net.Http.Json;
using System.Globalization;
using Tutti.Demo.Line;
using Tutti.Demo.Load;
using Tutti.Testing;

namespace Tutti.Demo;

/// <summary>The commands behind <c>./run</c>: <c>demo</c>, <c>load</c>, <c>distributed</c>, <c>distributed demo</c>.</summary>
internal static class Commands
{
    private static readonly Dictionary<string, string?> demoAccounts = new() { ["Tutti__Identity__DemoAccounts"] = "true" };

    public static async Task<int> RunAsync(string[] args, CancellationToken stop)
    {
        try
        {
            switch (args)
            {
                case ["demo", .. var rest]:
                    await DemoAsync(Data(rest), stop);
                    return 0;
                case ["load", .. var rest]:
                    await LoadAsync(rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 15, stop);
                    return 0;
                case ["distributed"]:
                    await DistributedAsync(stop);
                    return 0;
                case ["distributed", "demo", .. var rest]:
                    await DistributedDemoAsync(Data(rest), stop);
                    return 0;
                case ["distributed", "load", ..]:
                    await OutboxLoad.RunAsync(Console.Out, stop);
                    return 0;
                default:
                    await Console.Error.WriteLineAsync("usage: demo [--data FILE] | load [SECONDS] | distributed [demo [--data FILE] | load]");
                    return 2;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception failed) when (failed is RefusedException or TimeoutException or HttpRequestException or InvalidOperationException or FileNotFoundException)
        {
            await Console.Error.WriteLineAsync("The line broke: " + failed.Message);
            return 1;
        }
    }

    private static string? Data(string[] rest) => rest switch
    {
        [] => null,
        ["--data", var file] => File.Exists(file) ? file : throw new FileNotFoundException($"There is no file {file}."),
        _ => throw new InvalidOperationException("usage: demo [--data FILE]"),
    };

    private static async Task DemoAsync(string? data, CancellationToken stop)
    {
        var story = new Story(Console.Out);
        await using var all = await story.StepAsync("system", "starts in one process, on a temporary folder", () => AllInOneProcess.StartAsync(new AllInOneOptions { Settings = demoAccounts }, stop), started => started.Url.ToString());
        await LineAsync(all.Url, data, story, stop);
    }

    private static async Task DistributedDemoAsync(string? data, CancellationToken stop)
    {
        var story = new Story(Console.Out);
        await using var cluster = await story.StepAsync("system", "starts one process per service on RabbitMQ and PostgreSQL",
            () => Cluster.StartAsync(new ClusterOptions { Replicas = 1, Settings = demoAccounts, Progress = story.Tell }, stop), started => started.Url.ToString());
        await LineAsync(cluster.Url, data, story, stop);
        foreach (var late in await cluster.StopAsync()) story.Tell($"{late} had to be killed");
    }

    private static async Task LineAsync(Uri url, string? data, Story story, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = url };
        var output = Path.GetFullPath($"demo-output-{TimeProvider.System.GetLocalNow():yyyyMMdd-HHmmss}");
        Summary.Print(await new ProposalLine(http, new LineOptions(data, output), story).RunAsync(stop), Console.Out);
    }

    private static async Task DistributedAsync(CancellationToken stop)
    {
        var url = new Uri(Environment.GetEnvironmentVariable("TUTTI_URL") ?? "http://127.0.0.1:8080");
        await using var cluster = await Cluster.StartAsync(new ClusterOptions
        {
            Replicas = 1, Data = Environment.GetEnvironmentVariable("TUTTI_DATA"), GatewayPort = url.Port, Settings = demoAccounts, Progress = Console.WriteLine,
        }, stop);
        Console.WriteLine($"Tutti:      {cluster.Url}");
        Console.WriteLine($"API:        {new Uri(cluster.Url, "/docs")}");
        Console.WriteLine("Accounts:   the demo accounts of README.md, password tutti");
        Console.WriteLine("Ctrl-C ends it.");
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var late in await cluster.StopAsync()) Console.WriteLine($"{late} had to be killed");
    }

    private static async Task LoadAsync(int seconds, CancellationToken stop)
    {
        Console.WriteLine($"AllInOne on SQLite, synchronous=FULL; {Environment.ProcessorCount} cores, the client on the same; load of the machine before: {(await File.ReadAllTextAsync("/proc/loadavg", stop)).Trim()}");
        await using var all = await AllInOneProcess.StartAsync(new AllInOneOptions { Settings = demoAccounts }, stop);
        using var http = new HttpClient { BaseAddress = all.Url };
        var maria = await Caller.SignInAsync(http, "maria", stop);
        var call = await OpenCallAsync(http, stop);
        var load = new SubmissionLoad(all.Url, maria.Token, call, () => all.Process.CpuTime, () => all.Process.ResidentBytes, Console.Out);
        Console.WriteLine("warm-up, not counted:");
        await load.RunAsync(8, TimeSpan.FromSeconds(60), stop);
        foreach (var clients in (int[])[1, 8, 32]) await load.RunAsync(clients, TimeSpan.FromSeconds(seconds), stop);
        Console.WriteLine($"load of the machine after: {(await File.ReadAllTextAsync("/proc/loadavg", stop)).Trim()}");
    }

    /// <summary>An open call of the user office, and instruments that Proposals has heard of.</summary>
    internal static async Task<Guid> OpenCallAsync(HttpClient http, CancellationToken stop)
    {
        var olga = await Caller.SignInAsync(http, "olga", stop);
        using var office = new HttpClient { BaseAddress = http.BaseAddress };
        office.DefaultRequestHeaders.Authorization = new("Bearer", olga.Token);
        var call = await AnnounceAsync(office, olga.Id, stop);
        var maria = await Caller.SignInAsync(http, "maria", stop);
        var probe = (await maria.PostAsync("/api/proposals", new { callId = call }, stop)).GetProperty("id").GetGuid();
        using var draft = SubmissionLoad.Draft();
        await maria.PutAsync($"/api/proposals/{probe}", draft, stop);
        await Poll.UntilAsync(async cancel => (await maria.GetAsync($"/api/proposals/{probe}/submission/problems", cancel)).GetProperty("problems").GetArrayLength() == 0,
            TimeSpan.FromSeconds(60), () => "Proposals has heard of the instruments and people", stop);
        return call;
    }

    /// <summary>A call that is open at once; the client calls as somebody of the user office.</summary>
    internal static async Task<Guid> AnnounceAsync(HttpClient office, Guid chair, CancellationToken stop)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var answer = await office.PostAsJsonAsync("/api/proposals/calls", new
        {
            title = "Load", opensAt = now.AddMinutes(-1), closesAt = now.AddDays(1), boardFeasibilityRequired = true, panelChairId = chair, panelMemberIds = Array.Empty<Guid>(), beamtimeFrom = now.AddDays(30), beamtimeTo = now.AddDays(90),
        }, stop);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("id").GetGuid();
    }
}
