using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Tutti.Contracts.Catalogue;
using Tutti.Contracts.Proposals;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Queueing;
using Tutti.Reduction.Registering;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Reduction.Tests;

/// <summary>The Reduction service that has heard of two instruments; each test has a proposal of its own.</summary>
public sealed class ReductionHost : ServiceHost<ReductionDb>, IAsyncLifetime
{
    public static readonly Person Maria = new("Maria", "battery-group", Roles.Proposer);
    public static readonly Person Luka = new("Luka", "battery-group", Roles.Proposer);
    public static readonly Person Stranger = new("Stranger", "elsewhere", Roles.Proposer);
    public static readonly Person Office = new("Office", "office", Roles.UserOffice);
    public static readonly Person Staff = new("Staff", "elettra", $"{Roles.FacilityStaff}@elettra");
    public static readonly Person OtherStaff = new("Other", "bnc", $"{Roles.FacilityStaff}@bnc");
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(3);

    public ReductionHost() => Set("Tutti:Reduction:SweepEvery", "00:00:01");

    /// <summary>
    /// A reduction that does not end before a test ends it: as many components as are allowed, some 1 ms for each iteration on a series of the usual size
    /// (three components took 0.05 ms, and the job was over while a test still looked at it).
    /// </summary>
    public static object LongOptions => new { components = 32, exactIterations = 100_000 };

    public async ValueTask InitializeAsync()
    {
        await HearAsync(Instrument("elettra-xafs", "elettra"));
        await HearAsync(Instrument("bnc-psd", "bnc"));
    }

    public static InstrumentPublished Instrument(string code, string? site, int revision = 1) => new()
    {
        InstrumentCode = code, Revision = revision, Name = code, SiteCode = site, Status = "described", InScheme = true, Technique = "xas", Techniques = ["xas"],
        SampleEnvironment = [], SampleConstraints = [], SharedSources = [],
    };

    public static ProposalAccepted Accepted(Guid proposal, int revision, IReadOnlyList<Person> team, params (Guid Id, string Instrument)[] experiments) => new()
    {
        ProposalId = proposal, CallId = proposal, Revision = revision, Title = "LNO", Grade = 90, Team = Members(team), Experiments = Requests(experiments),
        BeamtimeFrom = DateTimeOffset.UnixEpoch, BeamtimeTo = DateTimeOffset.UnixEpoch,
    };

    /// <summary>A proposal of Maria and Luka with one experiment at Elettra.</summary>
    public async Task<(Guid Proposal, Guid Experiment)> ProposalAsync()
    {
        Guid proposal = Guid.CreateVersion7(), experiment = Guid.CreateVersion7();
        await HearAsync(Accepted(proposal, 1, [Maria, Luka], (experiment, "elettra-xafs")));
        return (proposal, experiment);
    }

    public static byte[] Csv(SyntheticSeriesOptions? options = null)
    {
        var made = SyntheticSeries.Make(options ?? new SyntheticSeriesOptions(Spectra: 40, Channels: 80));
        var text = new StringBuilder().AppendJoin(',', made.Axis.Select(Number)).Append('\n');
        for (var row = 0; row < made.Data.Rows; row++) text.AppendJoin(',', made.Data.Row(row).ToArray().Select(Number)).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
        static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    }

    public static string UploadPath(Guid experiment) => $"/api/reduction/datasets?experimentId={experiment}&name=charge&axisName=energy&axisUnit=eV";

    public static ByteArrayContent Body(byte[] content, string type = "text/csv") => new(content) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    public Task<HttpResponseMessage> UploadAsync(Guid experiment, byte[] content, string type = "text/csv", Person? by = null) =>
        As(by ?? Maria).PostAsync(UploadPath(experiment), Body(content, type));

    public async Task<Guid> DataSetAsync(byte[]? content = null, string type = "text/csv")
    {
        var answer = await UploadAsync((await ProposalAsync()).Experiment, content ?? Csv(), type);
        return (await ReadAsync<RegisterDataSet.Response>(answer, HttpStatusCode.Created)).Id;
    }

    public Task<HttpResponseMessage> QueueAsync(Guid dataSet, object? options = null, Person? by = null) =>
        As(by ?? Maria).PostAsJsonAsync("/api/reduction/jobs", new { dataSetId = dataSet, options = options ?? new { components = 3 } });

    public async Task<Guid> JobAsync(Guid dataSet, object? options = null) =>
        (await ReadAsync<QueueJob.Response>(await QueueAsync(dataSet, options), HttpStatusCode.Accepted)).Id;

    public async Task<ReadJob.Response> ReadJobAsync(Guid job, Person? reader = null) =>
        await As(reader ?? Maria).GetFromJsonAsync<ReadJob.Response>($"/api/reduction/jobs/{job}", Json.Strict) ?? throw new JsonException("null");

    public async Task<ReadJob.Response> UntilAsync(Guid job, Func<ReadJob.Response, bool> condition, string what)
    {
        ReadJob.Response? last = null;
        await Poll.UntilAsync(async _ => condition(last = await ReadJobAsync(job)), patience, () => $"{what}; job {last}");
        return last ?? throw new InvalidOperationException();
    }

    public Task<ReadJob.Response> EndedAsync(Guid job) =>
        UntilAsync(job, read => read.Status is JobStatus.Completed or JobStatus.Failed or JobStatus.Cancelled, "the job has ended");

    public Task<ReadJob.Response> ResolvingAsync(Guid job) =>
        UntilAsync(job, read => read is { Status: JobStatus.Running, Progress: { Phase: JobPhase.Resolution, Iteration: > 0 } }, "the job resolves");

    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer, HttpStatusCode status = HttpStatusCode.OK)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {body}");
        return JsonSerializer.Deserialize<T>(body, Json.Strict) ?? throw new JsonException("null");
    }

    private static List<TeamMember> Members(IReadOnlyList<Person> team) =>
        [.. team.Select((person, index) => new TeamMember { PersonId = person.Id, Name = person.Name, Group = person.Group, PrincipalInvestigator = index == 0 })];

    private static List<ExperimentRequest> Requests((Guid Id, string Instrument)[] experiments) =>
        [.. experiments.Select(told => new ExperimentRequest { ExperimentId = told.Id, Title = "XAS", InstrumentCode = told.Instrument, Shifts = 3, Mode = "operando", Required = true, After = [] })];
}
