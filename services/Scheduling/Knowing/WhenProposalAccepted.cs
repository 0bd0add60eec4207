using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;

namespace Tutti.Scheduling.Knowing;

/// <summary>Learns what was granted to a proposal; where it has been withdrawn meanwhile, nothing of it is planned.</summary>
public sealed class WhenProposalAccepted(SchedulingDb db, TimeProvider time) : IConsumer<ProposalAccepted>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ProposalAccepted> context)
    {
        var (told, cancel) = (context.Message, context.CancellationToken);
        var known = await db.Proposals.Include(x => x.Team).SingleOrDefaultAsync(x => x.Id == told.ProposalId, cancel);
        if (known is null) db.Add(known = new GrantedProposal { Id = told.ProposalId, CallId = told.CallId });
        else if (known.Revision >= told.Revision) return;

        (known.Revision, known.Title, known.Grade, known.BeamtimeFrom, known.BeamtimeTo) = (told.Revision, told.Title, told.Grade, told.BeamtimeFrom, told.BeamtimeTo);
        var leader = told.Team.FirstOrDefault(member => member.PrincipalInvestigator);
        (known.LeaderId, known.LeaderCountry, known.LeaderGroup) = (leader?.PersonId, leader?.Country, leader?.Group ?? "");
        var people = told.Team.Select(member => member.PersonId).ToHashSet();
        known.Team.RemoveAll(member => !people.Contains(member.PersonId));
        known.Team.AddRange(people.Where(person => known.Team.All(member => member.PersonId != person)).Select(person => new Member { ProposalId = known.Id, PersonId = person }));
        await GrantAsync(known, told.Experiments, cancel);
    }

    private async Task GrantAsync(GrantedProposal proposal, IReadOnlyList<ExperimentRequest> granted, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var experiments = await db.Experiments.Include(x => x.History).Where(x => x.ProposalId == proposal.Id).ToListAsync(cancel);
        // No longer granted and never promised: it leaves no trace, as if only the later revision had been heard.
        db.RemoveRange(experiments.Where(one => one.PlanId is null && granted.All(grant => grant.ExperimentId != one.Id)));
        foreach (var grant in granted.Where(grant => grant.Shifts > 0).DistinctBy(grant => grant.ExperimentId))
        {
            var experiment = experiments.Find(one => one.Id == grant.ExperimentId);
            if (experiment is null) db.Add(experiment = Experiment.Grant(proposal.Id, proposal.CallId, grant));
            else experiment.Regrant(grant);
            if (proposal.WithdrawnAt is { } withdrawnAt) experiment.Cancel(proposal.WithdrawalReason ?? "", Guid.CreateVersion7(now), withdrawnAt);
        }
    }
}
