using MassTransit;
using Tutti.Contracts.Proposals;

namespace Tutti.Review.Knowing;

/// <summary>A team took its proposal back: there is nothing to judge any more, what was judged stays written.</summary>
public sealed class WhenProposalWithdrawn(ReviewDb db) : IConsumer<ProposalWithdrawn>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalWithdrawn> context) =>
        (await db.KnownProposalAsync(context.Message.ProposalId, context.Message.CallId, context.CancellationToken)).Withdraw();
}
