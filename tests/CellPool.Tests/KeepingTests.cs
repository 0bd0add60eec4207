using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Designing;
using Tutti.CellPool.Keeping;
using Tutti.Contracts.CellPool;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.CellPool.Tests;

public sealed class A_cell(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    [Fact]
    public async Task Is_registered_by_a_keeper_of_its_home_site_only()
    {
        var design = await host.DesignWithCellsAsync(0);
        Assert.Equal(HttpStatusCode.Created, (await host.RegisterAsync(CellPoolHost.Keeper, design, "pool-1", keeper: CellPoolHost.OtherKeeper.Id)).StatusCode);
        await Assert.RefusedAsync(await host.RegisterAsync(CellPoolHost.Keeper, design, "pool-1"), HttpStatusCode.Conflict, "cell.exists");
        await Assert.RefusedAsync(await host.RegisterAsync(CellPoolHost.OtherKeeper, design), HttpStatusCode.Forbidden, "cell.other-keeper");
        Assert.Equal(HttpStatusCode.Forbidden, (await host.RegisterAsync(CellPoolHost.Office, design)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().PostAsJsonAsync("/api/cellpool/cells", new { })).StatusCode);
    }

    [Fact]
    public async Task Registered_by_many_at_once_under_one_code_is_registered_once()
    {
        var design = await host.DesignWithCellsAsync(0);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.RegisterAsync(CellPoolHost.Keeper, design, "twin")));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.Created), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
    }

    [Fact]
    public async Task Registered_while_others_of_its_design_are_comes_into_the_pool()
    {
        var design = await host.DesignWithCellsAsync(0);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => host.RegisterAsync(CellPoolHost.Keeper, design, $"{design}-{number}")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
    }

    [Fact]
    public async Task Registered_while_newer_facts_of_its_design_are_taken_over_is_not_overlooked_by_who_does_so()
    {
        var design = await host.DesignWithCellsAsync(1);
        await host.ReadAsync(async db =>
        {
            var seen = await db.Designs.SingleAsync(one => one.Code == design);
            Assert.Equal(HttpStatusCode.Created, (await host.RegisterAsync(CellPoolHost.Keeper, design, $"{design}-late")).StatusCode);
            Assert.True(seen.Renew(seen.Revision + 1, seen.Name, "Newer facts", seen.Status, seen.InstrumentCodes));
            await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());
            return seen;
        });
    }

    [Theory]
    [InlineData("not-for-users")]
    [InlineData("design")]
    [InlineData("idea")]
    [InlineData("in-development")]
    [InlineData("planned")]
    [InlineData("user-supplied")]
    [InlineData("outside-ceric")]
    public async Task Of_a_design_that_is_not_available_is_refused_with_the_reason(string status)
    {
        await host.HearAsync(CellPoolHost.Design($"is-{status}", status));
        var answer = await host.RegisterAsync(CellPoolHost.Keeper, $"is-{status}");
        Assert.Contains(status, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Assert.RefusedAsync(answer, HttpStatusCode.Conflict, "design.not-lendable");
    }

    [Fact]
    public async Task Is_not_registered_from_bad_input()
    {
        await host.HearAsync(CellPoolHost.Design("only-xafs", instruments: "elettra-xafs"));
        var answer = await host.RegisterAsync(CellPoolHost.Keeper, "only-xafs", "Not A Code", "atlantis", -1, ["elettra-mcx"], Guid.CreateVersion7());
        var problems = await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "cell.invalid");
        Assert.Equal(["code.invalid", "design.not-fitting", "hours.range", "keeper.unknown", "site.unknown"], problems.Order(StringComparer.Ordinal));
        Assert.Equal(["design.unknown"], await Assert.RefusedAsync(await host.RegisterAsync(CellPoolHost.Keeper, new string('x', 100_000)), HttpStatusCode.UnprocessableEntity, "cell.invalid"));
        foreach (var body in (object[])[new { }, new { code = 1 }, "text", new { code = "a\0", design = "x", homeSite = "elettra", qualifiedInstruments = Array.Empty<string>(), cleaningHours = 1 }])
            await Assert.RefusedAsync(await host.As(CellPoolHost.Keeper).PostAsJsonAsync("/api/cellpool/cells", body), HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task In_repair_keeps_its_holds_and_gets_no_new_ones()
    {
        var design = await host.DesignWithCellsAsync(1);
        var held = await host.ReservedAsync(host.Wish(design, 10));
        await Assert.RefusedAsync(await host.DoAsync(CellPoolHost.OtherKeeper, held.CellId, "start-repair"), HttpStatusCode.Forbidden, "cell.other-keeper");
        await Assert.RefusedAsync(await host.DoAsync(CellPoolHost.Keeper, held.CellId, "start-repair", ""), HttpStatusCode.UnprocessableEntity, "cell.invalid");
        Assert.Equal(HttpStatusCode.NoContent, (await host.DoAsync(CellPoolHost.Keeper, held.CellId, "start-repair")).StatusCode);
        await Assert.RefusedAsync(await host.DoAsync(CellPoolHost.Keeper, held.CellId, "start-repair"), HttpStatusCode.Conflict, "cell.wrong-state");
        Assert.Equal("cell.out-of-service", Assert.Single((await host.RefusedAsync(host.Wish(design, 30))).Reasons).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await host.DoAsync(CellPoolHost.Keeper, held.CellId, "return-to-service", "Repaired.")).StatusCode);
        await host.ReservedAsync(host.Wish(design, 30));
        var calendar = await CalendarAsync(CellPoolHost.Office, held.CellId);
        Assert.Equal([ServiceState.InService, ServiceState.InRepair, ServiceState.InService], calendar.States.Select(change => change.To));
        Assert.Equal(["Repaired.", "Leaks.", "Brought into the pool."], calendar.States.Select(change => change.Reason));
        Assert.Equal(2, calendar.Holds.Count(hold => hold.Status == ReservationStatus.Held));
    }

    [Fact]
    public async Task Retired_releases_what_it_is_held_for_and_tells_it()
    {
        var design = await host.DesignWithCellsAsync(1);
        var held = await host.ReservedAsync(host.Wish(design, 10));
        Assert.Equal(HttpStatusCode.NoContent, (await host.DoAsync(CellPoolHost.Keeper, held.CellId, "retire", "Broken window.")).StatusCode);
        Assert.Contains("Broken window.", Assert.Single(await host.SaidAsync<CellReservationReleased>(), said => said.ReservationId == held.ReservationId).Reason, StringComparison.Ordinal);
        await Assert.RefusedAsync(await host.DoAsync(CellPoolHost.Keeper, held.CellId, "return-to-service"), HttpStatusCode.Conflict, "cell.wrong-state");
        Assert.Equal("design.no-cell", Assert.Single((await host.RefusedAsync(host.Wish(design, 30))).Reasons).Code);
        var hold = Assert.Single((await CalendarAsync(CellPoolHost.Office, held.CellId)).Holds);
        Assert.Equal((ReservationCause.CellRetired, CellPoolHost.Keeper.Id), (hold.History[^1].Cause, hold.History[^1].By));
    }

    [Fact]
    public async Task Is_seen_by_keepers_office_and_staff_but_for_whom_it_is_held_only_by_those_concerned()
    {
        var wish = host.Wish(await host.DesignWithCellsAsync(1), 10);
        var held = await host.ReservedAsync(wish);
        foreach (var reader in (Person[])[CellPoolHost.Keeper, CellPoolHost.Office, CellPoolHost.Staff])
            Assert.Equal(wish.ProposalId, Assert.Single((await CalendarAsync(reader, held.CellId)).Holds).ProposalId);
        var hidden = Assert.Single((await CalendarAsync(CellPoolHost.OtherStaff, held.CellId)).Holds);
        Assert.Equal((null, null, 0, held.HeldFrom), (hidden.ProposalId, hidden.ExperimentId, hidden.History.Count, hidden.From));
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(CellPoolHost.Proposer).GetAsync("/api/cellpool/cells")).StatusCode);
        var listed = await host.As(CellPoolHost.Staff).GetFromJsonAsync<List<ListCells.Response>>("/api/cellpool/cells", Json.Strict) ?? throw new JsonException("null");
        Assert.Equal(wish.ReservationId, Assert.Single(listed.Single(cell => cell.Id == held.CellId).Holds).ReservationId);
        await Assert.RefusedAsync(await host.As(CellPoolHost.Staff).GetAsync("/api/cellpool/cells?page=0"), HttpStatusCode.UnprocessableEntity, "request.page");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(CellPoolHost.Staff).GetAsync($"/api/cellpool/cells/{Guid.CreateVersion7()}/calendar")).StatusCode);
    }

    private async Task<ReadCalendar.Response> CalendarAsync(Person reader, Guid cell) =>
        await host.As(reader).GetFromJsonAsync<ReadCalendar.Response>($"/api/cellpool/cells/{cell}/calendar", Json.Strict) ?? throw new JsonException("null");
}

