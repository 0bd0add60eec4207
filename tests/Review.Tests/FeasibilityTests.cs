using System.Net;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Review;
using Tutti.Review.Judging;
using Tutti.Review.Reading;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Review.Tests.ReviewHost;

namespace Tutti.Review.Tests;

public sealed class A_submission_to_be_judged(ReviewHost host) : IClassFixture<ReviewHost>
{
    [Fact]
    public async Task Makes_one_task_per_experiment_and_one_for_the_board()
    {
        var proposal = await host.SubmittedAsync(await host.CallAsync(closed: false));
        var xas = Assert.Single(await host.TasksAsync(Staff, proposal.ProposalId));
        Assert.Equal((ListTasks.Kind.Technical, "elettra-xafs", proposal.Experiments[0].ExperimentId), (xas.Kind, xas.InstrumentCode, xas.ExperimentId));
        Assert.Equal("bnc-psd", Assert.Single(await host.TasksAsync(NeutronStaff, proposal.ProposalId)).InstrumentCode);
        Assert.Equal(ListTasks.Kind.Board, Assert.Single(await host.TasksAsync(Board, proposal.ProposalId)).Kind);
        var read = await host.ReadAsync<ReadProposal.Response>(Staff, $"/api/review/proposals/{proposal.ProposalId}");
        Assert.Equal((proposal.Abstract, 2), (read.Abstract, read.Experiments.Count));
    }

    [Fact]
    public async Task Shows_those_who_judge_whether_any_instrument_would_do_and_what_belongs_together()
    {
        var submission = host.Submission(await host.CallAsync(closed: false), Guid.CreateVersion7());
        submission = submission with { Experiments = [submission.Experiments[0] with { AnyInstrument = true }, submission.Experiments[1] with { Group = "structure" }] };
        await host.HearAsync(submission);
        await host.HearAsync(Question(submission.CallId, submission.ProposalId));
        var read = await host.ReadAsync<ReadProposal.Response>(Staff, $"/api/review/proposals/{submission.ProposalId}");
        Assert.Equal([(true, null), (null, "structure")], read.Experiments.Select(experiment => (experiment.AnyInstrument, experiment.Group)));
    }

