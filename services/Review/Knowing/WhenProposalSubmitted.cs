using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;

namespace Tutti.Review.Knowing;

/// <summary>Learns what a team has submitted, for the first time or after a revision.</summary>
public sealed class WhenProposalSubmitted(ReviewDb db) : IConsumer<ProposalSubmitted>, IConsumer<ProposalRevised>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalSubmitted> context)
    {
        var told = context.Message;
        var proposal = await db.KnownProposalAsync(told.ProposalId, told.CallId, context.CancellationToken);
        proposal.Learn(told.Submission, told.SubmittedAt, told.Title, new SubmittedText(told.Abstract, told.Team, told.Experiments, told.Samples),
            await AdvisorsAsync(told.AdviceIds, context.CancellationToken));
    }

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalRevised> context)
    {
        var told = context.Message;
        var proposal = await db.KnownProposalAsync(told.ProposalId, told.CallId, context.CancellationToken);
        proposal.Learn(told.Submission, told.SubmittedAt, told.Title, new SubmittedText(told.Abstract, told.Team, told.Experiments, told.Samples),
            await AdvisorsAsync(told.AdviceIds, context.CancellationToken));
    }

    // The advice is our own: it was given here before a proposal could name it.
    private async Task<HashSet<Guid>> AdvisorsAsync(IReadOnlyList<Guid> advice, CancellationToken cancel) =>
        advice.Count == 0 ? [] : [.. await db.Advice.Where(known => advice.Contains(known.Id) && known.AdvisorId != null).Select(known => known.AdvisorId ?? Guid.Empty).ToListAsync(cancel)];
}
