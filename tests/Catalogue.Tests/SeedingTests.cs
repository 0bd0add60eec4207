using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Catalogue;
using Tutti.Catalogue.Seeding;

namespace Tutti.Catalogue.Tests;

public sealed class A_first_start(CatalogueHost host) : IClassFixture<CatalogueHost>
{
    [Fact]
    public async Task Tells_every_record_once()
    {
        var instruments = await host.SaidAsync<InstrumentPublished>();
        Assert.Equal(50, instruments.Count);
        Assert.All(instruments.CountBy(said => said.InstrumentCode), said => Assert.Equal(1, said.Value));
        Assert.All(instruments, said => Assert.Equal(1, said.Revision));
        Assert.Equal(8, (await host.SaidAsync<SitePublished>()).Count);
        Assert.Equal(93, (await host.SaidAsync<TechniquePublished>()).Count);
        Assert.Equal(19, (await host.SaidAsync<CellDesignPublished>()).Count);
        Assert.Equal(10, (await host.SaidAsync<SupportLabPublished>()).Count);
        Assert.Equal(8, (await host.SaidAsync<EquipmentKindPublished>()).Count);
    }

    [Fact]
    public async Task Tells_laboratories_with_the_kind_of_each_piece_and_the_words_of_the_source()
    {
        var said = Assert.Single(await host.SaidAsync<SupportLabPublished>(), said => said.LaboratoryCode == "tug-chem-lab");
        Assert.Equal(("tu-graz", "available", 1), (said.SiteCode, said.Status, said.Revision));
        Assert.Equal([("glove-box", "glove-box (N2)"), ("glove-box", "glove-box (Ar)"), ("potentiostat", "potentiostat")], said.Equipment.Select(piece => (piece.Kind, piece.Words)));
        Assert.Equal(["tug-light-scattering", "tug-lab-saxs"], said.InstrumentCodes);
        var kinds = await host.SaidAsync<EquipmentKindPublished>();
        Assert.Equal(["drying-oven", "glove-box", "potentiostat"], kinds.Where(kind => kind.Minimal).Select(kind => kind.KindCode).Order(StringComparer.Ordinal));
        Assert.True((await host.SaidAsync<SupportLabPublished>()).SelectMany(laboratory => laboratory.Equipment).All(piece => kinds.Exists(kind => kind.KindCode == piece.Kind)));
    }

    [Fact]
    public async Task Tells_the_full_record_of_an_instrument()
    {
        var said = Assert.Single(await host.SaidAsync<InstrumentPublished>(), said => said.InstrumentCode == "elettra-escamicroscopy");
        Assert.Equal(("elettra", "IT", "described", true, "spem"), (said.SiteCode, said.PartnerCode, said.Status, said.InScheme, said.Technique));
        Assert.Equal(["spem", "xps", "nap-spem"], said.Techniques);
        Assert.Equal(["undulator-esca"], said.SharedSources);
        Assert.Equal(["uhv"], said.SampleConstraints);
        Assert.Equal((null, true, null), (said.ExSitu, said.InSitu, said.Operando));
    }

    [Fact]
    public async Task Puts_in_the_scheme_only_what_is_in_it_described_and_at_a_site()
    {
        var instruments = await host.SaidAsync<InstrumentPublished>();
        Assert.Equal(39, instruments.Count(said => said.InScheme));
        Assert.DoesNotContain(instruments, said => said.InScheme && (said.Status != "described" || said.SiteCode is null));
        Assert.False(instruments.Single(said => said.InstrumentCode == "rbi-dual-microprobe").InScheme);
        Assert.False(instruments.Single(said => said.InstrumentCode == "lasdam-xrd").InScheme);
    }

    [Fact]
    public async Task Makes_wait_for_each_other_only_those_that_run_one_at_a_time() =>
        Assert.Equal(
            ["elettra-escamicroscopy", "elettra-superesca"],
            (await host.SaidAsync<InstrumentPublished>()).Where(said => said.SharedSources.Count > 0).Select(said => said.InstrumentCode).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Tells_where_each_site_reads_its_clock() =>
        Assert.All(await host.SaidAsync<SitePublished>(), said => Assert.Equal(said.Country == "IT" ? "Europe/Rome" : said.TimeZone, TimeZoneInfo.FindSystemTimeZoneById(said.TimeZone).Id));

    [Fact]
    public async Task Tells_cells_with_their_home_instrument_first()
    {
        var said = Assert.Single(await host.SaidAsync<CellDesignPublished>(), said => said.CellDesignCode == "cuni-emersion-cell");
        Assert.Equal(["cuni-nap-xps", "elettra-msb"], said.InstrumentCodes);
        Assert.Equal(("cuni emersion cell", "available"), (said.Name, said.Status));
    }
}

public sealed class A_later_start : IAsyncLifetime
{
    private readonly CatalogueHost host = new();

