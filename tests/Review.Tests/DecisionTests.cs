using System.Net;
using Tutti.Contracts.Review;
using Tutti.Review.Reading;
using Tutti.Testing;
using static Tutti.Review.Tests.ReviewHost;

namespace Tutti.Review.Tests;

public sealed class A_decision(ReviewHost host) : IClassFixture<ReviewHost>
{
    [Fact]
    public async Task Is_taken_for_several_proposals_and_told_for_each()
    {
        var call = await host.CallAsync();
        var (one, two, three) = (await host.EvaluatedAsync(call, 90), await host.EvaluatedAsync(call, 70), await host.EvaluatedAsync(call, 20));
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        (await host.DecideAsync(Office, call, Accept(one, 5, 3), Refuse(two, "reserve", "beamtime-shortage"), Refuse(three, "rejected", "scientific-merit", "safety"))).EnsureSuccessStatusCode();
        var said = (await host.SaidAsync<DecisionTaken>()).Where(said => said.CallId == call).ToDictionary(said => said.ProposalId);
        Assert.Equal(("accepted", 90.0), (said[one.ProposalId].Outcome, said[one.ProposalId].Grade));
        Assert.Equal([5, 3], said[one.ProposalId].Grants.Select(grant => grant.Shifts));
        Assert.Equal(("reserve", 0), (said[two.ProposalId].Outcome, said[two.ProposalId].Grants.Count));
        Assert.Equal(["scientific-merit", "safety"], said[three.ProposalId].ReasonCodes);
        Assert.All(said.Values, decision => Assert.Equal((Office.Id, 3), (decision.DecidedBy, decision.Revision)));
        var history = await host.ReadAsync<List<ReadHistory.Response>>(Office, $"/api/review/proposals/{two.ProposalId}/history");
        Assert.Equal("reserve: beamtime-shortage", history.Single(line => line.Act == Act.Decided).What);
    }

