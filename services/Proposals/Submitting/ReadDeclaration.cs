using Microsoft.AspNetCore.Http.HttpResults;

namespace Tutti.Proposals.Submitting;

/// <summary>Reads the declaration that a team has to accept.</summary>
public static class ReadDeclaration
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/declaration", Handle);

    internal static Ok<Response> Handle() => TypedResults.Ok(new Response(Declaration.Version, Declaration.Text));

    /// <summary>The declaration in force.</summary>
    public sealed record Response(string Version, string Text);
}
