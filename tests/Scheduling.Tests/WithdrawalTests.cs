using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Holding;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_withdrawn_proposal(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Is_not_planned_whether_the_withdrawal_or_the_acceptance_is_heard_first()
    {
        var code = await host.InstrumentAsync();
        var (forward, backward) = (host.Accepted(Guid.CreateVersion7(), Experiment(code)), host.Accepted(Guid.CreateVersion7(), Experiment(code)));
        object[] Events(ProposalAccepted proposal) => [proposal with { Revision = 4, Title = "Older", Experiments = [.. proposal.Experiments, Experiment(code)] }, proposal, Withdrawn(proposal)];
        foreach (var message in Events(forward).SelectMany(message => new[] { message, message })) await host.HearAsync(message);
        foreach (var message in Events(backward).Reverse().SelectMany(message => new[] { message, message })) await host.HearAsync(message);
        async Task<object> StateAsync(ProposalAccepted proposal)
        {
            var known = await host.ReadAsync(db => db.Proposals.Include(x => x.Team).SingleAsync(x => x.Id == proposal.ProposalId));
            var experiments = await host.ExperimentsAsync(proposal.ProposalId);
            return (known.Title, known.Revision, known.WithdrawnAt, known.WithdrawalReason, known.Team.Count, known.LeaderId == proposal.Team[0].PersonId,
                string.Join(";", experiments.Select(one => $"{one.InstrumentCode} {one.Status} {string.Join(",", one.History.Select(change => $"{change.From}-{change.To} {change.At} {change.Reason}"))}")));
        }
        Assert.Equal(await StateAsync(forward), await StateAsync(backward));
        Assert.Equal(ExperimentStatus.Cancelled, Assert.Single(await host.ExperimentsAsync(backward.ProposalId)).Status);
        await Assert.RefusedAsync(await host.As(Office).PostAsync($"/api/scheduling/calls/{forward.CallId}/plans", null), HttpStatusCode.Conflict, "plan.nothing-to-plan");
    }

    [Fact]
    public async Task Leaves_a_plan_that_asks_for_cells_and_what_was_asked_is_released()
    {
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        var call = Guid.CreateVersion7();
        var stays = await host.AcceptAsync(call, Experiment(one, cell: "pouch"));
        var goes = host.Accepted(call, Experiment(two, cell: "pouch"));
        await host.HearAsync(goes);
        var plan = await host.PlanAsync(call);
        var asked = await host.AskedAsync(plan, 2);
        var gone = asked.Single(cell => cell.ProposalId == goes.ProposalId);
        await host.HearAsync(Withdrawn(goes));
        Assert.Single(await host.ReleasedAsync(gone.ReservationId));
        await host.HearAsync(Reserved(gone));
        Assert.Equal(2, (await host.ReleasedAsync(gone.ReservationId)).Count);
        await host.HearAsync(Reserved(asked.Single(cell => cell.ProposalId == stays.ProposalId)));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(stays.ProposalId, Assert.Single(read.Placements).ProposalId);
        Assert.Empty(read.Unplaced);
        Assert.Equal(HttpStatusCode.NoContent, (await host.PublishAsync(plan)).StatusCode);
    }

    [Fact]
    public async Task Makes_a_plan_that_is_ready_stale_and_releases_its_cell()
    {
        var (proposal, plan, asked) = await host.ReadyAsync(await host.InstrumentAsync());
        await host.HearAsync(Withdrawn(proposal));
        Assert.Single(await host.ReleasedAsync(asked.ReservationId));
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
        Assert.Empty((await host.SaidAsync<ExperimentScheduled>()).FindAll(said => said.PlanId == plan));
    }

    [Fact]
    public async Task Frees_promised_shifts_and_cell_and_the_history_keeps_them()
    {
        var code = await host.InstrumentAsync("elettra", 1);
        var (proposal, plan, asked) = await host.ReadyAsync(code);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        await host.HearAsync(Withdrawn(proposal));
        await host.HearAsync(Withdrawn(proposal));
        Assert.Single(await host.ReleasedAsync(asked.ReservationId));
        var read = Assert.Single(await host.ExperimentsAsync(proposal.ProposalId, Maria));
        Assert.Equal((ExperimentStatus.Cancelled, 0, null), (read.Status, read.Shifts.Count, read.CellCode));
        Assert.Equal([ExperimentStatus.Scheduled, ExperimentStatus.Cancelled], read.History.Select(change => change.To));
        Assert.All(read.History, change => Assert.Equal((3, "POUCH-1"), (change.Shifts.Count, change.CellCode)));
        await Assert.RefusedAsync(await host.As(Staff).PostAsync($"/api/scheduling/experiments/{read.Id}/start", null), HttpStatusCode.Conflict, "experiment.wrong-status");
        // The shifts, all that the instrument has, serve somebody else.
        var next = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code));
        var other = await host.PlanAsync(next.CallId);
        await host.UntilAsync(other, CallPlanStatus.Ready);
        Assert.Single((await host.ReadPlanAsync(other)).Placements);
    }

    [Fact]
    public async Task Keeps_what_was_measured()
    {
        var (proposal, plan, asked) = await host.ReadyAsync(await host.InstrumentAsync());
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var path = $"/api/scheduling/experiments/{asked.ExperimentId}";
        (await host.As(Staff).PostAsync(path + "/start", null)).EnsureSuccessStatusCode();
        (await host.As(Staff).PostAsJsonAsync(path + "/finish", new { shiftsUsed = 2 })).EnsureSuccessStatusCode();
        await host.HearAsync(Withdrawn(proposal));
        Assert.Equal((ExperimentStatus.Done, 2), (await host.ExperimentsAsync(proposal.ProposalId)) is [var one] ? (one.Status, one.ShiftsUsed ?? 0) : default);
        Assert.Empty(await host.ReleasedAsync(asked.ReservationId));
    }

    [Fact]
    public async Task Between_the_plan_and_its_publication_is_never_promised_anything_whoever_is_first()
    {
        for (var round = 0; round < 5; round++)
        {
            var (proposal, plan, asked) = await host.ReadyAsync(await host.InstrumentAsync());
            var publishing = host.PublishAsync(plan);
            await host.HearAsync(Withdrawn(proposal));
            await publishing;
            Assert.Equal(ExperimentStatus.Cancelled, Assert.Single(await host.ExperimentsAsync(proposal.ProposalId)).Status);
            Assert.Equal(ReservationStatus.Released, await host.ReadAsync(db => db.Reservations.Where(x => x.Id == asked.ReservationId).Select(x => x.Status).SingleAsync()));
            Assert.NotEmpty(await host.ReleasedAsync(asked.ReservationId));
        }
    }
}

