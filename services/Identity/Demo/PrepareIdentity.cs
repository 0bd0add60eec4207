using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using Tutti.Identity.Accounts;
using Tutti.Identity.SigningIn;
using Tutti.ServiceDefaults.Messaging;
using static OpenIddict.Abstractions.OpenIddictExceptions;

namespace Tutti.Identity.Demo;

/// <summary>
/// Before the first request: the client of the token endpoint, the first account, and the people of the demo where configuration asks for
/// them; where it does not, those who are there are switched off. Who was switched off stays so when configuration asks again: an ended
/// account is not opened anew. Replicas that start at once run into the unique keys or versions; who loses looks again and finds it done.
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
                else await SwitchOffPeopleAsync(scope.ServiceProvider, cancellationToken);
                var (db, passwords) = (scope.ServiceProvider.GetRequiredService<IdentityDb>(), scope.ServiceProvider.GetRequiredService<PasswordCheck>());
                if (!await FirstAccount.OpenAsync(configuration, db, passwords, time, cancellationToken)) LogNobodyOpensAccounts();
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

    /// <summary>Their password is known to everybody: no sign-in any more and, as for every ended account, no refreshed token.</summary>
    private async Task SwitchOffPeopleAsync(IServiceProvider services, CancellationToken cancel)
    {
        var db = services.GetRequiredService<IdentityDb>();
        var now = time.GetUtcNow();
        var ids = DemoAccounts.All.Select(person => person.Id).ToList();
        foreach (var account in await db.Accounts.Where(account => ids.Contains(account.Id) && account.Active).ToListAsync(cancel))
        {
            account.Deactivate(by: Guid.Empty, $"{DemoAccounts.Setting} is not true any more.", Guid.CreateVersion7(now), now);
            db.Publish(account.Registered(), time);
        }
        await db.SaveChangesAsync(cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No active account holds the role user-office: nobody can open accounts until " + FirstAccount.Section + " names a login that is not taken")]
    private partial void LogNobodyOpensAccounts();

    [LoggerMessage(Level = LogLevel.Information, Message = "Another replica prepares the database too (attempt {Attempt}: {Reason}); looking again")]
    private partial void LogLost(int attempt, string reason);
}
