using System.Net;
using System.Text;
using System.Text.Json;
using Tutti.Testing;

namespace Tutti.ServiceDefaults.Tests;

/// <summary>One host for tests that change nothing.</summary>
public sealed class QuietHost : IAsyncLifetime
{
    private readonly Installation installation = Installation.Embedded();
    private ProbeHost? host;

    public ProbeHost Host => host ?? throw new InvalidOperationException("It is not started.");

    public async ValueTask InitializeAsync() => host = await installation.StartAsync();

    public ValueTask DisposeAsync() => installation.DisposeAsync();
}

public sealed class What_goes_wrong(QuietHost quiet) : IClassFixture<QuietHost>
{
    private readonly HttpClient client = quiet.Host.Client();

    [Theory]
    [InlineData("conflict", HttpStatusCode.Conflict, "probe.conflict")]
    [InlineData("invalid", HttpStatusCode.UnprocessableEntity, "probe.invalid")]
    [InlineData("forbidden", HttpStatusCode.Forbidden, "probe.forbidden")]
    [InlineData("stale", HttpStatusCode.PreconditionFailed, "stale-write")]
    [InlineData("bug", HttpStatusCode.InternalServerError, "server.error")]
    public async Task Has_its_status_and_code(string kind, HttpStatusCode status, string code)
    {
        var answer = await client.GetAsync(Of($"/api/probe/fail/{kind}"));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var problems = await Assert.RefusedAsync(answer, status, code);
        Assert.Equal(kind == "invalid" ? ["a.wrong", "b.wrong"] : [], problems);
    }

    [Theory]
    [InlineData("""{"text":"a","number":1,"mode":"operando","surprise":1}""")]
    [InlineData("""{"number":1,"mode":"operando"}""")]
    [InlineData("""{"text":null,"number":1,"mode":"operando"}""")]
    [InlineData("""{"text":"a","number":null,"mode":"operando"}""")]
    [InlineData("""{"text":"a","number":1,"mode":"operando","names":null}""")]
    [InlineData("""{"text":"a","number":"1","mode":"operando"}""")]
    [InlineData("""{"text":"a","number":1.5,"mode":"operando"}""")]
    [InlineData("""{"text":"a","number":99999999999,"mode":"operando"}""")]
    [InlineData("""{"text":"a","number":1,"mode":"sideways"}""")]
    [InlineData("""{"text":"a","number":1,"mode":1}""")]
    [InlineData("""{"text":7,"number":1,"mode":"operando"}""")]
    [InlineData("""{"text":"a\u0000b","number":1,"mode":"operando"}""")]
    [InlineData("""{"text":"a","number":1,"mode":"operando","names":["\u0000"]}""")]
    [InlineData("""{"text":"a","number":1,"mode":"operando","counts":{"a\u0000b":1}}""")]
    [InlineData("""{"text":"\ud800","number":1,"mode":"operando"}""")]
    [InlineData("""{"text":"a","number":1,"mode":"operando","text":"b"}""")]
    [InlineData("""{"text":"a","number":1""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("")]
    public async Task In_a_body_is_told_as_malformed(string body)
    {
        var answer = await PostAsync("/api/probe/echo", body);
        await Assert.RefusedAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
        // In the caller's words: none of ours about types.
        Assert.DoesNotMatch(@"System\.|Tutti\.|\.NET|`", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"text":"a"}""")]
    [InlineData("""{"callId":"019abcde-0000-7000-8000-000000000000"}""")]
    [InlineData("""{"callId":"019abcde-0000-7000-8000-000000000000","text":null}""")]
    public async Task In_a_body_of_a_positional_record_is_told_as_malformed(string body) =>
        await Assert.RefusedAsync(await PostAsync("/api/probe/positional", body), HttpStatusCode.BadRequest, "request.malformed");

    [Fact]
    public async Task Is_nothing_when_all_is_well()
    {
        var answer = await PostAsync("/api/probe/echo", """{"text":"a","number":1,"mode":"ex-situ","counts":{"b":2}}""");
        Assert.Equal("""{"text":"a","number":1,"mode":"ex-situ","names":[],"counts":{"b":2},"remark":null}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("/api/probe/positional", """{"callId":"019abcde-0000-7000-8000-000000000000","text":"b"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Of("/api/probe/query?text=a%20b&number=1"))).StatusCode);
    }

    [Theory]
    [InlineData("/api/probe/query?text=a%00b&number=1")]
    [InlineData("/api/probe/query?text=a&number=one")]
    [InlineData("/api/probe/query?number=1")]
    public async Task In_an_address_is_told_as_malformed(string address) =>
        await Assert.RefusedAsync(await client.GetAsync(Of(address)), HttpStatusCode.BadRequest, "request.malformed");

    [Fact]
    public async Task By_size_or_kind_is_told()
    {
        var large = JsonSerializer.Serialize(new { text = new string('x', (int)Hosting.MaxRequestBody), number = 1, mode = "operando" });
        await Assert.RefusedAsync(await PostAsync("/api/probe/echo", large), HttpStatusCode.RequestEntityTooLarge, "request.too-large");
        using var plain = new StringContent("hello", Encoding.UTF8, "text/plain");
        var known = quiet.Host.As(new Person("Somebody", "group"));
        await Assert.RefusedAsync(await known.PostAsync(Of("/api/probe/echo"), plain), HttpStatusCode.UnsupportedMediaType, "request.media-type");
        await Assert.RefusedAsync(await known.DeleteAsync(Of("/api/probe/echo")), HttpStatusCode.MethodNotAllowed, "request.method-not-allowed");
    }

    [Fact]
    public async Task Too_deep_is_told_as_malformed() =>
        await Assert.RefusedAsync(
            await PostAsync("/api/probe/echo", new string('[', 40) + new string(']', 40)), HttpStatusCode.BadRequest, "request.malformed");

    private static Uri Of(string address) => new(address, UriKind.Relative);

    private async Task<HttpResponseMessage> PostAsync(string address, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.PostAsync(Of(address), content);
    }
}
