using System.Net;
using System.Net.Http.Json;
using Tutti.Contracts.Review;
using Tutti.Review.Grading;
using Tutti.Review.Judging;
using Tutti.Review.Reading;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Review.Tests.ReviewHost;

namespace Tutti.Review.Tests;

public sealed class A_judged_proposal(ReviewHost host) : IClassFixture<ReviewHost>
{
    [Fact]
    public async Task Is_graded_and_its_mean_is_told()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        foreach (var (member, grade) in new[] { (Member, 71), (Chair, 80) }) Assert.Equal(HttpStatusCode.NoContent, (await host.GradeAsync(member, proposal.ProposalId, grade)).StatusCode);
        var answer = await host.CompleteAsync(Chair, proposal.ProposalId);
        Assert.Equal(new CompleteEvaluation.Response(75.5, 2), await answer.Content.ReadFromJsonAsync<CompleteEvaluation.Response>(Json.Strict));
        var said = Assert.Single(await host.SaidAsync<EvaluationCompleted>(), said => said.ProposalId == proposal.ProposalId);
        Assert.Equal((75.5, 2, 1), (said.Grade, said.Grades, said.Revision));
        await Assert.RefusedAsync(await host.GradeAsync(Member, proposal.ProposalId, 1), HttpStatusCode.Conflict, "evaluation.completed");
        await Assert.RefusedAsync(await host.CompleteAsync(Office, proposal.ProposalId), HttpStatusCode.Conflict, "evaluation.completed");
        var shown = Assert.Single(await host.PanelListAsync(Member, proposal.CallId));
        Assert.Equal((71, 75.5), (shown.MyGrade, shown.Grade));
    }

    [Fact]
    public async Task Keeps_every_grade_that_was_changed_in_its_history()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        foreach (var grade in (int[])[60, 60, 90]) (await host.GradeAsync(Member, proposal.ProposalId, grade)).EnsureSuccessStatusCode();
        var history = await host.ReadAsync<List<ReadHistory.Response>>(Office, $"/api/review/proposals/{proposal.ProposalId}/history");
        Assert.Equal(["60", "60 -> 90"], history.Where(line => line.Act == Act.Graded).Select(line => line.What));
        Assert.All(history.Where(line => line.Act == Act.Graded), line => Assert.Equal((Member.Id, "sound"), (line.By, line.Why)));
        var grades = await host.ReadAsync<ReadGrades.Response>(Member, $"/api/review/proposals/{proposal.ProposalId}/grades");
        Assert.Equal(90, Assert.Single(grades.Grades).Value);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Member).GetAsync($"/api/review/proposals/{proposal.ProposalId}/history")).StatusCode);
    }

    [Fact]
    public async Task Shows_each_member_their_own_grade_and_chair_and_office_all()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        (await host.GradeAsync(Member, proposal.ProposalId, 50)).EnsureSuccessStatusCode();
        (await host.GradeAsync(Chair, proposal.ProposalId, 70)).EnsureSuccessStatusCode();
        async Task<int> SeenAsync(Person reader) => (await host.ReadAsync<ReadGrades.Response>(reader, $"/api/review/proposals/{proposal.ProposalId}/grades")).Grades.Count;
        Assert.Equal((1, 2, 2), (await SeenAsync(Member), await SeenAsync(Chair), await SeenAsync(Office)));
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Outsider).GetAsync($"/api/review/proposals/{proposal.ProposalId}/grades")).StatusCode);
        foreach (var other in (Person[])[Maria, Staff, Board])
            Assert.Equal(HttpStatusCode.Forbidden, (await host.As(other).GetAsync($"/api/review/proposals/{proposal.ProposalId}/grades")).StatusCode);
    }

    [Fact]
    public async Task Graded_by_many_at_once_has_one_grade_of_each()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => host.GradeAsync(number % 2 == 0 ? Member : Chair, proposal.ProposalId, 80)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode));
        Assert.Equal(2, (await host.ReadAsync<ReadGrades.Response>(Office, $"/api/review/proposals/{proposal.ProposalId}/grades")).Grades.Count);
        var history = await host.ReadAsync<List<ReadHistory.Response>>(Office, $"/api/review/proposals/{proposal.ProposalId}/history");
        Assert.Equal(2, history.Count(line => line.Act == Act.Graded));
    }

    [Fact]
    public async Task Is_completed_once_by_ten_at_once_and_no_late_grade_is_lost_or_added()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        (await host.GradeAsync(Member, proposal.ProposalId, 50)).EnsureSuccessStatusCode();
        var grading = host.GradeAsync(Chair, proposal.ProposalId, 100);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.CompleteAsync(Office, proposal.ProposalId)));
        var graded = (await grading).StatusCode;
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        var said = Assert.Single(await host.SaidAsync<EvaluationCompleted>(), said => said.ProposalId == proposal.ProposalId);
        Assert.Equal(graded == HttpStatusCode.NoContent ? (75.0, 2) : (50.0, 1), (said.Grade, said.Grades));
    }

    [Fact]
    public async Task Is_not_completed_without_a_grade_nor_by_a_member_who_is_not_the_chair()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        await Assert.RefusedAsync(await host.CompleteAsync(Chair, proposal.ProposalId), HttpStatusCode.Conflict, "evaluation.no-grades");
        await Assert.RefusedAsync(await host.CompleteAsync(Member, proposal.ProposalId), HttpStatusCode.Forbidden, "review.chair-only");
        Assert.Equal(HttpStatusCode.NotFound, (await host.CompleteAsync(Outsider, proposal.ProposalId)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.CompleteAsync(Maria, proposal.ProposalId)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.CompleteAsync(Office, Guid.CreateVersion7())).StatusCode);
    }

    [Fact]
    public async Task Is_graded_only_by_members_of_its_panel_who_hold_the_role()
    {
        var withoutRole = new Person("Without role", "x", Roles.Proposer);
        var proposal = await host.JudgedAsync(await host.CallAsync(members: withoutRole));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GradeAsync(Outsider, proposal.ProposalId, 50)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.GradeAsync(withoutRole, proposal.ProposalId, 50)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.GradeAsync(Office, proposal.ProposalId, 50)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GradeAsync(Member, Guid.CreateVersion7(), 50)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Outsider).GetAsync($"/api/review/calls/{proposal.CallId}/proposals")).StatusCode);
    }

    [Fact]
    public async Task Keeps_to_whole_grades_from_0_to_100_with_a_comment()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        Assert.Equal(["grade.range", "text.length"], await Assert.RefusedAsync(await host.GradeAsync(Member, proposal.ProposalId, 101, " "), HttpStatusCode.UnprocessableEntity, "grade.invalid"));
        Assert.Equal(["grade.range"], await Assert.RefusedAsync(await host.GradeAsync(Member, proposal.ProposalId, -1), HttpStatusCode.UnprocessableEntity, "grade.invalid"));
        foreach (var body in (string[])["""{"value":80.5,"comment":"x"}""", """{"comment":"x"}""", """{"value":80}""", """{"value":"80","comment":"x"}""", """{"value":99999999999,"comment":"x"}"""])
        {
            using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            await Assert.RefusedAsync(await host.As(Member).PutAsync($"/api/review/proposals/{proposal.ProposalId}/grade", content), HttpStatusCode.BadRequest, "request.malformed");
        }
        foreach (var grade in (int[])[0, 100]) Assert.Equal(HttpStatusCode.NoContent, (await host.GradeAsync(Member, proposal.ProposalId, grade)).StatusCode);
    }

    [Fact]
    public async Task Is_out_of_the_panels_hands_when_it_is_withdrawn()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        await host.HearAsync(Withdrawal(proposal.CallId, proposal.ProposalId));
        await Assert.RefusedAsync(await host.GradeAsync(Member, proposal.ProposalId, 50), HttpStatusCode.Conflict, "proposal.withdrawn");
        await Assert.RefusedAsync(await host.CompleteAsync(Office, proposal.ProposalId), HttpStatusCode.Conflict, "proposal.withdrawn");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Member).GetAsync($"/api/review/proposals/{proposal.ProposalId}")).StatusCode);
    }
}

