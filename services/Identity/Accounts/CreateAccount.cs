using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Identity.SigningIn;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Identity.Accounts;

/// <summary>The user office opens an account for a person.</summary>
public static class CreateAccount
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/", Handle);

    internal static async Task<Created<Response>> Handle(Request request, IdentityDb db, PasswordCheck passwords, TimeProvider time, CancellationToken cancel)
    {
        var problems = AccountRules.Check(request);
        if (await IsTakenAsync(request.Login, db, cancel)) problems.Add(Taken);
        if (problems.Count > 0) throw Refuse(problems);
        var hash = await passwords.HashAsync(request.Password, cancel);
        var account = Account.Open(Guid.CreateVersion7(time.GetUtcNow()), request.Login, request.Name.Trim(), request.Group, request.Roles, hash, request.Country);
        db.Add(account);
        db.Publish(account.Registered(), time);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Somebody else took the login between our look and our write; anything else is not ours to explain.
            if (await IsTakenAsync(request.Login, db, cancel)) throw Refuse([Taken]);
            throw;
        }
        return TypedResults.Created($"/api/identity/accounts/{account.Id}", new Response(account.Id));
    }

    private static Problem Taken => new("login", "login.taken", "Somebody else has this login.");

    private static RuleViolation Refuse(List<Problem> problems) => RuleViolation.Invalid("account.invalid", "The account cannot be opened like this.", problems);

    private static async Task<bool> IsTakenAsync(string login, IdentityDb db, CancellationToken cancel) =>
        AccountRules.Login().IsMatch(login) && await db.Accounts.AnyAsync(account => account.Login == login, cancel);

    /// <summary>The person.</summary>
    public sealed record Request
    {
        /// <summary>What they type to sign in.</summary>
        public required string Login { get; init; }

        /// <summary>Name as shown to others.</summary>
        public required string Name { get; init; }

        /// <summary>Code of the research group or institution.</summary>
        public required string Group { get; init; }

        /// <summary>Two-letter code of the country of that group or institution, in capitals; null: not told.</summary>
        public string? Country { get; init; }

        /// <summary>Roles, scoped ones as <c>role@scope</c>.</summary>
        public required IReadOnlyList<string> Roles { get; init; }

        /// <summary>First password.</summary>
        public required string Password { get; init; }
    }

    /// <summary>The new account.</summary>
    public sealed record Response(Guid Id);
}
