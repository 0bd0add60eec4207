using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Proposals.Knowing;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Submitting;

/// <summary>What a submission is checked against and told with: the instruments, equipment, people and advice it names.</summary>
internal sealed class SubmissionNeeds(Dictionary<string, KnownInstrument> instruments, HashSet<string> equipment, Dictionary<Guid, KnownPerson> people, HashSet<Guid> advice)
{
    public static async Task<SubmissionNeeds> LoadAsync(Proposal proposal, ProposalsDb db, CancellationToken cancel)
    {
        var codes = proposal.Text.Experiments.Select(experiment => experiment.InstrumentCode).Distinct().ToList();
        var team = proposal.Team.ConvertAll(member => member.PersonId);
        var instruments = codes.Count == 0 ? [] : await db.Instruments.AsNoTracking().Where(known => codes.Contains(known.Code)).ToDictionaryAsync(known => known.Code, cancel);
        var kinds = proposal.Text.Experiments.SelectMany(experiment => experiment.Equipment).Distinct().ToList();
        var equipment = kinds.Count == 0 ? [] : await db.EquipmentKinds.Where(known => kinds.Contains(known.Code)).Select(known => known.Code).ToHashSetAsync(cancel);
        var people = await db.People.AsNoTracking().Where(known => team.Contains(known.Id)).ToDictionaryAsync(known => known.Id, cancel);
        var ids = proposal.Text.AdviceIds;
        var advice = ids.Count == 0 ? [] : await db.Advice.Where(known => ids.Contains(known.Id) && team.Contains(known.AskedBy)).Select(known => known.Id).ToHashSetAsync(cancel);
        return new SubmissionNeeds(instruments, equipment, people, advice);
    }

    public List<Problem> Check(Proposal proposal) =>
        SubmissionRules.Check(proposal.Text, proposal.Team.ConvertAll(member => member.PersonId), instruments, equipment, people.Keys.ToHashSet(), advice);

    public ProposalSubmitted Submitted(Proposal proposal) => new()
    {
        ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision(), Submission = proposal.Submission, Title = proposal.Title, Abstract = proposal.Text.Abstract,
        Team = Team(proposal), Experiments = Requests(proposal.Text), Samples = Samples(proposal.Text), AdviceIds = proposal.Text.AdviceIds, SubmittedAt = proposal.SubmittedAt ?? proposal.ChangedAt,
    };

    public ProposalRevised Revised(Proposal proposal) => new()
    {
        ProposalId = proposal.Id, CallId = proposal.CallId, Revision = proposal.NextRevision(), Submission = proposal.Submission, Title = proposal.Title, Abstract = proposal.Text.Abstract,
        Team = Team(proposal), Experiments = Requests(proposal.Text), Samples = Samples(proposal.Text), AdviceIds = proposal.Text.AdviceIds, SubmittedAt = proposal.SubmittedAt ?? proposal.ChangedAt,
    };

    public List<TeamMember> Team(Proposal proposal) => proposal.Team.ConvertAll(member => new TeamMember
    {
        PersonId = member.PersonId, Name = people.GetValueOrDefault(member.PersonId)?.Name ?? "", Group = people.GetValueOrDefault(member.PersonId)?.Group ?? "",
        Country = people.GetValueOrDefault(member.PersonId)?.Country, PrincipalInvestigator = member.Leads,
    });

    public static List<ExperimentRequest> Requests(ProposalText text, IReadOnlyDictionary<Guid, int>? grants = null) =>
        [.. text.Experiments.Where(experiment => grants is null || grants.ContainsKey(experiment.Id)).Select(experiment => new ExperimentRequest
        {
            ExperimentId = experiment.Id, Title = experiment.Title, InstrumentCode = experiment.InstrumentCode, AnyInstrument = experiment.AnyInstrument, Shifts = grants?[experiment.Id] ?? experiment.Shifts,
            Mode = experiment.Mode switch
            {
                ExperimentMode.ExSitu => "ex-situ",
                ExperimentMode.InSitu => "in-situ",
                ExperimentMode.Operando => "operando",
                null => "",
            },
            MinShifts = experiment.MinShifts is { } least ? Math.Min(least, grants?[experiment.Id] ?? experiment.Shifts) : null, Preferred = experiment.Preferred, Unacceptable = experiment.Unacceptable,
            SampleId = experiment.SampleId, CellDesignCode = experiment.CellDesignCode, Equipment = experiment.Equipment, Required = experiment.Required, Group = experiment.Group,
            After = [.. experiment.After.Where(after => grants is null || grants.ContainsKey(after.ExperimentId))
                .Select(after => new ExperimentOrder { ExperimentId = after.ExperimentId, MinGapHours = after.MinGapHours, MaxGapHours = after.MaxGapHours })],
        })];

    private static List<SampleDeclared> Samples(ProposalText text) =>
        [.. text.Samples.Select(sample => new SampleDeclared { SampleId = sample.Id, Name = sample.Name, Composition = sample.Composition, Hazards = sample.Hazards, AirSensitive = sample.AirSensitive })];
}
