using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace Tutti.Identity.SigningIn;

/// <summary>Every hour forgets failed sign-ins that no longer count, and refresh tokens that no longer serve.</summary>
internal sealed partial class PruneSignIns(IServiceScopeFactory scopes, TimeProvider time, ILogger<PruneSignIns> log) : BackgroundService
{
    internal static async Task PruneAsync(IdentityDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var (forgotten, expired, settled) = (now - PasswordCheck.Window, now.UtcDateTime, now.UtcDateTime.AddHours(-1));
        await db.FailedSignIns.Where(failure => failure.At < forgotten).ExecuteDeleteAsync(cancel);
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().Where(token => token.ExpirationDate < expired).ExecuteDeleteAsync(cancel);
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>()
            .Where(chain => chain.CreationDate < settled && chain.Tokens.Count == 0).ExecuteDeleteAsync(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await hourly.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await PruneAsync(scope.ServiceProvider.GetRequiredService<IdentityDb>(), time.GetUtcNow(), stoppingToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // What stays goes next time; that a database is away for a moment must not end the process.
                LogFailed(failed);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old sign-ins could not be pruned; tried again in an hour")]
    private partial void LogFailed(Exception failed);
}
