using Microsoft.EntityFrameworkCore;
using Tutti.Identity.SigningIn;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Identity.Accounts;

/// <summary>
/// The account an installation begins with, since opening accounts takes one: <c>Tutti:Identity:FirstAccount:Login</c> and <c>:Password</c>,
/// with <c>:Name</c> and <c>:Group</c> if they should be others than the login and <c>user-office</c>. It is opened while no active account
/// holds the role user-office; after that the settings are not looked at.
/// </summary>
internal static class FirstAccount
{
    internal const string Section = "Tutti:Identity:FirstAccount";

    private const string OfficeGroup = "user-office";

    /// <summary>Opens it where it is missing. Afterwards somebody holds the role user-office, or false: no login is set, or it is somebody's already.</summary>
    /// <exception cref="InvalidOperationException">What is set breaks the rules for accounts.</exception>
    internal static async Task<bool> OpenAsync(IConfiguration configuration, IdentityDb db, PasswordCheck passwords, TimeProvider time, CancellationToken cancel)
    {
        var held = db.Accounts.Where(account => account.Active).Select(account => account.Roles).AsAsyncEnumerable();
        if (await held.AnyAsync(roles => roles.Contains(Roles.UserOffice), cancel)) return true;
        if (Read(configuration.GetSection(Section)) is not { } wanted) return false;
        var problems = AccountRules.Check(wanted);
        if (problems.Count > 0)
            throw new InvalidOperationException($"The first account cannot be opened: {string.Join(" ", problems.Select(problem => $"{Section}:{problem.Path}: {problem.Message}"))}");
        if (await db.Accounts.AnyAsync(account => account.Login == wanted.Login, cancel)) return false;
        var hash = await passwords.HashAsync(wanted.Password, cancel);
        var account = Account.Open(Guid.CreateVersion7(time.GetUtcNow()), wanted.Login, wanted.Name.Trim(), wanted.Group, wanted.Roles, hash);
        db.Add(account);
        db.Publish(account.Registered(), time);
        await db.SaveChangesAsync(cancel);
        return true;
    }

    private static CreateAccount.Request? Read(IConfigurationSection settings) => settings["Login"] is not { Length: > 0 } login ? null : new()
    {
        Login = login,
        Name = settings["Name"] is { Length: > 0 } name ? name : login,
        Group = settings["Group"] is { Length: > 0 } group ? group : OfficeGroup,
        Roles = [Roles.UserOffice],
        Password = settings["Password"] ?? "",
    };
}
