using System.Net;
using System.Net.Http.Json;
using FsCheck;
using FsCheck.Fluent;
using Tutti.Contracts.Review;
using Tutti.Review.Ranking;
using Tutti.Review.Reading;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Review.Tests.ReviewHost;

namespace Tutti.Review.Tests;

public sealed class A_ranking(ReviewHost host) : IClassFixture<ReviewHost>
{
    [Fact]
    public async Task Is_by_grade_where_the_chair_names_no_order()
    {
        var call = await host.CallAsync();
        var (low, high) = (await host.EvaluatedAsync(call, 40), await host.EvaluatedAsync(call, 90));
        await host.JudgedAsync(call);
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        var said = Assert.Single(await host.SaidAsync<RankingDecided>(), said => said.CallId == call);
        Assert.Equal([(high.ProposalId, 1, 90.0), (low.ProposalId, 2, 40.0)], said.Ranking.Select(line => (line.ProposalId, line.Rank, line.Grade)));
        Assert.Equal([(high.ProposalId, 1, 2), (low.ProposalId, 2, 2)],
            (await host.SaidAsync<ProposalRanked>()).Where(ranked => ranked.CallId == call).OrderBy(ranked => ranked.Rank).Select(ranked => (ranked.ProposalId, ranked.Rank, ranked.Revision)));
    }

    [Fact]
    public async Task Is_as_the_chair_orders_and_changes_only_with_the_order()
    {
        var call = await host.CallAsync();
        var (first, second) = (await host.EvaluatedAsync(call, 80), await host.EvaluatedAsync(call, 80));
        (await host.RankAsync(Chair, call, second.ProposalId, first.ProposalId)).EnsureSuccessStatusCode();
        var again = await host.RankAsync(Chair, call, second.ProposalId, first.ProposalId);
        Assert.Equal(1, (await again.Content.ReadFromJsonAsync<RankProposals.Response>(Json.Strict))?.Revision);
        Assert.Single(await host.SaidAsync<RankingDecided>(), said => said.CallId == call);
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        Assert.Equal([1, 2], (await host.SaidAsync<RankingDecided>()).Where(said => said.CallId == call).Select(said => said.Revision));
        var history = await host.ReadAsync<List<ReadHistory.Response>>(Office, $"/api/review/proposals/{first.ProposalId}/history");
        Assert.Equal(["2 of 2, ranking 1", "1 of 2, ranking 2"], history.Where(line => line.Act == Act.Ranked).Select(line => line.What));
        foreach (var reader in (Person[])[Member, Office])
        {
            var read = await host.ReadAsync<ReadRanking.Response>(reader, $"/api/review/calls/{call}/ranking");
            Assert.Equal(2, read.Revision);
            Assert.Equal([first.ProposalId, second.ProposalId], read.Proposals.Select(entry => entry.ProposalId));
        }
    }

    [Fact]
    public async Task Decided_by_many_at_once_is_the_same_for_all()
    {
        var call = await host.CallAsync();
        await host.EvaluatedAsync(call, 80);
        await host.EvaluatedAsync(call, 70);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => host.RankAsync(Chair, call)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(await host.SaidAsync<RankingDecided>(), said => said.CallId == call);
    }

