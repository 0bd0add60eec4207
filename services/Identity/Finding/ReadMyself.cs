using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Identity.Finding;

/// <summary>Who has signed in, as the account says now.</summary>
public static class ReadMyself
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/me", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(IdentityDb db, ClaimsPrincipal person, HttpResponse http, CancellationToken cancel)
    {
        var id = person.Id;
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (account is null) return TypedResults.NotFound();
        http.TellVersion(account.Version);
        return TypedResults.Ok(new Response(account.Id, account.Login, account.Name, account.Group, account.Country, account.Roles));
    }

    /// <summary>The person.</summary>
    public sealed record Response(Guid Id, string Login, string Name, string Group, string? Country, IReadOnlyList<string> Roles);
}
