using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Review.Grading;
using Tutti.Review.Judging;

namespace Tutti.Review.Reading;

/// <summary>Who judges reads what the team has written and what was judged so far. In conflict, it does not exist for them.</summary>
public static class ReadProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/proposals/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReviewDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var proposal = await db.Proposals.AsNoTracking().SeenBy(person, db).Include(x => x.Tasks).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) return TypedResults.NotFound();
        return TypedResults.Ok(new Response
        {
            Id = proposal.Id, CallId = proposal.CallId, Submission = proposal.Submission, SubmittedAt = proposal.SubmittedAt, Title = proposal.Title, Abstract = proposal.Text.Abstract,
            Team = proposal.Text.Team, Experiments = proposal.Text.Experiments, Samples = proposal.Text.Samples, Verdicts = ListProposals.Describe(proposal),
            BoardRequired = proposal.BoardRequired, BoardVerdict = proposal.TaskOn(null)?.Verdict, BoardComment = proposal.TaskOn(null)?.Comment,
        });
    }

    /// <summary>A proposal as those who judge it see it.</summary>
    public sealed record Response
    {
        /// <summary>Id.</summary>
        public required Guid Id { get; init; }

        /// <summary>Its call.</summary>
        public required Guid CallId { get; init; }

        /// <summary>Which submission this is.</summary>
        public required int Submission { get; init; }

        /// <summary>When it was submitted.</summary>
        public required DateTimeOffset SubmittedAt { get; init; }

        /// <summary>Title.</summary>
        public required string Title { get; init; }

        /// <summary>Scientific abstract.</summary>
        public required string Abstract { get; init; }

        /// <summary>The team.</summary>
        public required IReadOnlyList<TeamMember> Team { get; init; }

        /// <summary>Experiments asked for.</summary>
        public required IReadOnlyList<ExperimentRequest> Experiments { get; init; }

        /// <summary>Samples.</summary>
        public required IReadOnlyList<SampleDeclared> Samples { get; init; }

        /// <summary>What was judged of each experiment.</summary>
        public required IReadOnlyList<ListProposals.Experiment> Verdicts { get; init; }

        /// <summary>Whether the board judges it.</summary>
        public required bool BoardRequired { get; init; }

        /// <summary>Verdict of the board.</summary>
        public required Verdict? BoardVerdict { get; init; }

        /// <summary>What the board says.</summary>
        public required string? BoardComment { get; init; }
    }
}
