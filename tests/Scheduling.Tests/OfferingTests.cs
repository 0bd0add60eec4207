using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Offering;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class An_offered_plan(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private Task<HttpResponseMessage> OfferAsync(Guid plan, SilencePolicy silence = SilencePolicy.Accepts, double days = 10) =>
        host.ChangeAsync(plan, "offer", new { answerBy = host.Time.GetUtcNow().AddDays(days), silence = silence == SilencePolicy.Accepts ? "accepts" : "declines" });

    [Fact]
    public async Task Takes_no_answer_to_what_the_team_was_offered_before_it_changed()
    {
        var experiment = Experiment(await host.InstrumentAsync());
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        (await OfferAsync(plan)).EnsureSuccessStatusCode();
        var seen = await host.OfferOfAsync(experiment.ExperimentId);
        var at = (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From;
        (await host.MoveAsync(plan, experiment.ExperimentId, at.AddDays(2), force: true)).EnsureSuccessStatusCode();
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await OfferAsync(plan)).EnsureSuccessStatusCode();
        foreach (var accepts in (bool[])[true, false])
            await Assert.RefusedAsync(await host.As(Maria).PostAsJsonAsync($"/api/scheduling/experiments/{experiment.ExperimentId}/answer", new { offer = seen, accepts, reason = "x" }), HttpStatusCode.Conflict, "offer.changed");
        Assert.Equal((TeamAnswer.Asked, at.AddDays(2)), (await host.PlaceOfAsync(plan, experiment.ExperimentId)) is var place ? (place.Answer, place.From) : default);
        (await host.AnswerAsync(experiment.ExperimentId, true)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Waits_for_the_teams_who_accept_or_decline_with_a_reason_that_frees_place_and_cell()
    {
        var (comes, declines) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync(), 3, "pouch"));
        var call = Guid.CreateVersion7();
        await host.AcceptAsync(call, comes);
        await host.AcceptAsync(call, declines);
        var plan = await host.PlanAsync(call);
        var cell = Assert.Single(await host.AskedAsync(plan, 1));
        await host.HearAsync(Reserved(cell));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Staff).PostAsJsonAsync($"/api/scheduling/plans/{plan}/offer", new { })).StatusCode);
        await Assert.RefusedAsync(await OfferAsync(plan, days: -1), HttpStatusCode.UnprocessableEntity, "offer.invalid");
        Assert.Equal(2, (await (await OfferAsync(plan)).ReadAsync<OfferPlan.Response>()).Asked);
        Assert.Equal(CallPlanStatus.Tentative, (await host.ReadPlanAsync(plan)).Status);
        Assert.Equal(3, (await host.SaidAsync<ShiftsOffered>()).Single(said => said.ExperimentId == comes.ExperimentId).Shifts.Count);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.answers-outstanding");

        var offers = await host.ReadAsync<List<AnswerOffer.Offer>>("offers", Maria);
        Assert.Superset(new HashSet<Guid> { comes.ExperimentId, declines.ExperimentId }, offers.Select(one => one.ExperimentId).ToHashSet());
        Assert.Empty(await host.ReadAsync<List<AnswerOffer.Offer>>("offers", Stranger));
        Assert.Equal(HttpStatusCode.NotFound, (await host.AnswerAsync(comes.ExperimentId, true, by: Stranger)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await host.AnswerAsync(comes.ExperimentId, true)).StatusCode);
        await Assert.RefusedAsync(await host.AnswerAsync(declines.ExperimentId, false), HttpStatusCode.UnprocessableEntity, "plan.reason");
        Assert.Equal(HttpStatusCode.NoContent, (await host.AnswerAsync(declines.ExperimentId, false, "The PhD student defends that week")).StatusCode);
        await Assert.RefusedAsync(await host.AnswerAsync(declines.ExperimentId, true), HttpStatusCode.Conflict, "offer.declined");
        Assert.Single(await host.ReleasedAsync(cell.ReservationId));

        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((comes.ExperimentId, TeamAnswer.Accepted), Assert.Single(read.Placements) is var place ? (place.ExperimentId, place.Answer) : default);
        Assert.Equal(("team-declined", "The PhD student defends that week"), Assert.Single(Assert.Single(read.Unplaced).Reasons) is var why ? (why.Code, why.Text) : default);
        Assert.Equal(PlanVersionKind.Decline, (await host.VersionsAsync(plan))[0].Kind);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal("team-declined", (await host.SaidAsync<ExperimentUnplaced>()).Single(said => said.ExperimentId == declines.ExperimentId).Reasons[0].Code);
        await Assert.RefusedAsync(await host.AnswerAsync(comes.ExperimentId, false, "Too late"), HttpStatusCode.NotFound, "not-found");
    }

    [Theory]
    [InlineData(SilencePolicy.Accepts)]
    [InlineData(SilencePolicy.Declines)]
    public async Task Is_reminded_of_three_times_and_then_decided_by_the_policy(SilencePolicy silence)
    {
        var (answers, silent) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var (plan, _) = await host.ReadyPlanAsync(answers, silent);
        (await OfferAsync(plan, silence)).EnsureSuccessStatusCode();
        (await host.AnswerAsync(answers.ExperimentId, true)).EnsureSuccessStatusCode();
        for (var number = 1; number <= 4; number++)
        {
            // A timer that comes twice reminds twice at most of the same number: the inbox drops the copy.
            var id = Guid.CreateVersion7();
            var due = new AnswersDue { PlanId = plan, Offer = 1, Number = number };
            await host.HearAsync(due, id);
            await host.PublishAsync(due, id);
        }
        await host.HearAsync(new AnswersDue { PlanId = plan, Offer = 1, Number = 4 });
        await host.HearAsync(new AnswersDue { PlanId = plan, Offer = 0, Number = 4 });
        Assert.Equal([1, 2, 3], (await host.SaidAsync<OfferReminded>()).Where(said => said.PlanId == plan).Select(said => said.Number));
        Assert.All((await host.SaidAsync<OfferReminded>()).Where(said => said.PlanId == plan), said => Assert.Equal(silent.ExperimentId, said.ExperimentId));
        var said = Assert.Single(await host.SaidAsync<OfferAnswered>(), said => said.ExperimentId == silent.ExperimentId);
        Assert.Equal((silence == SilencePolicy.Accepts, true), (said.Accepted, said.BySilence));
        var read = await host.ReadPlanAsync(plan);
        if (silence == SilencePolicy.Accepts) Assert.Equal(TeamAnswer.AcceptedBySilence, read.Placements.Single(place => place.ExperimentId == silent.ExperimentId).Answer);
        else Assert.Equal("team-silent", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Sets_its_timers_within_the_deadline()
    {
        var (plan, _) = await host.ReadyPlanAsync(Experiment(await host.InstrumentAsync()));
        var before = host.Time.GetUtcNow();
        (await OfferAsync(plan)).EnsureSuccessStatusCode();
        var timers = await host.ReadAsync(async db => (await db.Set<ServiceDefaults.Messaging.OutboxMessage>().Where(row => row.Contract == "scheduling.answers-due" && row.NotBefore != null).ToListAsync())
            .Where(row => row.Body.Contains(plan.ToString(), StringComparison.Ordinal)).Select(row => ((row.NotBefore ?? default) - before).TotalDays).Order().ToList());
        Assert.Equal([5, 7.5, 9, 10], timers.Select(days => Math.Round(days, 2)));
    }

    [Fact]
    public async Task Asks_only_those_again_whose_shifts_were_changed_and_is_published_without_waiting_when_somebody_says_why()
    {
        var (stays, moved) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var (plan, _) = await host.ReadyPlanAsync(stays, moved);
        (await OfferAsync(plan)).EnsureSuccessStatusCode();
        (await host.AnswerAsync(stays.ExperimentId, true)).EnsureSuccessStatusCode();
        (await host.AnswerAsync(moved.ExperimentId, true)).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, moved.ExperimentId, (await host.PlaceOfAsync(plan, moved.ExperimentId)).From.AddDays(2))).EnsureSuccessStatusCode();
        Assert.Equal((CallPlanStatus.Ready, TeamAnswer.None), ((await host.ReadPlanAsync(plan)).Status, (await host.PlaceOfAsync(plan, moved.ExperimentId)).Answer));
        Assert.Equal(1, (await (await OfferAsync(plan)).ReadAsync<OfferPlan.Response>()).Asked);
        Assert.Equal(TeamAnswer.Accepted, (await host.PlaceOfAsync(plan, stays.ExperimentId)).Answer);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.answers-outstanding");
        (await host.ChangeAsync(plan, "publication?despite=The%20run%20begins%20tomorrow", new { })).EnsureSuccessStatusCode();
        Assert.Contains((await host.ReadPlanAsync(plan)).History, change => change is { To: CallPlanStatus.Published, Reason: "The run begins tomorrow" });
        // A published plan that is changed for one team is offered to that team alone.
        (await host.MoveAsync(plan, moved.ExperimentId, (await host.PlaceOfAsync(plan, moved.ExperimentId)).From.AddDays(1))).EnsureSuccessStatusCode();
        Assert.Equal(1, (await (await OfferAsync(plan)).ReadAsync<OfferPlan.Response>()).Asked);
        (await host.AnswerAsync(moved.ExperimentId, true)).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Single(await host.SaidAsync<ExperimentRescheduled>(), said => said.ExperimentId == moved.ExperimentId);
        Assert.DoesNotContain(await host.SaidAsync<ExperimentRescheduled>(), said => said.ExperimentId == stays.ExperimentId);
    }

    [Fact]
    public async Task That_gives_way_to_another_plan_is_taken_back_and_the_next_offer_is_answered()
    {
        var code = await host.InstrumentAsync();
        var experiment = Experiment(code);
        var (plan, proposals) = await host.ReadyPlanAsync(experiment);
        (await OfferAsync(plan)).EnsureSuccessStatusCode();
        (await host.PutCalendarAsync(code, host.Calendar(20))).EnsureSuccessStatusCode();
        var next = await host.PlanAsync(proposals[0].CallId, plan);
        Assert.Equal((plan, experiment.ExperimentId), Assert.Single(await host.SaidAsync<OfferWithdrawn>(), said => said.ProposalId == proposals[0].ProposalId) is var said ? (said.PlanId, said.ExperimentId) : default);
        Assert.DoesNotContain(await host.ReadAsync<List<AnswerOffer.Offer>>("offers", Maria), one => one.ExperimentId == experiment.ExperimentId);
        await host.UntilAsync(next, CallPlanStatus.Ready);
        (await OfferAsync(next)).EnsureSuccessStatusCode();
        Assert.Single(await host.ReadAsync<List<AnswerOffer.Offer>>("offers", Maria), one => one.ExperimentId == experiment.ExperimentId);
        Assert.Equal(HttpStatusCode.NoContent, (await host.AnswerAsync(experiment.ExperimentId, true)).StatusCode);
        Assert.Equal(TeamAnswer.Accepted, (await host.PlaceOfAsync(next, experiment.ExperimentId)).Answer);
        Assert.Equal(HttpStatusCode.NoContent, (await host.DropAsync(next)).StatusCode);
        Assert.Equal(2, (await host.SaidAsync<OfferWithdrawn>()).Count(one => one.ProposalId == proposals[0].ProposalId));
        Assert.Equal(HttpStatusCode.NotFound, (await host.AnswerAsync(experiment.ExperimentId, true)).StatusCode);
    }

    [Fact]
    public async Task Lets_the_rest_of_a_proposal_go_with_a_required_experiment_that_is_declined()
    {
        var (declined, rest) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), declined, rest);
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await OfferAsync(plan)).EnsureSuccessStatusCode();
        (await host.AnswerAsync(declined.ExperimentId, false, "No sample")).EnsureSuccessStatusCode();
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((0, 0L, null), (read.Placements.Count, read.Objective, read.Bound));
        Assert.Equal("proposal-incomplete", Assert.Single(read.Unplaced.Single(one => one.ExperimentId == rest.ExperimentId).Reasons).Code);
        Assert.Equal(rest.ExperimentId, Assert.Single(await host.SaidAsync<OfferWithdrawn>(), said => said.PlanId == plan).ExperimentId);
    }

    [Fact]
    public async Task Is_decided_by_the_policy_at_a_publication_that_comes_before_its_timer()
    {
        var silent = Experiment(await host.InstrumentAsync());
        var (plan, _) = await host.ReadyPlanAsync(silent, Experiment(await host.InstrumentAsync()));
        (await OfferAsync(plan, SilencePolicy.Declines)).EnsureSuccessStatusCode();
        await host.ReadAsync(async db =>
        {
            // The deadline has passed a moment ago.
            DateTimeOffset? passed = host.Time.GetUtcNow().AddSeconds(-1);
            var offered = await db.Plans.Include(x => x.Entries).SingleAsync(x => x.Id == plan);
            db.Entry(offered.Entries.Single(entry => entry.ExperimentId == silent.ExperimentId)).Property(x => x.AnswerBy).CurrentValue = passed;
            return await db.SaveChangesAsync();
        });
        // The other team has time, but its office does not.
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.answers-outstanding");
        (await host.ChangeAsync(plan, "publication?despite=The%20run%20begins", new { })).EnsureSuccessStatusCode();
        Assert.True(Assert.Single(await host.SaidAsync<OfferAnswered>(), said => said.ExperimentId == silent.ExperimentId).BySilence);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(("team-silent", silent.ExperimentId), Assert.Single(read.Unplaced) is var unplaced ? (unplaced.Reasons[0].Code, unplaced.ExperimentId) : default);
        Assert.Single(read.Placements);
        Assert.DoesNotContain(await host.SaidAsync<ExperimentScheduled>(), said => said.ExperimentId == silent.ExperimentId);
    }

    [Fact]
    public async Task Once_more_gives_nobody_more_time_or_reminders_and_the_office_learns_who_is_silent()
    {
        var (silent, moved) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var (plan, _) = await host.ReadyPlanAsync(silent, moved);
        (await OfferAsync(plan, SilencePolicy.Declines)).EnsureSuccessStatusCode();
        var deadline = (await host.ReadAsync<List<AnswerOffer.Offer>>("offers", Maria)).Single(one => one.ExperimentId == silent.ExperimentId).AnswerBy;
        (await host.MoveAsync(plan, moved.ExperimentId, (await host.PlaceOfAsync(plan, moved.ExperimentId)).From.AddDays(2))).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await OfferAsync(plan, SilencePolicy.Accepts, 20), HttpStatusCode.Conflict, "offer.other-policy");
        Assert.Equal(1, (await (await OfferAsync(plan, SilencePolicy.Declines, 20)).ReadAsync<OfferPlan.Response>()).Asked);
        Assert.Equal(deadline, (await host.ReadAsync<List<AnswerOffer.Offer>>("offers", Maria)).Single(one => one.ExperimentId == silent.ExperimentId).AnswerBy);
        foreach (var offer in new[] { 1, 2 })
            for (var number = 1; number <= 3; number++) await host.HearAsync(new AnswersDue { PlanId = plan, Offer = offer, Number = number });
        Assert.Equal([1, 2, 3], (await host.SaidAsync<OfferReminded>()).Where(said => said.ExperimentId == silent.ExperimentId).Select(said => said.Number));
        Assert.Equal([1, 2, 3], (await host.SaidAsync<OfferReminded>()).Where(said => said.ExperimentId == moved.ExperimentId).Select(said => said.Number));
        Assert.Equal([silent.ExperimentId, moved.ExperimentId], (await host.SaidAsync<AnswersOutstanding>()).Where(said => said.PlanId == plan).Select(said => Assert.Single(said.Experiments)));
        await host.HearAsync(new AnswersDue { PlanId = plan, Offer = 1, Number = 4 });
        Assert.Equal((silent.ExperimentId, moved.ExperimentId), await host.ReadPlanAsync(plan) is var read ? (Assert.Single(read.Unplaced).ExperimentId, Assert.Single(read.Placements).ExperimentId) : default);
    }

    [Fact]
    public async Task Gives_a_declined_place_to_who_waits_in_the_next_round_and_moves_nobody_who_was_asked()
    {
        var code = await host.InstrumentAsync("elettra", 2);
        var (one, two, waits) = (Experiment(code, 3), Experiment(code, 3), Experiment(code, 3));
        var (plan, _) = await host.ReadyPlanAsync(one, two, waits);
        var placed = (await host.ReadPlanAsync(plan)).Placements.OrderBy(place => place.From).ToList();
        var waiting = Assert.Single((await host.ReadPlanAsync(plan)).Unplaced).ExperimentId;
        (await OfferAsync(plan)).EnsureSuccessStatusCode();
        (await host.AnswerAsync(placed[1].ExperimentId, true)).EnsureSuccessStatusCode();
        (await host.AnswerAsync(placed[0].ExperimentId, false, "No sample")).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "rounds", new { reason = "A place is free" })).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Plans.FindAsync(plan)) is { Round: 2, Status: CallPlanStatus.Ready }, "the second round");
        Assert.Equal(placed[0].From, (await host.PlaceOfAsync(plan, waiting)).From);
        Assert.Equal((placed[1].From, TeamAnswer.Accepted), await host.PlaceOfAsync(plan, placed[1].ExperimentId) is var kept ? (kept.From, kept.Answer) : default);
        Assert.Equal(("team-declined", placed[0].ExperimentId), Assert.Single((await host.ReadPlanAsync(plan)).Unplaced) is var out_ ? (out_.Reasons[0].Code, out_.ExperimentId) : default);
    }
}
