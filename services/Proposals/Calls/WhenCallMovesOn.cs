using MassTransit;
using Tutti.Contracts.Review;
using Tutti.Contracts.Scheduling;

namespace Tutti.Proposals.Calls;

/// <summary>Grades, a ranking or a published plan move a call forward.</summary>
public sealed class WhenCallMovesOn(ProposalsDb db) : IConsumer<EvaluationCompleted>, IConsumer<RankingDecided>, IConsumer<PlanPublished>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EvaluationCompleted> context) => ReachAsync(context.Message.CallId, CallStage.Evaluating, context.CancellationToken);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RankingDecided> context) => ReachAsync(context.Message.CallId, CallStage.Decided, context.CancellationToken);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<PlanPublished> context) => ReachAsync(context.Message.CallId, CallStage.Published, context.CancellationToken);

    private async Task ReachAsync(Guid callId, CallStage stage, CancellationToken cancel) =>
        (await db.Calls.FindAsync([callId], cancel))?.Reach(stage);
}
