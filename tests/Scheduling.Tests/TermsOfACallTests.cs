using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class The_terms_of_a_call(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private CallOpened Call(Guid id, int revision = 1, IReadOnlyList<PartnerGuarantee>? partners = null, IReadOnlyList<InstrumentQuota>? quotas = null, bool? inverted = null) => new()
    {
        CallId = id, Revision = revision, Title = "Autumn call", OpensAt = host.Time.GetUtcNow(), ClosesAt = host.Time.GetUtcNow(), BoardFeasibilityRequired = false, PanelChairId = Office.Id, PanelMemberIds = [],
        BeamtimeFrom = new DateTimeOffset(host.Monday, TimeSpan.Zero), BeamtimeTo = new DateTimeOffset(host.Monday, TimeSpan.Zero).AddDays(60), Partners = partners, Quotas = quotas, RankMayBeInverted = inverted,
    };

    private async Task<Guid> AcceptedAsync(Guid call, double grade, string? country, ExperimentRequest experiment, string group = "g")
    {
        await host.HearAsync(host.Accepted(call, experiment) with { Grade = grade, Team = [new TeamMember { PersonId = Guid.CreateVersion7(), Name = "Ana", Group = group, Country = country, PrincipalInvestigator = true }] });
        return experiment.ExperimentId;
    }

    private async Task<(Guid Plan, ReadPlan.Response Read)> PlannedAsync(Guid call)
    {
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        return (plan, await host.ReadPlanAsync(plan));
    }

    [Fact]
    public async Task Give_a_country_what_it_was_guaranteed_in_place_of_higher_ranked_proposals_and_the_plan_tells_that_layer()
    {
        var (call, code) = (Guid.CreateVersion7(), await host.InstrumentAsync("elettra", 2));
        await host.HearAsync(Call(call, partners: [new() { Country = "SI", MinShifts = 3 }, new() { Country = "HR", MinShifts = 5 }]));
        var (first, second, third) = (await AcceptedAsync(call, 90, "IT", Experiment(code)), await AcceptedAsync(call, 80, null, Experiment(code)), await AcceptedAsync(call, 45, "SI", Experiment(code)));
        var (_, read) = await PlannedAsync(call);
        Assert.Equal(new[] { first, third }.Order(), read.Placements.Select(one => one.ExperimentId).Order());
        Assert.Equal(second, Assert.Single(read.Unplaced).ExperimentId);
        Assert.Equal((5L, -4000L, -20000L), read.Layers.Single(layer => layer.Layer == "guarantee") is var layer ? (layer.Amount, layer.Weight, layer.Value) : default);
        Assert.Equal((read.Objective, read.Objective), (read.Bound, read.Layers.Single(layer => layer.Layer == "science").Value));
    }

    [Fact]
    public async Task Count_a_proposal_to_its_leaders_institution_where_that_is_named_and_what_was_promised_before_to_the_most()
    {
        var (call, code) = (Guid.CreateVersion7(), await host.InstrumentAsync());
        await host.HearAsync(Call(call, partners: [new() { Partner = "ki", MaxShifts = 5 }, new() { Country = "SI", MinShifts = 0, MaxShifts = 3 }]));
        await AcceptedAsync(call, 90, "SI", Experiment(code), "ki");
        var (plan, _) = await PlannedAsync(call);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var (more, other) = (await AcceptedAsync(call, 80, "SI", Experiment(code), "ki"), await AcceptedAsync(call, 70, "SI", Experiment(code)));
        var (later, read) = await PlannedAsync(call);
        Assert.Equal(other, Assert.Single(read.Placements).ExperimentId);
        Assert.Equal("country-maximum", Assert.Single(read.Unplaced).Reasons[0].Code);

        // By hand it is a conflict, which a reason overcomes; both that are broken are told.
        var at = read.Placements[0].To.AddDays(1);
        var conflict = (await (await host.MoveAsync(later, more, at)).ConflictsAsync())["country-maximum"];
        Assert.True(conflict.GetProperty("forceable").GetBoolean());
        Assert.Equal(["country-maximum"], (await (await host.MoveAsync(later, more, at, force: true)).ReadAsync<ChangePlan.Done>()).Forced);
        // It is over, but takes no more than before.
        (await host.MoveAsync(later, more, at.AddDays(1))).EnsureSuccessStatusCode();
        (await host.PublishAsync(later)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Limit_the_shifts_of_an_instrument_beside_its_calendar_and_by_hand_both_are_conflicts_to_be_forced()
    {
        var (call, code, shared) = (Guid.CreateVersion7(), await host.InstrumentAsync(), await host.InstrumentAsync());
        (await host.PutCalendarAsync(shared, new { reason = "Mostly in-house", runPeriods = new[] { new { from = host.Day(0), to = host.Day(2) } }, shares = new[] { new { @for = "in-house", percent = 50 } } })).EnsureSuccessStatusCode();
        await host.HearAsync(Call(call, quotas: [new() { InstrumentCode = code, Shifts = 4 }]));
        var (one, two) = (await AcceptedAsync(call, 90, null, Experiment(code)), await AcceptedAsync(call, 80, null, Experiment(code)));
        var (three, four) = (await AcceptedAsync(call, 90, null, Experiment(shared, 2)), await AcceptedAsync(call, 80, null, Experiment(shared, 2)));
        var (plan, read) = await PlannedAsync(call);
        Assert.Equal(new[] { one, three }.Order(), read.Placements.Select(place => place.ExperimentId).Order());
        Assert.All(read.Unplaced, left => Assert.Equal("instrument-quota", Assert.Single(left.Reasons).Code));

        var free = (await host.PlaceOfAsync(plan, one)).To.AddDays(1);
        Assert.Equal(["instrument-quota"], (await (await host.MoveAsync(plan, two, free)).ConflictsAsync()).Keys);
        Assert.Equal(["instrument-quota", "wrong-shift-count"], (await (await host.MoveAsync(plan, two, free, 2)).ConflictsAsync()).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["instrument-quota"], (await (await host.MoveAsync(plan, two, free, force: true)).ReadAsync<ChangePlan.Done>()).Forced);
        var begins = new DateTimeOffset(host.Monday, TimeSpan.Zero);
        var open = (await host.PlaceOfAsync(plan, three)).Shifts;
        var shifts = await host.ReadAsync(async db => (await db.Calendars.SingleAsync(x => x.InstrumentCode == shared)).Calendar.ShiftsBetween(begins.AddDays(-2), begins.AddDays(5)));
        var place = Enumerable.Range(0, shifts.Count - 1).First(n => open.All(taken => taken.Start != shifts[n].Start && taken.Start != shifts[n + 1].Start));
        Assert.Equal(["instrument-quota"], (await (await host.MoveAsync(plan, four, shifts[place].Start, 2)).ConflictsAsync()).Keys);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Say_whether_rank_may_be_inverted_unless_the_request_for_a_plan_does()
    {
        var call = Guid.CreateVersion7();
        await host.HearAsync(Call(call, inverted: false));
        await AcceptedAsync(call, 80, null, Experiment(await host.InstrumentAsync()));
        Assert.Equal(RankPolicy.NoRankInversion, await PolicyAsync(new { }));
        Assert.Equal(RankPolicy.BestSum, await PolicyAsync(new { forbidRankInversion = false }));

        async Task<RankPolicy> PolicyAsync(object request)
        {
            var plan = (await (await host.As(Office).PostAsJsonAsync($"/api/scheduling/calls/{call}/plans", request)).ReadAsync<RequestPlan.Response>(HttpStatusCode.Accepted)).Id;
            await host.UntilAsync(plan, CallPlanStatus.Ready);
            var run = Assert.Single(await host.ReadAsync(db => db.Runs.Where(x => x.PlanId == plan).ToListAsync()));
            (await host.DropAsync(plan)).EnsureSuccessStatusCode();
            return Compressed.Read<PlanningProblem>(run.Input).Policy;
        }
    }

    [Fact]
    public async Task Make_a_plan_stale_when_they_change_and_an_older_telling_changes_nothing()
    {
        var (call, code) = (Guid.CreateVersion7(), await host.InstrumentAsync());
        await host.HearAsync(Call(call, 3, quotas: [new() { InstrumentCode = code, Shifts = 6 }]));
        await AcceptedAsync(call, 80, null, Experiment(code));
        var (plan, read) = await PlannedAsync(call);
        Assert.False(read.Stale);
        await host.HearAsync(Call(call, 2, quotas: [new() { InstrumentCode = code, Shifts = 1 }]));
        Assert.False((await host.ReadPlanAsync(plan)).Stale);
        await host.HearAsync(Call(call, 4, quotas: [new() { InstrumentCode = code, Shifts = 1 }]));
        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
        await host.RoundAsync(plan, 2);
        Assert.Equal("instrument-quota", Assert.Single((await host.ReadPlanAsync(plan)).Unplaced).Reasons[0].Code);
    }

    [Fact]
    public async Task Changed_later_hold_for_the_next_round_whichever_of_the_two_events_is_heard_first()
    {
        var (call, code) = (Guid.CreateVersion7(), await host.InstrumentAsync());
        var changed = new CallTermsChanged { CallId = call, Revision = 3, Partners = [], Quotas = [new() { InstrumentCode = code, Shifts = 1 }], RankMayBeInverted = false, Reason = "Less beam", ChangedAt = host.Time.GetUtcNow() };
        await host.HearAsync(Call(call, quotas: [new() { InstrumentCode = code, Shifts = 6 }]));
        await AcceptedAsync(call, 80, null, Experiment(code));
        var (plan, _) = await PlannedAsync(call);
        await host.HearAsync(changed);
        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        await host.RoundAsync(plan, 2);
        Assert.Equal("instrument-quota", Assert.Single((await host.ReadPlanAsync(plan)).Unplaced).Reasons[0].Code);
        await host.HearAsync(changed);
        Assert.False((await host.ReadPlanAsync(plan)).Stale);

        var other = Guid.CreateVersion7();
        await host.HearAsync(changed with { CallId = other });
        await host.HearAsync(Call(other, 2, quotas: [new() { InstrumentCode = code, Shifts = 6 }], inverted: true));
        var known = await host.ReadAsync(db => db.Calls.SingleAsync(x => x.Id == other));
        Assert.Equal((3, 1, false), (known.Revision, known.QuotaOf(code), known.RankMayBeInverted));
    }

    [Fact]
    public async Task Tell_what_sites_give_until_they_are_changed_and_nothing_where_nothing_is_said()
    {
        var call = Guid.CreateVersion7();
        SiteQuota[] first = [new() { SiteCode = "elettra", Shifts = 120 }, new() { SiteCode = "bnc", Shifts = 0 }], second = [new() { SiteCode = "elettra", Shifts = 60 }];
        var changed = new CallTermsChanged { CallId = call, Revision = 3, Partners = [], Quotas = [], SiteQuotas = second, RankMayBeInverted = true, Reason = "Less beam", ChangedAt = host.Time.GetUtcNow() };
        await host.HearAsync(Call(call) with { SiteQuotas = first });
        Assert.Equal(first, await KnownAsync());
        await host.HearAsync(changed);
        await host.HearAsync(Call(call, 2) with { SiteQuotas = first });
        Assert.Equal(second, await KnownAsync());
        await host.HearAsync(changed with { Revision = 4, SiteQuotas = null });
        Assert.Empty(await KnownAsync());
        await host.HearAsync(Call(call, 5) with { SiteQuotas = first });
        await host.HearAsync(Call(call, 6));
        Assert.Empty(await KnownAsync());

        Task<IReadOnlyList<SiteQuota>> KnownAsync() => host.ReadAsync(async db => (await db.Calls.SingleAsync(x => x.Id == call)).SiteQuotas);
    }

    [Fact]
    public async Task Come_with_what_its_teams_wish_of_instruments_and_groups_until_a_later_grant_says_otherwise()
    {
        var code = await host.InstrumentAsync();
        var accepted = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code) with { AnyInstrument = true }, Experiment(code, required: false) with { Group = "structure" }, Experiment(code));
        Assert.Equal([(true, null), (false, "structure"), (false, null)], await WishesAsync());
        await host.HearAsync(accepted with
        {
            Revision = accepted.Revision + 1, Experiments = [accepted.Experiments[0] with { AnyInstrument = null }, accepted.Experiments[1] with { AnyInstrument = true, Group = null }, accepted.Experiments[2]],
        });
        Assert.Equal([(false, null), (true, null), (false, null)], await WishesAsync());

        async Task<List<(bool, string?)>> WishesAsync()
        {
            var wishes = await host.ReadAsync(db => db.Experiments.Where(x => x.ProposalId == accepted.ProposalId).ToDictionaryAsync(x => x.Id, x => x.Wishes));
            return [.. accepted.Experiments.Select(one => (wishes[one.ExperimentId].AnyInstrument, wishes[one.ExperimentId].Group))];
        }
    }
}
