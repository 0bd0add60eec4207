using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Tutti.Contracts.Identity;
using Tutti.Identity.Demo;

namespace Tutti.Identity.Tests;

public sealed class A_demo_that_is_switched_off : IdentityHost
{
    [Fact]
    public async Task Lets_nobody_of_it_in_any_more_and_everybody_else()
    {
        await OpenAccountAsync("real-person", "proposer");
        var maria = await TokensAsync(await SignInAsync("maria", DemoAccounts.Password, "offline_access"));
        await StartAgainAsync(demo: "false");
        foreach (var person in DemoAccounts.All) await OAuthRefusedAsync(await SignInAsync(person.Login, DemoAccounts.Password), "invalid_grant", "identity.wrong-password");
        await OAuthRefusedAsync(await RefreshAsync(maria.Refresh), "invalid_grant", "identity.account-ended");
        await TokensAsync(await SignInAsync("real-person", Password));
    }

    [Fact]
    public async Task Is_remembered_with_the_reason_and_told_once_even_by_replicas_that_start_together()
    {
        (await As(Caller("olga")).PostAsJsonAsync($"/api/identity/accounts/{Demo("ina").Id}/deactivation", new { reason = "Left before." })).EnsureSuccessStatusCode();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => StartAgainAsync(demo: null))));
        await StartAgainAsync(demo: null);
        var history = await ReadAsync(db => db.History.AsNoTracking().ToListAsync());
        Assert.Equal(DemoAccounts.All.Select(person => person.Id).Order(), history.Select(change => change.AccountId).Order());
        Assert.All(history, change => Assert.Equal(AccountAction.Deactivate, change.What));
        var switchedOff = history.Where(change => change.AccountId != Demo("ina").Id).ToList();
        Assert.All(switchedOff, change => Assert.Equal((Guid.Empty, "Tutti:Identity:DemoAccounts is not true any more."), (change.ByPersonId, change.Reason)));
        Assert.Equal(["proposer"], switchedOff.Single(change => change.AccountId == Demo("maria").Id).Roles);
        var said = (await SaidAsync<PersonRegistered>()).ToLookup(person => person.PersonId);
        foreach (var person in DemoAccounts.All)
        {
            Assert.Equal([1, 2], said[person.Id].Select(told => told.Revision));
            Assert.Empty(said[person.Id].Last().Roles);
        }
    }

    [Fact]
    public async Task Stays_off_when_it_is_asked_for_again()
    {
        await StartAgainAsync(demo: "false");
        await StartAgainAsync(demo: "true");
        Assert.Equal(DemoAccounts.All.Count, await ReadAsync(db => db.Accounts.CountAsync(account => !account.Active)));
        Assert.Equal(2 * DemoAccounts.All.Count, (await SaidAsync<PersonRegistered>()).Count);
    }

    private Task StartAgainAsync(string? demo) => Starts.OnceMoreAsync(Services, (DemoAccounts.Setting, demo));
}

public sealed class An_installation_without_a_user_office : IdentityHost
{
    private static readonly (string, string?)[] asked = [("Tutti:Identity:FirstAccount:Login", "anna"), ("Tutti:Identity:FirstAccount:Password", Password)];

    public An_installation_without_a_user_office() => Set(DemoAccounts.Setting, "false");

    [Fact]
    public async Task Begins_with_the_account_of_the_settings_which_opens_the_others()
    {
        foreach (var (name, value) in asked) Set(name, value);
        Set("Tutti:Identity:FirstAccount:Name", "Anna Novak");
        Set("Tutti:Identity:FirstAccount:Group", "ki");
        var (access, _) = await TokensAsync(await SignInAsync("anna", Password));
        Assert.Equal(["user-office"], new JsonWebToken(access).Claims.Where(claim => claim.Type == "role").Select(claim => claim.Value));
        var opened = await With(access).PostAsJsonAsync("/api/identity/accounts", new { login = "second", name = "Second", group = "ki", roles = new[] { "proposer" }, password = Password });
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        Assert.Equal([("Anna Novak", "ki", 1), ("Second", "ki", 1)], (await SaidAsync<PersonRegistered>()).Select(person => (person.Name, person.Group, person.Revision)));
    }

