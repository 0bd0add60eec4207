using Microsoft.AspNetCore.Http.HttpResults;
using Tutti.Catalogue.Seeding;

namespace Tutti.Catalogue.Browsing;

/// <summary>Anybody reads where the facts come from and under which licence.</summary>
public static class ReadSource
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/source", Handle);

    internal static Ok<Response> Handle(CatalogueSeed seed) => TypedResults.Ok(new Response(
        seed.Source.Title, seed.Source.Doi, $"https://doi.org/{seed.Source.Doi}", seed.Source.Licence, "https://creativecommons.org/licenses/by/4.0/", seed.Source.AsOf,
        "Changes were made: facts were selected, re-worded and brought into a structured form; persons and contacts were left out; time zones and the effect of couplings were added. "
        + "The authors of the source do not endorse this product."));

    /// <summary>The credit.</summary>
    public sealed record Response(string Title, string Doi, string Address, string Licence, string LicenceAddress, string AsOf, string Changes);
}
