using System.Net.Http.Json;
using Tutti.Contracts.Identity;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Review;
using Tutti.Contracts.Scheduling;
using Tutti.Proposals.Lifecycle;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Tests;

public sealed class The_lifecycle_of_a_proposal(ProposalsHost host) : IClassFixture<ProposalsHost>
{
    [Fact]
    public async Task Follows_what_the_other_services_say_to_the_end()
    {
        var id = await host.SubmittedAsync();
        foreach (var said in await StoryAsync(id)) await host.HearAsync(said);
        await ExpectStatusAsync(id, ProposalStatus.Measured);
        var accepted = Assert.Single(await host.SaidAsync<ProposalAccepted>(), said => said.ProposalId == id);
        Assert.Equal([6, 3, 3], accepted.Experiments.Select(experiment => experiment.Shifts));
        Assert.Equal([["glove-box", "potentiostat-low"], [], []], accepted.Experiments.Select(experiment => experiment.Equipment));
        Assert.Equal(
            ["Submitted", "InFeasibility", "InEvaluation", "Ranked", "Accepted", "Planned", "Running", "Measured"],
            (await host.ReadAsync(id)).History.Select(change => change.To.ToString()));
        (await host.As(ProposalsHost.Maria).PostAsJsonAsync($"/api/proposals/{id}/report", new { text = "It worked." })).EnsureSuccessStatusCode();
        (await host.As(ProposalsHost.Office).PostAsync($"/api/proposals/{id}/closing", null)).EnsureSuccessStatusCode();
        Assert.Equal(ProposalStatus.Closed, (await host.ReadAsync(id)).Status);
    }

