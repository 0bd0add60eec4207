using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Review.Judging;

/// <summary>
/// What waits for the caller's verdict, the oldest first: for instrument staff the experiments at their site, for advisors the proposals that
/// the board judges. What the caller is in conflict with is not among them. <c>callId</c> and <c>proposalId</c> leave the tasks of one call or
/// one proposal.
/// </summary>
public static class ListTasks
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/feasibility", Handle);

    internal static async Task<Ok<List<Response>>> Handle(ReviewDb db, ClaimsPrincipal person, CancellationToken cancel, Guid? callId = null, Guid? proposalId = null, int page = 1)
    {
        var free = db.Proposals.Where(Conflicts.NoneFor(person.AsJudge())).Where(proposal => !proposal.Withdrawn && proposal.Asked == proposal.Submission && proposal.Wished < proposal.Submission);
        if (callId is { } call) free = free.Where(proposal => proposal.CallId == call);
        if (proposalId is { } one) free = free.Where(proposal => proposal.Id == one);
        var open = await db.Tasks.OfJudge(person, db).Where(task => task.Verdict == null)
            .Join(free, task => new { Id = task.ProposalId, task.Submission }, proposal => new { proposal.Id, proposal.Submission }, (task, proposal) => new { task, proposal })
            .OrderBy(x => x.proposal.SubmittedAt).ThenBy(x => x.task.Id).Page(page)
            .Select(x => new
            {
                x.task.Id, x.task.ProposalId, x.proposal.CallId, x.task.Submission, x.task.ExperimentId, x.task.InstrumentCode, x.proposal.Title, x.proposal.Text, x.proposal.SubmittedAt,
                Retired = db.Instruments.Any(known => known.Code == x.task.InstrumentCode && known.Retired),
            })
            .AsNoTracking().ToListAsync(cancel);
        return TypedResults.Ok(open.ConvertAll(x => new Response
        {
            Id = x.Id, Kind = x.ExperimentId is null ? Kind.Board : Kind.Technical, ProposalId = x.ProposalId, CallId = x.CallId, Submission = x.Submission, ProposalTitle = x.Title,
            ExperimentId = x.ExperimentId, ExperimentTitle = x.Text.Experiments.FirstOrDefault(experiment => experiment.ExperimentId == x.ExperimentId)?.Title,
            InstrumentCode = x.InstrumentCode, InstrumentRetired = x.Retired, SubmittedAt = x.SubmittedAt,
        }));
    }

    /// <summary>Who judges.</summary>
    public enum Kind
    {
        /// <summary>Staff of the instrument.</summary>
        Technical,

        /// <summary>The advisory board.</summary>
        Board,
    }

    /// <summary>One task.</summary>
    public sealed record Response
    {
        /// <summary>Id of the task, for the verdict.</summary>
        public required Guid Id { get; init; }

        /// <summary>Who judges.</summary>
        public required Kind Kind { get; init; }

        /// <summary>The proposal.</summary>
        public required Guid ProposalId { get; init; }

        /// <summary>Its call.</summary>
        public required Guid CallId { get; init; }

        /// <summary>The submission to be judged.</summary>
        public required int Submission { get; init; }

        /// <summary>Title of the proposal.</summary>
        public required string ProposalTitle { get; init; }

        /// <summary>The experiment; null: the whole.</summary>
        public required Guid? ExperimentId { get; init; }

        /// <summary>Title of the experiment.</summary>
        public required string? ExperimentTitle { get; init; }

        /// <summary>Its instrument.</summary>
        public required string? InstrumentCode { get; init; }

        /// <summary>Whether the instrument has left the scheme meanwhile.</summary>
        public required bool InstrumentRetired { get; init; }

        /// <summary>When it was submitted.</summary>
        public required DateTimeOffset SubmittedAt { get; init; }
    }
}
