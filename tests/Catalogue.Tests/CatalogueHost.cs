using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Tutti.Catalogue.Browsing;
using Tutti.Catalogue.Seeding;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Catalogue.Tests;

/// <summary>The Catalogue service as it is after its first start.</summary>
public sealed class CatalogueHost : ServiceHost<CatalogueDb>
{
    public static readonly Person Office = new("Office", "office", Roles.UserOffice);
    public static readonly Person Staff = new("Staff", "elettra", $"{Roles.FacilityStaff}@elettra");
    public static readonly Person OtherStaff = new("Other", "bnc", $"{Roles.FacilityStaff}@bnc");
    public static readonly Person Proposer = new("Maria", "battery-group", Roles.Proposer);

    /// <summary>A replica starts, with the seed of another release.</summary>
    public Task StartReplicaAsync(CatalogueSeed seed) =>
        new SeedCatalogue(Services.GetRequiredService<IServiceScopeFactory>(), seed, Time, NullLogger<SeedCatalogue>.Instance).StartAsync(CancellationToken.None);

    /// <summary>The embedded seed with some text replaced, as another release could have it.</summary>
    public static CatalogueSeed SeedWith(string text, string replacement, int edition = 2)
    {
        var catalogue = CatalogueSeed.Resource("catalogue.json");
        Assert.Contains(text, catalogue, StringComparison.Ordinal);
        var additions = CatalogueSeed.Resource("additions.json").Replace("\"edition\": 2", $"\"edition\": {edition}", StringComparison.Ordinal);
        return CatalogueSeed.Read(catalogue.Replace(text, replacement, StringComparison.Ordinal), CatalogueSeed.Resource("techniques.json"), additions);
    }

    public async Task<ReadInstrument.Response> InstrumentAsync(string code) =>
        await CreateClient().GetFromJsonAsync<ReadInstrument.Response>($"/api/catalogue/instruments/{code}", Json.Strict) ?? throw new JsonException("null");

    public async Task<List<string>> FindAsync(string filter)
    {
        var found = await CreateClient().GetFromJsonAsync<List<ListInstruments.Response>>($"/api/catalogue/instruments?{filter}", Json.Strict) ?? throw new JsonException("null");
        return found.ConvertAll(instrument => instrument.Code);
    }

    public Task<HttpResponseMessage> ChangeAsync(Person who, string code, string name, bool inScheme = true, InstrumentModes? modes = null, string reason = "As the staff told us.", string? version = null)
    {
        var client = As(who);
        if (version is not null) client.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", version);
        return client.PutAsJsonAsync($"/api/catalogue/instruments/{code}", new { name, inScheme, modes = modes ?? new InstrumentModes(true, true, true), reason }, Json.Strict);
    }
}
