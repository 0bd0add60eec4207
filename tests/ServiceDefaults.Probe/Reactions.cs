using MassTransit;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.ServiceDefaults.Probe;

/// <summary>One try of a reaction to handle something.</summary>
public sealed record Try(string Queue, Guid Subject, int Revision, ProbeDb Db, CancellationToken Cancel);

/// <summary>What a test wants to happen in the reactions of one host, besides the row they write.</summary>
public sealed class Script
{
    /// <summary>Before the reaction has changed anything.</summary>
    public Func<Try, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>After its changes have gone to the database, before they are committed.</summary>
    public Func<Try, Task> After { get; set; } = _ => Task.CompletedTask;

    internal async Task PlayAsync(Try one)
    {
        await Before(one);
        one.Db.Add(new Handled { Id = Guid.CreateVersion7(), Queue = one.Queue, Subject = one.Subject, Revision = one.Revision });
        await one.Db.SaveChangesAsync(one.Cancel);
        await After(one);
    }
}

/// <summary>Writes a row and says something itself.</summary>
public sealed class WhenProposalClosed(ProbeDb db, Script script) : IConsumer<ProposalClosed>
{
    public const string Queue = "probe-when-proposal-closed";

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalClosed> context)
    {
        var told = context.Message;
        await context.PublishAsync(new ProposalPlacedOnReserve { ProposalId = told.ProposalId, CallId = told.CallId, Revision = told.Revision });
        await script.PlayAsync(new Try(Queue, told.ProposalId, told.Revision, db, context.CancellationToken));
    }
}

/// <summary>Listens to the same event on a queue of its own.</summary>
public sealed class AlsoWhenProposalClosed(ProbeDb db, Script script) : IConsumer<ProposalClosed>
{
    public const string Queue = "probe-also-when-proposal-closed";

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ProposalClosed> context) =>
        script.PlayAsync(new Try(Queue, context.Message.ProposalId, context.Message.Revision, db, context.CancellationToken));
}

/// <summary>A timer that the service sets for itself.</summary>
public sealed class WhenCallClosingDue(ProbeDb db, Script script) : IConsumer<CallClosingDue>
{
    public const string Queue = "probe-when-call-closing-due";

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CallClosingDue> context) => script.PlayAsync(new Try(Queue, context.Message.CallId, 0, db, context.CancellationToken));
}

/// <summary>Counts what it hears of an experiment.</summary>
#pragma warning disable CS8618 // The base class sets states and events before this constructor runs.
public sealed class ExperimentLifecycle : MassTransitStateMachine<ExperimentLife>
{
    public const string Queue = "probe-experiment-lifecycle";

    public ExperimentLifecycle()
    {
        InstanceState(life => life.CurrentState);
        Event(() => Started, configure => configure.CorrelateById(context => context.Message.ExperimentId));
        Event(() => Finished, configure => configure.CorrelateById(context => context.Message.ExperimentId));
        Initially(
            When(Started).ThenAsync(HearAsync).TransitionTo(Known),
            When(Finished).ThenAsync(HearAsync).TransitionTo(Known));
        During(Known, When(Started).ThenAsync(HearAsync), When(Finished).ThenAsync(HearAsync));
    }

    public State Known { get; private set; }

    public Event<ExperimentStarted> Started { get; private set; }

    public Event<ExperimentFinished> Finished { get; private set; }

    private static Task HearAsync(BehaviorContext<ExperimentLife, ExperimentStarted> context)
    {
        context.Saga.Starts++;
        return PlayAsync(context, context.Message.Revision);
    }

    private static Task HearAsync(BehaviorContext<ExperimentLife, ExperimentFinished> context)
    {
        context.Saga.Finishes++;
        return PlayAsync(context, context.Message.Revision);
    }

    private static async Task PlayAsync<T>(BehaviorContext<ExperimentLife, T> context, int revision) where T : class
    {
        var services = context.GetPayload<IServiceProvider>();
        await services.GetRequiredService<Script>().Before(
            new Try(Queue, context.Saga.CorrelationId, revision, services.GetRequiredService<ProbeDb>(), context.CancellationToken));
    }
}
