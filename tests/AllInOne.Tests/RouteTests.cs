using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tutti.ServiceDefaults.Messaging;
using Tutti.Testing;

namespace Tutti.AllInOne.Tests;

/// <summary>All services in one process, looked at through its routes and queues.</summary>
public sealed partial class The_whole_process(WholeProcess process) : IClassFixture<WholeProcess>
{
    [Fact]
    public void Names_a_policy_on_every_route()
    {
        var open = Routes(process.Services).Where(IsOpen).Select(route => route.RoutePattern.RawText).ToList();
        Assert.Empty(open);
        Assert.True(IsOpen((RouteEndpoint)new RouteEndpointBuilder(_ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/x"), 0).Build()));
    }

    [Fact]
    public void Lets_nobody_in_without_a_token_but_where_it_is_meant()
    {
        string[] meant = ["/connect/", "/api/catalogue/", "/api/scheduling/feeds/", "/health/", "/openapi/", "/docs", "/.well-known/"];
        var anonymous = Routes(process.Services).Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(route => "/" + route.RoutePattern.RawText?.TrimStart('/')).ToList();
        Assert.NotEmpty(anonymous);
        Assert.All(anonymous, route => Assert.Contains(meant, prefix => route.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [Fact]
    public void Calls_every_queue_after_the_service_that_listens()
    {
        var queues = process.Services.GetServices<Reaction>().Select(reaction => reaction.Queue).ToList();
        Assert.NotEmpty(queues);
        Assert.Equal(queues.Count, queues.Distinct().Count());
        Assert.All(queues, queue => Assert.Contains(Repository.Services, service => queue.StartsWith(service.ToLowerInvariant() + "-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("proposals")]
    [InlineData("review")]
    [InlineData("catalogue")]
    [InlineData("scheduling")]
    [InlineData("cellpool")]
    [InlineData("reduction")]
    [InlineData("identity")]
    public async Task Describes_each_service_in_openapi(string service)
    {
        var document = await process.CreateClient().GetStringAsync($"/openapi/{service}.json");
        Assert.Contains("\"openapi\"", document, StringComparison.Ordinal);
        Assert.Contains($"/api/{service}", document, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(document);
        // A client can be written from it: every member of every body says what it is.
        var schemas = json.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.Empty(schemas.EnumerateObject().SelectMany(Undescribed));
        var named = Reference().Matches(document).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.True(schemas.TryGetProperty(name, out _), name));
    }

    [Fact]
    public async Task Describes_each_use_case_by_its_own_body()
    {
        using var json = JsonDocument.Parse(await process.CreateClient().GetStringAsync("/openapi/proposals.json"));
        var bodies = json.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.True(bodies.GetProperty("CreateDraftRequest").GetProperty("properties").TryGetProperty("callId", out _));
        Assert.Equal("string", bodies.GetProperty("AnnounceCallRequest").GetProperty("properties").GetProperty("title").GetProperty("type").GetString());
        Assert.Equal("array", bodies.GetProperty("ProposalText").GetProperty("properties").GetProperty("experiments").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Describes_how_a_write_names_what_it_has_seen_and_how_it_is_refused()
    {
        using var json = JsonDocument.Parse(await process.CreateClient().GetStringAsync("/openapi/scheduling.json"));
        var calendar = json.RootElement.GetProperty("paths").GetProperty("/api/scheduling/instruments/{code}/calendar");
        Assert.Equal((1, 0), (Headers(calendar.GetProperty("put")), Headers(calendar.GetProperty("get"))));
        foreach (var method in (string[])["put", "get"])
        {
            var refusal = calendar.GetProperty(method).GetProperty("responses").GetProperty("default").GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("properties");
            Assert.True(refusal.TryGetProperty("code", out _) && refusal.TryGetProperty("problems", out _));
        }

        static int Headers(JsonElement operation) => operation.GetProperty("parameters").EnumerateArray().Count(one => (one.GetProperty("name").GetString(), one.GetProperty("in").GetString()) == ("If-Match", "header"));
    }

    [GeneratedRegex("\"\\$ref\": \"#/components/schemas/([^\"]+)\"")]
    private static partial Regex Reference();

    private static IEnumerable<string> Undescribed(JsonProperty schema) => schema.Value.TryGetProperty("properties", out var members)
        ? members.EnumerateObject().Where(member => !member.Value.EnumerateObject().Any()).Select(member => $"{schema.Name}.{member.Name}") : [];

    private static IEnumerable<RouteEndpoint> Routes(IServiceProvider services) => services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    private static bool IsOpen(RouteEndpoint route) => route.Metadata.GetMetadata<IAuthorizeData>() is null && route.Metadata.GetMetadata<AuthorizationPolicy>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null;
}

/// <summary>AllInOne in the test's process.</summary>
public sealed class WholeProcess : WebApplicationFactory<Welcome>, IAsyncDisposable
{
    private readonly TemporaryFolder data = new("whole");

    /// <inheritdoc/>
    protected override void ConfigureWebHost(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder) => builder.UseSetting("Tutti:Data", data.Path);

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        data.Dispose();
        GC.SuppressFinalize(this);
    }
}
