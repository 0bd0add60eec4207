using System.Net.Http.Json;
using System.Text.Json;
using Tutti.Contracts.Catalogue;
using Tutti.Contracts.Proposals;
using Tutti.Review.Advising;
using Tutti.Review.Grading;
using Tutti.Review.Judging;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Review.Tests;

/// <summary>The Review service, two instruments it has heard of, and the people who judge.</summary>
public sealed class ReviewHost : ServiceHost<ReviewDb>, IAsyncLifetime
{
    public static readonly Person Maria = new("Maria", "battery-group", Roles.Proposer);
    public static readonly Person Staff = new("Staff", "elettra-xafs-team", $"{Roles.FacilityStaff}@elettra");
    public static readonly Person NeutronStaff = new("Neutrons", "bnc", $"{Roles.FacilityStaff}@bnc");
    public static readonly Person Board = new("Board", "nancy", Roles.BoardAdvisor);
    public static readonly Person OtherBoard = new("Other board", "graz", Roles.BoardAdvisor);
    public static readonly Person Chair = new("Chair", "uppsala", Roles.PanelMember);
    public static readonly Person Member = new("Member", "delft", Roles.PanelMember);
    public static readonly Person Outsider = new("Outsider", "lund", Roles.PanelMember);
    public static readonly Person Office = new("Office", "office", Roles.UserOffice);

    public async ValueTask InitializeAsync()
    {
        await HearAsync(Instrument("elettra-xafs", "elettra"));
        await HearAsync(Instrument("bnc-psd", "bnc"));
    }

    public static InstrumentPublished Instrument(string code, string? site, int revision = 1) => new()
    {
        InstrumentCode = code, Revision = revision, Name = code, SiteCode = site, Status = "described", InScheme = true, Technique = "xas", Techniques = ["xas"],
        SampleEnvironment = [], SampleConstraints = [], ExSitu = true, InSitu = true, Operando = true, SharedSources = [],
    };

    public CallOpened Call(Guid id, int revision = 1, params Person[] members) => new()
    {
        CallId = id, Revision = revision, Title = "Autumn call", OpensAt = Time.GetUtcNow().AddDays(-30), ClosesAt = Time.GetUtcNow(), BoardFeasibilityRequired = true,
        PanelChairId = Chair.Id, PanelMemberIds = [Chair.Id, Member.Id, .. members.Select(member => member.Id)],
        BeamtimeFrom = Time.GetUtcNow().AddDays(30), BeamtimeTo = Time.GetUtcNow().AddDays(200),
    };

    public CallClosed Closed(Guid id) => new() { CallId = id, Revision = 9, ClosedAt = Time.GetUtcNow() };

    public ProposalSubmitted Submission(Guid call, Guid id, IReadOnlyList<TeamMember>? team = null, IReadOnlyList<Guid>? advice = null) => new()
    {
        ProposalId = id, CallId = call, Revision = 1, Submission = 1, Title = "Oxygen loss in LiNiO2", Abstract = "We follow nickel during charge.", Team = team ?? [TeamOf(Maria)],
        Experiments = [Experiment("elettra-xafs", 6), Experiment("bnc-psd", 3) with { Required = false }], Samples = [], AdviceIds = advice ?? [], SubmittedAt = Time.GetUtcNow(),
    };

    public static ProposalRevised Revision(ProposalSubmitted first, int submission = 2) => new()
    {
        ProposalId = first.ProposalId, CallId = first.CallId, Revision = submission, Submission = submission, Title = first.Title + ", revised", Abstract = first.Abstract, Team = first.Team,
        Experiments = first.Experiments, Samples = first.Samples, AdviceIds = first.AdviceIds, SubmittedAt = first.SubmittedAt.AddDays(1),
    };

    public static JudgeFeasibility Question(Guid call, Guid id, int submission = 1, bool board = true) => new() { ProposalId = id, CallId = call, Submission = submission, BoardRequired = board };

    public static ProposalWithdrawn Withdrawal(Guid call, Guid id) => new() { ProposalId = id, CallId = call, Revision = 5, WithdrawnAt = DateTimeOffset.UnixEpoch, Reason = "no sample" };

    public static ExperimentRequest Experiment(string instrument, int shifts) => new()
    {
        ExperimentId = Guid.CreateVersion7(), Title = "at " + instrument, InstrumentCode = instrument, Shifts = shifts, Mode = "operando", Required = true, After = [],
    };

    public static TeamMember TeamOf(Person person) => new() { PersonId = person.Id, Name = person.Name, Group = person.Group, PrincipalInvestigator = true };

    /// <summary>A call that is closed or still open, with its panel.</summary>
    public async Task<Guid> CallAsync(bool closed = true, params Person[] members)
    {
        var id = Guid.CreateVersion7();
        await HearAsync(Call(id, 1, members));
        if (closed) await HearAsync(Closed(id));
        return id;
    }

