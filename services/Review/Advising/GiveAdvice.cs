using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review.Advising;

/// <summary>
/// An advisor answers and proposes at least one complementary technique with a reason (R35). Whoever advises will not judge what grows out of
/// it (R34). Of two advisors who answer at the same moment the first one stands.
/// </summary>
public static class GiveAdvice
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/advice/{id:guid}/answer", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(Guid id, Request request, ReviewDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var advice = await db.Advice.SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (advice is null) return TypedResults.NotFound();
        var advisor = person.AsJudge();
        advice.RefuseConflict(advisor);
        var problems = Check(request);
        if (problems.Count > 0) throw RuleViolation.Invalid("advice.invalid", "The answer cannot be given like this.", problems);
        advice.Give(new AdviceAnswer(request.Text, request.TechniqueCodes, request.Complementary), advisor, now);
        db.Publish(new AdviceGiven
        {
            AdviceId = advice.Id, Revision = advice.Revision, AskedBy = advice.AskedBy, AdvisorId = advisor.Id,
            TechniqueCodes = [.. request.TechniqueCodes.Union(request.Complementary.Select(technique => technique.TechniqueCode))], GivenAt = now,
        }, time);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    private static List<Problem> Check(Request request)
    {
        List<Problem> problems = [];
        problems.NeedText("text", request.Text, Limits.Text);
        problems.TechniqueCodes("techniqueCodes", request.TechniqueCodes);
        if (request.Complementary.Count is < 1 or > Limits.Techniques)
            problems.Add(new("complementary", "advice.complementary", $"1 to {Limits.Techniques} complementary techniques are needed."));
        foreach (var (index, technique) in request.Complementary.Index())
        {
            problems.TechniqueCode($"complementary[{index}].techniqueCode", technique.TechniqueCode);
            problems.NeedText($"complementary[{index}].reason", technique.Reason, Limits.Comment);
        }
        return problems;
    }

    /// <summary>The answer.</summary>
    public sealed record Request
    {
        /// <summary>What is possible and what it needs.</summary>
        public required string Text { get; init; }

        /// <summary>Techniques advised.</summary>
        public required IReadOnlyList<string> TechniqueCodes { get; init; }

        /// <summary>Techniques that complete the picture, each with its reason.</summary>
        public required IReadOnlyList<ComplementaryTechnique> Complementary { get; init; }
    }
}
