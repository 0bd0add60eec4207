using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.IdentityModel.Tokens;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Gateway.Tests;

public sealed class A_request_through_the_gateway
{
    [Fact]
    public async Task Reaches_its_service_unchanged_at_the_same_path()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var maria = gateway.As(RunningGateway.Maria);
        maria.DefaultRequestHeaders.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        foreach (var path in (string[])["/api/proposals/calls?page=2&text=a%20b", "/api/cellpool/cells", "/api/catalogue/instruments"])
        {
            var echo = await RunningGateway.EchoAsync(await maria.GetAsync(path));
            Assert.Equal(path, echo.Path.Replace("a b", "a%20b", StringComparison.Ordinal));
            Assert.Equal(maria.DefaultRequestHeaders.Authorization?.ToString(), echo.Authorization);
            Assert.Equal(gateway.Address.Authority, echo.Host);
            Assert.Equal("127.0.0.1", echo.ForwardedFor);
            Assert.Contains("0af7651916cd43dd8448eb211c80319c", echo.Trace);
        }
        var posted = await RunningGateway.EchoAsync(await maria.PostAsJsonAsync("/api/proposals", new { title = "A" }));
        Assert.Equal(("POST", "/api/proposals", 13L), (posted.Method, posted.Path, posted.Length));
    }

    [Fact]
    public async Task Takes_turns_among_the_replicas()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var maria = gateway.As(RunningGateway.Maria);
        List<string> names = [];
        for (var i = 0; i < 10; i++) names.Add((await RunningGateway.EchoAsync(await maria.GetAsync("/api/proposals/calls"))).Name);
        Assert.Equal(5, names.Count(name => name == "first"));
        Assert.Equal(5, names.Count(name => name == "second"));
    }

    [Fact]
    public async Task Is_refused_at_the_edge_without_a_good_token()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var anonymous = gateway.Anonymous();
        await Assert.RefusedAsync(await anonymous.GetAsync("/api/proposals/calls"), HttpStatusCode.Unauthorized, "identity.required");
        await Assert.RefusedAsync(await anonymous.PostAsync("/api/catalogue/instruments", null), HttpStatusCode.Unauthorized, "identity.required");
        using var key = System.Security.Cryptography.RSA.Create(2048);
        foreach (var token in (string[])["nonsense", RunningGateway.Maria.Token(new RsaSecurityKey(key), TimeProvider.System)])
        {
            anonymous.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            await Assert.RefusedAsync(await anonymous.GetAsync("/api/proposals/calls"), HttpStatusCode.Unauthorized, "identity.required");
        }
        Assert.Empty(gateway.First.Got);
        Assert.Empty(gateway.Second.Got);
    }

    [Theory]
    [InlineData("GET", "/api/catalogue/instruments")]
    [InlineData("GET", "/.well-known/openid-configuration")]
    [InlineData("POST", "/connect/token")]
    [InlineData("GET", "/openapi/proposals.json")]
    public async Task Needs_no_token_where_none_is_due(string method, string path)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var anonymous = gateway.Anonymous();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        Assert.Equal(path, (await RunningGateway.EchoAsync(await anonymous.SendAsync(request))).Path);
    }

    [Fact]
    public async Task Gets_the_refusal_that_the_service_gave()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var maria = gateway.As(RunningGateway.Maria);
        using var direct = new HttpClient { BaseAddress = new Uri(gateway.First.Address) };
        var through = await maria.GetAsync("/api/proposals/refused");
        Assert.Equal("application/problem+json", through.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["title.missing"], await Assert.RefusedAsync(through, HttpStatusCode.UnprocessableEntity, "proposal.incomplete"));
        static string WithoutTrace(string body) => Regex.Replace(body, "\"traceId\":\"[^\"]*\"", "");
        Assert.Equal(
            WithoutTrace(await (await direct.GetAsync("/api/proposals/refused")).Content.ReadAsStringAsync()), WithoutTrace(await through.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task That_asks_too_much_is_told_to_wait_while_others_go_on()
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Gateway:LocalRequestsPerMinute", "5"));
        using var maria = gateway.As(RunningGateway.Maria);
        using var luka = gateway.As(RunningGateway.Luka);
        for (var i = 0; i < 5; i++) await RunningGateway.EchoAsync(await maria.GetAsync("/api/proposals/calls"));
        var refused = await maria.GetAsync("/api/proposals/calls");
        await Assert.RefusedAsync(refused, HttpStatusCode.TooManyRequests, "request.too-many");
        Assert.NotNull(refused.Headers.RetryAfter);
        await RunningGateway.EchoAsync(await luka.GetAsync("/api/proposals/calls"));
        Assert.Equal(HttpStatusCode.OK, (await maria.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Carries_an_upload_up_to_its_limit_and_no_large_body_elsewhere()
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Reduction:MaxUploadBytes", "12000000"));
        using var maria = gateway.As(RunningGateway.Maria);
        // The client asks before it sends, so that the refusal is not lost in a half-sent body.
        maria.DefaultRequestHeaders.ExpectContinue = true;
        Assert.Equal(10_000_000, (await RunningGateway.EchoAsync(await maria.PostAsync("/api/reduction/datasets", new ByteArrayContent(new byte[10_000_000])))).Length);
        await Assert.RefusedAsync(await maria.PostAsync("/api/reduction/datasets", new ByteArrayContent(new byte[30_000_000])), HttpStatusCode.RequestEntityTooLarge, "request.too-large");
        await Assert.RefusedAsync(await maria.PostAsync("/api/proposals", new ByteArrayContent(new byte[3_000_000])), HttpStatusCode.RequestEntityTooLarge, "request.too-large");
    }

    [Fact]
    public async Task Carries_a_form_whose_files_are_as_large_as_the_limit()
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Reduction:MaxUploadBytes", "4000000"));
        using var maria = gateway.As(RunningGateway.Maria);
        maria.DefaultRequestHeaders.ExpectContinue = true;
        using var form = new MultipartFormDataContent();
        for (var i = 0; i < 4; i++) form.Add(new ByteArrayContent(new byte[1_000_000]), "files", $"scan-{i}.csv");
        var echo = await RunningGateway.EchoAsync(await maria.PostAsync("/api/reduction/datasets", form));
        Assert.True(echo.Length > 4_000_000, $"{echo.Length} bytes arrived");
    }

    [Fact]
    public async Task To_nowhere_does_not_exist()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var maria = gateway.As(RunningGateway.Maria);
        await Assert.RefusedAsync(await maria.GetAsync("/api/nothing"), HttpStatusCode.NotFound, "not-found");
        using var anonymous = gateway.Anonymous();
        foreach (var path in (string[])["/health/live", "/health/ready"]) Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync(path)).StatusCode);
    }
}

