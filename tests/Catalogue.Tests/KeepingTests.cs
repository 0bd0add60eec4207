using System.Net;
using System.Net.Http.Json;
using Tutti.Catalogue.Browsing;
using Tutti.Catalogue.Publishing;
using Tutti.Contracts.Catalogue;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Catalogue.Tests;

public sealed class An_instrument(CatalogueHost host) : IClassFixture<CatalogueHost>
{
    [Fact]
    public async Task Changed_by_its_staff_is_told_and_keeps_who_when_what_and_why()
    {
        var answer = await host.ChangeAsync(CatalogueHost.Staff, "elettra-sissi", "SISSI-Bio", modes: new InstrumentModes(true, null, false), reason: "New end station.");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var said = (await host.SaidAsync<InstrumentPublished>()).Last(said => said.InstrumentCode == "elettra-sissi");
        Assert.Equal((2, "SISSI-Bio", true, null, false), (said.Revision, said.Name, said.ExSitu, said.InSitu, said.Operando));
        Assert.Equal(["ftir", .. said.Techniques.Skip(1)], said.Techniques);
        var change = Assert.Single(await HistoryAsync("elettra-sissi"));
        Assert.Equal((CatalogueHost.Staff.Id, "New end station."), (change.By, change.Why));
        Assert.Equal(["name", "modes.exSitu", "modes.operando"], change.Changes.Select(field => field.Field));
        Assert.Equal(["elettra-sissi"], await host.FindAsync("text=sissi-bio"));
        Assert.Contains("elettra-sissi", await host.FindAsync("text=sissi"));
    }

    [Fact]
    public async Task Changed_to_what_it_is_says_nothing()
    {
        var before = await host.InstrumentAsync("bnc-psd");
        Assert.Equal(HttpStatusCode.NoContent, (await host.ChangeAsync(CatalogueHost.Office, "bnc-psd", before.Name, before.InScheme, before.Modes)).StatusCode);
        Assert.Single(await host.SaidAsync<InstrumentPublished>(), said => said.InstrumentCode == "bnc-psd");
        Assert.Empty(await HistoryAsync("bnc-psd"));
    }

    [Fact]
    public async Task Changed_by_two_colleagues_keeps_the_first_and_tells_the_second()
    {
        var version = (await host.CreateClient().GetAsync("/api/catalogue/instruments/bnc-gina")).Headers.ETag?.Tag;
        Assert.Equal(HttpStatusCode.NoContent, (await host.ChangeAsync(CatalogueHost.OtherStaff, "bnc-gina", "First", version: version)).StatusCode);
        await Assert.RefusedAsync(await host.ChangeAsync(CatalogueHost.Office, "bnc-gina", "Second", version: version), HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Equal("First", (await host.InstrumentAsync("bnc-gina")).Name);
    }

    [Fact]
    public async Task Is_changed_only_by_the_user_office_and_staff_of_its_site()
    {
        await Assert.RefusedAsync(await host.ChangeAsync(CatalogueHost.OtherStaff, "elettra-mcx", "X"), HttpStatusCode.Forbidden, "instrument.other-site");
        await Assert.RefusedAsync(await host.ChangeAsync(CatalogueHost.Staff, "candidate-haxpes", "X"), HttpStatusCode.Forbidden, "instrument.other-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await host.ChangeAsync(CatalogueHost.Proposer, "elettra-mcx", "X")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(CatalogueHost.Proposer).GetAsync("/api/catalogue/instruments/elettra-mcx/history")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().PutAsJsonAsync("/api/catalogue/instruments/elettra-mcx", new { })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.ChangeAsync(CatalogueHost.Office, "nothing", "X")).StatusCode);
    }

    [Fact]
    public async Task Is_not_changed_by_bad_input()
    {
        var problems = await Assert.RefusedAsync(await host.ChangeAsync(CatalogueHost.Office, "elettra-xrd1", new string('x', 201), reason: " "), HttpStatusCode.UnprocessableEntity, "instrument.invalid");
        Assert.Equal(["instrument.name", "reason.missing"], problems);
        foreach (var body in (object[])[new { name = "X" }, new { name = 1, inScheme = true, modes = new { }, reason = "r" }, new { name = "a\0b", inScheme = true, modes = new InstrumentModes(true, true, true), reason = "r" }, "text"])
            await Assert.RefusedAsync(await host.As(CatalogueHost.Office).PutAsJsonAsync("/api/catalogue/instruments/elettra-xrd1", body), HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(1, (await host.InstrumentAsync("elettra-xrd1")).Revision);
    }

    [Fact]
    public async Task Enters_the_scheme_by_a_decision_but_not_without_a_site()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await host.ChangeAsync(CatalogueHost.Office, "lasdam-moessbauer", "Moessbauer", reason: "Joined the scheme.")).StatusCode);
        Assert.True((await host.SaidAsync<InstrumentPublished>()).Last(said => said.InstrumentCode == "lasdam-moessbauer").InScheme);
        await Assert.RefusedAsync(await host.ChangeAsync(CatalogueHost.Office, "candidate-haxpes", "HAXPES"), HttpStatusCode.Conflict, "instrument.no-site");
    }

