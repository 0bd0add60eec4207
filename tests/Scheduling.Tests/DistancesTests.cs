using System.Net;
using System.Text.Json;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Travelling;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class A_way_between_sites
{
    private static readonly SiteWay way = new() { From = "elettra", To = "bnc", TravelHours = 9, ShippingHours = 48 };

    [Fact]
    public void Takes_the_same_time_back_unless_it_is_one_way_only()
    {
        Assert.Equal([("elettra", "bnc", 9, 48), ("bnc", "elettra", 9, 48)], way.Directions().Select(one => (one.From, one.To, one.TravelHours, one.ShippingHours)));
        Assert.Equal([way with { OneWay = true }], (way with { OneWay = true }).Directions());
        Assert.All(way.Directions(), one => Assert.Equal([one], one.Directions()));
    }

    [Fact]
    public void Is_no_reason_for_a_plan_to_be_stale_that_was_stored_before_any_was_told()
    {
        var before = JsonSerializer.Deserialize<PlanInputs>("""{"proposals":{},"calendars":{},"call":3}""", Json.Stored);
        var now = PlanInputs.None with { Call = 3 };
        Assert.Equal((true, true, false, false), (before?.StillHold(now), before?.Equal(now), before?.StillHold(now with { Distances = 1 }), before?.Equal(now with { Distances = 1 })));
    }
}

public sealed class Distances_told_for_the_first_time(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task By_several_at_once_are_lost_to_none_of_them_unseen()
    {
        var none = await host.GetAsync<KeepSiteDistances.Response>("site-distances", Staff);
        Assert.Equal((false, 8.0, 0, 0), (none.Told, none.DefaultHours, none.Ways.Count, none.History.Count));
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(hours => host.SendAsync(HttpMethod.Put, "site-distances",
            new { reason = $"At once {hours}", ways = new[] { new { from = "bnc", to = "elettra", travelHours = hours, shippingHours = 24 } } }, version: "")));
        foreach (var lost in answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent))
            if (lost.StatusCode == HttpStatusCode.PreconditionRequired) await Assert.RefusedAsync(lost, HttpStatusCode.PreconditionRequired, "version-required");
            else await Assert.RefusedAsync(lost, HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        var told = await host.GetAsync<KeepSiteDistances.Response>("site-distances");
        Assert.Equal($"At once {Assert.Single(told.Ways).TravelHours}", Assert.Single(told.History).Reason);
    }
}

public sealed class Distances_between_sites(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private static SiteWay Way(string from = "elettra", string to = "bnc", int travel = 9, int shipping = 48, bool oneWay = false) =>
        new() { From = from, To = to, TravelHours = travel, ShippingHours = shipping, OneWay = oneWay };

    private Task<HttpResponseMessage> PutAsync(string reason, IReadOnlyList<SiteWay> ways, Person? by = null, string? version = null) =>
        host.SendAsync(HttpMethod.Put, "site-distances", new { reason, ways }, by, version);

    [Fact]
    public async Task Are_told_by_the_user_office_with_a_reason_that_is_kept_and_replaced_by_nobody_who_has_not_seen_them()
    {
        await host.HearAsync(Site("ill", "Europe/Paris", 1, "FR", "reactor"));
        List<SiteWay> first = [Way()], second = [Way(travel: 7, oneWay: true), Way("bnc", "elettra", 10, oneWay: true), Way("ill", "bnc", 0, 720)];
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync("As the carrier says", first)).StatusCode);
        var answer = await PutAsync("A faster train", second);
        var read = await host.SendAsync(HttpMethod.Get, "site-distances", null, OtherStaff);
        Assert.Equal(answer.Headers.ETag, read.Headers.ETag);
        var told = await read.ReadAsync<KeepSiteDistances.Response>();
        Assert.True(told.Told);
        Assert.Equal(second, told.Ways);
        Assert.Equal(("A faster train", Office.Id), (told.History[0].Reason, told.History[0].By));
        Assert.Equal(first, told.History[0].Before);
        Assert.Equal("As the carrier says", told.History[1].Reason);
        Assert.True(told.History[1].At <= told.History[0].At);

        await Assert.RefusedAsync(await PutAsync("x", first, version: ""), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await PutAsync("x", first, version: "*"), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await PutAsync("x", first, version: "\"99\""), HttpStatusCode.PreconditionFailed, "stale-write");
        foreach (var other in new[] { Staff, Director, Maria }) Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync("x", first, other)).StatusCode);
        foreach (var other in new[] { Director, Maria }) Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, "site-distances", null, other)).StatusCode);
        Assert.Equal(second, (await host.GetAsync<KeepSiteDistances.Response>("site-distances")).Ways);
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync("All as usual", [])).StatusCode);
        Assert.Empty((await host.GetAsync<KeepSiteDistances.Response>("site-distances")).Ways);
    }

    [Fact]
    public async Task Are_refused_where_they_make_no_sense()
    {
        async Task<IReadOnlyList<string>> ProblemsAsync(params SiteWay[] ways) => await Assert.RefusedAsync(await PutAsync("x", ways), HttpStatusCode.UnprocessableEntity, "site-distances.invalid");
        Assert.Equal(["site-distances.site-unknown"], await ProblemsAsync(Way("nowhere"), Way("nowhere", "elettra")));
        Assert.Equal(["site-distances.within-a-site"], await ProblemsAsync(Way(to: "elettra")));
        foreach (var way in new[] { Way(travel: -1), Way(travel: 721), Way(shipping: -1), Way(shipping: 721) }) Assert.Equal(["site-distances.hours"], await ProblemsAsync(way));
        // Both directions are there twice where one of the two tells the way back as well.
        Assert.Equal(["site-distances.twice", "site-distances.twice"], await ProblemsAsync(Way(), Way("bnc", "elettra")));
        Assert.Equal(["site-distances.twice"], await ProblemsAsync(Way(), Way("bnc", "elettra", oneWay: true)));
        Assert.Equal(["site-distances.twice"], await ProblemsAsync(Way(oneWay: true), Way(travel: 3, oneWay: true)));
        Assert.Equal(["calendar.reason"], await Assert.RefusedAsync(await PutAsync(" ", [Way()]), HttpStatusCode.UnprocessableEntity, "site-distances.invalid"));
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Put, "site-distances", new { reason = "x", ways = new[] { new { from = "elettra", to = "bnc", travelHours = 3 } } }), HttpStatusCode.BadRequest, "request.malformed");
    }

    [Fact]
    public async Task Make_plans_stale_that_were_made_with_others_until_they_are_made_anew()
    {
        var (plan, _) = await host.ReadyPlanAsync(Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync("bnc")));
        Assert.False((await host.ReadPlanAsync(plan)).Stale);
        (await PutAsync("Measured", [Way(travel: 12)])).EnsureSuccessStatusCode();
        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");

        await host.RoundAsync(plan, 2);
        Assert.False((await host.ReadPlanAsync(plan)).Stale);
        var (read, loaded) = await host.ReadAsync(async db =>
        {
            var kept = await db.Plans.FindAsync(plan) ?? throw new InvalidOperationException("The plan is gone.");
            return (kept.Inputs, await PlanSnapshot.LoadAsync(db, kept, CancellationToken.None));
        });
        Assert.Equal(read.Distances, loaded.Distances.Revision);
        Assert.Equal(12, Assert.Single(loaded.Distances.Ways).TravelHours);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        // What was promised stays promised.
        (await PutAsync("Measured again", [Way(travel: 13)])).EnsureSuccessStatusCode();
        Assert.False((await host.ReadPlanAsync(plan)).Stale);
    }
}