public sealed class A_design(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    [Fact]
    public async Task Learnt_in_any_order_and_twice_is_the_newest()
    {
        await host.HearAsync(CellPoolHost.Design("learnt", revision: 2, instruments: "elettra-mcx"));
        await host.HearAsync(CellPoolHost.Design("learnt", "idea", revision: 1));
        await host.HearAsync(CellPoolHost.Design("learnt", revision: 2, instruments: "elettra-mcx"));
        var design = (await DesignsAsync()).Single(design => design.Code == "learnt");
        Assert.Equal(("Facts 2", true), (design.Facts, design.Lendable));
        Assert.Equal(["elettra-mcx"], design.Instruments);
    }

    [Fact]
    public async Task Added_by_a_keeper_can_be_lent_in_its_modes_and_is_not_overwritten_by_the_catalogue()
    {
        Assert.Equal(HttpStatusCode.Created, (await AddAsync(CellPoolHost.Keeper, "own-design")).StatusCode);
        await Assert.RefusedAsync(await AddAsync(CellPoolHost.Keeper, "own-design"), HttpStatusCode.Conflict, "design.exists");
        Assert.Equal(HttpStatusCode.Forbidden, (await AddAsync(CellPoolHost.Staff, "other-design")).StatusCode);
        await host.HearAsync(CellPoolHost.Design("own-design", "idea", revision: 7));
        await host.CellAsync("own-design", qualified: ["elettra-xafs"]);
        await host.ReservedAsync(host.Wish("own-design", 10, mode: "operando"));
        Assert.Equal("design.mode", Assert.Single((await host.RefusedAsync(host.Wish("own-design", 40, mode: "ex-situ"))).Reasons).Code);
    }

    [Fact]
    public async Task Is_not_added_from_bad_input()
    {
        var answer = await host.As(CellPoolHost.Keeper).PostAsJsonAsync("/api/cellpool/designs", new { code = "-", name = "", facts = new string('x', 4001), instruments = Array.Empty<string>(), modes = Array.Empty<string>() });
        var problems = await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "design.invalid");
        Assert.Equal(["code.invalid", "instruments.count", "modes.missing", "text.length", "text.length"], problems.Order(StringComparer.Ordinal));
        Assert.Equal(["instrument.unknown"], await Assert.RefusedAsync(await AddAsync(CellPoolHost.Keeper, "nowhere", "atlantis"), HttpStatusCode.UnprocessableEntity, "design.invalid"));
        await Assert.RefusedAsync(await AddAsync(CellPoolHost.Keeper, "x", mode: "in-vivo"), HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task Is_told_to_fit_or_every_reason_why_not()
    {
        await host.HearAsync(CellPoolHost.Design("fits", instruments: "elettra-xafs"));
        await host.HearAsync(CellPoolHost.Design("fits-not", "planned", instruments: "elettra-mcx"));
        var answer = await host.As(CellPoolHost.Keeper).GetFromJsonAsync<List<JsonElement>>("/api/cellpool/compatibility?instrument=elettra-xafs&mode=operando", Json.Strict) ?? [];
        Assert.True(answer.Single(design => design.GetProperty("code").GetString() == "fits").GetProperty("fits").GetBoolean());
        var not = answer.Single(design => design.GetProperty("code").GetString() == "fits-not");
        Assert.Equal(["design.not-lendable", "design.not-fitting"], not.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("code").GetString()));
        var problems = await Assert.RefusedAsync(await host.As(CellPoolHost.Keeper).GetAsync("/api/cellpool/compatibility?instrument=x"), HttpStatusCode.UnprocessableEntity, "compatibility.invalid");
        Assert.Equal(["instrument.unknown", "mode.unknown"], problems);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(CellPoolHost.Proposer).GetAsync("/api/cellpool/compatibility")).StatusCode);
    }

    private async Task<List<ListDesigns.Response>> DesignsAsync() =>
        await host.As(CellPoolHost.Proposer).GetFromJsonAsync<List<ListDesigns.Response>>("/api/cellpool/designs", Json.Strict) ?? [];

    private Task<HttpResponseMessage> AddAsync(Person who, string code, string instrument = "elettra-xafs", string mode = "operando")
    {
        string[] instruments = [instrument], modes = [mode, "in-situ"];
        return host.As(who).PostAsJsonAsync("/api/cellpool/designs", new { code, name = "Own", facts = "Pouch with windows.", instruments, modes });
    }
}

