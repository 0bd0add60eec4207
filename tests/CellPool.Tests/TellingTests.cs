using System.Net;
using Tutti.Contracts.CellPool;
using Tutti.Testing;

namespace Tutti.CellPool.Tests;

public sealed class The_pool_tells_what_it_can_lend(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    private async Task<List<CellPublished>> ToldAsync(string design) => [.. (await host.SaidAsync<CellPublished>()).Where(told => told.CellDesignCode == design).OrderBy(told => told.Revision)];

    private async Task<List<EquipmentPublished>> ToldOfAsync(string laboratory) => [.. (await host.SaidAsync<EquipmentPublished>()).Where(told => told.LaboratoryCode == laboratory).OrderBy(told => told.Revision)];

    [Fact]
    public async Task Of_a_cell_when_it_comes_goes_to_repair_comes_back_and_leaves()
    {
        var design = await host.DesignWithCellsAsync(0);
        var cell = await host.CellAsync(design, 24, ["elettra-xafs", "bnc-psd"]);
        var first = Assert.Single(await ToldAsync(design));
        Assert.Equal((1, true, "elettra", 0, 24, 48.0), (first.Revision, first.Lendable, first.HomeSite, first.BeforeHours, first.AfterHours, first.ShippingHours));
        Assert.Equal(["elettra-xafs", "bnc-psd"], first.InstrumentCodes);
        foreach (var action in (string[])["startRepair", "returnToService", "retire"]) Assert.Equal(HttpStatusCode.NoContent, (await host.DoAsync(CellPoolHost.Keeper, cell, action)).StatusCode);
        Assert.Equal([(1, true), (2, false), (3, true), (4, false)], (await ToldAsync(design)).Select(told => (told.Revision, told.Lendable)));
        // What was refused changes nothing.
        await Assert.RefusedAsync(await host.DoAsync(CellPoolHost.Keeper, cell, "startRepair"), HttpStatusCode.Conflict, "cell.wrong-state");
        Assert.Equal(4, (await ToldAsync(design)).Count);
    }

    [Fact]
    public async Task Of_all_cells_of_a_design_when_the_catalogue_tells_otherwise_of_it_once()
    {
        var design = await host.DesignWithCellsAsync(2);
        var changed = CellPoolHost.Design(design, revision: 2, instruments: "elettra-xafs");
        await host.HearAsync(changed);
        await host.HearAsync(changed);
        await host.HearAsync(CellPoolHost.Design(design));
        var told = await ToldAsync(design);
        Assert.Equal([1, 1, 2, 2], told.Select(one => one.Revision));
        Assert.All(told.Skip(2), one => Assert.Equal(["elettra-xafs"], one.InstrumentCodes));
        await host.HearAsync(CellPoolHost.Design(design, "planned", 3));
        Assert.All((await ToldAsync(design)).Skip(4), one => Assert.False(one.Lendable));
        Assert.Equal(6, (await ToldAsync(design)).Count);
    }

    [Fact]
    public async Task Of_equipment_when_laboratory_kind_or_keeper_say_otherwise()
    {
        var (laboratory, kind) = await host.LaboratoryAsync(2);
        var first = Assert.Single(await ToldOfAsync(laboratory));
        Assert.Equal((kind, 1, 2, "elettra", false, 48, 8, 0), (first.EquipmentKind, first.Revision, first.Pieces, first.SiteCode, first.SharedBySite, first.LeadHours, first.BeforeHours, first.AfterHours));
        Assert.Equal(["elettra-xafs"], first.InstrumentCodes);
        await host.HearAsync(CellPoolHost.Kind(kind, 2, beforeHours: 12, leadHours: 72));
        var outage = new Outage(host.Day(3), null, 1, "Glove torn.");
        (await host.KeepAsync(CellPoolHost.Keeper, laboratory, kind, 3, sharedBySite: true, outages: [outage])).EnsureSuccessStatusCode();
        // The keeper's hours hold from now on.
        await host.HearAsync(CellPoolHost.Kind(kind, 3, beforeHours: 1, leadHours: 1));
        await host.HearAsync(CellPoolHost.Laboratory(laboratory, kind, 2, 2, "planned"));
        var told = await ToldOfAsync(laboratory);
        Assert.Equal([(1, 2, 48, 8), (2, 2, 72, 12), (3, 3, 48, 8), (4, 0, 48, 8)], told.Select(one => (one.Revision, one.Pieces, one.LeadHours, one.BeforeHours)));
        Assert.Equal((outage.From, null, 1), Assert.Single(told[2].Outages) is var one ? (one.From, one.To, one.Pieces) : default);
        Assert.True(told[2].SharedBySite);
    }
}