    [Fact]
    public async Task Retired_by_the_user_office_leaves_the_scheme_for_good()
    {
        Task<HttpResponseMessage> RetireAsync(Person who, string reason) => host.As(who).PostAsJsonAsync("/api/catalogue/instruments/solaris-uarpes/retirement", new { reason });
        Assert.Equal(HttpStatusCode.Forbidden, (await RetireAsync(CatalogueHost.Staff, "x")).StatusCode);
        await Assert.RefusedAsync(await RetireAsync(CatalogueHost.Office, ""), HttpStatusCode.UnprocessableEntity, "instrument.invalid");
        Assert.Equal(HttpStatusCode.NoContent, (await RetireAsync(CatalogueHost.Office, "Closed.")).StatusCode);
        await Assert.RefusedAsync(await RetireAsync(CatalogueHost.Office, "Closed."), HttpStatusCode.Conflict, "instrument.retired");
        await Assert.RefusedAsync(await host.ChangeAsync(CatalogueHost.Office, "solaris-uarpes", "X"), HttpStatusCode.Conflict, "instrument.retired");
        Assert.Equal(2, Assert.Single(await host.SaidAsync<InstrumentRetired>()).Revision);
        Assert.Equal(["solaris-uarpes"], await host.FindAsync("status=retired"));
        Assert.DoesNotContain("solaris-uarpes", await host.FindAsync("inScheme=true"));
        Assert.Equal("Closed.", Assert.Single(await HistoryAsync("solaris-uarpes")).Why);
    }

    private async Task<List<ReadHistory.Response>> HistoryAsync(string code) =>
        await host.As(CatalogueHost.Office).GetFromJsonAsync<List<ReadHistory.Response>>($"/api/catalogue/instruments/{code}/history", Json.Strict) ?? [];
}

public sealed class A_publication(CatalogueHost host) : IClassFixture<CatalogueHost>
{
    [Fact]
    public async Task Tells_everything_again_with_the_revisions_it_has()
    {
        (await host.As(CatalogueHost.Office).PostAsJsonAsync("/api/catalogue/instruments/ki-nmr/retirement", new { reason = "Closed." })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(CatalogueHost.Staff).PostAsync("/api/catalogue/publication", null)).StatusCode);
        var answer = await host.As(CatalogueHost.Office).PostAsync("/api/catalogue/publication", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(188, (await answer.Content.ReadFromJsonAsync<PublishAgain.Response>(Json.Strict))?.Records);
        Assert.Equal(99, (await host.SaidAsync<InstrumentPublished>()).Count);
        Assert.All(await host.SaidAsync<InstrumentPublished>(), said => Assert.Equal(1, said.Revision));
        Assert.Equal([2, 2], (await host.SaidAsync<InstrumentRetired>()).Select(said => said.Revision));
        Assert.Equal(16, (await host.SaidAsync<SitePublished>()).Count);
        await host.QuietAsync();
    }
}