    [Fact]
    public async Task Names_exactly_what_is_evaluated_and_not_withdrawn()
    {
        var call = await host.CallAsync();
        await Assert.RefusedAsync(await host.RankAsync(Chair, call), HttpStatusCode.Conflict, "ranking.nothing-evaluated");
        var (one, two, gone) = (await host.EvaluatedAsync(call, 80), await host.EvaluatedAsync(call, 70), await host.EvaluatedAsync(call, 60));
        await host.HearAsync(Withdrawal(call, gone.ProposalId));
        var unready = await host.JudgedAsync(call);
        var answer = await host.RankAsync(Chair, call, one.ProposalId, one.ProposalId, gone.ProposalId, unready.ProposalId);
        Assert.Equal(["ranking.unknown", "ranking.unknown", "ranking.twice", "ranking.missing"], await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "ranking.invalid"));
        Assert.Equal(HttpStatusCode.OK, (await host.RankAsync(Chair, call, two.ProposalId, one.ProposalId)).StatusCode);
    }

    [Fact]
    public async Task Is_the_chairs_alone()
    {
        var call = await host.CallAsync();
        await host.EvaluatedAsync(call, 80);
        await Assert.RefusedAsync(await host.RankAsync(Member, call), HttpStatusCode.Forbidden, "review.chair-only");
        Assert.Equal(HttpStatusCode.NotFound, (await host.RankAsync(Outsider, call)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.RankAsync(Office, call)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.RankAsync(Chair, Guid.CreateVersion7())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Outsider).GetAsync($"/api/review/calls/{call}/ranking")).StatusCode);
        using var body = new StringContent("""{"proposalIds":["not an id"]}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        await Assert.RefusedAsync(await host.As(Chair).PostAsync($"/api/review/calls/{call}/ranking", body), HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task Leaves_a_proposal_in_conflict_where_its_grade_puts_it()
    {
        var call = await host.CallAsync();
        var (first, second, third) = (await host.EvaluatedAsync(call, 90), await host.EvaluatedAsync(call, 80, [TeamOf(Chair)]), await host.EvaluatedAsync(call, 70));
        var shown = await host.ReadAsync<ReadRanking.Response>(Chair, $"/api/review/calls/{call}/ranking");
        Assert.Equal([first.ProposalId, third.ProposalId], shown.Proposals.Select(entry => entry.ProposalId));
        foreach (var order in (Guid[][])[[second.ProposalId, first.ProposalId, third.ProposalId], [first.ProposalId, third.ProposalId, second.ProposalId]])
            Assert.Equal(["ranking.conflict"], await Assert.RefusedAsync(await host.RankAsync(Chair, call, order), HttpStatusCode.UnprocessableEntity, "ranking.invalid"));
        (await host.RankAsync(Chair, call, third.ProposalId, first.ProposalId)).EnsureSuccessStatusCode();
        var said = Assert.Single(await host.SaidAsync<RankingDecided>(), said => said.CallId == call);
        Assert.Equal([third.ProposalId, second.ProposalId, first.ProposalId], said.Ranking.Select(line => line.ProposalId));
    }
}

[Trait("engine", "any")]
public sealed class The_order_of_a_ranking
{
    private static readonly Gen<(Candidate[] Candidates, Guid[] Wished)> Cases =
        from count in Gen.Choose(1, 8)
        from grades in Gen.ArrayOf(Gen.Elements(50.0, 60.5, 70.0, 80.0), count)
        from conflicts in Gen.ArrayOf(Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))), count)
        let candidates = grades.Zip(conflicts, (grade, conflict) => new Candidate(Guid.CreateVersion7(), grade, DateTimeOffset.UnixEpoch, conflict)).ToArray()
        from order in Gen.Shuffle(candidates)
        from named in Gen.Elements(true, false)
        select (candidates, order.Where(candidate => named || !candidate.InConflict).Select(candidate => candidate.Id).ToArray());

    [Fact]
    public void Holds_every_proposal_once_and_moves_none_that_is_in_conflict() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Cases.ToArbitrary(), one =>
    {
        List<Problem> problems = [];
        var order = RankingOrder.Arrange(one.Wished, one.Candidates, problems).ToList();
        var complete = order.Select(candidate => candidate.Id).Order().SequenceEqual(one.Candidates.Select(candidate => candidate.Id).Order());
        var unmoved = order.Index().All(line => !line.Item.InConflict
            || (order.Take(line.Index).Count() >= one.Candidates.Count(other => other.Grade > line.Item.Grade)
                && order.Skip(line.Index + 1).Count() >= one.Candidates.Count(other => other.Grade < line.Item.Grade)));
        return complete && (problems.Count > 0 ? !unmoved && problems.All(problem => problem.Code == "ranking.conflict") : unmoved);
    }));

    [Fact]
    public void Is_what_the_chair_named_where_there_is_no_conflict() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Cases.ToArbitrary(), one =>
    {
        List<Problem> problems = [];
        var free = one.Candidates.Where(candidate => !candidate.InConflict).ToList();
        var wished = one.Wished.Where(id => free.Any(candidate => candidate.Id == id)).ToList();
        return wished.Count == 0 || (RankingOrder.Arrange(wished, free, problems).Select(candidate => candidate.Id).SequenceEqual(wished) && problems.Count == 0);
    }));
}
