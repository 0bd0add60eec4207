using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace Tutti.Identity.SigningIn;

/// <summary>Every hour forgets failed sign-ins that no longer count, and refresh tokens that no longer serve.</summary>
internal sealed partial class PruneSignIns(IServiceScopeFactory scopes, TimeProvider time, ILogger<PruneSignIns> log) : BackgroundService
{
    private static readonly TimeSpan keptTokens = TimeSpan.FromDays(30);

    internal static async Task PruneAsync(IServiceProvider services, DateTimeOffset now, CancellationToken cancel)
    {
        var forgotten = now - PasswordCheck.Window;
        await services.GetRequiredService<IdentityDb>().FailedSignIns.Where(failure => failure.At < forgotten).ExecuteDeleteAsync(cancel);
        await services.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(now - keptTokens, cancel);
        await services.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(now - keptTokens, cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await hourly.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await PruneAsync(scope.ServiceProvider, time.GetUtcNow(), stoppingToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // Two replicas may prune the same rows; what stays goes next time, and signing in must not end because of it.
                LogFailed(failed);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old sign-ins could not be pruned; tried again in an hour")]
    private partial void LogFailed(Exception failed);
}
