using System.Net.Http.Json;
using System.Text.Json;
using Tutti.CellPool.Keeping;
using Tutti.Contracts.Catalogue;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Identity;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.CellPool.Tests;

/// <summary>The CellPool service with sites, instruments and designs it has heard of.</summary>
public sealed class CellPoolHost : ServiceHost<CellPoolDb>, IAsyncLifetime
{
    public static readonly Person Keeper = new("Kira", "elettra", $"{Roles.CellKeeper}@elettra");
    public static readonly Person OtherKeeper = new("Bela", "bnc", $"{Roles.CellKeeper}@bnc");
    public static readonly Person Office = new("Office", "office", Roles.UserOffice);
    public static readonly Person Staff = new("Staff", "elettra", $"{Roles.FacilityStaff}@elettra");
    public static readonly Person OtherStaff = new("Other", "bnc", $"{Roles.FacilityStaff}@bnc");
    public static readonly Person Proposer = new("Maria", "battery-group", Roles.Proposer);

    private int cells;

    public async ValueTask InitializeAsync()
    {
        await HearAsync(Site("elettra"));
        await HearAsync(Site("bnc"));
        await HearAsync(Instrument("elettra-xafs", "elettra"));
        await HearAsync(Instrument("elettra-mcx", "elettra"));
        await HearAsync(Instrument("bnc-psd", "bnc", operando: false));
        await HearAsync(Instrument("candidate-haxpes", null));
        foreach (var keeper in (Person[])[Keeper, OtherKeeper])
            await HearAsync(new PersonRegistered { PersonId = keeper.Id, Revision = 1, Name = keeper.Name, Group = keeper.Group, Roles = keeper.Roles });
    }

    public static SitePublished Site(string code, int revision = 1) =>
        new() { SiteCode = code, Revision = revision, Name = $"{code} {revision}", City = "City", Country = "IT", Kind = "synchrotron", TimeZone = "Europe/Rome" };

    public static InstrumentPublished Instrument(string code, string? site, int revision = 1, bool? operando = true) => new()
    {
        InstrumentCode = code, Revision = revision, Name = code, SiteCode = site, Status = "described", InScheme = true, Technique = "xas", Techniques = ["xas"],
        SampleEnvironment = [], SampleConstraints = [], ExSitu = true, InSitu = true, Operando = operando, SharedSources = [],
    };

    public static CellDesignPublished Design(string code, string status = CellDesign.Available, int revision = 1, params string[] instruments) => new()
    {
        CellDesignCode = code, Revision = revision, Name = code, Facts = $"Facts {revision}", Status = status,
        InstrumentCodes = instruments.Length > 0 ? instruments : ["elettra-xafs", "elettra-mcx", "bnc-psd"],
    };

    /// <summary>A first shift that starts on a round day well after now.</summary>
    public DateTimeOffset Day(int number) => new DateTimeOffset(Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(100 + number);

    /// <summary>A design of its own with a number of cells that live at Elettra.</summary>
    public async Task<string> DesignWithCellsAsync(int count, int cleaningHours = 24, string[]? qualified = null)
    {
        var code = $"design-{Interlocked.Increment(ref cells)}";
        await HearAsync(Design(code));
        for (var number = 0; number < count; number++) await CellAsync(code, cleaningHours, qualified);
        return code;
    }

    public async Task<Guid> CellAsync(string design, int cleaningHours = 24, string[]? qualified = null)
    {
        var answer = await RegisterAsync(Keeper, design, cleaningHours: cleaningHours, qualified: qualified);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<RegisterCell.Response>(Json.Strict) ?? throw new JsonException("null")).Id;
    }

    public Task<HttpResponseMessage> RegisterAsync(Person who, string design, string? code = null, string site = "elettra", int cleaningHours = 24, string[]? qualified = null, Guid? keeper = null) =>
        As(who).PostAsJsonAsync("/api/cellpool/cells", new
        {
            code = code ?? $"cell-{Interlocked.Increment(ref cells):D4}", design, homeSite = site, keeper, qualifiedInstruments = qualified ?? ["elettra-xafs", "elettra-mcx", "bnc-psd"],
            preparationHours = 0, cleaningHours,
        });