    [Fact]
    public async Task Opens_one_account_however_many_replicas_start_and_leaves_it_alone_later()
    {
        using var client = CreateClient();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Starts.OnceMoreAsync(Services, asked))));
        await Starts.OnceMoreAsync(Services, ("Tutti:Identity:FirstAccount:Login", "anna"), ("Tutti:Identity:FirstAccount:Password", "too short"));
        await Starts.OnceMoreAsync(Services, ("Tutti:Identity:FirstAccount:Login", "another"), ("Tutti:Identity:FirstAccount:Password", Password));
        var account = Assert.Single(await ReadAsync(db => db.Accounts.AsNoTracking().ToListAsync()));
        Assert.Equal(("anna", "anna", "user-office", 1), (account.Login, account.Name, account.Group, account.Revision));
        Assert.Single(await SaidAsync<PersonRegistered>());
        await TokensAsync(await SignInAsync("anna", Password));
    }

    [Fact]
    public async Task Gets_a_new_one_once_nobody_of_the_user_office_is_left_but_never_a_login_that_was_somebodys()
    {
        using var client = CreateClient();
        await Starts.OnceMoreAsync(Services, (DemoAccounts.Setting, "true"));
        await Starts.OnceMoreAsync(Services, [(DemoAccounts.Setting, "true"), .. asked]);
        Assert.Equal(0, await ReadAsync(db => db.Accounts.CountAsync(account => account.Login == "anna")));
        await Starts.OnceMoreAsync(Services, ("Tutti:Identity:FirstAccount:Login", "olga"), ("Tutti:Identity:FirstAccount:Password", Password));
        Assert.False(await ReadAsync(db => db.Accounts.AnyAsync(account => account.Active)));
        await Starts.OnceMoreAsync(Services, asked);
        Assert.Equal("anna", await ReadAsync(db => db.Accounts.Where(account => account.Active).Select(account => account.Login).SingleAsync()));
    }

    [Theory]
    [InlineData("anna", null, "password: 12 to 200 characters are needed.")]
    [InlineData("anna", "short", "password: 12 to 200 characters are needed.")]
    [InlineData("anna", "anna anna anna", "password: The password must not hold the login.")]
    [InlineData("Anna Novak", Password, "login: 3 to 64 characters are needed")]
    public async Task Does_not_start_with_an_account_that_breaks_the_rules(string login, string? password, string told)
    {
        // Started by hand: of a start that fails with its host, the factory of the tests may see only that the host is gone.
        using var client = CreateClient();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Starts.OnceMoreAsync(Services, ("Tutti:Identity:FirstAccount:Login", login), ("Tutti:Identity:FirstAccount:Password", password)));
        Assert.StartsWith("The first account cannot be opened", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Tutti:Identity:FirstAccount:{told}", refused.Message);
        if (password is not null) Assert.DoesNotContain(password, refused.Message);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    public async Task Starts_without_any_account_when_no_login_is_set(string? login, string? password)
    {
        Set("Tutti:Identity:FirstAccount:Login", login);
        Set("Tutti:Identity:FirstAccount:Password", password);
        using var client = CreateClient();
        Assert.Equal(0, await ReadAsync(db => db.Accounts.CountAsync()));
    }
}

/// <summary>A replica, or the same one later, starts on the database that is there.</summary>
internal static class Starts
{
    internal static Task OnceMoreAsync(IServiceProvider services, params (string Name, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))).Build();
        return ActivatorUtilities.CreateInstance<PrepareIdentity>(services, configuration).StartAsync(TestContext.Current.CancellationToken);
    }
}
