using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review.Judging;

/// <summary>
/// Staff of the instrument judge an experiment, or an advisor judges cell, sample and environment of the whole. The task names the submission
/// that was read, so a newer text is never judged unseen; the first verdict stands.
/// </summary>
public static class JudgeTask
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/feasibility/{id:guid}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var proposalId = await db.Tasks.OfJudge(person, db).Where(x => x.Id == id).Select(x => x.ProposalId).SingleOrDefaultAsync(cancel);
        if (proposalId == default) return TypedResults.NotFound();
        await using var turn = await db.TakeTurnAsync(proposalId, cancel);
        if (await db.WholeAsync(proposalId, cancel) is not { } proposal) return TypedResults.NotFound();
        Conflicts.Refuse(person.AsJudge(), proposal);
        var problems = Check(request);
        if (problems.Count > 0) throw RuleViolation.Invalid("feasibility.invalid", "The verdict cannot be given like this.", problems);
        var task = proposal.Judge(id, request.Verdict, request.Comment, person.Id, now);
        db.Add(HistoryEntry.Of(proposal, Act.Judged, $"{task.InstrumentCode ?? "board"}: {Word(request.Verdict)}", request.Comment, person.Id, now));
        if (task.ExperimentId is { } experiment)
            db.Publish(new TechnicalFeasibilityJudged
            {
                ProposalId = proposalId, Submission = task.Submission, ExperimentId = experiment, InstrumentCode = task.InstrumentCode ?? "", Verdict = Word(request.Verdict),
                Comment = request.Comment, JudgedBy = person.Id, JudgedAt = now,
            }, time);
        else
            db.Publish(new BoardFeasibilityJudged
            {
                ProposalId = proposalId, Submission = task.Submission, Verdict = Word(request.Verdict), Comment = request.Comment, JudgedBy = person.Id, JudgedAt = now,
            }, time);
        await db.SaveChangesAsync(cancel);
        await turn.CommitAsync(cancel);
        return TypedResults.NoContent();
    }

    private static List<Problem> Check(Request request)
    {
        List<Problem> problems = [];
        if (request.Verdict == Verdict.Feasible) problems.AtMost("comment", request.Comment, Limits.Comment);
        else problems.NeedText("comment", request.Comment, Limits.Comment);
        return problems;
    }

    /// <summary>The verdict in the words of the contract.</summary>
    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Feasible => "feasible",
        Verdict.FeasibleWithChanges => "feasible-with-changes",
        Verdict.NotFeasible => "not-feasible",
    };

    /// <summary>The verdict; a comment is needed unless it is feasible as asked.</summary>
    public sealed record Request
    {
        /// <summary>The verdict.</summary>
        public required Verdict Verdict { get; init; }

        /// <summary>What the team should know.</summary>
        public string? Comment { get; init; }
    }
}
