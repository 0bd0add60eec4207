using MassTransit;
using Tutti.Contracts.Proposals;

namespace Tutti.Review.Knowing;

/// <summary>Proposals asks for a judgment: there are tasks as soon as the text of that submission is known too.</summary>
public sealed class WhenFeasibilityAsked(ReviewDb db) : IConsumer<JudgeFeasibility>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<JudgeFeasibility> context)
    {
        var asked = context.Message;
        (await db.KnownProposalAsync(asked.ProposalId, asked.CallId, context.CancellationToken)).Ask(asked.Submission, asked.BoardRequired);
    }
}
