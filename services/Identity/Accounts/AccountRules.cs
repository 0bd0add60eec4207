using System.Text.RegularExpressions;
using Tutti.ServiceDefaults;

namespace Tutti.Identity.Accounts;

/// <summary>What a login, a name, a group, a password and roles must look like; every problem at once.</summary>
internal static partial class AccountRules
{
    private const int MaxRoles = 20, MinPassword = 12, MaxPassword = 200;

    private static readonly string[] scoped = [Roles.FacilityStaff, Roles.FacilityDirector, Roles.CellKeeper];

    internal static List<Problem> Check(CreateAccount.Request request)
    {
        List<Problem> problems = [];
        if (!Login().IsMatch(request.Login))
            problems.Add(new("login", "login.form", "3 to 64 characters are needed: a to z, digits, dot, hyphen, the first a letter."));
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > Account.MaxName || request.Name.Any(char.IsControl))
            problems.Add(new("name", "name.form", $"A name of 1 to {Account.MaxName} characters is needed."));
        if (!Code().IsMatch(request.Group)) problems.Add(new("group", "group.form", "A code is needed: up to 64 of a to z, digits, hyphen."));
        problems.AddRange(CheckCountry(request.Country));
        if (request.Password.Length is < MinPassword or > MaxPassword)
            problems.Add(new("password", "password.length", $"{MinPassword} to {MaxPassword} characters are needed."));
        else if (request.Login.Length >= 3 && request.Password.Contains(request.Login, StringComparison.OrdinalIgnoreCase))
            problems.Add(new("password", "password.holds-login", "The password must not hold the login."));
        problems.AddRange(Check(request.Roles));
        return problems;
    }

    internal static IReadOnlyList<Problem> CheckCountry(string? country) =>
        country is null || Country().IsMatch(country) ? [] : [new("country", "country.form", "The two capital letters of a country are needed.")];

    internal static List<Problem> Check(IReadOnlyList<string> roles)
    {
        if (roles.Count > MaxRoles) return [new("roles", "roles.too-many", $"A person holds at most {MaxRoles} roles.")];
        List<Problem> problems = [];
        for (var i = 0; i < roles.Count; i++)
        {
            var path = $"roles[{i}]";
            var (role, scope) = roles[i].Split('@', 2) is [var before, var after] ? (before, after) : (roles[i], null);
            if (!Roles.All.Contains(role)) problems.Add(new(path, "role.unknown", "There is no such role."));
            else if (scoped.Contains(role) && scope is null) problems.Add(new(path, "role.scope-missing", $"{role} needs a scope, for example {role}@elettra."));
            else if (!scoped.Contains(role) && scope is not null) problems.Add(new(path, "role.scope-refused", $"{role} has no scope."));
            else if (scope is not null && !Code().IsMatch(scope)) problems.Add(new(path, "role.scope-form", "A scope is a code: up to 64 of a to z, digits, hyphen."));
            if (roles.Take(i).Contains(roles[i])) problems.Add(new(path, "role.twice", "The role is named twice."));
        }
        return problems;
    }

    internal static void RequireReason(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > Account.MaxReason)
            throw RuleViolation.Invalid("account.invalid", "A reason is needed.", [new("reason", "reason.missing", $"1 to {Account.MaxReason} characters are needed.")]);
    }

    [GeneratedRegex("^[a-z][a-z0-9.-]{2,63}\\z")]
    internal static partial Regex Login();

    [GeneratedRegex("^[A-Z]{2}\\z")]
    private static partial Regex Country();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}\\z")]
    private static partial Regex Code();
}
