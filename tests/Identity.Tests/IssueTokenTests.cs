using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.EntityFrameworkCore.Models;
using Tutti.Contracts.Identity;
using Tutti.Identity.Accounts;
using Tutti.Identity.Demo;
using Tutti.Identity.Finding;
using Tutti.Identity.SigningIn;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using Authorization = Tutti.ServiceDefaults.Authorization;

namespace Tutti.Identity.Tests;

public sealed class A_person_who_signs_in(IdentityHost host) : IClassFixture<IdentityHost>
{
    [Fact]
    public async Task Gets_a_signed_token_that_tells_who_they_are_and_what_they_may()
    {
        var (access, refresh) = await IdentityHost.TokensAsync(await host.SignInAsync("elena", DemoAccounts.Password));
        Assert.Null(refresh);
        var token = new JsonWebToken(access);
        Assert.Equal("RS256", token.Alg);
        Assert.Equal(Authorization.Issuer, token.Issuer);
        Assert.Equal([Authorization.Audience], token.Audiences);
        Assert.Equal(IdentityHost.Demo("elena").Id.ToString(), token.Subject);
        Assert.Equal("Elena Ricci", token.GetClaim("name").Value);
        Assert.Equal("elettra", token.GetClaim("group").Value);
        Assert.Equal(["facility-staff@elettra"], token.Claims.Where(claim => claim.Type == "role").Select(claim => claim.Value));
        Assert.Equal(TimeSpan.FromHours(1), token.ValidTo - token.IssuedAt);
        var me = await host.With(access).GetFromJsonAsync<ReadMyself.Response>("/api/identity/me", Json.Strict);
        Assert.Equal(("elena", "Elena Ricci", "elettra"), (me?.Login, me?.Name, me?.Group));
    }

    [Fact]
    public async Task With_a_wrong_password_hears_the_same_as_somebody_without_an_account()
    {
        var wrong = await host.SignInAsync("maria", "guess");
        var unknown = await host.SignInAsync("nobody", "guess");
        await IdentityHost.OAuthRefusedAsync(wrong, "invalid_grant", "identity.wrong-password");
        Assert.Equal(wrong.StatusCode, unknown.StatusCode);
        Assert.Equal(await wrong.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("luka")]
    [InlineData("no-such-login")]
    public async Task Is_locked_after_ten_failures_and_let_in_five_minutes_later(string login)
    {
        for (var i = 0; i < PasswordCheck.MaxFailures; i++)
            await IdentityHost.OAuthRefusedAsync(await host.SignInAsync(login, "guess"), "invalid_grant", "identity.wrong-password");
        await IdentityHost.OAuthRefusedAsync(await host.SignInAsync(login, DemoAccounts.Password), "invalid_grant", "identity.locked");
        host.Time.Advance(PasswordCheck.Window + TimeSpan.FromSeconds(1));
        var later = await host.SignInAsync(login, DemoAccounts.Password);
        Assert.Equal(login == "luka" ? HttpStatusCode.OK : HttpStatusCode.BadRequest, later.StatusCode);
    }

    [Fact]
    public async Task Goes_on_with_a_refresh_token_that_serves_once()
    {
        var first = await IdentityHost.TokensAsync(await host.SignInAsync("nina", DemoAccounts.Password, "offline_access"));
        var second = await IdentityHost.TokensAsync(await host.RefreshAsync(first.Refresh));
        Assert.Equal(new JsonWebToken(first.Access).Subject, new JsonWebToken(second.Access).Subject);
        Assert.NotEqual(first.Refresh, second.Refresh);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await IdentityHost.OAuthRefusedAsync(await host.RefreshAsync(first.Refresh), "invalid_grant", null);
        await IdentityHost.OAuthRefusedAsync(await host.RefreshAsync(second.Refresh), "invalid_grant", null);
    }

    [Fact]
    public async Task Finds_new_roles_in_the_next_token_and_none_after_the_account_has_ended()
    {
        var id = await host.OpenAccountAsync("token-roles", "proposer");
        var first = await IdentityHost.TokensAsync(await host.SignInAsync("token-roles", IdentityHost.Password, "offline_access"));
        var office = host.As(IdentityHost.Caller("olga"));
        (await office.PutAsJsonAsync($"/api/identity/accounts/{id}/roles", new { roles = new[] { "proposer", "tbab-advisor" }, reason = "Joins the board." })).EnsureSuccessStatusCode();
        var second = await IdentityHost.TokensAsync(await host.RefreshAsync(first.Refresh));
        Assert.Equal(["proposer", "tbab-advisor"], new JsonWebToken(second.Access).Claims.Where(claim => claim.Type == "role").Select(claim => claim.Value));
        (await office.PostAsJsonAsync($"/api/identity/accounts/{id}/deactivation", new { reason = "Left." })).EnsureSuccessStatusCode();
        await IdentityHost.OAuthRefusedAsync(await host.RefreshAsync(second.Refresh), "invalid_grant", "identity.account-ended");
        await IdentityHost.OAuthRefusedAsync(await host.SignInAsync("token-roles", IdentityHost.Password), "invalid_grant", "identity.wrong-password");
    }

    [Fact]
    public async Task Leaves_no_row_without_asking_for_a_refresh_token()
    {
        var before = await RowsAsync();
        await IdentityHost.TokensAsync(await host.SignInAsync("pavel", DemoAccounts.Password));
        Assert.Equal(before, await RowsAsync());
        await IdentityHost.TokensAsync(await host.SignInAsync("pavel", DemoAccounts.Password, "offline_access"));
        Assert.Equal(before + 1, await RowsAsync());
    }

    [Fact]
    public async Task Is_forgotten_by_pruning_once_nothing_counts_any_more()
    {
        await host.SignInAsync("petra", "guess");
        await IdentityHost.TokensAsync(await host.SignInAsync("petra", DemoAccounts.Password, "offline_access"));
        host.Time.Advance(TimeSpan.FromDays(60));
        await host.ReadAsync(async db =>
        {
            await PruneSignIns.PruneAsync(db, host.Time.GetUtcNow(), TestContext.Current.CancellationToken);
            return 0;
        });
        Assert.Equal(0, await RowsAsync());
        Assert.Equal(0, await host.ReadAsync(db => db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().CountAsync()));
        Assert.Equal(0, await host.ReadAsync(db => db.FailedSignIns.CountAsync()));
    }

    [Theory]
    [InlineData("invalid_client", "grant_type=password&client_id=other&username=maria&password=tutti")]
    [InlineData("invalid_request", "grant_type=password&client_id=tutti&username=maria")]
    [InlineData("invalid_request", "grant_type=password&client_id=tutti&username=maria%00&password=tutti")]
    [InlineData("invalid_request", "grant_type=password&client_id=%00&username=maria&password=tutti")]
    [InlineData("invalid_request", "grant_type=password&client_id=tutti&username=maria&username=luka&password=tutti")]
    [InlineData("unsupported_grant_type", "grant_type=client_credentials&client_id=tutti")]
    [InlineData("unsupported_grant_type", "grant_type=%F0%9F%98%80&client_id=tutti")]
    [InlineData("invalid_scope", "grant_type=password&client_id=tutti&username=maria&password=tutti&scope=everything")]
    [InlineData("invalid_grant", "grant_type=refresh_token&client_id=tutti&refresh_token=nonsense")]
    [InlineData("invalid_request", "")]
    [InlineData("invalid_request", "{\"grant_type\":\"password\"}")]
    public async Task With_a_malformed_request_is_refused_as_OAuth_says(string error, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, body.StartsWith('{') ? "application/json" : "application/x-www-form-urlencoded");
        await IdentityHost.OAuthRefusedAsync(await host.CreateClient().PostAsync("/connect/token", content), error, null);
    }

