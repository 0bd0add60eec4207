using System.Net;
using System.Net.Http.Json;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Comparing;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_copy_of_a_plan(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private async Task<Guid> CopyAsync(Guid plan, string name = "earlier start", Person? by = null) =>
        (await (await host.As(by ?? Office).PostAsJsonAsync($"/api/scheduling/plans/{plan}/copies", new { name })).ReadAsync<CopyPlan.Response>(HttpStatusCode.Created)).Id;

    [Fact]
    public async Task Is_changed_compared_with_what_was_published_and_becomes_the_plan()
    {
        var (moved, gone, stays) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync("bnc"), 2), Experiment(await host.InstrumentAsync(), 3, "pouch"));
        var call = Guid.CreateVersion7();
        foreach (var one in new[] { moved, gone, stays }) await host.AcceptAsync(call, one);
        var plan = await host.PlanAsync(call);
        await host.HearAsync(Reserved(Assert.Single(await host.AskedAsync(plan, 1))));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var at = (await host.PlaceOfAsync(plan, moved.ExperimentId)).From;

        var copy = await CopyAsync(plan, by: Staff);
        await Assert.RefusedAsync(await host.As(Office).PostAsJsonAsync($"/api/scheduling/plans/{plan}/copies", new { name = "earlier start" }), HttpStatusCode.Conflict, "copy.name-taken");
        Assert.Equal("earlier start", Assert.Single(await host.ReadAsync<List<CopyPlan.Line>>($"plans/{plan}/copies")).Name);
        (await host.MoveAsync(copy, moved.ExperimentId, at.AddDays(2), by: Staff)).EnsureSuccessStatusCode();
        (await host.MoveAsync(copy, stays.ExperimentId, (await host.PlaceOfAsync(copy, stays.ExperimentId)).From.AddDays(1))).EnsureSuccessStatusCode();
        (await host.ChangeAsync(copy, "versions/2/restoration", new { reason = "That cell is not to be asked for" })).EnsureSuccessStatusCode();
        // In a copy staff tries what it likes, also at other sites.
        (await host.ChangeAsync(copy, "removals", new { experiments = new[] { gone.ExperimentId }, reason = "What if they stay at home?", force = true }, Staff)).EnsureSuccessStatusCode();

        var difference = await host.ReadAsync<ComparePlans.Response>($"plans/{copy}/comparison");
        Assert.Equal((plan, true), (difference.With, difference.Published));
        Assert.Equal((at, at.AddDays(2)), Assert.Single(difference.Moved) is { Before: { } before, After: { } after } ? (before.Shifts[0].Start, after.Shifts[0].Start) : default);
        Assert.Equal(gone.ExperimentId, Assert.Single(difference.Dropped).ExperimentId);
        Assert.Empty(difference.Added);
        Assert.True(difference.ObjectiveAfter < difference.ObjectiveBefore);
        Assert.Equal([("bnc", 2, 0), ("elettra", 6, 6)], difference.ShiftsBySite.Select(one => (one.Code, one.Before, one.After)));
        Assert.Equal([("HU", 2, 0), ("IT", 6, 6)], difference.ShiftsByCountry.Select(one => (one.Code, one.Before, one.After)));
        Assert.Empty((await host.ReadAsync<ComparePlans.Response>($"plans/{copy}/comparison", Staff)).Dropped);
        Assert.Single(await host.AskedAsync(plan, 1));
        Assert.Equal(at, (await host.PlaceOfAsync(plan, moved.ExperimentId)).From);

        // The promotion touches the other site: it is asked, and the copy stays until the change is made.
        Assert.Equal(["bnc"], (await (await host.ChangeAsync(plan, "promotions", new { copyId = copy, reason = "Better", force = true }, Staff)).ReadAsync<ChangePlan.Asked>(HttpStatusCode.Accepted)).Sites);
        var done = await (await host.ChangeAsync(plan, "promotions", new { copyId = copy, reason = "Better", force = true })).ReadAsync<ChangePlan.Done>();
        Assert.Equal((2, CallPlanStatus.Ready), (done.Version, done.Status));
        Assert.Equal(at.AddDays(2), (await host.PlaceOfAsync(plan, moved.ExperimentId)).From);
        Assert.Equal(PlanVersionKind.Promotion, (await host.VersionsAsync(plan))[0].Kind);
        await Assert.RefusedAsync(await host.ChangeAsync(plan, "promotions", new { copyId = copy, reason = "Again" }), HttpStatusCode.Conflict, "copy.closed");
    }

    [Fact]
    public async Task Is_closed_when_another_site_agrees_that_it_becomes_the_plan()
    {
        var theirs = Experiment(await host.InstrumentAsync("bnc"));
        var (plan, _) = await host.ReadyPlanAsync(Experiment(await host.InstrumentAsync()), theirs);
        var copy = await CopyAsync(plan, by: Staff);
        var at = (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From;
        (await host.MoveAsync(copy, theirs.ExperimentId, at.AddDays(3), by: Staff)).EnsureSuccessStatusCode();
        var asked = await (await host.ChangeAsync(plan, "promotions", new { copyId = copy, reason = "Later" }, Staff)).ReadAsync<ChangePlan.Asked>(HttpStatusCode.Accepted);
        Assert.Equal(CallPlanStatus.WhatIf, (await host.ReadPlanAsync(copy)).Status);
        (await host.As(OtherStaff).PostAsJsonAsync($"/api/scheduling/plans/{plan}/changes/{asked.RequestId}/agreement", new { reason = "Fine" })).EnsureSuccessStatusCode();
        Assert.Equal(at.AddDays(3), (await host.PlaceOfAsync(plan, theirs.ExperimentId)).From);
        Assert.Equal(CallPlanStatus.Superseded, (await host.ReadPlanAsync(copy)).Status);
    }

    [Fact]
    public async Task Made_before_the_plan_was_published_is_changed_and_compared_with_what_was()
    {
        var one = Experiment(await host.InstrumentAsync());
        var (plan, _) = await host.ReadyPlanAsync(one);
        var copy = await CopyAsync(plan);
        Assert.False((await host.ReadAsync<ComparePlans.Response>($"plans/{copy}/comparison")).Published);
        var at = (await host.PlaceOfAsync(plan, one.ExperimentId)).From;
        (await host.MoveAsync(plan, one.ExperimentId, at.AddDays(1))).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        (await host.MoveAsync(copy, one.ExperimentId, at.AddDays(5))).EnsureSuccessStatusCode();
        var difference = await host.ReadAsync<ComparePlans.Response>($"plans/{copy}/comparison");
        Assert.Equal((true, 2), (difference.Published, difference.WithVersion));
        Assert.Equal((at.AddDays(1), at.AddDays(5)), Assert.Single(difference.Moved) is { Before: { } before, After: { } after } ? (before.Shifts[0].Start, after.Shifts[0].Start) : default);
    }

    [Fact]
    public async Task Leaves_what_others_changed_meanwhile_and_is_refused_where_both_changed_the_same()
    {
        var (one, other) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var (plan, _) = await host.ReadyPlanAsync(one, other);
        var at = (await host.PlaceOfAsync(plan, one.ExperimentId)).From;
        Guid copy = await CopyAsync(plan), clash = await CopyAsync(plan, "clash");
        (await host.MoveAsync(copy, one.ExperimentId, at.AddDays(1))).EnsureSuccessStatusCode();
        (await host.MoveAsync(clash, other.ExperimentId, at.AddDays(5))).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, other.ExperimentId, at.AddDays(3))).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "promotions", new { copyId = copy, reason = "Both" })).EnsureSuccessStatusCode();
        Assert.Equal((at.AddDays(1), at.AddDays(3)), ((await host.PlaceOfAsync(plan, one.ExperimentId)).From, (await host.PlaceOfAsync(plan, other.ExperimentId)).From));
        Assert.Equal(["copy.changed-on-both-sides"], await Assert.RefusedAsync(await host.ChangeAsync(plan, "promotions", new { copyId = clash, reason = "Mine" }), HttpStatusCode.Conflict, "copy.outdated"));
        (await host.ChangeAsync(plan, "promotions", new { copyId = clash, reason = "Mine", force = true })).EnsureSuccessStatusCode();
        Assert.Equal(at.AddDays(5), (await host.PlaceOfAsync(plan, other.ExperimentId)).From);
    }

    [Fact]
    public async Task Is_changed_by_who_made_it_and_by_the_user_office_alone_and_made_the_plan_by_everybody_who_may_change_that()
    {
        var one = Experiment(await host.InstrumentAsync("bnc"));
        var (plan, _) = await host.ReadyPlanAsync(one);
        var copy = await CopyAsync(plan, by: Staff);
        var at = (await host.PlaceOfAsync(copy, one.ExperimentId)).From;
        (await host.ChangeAsync(copy, "forbids", new { experimentId = one.ExperimentId, to = at.AddDays(1), reason = "Not so early" }, Staff)).EnsureSuccessStatusCode();
        var forbid = Assert.Single(await host.ReadAsync<List<ForbidExperiment.Line>>($"plans/{copy}/forbids"));
        // Even of the site that the copy is about.
        var block = new[] { new { from = at.AddDays(3), shifts = 3 } };
        var parts = new[] { new { from = at.AddDays(3), shifts = 2 }, new { from = at.AddDays(5), shifts = 1 } };
        foreach (var (what, body) in new (string, object)[]
        {
            ("moves", new { experimentId = one.ExperimentId, blocks = block, reason = "x" }), ("splits", new { experimentId = one.ExperimentId, blocks = parts, reason = "x" }),
            ("removals", new { experiments = new[] { one.ExperimentId }, reason = "x", force = true }), ("locks", new { experiments = new[] { one.ExperimentId }, reason = "x" }),
            ("unlocks", new { experiments = new[] { one.ExperimentId }, reason = "x" }), ("forbids", new { experimentId = one.ExperimentId, reason = "x" }), ("rounds", new { reason = "x" }),
            ("versions/1/restoration", new { reason = "x" }), ("swaps", new { one = one.ExperimentId, other = one.ExperimentId, reason = "x" }),
        })
            await Assert.RefusedAsync(await host.ChangeAsync(copy, what, body, OtherStaff), HttpStatusCode.Forbidden, "plan.copy-of-another");
        await Assert.RefusedAsync(await host.ChangeAsync(copy, $"forbids/{forbid.Id}", new { }, OtherStaff, method: HttpMethod.Delete), HttpStatusCode.Forbidden, "plan.copy-of-another");
        // It is said before anything else, also to who names an old version.
        await Assert.RefusedAsync(await host.MoveAsync(copy, one.ExperimentId, at.AddDays(3), by: OtherStaff, tag: 99), HttpStatusCode.Forbidden, "plan.copy-of-another");
        Assert.Equal((at, 1), ((await host.PlaceOfAsync(copy, one.ExperimentId)).From, (await host.VersionsAsync(copy)).Count));

        (await host.MoveAsync(copy, one.ExperimentId, at.AddDays(2), by: Staff)).EnsureSuccessStatusCode();
        (await host.MoveAsync(copy, one.ExperimentId, at.AddDays(3))).EnsureSuccessStatusCode();
        (await host.ChangeAsync(copy, $"forbids/{forbid.Id}", new { }, Staff, method: HttpMethod.Delete)).EnsureSuccessStatusCode();
        (await host.ChangeAsync(plan, "promotions", new { copyId = copy, reason = "A good idea of theirs" }, OtherStaff)).EnsureSuccessStatusCode();
        Assert.Equal(at.AddDays(3), (await host.PlaceOfAsync(plan, one.ExperimentId)).From);
        // Of a plan that is no copy the sites decide as before.
        (await host.MoveAsync(plan, one.ExperimentId, at.AddDays(4), by: OtherStaff)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Is_planned_anew_without_asking_the_pool_and_dropped()
    {
        var code = await host.InstrumentAsync();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(code), Experiment(code));
        var copy = await CopyAsync(plan, "anew", Staff);
        var place = (await host.ReadPlanAsync(copy)).Placements[0];
        (await host.ChangeAsync(copy, "forbids", new { experimentId = place.ExperimentId, to = place.From.AddDays(4), reason = "What if it came later?" }, Staff)).EnsureSuccessStatusCode();
        (await host.ChangeAsync(copy, "rounds", new { reason = "Try" }, Staff)).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Plans.FindAsync(copy)) is { Round: 2, Status: CallPlanStatus.WhatIf }, "the copy's round");
        Assert.True((await host.PlaceOfAsync(copy, place.ExperimentId)).From >= place.From.AddDays(4));
        Assert.Equal(place.From, (await host.PlaceOfAsync(plan, place.ExperimentId)).From);
        await Assert.RefusedAsync(await host.PublishAsync(copy), HttpStatusCode.Conflict, "plan.not-ready");
        await Assert.RefusedAsync(await host.As(OtherStaff).DeleteAsync($"/api/scheduling/plans/{plan}/copies/{copy}"), HttpStatusCode.Forbidden, "copy.not-yours");
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Staff).DeleteAsync($"/api/scheduling/plans/{plan}/copies/{copy}")).StatusCode);
        Assert.Empty(await host.ReadAsync<List<CopyPlan.Line>>($"plans/{plan}/copies"));
    }
}
