using MassTransit;
using Tutti.Contracts.Review;

namespace Tutti.Proposals.Knowing;

/// <summary>Learns which advice a draft may build on.</summary>
public sealed class WhenAdviceGiven(ProposalsDb db) : IConsumer<AdviceGiven>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<AdviceGiven> context)
    {
        var told = context.Message;
        if (await db.Advice.FindAsync([told.AdviceId], context.CancellationToken) is null)
            db.Add(new KnownAdvice { Id = told.AdviceId, AskedBy = told.AskedBy });
    }
}
