using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Review;
using Tutti.Review.Grading;
using Tutti.Review.Judging;
using Tutti.Review.Ranking;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Review.Tests.ReviewHost;

namespace Tutti.Review.Tests;

public sealed class A_conflict_of_interest
{
    private static readonly Guid Ada = Guid.CreateVersion7(), Ben = Guid.CreateVersion7();

    private static readonly Gen<(Judge Judge, Proposal Proposal)> Cases =
        from judge in Gen.Elements(Ada, Ben)
        from ownGroup in Gen.Elements("", " ", "Ljubljana", " LJUBLJANA", "graz")
        from team in Gen.ArrayOf(
            from person in Gen.Elements(Ada, Guid.CreateVersion7(), Guid.CreateVersion7())
            from memberOf in Gen.Elements("", "ljubljana ", "Graz", "delft")
            select (person, memberOf), 3)
        from advisors in Gen.SubListOf(Ada, Ben, Guid.CreateVersion7())
        select (new Judge(judge, ownGroup), Submitted(team, advisors));

    [Fact]
    public void Is_told_by_its_kind_the_closest_first()
    {
        var proposal = Submitted([(Ada, "graz"), (Guid.CreateVersion7(), "delft")], [Ada, Ben]);
        Assert.Equal(Conflict.OnTeam, Conflicts.Of(new Judge(Ada, "elsewhere"), proposal));
        Assert.Equal(Conflict.SameGroup, Conflicts.Of(new Judge(Ben, " Delft"), proposal));
        Assert.Equal(Conflict.GaveAdvice, Conflicts.Of(new Judge(Ben, "lund"), proposal));
        Assert.Null(Conflicts.Of(new Judge(Guid.CreateVersion7(), "lund"), proposal));
    }

    [Fact]
    public void Does_not_come_from_two_people_having_no_group() =>
        Assert.Null(Conflicts.Of(new Judge(Ben, " "), Submitted([(Ada, "")], [])));

    [Fact]
    public void Goes_by_the_latest_submission()
    {
        var proposal = Submitted([(Ada, "graz")], [Ben]);
        proposal.Learn(2, DateTimeOffset.UnixEpoch, "", SubmittedText.Empty with { Team = [Member(Ada, "delft")] }, new HashSet<Guid>());
        Assert.Null(Conflicts.Of(new Judge(Ben, "graz"), proposal));
        Assert.Equal(Conflict.SameGroup, Conflicts.Of(new Judge(Ben, "delft"), proposal));
    }

    [Fact]
    public void Is_the_same_in_a_query_as_in_a_rule() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Cases.ToArbitrary(), one =>
        Conflicts.NoneFor(one.Judge).Compile()(one.Proposal) == (Conflicts.Of(one.Judge, one.Proposal) is null)));

    private static Proposal Submitted(IEnumerable<(Guid Person, string Group)> team, IEnumerable<Guid> advisors)
    {
        var proposal = Proposal.Known(Guid.CreateVersion7(), Guid.CreateVersion7());
        proposal.Learn(1, DateTimeOffset.UnixEpoch, "", SubmittedText.Empty with { Team = [.. team.Select(member => Member(member.Person, member.Group))] }, advisors.ToHashSet());
        return proposal;
    }

    private static TeamMember Member(Guid person, string group) => new() { PersonId = person, Name = "", Group = group, PrincipalInvestigator = false };
}

/// <summary>One person who could judge everything, in conflict with a proposal in each of the three ways, at every door.</summary>
public sealed class Somebody_in_conflict(ReviewHost host) : IClassFixture<ReviewHost>
{
    private static readonly Person Judge = new("Judge of all", "stockholm", $"{Roles.FacilityStaff}@elettra", Roles.BoardAdvisor, Roles.PanelMember);
    private static readonly Person Officer = new("Officer", "trieste", Roles.UserOffice, Roles.BoardAdvisor);

