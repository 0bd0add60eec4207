using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Identity.Finding;

/// <summary>
/// Anybody with an account finds a colleague by the start of a name, to put them on a team; only the user office reads on without one.
/// </summary>
public static class FindPeople
{
    private const int PageSize = 20, MinText = 2;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/people", Handle);

    internal static async Task<Ok<List<Response>>> Handle(IdentityDb db, ClaimsPrincipal person, CancellationToken cancel, string? text = null, int page = 1)
    {
        var wanted = Account.SearchText(text ?? "");
        Check(wanted, person.Holds(Roles.UserOffice), page);
        var people = db.Accounts.Where(x => x.Active);
        if (wanted.Length > 1) people = people.Where(x => x.Searched.Contains(wanted));
        return TypedResults.Ok(await people.OrderBy(x => x.Name).ThenBy(x => x.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(x => new Response(x.Id, x.Name, x.Group)).ToListAsync(cancel));
    }

    private static void Check(string wanted, bool office, int page)
    {
        List<Problem> problems = [];
        if ((wanted.Length <= MinText && !(office && wanted.Length == 1)) || wanted.Length > Account.MaxName)
            problems.Add(new("text", "text.length", $"{MinText} to {Account.MaxName - 1} characters of a name are needed."));
        if (page is < 1 or > 10_000) problems.Add(new("page", "request.page", "Pages count from 1 to 10000."));
        if (problems.Count > 0) throw RuleViolation.Invalid("people.invalid", "Nobody can be looked for like this.", problems);
    }

    /// <summary>A person, as much as anybody may know.</summary>
    public sealed record Response(Guid Id, string Name, string Group);
}
