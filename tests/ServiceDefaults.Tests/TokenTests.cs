using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

public sealed class A_caller(QuietHost quiet) : IClassFixture<QuietHost>
{
    private readonly ProbeHost host = quiet.Host;

    private RsaSecurityKey Key => Authorization.ReadSigningKey(host.Services.GetRequiredService<IConfiguration>());

    [Fact]
    public async Task Without_a_token_sees_nothing_that_names_no_policy()
    {
        await Assert.RefusedAsync(await GetAsync("/api/probe/unnamed-policy", null), HttpStatusCode.Unauthorized, "identity.required");
        await Assert.RefusedAsync(await GetAsync("/api/probe/office", null), HttpStatusCode.Unauthorized, "identity.required");
        await Assert.RefusedAsync(await GetAsync("/api/probe/not-there", null), HttpStatusCode.Unauthorized, "identity.required");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health/ready", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health/live", null)).StatusCode);
    }

    [Theory]
    [InlineData("/api/probe/office", HttpStatusCode.OK, Roles.UserOffice)]
    [InlineData("/api/probe/office", HttpStatusCode.OK, Roles.Proposer, Roles.UserOffice)]
    [InlineData("/api/probe/office", HttpStatusCode.OK, Roles.UserOffice + "@all")]
    [InlineData("/api/probe/office", HttpStatusCode.Forbidden, Roles.Proposer)]
    [InlineData("/api/probe/office", HttpStatusCode.Forbidden, Roles.UserOffice + "-helper")]
    [InlineData("/api/probe/office", HttpStatusCode.Forbidden, "user-offic")]
    [InlineData("/api/probe/office", HttpStatusCode.Forbidden, "USER-OFFICE")]
    [InlineData("/api/probe/office", HttpStatusCode.Forbidden)]
    [InlineData("/api/probe/unnamed-policy", HttpStatusCode.OK)]
    [InlineData("/api/probe/not-there", HttpStatusCode.NotFound)]
    [InlineData("/api/probe/keeper-or-staff", HttpStatusCode.OK, Roles.CellKeeper)]
    [InlineData("/api/probe/keeper-or-staff", HttpStatusCode.OK, Roles.FacilityStaff + "@elettra")]
    [InlineData("/api/probe/keeper-or-staff", HttpStatusCode.Forbidden, Roles.FacilityDirector + "@elettra")]
    [InlineData("/api/probe/staff-of-elettra", HttpStatusCode.OK, Roles.FacilityStaff + "@elettra")]
    [InlineData("/api/probe/staff-of-elettra", HttpStatusCode.Forbidden, Roles.FacilityStaff + "@bnc")]
    [InlineData("/api/probe/staff-of-elettra", HttpStatusCode.Forbidden, Roles.FacilityStaff)]
    [InlineData("/api/probe/staff-of-elettra", HttpStatusCode.Forbidden, Roles.FacilityStaff + "@elettra2")]
    public async Task Gets_what_the_roles_allow(string address, HttpStatusCode status, params string[] roles) =>
        Assert.Equal(status, (await GetAsync(address, new Person("Somebody", "group", roles).Token(Key, TimeProvider.System))).StatusCode);

    [Fact]
    public async Task Is_let_in_with_a_good_token() => await IsAsync(HttpStatusCode.OK, Token(_ => { }));

    [Fact]
    public async Task Is_not_let_in_with_an_expired_token() =>
        await IsAsync(HttpStatusCode.Unauthorized, Token(token => (token.NotBefore, token.Expires) = (Now.AddHours(-2), Now.AddMinutes(-2))));

    [Fact]
    public async Task Is_not_let_in_with_a_token_of_the_future() =>
        await IsAsync(HttpStatusCode.Unauthorized, Token(token => (token.NotBefore, token.Expires) = (Now.AddHours(1), Now.AddHours(2))));

    [Fact]
    public async Task Is_not_let_in_with_a_token_without_an_end() =>
        await IsAsync(HttpStatusCode.Unauthorized, new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(Descriptor(token => token.Expires = null)));

    [Fact]
    public async Task Is_not_let_in_by_another_issuer() => await IsAsync(HttpStatusCode.Unauthorized, Token(token => token.Issuer = "https://elsewhere.invalid/"));

    [Fact]
    public async Task Is_not_let_in_for_another_audience() => await IsAsync(HttpStatusCode.Unauthorized, Token(token => token.Audience = "elsewhere"));

    [Fact]
    public async Task Is_not_let_in_with_another_key()
    {
        using var other = RSA.Create(2048);
        var key = new RsaSecurityKey(other) { KeyId = Key.KeyId };
        await IsAsync(HttpStatusCode.Unauthorized, Token(token => token.SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256)));
    }

    [Fact]
    public async Task Is_not_let_in_with_a_secret_made_of_the_public_key()
    {
        var secret = new SymmetricSecurityKey(Encoding.ASCII.GetBytes(Key.Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = Key.KeyId };
        await IsAsync(HttpStatusCode.Unauthorized, Token(token => token.SigningCredentials = new SigningCredentials(secret, SecurityAlgorithms.HmacSha256)));
    }

    [Fact]
    public async Task Is_not_let_in_without_a_signature()
    {
        var good = Token(_ => { }).Split('.');
        var header = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        await IsAsync(HttpStatusCode.Unauthorized, $"{header}.{good[1]}.");
        await IsAsync(HttpStatusCode.Unauthorized, $"{header}.{good[1]}.{good[2]}");
        await IsAsync(HttpStatusCode.Unauthorized, $"{good[0]}.{good[1]}.");
    }

    [Fact]
    public async Task Is_not_let_in_with_changed_claims()
    {
        var good = Token(_ => { }).Split('.');
        var claims = Base64UrlEncoder.Decode(good[1]).Replace("proposer", "operator", StringComparison.Ordinal);
        await IsAsync(HttpStatusCode.Unauthorized, $"{good[0]}.{Base64UrlEncoder.Encode(claims)}.{good[2]}");
        await IsAsync(HttpStatusCode.Unauthorized, "nonsense");
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private async Task IsAsync(HttpStatusCode status, string token) => Assert.Equal(status, (await GetAsync("/api/probe/unnamed-policy", token)).StatusCode);

    private Task<HttpResponseMessage> GetAsync(string address, string? token) => host.Client(token).GetAsync(new Uri(address, UriKind.Relative));

    private string Token(Action<SecurityTokenDescriptor> change) => new JsonWebTokenHandler().CreateToken(Descriptor(change));

    private SecurityTokenDescriptor Descriptor(Action<SecurityTokenDescriptor> change)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Authorization.Issuer, Audience = Authorization.Audience, NotBefore = Now.AddMinutes(-1), Expires = Now.AddMinutes(5),
            Claims = new Dictionary<string, object> { ["sub"] = Guid.CreateVersion7().ToString(), [Authorization.RoleClaim] = Roles.Proposer },
            SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        };
        change(token);
        return token;
    }
}

