using Tutti.Proposals.Knowing;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Submitting;

/// <summary>Everything a proposal needs before it can be submitted; all that is missing is told at once.</summary>
internal static class SubmissionRules
{
    private const int MaxShifts = 90, MaxDates = 50, MaxGapHours = 24 * 366;

    public static List<Problem> Check(
        ProposalText text, IReadOnlyList<Guid> team, IReadOnlyDictionary<string, KnownInstrument> instruments, IReadOnlySet<string> equipment, IReadOnlySet<Guid> people, IReadOnlySet<Guid> advice)
    {
        List<Problem> problems = [.. DraftRules.Check(text, team)];
        Need(!string.IsNullOrWhiteSpace(text.Title), "text.title", "title.missing", "A title is needed.");
        Need(!string.IsNullOrWhiteSpace(text.Abstract), "text.abstract", "abstract.missing", "An abstract is needed.");
        Need(text.Experiments.Count > 0, "text.experiments", "experiments.missing", "At least one experiment is needed.");
        Need(text.Experiments.Count == 0 || text.Experiments.Any(experiment => experiment.Required), "text.experiments", "experiments.none-required", "At least one experiment must be required.");
        Need(text.Samples.Count > 0, "text.samples", "samples.missing", "At least one sample is needed.");
        Need(text.AcceptedDeclaration is not null, "text.acceptedDeclaration", "declaration.missing", "The declaration to acknowledge the access must be accepted.");
        Need(text.AcceptedDeclaration is null or Declaration.Version, "text.acceptedDeclaration", "declaration.outdated", $"The declaration in force is {Declaration.Version}.");
        Need(text.WouldMakeVideo is not null, "text.wouldMakeVideo", "video.unanswered", "Say whether you would make a short video if results get published.");
        foreach (var (index, person) in team.Index()) Need(people.Contains(person), $"team[{index}]", "person.unknown", $"Nobody has the id {person}.");
        foreach (var (index, id) in text.AdviceIds.Index()) Need(advice.Contains(id), $"text.adviceIds[{index}]", "advice.unknown", "No advice given to this team has this id.");
        foreach (var (index, sample) in text.Samples.Index())
        {
            Need(!string.IsNullOrWhiteSpace(sample.Name), $"text.samples[{index}].name", "sample.name-missing", "A sample needs a name.");
            Need(!string.IsNullOrWhiteSpace(sample.Composition), $"text.samples[{index}].composition", "sample.composition-missing", "A sample needs a composition.");
        }
        foreach (var (index, experiment) in text.Experiments.Index()) CheckExperiment($"text.experiments[{index}]", experiment);
        if (HasCycle(text.Experiments)) problems.Add(new("text.experiments", "order.cycle", "The order of the experiments contradicts itself."));
        return problems;

        void Need(bool holds, string path, string code, string message)
        {
            if (!holds) problems.Add(new(path, code, message));
        }

        void CheckExperiment(string path, Experiment experiment)
        {
            var instrument = instruments.GetValueOrDefault(experiment.InstrumentCode);
            Need(instrument is not null, $"{path}.instrumentCode", "instrument.unknown", $"No instrument is called {experiment.InstrumentCode}.");
            Need(instrument is null || instrument.InScheme, $"{path}.instrumentCode", "instrument.not-in-scheme", "This instrument cannot be asked for in a proposal.");
            Need(experiment.Shifts is >= 1 and <= MaxShifts, $"{path}.shifts", "shifts.range", $"1 to {MaxShifts} shifts can be asked for.");
            Need(experiment.MinShifts is null || (experiment.MinShifts >= 1 && experiment.MinShifts <= experiment.Shifts), $"{path}.minShifts", "shifts.least", "The fewest shifts of use are from 1 to those asked for.");
            foreach (var (name, dates) in new[] { ("preferred", experiment.Preferred), ("unacceptable", experiment.Unacceptable) })
            {
                Need(dates.Count <= MaxDates, $"{path}.{name}", "dates.many", $"At most {MaxDates} intervals.");
                foreach (var (number, interval) in dates.Take(MaxDates).Index()) Need(interval.From < interval.To, $"{path}.{name}[{number}]", "dates.order", "An interval ends after it begins.");
            }
            Need(experiment.Mode is not null, $"{path}.mode", "mode.missing", "Say whether it is ex situ, in situ or operando.");
            Need(experiment.Mode is not { } mode || instrument?.Excludes(mode) != true, $"{path}.mode", "mode.excluded", "The instrument excludes this mode.");
            Need(experiment.Mode is null or ExperimentMode.ExSitu || experiment.CellDesignCode is not null || experiment.BringsOwnCell,
                $"{path}.cellDesignCode", "cell.missing", "In situ and operando work needs a cell: ask for one from the pool or bring your own.");
            Need(experiment.Equipment.Distinct().Count() == experiment.Equipment.Count, $"{path}.equipment", "equipment.twice", "Name every kind of equipment once: one piece of it is held.");
            foreach (var (number, kind) in experiment.Equipment.Index()) Need(equipment.Contains(kind), $"{path}.equipment[{number}]", "equipment.unknown", $"No kind of laboratory equipment is called {kind}.");
            Need(experiment.SampleId is { } sample && text.Samples.Any(known => known.Id == sample), $"{path}.sampleId", "sample.unknown", "Name one of the samples.");
            Need(experiment.Group is null || !experiment.Required, $"{path}.group", "group.required", "Required experiments get their places all or none already: only others are tied together.");
            Need(experiment.Group is null || experiment.Required || text.Experiments.Count(known => !known.Required && known.Group == experiment.Group) > 1,
                $"{path}.group", "group.of-one", "No other experiment that is not required has this group.");
            foreach (var (number, after) in experiment.After.Index())
            {
                var earlier = $"{path}.after[{number}]";
                Need(after.ExperimentId != experiment.Id && text.Experiments.Any(known => known.Id == after.ExperimentId), $"{earlier}.experimentId", "order.unknown", "Name another experiment of this proposal.");
                Need(after.MinGapHours is >= 0 and <= MaxGapHours, $"{earlier}.minGapHours", "order.gap", $"A gap has 0 to {MaxGapHours} hours.");
                Need(after.MaxGapHours is null || (after.MaxGapHours >= after.MinGapHours && after.MaxGapHours <= MaxGapHours), $"{earlier}.maxGapHours", "order.gap", $"The longest gap is at least the shortest and at most {MaxGapHours} hours.");
            }
        }
    }

    private static bool HasCycle(IReadOnlyList<Experiment> experiments)
    {
        var left = experiments.DistinctBy(experiment => experiment.Id).ToDictionary(experiment => experiment.Id, experiment => experiment.After.Select(after => after.ExperimentId).ToHashSet());
        foreach (var before in left.Values) before.IntersectWith(left.Keys);
        while (left.FirstOrDefault(experiment => experiment.Value.Count == 0) is { Value: not null } free)
        {
            left.Remove(free.Key);
            foreach (var before in left.Values) before.Remove(free.Key);
        }
        return left.Count > 0;
    }
}
