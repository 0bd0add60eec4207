using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;
using Tutti.ServiceDefaults.Probe;

namespace Tutti.ServiceDefaults.Tests;

public sealed class A_message_delivered_twice
{
    [Fact]
    public async Task Is_applied_once_and_counts_as_consumed()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (closed, id) = (ProbeHost.Closed(), Guid.CreateVersion7());
        await host.DeliverAsync(closed, id);
        await host.UntilSettledAsync(id);
        await host.DeliverAsync(closed, id);
        await host.DeliverAsync(closed, id);
        await AfterwardsAsync(host);
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId));
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue));
        Assert.Equal(1, await SaidAsync(host, closed.ProposalId));
        Assert.Empty(host.Traffic.Skipped);
        Assert.Empty(await host.LettersAsync());
    }

    [Fact]
    public async Task At_the_same_time_on_two_replicas_is_applied_once()
    {
        await using var installation = await Installation.CreateAsync();
        var slow = new Script { After = _ => Task.Delay(50) };
        ProbeHost[] replicas = [await installation.StartAsync(slow), await installation.StartAsync(slow)];
        for (var round = 0; round < 5; round++)
        {
            var (closed, id) = (ProbeHost.Closed(), Guid.CreateVersion7());
            await Task.WhenAll(Enumerable.Range(0, 6).Select(number => replicas[number % 2].DeliverAsync(closed, id)));
            await replicas[0].UntilSettledAsync(id);
            await AfterwardsAsync(replicas[0]);
            await AfterwardsAsync(replicas[1]);
            Assert.Equal(1, await replicas[0].HandledAsync(closed.ProposalId));
            Assert.Equal(1, await replicas[0].HandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue));
            Assert.Equal(1, await SaidAsync(replicas[0], closed.ProposalId));
        }
        Assert.All(replicas, replica => Assert.Empty(replica.Traffic.Skipped));
        Assert.Empty(await replicas[0].LettersAsync());
    }

    [Fact]
    public async Task Would_be_seen_here_if_it_were_not_taken()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        await host.DeliverToAsync(WhenProposalClosed.Queue, new CallClosed { CallId = Guid.CreateVersion7(), Revision = 1, ClosedAt = TimeProvider.System.GetUtcNow() }, Guid.CreateVersion7());
        await Testing.Poll.UntilAsync(() => host.Traffic.Skipped.Count == 1, TimeSpan.FromSeconds(30), () => "the message that nobody takes");
        Assert.Equal("proposals.call-closed", Assert.Single(await host.UntilLettersAsync(1)).Contract);
    }

    /// <summary>Every queue has handled a message that was delivered later, often enough that all slots of the queue were free once.</summary>
    private static async Task AfterwardsAsync(ProbeHost host)
    {
        foreach (var _ in Enumerable.Range(0, 3))
        {
            var id = Guid.CreateVersion7();
            await host.DeliverAsync(ProbeHost.Closed(), id);
            await host.UntilSettledAsync(id);
        }
    }

    private static Task<int> SaidAsync(ProbeHost host, Guid proposal) =>
        host.InAsync(db => db.Set<OutboxMessage>().CountAsync(row => row.Key == proposal.ToString() && row.Contract == "proposals.proposal-placed-on-reserve"));
}

public sealed class A_reaction_that_throws
{
    [Fact]
    public async Task Leaves_neither_state_nor_inbox_row_nor_outbox_row()
    {
        var closed = ProbeHost.Closed();
        var script = new Script { After = one => one.Queue == WhenProposalClosed.Queue ? throw new RuleViolation("probe.refused", "Never.") : Task.CompletedTask };
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync(script);
        await host.SayAsync(closed);
        await host.UntilLettersAsync(1);
        await host.UntilHandledAsync(closed.ProposalId, AlsoWhenProposalClosed.Queue);
        Assert.Equal(0, await host.HandledAsync(closed.ProposalId));
        Assert.Equal(0, await host.InAsync(db => db.Set<OutboxMessage>().CountAsync(row => row.Contract == "proposals.proposal-placed-on-reserve")));
    }

    [Fact]
    public async Task Succeeds_later_with_a_fresh_context_at_each_try()
    {
        var tries = new List<(Guid Context, int Tracked, int InInbox)>();
        var script = new Script
        {
            Before = async one =>
            {
                if (one.Queue != WhenProposalClosed.Queue) return;
                int InInbox = await one.Db.Set<InboxMessage>().CountAsync();
                lock (tries) tries.Add((one.Db.ContextId.InstanceId, one.Db.ChangeTracker.Entries<Handled>().Count(), InInbox));
            },
            After = one => one.Queue == WhenProposalClosed.Queue && tries.Count < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask,
        };
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync(script);
        var closed = ProbeHost.Closed();
        await host.SayAsync(closed);
        await host.UntilHandledAsync(closed.ProposalId);
        Assert.Equal(3, tries.Count);
        Assert.All(tries, one => Assert.Equal(0, one.Tracked));
        Assert.Equal(1, await host.HandledAsync(closed.ProposalId));
        Assert.Equal(1, await host.InAsync(db => db.Set<OutboxMessage>().CountAsync(row => row.Contract == "proposals.proposal-placed-on-reserve")));
        Assert.Empty(await host.LettersAsync());
    }
}