    [Fact]
    public async Task Tells_everything_that_is_wrong_and_then_takes_nothing()
    {
        var call = await host.CallAsync();
        var (fine, wrong, unfeasible) = (await host.EvaluatedAsync(call, 90), await host.EvaluatedAsync(call, 70), await host.EvaluatedAsync(call, 20, neutrons: false));
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        var unranked = await host.EvaluatedAsync(call, 10);
        var answer = await host.DecideAsync(Office, call,
            Accept(fine, 6),
            new { proposalId = wrong.ProposalId, outcome = "accepted", reasonCodes = (string[])["safety"], grants = new[] { new { experimentId = wrong.Experiments[1].ExperimentId, shifts = 4 }, new { experimentId = Guid.CreateVersion7(), shifts = 1 } } },
            Accept(unfeasible, 6, 3),
            Refuse(unranked, "rejected", "too-expensive"),
            new { proposalId = Guid.CreateVersion7(), outcome = "rejected", reasonCodes = (string[])["safety"] });
        Assert.Equal(
            ["decision.reasons", "grant.shifts", "grant.unknown", "grant.missing", "grant.not-feasible", "decision.not-ranked", "reason.unknown", "proposal.unknown"],
            await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "decisions.invalid"));
        Assert.DoesNotContain(await host.SaidAsync<DecisionTaken>(), said => said.CallId == call);
    }

    [Theory]
    [InlineData(0, 1, "grant.shifts")]
    [InlineData(-3, 1, "grant.shifts")]
    [InlineData(7, 1, "grant.shifts")]
    [InlineData(int.MaxValue, 1, "grant.shifts")]
    [InlineData(3, 2, "grant.twice")]
    [InlineData(3, 0, "grant.none", "grant.missing")]
    public async Task Grants_what_was_asked_at_most(int shifts, int times, params string[] codes)
    {
        var call = await host.CallAsync();
        var proposal = await host.EvaluatedAsync(call, 90);
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        var grants = Enumerable.Repeat(new { experimentId = proposal.Experiments[0].ExperimentId, shifts }, times);
        var answer = await host.DecideAsync(Office, call, new { proposalId = proposal.ProposalId, outcome = "accepted", grants });
        Assert.Equal(codes, await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "decisions.invalid"));
    }

    [Fact]
    public async Task Is_refused_when_it_names_a_proposal_twice_or_has_gaps()
    {
        var call = await host.CallAsync();
        var proposal = await host.EvaluatedAsync(call, 90);
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        async Task<IReadOnlyList<string>> RefusedAsync(params object[] decisions) =>
            await Assert.RefusedAsync(await host.DecideAsync(Office, call, decisions), HttpStatusCode.UnprocessableEntity, "decisions.invalid");
        Assert.Equal(["decision.twice"], await RefusedAsync(Accept(proposal, 6), Accept(proposal, 5)));
        Assert.Equal(["list.length"], await RefusedAsync());
        Assert.Equal(["list.too-long"], await RefusedAsync(new { proposalId = proposal.ProposalId, outcome = "rejected", reasonCodes = Enumerable.Repeat("safety", 51) }));
        foreach (var body in (string[])["""{"decisions":[null]}""", """{"decisions":null}""", "{}", """{"decisions":[{"proposalId":1,"outcome":"accepted"}]}""", """{"decisions":[{"outcome":"accepted"}]}""",
            $$$"""{"decisions":[{"proposalId":"{{{proposal.ProposalId}}}","outcome":"accepted","grants":[null]}]}"""])
        {
            using var content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            Assert.InRange((int)(await host.As(Office).PostAsync($"/api/review/calls/{call}/decisions", content)).StatusCode, 400, 422);
        }
    }

    [Fact]
    public async Task On_reserve_can_be_followed_by_another_and_what_is_final_stays()
    {
        var call = await host.CallAsync();
        var (one, two) = (await host.EvaluatedAsync(call, 90), await host.EvaluatedAsync(call, 70));
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        async Task<IReadOnlyList<string>> RefusedAsync(object decision) =>
            await Assert.RefusedAsync(await host.DecideAsync(Office, call, decision), HttpStatusCode.UnprocessableEntity, "decisions.invalid");
        (await host.DecideAsync(Office, call, Refuse(one, "reserve", "beamtime-shortage"), Refuse(two, "reserve", "beamtime-shortage"))).EnsureSuccessStatusCode();
        (await host.DecideAsync(Office, call, Refuse(one, "reserve", "beamtime-shortage"))).EnsureSuccessStatusCode();
        Assert.Equal(["decision.on-reserve"], await RefusedAsync(Refuse(one, "reserve", "safety")));
        (await host.DecideAsync(Office, call, Accept(one, 6), Refuse(two, "rejected", "safety"))).EnsureSuccessStatusCode();
        (await host.DecideAsync(Office, call, Accept(one, 6), Refuse(two, "rejected", "safety"))).EnsureSuccessStatusCode();
        Assert.Equal(["decision.final"], await RefusedAsync(Accept(one, 5)));
        Assert.Equal(["decision.final"], await RefusedAsync(Refuse(two, "reserve", "safety")));
        var said = (await host.SaidAsync<DecisionTaken>()).Where(said => said.CallId == call).ToLookup(said => said.ProposalId, said => (said.Revision, said.Outcome));
        Assert.Equal([(3, "reserve"), (4, "accepted")], said[one.ProposalId]);
        Assert.Equal([(3, "reserve"), (4, "rejected")], said[two.ProposalId]);
    }

    [Fact]
    public async Task Taken_by_two_at_once_is_one_decision()
    {
        var call = await host.CallAsync();
        var proposal = await host.EvaluatedAsync(call, 90);
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => host.DecideAsync(Office, call, number % 2 == 0 ? Accept(proposal, 6) : Refuse(proposal, "rejected", "safety"))));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Single(await host.SaidAsync<DecisionTaken>(), said => said.CallId == call);
    }

    [Fact]
    public async Task Is_not_taken_on_what_is_withdrawn()
    {
        var call = await host.CallAsync();
        var proposal = await host.EvaluatedAsync(call, 90);
        (await host.RankAsync(Chair, call)).EnsureSuccessStatusCode();
        await host.HearAsync(Withdrawal(call, proposal.ProposalId));
        Assert.Equal(["proposal.withdrawn"], await Assert.RefusedAsync(await host.DecideAsync(Office, call, Accept(proposal, 6)), HttpStatusCode.UnprocessableEntity, "decisions.invalid"));
    }

    [Fact]
    public async Task Is_the_user_offices_alone()
    {
        var call = await host.CallAsync();
        var proposal = await host.EvaluatedAsync(call, 90);
        foreach (var person in (Person[])[Maria, Chair, Member, Staff, Board])
            Assert.Equal(HttpStatusCode.Forbidden, (await host.DecideAsync(person, call, Accept(proposal, 6))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.DecideAsync(Office, Guid.CreateVersion7(), Accept(proposal, 6))).StatusCode);
    }
}