public sealed class What_the_pool_knows(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    [Fact]
    public async Task Is_the_newest_in_any_order_and_twice()
    {
        await host.HearAsync(CellPoolHost.Site("ki", 2));
        await host.HearAsync(CellPoolHost.Site("ki", 1));
        await host.HearAsync(CellPoolHost.Site("ki", 2));
        Assert.Equal("ki 2", await host.ReadAsync(async db => (await db.Sites.FindAsync("ki"))?.Name));
        await host.HearAsync(new Contracts.Catalogue.InstrumentRetired { InstrumentCode = "ki-nmr", Revision = 2 });
        await host.HearAsync(CellPoolHost.Instrument("ki-nmr", "ki"));
        Assert.True(await host.ReadAsync(async db => (await db.Instruments.FindAsync("ki-nmr"))?.Retired));
        var person = CellPoolHost.Keeper with { Id = Guid.CreateVersion7() };
        Contracts.Identity.PersonRegistered Registered(int revision, params string[] roles) => new() { PersonId = person.Id, Revision = revision, Name = person.Name, Group = person.Group, Roles = roles };
        await host.HearAsync(Registered(2));
        await host.HearAsync(Registered(1, $"{Roles.CellKeeper}@ki"));
        Assert.False(await host.ReadAsync(async db => (await db.Keepers.FindAsync(person.Id))?.KeepsCells));
    }
}
