using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Submitting;

/// <summary>What even an incomplete draft must keep to: lengths, counts, distinct ids, existing people.</summary>
internal static class DraftRules
{
    public static List<Problem> Check(ProposalText text, IReadOnlyList<Guid> team)
    {
        List<Problem> problems = [];
        Longest("text.title", text.Title, ProposalText.MaxTitle);
        Longest("text.abstract", text.Abstract, ProposalText.MaxAbstract);
        Longest("text.acceptedDeclaration", text.AcceptedDeclaration, ProposalText.MaxShort);
        Most("team", team.Count, ProposalText.MaxTeam);
        Most("text.adviceIds", text.AdviceIds.Count, ProposalText.MaxTeam);
        Most("text.samples", text.Samples.Count, ProposalText.MaxSamples);
        Most("text.experiments", text.Experiments.Count, ProposalText.MaxExperiments);
        Distinct("text.samples", text.Samples.Select(sample => sample.Id));
        Distinct("text.experiments", text.Experiments.Select(experiment => experiment.Id));
        foreach (var (index, sample) in text.Samples.Index())
        {
            Longest($"text.samples[{index}].name", sample.Name, ProposalText.MaxShort);
            Longest($"text.samples[{index}].composition", sample.Composition, ProposalText.MaxShort);
            Most($"text.samples[{index}].hazards", sample.Hazards.Count, ProposalText.MaxHazards);
            foreach (var (number, hazard) in sample.Hazards.Index()) Longest($"text.samples[{index}].hazards[{number}]", hazard, ProposalText.MaxShort);
        }
        foreach (var (index, experiment) in text.Experiments.Index())
        {
            Longest($"text.experiments[{index}].title", experiment.Title, ProposalText.MaxShort);
            Longest($"text.experiments[{index}].instrumentCode", experiment.InstrumentCode, 64);
            Longest($"text.experiments[{index}].cellDesignCode", experiment.CellDesignCode, 64);
            Longest($"text.experiments[{index}].group", experiment.Group, ProposalText.MaxGroup);
            Most($"text.experiments[{index}].equipment", experiment.Equipment.Count, ProposalText.MaxEquipment);
            foreach (var (number, kind) in experiment.Equipment.Index()) Longest($"text.experiments[{index}].equipment[{number}]", kind, 64);
            Most($"text.experiments[{index}].after", experiment.After.Count, ProposalText.MaxExperiments);
        }
        return problems;

        void Longest(string path, string? value, int limit)
        {
            if (value?.Length > limit) problems.Add(new(path, "text.too-long", $"At most {limit} characters; there are {value.Length}."));
        }

        void Most(string path, int count, int limit)
        {
            if (count > limit) problems.Add(new(path, "list.too-long", $"At most {limit} entries; there are {count}."));
        }

        void Distinct(string path, IEnumerable<Guid> ids)
        {
            foreach (var twice in ids.CountBy(id => id).Where(id => id.Value > 1)) problems.Add(new(path, "id.twice", $"The id {twice.Key} is used {twice.Value} times."));
        }
    }

    public static async Task<IEnumerable<Problem>> UnknownPeopleAsync(IReadOnlyList<Guid> people, ProposalsDb db, CancellationToken cancel)
    {
        var known = await db.People.Where(person => people.Contains(person.Id)).Select(person => person.Id).ToListAsync(cancel);
        return people.Index().Where(person => !known.Contains(person.Item)).Select(person => new Problem($"team[{person.Index}]", "person.unknown", $"Nobody has the id {person.Item}."));
    }
}