    [Fact]
    public async Task With_a_huge_login_or_password_is_refused()
    {
        await IdentityHost.OAuthRefusedAsync(await host.SignInAsync(new string('x', 100_000), "guess"), "invalid_grant", "identity.wrong-password");
        await IdentityHost.OAuthRefusedAsync(await host.SignInAsync("agnes", new string('x', 100_000)), "invalid_grant", "identity.wrong-password");
        await IdentityHost.OAuthRefusedAsync(await host.SignInAsync("agnes", ""), "invalid_request", null);
    }

    [Fact]
    public async Task Cannot_make_a_token_up()
    {
        using var other = System.Security.Cryptography.RSA.Create(2048);
        var forged = IdentityHost.Caller("olga").Token(new Microsoft.IdentityModel.Tokens.RsaSecurityKey(other), host.Time);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.With(forged).GetAsync("/api/identity/accounts")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().GetAsync("/api/identity/me")).StatusCode);
    }

    private Task<int> RowsAsync() =>
        host.ReadAsync(db => db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().CountAsync());
}

public sealed class The_people_of_the_demo(IdentityHost host) : IClassFixture<IdentityHost>
{
    [Fact]
    public async Task Are_told_once_with_their_roles()
    {
        using var client = host.CreateClient();
        var said = await host.SaidAsync<PersonRegistered>();
        Assert.Equal(DemoAccounts.All.Select(person => person.Id), said.Select(person => person.PersonId).Distinct());
        Assert.Equal(DemoAccounts.All.Count, said.Count);
        Assert.All(said, person => Assert.Equal(1, person.Revision));
        Assert.Equal(["facility-staff@elettra"], said.Single(person => person.Name == "Elena Ricci").Roles);
    }

    [Fact]
    public void Hold_roles_that_exist()
    {
        Assert.All(DemoAccounts.All, person => Assert.Empty(AccountRules.Check(person.Roles)));
        Assert.Equal(DemoAccounts.All.Count, DemoAccounts.All.Select(person => person.Login).Distinct().Count());
        foreach (var role in Roles.All) Assert.Contains(DemoAccounts.All, person => person.Roles.Any(held => held.Split('@')[0] == role));
    }

