using System.Net;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Calendars;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class The_set_up_of_an_instrument(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private static readonly SetUp hours = new()
    {
        PreparationMinutes = 120, CleaningMinutes = 60,
        Changes = [new("operando", "in-situ", 600, 50), new("in-situ", "operando", 600, 50), new("operando", "ex-situ", 600), new("ex-situ", "operando", 600)],
    };

    [Fact]
    public async Task Is_told_by_its_staff_with_a_reason_that_is_kept_and_replaced_by_nobody_who_has_not_seen_it()
    {
        var code = await host.InstrumentAsync();
        Assert.False((await host.GetAsync<TellSetUp.Response>($"instruments/{code}/set-up", OtherStaff)).Told);
        await host.SetUpAsync(code, hours with { Changes = [] }, Staff);
        await host.SetUpAsync(code, hours);
        var read = await host.GetAsync<TellSetUp.Response>($"instruments/{code}/set-up", OtherStaff);
        Assert.Equal((true, 120, 60, 4), (read.Told, read.SetUp.PreparationMinutes, read.SetUp.CleaningMinutes, read.SetUp.Changes.Count));
        Assert.Equal([(Office.Id, "As measured", 4), (Staff.Id, "As measured", 0)], read.History.Select(change => (change.By, change.Reason, change.SetUp.Changes.Count)));

        Task<HttpResponseMessage> PutAsync(SetUp setUp, Person? by = null, string? version = null) => host.SendAsync(HttpMethod.Put, $"instruments/{code}/set-up", new { reason = "x", setUp }, by ?? Staff, version);
        await Assert.RefusedAsync(await PutAsync(hours, version: ""), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await PutAsync(hours, version: "*"), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await PutAsync(hours, version: "\"9\""), HttpStatusCode.PreconditionFailed, "stale-write");
        await Assert.RefusedAsync(await PutAsync(hours, OtherStaff), HttpStatusCode.Forbidden, "calendar.other-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(hours, Maria)).StatusCode);
        Assert.Equal(["set-up.minutes", "set-up.minutes", "set-up.mode", "set-up.cost", "set-up.change-twice"], await Assert.RefusedAsync(
            await PutAsync(new() { PreparationMinutes = -15, CleaningMinutes = 50, Changes = [new("operando", "operando", 15), new("in-situ", "operando", 15, -1), new("in-situ", "operando", 30)] }),
            HttpStatusCode.UnprocessableEntity, "set-up.invalid"));
        Assert.Equal(["set-up.detour"], await Assert.RefusedAsync(await PutAsync(hours with { Changes = [new("operando", "in-situ", 600), new("operando", "ex-situ", 15)] }), HttpStatusCode.UnprocessableEntity, "set-up.invalid"));
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Put, "instruments/nowhere/set-up", new { reason = "x", setUp = hours })).StatusCode);
    }

    [Fact]
    public async Task Leaves_its_time_between_experiments_and_makes_older_plans_stale()
    {
        var code = await host.InstrumentAsync("elettra", 4);
        var (one, two, three) = (Experiment(code), Experiment(code), Experiment(code) with { Mode = "in-situ" });
        var (plan, _) = await host.ReadyPlanAsync(one, two, three);
        await host.SetUpAsync(code, hours);
        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");

        await host.RoundAsync(plan, 2);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((3, 500L), (read.Placements.Count, read.Layers.Single(layer => layer.Layer == "setUp").Amount));
        Assert.Equal(read.Objective, read.Layers.Single(layer => layer.Layer == "science").Value);
        Assert.Equal(read.Objective, read.Bound);
        foreach (var (before, after) in read.Placements.Zip(read.Placements.Skip(1)))
            Assert.True(after.From - before.To >= TimeSpan.FromHours(before.ExperimentId == three.ExperimentId || after.ExperimentId == three.ExperimentId ? 13 : 3), $"{before.To} {after.From}");
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Is_a_conflict_of_a_move_by_hand_that_leaves_no_time_for_it_and_can_be_forced()
    {
        var code = await host.InstrumentAsync();
        await host.SetUpAsync(code, hours with { Changes = [] });
        var (one, two) = (Experiment(code), Experiment(code));
        var (plan, _) = await host.ReadyPlanAsync(one, two);
        var first = await host.PlaceOfAsync(plan, one.ExperimentId);
        var conflict = (await (await host.MoveAsync(plan, two.ExperimentId, first.To)).ConflictsAsync())["set-up-time"];
        Assert.True(conflict.GetProperty("forceable").GetBoolean());
        Assert.Equal(2, conflict.GetProperty("concerned").GetArrayLength());
        var done = await (await host.MoveAsync(plan, two.ExperimentId, first.To, force: true)).ReadAsync<ChangePlan.Done>();
        Assert.Equal(["set-up-time"], done.Forced);
        // Parts of one experiment need no hand-over, and what was forced stands through the next round.
        var late = first.From.AddDays(6);
        (await host.ChangeAsync(plan, "splits", new { experimentId = one.ExperimentId, blocks = new[] { new { from = late, shifts = 2 }, new { from = late.AddHours(16), shifts = 1 } }, reason = "Two parts" })).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, two.ExperimentId, late.AddHours(24), force: true)).EnsureSuccessStatusCode();
        await host.RoundAsync(plan, 2);
        Assert.Equal(late.AddHours(24), (await host.PlaceOfAsync(plan, two.ExperimentId)).From);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
    }
}
