using System.Net;
using Tutti.Scheduling.Allocating;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class The_reserve_list(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Names_who_waits_instead_of_whom_and_where_it_would_run_until_it_has_a_place()
    {
        var call = Guid.CreateVersion7();
        string full = await host.InstrumentAsync("elettra", 1), other = await host.InstrumentAsync("bnc", 1);
        var (first, second, third) = (host.Accepted(call, Experiment(full)) with { Grade = 90, Title = "First" }, host.Accepted(call, Experiment(full)) with { Grade = 60, Title = "Second" },
            host.Accepted(call, Experiment(full)) with { Grade = 30, Title = "Third" });
        foreach (var one in new[] { third, second, first, host.Accepted(call, Experiment(other)) }) await host.HearAsync(one);
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);

        var told = await ReserveAsync(plan);
        Assert.NotNull(told.At);
        Assert.Equal([(1, second.ProposalId, "Second", 601), (2, third.ProposalId, "Third", 301)], told.Proposals.Select(one => (one.Rank, one.ProposalId, one.ProposalTitle, one.Score)));
        Assert.Equal(2, told.Count);
        foreach (var one in told.Proposals)
        {
            var instead = Assert.Single(one.InsteadOf);
            Assert.Equal((1, first.ProposalId, "First"), (instead.Count, Assert.Single(instead.Seen).ProposalId, instead.Seen[0].ProposalTitle));
        }
        var given = Assert.Single((await host.ReadPlanAsync(plan)).Placements, placement => placement.InstrumentCode == full);
        var place = Assert.Single(told.Proposals[0].Places);
        Assert.Equal((second.Experiments[0].ExperimentId, full), (place.ExperimentId, place.InstrumentCode));
        Assert.Equal(given.Shifts.Select(shift => (shift.Start, shift.End)), place.Shifts.Select(shift => (shift.Start, shift.End)));

        // By hand the second takes the place of the first, who was not on the list when the planner made it.
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { given.ExperimentId }, reason = "Given back" })).EnsureSuccessStatusCode();
        (await host.MoveAsync(plan, place.ExperimentId, place.Shifts[0].Start)).EnsureSuccessStatusCode();
        Assert.Equal((1, third.ProposalId), ((await ReserveAsync(plan)) is { Count: 1 } left ? left.Proposals[0].Rank : 0, (await ReserveAsync(plan)).Proposals[0].ProposalId));
    }

    [Fact]
    public async Task Tells_staff_of_another_site_how_many_wait_and_not_who()
    {
        var call = Guid.CreateVersion7();
        string full = await host.InstrumentAsync("elettra", 1), there = await host.InstrumentAsync("bnc");
        var both = host.Accepted(call, Experiment(full), Experiment(there)) with { Grade = 40, Title = "Needs both" };
        await host.HearAsync(host.Accepted(call, Experiment(full)) with { Grade = 100, Title = "Secret of elettra" });
        await host.HearAsync(host.Accepted(call, Experiment(full)) with { Grade = 60, Title = "Waits at elettra" });
        await host.HearAsync(both);
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);

        Assert.Equal(["Waits at elettra", "Needs both"], (await ReserveAsync(plan, Staff)).Proposals.Select(one => one.ProposalTitle));
        var told = await ReserveAsync(plan, OtherStaff);
        Assert.Equal(2, told.Count);
        var seen = Assert.Single(told.Proposals);
        Assert.Equal((2, both.ProposalId), (seen.Rank, seen.ProposalId));
        Assert.Equal(there, Assert.Single(seen.Places).InstrumentCode);
        var instead = Assert.Single(seen.InsteadOf);
        Assert.Equal(1, instead.Count);
        Assert.Empty(instead.Seen);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Maria).GetAsync($"/api/scheduling/plans/{plan}/reserve")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Office).GetAsync($"/api/scheduling/plans/{Guid.CreateVersion7()}/reserve")).StatusCode);
    }

    [Fact]
    public async Task Lets_nobody_wait_for_what_another_plan_promised()
    {
        var instrument = await host.InstrumentAsync("elettra", 1);
        var (published, _) = await host.ReadyPlanAsync(Experiment(instrument));
        (await host.PublishAsync(published)).EnsureSuccessStatusCode();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(instrument));
        Assert.Single((await host.ReadPlanAsync(plan)).Unplaced);
        var told = await ReserveAsync(plan);
        Assert.NotNull(told.At);
        Assert.Equal(0, told.Count);
        Assert.Empty(told.Proposals);
    }

    private Task<ReadReserve.Response> ReserveAsync(Guid plan, Person? by = null) => host.ReadAsync<ReadReserve.Response>($"plans/{plan}/reserve", by);
}