public sealed class Answers_of_the_pool(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    /// <summary>Every order of the events ends in the same state, and whatever the pool holds without need is released after it was told.</summary>
    [Theory]
    [InlineData("reserved", "withdrawn", ReservationStatus.Released)]
    [InlineData("refused", "withdrawn", null)]
    [InlineData("reserved", "refused", ReservationStatus.Refused)]
    [InlineData("reserved", "taken-back", ReservationStatus.Refused)]
    public async Task Twice_and_in_any_order_end_the_same(string one, string other, ReservationStatus? expected)
    {
        foreach (var order in new[] { new[] { one, other }, [other, one], [one, one, other, other], [other, other, one, one], [one, other, one, other] })
        {
            var code = await host.InstrumentAsync();
            var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code, cell: "pouch"));
            var plan = await host.PlanAsync(proposal.CallId);
            var asked = Assert.Single(await host.AskedAsync(plan, 1));
            foreach (var name in order)
                await host.HearAsync<object>(name switch
                {
                    "reserved" => Reserved(asked),
                    "refused" => Refused(asked),
                    "taken-back" => TakenBack(asked),
                    _ => Withdrawn(proposal),
                });
            var state = await host.ReadAsync(db => db.Reservations.Where(x => x.Id == asked.ReservationId).Select(x => x.Status).SingleAsync());
            if (expected is { } status) Assert.Equal(status, state);
            Assert.NotEqual(ReservationStatus.Held, state);
            // "refused" before "withdrawn" stays refused, after it released: both mean that nothing is held, and nothing is left to be asked.
            Assert.NotEqual(ReservationStatus.Asked, state);
            if (order.Contains("reserved") && !order.Contains("taken-back")) Assert.NotEmpty(await host.ReleasedAsync(asked.ReservationId));
        }
    }

    [Fact]
    public async Task For_a_reservation_that_nobody_knows_are_let_go()
    {
        var unknown = Guid.CreateVersion7();
        await host.HearAsync(new Contracts.CellPool.CellReserved { ReservationId = unknown, ExperimentId = Guid.CreateVersion7(), CellId = Guid.CreateVersion7(), CellCode = "X", HeldFrom = default, HeldTo = default });
        Assert.Single(await host.ReleasedAsync(unknown));
    }
}