    [Fact]
    public async Task Tells_with_submission_and_grant_for_which_experiments_any_instrument_would_do_and_which_belong_together()
    {
        var text = ProposalsHost.CompleteText();
        text = text with { Experiments = [text.Experiments[0] with { AnyInstrument = true }, .. text.Experiments.Skip(1).Select(experiment => experiment with { Required = false, Group = "structure" })] };
        var id = await host.CompleteDraftAsync(await host.OpenCallAsync(), text);
        (await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{id}/submission", null)).EnsureSuccessStatusCode();
        foreach (var said in await StoryAsync(id)) await host.HearAsync(said);
        await ExpectStatusAsync(id, ProposalStatus.Measured);
        (bool?, string?)[] expected = [(true, null), (false, "structure"), (false, "structure")];
        Assert.Equal(expected, Assert.Single(await host.SaidAsync<ProposalSubmitted>(), said => said.ProposalId == id).Experiments.Select(experiment => (experiment.AnyInstrument, experiment.Group)));
        Assert.Equal(expected, Assert.Single(await host.SaidAsync<ProposalAccepted>(), said => said.ProposalId == id).Experiments.Select(experiment => (experiment.AnyInstrument, experiment.Group)));
    }

    [Fact]
    public async Task Tells_from_which_country_the_leader_comes_as_it_was_at_the_acceptance()
    {
        PersonRegistered Maria(int revision, string? country) => new()
        {
            PersonId = ProposalsHost.Maria.Id, Revision = revision, Name = ProposalsHost.Maria.Name, Group = ProposalsHost.Maria.Group, Country = country, Roles = ProposalsHost.Maria.Roles,
        };
        await host.HearAsync(Maria(2, "HR"));
        var id = await host.SubmittedAsync();
        await host.HearAsync(Maria(3, "SI"));
        foreach (var said in await StoryAsync(id)) await host.HearAsync(said);
        await ExpectStatusAsync(id, ProposalStatus.Measured);
        // Nobody tells it anew.
        await host.HearAsync(Maria(4, "IT"));
        var accepted = Assert.Single(await host.SaidAsync<ProposalAccepted>(), said => said.ProposalId == id);
        Assert.Equal([("SI", true), (null, false)], accepted.Team.OrderByDescending(member => member.PrincipalInvestigator).Select(member => (member.Country, member.PrincipalInvestigator)));
        Assert.Equal("HR", Assert.Single(await host.SaidAsync<ProposalSubmitted>(), said => said.ProposalId == id).Team.Single(member => member.PrincipalInvestigator).Country);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Ends_the_same_when_everything_comes_twice_and_in_another_order(int seed)
    {
        var id = await host.SubmittedAsync();
        var submitted = Assert.Single(await host.SaidAsync<ProposalSubmitted>(), said => said.ProposalId == id);
        List<(object Said, Guid Message)> all = [.. (await StoryAsync(id)).Prepend(submitted).Select(said => (said, Guid.CreateVersion7()))];
        if (seed == 0) all.Reverse();
        else new Random(seed).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(all));
        foreach (var (said, message) in all.Concat(all)) await host.HearAsync(said, message);
        foreach (var (said, _) in all) await host.HearAsync(said);
        await ExpectStatusAsync(id, ProposalStatus.Measured);
        Assert.Single(await host.SaidAsync<ProposalAccepted>(), said => said.ProposalId == id);
        Assert.Equal(8, (await host.ReadAsync(id)).History.Count);
        Assert.All((await host.ReadAsync(id)).Experiments, experiment => Assert.Equal("done", experiment.Status));
    }

    [Fact]
    public async Task Lets_the_team_revise_and_asks_review_again()
    {
        var id = await host.SubmittedAsync();
        await host.UntilAsync(async db => (await db.Proposals.FindAsync(id))?.Status == ProposalStatus.InFeasibility, "in feasibility");
        await host.HearAsync(new RevisionRequested { ProposalId = id, Submission = 1, Reason = "Which cell?", RequestedBy = ProposalsHost.Staff.Id, RequestedAt = host.Time.GetUtcNow() });
        await ExpectStatusAsync(id, ProposalStatus.RevisionRequested);
        Assert.Equal(["Which cell?"], (await host.ReadAsync(id)).RevisionReasons);
        (await host.As(ProposalsHost.Maria).PutAsJsonAsync($"/api/proposals/{id}", new { text = ProposalsHost.CompleteText(), team = new[] { ProposalsHost.Luka.Id } }, Json.Strict)).EnsureSuccessStatusCode();
        (await host.As(ProposalsHost.Luka).PostAsync($"/api/proposals/{id}/submission", null)).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Proposals.FindAsync(id))?.Status == ProposalStatus.InFeasibility, "in feasibility again");
        Assert.Equal(2, Assert.Single(await host.SaidAsync<ProposalRevised>(), said => said.ProposalId == id).Submission);
        Assert.Equal([1, 2], (await host.SaidAsync<JudgeFeasibility>()).Where(asked => asked.ProposalId == id).Select(asked => asked.Submission));
    }

    [Fact]
    public void Waits_for_the_new_text_when_a_word_on_the_old_one_comes_late()
    {
        var experiment = Guid.CreateVersion7();
        var revised = new LifecycleFacts().Submitted(1, [experiment]) with { Asked = 1 };
        revised = revised.Wished(new RevisionWish(1, experiment, "Which cell?")).Judged(new Verdict(1, experiment, "feasible"));
        Assert.Null(ProposalLifecycle.Next(ProposalStatus.Submitted, revised));
        Assert.Equal(ProposalAction.AskForFeasibility, ProposalLifecycle.Next(ProposalStatus.Submitted, revised.Submitted(2, [experiment])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Comes_to_its_end_without_an_experiment_that_no_plan_has_a_place_for(int seed)
    {
        var id = await host.SubmittedAsync();
        var story = await StoryAsync(id);
        var without = story.OfType<ExperimentScheduled>().Last();
        var unplaced = new ExperimentUnplaced { ExperimentId = without.ExperimentId, ProposalId = id, PlanId = without.PlanId, Revision = 2, Reasons = [] };
        List<object> told = [.. story.Where(said => said is not (ExperimentStarted or ExperimentFinished)
            || (said as ExperimentStarted)?.ExperimentId != without.ExperimentId && (said as ExperimentFinished)?.ExperimentId != without.ExperimentId), unplaced];
        new Random(seed).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(told));
        foreach (var said in told) await host.HearAsync(said);
        await ExpectStatusAsync(id, ProposalStatus.Measured);
        Assert.Equal(["done", "done", "granted"], (await host.ReadAsync(id)).Experiments.Select(experiment => experiment.Status).Order());
    }

    [Fact]
    public async Task Waits_again_when_its_last_shifts_are_taken_back_and_goes_on_with_others()
    {
        var id = await host.SubmittedAsync();
        var story = await StoryAsync(id);
        foreach (var said in story.Where(said => said is not (ExperimentStarted or ExperimentFinished))) await host.HearAsync(said);
        await ExpectStatusAsync(id, ProposalStatus.Planned);
        var scheduled = story.OfType<ExperimentScheduled>().ToList();
        foreach (var one in scheduled)
        {
            Assert.Equal(ProposalStatus.Planned, (await host.ReadAsync(id)).Status);
            await host.HearAsync(new ExperimentUnplaced { ExperimentId = one.ExperimentId, ProposalId = id, PlanId = one.PlanId, Revision = 2, Reasons = [] });
        }
        await ExpectStatusAsync(id, ProposalStatus.Accepted);
        Assert.All((await host.ReadAsync(id)).Experiments, experiment => Assert.Equal("granted", experiment.Status));
        await host.HearAsync(scheduled[0] with { Revision = 3 });
        await ExpectStatusAsync(id, ProposalStatus.Planned);
        await host.HearAsync(new ExperimentRescheduled
        {
            ExperimentId = scheduled[0].ExperimentId, ProposalId = id, PlanId = scheduled[0].PlanId, Revision = 5, InstrumentCode = scheduled[0].InstrumentCode, Shifts = scheduled[0].Shifts,
            Before = scheduled[0].Shifts, Reason = "The reactor stops", RescheduledAt = host.Time.GetUtcNow(),
        });
        // What was said before the shifts were moved is heard late, and changes nothing.
        await host.HearAsync(new ExperimentUnplaced { ExperimentId = scheduled[0].ExperimentId, ProposalId = id, PlanId = scheduled[0].PlanId, Revision = 4, Reasons = [] });
        await ExpectStatusAsync(id, ProposalStatus.Planned);
    }

    [Fact]
    public async Task Shows_others_what_was_submitted_while_the_team_revises()
    {
        var id = await host.SubmittedAsync();
        await host.UntilAsync(async db => (await db.Proposals.FindAsync(id))?.Status == ProposalStatus.InFeasibility, "in feasibility");
        await host.HearAsync(new RevisionRequested { ProposalId = id, Submission = 1, Reason = "Which cell?", RequestedBy = ProposalsHost.Staff.Id, RequestedAt = host.Time.GetUtcNow() });
        await ExpectStatusAsync(id, ProposalStatus.RevisionRequested);
        var draft = ProposalsHost.CompleteText() with { Title = "Half a thought" };
        (await host.As(ProposalsHost.Maria).PutAsJsonAsync($"/api/proposals/{id}", new { text = draft, team = new[] { ProposalsHost.Luka.Id } }, Json.Strict)).EnsureSuccessStatusCode();
        Assert.Equal("Half a thought", (await host.ReadAsync(id)).Text.Title);
        var seen = await host.As(ProposalsHost.Office).GetFromJsonAsync<Drafting.ReadProposal.Response>($"/api/proposals/{id}", Json.Strict);
        Assert.Equal(ProposalsHost.CompleteText().Title, seen?.Text.Title);
    }

    [Fact]
    public async Task Ends_with_a_withdrawal_and_ignores_what_comes_later()
    {
        var id = await host.SubmittedAsync();
        (await host.As(ProposalsHost.Maria).PostAsJsonAsync($"/api/proposals/{id}/withdrawal", new { reason = "The cell broke." })).EnsureSuccessStatusCode();
        foreach (var said in await StoryAsync(id)) await host.HearAsync(said);
        Assert.Equal(ProposalStatus.Withdrawn, (await host.ReadAsync(id)).Status);
        Assert.DoesNotContain(await host.SaidAsync<ProposalAccepted>(), said => said.ProposalId == id);
        Assert.Single(await host.SaidAsync<ProposalWithdrawn>(), said => said.ProposalId == id);
    }

    [Fact]
    public async Task Waits_on_reserve_until_a_later_decision()
    {
        var id = await host.SubmittedAsync();
        var story = await StoryAsync(id);
        var decision = story.OfType<DecisionTaken>().Single();
        foreach (var said in story.TakeWhile(said => said is not DecisionTaken)) await host.HearAsync(said);
        await host.HearAsync(decision with { Outcome = "reserve", Grants = [], ReasonCodes = ["beamtime-shortage"] });
        await ExpectStatusAsync(id, ProposalStatus.Reserve);
        await host.HearAsync(decision with { Revision = 2 });
        await ExpectStatusAsync(id, ProposalStatus.Accepted);
        await host.HearAsync(decision with { Revision = 1, Outcome = "rejected" });
        await ExpectStatusAsync(id, ProposalStatus.Accepted);
    }

    private Task ExpectStatusAsync(Guid id, ProposalStatus status) =>
        host.UntilAsync(async db => (await db.Proposals.FindAsync(id))?.Status == status, $"proposal {id} is {status}");

    /// <summary>All that the other services say of a proposal that is feasible, ranked first, granted, planned and measured.</summary>
    private async Task<IReadOnlyList<object>> StoryAsync(Guid id)
    {
        var read = await host.ReadAsync(id);
        var (now, call) = (host.Time.GetUtcNow(), read.CallId);
        var experiments = read.Text.Experiments;
        return
        [
            .. experiments.Select(experiment => new TechnicalFeasibilityJudged
            {
                ProposalId = id, Submission = 1, ExperimentId = experiment.Id, InstrumentCode = experiment.InstrumentCode, Verdict = "feasible", JudgedBy = ProposalsHost.Staff.Id, JudgedAt = now,
            }),
            new BoardFeasibilityJudged { ProposalId = id, Submission = 1, Verdict = "feasible-with-changes", Comment = "Use the pouch cell.", JudgedBy = ProposalsHost.Staff.Id, JudgedAt = now },
            new ProposalRanked { ProposalId = id, CallId = call, Revision = 1, Rank = 1, Grade = 91 },
            new DecisionTaken
            {
                ProposalId = id, CallId = call, Revision = 1, Outcome = "accepted", Grade = 91, ReasonCodes = [], DecidedBy = ProposalsHost.Office.Id, DecidedAt = now,
                Grants = [.. experiments.Select(experiment => new GrantedShifts { ExperimentId = experiment.Id, Shifts = experiment.Shifts })],
            },
            .. experiments.Select(experiment => new ExperimentScheduled
            {
                ExperimentId = experiment.Id, ProposalId = id, PlanId = call, Revision = 1, InstrumentCode = experiment.InstrumentCode, Shifts = [], ScheduledAt = now,
            }),
            .. experiments.Select(experiment => new ExperimentStarted { ExperimentId = experiment.Id, ProposalId = id, Revision = 2, StartedAt = now }),
            .. experiments.Select(experiment => new ExperimentFinished { ExperimentId = experiment.Id, ProposalId = id, Revision = 3, ShiftsUsed = 3, FinishedAt = now }),
        ];
    }
}