    [Fact]
    public async Task Are_seeded_once_by_replicas_that_start_together_and_again()
    {
        using var client = host.CreateClient();
        for (var round = 0; round < 10; round++)
        {
            await host.ReadAsync(EmptyAsync);
            var replicas = Enumerable.Range(0, 8).Select(_ => Prepare()).ToList();
            await Task.WhenAll(replicas.Select(replica => Task.Run(() => replica.StartAsync(TestContext.Current.CancellationToken))));
            await Prepare().StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal(1, await host.ReadAsync(db => db.Set<OpenIddictEntityFrameworkCoreApplication<Guid>>().CountAsync()));
            Assert.Equal(DemoAccounts.All.Count, await host.ReadAsync(db => db.Accounts.CountAsync()));
            Assert.Equal(DemoAccounts.All.Count, (await host.SaidAsync<PersonRegistered>()).Count);
        }
    }

    private static async Task<bool> EmptyAsync(IdentityDb db)
    {
        await db.Set<OpenIddictEntityFrameworkCoreToken<Guid>>().ExecuteDeleteAsync();
        await db.Set<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().ExecuteDeleteAsync();
        await db.Set<OpenIddictEntityFrameworkCoreApplication<Guid>>().ExecuteDeleteAsync();
        await db.Accounts.ExecuteDeleteAsync();
        await db.Set<ServiceDefaults.Messaging.OutboxMessage>().ExecuteDeleteAsync();
        return true;
    }

    private PrepareIdentity Prepare() => ActivatorUtilities.CreateInstance<PrepareIdentity>(host.Services);
}

public sealed class An_installation_that_asks_for_no_demo : ServiceHost<IdentityDb>
{
    [Fact]
    public async Task Has_no_accounts()
    {
        using var client = CreateClient();
        Assert.Equal(0, await ReadAsync(db => db.Accounts.CountAsync()));
    }
}

public sealed class An_address_that_asks_for_too_many_tokens : IdentityHost
{
    [Fact]
    public async Task Is_told_to_wait()
    {
        Set("Tutti:Identity:LocalTokensPerMinute", "3");
        for (var i = 0; i < 3; i++) await TokensAsync(await SignInAsync("maria", DemoAccounts.Password));
        var refused = await SignInAsync("maria", DemoAccounts.Password);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await OAuthRefusedAsync(refused, "temporarily_unavailable", "request.too-many");
        Assert.NotNull(refused.Headers.RetryAfter);
    }
}

public sealed class Keys_of_the_token_server
{
    [Fact]
    public async Task Are_the_same_for_replicas_that_start_together()
    {
        using var folder = new TemporaryFolder("keys");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Tutti:Files", folder.Path)]).Build();
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            (Authorization.ReadSigningKey(configuration).KeyId, Convert.ToBase64String(Authorization.ReadEncryptionKey(configuration).Key)))));
        Assert.Single(ids.Distinct());
        Assert.Equal(["identity-encryption-key", "identity-key.pem"], Directory.GetFiles(Path.Combine(folder.Path, "identity")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}

public sealed class A_service_that_asks_the_authority(IdentityHost host) : IClassFixture<IdentityHost>
{
    [Fact]
    public async Task Accepts_tokens_whose_issuer_is_not_the_address_of_the_keys()
    {
        var builder = WebApplication.CreateBuilder(["--Tutti:Identity:Authority=http://127.0.0.1:1", "--urls=http://127.0.0.1:0"]);
        builder.Services.AddTokens(builder.Configuration);
        using var keys = host.Server.CreateHandler();
        builder.Services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options => options.BackchannelHttpHandler = keys);
        await using var service = builder.Build();
        service.UseAuthentication();
        service.UseAuthorization();
        service.MapGet("/who", (System.Security.Claims.ClaimsPrincipal person) => $"{person.DisplayName} {person.Holds(Roles.FacilityStaff, "elettra")}").RequireAuthorization(Roles.FacilityStaff);
        await service.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.Single()) };
        async Task<HttpResponseMessage> AskAsync(string login)
        {
            var (access, _) = await IdentityHost.TokensAsync(await host.SignInAsync(login, DemoAccounts.Password));
            client.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", access);
            return await client.GetAsync("/who");
        }
        Assert.Equal("Elena Ricci True", await (await AskAsync("elena")).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync("maria")).StatusCode);
    }
}

public sealed class The_tables_of_Identity
{
    [Theory]
    [InlineData(DatabaseProvider.Sqlite, "")]
    [InlineData(DatabaseProvider.PostgreSql, "Host=127.0.0.1;Username=nobody")]
    [InlineData(DatabaseProvider.SqlServer, "Server=127.0.0.1")]
    public async Task Are_the_same_on_every_database(DatabaseProvider provider, string server)
    {
        using var folder = new TemporaryFolder("model");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Tutti:Data", folder.Path), new("Tutti:Database:ConnectionString", server)]).Build();
        var options = new DbContextOptionsBuilder<IdentityDb>();
        options.UseProvider(provider, configuration, IdentityService.Name);
        await using var db = new IdentityDb(options.Options);
        Assert.False(db.Database.HasPendingModelChanges());
    }
}