public sealed class A_caller_behind_a_proxy
{
    [Theory]
    [InlineData("127.0.0.0/8", "203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.0/8, 127.0.0.1/32", "2001:db8::7", "2001:db8::7")]
    [InlineData("127.0.0.0/8,198.51.100.0/24", "192.0.2.66, 198.51.100.1", "198.51.100.1")]
    public async Task Is_known_by_the_address_that_a_known_proxy_saw(string networks, string header, string seen)
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Gateway:KnownNetworks", networks));
        Assert.Equal(seen, await ToldAsync(gateway, header));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/8,fc00::/7")]
    public async Task Is_not_believed_who_invents_the_header(string networks)
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Gateway:KnownNetworks", networks));
        Assert.Equal("127.0.0.1", await ToldAsync(gateway, "203.0.113.7"));
    }

    [Fact]
    public async Task Has_a_limit_of_its_own()
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Gateway:KnownNetworks", "127.0.0.0/8"), ("Tutti:Gateway:RequestsPerMinute", "3"));
        for (var i = 0; i < 3; i++) await ToldAsync(gateway, "203.0.113.7");
        using var one = Behind(gateway, "203.0.113.7");
        await Assert.RefusedAsync(await one.PostAsync("/connect/token", null), HttpStatusCode.TooManyRequests, "request.too-many");
        Assert.Equal("203.0.113.8", await ToldAsync(gateway, "203.0.113.8"));
    }

    [Fact]
    public async Task Whose_proxy_is_misspelt_finds_no_gateway_that_guesses()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningGateway.StartAsync(("Tutti:Gateway:KnownNetworks", "10.0.0.0/8,the-ingress")));
        Assert.Contains("Tutti:Gateway:KnownNetworks: \"the-ingress\"", refused.Message);
    }

    private static HttpClient Behind(RunningGateway gateway, string header)
    {
        var client = gateway.Anonymous();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", header);
        return client;
    }

    /// <summary>Whom the gateway names to Identity.</summary>
    private static async Task<string> ToldAsync(RunningGateway gateway, string header)
    {
        using var client = Behind(gateway, header);
        return (await RunningGateway.EchoAsync(await client.PostAsync("/connect/token", null))).ForwardedFor;
    }
}