    public async ValueTask InitializeAsync() => await host.InstrumentAsync("elettra-xafs");

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)host).DisposeAsync();

    [Fact]
    public async Task With_the_same_seed_says_nothing()
    {
        await host.StartReplicaAsync(CatalogueSeed.Embedded());
        Assert.Equal(50, (await host.SaidAsync<InstrumentPublished>()).Count);
        Assert.Equal(1, (await host.InstrumentAsync("elettra-xafs")).Revision);
    }

    [Fact]
    public async Task With_a_new_seed_tells_only_what_changed()
    {
        await host.StartReplicaAsync(CatalogueHost.SeedWith("RBS/PIXE beamline", "RBS and PIXE beamline"));
        Assert.Equal(51, (await host.SaidAsync<InstrumentPublished>()).Count);
        var said = (await host.SaidAsync<InstrumentPublished>())[^1];
        Assert.Equal(("rbi-rbs-pixe", 2, "RBS and PIXE beamline"), (said.InstrumentCode, said.Revision, said.Name));
        Assert.Equal("RBS and PIXE beamline", (await host.InstrumentAsync("rbi-rbs-pixe")).Name);
        Assert.Equal(8, (await host.SaidAsync<SitePublished>()).Count);
    }

    [Fact]
    public async Task Of_many_replicas_at_once_seeds_once()
    {
        var seed = CatalogueHost.SeedWith("Budapest Neutron Centre\",\n", "Budapest Neutron Center\",\n");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => host.StartReplicaAsync(seed))));
        var said = (await host.SaidAsync<SitePublished>()).Where(said => said.SiteCode == "bnc").ToList();
        Assert.Equal([1, 2], said.Select(site => site.Revision));
        Assert.Equal(seed.Hash, (await host.ReadAsync(db => db.Seeds.SingleAsync())).Hash);
    }

    [Fact]
    public async Task With_an_older_edition_changes_nothing()
    {
        await host.StartReplicaAsync(CatalogueHost.SeedWith("RBS/PIXE beamline", "RBS and PIXE beamline", edition: 3));
        await host.StartReplicaAsync(CatalogueSeed.Embedded());
        Assert.Equal("RBS and PIXE beamline", (await host.InstrumentAsync("rbi-rbs-pixe")).Name);
    }

    [Fact]
    public async Task Keeps_what_was_edited_by_hand_and_notes_once_that_the_source_differs()
    {
        (await host.ChangeAsync(CatalogueHost.Office, "rbi-rbs-pixe", "Ion beam analysis")).EnsureSuccessStatusCode();
        var seed = CatalogueHost.SeedWith("RBS/PIXE beamline", "RBS and PIXE beamline");
        await host.StartReplicaAsync(seed);
        await host.StartReplicaAsync(CatalogueHost.SeedWith("RBS/PIXE beamline", "RBS and PIXE beamline", edition: 3));
        var kept = await host.InstrumentAsync("rbi-rbs-pixe");
        Assert.Equal(("Ion beam analysis", 2), (kept.Name, kept.Revision));
        var history = await host.ReadAsync(db => db.History.Where(change => change.InstrumentCode == "rbi-rbs-pixe").OrderBy(change => change.At).ToListAsync());
        Assert.Equal([CatalogueHost.Office.Id, null], history.Select(change => change.By));
    }
}

public sealed class A_seed
{
    [Fact]
    public void Without_the_time_zone_of_a_site_is_refused() =>
        Assert.Contains("Triest", Assert.Throws<InvalidDataException>(() => CatalogueHost.SeedWith("\"Trieste\"", "\"Triest\"")).Message, StringComparison.Ordinal);

    [Fact]
    public void With_equipment_of_a_kind_nobody_told_is_refused() =>
        Assert.Contains("Ar buffer room", Assert.Throws<InvalidDataException>(() => CatalogueHost.SeedWith("Ar buffer chamber", "Ar buffer room")).Message, StringComparison.Ordinal);

    [Fact]
    public void With_a_coupling_nobody_judged_is_refused() =>
        Assert.Contains("new-coupling", Assert.Throws<InvalidDataException>(() => CatalogueHost.SeedWith("\"bnc-cycle\"", "\"new-coupling\"")).Message, StringComparison.Ordinal);
}
