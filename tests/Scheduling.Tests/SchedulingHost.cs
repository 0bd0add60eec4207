using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Tutti.Contracts.Catalogue;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Measuring;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Scheduling.Tests;

/// <summary>The Scheduling service; the test plays Catalogue, Proposals and CellPool. Every test has calls and instruments of its own.</summary>
public class SchedulingHost : ServiceHost<SchedulingDb>, IAsyncLifetime
{
    public static readonly Person Maria = new("Maria", "battery-group", Roles.Proposer);
    public static readonly Person Stranger = new("Stranger", "elsewhere", Roles.Proposer);
    public static readonly Person Office = new("Office", "office", Roles.UserOffice);
    public static readonly Person Staff = new("Staff", "elettra", $"{Roles.FacilityStaff}@elettra");
    public static readonly Person Director = new("Director", "elettra", $"{Roles.FacilityDirector}@elettra");
    public static Person KeeperOf(string site) => new("Keeper", site, $"{Roles.CellKeeper}@{site}");

    public static readonly Person Keeper = new("Keeper", "ki", $"{Roles.CellKeeper}@{Roles.WholePool}");
    public static readonly Person OtherStaff = new("Other", "bnc", $"{Roles.FacilityStaff}@bnc");

    private int codes;

    public SchedulingHost()
    {
        Set("Tutti:Scheduling:SolverSeconds", "5");
        Set("Tutti:Scheduling:PollMilliseconds", "40");
        Set("Tutti:Scheduling:MostRounds", "4");
        Set("Tutti:Scheduling:ForceSeconds", "0.5");
        // Some hundred plans: the process of its own has tests of its own.
        Set("Tutti:Scheduling:SolverProcess", "false");
    }

    /// <summary>A Monday some weeks ahead: beamtime starts there.</summary>
    public DateTime Monday { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var day = Time.GetUtcNow().UtcDateTime.Date.AddDays(30);
        Monday = day.AddDays((8 - (int)day.DayOfWeek) % 7);
        await HearAsync(Site("elettra", "Europe/Rome"));
        await HearAsync(Site("bnc", "Europe/Budapest", 1, "HU", "reactor"));
    }

    public static SitePublished Site(string code, string zone, int revision = 1, string country = "IT", string kind = "synchrotron") => new()
    {
        SiteCode = code, Revision = revision, Name = code, City = "", Country = country, Kind = kind, TimeZone = zone,
    };

    public static InstrumentPublished Instrument(string code, string site, int revision = 1, params string[] sources) => new()
    {
        InstrumentCode = code, Revision = revision, Name = code, SiteCode = site, Status = "described", InScheme = true, Technique = "xas", Techniques = ["xas"],
        SampleEnvironment = [], SampleConstraints = [], ExSitu = true, InSitu = true, Operando = true, SharedSources = sources,
    };