    [Theory]
    [InlineData(Conflict.OnTeam)]
    [InlineData(Conflict.SameGroup)]
    [InlineData(Conflict.GaveAdvice)]
    public async Task Neither_lists_nor_reads_nor_judges_feasibility(Conflict way)
    {
        var call = await host.CallAsync();
        var fine = await host.SubmittedAsync(call);
        Assert.Equal(2, (await host.TasksAsync(Judge, fine.ProposalId)).Count);
        var (team, advice) = await InConflictAsync(Judge, way);
        var proposal = await host.SubmittedAsync(call, team, advice);
        Assert.Empty(await host.TasksAsync(Judge, proposal.ProposalId));
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Judge).GetAsync($"/api/review/proposals/{proposal.ProposalId}")).StatusCode);
        foreach (var task in (Guid[])[await host.TaskAsync(Staff, proposal.ProposalId), await host.TaskAsync(Board, proposal.ProposalId)])
        {
            await Assert.RefusedAsync(await host.JudgeAsync(Judge, task, Verdict.Feasible), HttpStatusCode.Forbidden, "review.conflict");
            await Assert.RefusedAsync(await host.WishAsync(Judge, task), HttpStatusCode.Forbidden, "review.conflict");
        }
        Assert.DoesNotContain(await host.SaidAsync<TechnicalFeasibilityJudged>(), said => said.ProposalId == proposal.ProposalId);
        Assert.DoesNotContain(await host.SaidAsync<RevisionRequested>(), said => said.ProposalId == proposal.ProposalId);
    }

    [Theory]
    [InlineData(Conflict.OnTeam)]
    [InlineData(Conflict.SameGroup)]
    [InlineData(Conflict.GaveAdvice)]
    public async Task Neither_sees_nor_grades_nor_completes_nor_moves_it_as_chair(Conflict way)
    {
        var call = Guid.CreateVersion7();
        await host.HearAsync(host.Call(call) with { PanelChairId = Judge.Id });
        await host.HearAsync(host.Closed(call));
        var (team, advice) = await InConflictAsync(Judge, way);
        var proposal = await host.JudgedAsync(call, team, advice);
        Assert.Empty(await host.PanelListAsync(Judge, call));
        foreach (var path in (string[])["", "/grades"])
            Assert.Equal(HttpStatusCode.NotFound, (await host.As(Judge).GetAsync($"/api/review/proposals/{proposal.ProposalId}{path}")).StatusCode);
        await Assert.RefusedAsync(await host.GradeAsync(Judge, proposal.ProposalId, 100), HttpStatusCode.Forbidden, "review.conflict");
        await Assert.RefusedAsync(await host.CompleteAsync(Judge, proposal.ProposalId), HttpStatusCode.Forbidden, "review.conflict");
        (await host.GradeAsync(Member, proposal.ProposalId, 10)).EnsureSuccessStatusCode();
        (await host.CompleteAsync(Office, proposal.ProposalId)).EnsureSuccessStatusCode();
        var better = await host.EvaluatedAsync(call, 90);
        Assert.DoesNotContain((await host.ReadAsync<ReadRanking.Response>(Judge, $"/api/review/calls/{call}/ranking")).Proposals, entry => entry.ProposalId == proposal.ProposalId);
        Assert.Equal(["ranking.conflict"], await Assert.RefusedAsync(
            await host.RankAsync(Judge, call, proposal.ProposalId, better.ProposalId), HttpStatusCode.UnprocessableEntity, "ranking.invalid"));
        (await host.RankAsync(Judge, call, better.ProposalId)).EnsureSuccessStatusCode();
        Assert.Equal(2, Assert.Single(await host.SaidAsync<ProposalRanked>(), said => said.ProposalId == proposal.ProposalId).Rank);
    }

    [Theory]
    [InlineData(Conflict.OnTeam)]
    [InlineData(Conflict.SameGroup)]
    [InlineData(Conflict.GaveAdvice)]
    public async Task Neither_completes_nor_decides_for_the_user_office(Conflict way)
    {
        var call = await host.CallAsync();
        var (team, advice) = await InConflictAsync(Officer, way);
        var proposal = await host.JudgedAsync(call, team, advice);
        (await host.GradeAsync(Member, proposal.ProposalId, 50)).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.CompleteAsync(Officer, proposal.ProposalId), HttpStatusCode.Forbidden, "review.conflict");
        (await host.CompleteAsync(Office, proposal.ProposalId)).EnsureSuccessStatusCode();
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.DecideAsync(Officer, call, Accept(proposal, 6)), HttpStatusCode.Forbidden, "review.conflict");
        Assert.DoesNotContain(await host.SaidAsync<DecisionTaken>(), said => said.ProposalId == proposal.ProposalId);
        (await host.DecideAsync(Office, call, Accept(proposal, 6))).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task As_user_office_on_the_team_sees_neither_grades_nor_who_judged()
    {
        var call = await host.CallAsync();
        var proposal = await host.EvaluatedAsync(call, 50, [TeamOf(Officer) with { Group = "elsewhere" }]);
        foreach (var path in (string[])["", "/grades", "/history"])
            Assert.Equal(HttpStatusCode.NotFound, (await host.As(Officer).GetAsync($"/api/review/proposals/{proposal.ProposalId}{path}")).StatusCode);
        Assert.Empty(await host.PanelListAsync(Officer, call));
        Assert.Empty((await host.ReadAsync<ReadRanking.Response>(Officer, $"/api/review/calls/{call}/ranking")).Proposals);
    }

    [Fact]
    public async Task Leaves_no_grade_that_counts()
    {
        var proposal = await host.JudgedAsync(await host.CallAsync());
        await host.ReadAsync(async db =>
        {
            db.Add(new Grade { ProposalId = proposal.ProposalId, PersonId = Maria.Id, Group = "elsewhere", Value = 100, Comment = "mine", GradedAt = host.Time.GetUtcNow() });
            db.Add(new Grade { ProposalId = proposal.ProposalId, PersonId = Guid.CreateVersion7(), Group = Maria.Group, Value = 100, Comment = "ours", GradedAt = host.Time.GetUtcNow() });
            return await db.SaveChangesAsync();
        });
        await Assert.RefusedAsync(await host.CompleteAsync(Office, proposal.ProposalId), HttpStatusCode.Conflict, "evaluation.no-grades");
        (await host.GradeAsync(Member, proposal.ProposalId, 40)).EnsureSuccessStatusCode();
        (await host.CompleteAsync(Office, proposal.ProposalId)).EnsureSuccessStatusCode();
        var said = Assert.Single(await host.SaidAsync<EvaluationCompleted>(), said => said.ProposalId == proposal.ProposalId);
        Assert.Equal((40.0, 1), (said.Grade, said.Grades));
    }

    private async Task<(IReadOnlyList<TeamMember> Team, IReadOnlyList<Guid> Advice)> InConflictAsync(Person person, Conflict way) => way switch
    {
        Conflict.OnTeam => ([TeamOf(Maria), TeamOf(person) with { Group = "elsewhere" }], []),
        Conflict.SameGroup => ([TeamOf(Maria) with { Group = person.Group.ToUpperInvariant() + " " }], []),
        Conflict.GaveAdvice => ([TeamOf(Maria)], [await host.AdviceAsync(person)]),
    };
}
