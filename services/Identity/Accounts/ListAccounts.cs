using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Identity.Accounts;

/// <summary>The user office sees the accounts and what became of them.</summary>
public static class ListAccounts
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/", Handle);
        group.MapGet("/{id:guid}", HandleOne);
    }

    internal static async Task<Ok<List<Response>>> Handle(IdentityDb db, CancellationToken cancel, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        return TypedResults.Ok(await db.Accounts.OrderBy(x => x.Name).ThenBy(x => x.Id).Skip((page - 1) * PageSize).Take(PageSize)
            .Select(x => new Response(x.Id, x.Login, x.Name, x.Group, x.Roles, x.Active)).ToListAsync(cancel));
    }

    internal static async Task<Results<Ok<OneResponse>, NotFound>> HandleOne(Guid id, IdentityDb db, HttpResponse http, CancellationToken cancel)
    {
        var account = await db.Accounts.AsNoTracking().Include(x => x.History).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (account is null) return TypedResults.NotFound();
        http.TellVersion(account.Version);
        return TypedResults.Ok(new OneResponse(account.Id, account.Login, account.Name, account.Group, account.Country, account.Roles, account.Active,
            [.. account.History.OrderBy(x => x.At).ThenBy(x => x.Id).Select(x => new Change(x.What, x.Roles, x.Country, x.ByPersonId, x.Reason, x.At))]));
    }

    /// <summary>One line of the list.</summary>
    public sealed record Response(Guid Id, string Login, string Name, string Group, IReadOnlyList<string> Roles, bool Active);

    /// <summary>One account with its history.</summary>
    public sealed record OneResponse(Guid Id, string Login, string Name, string Group, string? Country, IReadOnlyList<string> Roles, bool Active, IReadOnlyList<Change> History);

    /// <summary>What was done, roles and country before, who did it, why, when.</summary>
    public sealed record Change(AccountAction What, IReadOnlyList<string> RolesBefore, string? CountryBefore, Guid ByPersonId, string Reason, DateTimeOffset At);
}
