using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Review.Deciding;
using Tutti.Review.Judging;
using Tutti.ServiceDefaults;

namespace Tutti.Review.Grading;

/// <summary>The panel of a call, once it is closed, and the user office list its proposals and how far the review of each has come.</summary>
public static class ListProposals
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/calls/{id:guid}/proposals", Handle);

    internal static async Task<Results<Ok<List<Response>>, NotFound>> Handle(Guid id, ReviewDb db, ClaimsPrincipal person, CancellationToken cancel, int page = 1)
    {
        var reader = person.Id;
        var call = await db.Calls.AsNoTracking().SeenBy(person).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (call is null) return TypedResults.NotFound();
        var proposals = await db.Proposals.AsNoTracking().SeenInCall(person, db).Include(x => x.Tasks).Where(x => x.CallId == id)
            .OrderBy(x => x.SubmittedAt).ThenBy(x => x.Id).Page(page).AsSplitQuery().ToListAsync(cancel);
        var ids = proposals.ConvertAll(proposal => proposal.Id);
        var mine = await db.Grades.Where(grade => grade.PersonId == reader && ids.Contains(grade.ProposalId)).ToDictionaryAsync(grade => grade.ProposalId, grade => grade.Value, cancel);
        return TypedResults.Ok(proposals.ConvertAll(proposal => new Response
        {
            Id = proposal.Id, Title = proposal.Title, SubmittedAt = proposal.SubmittedAt, Withdrawn = proposal.Withdrawn,
            Ready = call.Closed && proposal.IsJudged && !proposal.Withdrawn, Experiments = Describe(proposal), BoardVerdict = proposal.TaskOn(null)?.Verdict,
            MyGrade = mine.TryGetValue(proposal.Id, out var grade) ? grade : null, Grade = proposal.Grade, Rank = proposal.Rank, Outcome = proposal.Outcome,
        }));
    }

    /// <summary>The experiments, those that are not feasible among them, with what was judged.</summary>
    internal static IReadOnlyList<Experiment> Describe(Proposal proposal) => [.. proposal.Text.Experiments.Select(experiment => new Experiment(
        experiment.ExperimentId, experiment.Title, experiment.InstrumentCode, experiment.Shifts, experiment.Required,
        proposal.TaskOn(experiment.ExperimentId)?.Verdict, proposal.TaskOn(experiment.ExperimentId)?.Comment))];

    /// <summary>One proposal.</summary>
    public sealed record Response
    {
        /// <summary>Id.</summary>
        public required Guid Id { get; init; }

        /// <summary>Title.</summary>
        public required string Title { get; init; }

        /// <summary>When it was submitted.</summary>
        public required DateTimeOffset SubmittedAt { get; init; }

        /// <summary>Whether the team took it back; only the user office still sees it then.</summary>
        public required bool Withdrawn { get; init; }

        /// <summary>Whether its call is closed and its feasibility judged, so that it can be graded.</summary>
        public required bool Ready { get; init; }

        /// <summary>Its experiments with their verdicts.</summary>
        public required IReadOnlyList<Experiment> Experiments { get; init; }

        /// <summary>Verdict of the board; null: none, or none required.</summary>
        public required Verdict? BoardVerdict { get; init; }

        /// <summary>The reader's own grade.</summary>
        public required int? MyGrade { get; init; }

        /// <summary>Mean grade, once the evaluation is completed.</summary>
        public required double? Grade { get; init; }

        /// <summary>Place in the ranking.</summary>
        public required int? Rank { get; init; }

        /// <summary>The decision in force.</summary>
        public required Outcome? Outcome { get; init; }
    }

    /// <summary>An experiment and what was judged of it.</summary>
    public sealed record Experiment(Guid ExperimentId, string Title, string InstrumentCode, int Shifts, bool Required, Verdict? Verdict, string? Comment);
}