    public ReserveCell Wish(string design, int day, int days = 2, string instrument = "elettra-xafs", string mode = "in-situ") => new()
    {
        ReservationId = Guid.CreateVersion7(), PlanId = Guid.CreateVersion7(), ProposalId = Guid.CreateVersion7(), ExperimentId = Guid.CreateVersion7(), InstrumentCode = instrument,
        CellDesignCode = design, Mode = mode, From = Day(day), To = Day(day + days),
    };

    public static ReleaseCell Release(ReserveCell wish) => new() { ReservationId = wish.ReservationId, ExperimentId = wish.ExperimentId, Reason = "The plan has changed." };

    public async Task<CellReserved> ReservedAsync(ReserveCell wish)
    {
        await HearAsync(wish);
        return Assert.Single(await SaidAsync<CellReserved>(), said => said.ReservationId == wish.ReservationId);
    }

    public async Task<CellReservationRefused> RefusedAsync(ReserveCell wish)
    {
        await HearAsync(wish);
        return Assert.Single(await SaidAsync<CellReservationRefused>(), said => said.ReservationId == wish.ReservationId);
    }

    public static EquipmentKindPublished Kind(string code, int revision = 1, int beforeHours = 8, int leadHours = 48) =>
        new() { KindCode = code, Revision = revision, Name = code, Minimal = true, BeforeHours = beforeHours, LeadHours = leadHours };

    public static SupportLabPublished Laboratory(string code, string kind, int pieces = 1, int revision = 1, string status = "available", string site = "elettra", params string[] instruments) => new()
    {
        LaboratoryCode = code, Revision = revision, Name = code, SiteCode = site, Status = status, Notes = "",
        Equipment = [.. Enumerable.Range(0, pieces).Select(number => new LaboratoryPiece { Kind = kind, Words = $"{kind} {number}" })],
        InstrumentCodes = instruments.Length > 0 ? instruments : ["elettra-xafs"],
    };

    /// <summary>A kind of its own, of which a laboratory that serves the XAFS at Elettra has a number of pieces; they are needed from eight hours before, and asked for two days ahead of that.</summary>
    public async Task<(string Laboratory, string Kind)> LaboratoryAsync(int pieces = 1)
    {
        var number = Interlocked.Increment(ref cells);
        await HearAsync(Kind($"kind-{number}"));
        await HearAsync(Laboratory($"lab-{number}", $"kind-{number}", pieces));
        return ($"lab-{number}", $"kind-{number}");
    }

    public ReserveEquipment WishOf(string kind, int day, int days = 2, string instrument = "elettra-xafs") => new()
    {
        ReservationId = Guid.CreateVersion7(), PlanId = Guid.CreateVersion7(), ProposalId = Guid.CreateVersion7(), ExperimentId = Guid.CreateVersion7(), InstrumentCode = instrument,
        EquipmentKind = kind, From = Day(day), To = Day(day + days),
    };

    public static ReleaseEquipment Release(ReserveEquipment wish) =>
        new() { ReservationId = wish.ReservationId, ExperimentId = wish.ExperimentId, EquipmentKind = wish.EquipmentKind, Reason = "The plan has changed." };

    public async Task<EquipmentReserved> ReservedAsync(ReserveEquipment wish)
    {
        await HearAsync(wish);
        return Assert.Single(await SaidAsync<EquipmentReserved>(), said => said.ReservationId == wish.ReservationId);
    }

    public async Task<EquipmentReservationRefused> RefusedAsync(ReserveEquipment wish)
    {
        await HearAsync(wish);
        return Assert.Single(await SaidAsync<EquipmentReservationRefused>(), said => said.ReservationId == wish.ReservationId);
    }

    public Task<HttpResponseMessage> KeepAsync(Person who, string laboratory, string kind, int count = 1, int leadHours = 48, bool sharedBySite = false, Outage[]? outages = null, string reason = "As agreed.") =>
        As(who).PutAsJsonAsync($"/api/cellpool/laboratories/{laboratory}/equipment/{kind}", new { count, leadHours, beforeHours = 8, afterHours = 16, sharedBySite, outages = outages ?? [], reason });

    public Task<HttpResponseMessage> DoAsync(Person who, Guid cell, string action, string reason = "Leaks.") =>
        As(who).PostAsJsonAsync($"/api/cellpool/cells/{cell}/service-state", new { action, reason });
}