public sealed class The_signing_key
{
    [Fact]
    public async Task Is_the_same_for_all_who_ask_for_it_first_at_once()
    {
        for (var round = 0; round < 5; round++)
        {
            using var folder = new TemporaryFolder("key");
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(TestEngine.Embedded(folder.Path)).Build();
            var keys = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => Authorization.ReadSigningKey(configuration).KeyId)));
            Assert.Single(keys.Distinct());
            Assert.Equal(keys[0], Authorization.ReadSigningKey(configuration).KeyId);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "identity-key.pem")));
        }
    }

    [Fact]
    public async Task Is_the_same_for_two_processes_that_start_at_once()
    {
        await using var installation = Installation.Embedded();
        await using var other = Installation.Embedded();
        foreach (var each in new[] { installation, other }) each.Settings["Tutti:Identity:Keys"] = Path.Combine(installation.Data, "shared-keys");
        await using ServiceProcess first = installation.Process(), second = other.Process();
        await Task.WhenAll(first.StartAsync(), second.StartAsync());
        await Task.WhenAll(first.WaitUntilReadyAsync(TimeSpan.FromSeconds(60)), second.WaitUntilReadyAsync(TimeSpan.FromSeconds(60)));
        using var firstClient = new HttpClient { BaseAddress = first.Address };
        using var secondClient = new HttpClient { BaseAddress = second.Address };
        // The key is read when the first token comes.
        await Task.WhenAll(AskAsync(firstClient, "x.y.z"), AskAsync(secondClient, "x.y.z"));
        var key = Authorization.ReadSigningKey(new ConfigurationBuilder().AddInMemoryCollection(installation.Settings).Build());
        var token = new Person("Somebody", "group").Token(key, TimeProvider.System);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await Task.WhenAll(AskAsync(firstClient, token), AskAsync(secondClient, token)));
    }

    [Fact]
    public void Is_not_replaced_when_the_file_cannot_be_read()
    {
        using var folder = new TemporaryFolder("key");
        var file = Path.Combine(folder.Path, "identity-key.pem");
        File.WriteAllText(file, "-----BEGIN PRIVATE KEY-----\nMII");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(TestEngine.Embedded(folder.Path)).Build();
        Assert.ThrowsAny<Exception>(() => Authorization.ReadSigningKey(configuration));
        Assert.Equal("-----BEGIN PRIVATE KEY-----\nMII", File.ReadAllText(file));
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/probe/unnamed-policy") { Headers = { Authorization = new("Bearer", token) } };
        return (await client.SendAsync(request)).StatusCode;
    }
}
