using System.Net.Http.Json;
using System.Text.Json;
using Tutti.Contracts.Catalogue;
using Tutti.Contracts.Identity;
using Tutti.Proposals.Calls;
using Tutti.Proposals.Drafting;
using Tutti.Proposals.Submitting;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Proposals.Tests;

/// <summary>The Proposals service with a few people and instruments it has heard of.</summary>
public sealed class ProposalsHost : ServiceHost<ProposalsDb>, IAsyncLifetime
{
    public static readonly Person Maria = new("Maria", "battery-group", Roles.Proposer);
    public static readonly Person Luka = new("Luka", "battery-group", Roles.Proposer);
    public static readonly Person Stranger = new("Stranger", "elsewhere", Roles.Proposer);
    public static readonly Person Office = new("Office", "office", Roles.UserOffice);
    public static readonly Person Staff = new("Staff", "elettra", $"{Roles.FacilityStaff}@elettra");
    public static readonly Person OtherStaff = new("Other", "bnc", $"{Roles.FacilityStaff}@bnc");

    public async ValueTask InitializeAsync()
    {
        foreach (var person in (Person[])[Maria, Luka, Stranger])
            await HearAsync(new PersonRegistered { PersonId = person.Id, Revision = 1, Name = person.Name, Group = person.Group, Roles = person.Roles });
        await HearAsync(Instrument("elettra-xafs", "elettra"));
        await HearAsync(Instrument("elettra-mcx", "elettra"));
        await HearAsync(Instrument("bnc-psd", "bnc", operando: false));
        await HearAsync(Instrument("lasdam-xrd", "nimp") with { InScheme = false });
        await HearAsync(Kind("glove-box"));
        await HearAsync(Kind("potentiostat-low"));
    }

    public static InstrumentPublished Instrument(string code, string site, int revision = 1, bool? operando = true) => new()
    {
        InstrumentCode = code, Revision = revision, Name = code, SiteCode = site, Status = "described", InScheme = true, Technique = "xas", Techniques = ["xas"],
        SampleEnvironment = [], SampleConstraints = [], ExSitu = true, InSitu = true, Operando = operando, SharedSources = [],
    };

    public static EquipmentKindPublished Kind(string code, int revision = 1) => new() { KindCode = code, Revision = revision, Name = code, Minimal = true, BeforeHours = 24, LeadHours = 72 };

    public async Task<Guid> OpenCallAsync(DateTimeOffset? closesAt = null, bool board = true)
    {
        var now = Time.GetUtcNow();
        var closes = closesAt ?? now.AddDays(30);
        var answer = await As(Office).PostAsJsonAsync("/api/proposals/calls", new
        {
            title = "Autumn call", opensAt = now.AddDays(-1), closesAt = closes, boardFeasibilityRequired = board, panelChairId = Office.Id, panelMemberIds = Array.Empty<Guid>(),
            beamtimeFrom = closes.AddDays(30), beamtimeTo = closes.AddDays(200),
        });
        return await IdAsync<AnnounceCall.Response>(answer) is { } call ? call.Id : throw new InvalidOperationException();
    }

    public async Task<Guid> DraftAsync(Guid call, Person? author = null) =>
        (await IdAsync<CreateDraft.Response>(await As(author ?? Maria).PostAsJsonAsync("/api/proposals", new { callId = call }))).Id;

    public static ProposalText CompleteText()
    {
        var sample = Guid.CreateVersion7();
        Guid xas = Guid.CreateVersion7(), xrd = Guid.CreateVersion7(), neutrons = Guid.CreateVersion7();
        return new ProposalText
        {
            Title = "Oxygen loss in LiNiO2", Abstract = "We follow nickel during charge.",
            Samples = [new Sample { Id = sample, Name = "LNO electrode", Composition = "LiNiO2", AirSensitive = true }],
            Experiments =
            [
                new Experiment { Id = xas, Title = "XAS", InstrumentCode = "elettra-xafs", Shifts = 6, Mode = ExperimentMode.Operando, SampleId = sample, CellDesignCode = "pouch", Equipment = ["glove-box", "potentiostat-low"] },
                new Experiment { Id = xrd, Title = "XRD", InstrumentCode = "elettra-mcx", Shifts = 3, Mode = ExperimentMode.Operando, SampleId = sample, BringsOwnCell = true, After = [new After { ExperimentId = xas, MinGapHours = 8 }] },
                new Experiment { Id = neutrons, Title = "Neutrons", InstrumentCode = "bnc-psd", Shifts = 3, Mode = ExperimentMode.ExSitu, SampleId = sample, After = [new After { ExperimentId = xrd, MinGapHours = 24 }] },
            ],
            WouldMakeVideo = true, AcceptedDeclaration = Declaration.Version,
        };
    }

    public async Task<Guid> CompleteDraftAsync(Guid call, ProposalText? text = null)
    {
        var id = await DraftAsync(call);
        var answer = await As(Maria).PutAsJsonAsync($"/api/proposals/{id}", new { text = text ?? CompleteText(), team = new[] { Luka.Id } }, Json.Strict);
        answer.EnsureSuccessStatusCode();
        return id;
    }

    public async Task<Guid> SubmittedAsync(bool board = true)
    {
        var id = await CompleteDraftAsync(await OpenCallAsync(board: board));
        (await As(Maria).PostAsync($"/api/proposals/{id}/submission", null)).EnsureSuccessStatusCode();
        return id;
    }

    public async Task<ReadProposal.Response> ReadAsync(Guid id, Person? reader = null) =>
        await As(reader ?? Maria).GetFromJsonAsync<ReadProposal.Response>($"/api/proposals/{id}", Json.Strict) ?? throw new JsonException("null");

    private static async Task<T> IdAsync<T>(HttpResponseMessage answer)
    {
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<T>(Json.Strict) ?? throw new JsonException("null");
    }
}
