using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;

namespace Tutti.Reduction.Knowing;

/// <summary>
/// Learns who is on a team and at which instruments it measures, once shifts are granted: nobody has data before. A later grant replaces the team;
/// an experiment keeps the instrument of the latest grant that names it; a withdrawal is for ever. So the order in which these arrive does not matter.
/// </summary>
public sealed class WhenProposalMovesOn(ReductionDb db)
    : IConsumer<ProposalAccepted>, IConsumer<ProposalWithdrawn>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ProposalAccepted> context) =>
        LearnAsync(context.Message.ProposalId, context.Message.Revision, context.Message.Team, context.Message.Experiments, context.CancellationToken);

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalWithdrawn> context) =>
        (await ProposalAsync(context.Message.ProposalId, context.CancellationToken)).Withdrawn = true;

    private async Task LearnAsync(Guid id, int revision, IReadOnlyList<TeamMember> team, IReadOnlyList<ExperimentRequest> experiments, CancellationToken cancel)
    {
        var proposal = await ProposalAsync(id, cancel);
        if (proposal.Revision < revision)
        {
            var people = team.Select(member => member.PersonId).ToHashSet();
            proposal.Revision = revision;
            proposal.Team.RemoveAll(member => !people.Contains(member.PersonId));
            foreach (var person in people.Where(person => proposal.Team.TrueForAll(member => member.PersonId != person)))
                proposal.Team.Add(new KnownMember { ProposalId = id, PersonId = person });
            foreach (var member in proposal.Team) member.Leads = team.Any(told => told.PersonId == member.PersonId && told.PrincipalInvestigator);
        }
        foreach (var told in experiments.DistinctBy(experiment => experiment.ExperimentId))
        {
            var known = await db.Experiments.FindAsync([told.ExperimentId], cancel);
            if (known is null) db.Add(known = new KnownExperiment { Id = told.ExperimentId, ProposalId = id });
            else if (known.Revision >= revision) continue;
            (known.Revision, known.InstrumentCode) = (revision, told.InstrumentCode);
        }
    }

    private async Task<KnownProposal> ProposalAsync(Guid id, CancellationToken cancel)
    {
        var proposal = await db.Proposals.Include(x => x.Team).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) db.Add(proposal = new KnownProposal { Id = id });
        return proposal;
    }
}