public sealed class A_proposal_that_is_not_judged_yet(ReviewHost host) : IClassFixture<ReviewHost>
{
    [Fact]
    public async Task Cannot_be_graded_while_a_verdict_is_missing()
    {
        var proposal = await host.SubmittedAsync(await host.CallAsync());
        foreach (var judge in (Person[])[Staff, NeutronStaff])
        {
            (await host.JudgeAsync(judge, await host.TaskAsync(judge, proposal.ProposalId), Verdict.FeasibleWithChanges)).EnsureSuccessStatusCode();
            await Assert.RefusedAsync(await host.GradeAsync(Member, proposal.ProposalId, 50), HttpStatusCode.Conflict, "evaluation.not-ready");
            await Assert.RefusedAsync(await host.CompleteAsync(Chair, proposal.ProposalId), HttpStatusCode.Conflict, "evaluation.not-ready");
            Assert.False(Assert.Single(await host.PanelListAsync(Member, proposal.CallId)).Ready);
        }
        (await host.WishAsync(Board, await host.TaskAsync(Board, proposal.ProposalId))).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.GradeAsync(Member, proposal.ProposalId, 50), HttpStatusCode.Conflict, "evaluation.not-ready");
    }

    [Fact]
    public async Task Does_not_exist_for_the_panel_while_its_call_is_open()
    {
        var call = await host.CallAsync(closed: false);
        var proposal = await host.JudgedAsync(call);
        Assert.Equal(HttpStatusCode.NotFound, (await host.GradeAsync(Member, proposal.ProposalId, 50)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.CompleteAsync(Chair, proposal.ProposalId)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Member).GetAsync($"/api/review/proposals/{proposal.ProposalId}")).StatusCode);
        Assert.Empty(await host.PanelListAsync(Member, call));
        await Assert.RefusedAsync(await host.CompleteAsync(Office, proposal.ProposalId), HttpStatusCode.Conflict, "evaluation.not-ready");
        await host.HearAsync(host.Closed(call));
        Assert.Equal(HttpStatusCode.NoContent, (await host.GradeAsync(Member, proposal.ProposalId, 50)).StatusCode);
    }
}

