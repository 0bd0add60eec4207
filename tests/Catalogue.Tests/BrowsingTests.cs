using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Catalogue.Tests;

public sealed class Anybody(CatalogueHost host) : IClassFixture<CatalogueHost>
{
    [Theory]
    [InlineData("", 50)]
    [InlineData("site=elettra", 19)]
    [InlineData("partner=HR", 5)]
    [InlineData("status=candidate", 6)]
    [InlineData("status=under-construction", 1)]
    [InlineData("inScheme=true", 39)]
    [InlineData("inScheme=false", 11)]
    [InlineData("mode=operando", 6)]
    [InlineData("mode=operando&inScheme=true", 3)]
    [InlineData("page=2", 0)]
    public async Task Counts_the_instruments_that_pass_a_filter(string filter, int expected) => Assert.Equal(expected, (await host.FindAsync(filter)).Count);

    [Theory]
    [InlineData("technique=xas", "elettra-xafs")]
    [InlineData("technique=xrd&site=elettra", "elettra-mcx", "elettra-xrd1")]
    [InlineData("sampleEnvironment=glove-box", "elettra-saxs", "elettra-surface-lab")]
    [InlineData("mode=operando&inScheme=true", "elettra-mcx", "elettra-xafs", "elettra-xrd1")]
    [InlineData("text=PRUSSIAN%20blue", "elettra-mcx")]
    [InlineData("text=MBS", "elettra-msb")]
    [InlineData("text=SLOVENIAN nmr", "ki-nmr")]
    [InlineData("text=in-house 100%25")]
    public async Task Finds_instruments(string filter, params string[] expected) => Assert.Equal(expected, (await host.FindAsync(filter)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Finds_an_instrument_by_the_name_of_its_technique() => Assert.Contains("elettra-saxs", await host.FindAsync("text=Small-Angle x-ray"));

    [Fact]
    public async Task Is_told_every_filter_value_that_the_catalogue_does_not_know()
    {
        var answer = await host.CreateClient().GetAsync(
            "/api/catalogue/instruments?technique=alchemy&site=atlantis&partner=XX&sampleEnvironment=bucket&mode=in-vivo&status=broken&inScheme=maybe&page=0&text=" + new string('a', 201));
        var problems = await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "catalogue.filter-invalid");
        Assert.Equal(
            ["in-scheme.unknown", "mode.unknown", "partner.unknown", "request.page", "sample-environment.unknown", "site.unknown", "status.unknown", "technique.unknown", "text.too-long"],
            problems.Order(StringComparer.Ordinal));
        await Assert.RefusedAsync(await host.CreateClient().GetAsync("/api/catalogue/instruments?page=first"), HttpStatusCode.BadRequest, "request.malformed");
        await Assert.RefusedAsync(await host.CreateClient().GetAsync("/api/catalogue/instruments?text=%00"), HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task Reads_an_instrument_with_its_whole_record()
    {
        var xafs = await host.InstrumentAsync("elettra-xafs");
        Assert.Equal(("elettra", "IT", true, "xas"), (xafs.Site, xafs.Partner, xafs.InScheme, xafs.Technique));
        Assert.Equal(new InstrumentModes(null, true, true), xafs.Modes);
        Assert.Equal("2.5.12", xafs.Record.GetProperty("section").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await host.CreateClient().GetAsync("/api/catalogue/instruments/nothing")).StatusCode);
    }

    [Theory]
    [InlineData("partners", 8, "HR")]
    [InlineData("sites", 8, "elettra")]
    [InlineData("techniques", 93, "xas")]
    [InlineData("support-labs", 10, "tug-chem-lab")]
    [InlineData("equipment-kinds", 8, "drying-oven")]
    [InlineData("combinations", 21, "C1")]
    [InlineData("couplings", 8, "undulator-esca")]
    [InlineData("cell-designs", 19, "mcx-holder")]
    [InlineData("vocabularies", 10, "sampleEnvironment")]
    [InlineData("preprocessing-recipes", 20, "p-xas")]
    public async Task Reads_everything_else(string path, int count, string code)
    {
        var client = host.CreateClient();
        Assert.Equal(count, (await client.GetFromJsonAsync<List<JsonElement>>($"/api/catalogue/{path}", Json.Strict))?.Count);
        var one = await client.GetFromJsonAsync<JsonElement>($"/api/catalogue/{path}/{code}", Json.Strict);
        Assert.Equal(code, one.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/catalogue/{path}/nothing")).StatusCode);
        await Assert.RefusedAsync(await client.GetAsync($"/api/catalogue/{path}?page=0"), HttpStatusCode.UnprocessableEntity, "request.page");
    }

    [Fact]
    public async Task Reads_our_additions_apart_from_the_record_of_the_source()
    {
        var site = await host.CreateClient().GetFromJsonAsync<JsonElement>("/api/catalogue/sites/nimp", Json.Strict);
        Assert.Equal("Europe/Bucharest", site.GetProperty("additions").GetProperty("timeZone").GetString());
        Assert.False(site.GetProperty("record").TryGetProperty("timeZone", out _));
        var coupling = await host.CreateClient().GetFromJsonAsync<JsonElement>("/api/catalogue/couplings/rbi-accelerators", Json.Strict);
        Assert.False(coupling.GetProperty("additions").GetProperty("oneAtATime").GetBoolean());
    }

    [Fact]
    public async Task Reads_whose_facts_these_are()
    {
        var credit = await host.CreateClient().GetFromJsonAsync<JsonElement>("/api/catalogue/source", Json.Strict);
        Assert.Equal("Report on CERIC's Expert Group on Batteries", credit.GetProperty("title").GetString());
        Assert.Equal("10.5281/zenodo.3888235", credit.GetProperty("doi").GetString());
        Assert.Equal("CC BY 4.0", credit.GetProperty("licence").GetString());
        Assert.StartsWith("Changes were made", credit.GetProperty("changes").GetString(), StringComparison.Ordinal);
    }
}
