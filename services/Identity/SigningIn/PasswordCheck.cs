using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tutti.Identity.Accounts;

namespace Tutti.Identity.SigningIn;

/// <summary>How a sign-in with a password ended.</summary>
public enum SignInOutcome
{
    /// <summary>The password is that of an active account.</summary>
    Accepted,

    /// <summary>It is not; which of login and password was wrong is not told.</summary>
    Wrong,

    /// <summary>Too many failures for this login lately; the password was not looked at.</summary>
    Locked,
}

/// <summary>
/// Checks passwords. A login that does not exist takes as long as one that does and locks like one. At most one hash per processor is
/// computed at a time: guessing cannot starve the rest of the process.
/// </summary>
public sealed class PasswordCheck(TimeProvider time) : IDisposable
{
    /// <summary>Failures that lock a login.</summary>
    public const int MaxFailures = 10;

    private const int MaxPassword = 1000;

    private readonly PasswordHasher<PasswordCheck> hasher = new();
    private readonly SemaphoreSlim turns = new(Environment.ProcessorCount);
    private string? nobodysHash;

    /// <summary>How long failures count.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Hash of a new password.</summary>
    public async Task<string> HashAsync(string password, CancellationToken cancel)
    {
        await turns.WaitAsync(cancel);
        try
        {
            return hasher.HashPassword(this, password);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <summary>Checks a login and password, and remembers a failure.</summary>
    public async Task<(SignInOutcome Outcome, Account? Account)> CheckAsync(string login, string password, IdentityDb db, CancellationToken cancel)
    {
        var loginHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(login)));
        await turns.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();
            var since = now - Window;
            if (await db.FailedSignIns.CountAsync(x => x.LoginHash == loginHash && x.At > since, cancel) >= MaxFailures) return (SignInOutcome.Locked, null);
            var account = AccountRules.Login().IsMatch(login) ? await db.Accounts.AsNoTracking().SingleOrDefaultAsync(x => x.Login == login, cancel) : null;
            nobodysHash ??= hasher.HashPassword(this, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
            var tried = password.Length <= MaxPassword ? password : "";
            var fits = hasher.VerifyHashedPassword(this, account?.PasswordHash ?? nobodysHash, tried) != PasswordVerificationResult.Failed;
            if (fits && account is { Active: true }) return (SignInOutcome.Accepted, account);
            db.Add(new FailedSignIn { Id = Guid.CreateVersion7(now), LoginHash = loginHash, At = now });
            await db.SaveChangesAsync(cancel);
            return (SignInOutcome.Wrong, null);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();
}
