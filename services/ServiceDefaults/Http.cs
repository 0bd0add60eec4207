using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Tutti.ServiceDefaults;

/// <summary>What routes share: versions against lost updates, and the OpenAPI document of a service.</summary>
public static class Http
{
    /// <summary>Tells the caller the version that a later <c>If-Match</c> names.</summary>
    public static void TellVersion(this HttpResponse response, int version) => response.Headers.ETag = $"\"{version}\"";

    /// <summary>Refuses a write that is based on an older version than the present one.</summary>
    public static void RequireVersion(this HttpRequest request, int version)
    {
        var match = request.Headers.IfMatch.ToString();
        if (match.Length > 0 && match != "*" && match != $"\"{version}\"")
            throw new RuleViolation("stale-write", "It was changed by somebody else meanwhile; read it again.", StatusCodes.Status412PreconditionFailed);
    }

    /// <summary>The same for what is not replaced unseen: who names no version is asked for one (428).</summary>
    public static void RequireNamedVersion(this HttpRequest request, int version)
    {
        if (request.Headers.IfMatch.ToString() is "" or "*")
            throw new RuleViolation("version-required", "Name the version that is to be replaced in If-Match.", StatusCodes.Status428PreconditionRequired);
        request.RequireVersion(version);
    }

    /// <summary>
    /// A caller who names no version (no <c>If-Match</c>) is not troubled with a race: what was lost to it is done again on what the winner
    /// wrote, a few times.
    /// </summary>
    public static RouteGroupBuilder AgainWhenStale<TDb>(this RouteGroupBuilder group) where TDb : DbContext =>
        group.AddEndpointFilter(async (context, next) =>
        {
            for (var left = 5; ; left--)
            {
                try
                {
                    return await next(context);
                }
                catch (DbUpdateConcurrencyException) when (left > 0 && context.HttpContext.Request.Headers.IfMatch.Count == 0)
                {
                    context.HttpContext.RequestServices.GetRequiredService<TDb>().ChangeTracker.Clear();
                }
            }
        });

    /// <summary>When a request came first: the same moment when it is handled again because of a stale write.</summary>
    public static DateTimeOffset ArrivedAt(this HttpContext http, TimeProvider time)
    {
        if (http.Items.TryGetValue(typeof(TimeProvider), out var known) && known is DateTimeOffset arrivedAt) return arrivedAt;
        var now = time.GetUtcNow();
        http.Items[typeof(TimeProvider)] = now;
        return now;
    }

    /// <summary>Adds the OpenAPI document of a service: the routes that carry its name as group.</summary>
    public static void AddApi(this WebApplicationBuilder builder, string name, string title, string description) =>
        builder.Services.AddOpenApi(name, options =>
        {
            // Each use case has a Request and a Response of its own; a list is described where it stands.
            options.CreateSchemaReferenceId = info => Json.ElementOf(info.Type) is not null || OpenApiOptions.CreateDefaultSchemaReferenceId(info) is not { } id ? null
                : info.Type.DeclaringType is { } useCase ? useCase.Name + id : id;
            options.AddSchemaTransformer(DescribeConvertedAsync);
            options.AddOperationTransformer(DescribeRefusalsAsync);
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new() { Title = title, Version = "v1", Description = description };
                document.Servers = [];
                return Task.CompletedTask;
            });
        });

    private sealed record Refusal(string Title, int Status, string? Detail, string Code, IReadOnlyList<Problem>? Problems);

    /// <summary>What a converter of ours reads and writes looks like any other text or list.</summary>
    private static async Task DescribeConvertedAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (context.JsonTypeInfo.Type == typeof(string)) schema.Type ??= JsonSchemaType.String;
        if (Json.ElementOf(context.JsonTypeInfo.Type) is not { } element) return;
        schema.Type ??= JsonSchemaType.Array;
        schema.Items ??= await context.GetOrCreateSchemaAsync(element, null, cancel);
    }

    /// <summary>What every route has in common: refusals carry a code, and who writes may name the version they have seen.</summary>
    private static async Task DescribeRefusalsAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var body = new OpenApiMediaType { Schema = await context.GetOrCreateSchemaAsync(typeof(Refusal), null, cancel) };
        (operation.Responses ??= [])["default"] = new OpenApiResponse { Description = "Refused; the code is stable.", Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = body } };
        const string ifMatch = "The ETag that was read. Where what is written has a version, another one is refused (412, stale-write), and where it is not to be overwritten unseen, so is none (428: version-required, plan.version-required).";
        if (context.Description.HttpMethod is not "GET") (operation.Parameters ??= []).Add(new OpenApiParameter { Name = "If-Match", In = ParameterLocation.Header, Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Description = ifMatch });
    }

    /// <summary>Serves the OpenAPI document of a service.</summary>
    public static void MapApi(this WebApplication app, string name) => 
        app.MapOpenApi($"/openapi/{{documentName:regex(^{name}$)}}.json").AllowAnonymous();
}
