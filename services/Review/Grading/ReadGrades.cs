using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Review.Grading;

/// <summary>Reads the grades of a proposal: a panel member their own, the chair and the user office all of them.</summary>
public static class ReadGrades
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/proposals/{id:guid}/grades", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReviewDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var reader = person.Id;
        var proposal = await db.Proposals.AsNoTracking().SeenInCall(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null) return TypedResults.NotFound();
        var all = person.Holds(Roles.UserOffice) || await db.Calls.OfPanel(person).AnyAsync(call => call.Id == proposal.CallId && call.PanelChairId == reader, cancel);
        var grades = await db.Grades.AsNoTracking().Where(grade => grade.ProposalId == id && (all || grade.PersonId == reader))
            .OrderBy(grade => grade.GradedAt).ThenBy(grade => grade.PersonId)
            .Select(grade => new Entry(grade.PersonId, grade.Value, grade.Comment, grade.GradedAt)).ToListAsync(cancel);
        return TypedResults.Ok(new Response(grades, proposal.Grade));
    }

    /// <summary>The grades, and their mean once the evaluation is completed.</summary>
    public sealed record Response(IReadOnlyList<Entry> Grades, double? Mean);

    /// <summary>One grade.</summary>
    public sealed record Entry(Guid PersonId, int Value, string Comment, DateTimeOffset GradedAt);
}
