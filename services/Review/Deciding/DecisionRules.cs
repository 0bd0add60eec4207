using Tutti.Review.Judging;
using Tutti.ServiceDefaults;

namespace Tutti.Review.Deciding;

/// <summary>What a decision needs; everything that is wrong is told at once.</summary>
internal static class DecisionRules
{
    /// <summary>Whether a proposal has been decided upon in exactly this way already.</summary>
    public static bool IsInForce(Proposal proposal, DecideProposals.Decision decision) =>
        proposal.Outcome == decision.Outcome && proposal.Grants.ToHashSet().SetEquals(decision.Grants) && proposal.ReasonCodes.ToHashSet().SetEquals(decision.ReasonCodes);

    public static List<Problem> Check(string path, Proposal proposal, DecideProposals.Decision decision)
    {
        List<Problem> problems = [];
        Need(!proposal.Withdrawn, "proposalId", "proposal.withdrawn", "The team has taken it back.");
        Need(proposal.Rank is not null, "proposalId", "decision.not-ranked", "It has no place in the ranking yet.");
        Need(proposal.Outcome is null or Outcome.Reserve, "outcome", "decision.final", "It has been accepted or rejected already.");
        Need(proposal.Outcome is not Outcome.Reserve || decision.Outcome != Outcome.Reserve, "outcome", "decision.on-reserve", "It is on reserve already.");
        if (decision.Outcome == Outcome.Accepted) CheckGrants();
        else CheckReasons();
        return problems;

        void Need(bool holds, string member, string code, string message)
        {
            if (!holds) problems.Add(new($"{path}.{member}", code, message));
        }

        void CheckReasons()
        {
            Need(decision.Grants.Count == 0, "grants", "decision.grants", "Only an accepted proposal gets shifts.");
            Need(decision.ReasonCodes.Count > 0, "reasonCodes", "reason.missing", "Say why, by code.");
            Need(decision.ReasonCodes.Distinct().Count() == decision.ReasonCodes.Count, "reasonCodes", "reason.twice", "A reason is named twice.");
            foreach (var (index, code) in decision.ReasonCodes.Index())
                Need(ReasonCodes.All.Contains(code), $"reasonCodes[{index}]", "reason.unknown", $"A reason is one of: {string.Join(", ", ReasonCodes.All)}.");
        }

        void CheckGrants()
        {
            Need(decision.ReasonCodes.Count == 0, "reasonCodes", "decision.reasons", "An accepted proposal needs no reason codes.");
            Need(decision.Grants.Count > 0, "grants", "grant.none", "At least one experiment gets shifts.");
            Need(decision.Grants.DistinctBy(grant => grant.ExperimentId).Count() == decision.Grants.Count, "grants", "grant.twice", "An experiment is named twice.");
            var experiments = proposal.Text.Experiments.ToDictionary(experiment => experiment.ExperimentId);
            foreach (var (index, grant) in decision.Grants.Index())
            {
                var asked = experiments.GetValueOrDefault(grant.ExperimentId);
                Need(asked is not null, $"grants[{index}].experimentId", "grant.unknown", "The proposal has no such experiment.");
                Need(asked is null || (grant.Shifts >= 1 && grant.Shifts <= asked.Shifts), $"grants[{index}].shifts", "grant.shifts", $"1 to {asked?.Shifts} shifts can be granted.");
                Need(asked is null || !IsNotFeasible(grant.ExperimentId), $"grants[{index}].experimentId", "grant.not-feasible", "The experiment was judged not feasible.");
            }
            foreach (var missing in proposal.Text.Experiments.Where(experiment =>
                experiment.Required && !IsNotFeasible(experiment.ExperimentId) && decision.Grants.All(grant => grant.ExperimentId != experiment.ExperimentId)))
                Need(false, "grants", "grant.missing", $"The required experiment {missing.ExperimentId} gets no shifts.");
        }

        bool IsNotFeasible(Guid experiment) => proposal.TaskOn(experiment)?.Verdict == Verdict.NotFeasible;
    }
}
