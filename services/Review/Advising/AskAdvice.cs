using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Tutti.Contracts.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review.Advising;

/// <summary>A proposer asks the board which techniques, cells and environments answer a question (R33).</summary>
public static class AskAdvice
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/advice", Handle);

    internal static async Task<Created<Response>> Handle(Request request, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        List<Problem> problems = [];
        problems.NeedText("question", request.Question, Limits.Question);
        problems.AtMost("sample", request.Sample, Limits.Comment);
        problems.TechniqueCodes("techniqueCodes", request.TechniqueCodes);
        if (problems.Count > 0) throw RuleViolation.Invalid("advice.invalid", "The question cannot be asked like this.", problems);
        var advice = Advice.Ask(Guid.CreateVersion7(now), person.AsJudge(), request.Question, request.TechniqueCodes, request.Sample, request.Industrial, now);
        db.Add(advice);
        db.Publish(new AdviceRequested { AdviceId = advice.Id, Revision = advice.Revision, AskedBy = advice.AskedBy, AskedAt = now }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.Created($"/api/review/advice/{advice.Id}", new Response(advice.Id));
    }

    /// <summary>The question.</summary>
    public sealed record Request
    {
        /// <summary>What the group wants to find out.</summary>
        public required string Question { get; init; }

        /// <summary>Techniques in mind, by code.</summary>
        public IReadOnlyList<string> TechniqueCodes { get; init; } = [];

        /// <summary>What is to be measured.</summary>
        public string Sample { get; init; } = "";

        /// <summary>Whether an industrial user asks.</summary>
        public bool Industrial { get; init; }
    }

    /// <summary>The new request.</summary>
    public sealed record Response(Guid Id);
}
