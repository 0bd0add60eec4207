using Microsoft.Data.Sqlite;
using Tutti.Demo;
using Tutti.Testing;

namespace Tutti.EndToEnd.Tests;

/// <summary>Embedded: the one process is killed again and again while proposals are being submitted.</summary>
public sealed class The_embedded_process_killed_at_random_moments(ITestOutputHelper output)
{
    private const int Kills = 10;

    [Fact]
    public async Task Carries_every_acknowledged_submission_to_its_end_exactly_once()
    {
        var random = new Random(20261122);
        await using var all = await AllInOneProcess.StartAsync(new AllInOneOptions { Settings = new Dictionary<string, string?> { ["Tutti__Identity__DemoAccounts"] = "true" } });
        using var http = new HttpClient { BaseAddress = all.Url };
        var maria = await Caller.SignInAsync(http, "maria", default);
        var submitters = new Submitters(all.Url, maria.Token, await Commands.OpenCallAsync(http, default));
        using var stop = new CancellationTokenSource();
        var running = submitters.RunAsync(4, TimeSpan.FromMilliseconds(40), stop.Token);
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(150, 1500));
            await all.KillAsync();
            await all.StartAgainAsync();
        }
        await Task.Delay(500);
        await stop.CancelAsync();
        await running;
        output.WriteLine($"{submitters.Acknowledged.Count} submissions were acknowledged over {Kills} kills");
        Assert.Empty(submitters.Surprises);
        Assert.True(submitters.Acknowledged.Count > Kills, "too few submissions to tell anything");
        await new Aftermath(service => new SqliteConnection($"Data Source={Path.Combine(all.Data, service + ".db")};Mode=ReadOnly")).CheckAsync(submitters.Acknowledged, TimeSpan.FromSeconds(60));
    }
}