public sealed class A_replica_that_dies
{
    [Fact]
    public async Task Is_left_out_and_nobody_who_reads_notices()
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Gateway:ProbeSeconds", "600"));
        using var maria = gateway.As(RunningGateway.Maria);
        await gateway.First.DisposeAsync();
        for (var i = 0; i < 20; i++) Assert.Equal("second", (await RunningGateway.EchoAsync(await maria.GetAsync("/api/proposals/calls"))).Name);
    }

    [Fact]
    public async Task With_a_write_in_its_hands_has_it_refused_once_and_never_given_to_another()
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Gateway:ProbeSeconds", "600"));
        using var maria = gateway.As(RunningGateway.Maria);
        gateway.First.Drops = true;
        var refused = 0;
        for (var i = 0; i < 20; i++)
        {
            var answer = await maria.PostAsync($"/api/proposals/{i}", null);
            if (answer.IsSuccessStatusCode) continue;
            refused++;
            await Assert.RefusedAsync(answer, HttpStatusCode.ServiceUnavailable, "service.unavailable");
        }
        Assert.Equal(1, refused);
        Assert.Single(gateway.First.Got);
        Assert.Equal(19, gateway.Second.Got.Count);
        Assert.Empty(gateway.First.Got.Intersect(gateway.Second.Got));
    }

    [Fact]
    public async Task That_drops_a_read_has_it_answered_by_another()
    {
        await using var gateway = await RunningGateway.StartAsync(("Tutti:Gateway:ProbeSeconds", "600"));
        using var maria = gateway.As(RunningGateway.Maria);
        gateway.First.Drops = true;
        for (var i = 0; i < 4; i++) Assert.Equal("second", (await RunningGateway.EchoAsync(await maria.GetAsync($"/api/proposals/{i}"))).Name);
        Assert.Single(gateway.First.Got);
    }

    [Fact]
    public async Task Takes_its_turn_again_after_its_restart()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var maria = gateway.As(RunningGateway.Maria);
        var address = gateway.First.Address;
        await gateway.First.DisposeAsync();
        Assert.Equal("second", (await RunningGateway.EchoAsync(await maria.GetAsync("/api/proposals/calls"))).Name);
        await gateway.RestartFirstAsync(address);
        await Poll.UntilAsync(
            async stop => (await RunningGateway.EchoAsync(await maria.GetAsync("/api/proposals/calls", stop))).Name == "first", TimeSpan.FromSeconds(30), () => "the first replica answers again");
    }
}

public sealed class A_service_that_is_down
{
    [Theory]
    [InlineData("GET", "/api/proposals/calls")]
    [InlineData("POST", "/api/proposals")]
    [InlineData("GET", "/api/scheduling/plans")]
    public async Task Is_said_to_be_unavailable(string method, string path)
    {
        await using var gateway = await RunningGateway.StartAsync();
        await gateway.First.DisposeAsync();
        await gateway.Second.DisposeAsync();
        using var maria = gateway.As(RunningGateway.Maria);
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            var answer = await maria.SendAsync(request);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            await Assert.RefusedAsync(answer, HttpStatusCode.ServiceUnavailable, "service.unavailable");
        }
    }
}

public sealed partial class The_documentation
{
    [Fact]
    public async Task Is_one_page_with_all_services_and_everything_it_needs_comes_from_here()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var reader = gateway.Anonymous();
        var answer = await reader.GetAsync("/docs");
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var service in Docs.Services) Assert.Contains($"openapi/{service}.json", page);
        Assert.DoesNotMatch("https?://", page);
        var scripts = Sources().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            var from = new Uri(answer.RequestMessage?.RequestUri ?? gateway.Address, script);
            var asset = await reader.GetAsync(from);
            Assert.True(asset.IsSuccessStatusCode, $"{from}: {asset.StatusCode}");
            Assert.Contains("javascript", asset.Content.Headers.ContentType?.MediaType);
        }
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]+\\.js[^\"]*)\"")]
    private static partial Regex Sources();
}