    [Fact]
    public async Task Has_no_task_for_the_board_where_none_is_required()
    {
        var call = await host.CallAsync();
        var proposal = host.Submission(call, Guid.CreateVersion7());
        await host.HearAsync(proposal);
        await host.HearAsync(Question(call, proposal.ProposalId, board: false));
        Assert.Empty(await host.TasksAsync(Board, proposal.ProposalId));
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Board).GetAsync($"/api/review/proposals/{proposal.ProposalId}")).StatusCode);
        foreach (var judge in (Person[])[Staff, NeutronStaff])
            Assert.Equal(HttpStatusCode.NoContent, (await host.JudgeAsync(judge, await host.TaskAsync(judge, proposal.ProposalId), Verdict.Feasible, null)).StatusCode);
        Assert.True(Assert.Single(await host.PanelListAsync(Member, call)).Ready);
    }

    [Fact]
    public async Task Is_judged_and_every_verdict_is_told_and_written_down()
    {
        var call = await host.CallAsync();
        var proposal = await host.JudgedAsync(call, neutrons: false);
        var said = (await host.SaidAsync<TechnicalFeasibilityJudged>()).Where(said => said.ProposalId == proposal.ProposalId).ToDictionary(said => said.InstrumentCode);
        Assert.Equal(("feasible", 1, Staff.Id), (said["elettra-xafs"].Verdict, said["elettra-xafs"].Submission, said["elettra-xafs"].JudgedBy));
        Assert.Equal(("not-feasible", "because"), (said["bnc-psd"].Verdict, said["bnc-psd"].Comment));
        Assert.Equal("feasible", Assert.Single(await host.SaidAsync<BoardFeasibilityJudged>(), said => said.ProposalId == proposal.ProposalId).Verdict);
        Assert.Empty(await host.TasksAsync(Staff, proposal.ProposalId));
        var shown = Assert.Single(await host.PanelListAsync(Member, call));
        Assert.True(shown.Ready);
        Assert.Equal(Verdict.NotFeasible, shown.Experiments.Single(experiment => experiment.InstrumentCode == "bnc-psd").Verdict);
        var history = await host.ReadAsync<List<ReadHistory.Response>>(Office, $"/api/review/proposals/{proposal.ProposalId}/history");
        Assert.Equal(["elettra-xafs: feasible", "bnc-psd: not-feasible", "board: feasible"], history.Select(line => line.What));
        Assert.Equal([Staff.Id, NeutronStaff.Id, Board.Id], history.Select(line => line.By));
    }

    [Fact]
    public async Task Keeps_the_first_verdict()
    {
        var proposal = await host.SubmittedAsync(await host.CallAsync());
        var task = await host.TaskAsync(Staff, proposal.ProposalId);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => host.JudgeAsync(Staff, task, number % 2 == 0 ? Verdict.Feasible : Verdict.NotFeasible)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        foreach (var late in answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent)) await Assert.RefusedAsync(late, HttpStatusCode.Conflict, "feasibility.already-judged");
        Assert.Single(await host.SaidAsync<TechnicalFeasibilityJudged>(), said => said.ProposalId == proposal.ProposalId);
        await Assert.RefusedAsync(await host.WishAsync(Staff, task), HttpStatusCode.Conflict, "feasibility.already-judged");
    }

    [Fact]
    public async Task Needs_a_comment_unless_it_is_feasible()
    {
        var proposal = await host.SubmittedAsync(await host.CallAsync());
        var task = await host.TaskAsync(Staff, proposal.ProposalId);
        foreach (var verdict in (Verdict[])[Verdict.FeasibleWithChanges, Verdict.NotFeasible])
            Assert.Equal(["text.length"], await Assert.RefusedAsync(await host.JudgeAsync(Staff, task, verdict, null), HttpStatusCode.UnprocessableEntity, "feasibility.invalid"));
        Assert.Equal(["text.length"], await Assert.RefusedAsync(await host.JudgeAsync(Staff, task, Verdict.Feasible, new string('x', 5001)), HttpStatusCode.UnprocessableEntity, "feasibility.invalid"));
        Assert.Equal(["text.length"], await Assert.RefusedAsync(await host.WishAsync(Staff, task, ""), HttpStatusCode.UnprocessableEntity, "feasibility.invalid"));
        foreach (var body in (string[])["{}", """{"verdict":"splendid"}""", """{"verdict":1}""", """{"verdict":"feasible","by":"me"}""", "[", "null"])
        {
            using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            await Assert.RefusedAsync(await host.As(Staff).PostAsync($"/api/review/feasibility/{task}", content), HttpStatusCode.BadRequest, "request.malformed");
        }
        Assert.Equal(HttpStatusCode.NoContent, (await host.JudgeAsync(Staff, task, Verdict.Feasible, null)).StatusCode);
    }

    [Fact]
    public async Task Is_hidden_from_staff_of_other_sites_and_from_everybody_else()
    {
        var proposal = await host.SubmittedAsync(await host.CallAsync());
        var task = await host.TaskAsync(Staff, proposal.ProposalId);
        var elsewhere = new Person("Elsewhere", "ki", $"{Roles.FacilityStaff}@ki");
        var scopeless = new Person("Scopeless", "ki", Roles.FacilityStaff);
        foreach (var person in (Person[])[NeutronStaff, Board, elsewhere, scopeless])
        {
            await Assert.RefusedAsync(await host.JudgeAsync(person, task, Verdict.Feasible), HttpStatusCode.NotFound, "not-found");
            await Assert.RefusedAsync(await host.WishAsync(person, task), HttpStatusCode.NotFound, "not-found");
        }
        foreach (var person in (Person[])[elsewhere, scopeless, Outsider])
            Assert.Equal(HttpStatusCode.NotFound, (await host.As(person).GetAsync($"/api/review/proposals/{proposal.ProposalId}")).StatusCode);
        foreach (var person in (Person[])[Maria, Member, Office])
            Assert.Equal(HttpStatusCode.Forbidden, (await host.JudgeAsync(person, task, Verdict.Feasible)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Maria).GetAsync($"/api/review/proposals/{proposal.ProposalId}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().GetAsync("/api/review/feasibility")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.JudgeAsync(Staff, Guid.CreateVersion7(), Verdict.Feasible)).StatusCode);
    }

    [Fact]
    public async Task That_is_to_be_revised_has_no_tasks_until_the_next_submission()
    {
        var call = await host.CallAsync(closed: false);
        var proposal = await host.SubmittedAsync(call);
        var xas = await host.TaskAsync(Staff, proposal.ProposalId);
        var neutrons = await host.TaskAsync(NeutronStaff, proposal.ProposalId);
        Assert.Equal(HttpStatusCode.NoContent, (await host.WishAsync(Staff, xas)).StatusCode);
        var said = Assert.Single(await host.SaidAsync<RevisionRequested>(), said => said.ProposalId == proposal.ProposalId);
        Assert.Equal((1, proposal.Experiments[0].ExperimentId, "Which cell?"), (said.Submission, said.ExperimentId, said.Reason));
        foreach (var judge in (Person[])[Staff, NeutronStaff, Board]) Assert.Empty(await host.TasksAsync(judge, proposal.ProposalId));
        await Assert.RefusedAsync(await host.JudgeAsync(NeutronStaff, neutrons, Verdict.Feasible), HttpStatusCode.Conflict, "feasibility.over");
        await Assert.RefusedAsync(await host.WishAsync(Staff, xas), HttpStatusCode.Conflict, "feasibility.over");

        await host.HearAsync(Revision(proposal));
        await Assert.RefusedAsync(await host.JudgeAsync(NeutronStaff, neutrons, Verdict.Feasible), HttpStatusCode.Conflict, "feasibility.over");
        Assert.Empty(await host.TasksAsync(Staff, proposal.ProposalId));
        await host.HearAsync(Question(call, proposal.ProposalId, 2));
        foreach (var judge in (Person[])[Staff, NeutronStaff, Board]) Assert.Equal(2, Assert.Single(await host.TasksAsync(judge, proposal.ProposalId)).Submission);
        Assert.Equal(HttpStatusCode.NoContent, (await host.JudgeAsync(Board, await host.TaskAsync(Board, proposal.ProposalId), Verdict.Feasible)).StatusCode);
    }

    [Fact]
    public async Task That_is_withdrawn_has_no_tasks_and_keeps_its_history()
    {
        var call = await host.CallAsync();
        var proposal = await host.SubmittedAsync(call);
        Assert.Equal(HttpStatusCode.NoContent, (await host.JudgeAsync(Staff, await host.TaskAsync(Staff, proposal.ProposalId), Verdict.Feasible)).StatusCode);
        var board = await host.TaskAsync(Board, proposal.ProposalId);
        await host.HearAsync(Withdrawal(call, proposal.ProposalId));
        foreach (var judge in (Person[])[Staff, NeutronStaff, Board]) Assert.Empty(await host.TasksAsync(judge, proposal.ProposalId));
        await Assert.RefusedAsync(await host.JudgeAsync(Board, board, Verdict.Feasible), HttpStatusCode.Conflict, "proposal.withdrawn");
        Assert.Empty(await host.PanelListAsync(Member, call));
        Assert.True(Assert.Single(await host.PanelListAsync(Office, call)).Withdrawn);
        Assert.Single(await host.ReadAsync<List<ReadHistory.Response>>(Office, $"/api/review/proposals/{proposal.ProposalId}/history"));
    }

    [Fact]
    public async Task Is_judged_all_the_same_when_its_instrument_retires()
    {
        var call = await host.CallAsync();
        var code = $"old-{call}";
        await host.HearAsync(new Contracts.Catalogue.InstrumentRetired { InstrumentCode = code, Revision = 7 });
        await host.HearAsync(Instrument(code, "elettra", 3));
        var proposal = host.Submission(call, Guid.CreateVersion7()) with { Experiments = [Experiment(code, 2)] };
        await host.HearAsync(proposal);
        await host.HearAsync(Question(call, proposal.ProposalId));
        var task = Assert.Single(await host.TasksAsync(Staff, proposal.ProposalId));
        Assert.True(task.InstrumentRetired);
        Assert.Equal(HttpStatusCode.NoContent, (await host.JudgeAsync(Staff, task.Id, Verdict.Feasible)).StatusCode);
    }

    [Fact]
    public async Task Of_two_experiments_judged_at_once_both_get_their_verdict()
    {
        var proposal = await host.SubmittedAsync(await host.CallAsync());
        var judges = (Person[])[Staff, NeutronStaff, Board];
        var tasks = await Task.WhenAll(judges.Select(async judge => (judge, task: await host.TaskAsync(judge, proposal.ProposalId))));
        var answers = await Task.WhenAll(tasks.Select(line => host.JudgeAsync(line.judge, line.task, Verdict.Feasible)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        Assert.Equal(3, await host.ReadAsync(db => db.Tasks.CountAsync(task => task.ProposalId == proposal.ProposalId && task.Verdict == Verdict.Feasible)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public async Task Is_not_listed_on_a_page_that_cannot_be(int page) =>
        await Assert.RefusedAsync(await host.As(Staff).GetAsync($"/api/review/feasibility?page={page}"), HttpStatusCode.UnprocessableEntity, "request.page");

    [Fact]
    public async Task Is_listed_by_call_and_by_proposal()
    {
        var (here, there) = (await host.CallAsync(), await host.CallAsync());
        Guid[] proposals = [(await host.SubmittedAsync(here)).ProposalId, (await host.SubmittedAsync(here)).ProposalId, (await host.SubmittedAsync(there)).ProposalId];
        async Task<IEnumerable<Guid>> ListedAsync(string filter) =>
            (await host.ReadAsync<List<ListTasks.Response>>(Staff, $"/api/review/feasibility?{filter}")).Select(task => task.ProposalId).Where(proposals.Contains).Order();

        Assert.Equal(proposals[..2].Order(), await ListedAsync($"callId={here}"));
        Assert.Equal([proposals[1]], await ListedAsync($"proposalId={proposals[1]}"));
        Assert.Empty(await ListedAsync($"callId={there}&proposalId={proposals[1]}"));
    }
}
