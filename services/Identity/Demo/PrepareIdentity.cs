using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using Tutti.Identity.SigningIn;
using Tutti.ServiceDefaults.Messaging;
using static OpenIddict.Abstractions.OpenIddictExceptions;

namespace Tutti.Identity.Demo;

/// <summary>
/// Before the first request: the client of the token endpoint and, where configuration asks for them, the people of the demo. Replicas that
/// start at once run into the unique keys; who loses looks again and finds everything there.
/// </summary>
internal sealed partial class PrepareIdentity(IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider time, ILogger<PrepareIdentity> log) : IHostedService
{
    private const int Tries = 5;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await AddClientAsync(scope.ServiceProvider, cancellationToken);
                if (configuration.GetValue(DemoAccounts.Setting, false)) await AddPeopleAsync(scope.ServiceProvider, cancellationToken);
                return;
            }
            // OpenIddict looks for the client itself before it adds it, and calls what it then finds by names of its own.
            catch (Exception lost) when (attempt < Tries && lost is (DbUpdateException or ValidationException or ConcurrencyException))
            {
                LogLost(attempt, lost.InnerException?.Message ?? lost.Message);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task AddClientAsync(IServiceProvider services, CancellationToken cancel)
    {
        var clients = services.GetRequiredService<IOpenIddictApplicationManager>();
        if (await clients.FindByClientIdAsync(TokenServer.Client, cancel) is null) await clients.CreateAsync(TokenServer.DescribeClient(), cancel);
    }

    private async Task AddPeopleAsync(IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<IdentityDb>();
        var ids = DemoAccounts.All.Select(person => person.Id).ToList();
        var there = await db.Accounts.Where(account => ids.Contains(account.Id)).Select(account => account.Id).ToListAsync(cancel);
        var missing = DemoAccounts.All.Where(person => !there.Contains(person.Id)).ToList();
        if (missing.Count == 0) return;
        // The password is printed at start: a salt for each of them would cost seconds and hide nothing.
        var hash = await services.GetRequiredService<PasswordCheck>().HashAsync(DemoAccounts.Password, cancel);
        foreach (var person in missing)
        {
            var account = Account.Open(person.Id, person.Login, person.Name, person.Group, person.Roles, hash);
            db.Add(account);
            db.Publish(account.Registered(), time);
        }
        await db.SaveChangesAsync(cancel);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Another replica prepares the database too (attempt {Attempt}: {Reason}); looking again")]
    private partial void LogLost(int attempt, string reason);
}