    /// <summary>Tells how long an instrument is prepared, cleaned and changed.</summary>
    public async Task SetUpAsync(string code, Calendars.SetUp setUp, Person? by = null) =>
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await this.SendAsync(HttpMethod.Put, $"instruments/{code}/set-up", new { reason = "As measured", setUp }, by)).StatusCode);

    /// <summary>A new instrument that gives beam around the clock for a number of days.</summary>
    public async Task<string> InstrumentAsync(string site = "elettra", int days = 10, params string[] sources)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"{site}-{Interlocked.Increment(ref codes)}");
        await HearAsync(Instrument(code, site, 1, sources));
        (await PutCalendarAsync(code, Calendar(days))).EnsureSuccessStatusCode();
        return code;
    }

    public object Calendar(int days = 10) => new { reason = "Run as agreed", runPeriods = new[] { new { from = Day(0), to = Day(days) } } };

    public string Day(int day) => Monday.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public Task<HttpResponseMessage> PutCalendarAsync(string code, object calendar, Person? by = null) => this.SendAsync(HttpMethod.Put, $"instruments/{code}/calendar", calendar, by);

    public static ExperimentRequest Experiment(string instrument, int shifts = 3, string? cell = null, bool required = true, params ExperimentOrder[] after) => new()
    {
        ExperimentId = Guid.CreateVersion7(), Title = "XAS", InstrumentCode = instrument, Shifts = shifts, Mode = "operando", CellDesignCode = cell, Required = required, After = after,
    };

    public ProposalAccepted Accepted(Guid call, params ExperimentRequest[] experiments) => new()
    {
        ProposalId = Guid.CreateVersion7(), CallId = call, Revision = 5, Title = "Oxygen loss in LiNiO2", Grade = 80,
        Team =
        [
            new TeamMember { PersonId = Guid.CreateVersion7(), Name = "Ana", Group = "battery-group", PrincipalInvestigator = true },
            new TeamMember { PersonId = Maria.Id, Name = "Maria", Group = "battery-group", PrincipalInvestigator = false },
        ],
        Experiments = experiments,
        BeamtimeFrom = new DateTimeOffset(Monday, TimeSpan.Zero).AddDays(-1), BeamtimeTo = new DateTimeOffset(Monday, TimeSpan.Zero).AddDays(60),
    };

    public static ProposalWithdrawn Withdrawn(ProposalAccepted proposal) => new()
    {
        ProposalId = proposal.ProposalId, CallId = proposal.CallId, Revision = proposal.Revision + 1, WithdrawnAt = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), Reason = "No sample",
    };

    public async Task<ProposalAccepted> AcceptAsync(Guid call, params ExperimentRequest[] experiments)
    {
        var accepted = Accepted(call, experiments);
        await HearAsync(accepted);
        return accepted;
    }

    public async Task<Guid> PlanAsync(Guid call, Guid? inPlaceOf = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/scheduling/calls/{call}/plans") { Content = JsonContent.Create(new { reason = inPlaceOf is null ? null : "It has become stale" }) };
        if (inPlaceOf is { } stale) request.Headers.TryAddWithoutValidation("If-Match", $"\"{await this.TagAsync(stale)}\"");
        var answer = await As(Office).SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<RequestPlan.Response>(Json.Strict) ?? throw new JsonException("null")).Id;
    }

    public async Task<ReadPlan.Response> ReadPlanAsync(Guid plan, Person? reader = null) =>
        await As(reader ?? Office).GetFromJsonAsync<ReadPlan.Response>($"/api/scheduling/plans/{plan}", Json.Strict) ?? throw new JsonException("null");

    public async Task<List<ListExperiments.Response>> ExperimentsAsync(Guid proposal, Person? reader = null) =>
        await As(reader ?? Office).GetFromJsonAsync<List<ListExperiments.Response>>($"/api/scheduling/experiments?proposal={proposal}", Json.Strict) ?? throw new JsonException("null");

    public Task UntilAsync(Guid plan, CallPlanStatus status) => UntilAsync(async db => (await db.Plans.FindAsync(plan))?.Status == status, $"plan {plan} is {status}");

    public Task<HttpResponseMessage> PublishAsync(Guid plan) => this.ChangeAsync(plan, "publication", new { });

    /// <summary>Gives up a plan, or its changes.</summary>
    public async Task<HttpResponseMessage> DropAsync(Guid plan)
    {
        var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/scheduling/plans/{plan}");
        request.Headers.TryAddWithoutValidation("If-Match", $"\"{await this.TagAsync(plan)}\"");
        return await As(Office).SendAsync(request);
    }

    /// <summary>Waits until the pool has been asked for at least so many cells for a plan; returns all that were asked for.</summary>
    public async Task<List<ReserveCell>> AskedAsync(Guid plan, int count)
    {
        List<ReserveCell> asked = [];
        await UntilAsync(async _ => (asked = (await SaidAsync<ReserveCell>()).FindAll(one => one.PlanId == plan)).Count >= count, $"{count} cells asked for plan {plan}");
        return asked;
    }

    public async Task<List<ReleaseCell>> ReleasedAsync(Guid reservation) => (await SaidAsync<ReleaseCell>()).FindAll(one => one.ReservationId == reservation);

    /// <summary>Waits until the pool has been asked for at least so many pieces of equipment for a plan; returns all that were asked for.</summary>
    public async Task<List<ReserveEquipment>> AskedForEquipmentAsync(Guid plan, int count)
    {
        List<ReserveEquipment> asked = [];
        await UntilAsync(async _ => (asked = (await SaidAsync<ReserveEquipment>()).FindAll(one => one.PlanId == plan)).Count >= count, $"{count} pieces of equipment asked for plan {plan}");
        return asked;
    }

    public async Task<List<ReleaseEquipment>> ReleasedEquipmentAsync(Guid reservation) => (await SaidAsync<ReleaseEquipment>()).FindAll(one => one.ReservationId == reservation);

    public static EquipmentReserved Reserved(ReserveEquipment asked) => new()
    {
        ReservationId = asked.ReservationId, ExperimentId = asked.ExperimentId, LaboratoryCode = "lab-1", EquipmentKind = asked.EquipmentKind, HeldFrom = asked.From.AddDays(-1), HeldTo = asked.To.AddDays(1),
    };

    public static EquipmentReservationRefused Refused(ReserveEquipment asked, params FreeInterval[] next) => new()
    {
        ReservationId = asked.ReservationId, ExperimentId = asked.ExperimentId, Reasons = [new ReservationRefusal { Code = "equipment.busy", Text = "All that lab-1 has is held for a part of the time." }], NextFree = next,
    };

    public static EquipmentReservationReleased TakenBack(ReserveEquipment asked) => new()
    {
        ReservationId = asked.ReservationId, ExperimentId = asked.ExperimentId, LaboratoryCode = "lab-1", EquipmentKind = asked.EquipmentKind, Reason = "The glove is torn",
    };

    public static CellReserved Reserved(ReserveCell asked) => new()
    {
        ReservationId = asked.ReservationId, ExperimentId = asked.ExperimentId, CellId = Guid.CreateVersion7(), CellCode = "POUCH-1", HeldFrom = asked.From.AddDays(-2), HeldTo = asked.To.AddDays(2),
    };

    public static CellReservationRefused Refused(ReserveCell asked, params FreeInterval[] next) => new()
    {
        ReservationId = asked.ReservationId, ExperimentId = asked.ExperimentId, Reasons = [new ReservationRefusal { Code = "cell.on-loan", Text = "POUCH-1 is on loan" }], NextFree = next,
    };

    public static CellReservationReleased TakenBack(ReserveCell asked) => new()
    {
        ReservationId = asked.ReservationId, ExperimentId = asked.ExperimentId, CellId = Guid.CreateVersion7(), Reason = "It leaks",
    };

    /// <summary>A plan of one experiment with a cell, ready to be published.</summary>
    public async Task<(ProposalAccepted Proposal, Guid Plan, ReserveCell Asked)> ReadyAsync(string instrument)
    {
        var proposal = await AcceptAsync(Guid.CreateVersion7(), Experiment(instrument, cell: "pouch"));
        var plan = await PlanAsync(proposal.CallId);
        var asked = Assert.Single(await AskedAsync(plan, 1));
        await HearAsync(Reserved(asked));
        await UntilAsync(plan, CallPlanStatus.Ready);
        return (proposal, plan, asked);
    }
}
