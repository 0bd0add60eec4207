using Microsoft.AspNetCore.Builder;
using Scalar.AspNetCore;

namespace Tutti.ServiceDefaults;

/// <summary>The one page with the documentation of every service's API.</summary>
public static class Docs
{
    /// <summary>Path names of the services, in the order of a proposal's life.</summary>
    public static IReadOnlyList<string> Services { get; } = ["catalogue", "proposals", "review", "scheduling", "cellpool", "reduction", "identity"];

    /// <summary>
    /// Maps <c>/docs</c>: the documents at <c>/openapi/{service}.json</c> behind one page. Everything the page needs comes from this process;
    /// it asks no other server for scripts, fonts, or anything else.
    /// </summary>
    public static void MapDocs(this WebApplication app) =>
        app.MapScalarApiReference("/docs", options =>
        {
            options.Title = "Tutti";
            options.Telemetry = false;
            options.DefaultFonts = false;
            options.OpenApiRoutePattern = "/openapi/{documentName}.json";
            options.AddDocuments(Services).DisableAgent().DisableMcp();
        }).AllowAnonymous();
}
