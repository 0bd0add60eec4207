using System.Net;
using System.Net.Http.Json;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Repairing;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_plan_whose_experiments_need_equipment(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Is_ready_when_the_cell_and_every_piece_are_held_and_tells_the_team_where_they_are()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync(), cell: "pouch") with { Equipment = ["potentiostat-low", "glove-box"] });
        var experiment = proposal.Experiments[0];
        var plan = await host.PlanAsync(proposal.CallId);
        var cell = Assert.Single(await host.AskedAsync(plan, 1));
        var pieces = (await host.AskedForEquipmentAsync(plan, 2)).ToDictionary(one => one.EquipmentKind);
        Assert.All(pieces.Values, one => Assert.Equal((cell.ExperimentId, cell.InstrumentCode, cell.From, cell.To), (one.ExperimentId, one.InstrumentCode, one.From, one.To)));
        await host.HearAsync(Reserved(pieces["glove-box"]));
        await host.HearAsync(Reserved(cell));
        Assert.Equal(CallPlanStatus.Reserving, (await host.ReadPlanAsync(plan)).Status);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.not-ready");
        await host.HearAsync(Reserved(pieces["potentiostat-low"]) with { LaboratoryCode = "lab-2" });
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal(
            [new("glove-box", ReservationStatus.Held, "lab-1"), new("potentiostat-low", ReservationStatus.Held, "lab-2")], (await host.PlaceOfAsync(plan, experiment.ExperimentId)).Equipment);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        HeldEquipment[] held = [new() { Kind = "glove-box", LaboratoryCode = "lab-1" }, new() { Kind = "potentiostat-low", LaboratoryCode = "lab-2" }];
        Assert.Equal(held, Assert.Single(await host.SaidAsync<ExperimentScheduled>(), one => one.PlanId == plan).Equipment);
        var read = Assert.Single(await host.ExperimentsAsync(proposal.ProposalId, Maria));
        Assert.Equal(held, read.HeldEquipment);
        Assert.Equal("POUCH-1", read.CellCode);
    }

    [Fact]
    public async Task Is_made_again_around_the_times_at_which_a_piece_is_refused()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync(), cell: "pouch") with { Equipment = ["glove-box"] });
        var plan = await host.PlanAsync(proposal.CallId);
        var (cell, piece) = (Assert.Single(await host.AskedAsync(plan, 1)), Assert.Single(await host.AskedForEquipmentAsync(plan, 1)));
        var free = piece.From.AddDays(3);
        await host.HearAsync(Reserved(cell));
        await host.HearAsync(Refused(piece, new FreeInterval { From = free, To = free.AddDays(2) }));
        var again = (await host.AskedForEquipmentAsync(plan, 2))[^1];
        Assert.True(again.From >= free && again.To <= free.AddDays(2), $"{again.From:u} to {again.To:u} is not in the free time from {free:u}");
        // The cell goes with the experiment.
        Assert.Single(await host.ReleasedAsync(cell.ReservationId));
        Assert.Empty(await host.ReleasedEquipmentAsync(piece.ReservationId));
        var moved = (await host.AskedAsync(plan, 2))[^1];
        Assert.Equal((again.From, again.To, cell.ReservationId), (moved.From, moved.To, Assert.Single(moved.Replaces ?? [])));
        await host.HearAsync(Reserved(again));
        await host.HearAsync(Reserved(moved));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal((2, again.From), (read.Rounds, Assert.Single(read.Placements).From));
    }

    [Fact]
    public async Task Leaves_out_what_needs_a_piece_that_is_never_free_and_tells_the_pools_reason()
    {
        string one = await host.InstrumentAsync(), two = await host.InstrumentAsync();
        var call = Guid.CreateVersion7();
        var needs = await host.AcceptAsync(call, Experiment(one, cell: "pouch") with { Equipment = ["glove-box"] });
        var other = await host.AcceptAsync(call, Experiment(two) with { Equipment = ["glove-box"] });
        var plan = await host.PlanAsync(call);
        var pieces = await host.AskedForEquipmentAsync(plan, 2);
        var cell = Assert.Single(await host.AskedAsync(plan, 1));
        await host.HearAsync(Reserved(cell));
        await host.HearAsync(Reserved(pieces.Single(piece => piece.ProposalId == other.ProposalId)));
        await host.HearAsync(Refused(pieces.Single(piece => piece.ProposalId == needs.ProposalId)));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(other.ProposalId, Assert.Single(read.Placements).ProposalId);
        var left = Assert.Single(read.Unplaced);
        Assert.Equal((needs.ProposalId, "equipment.busy"), (left.ProposalId, Assert.Single(left.Reasons).Code));
        Assert.Single(await host.ReleasedAsync(cell.ReservationId));
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal("equipment.busy", Assert.Single(Assert.Single(await host.SaidAsync<ExperimentUnplaced>(), told => told.PlanId == plan).Reasons).Code);
    }

    [Fact]
    public async Task Gives_up_after_the_stated_number_of_rounds_and_says_what_is_missing()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync(), 1, "pouch") with { Equipment = ["glove-box"] });
        var plan = await host.PlanAsync(proposal.CallId);
        for (var round = 1; round <= 4; round++)
        {
            var piece = (await host.AskedForEquipmentAsync(plan, round))[^1];
            await host.HearAsync(Reserved((await host.AskedAsync(plan, round))[^1]));
            await host.HearAsync(Refused(piece, new FreeInterval { From = piece.To }));
        }
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(4, read.Rounds);
        Assert.Equal("equipment.busy", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
        Assert.Equal(4, (await host.AskedForEquipmentAsync(plan, 4)).Count);
        foreach (var cell in await host.AskedAsync(plan, 4)) Assert.Single(await host.ReleasedAsync(cell.ReservationId));
    }

    [Fact]
    public async Task Lets_a_piece_go_that_is_not_needed_where_somebody_has_moved_the_experiment()
    {
        var (plan, piece) = await ReadyAsync();
        (await host.MoveAsync(plan, piece.ExperimentId, piece.From.AddDays(2))).EnsureSuccessStatusCode();
        var moved = (await host.AskedForEquipmentAsync(plan, 2))[^1];
        Assert.Equal((piece.From.AddDays(2), piece.ReservationId), (moved.From, Assert.Single(moved.Replaces ?? [])));
        Assert.Equal("glove-box", Assert.Single(await host.ReleasedEquipmentAsync(piece.ReservationId)).EquipmentKind);
        await host.HearAsync(Reserved(moved));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        // Told once more that the first is held, the plan lets it go once more.
        await host.HearAsync(Reserved(piece));
        Assert.Equal(2, (await host.ReleasedEquipmentAsync(piece.ReservationId)).Count);
        Assert.Equal(HttpStatusCode.NoContent, (await host.DropAsync(plan)).StatusCode);
        Assert.Single(await host.ReleasedEquipmentAsync(moved.ReservationId));
    }

    [Fact]
    public async Task Cannot_be_published_after_a_piece_was_taken_back()
    {
        var (plan, piece) = await ReadyAsync();
        await host.HearAsync(TakenBack(piece));
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
    }

    [Fact]
    public async Task Has_options_when_a_piece_is_taken_back_after_publication()
    {
        var (plan, piece) = await ReadyAsync();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        await host.HearAsync(TakenBack(piece));
        await host.HearAsync(TakenBack(piece));
        var disturbance = await host.ReadAsync(db => Task.FromResult(db.Disturbances.AsEnumerable().Single(one => one.Hit.Contains(piece.ExperimentId))));
        Assert.Equal((DisturbanceKind.EquipmentWithdrawn, "lab-1", "glove-box"), (disturbance.Kind, disturbance.LaboratoryCode, disturbance.EquipmentKind));
        await host.UntilAsync(async db => await Task.FromResult(db.Plans.Count(x => x.DisturbanceId == disturbance.Id && x.Status == CallPlanStatus.WhatIf) == 3), "three options");
        Assert.Empty(Assert.Single(await host.ExperimentsAsync(piece.ProposalId, Maria)).HeldEquipment);
        var options = (await host.ReadAsync<ReadDisturbance.Response>($"disturbances/{disturbance.Id}")).Options;
        var why = options.Single(one => one.Mode == RepairMode.ReserveOnly).Affected[0].Reasons[0];
        Assert.Equal("equipment-withdrawn", why.Code);
        Assert.Contains("The glove is torn", why.Text, StringComparison.Ordinal);
        var least = options.Single(one => one.Mode == RepairMode.LeastMoved);
        (await host.ChangeAsync(plan, "promotions", new { copyId = least.CopyId, reason = "Later, with a new glove" })).EnsureSuccessStatusCode();
        var again = (await host.AskedForEquipmentAsync(plan, 2))[^1];
        Assert.True(again.From >= piece.To, $"{again.From:u} is before {piece.To:u}");
        await host.HearAsync(Reserved(again) with { LaboratoryCode = "lab-2" });
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal([new() { Kind = "glove-box", LaboratoryCode = "lab-2" }], Assert.Single(await host.SaidAsync<ExperimentRescheduled>(), one => one.PlanId == plan).Equipment);
    }

    [Fact]
    public async Task Sends_who_reports_equipment_to_its_keepers()
    {
        var (from, to) = (host.Monday, host.Monday.AddDays(1));
        var answer = await host.As(Office).PostAsJsonAsync("/api/scheduling/disturbances", new { kind = "equipment-withdrawn", from, to, reason = "The glove is torn" });
        Assert.Equal(["disturbance.equipment"], await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "disturbance.invalid"));
    }

    /// <summary>A plan of one experiment with a glove-box, ready to be published.</summary>
    private async Task<(Guid Plan, ReserveEquipment Asked)> ReadyAsync()
    {
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(await host.InstrumentAsync()) with { Equipment = ["glove-box"] });
        var plan = await host.PlanAsync(proposal.CallId);
        var asked = Assert.Single(await host.AskedForEquipmentAsync(plan, 1));
        await host.HearAsync(Reserved(asked));
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        return (plan, asked);
    }
}