public sealed class A_panel_member(ReviewHost host) : IClassFixture<ReviewHost>
{
    [Fact]
    public async Task Lists_the_calls_of_their_panels_and_no_others()
    {
        var mine = await host.CallAsync();
        Assert.Contains(await host.ReadAsync<List<ListCalls.Response>>(Member, "/api/review/calls"), call => call.Id == mine && call.Closed && !call.Chairs);
        Assert.Contains(await host.ReadAsync<List<ListCalls.Response>>(Chair, "/api/review/calls"), call => call.Id == mine && call.Chairs);
        Assert.Empty(await host.ReadAsync<List<ListCalls.Response>>(Outsider, "/api/review/calls"));
        Assert.Contains(await host.ReadAsync<List<ListCalls.Response>>(Office, "/api/review/calls"), call => call.Id == mine);
    }

    [Fact]
    public async Task Leaves_the_panel_with_the_calls_next_record()
    {
        var call = await host.CallAsync(closed: false, Outsider);
        Assert.Single(await host.ReadAsync<List<ListCalls.Response>>(Outsider, "/api/review/calls"), known => known.Id == call);
        await host.HearAsync(host.Call(call, 2));
        await host.HearAsync(host.Call(call, 1, Outsider));
        Assert.DoesNotContain(await host.ReadAsync<List<ListCalls.Response>>(Outsider, "/api/review/calls"), known => known.Id == call);
        Assert.Contains(await host.ReadAsync<List<ListCalls.Response>>(Member, "/api/review/calls"), known => known.Id == call);
    }
}