    /// <summary>A proposal that waits for its verdicts.</summary>
    public async Task<ProposalSubmitted> SubmittedAsync(Guid call, IReadOnlyList<TeamMember>? team = null, IReadOnlyList<Guid>? advice = null)
    {
        var submission = Submission(call, Guid.CreateVersion7(), team, advice);
        await HearAsync(submission);
        await HearAsync(Question(call, submission.ProposalId));
        return submission;
    }

    /// <summary>A proposal whose feasibility is judged; the neutron experiment is not feasible where so wished.</summary>
    public async Task<ProposalSubmitted> JudgedAsync(Guid call, IReadOnlyList<TeamMember>? team = null, IReadOnlyList<Guid>? advice = null, bool neutrons = true)
    {
        var submission = await SubmittedAsync(call, team, advice);
        foreach (var judge in (Person[])[Staff, NeutronStaff, Board])
        {
            var verdict = judge == NeutronStaff && !neutrons ? Verdict.NotFeasible : Verdict.Feasible;
            (await JudgeAsync(judge, await TaskAsync(judge, submission.ProposalId), verdict)).EnsureSuccessStatusCode();
        }
        return submission;
    }

    /// <summary>A proposal that the panel has graded.</summary>
    public async Task<ProposalSubmitted> EvaluatedAsync(Guid call, int grade, IReadOnlyList<TeamMember>? team = null, IReadOnlyList<Guid>? advice = null, bool neutrons = true)
    {
        var submission = await JudgedAsync(call, team, advice, neutrons);
        (await GradeAsync(Member, submission.ProposalId, grade)).EnsureSuccessStatusCode();
        (await CompleteAsync(Office, submission.ProposalId)).EnsureSuccessStatusCode();
        return submission;
    }

    public Task<HttpResponseMessage> JudgeAsync(Person judge, Guid task, Verdict verdict, string? comment = "because") =>
        As(judge).PostAsJsonAsync($"/api/review/feasibility/{task}", new JudgeTask.Request { Verdict = verdict, Comment = comment }, Json.Strict);

    public Task<HttpResponseMessage> WishAsync(Person judge, Guid task, string reason = "Which cell?") =>
        As(judge).PostAsJsonAsync($"/api/review/feasibility/{task}/revision", new { reason });

    public Task<HttpResponseMessage> GradeAsync(Person member, Guid proposal, int value, string comment = "sound") =>
        As(member).PutAsJsonAsync($"/api/review/proposals/{proposal}/grade", new { value, comment });

    public Task<HttpResponseMessage> CompleteAsync(Person person, Guid proposal) => As(person).PostAsync($"/api/review/proposals/{proposal}/evaluation", null);

    public Task<HttpResponseMessage> RankAsync(Person person, Guid call, params Guid[] order) => As(person).PostAsJsonAsync($"/api/review/calls/{call}/ranking", new { proposalIds = order });

    public Task<HttpResponseMessage> DecideAsync(Person person, Guid call, params object[] decisions) => As(person).PostAsJsonAsync($"/api/review/calls/{call}/decisions", new { decisions }, Json.Strict);

    public static object Accept(ProposalSubmitted proposal, params int[] shifts) => new
    {
        proposalId = proposal.ProposalId, outcome = "accepted", grants = shifts.Index().Select(line => new { experimentId = proposal.Experiments[line.Index].ExperimentId, shifts = line.Item }),
    };

    public static object Refuse(ProposalSubmitted proposal, string outcome, params string[] reasonCodes) => new { proposalId = proposal.ProposalId, outcome, reasonCodes };

    public async Task<List<ListTasks.Response>> TasksAsync(Person judge, Guid proposal) =>
        await ReadAsync<List<ListTasks.Response>>(judge, $"/api/review/feasibility?proposalId={proposal}");

    public async Task<Guid> TaskAsync(Person judge, Guid proposal) => Assert.Single(await TasksAsync(judge, proposal)).Id;

    public Task<List<ListProposals.Response>> PanelListAsync(Person reader, Guid call) => ReadAsync<List<ListProposals.Response>>(reader, $"/api/review/calls/{call}/proposals");

    /// <summary>Advice that Maria got from an advisor.</summary>
    public async Task<Guid> AdviceAsync(Person advisor)
    {
        var asked = await As(Maria).PostAsJsonAsync("/api/review/advice", new { question = "Where does the oxygen go?", techniqueCodes = (string[])["xas"] });
        asked.EnsureSuccessStatusCode();
        var id = (await asked.Content.ReadFromJsonAsync<AskAdvice.Response>(Json.Strict))?.Id ?? throw new JsonException("null");
        (await AnswerAsync(advisor, id)).EnsureSuccessStatusCode();
        return id;
    }

    public Task<HttpResponseMessage> AnswerAsync(Person advisor, Guid id) => As(advisor).PostAsJsonAsync($"/api/review/advice/{id}/answer", new
    {
        text = "Follow the gas too.", techniqueCodes = (string[])["xas"], complementary = new[] { new { techniqueCode = "nap-xps", reason = "It sees the surface." } },
    });

    public async Task<T> ReadAsync<T>(Person reader, string path) => await As(reader).GetFromJsonAsync<T>(path, Json.Strict) ?? throw new JsonException("null");
}
