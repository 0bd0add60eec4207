using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Probe;

namespace Tutti.ServiceDefaults.Tests;

public sealed class A_state_machine
{
    [Fact]
    public async Task Is_created_by_its_first_event_and_changed_by_the_next_in_any_order()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (started, finished) = Events();
        await host.SayAsync(finished);
        await UntilAsync(host, started.ExperimentId, (0, 1));
        await host.SayAsync(started);
        await UntilAsync(host, started.ExperimentId, (1, 1));
    }

    [Fact]
    public async Task Keeps_both_facts_of_two_events_at_the_same_moment()
    {
        await using var installation = await Installation.CreateAsync();
        // Both have read the instance before either writes: one of them loses and is tried again.
        var script = new Script { Before = _ => Task.Delay(100) };
        ProbeHost[] replicas = [await installation.StartAsync(script), await installation.StartAsync(script)];
        for (var round = 0; round < 5; round++)
        {
            var (started, finished) = Events();
            await Task.WhenAll(replicas[0].DeliverAsync(started, Guid.CreateVersion7()), replicas[1].DeliverAsync(finished, Guid.CreateVersion7()));
            await UntilAsync(replicas[0], started.ExperimentId, (1, 1));
            await Task.WhenAll(replicas[0].DeliverAsync(started, Guid.CreateVersion7()), replicas[1].DeliverAsync(finished, Guid.CreateVersion7()));
            await UntilAsync(replicas[0], started.ExperimentId, (2, 2));
        }
        Assert.Empty(await replicas[0].LettersAsync());
    }

    [Fact]
    public async Task Is_not_changed_by_a_second_delivery()
    {
        await using var installation = await Installation.CreateAsync();
        var host = await installation.StartAsync();
        var (started, finished) = Events();
        var id = Guid.CreateVersion7();
        await host.DeliverAsync(started, id);
        await host.UntilSettledAsync(id, 1);
        var before = await ReadAsync(host, started.ExperimentId);
        await host.DeliverAsync(started, id);
        await host.DeliverAsync(finished, Guid.CreateVersion7());
        await UntilAsync(host, started.ExperimentId, (1, 1));
        Assert.Equal(before.Version + 1, (await ReadAsync(host, started.ExperimentId)).Version);
        Assert.Empty(host.Traffic.Skipped);
    }

    internal static (ExperimentStarted Started, ExperimentFinished Finished) Events()
    {
        var (experiment, proposal, now) = (Guid.CreateVersion7(), Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        return (
            new ExperimentStarted { ExperimentId = experiment, ProposalId = proposal, Revision = 1, StartedAt = now },
            new ExperimentFinished { ExperimentId = experiment, ProposalId = proposal, Revision = 2, ShiftsUsed = 1, FinishedAt = now });
    }

    private static Task<ExperimentLife> ReadAsync(ProbeHost host, Guid experiment) => host.InAsync(db => db.Lives.AsNoTracking().SingleAsync(life => life.CorrelationId == experiment));

    private static Task UntilAsync(ProbeHost host, Guid experiment, (int Starts, int Finishes) facts) => host.UntilAsync(
        db => db.Lives.AnyAsync(life => life.CorrelationId == experiment && life.Starts == facts.Starts && life.Finishes == facts.Finishes),
        $"the facts {facts} of {experiment}");
}
