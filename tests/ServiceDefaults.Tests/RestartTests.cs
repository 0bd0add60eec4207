using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;
using Tutti.ServiceDefaults.Probe;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

public sealed class What_was_acknowledged
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Before_a_kill_in_the_middle_of_handling_is_carried_to_its_end_once()
    {
        await using var installation = await Installation.CreateAsync();
        Guid[] said;
        installation.Settings["Probe:Blocked"] = "true";
        await using (var process = installation.Process())
        {
            await process.StartAsync();
            await process.WaitUntilReadyAsync(ReadyWithin);
            // The reaction to the first blocks for ever, and may keep the others from being written: what was acknowledged counts.
            var asked = Enumerable.Range(0, 5).Select(async _ => Guid.CreateVersion7() is var id && await AcknowledgedAsync(process, id) ? id : Guid.Empty).ToList();
            await Task.WhenAny(asked);
            await Task.Delay(500);
            await process.KillAsync();
            said = [.. (await Task.WhenAll(asked)).Where(id => id != Guid.Empty)];
            Assert.NotEmpty(said);
        }
        installation.Settings.Remove("Probe:Blocked");
        var second = await installation.StartAsync();
        await AllOnceAsync(second, said);
    }

    [Fact]
    public async Task Between_kills_at_random_moments_is_carried_to_its_end_once()
    {
        await using var installation = await Installation.CreateAsync();
        var acknowledged = new List<Guid>();
        await using (var process = installation.Process())
        {
            for (var round = 0; round < 4; round++)
            {
                await process.RestartAsync(ReadyWithin);
                using var stop = new CancellationTokenSource();
                var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        var id = Guid.CreateVersion7();
                        if (!await AcknowledgedAsync(process, id)) return;
                        lock (acknowledged) acknowledged.Add(id);
                    }
                })).ToList();
                int before, more = Random.Shared.Next(1, 60);
                lock (acknowledged) before = acknowledged.Count;
                await Poll.UntilAsync(() => acknowledged.Count >= before + more, ReadyWithin, () => $"{more} more acknowledged requests. {process.LastLines()}");
                await process.KillAsync();
                await stop.CancelAsync();
                await Task.WhenAll(clients);
            }
        }
        await AllOnceAsync(await installation.StartAsync(), acknowledged);
    }

    [Fact]
    public async Task Before_an_orderly_stop_is_no_dead_letter_although_its_reaction_was_interrupted()
    {
        await using var installation = await Installation.CreateAsync();
        var begun = new TaskCompletionSource();
        var script = new Script
        {
            Before = async one =>
            {
                if (one.Queue != WhenProposalClosed.Queue) return;
                begun.TrySetResult();
                await Task.Delay(Timeout.Infinite, one.Cancel);
            },
        };
        var id = Guid.CreateVersion7();
        await using (var first = await installation.StartAsync(script))
        {
            await first.SayAsync(ProbeHost.Closed(id));
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        var second = await installation.StartAsync();
        await AllOnceAsync(second, [id]);
    }

    private static async Task<bool> AcknowledgedAsync(ServiceProcess process, Guid id)
    {
        using var client = new HttpClient { BaseAddress = process.Address };
        try
        {
            return (await client.PostAsync(new Uri($"/api/probe/notes/{id}", UriKind.Relative), null)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // Killed: whether it was written is open, and nobody was told that it was.
        }
    }

    private static async Task AllOnceAsync(ProbeHost host, IReadOnlyCollection<Guid> said)
    {
        await host.QuietAsync();
        var expected = said.ToHashSet();
        await host.UntilAsync(async db =>
        {
            var rows = await db.Handled.Select(row => new { row.Subject, row.Queue }).ToListAsync();
            return expected.All(id => rows.Count(row => row.Subject == id) >= 2);
        }, $"{expected.Count} acknowledged requests are carried to their end");
        // What had been written without an answer is there with its event, or neither is.
        await host.UntilAsync(async db => await db.Handled.CountAsync() >= 2 * await db.Set<OutboxMessage>().CountAsync(row => row.Contract == "proposals.proposal-closed"), "all rows are handled");
        var handled = await host.InAsync(db => db.Handled.GroupBy(row => new { row.Subject, row.Queue }).Select(group => group.Count()).ToListAsync());
        Assert.All(handled, times => Assert.Equal(1, times));
        Assert.Equal(
            await host.InAsync(db => db.Set<OutboxMessage>().CountAsync(row => row.Contract == "proposals.proposal-closed")) * 2, handled.Count);
        Assert.Empty(await host.LettersAsync());
    }
}

public sealed class A_dispatchers_lease
{
    [Fact]
    [Trait("needs", "servers")]
    public async Task Lets_one_of_two_replicas_send_and_goes_to_the_other_when_that_one_stops()
    {
        await using var installation = await Installation.OnServersAsync();
        ProbeHost[] replicas = [await installation.StartAsync(), await installation.StartAsync()];
        for (var number = 0; number < 10; number++) await replicas[number % 2].SayAsync(ProbeHost.Closed());
        await replicas[0].QuietAsync();
        var sender = Assert.Single(replicas, replica => replica.Traffic.Sent.Count > 0);
        Assert.Equal(10, sender.Traffic.Sent.Count(sent => sent.Message is ProposalClosed));
        var other = replicas.Single(replica => replica != sender);

        await sender.DisposeAsync();
        var afterwards = ProbeHost.Closed();
        await other.SayAsync(afterwards);
        await other.UntilHandledAsync(afterwards.ProposalId);
        // It can be handled before the broker has confirmed it to the sender.
        await other.QuietAsync();
        Assert.Contains(other.Traffic.Sent, sent => sent.Message is ProposalClosed closed && closed.ProposalId == afterwards.ProposalId);
    }

    [Fact]
    public async Task Of_a_host_that_was_stopped_does_not_keep_the_next_waiting()
    {
        await using var installation = await Installation.CreateAsync();
        await using (var first = await installation.StartAsync())
        {
            var closed = ProbeHost.Closed();
            await first.SayAsync(closed);
            await first.UntilHandledAsync(closed.ProposalId);
        }
        await installation.StartAsync(beforeStart: async host =>
        {
            var until = await host.InAsync(db => db.Set<DispatcherLease>().Select(lease => lease.Until).SingleAsync());
            Assert.True(until <= TimeProvider.System.GetUtcNow());
        });
    }

    [Fact]
    [Trait("needs", "servers")]
    public async Task Of_a_replica_that_was_killed_runs_out_and_goes_to_the_other()
    {
        await using var installation = await Installation.OnServersAsync();
        var said = Guid.CreateVersion7();
        await using var killed = installation.Process();
        await killed.StartAsync();
        await killed.WaitUntilReadyAsync(TimeSpan.FromSeconds(60));
        var other = await installation.StartAsync();
        await other.UntilAsync(async db => await db.Set<DispatcherLease>().AnyAsync(), "somebody holds the lease");
        await killed.KillAsync();
        await other.SayAsync(ProbeHost.Closed(said));
        await other.UntilHandledAsync(said);
        await other.QuietAsync();
        Assert.Contains(other.Traffic.Sent, sent => sent.Message is ProposalClosed closed && closed.ProposalId == said);
    }

    [Fact]
    public async Task Of_a_killed_process_does_not_keep_the_embedded_one_waiting()
    {
        await using var installation = Installation.Embedded();
        var host = await installation.StartAsync(beforeStart: host => host.InAsync(async db =>
        {
            db.Add(new DispatcherLease { Id = 1, Owner = Guid.CreateVersion7(), Until = TimeProvider.System.GetUtcNow().AddDays(1) });
            await db.SaveChangesAsync();
        }));
        var closed = ProbeHost.Closed();
        await host.SayAsync(closed);
        await host.UntilHandledAsync(closed.ProposalId);
    }
}
