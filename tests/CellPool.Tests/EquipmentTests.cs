using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Keeping;
using Tutti.CellPool.Lending;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Proposals;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.CellPool.Tests;

[Trait("engine", "any")]
public sealed class A_choice_among_laboratories
{
    private static readonly DateTimeOffset start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Laboratories with a few pieces each, holds and outages wherever they fall, and shifts that are asked for.</summary>
    private static Arbitrary<(List<LendableEquipment> Laboratories, DateTimeOffset From, DateTimeOffset To)> Questions()
    {
        var busy = from at in Gen.Choose(-20, 200) from length in Gen.Choose(1, 60) from pieces in Gen.Choose(1, 2) select new Busy(start.AddHours(at), start.AddHours(at + length), pieces);
        var laboratory =
            from pieces in Gen.Choose(0, 3)
            from lead in Gen.Choose(0, 60)
            from before in Gen.Choose(0, 12)
            from after in Gen.Choose(0, 12)
            from serves in Gen.Elements(true, false)
            from holds in Gen.ListOf(busy, 6)
            from outages in Gen.ListOf(busy, 2)
            select new LendableEquipment("", serves, pieces, TimeSpan.FromHours(lead), TimeSpan.FromHours(before), TimeSpan.FromHours(after), [.. holds.Select(one => one with { Pieces = 1 })], [.. outages]);
        return (from count in Gen.Choose(0, 3)
                from laboratories in Gen.ListOf(laboratory, count)
                from at in Gen.Choose(0, 220)
                from length in Gen.Choose(1, 40)
                select (laboratories.Select((one, index) => one with { Laboratory = $"lab-{index}" }).ToList(), start.AddHours(at), start.AddHours(at + length))).ToArbitrary();
    }

    /// <summary>The rule again, hour by hour, knowing nothing of intervals.</summary>
    private static bool IsFree(LendableEquipment one, DateTimeOffset from, DateTimeOffset to)
    {
        if (one.Pieces == 0 || from - one.Before < start + one.Lead) return false;
        for (var hour = from - one.Before; hour < to + one.After; hour = hour.AddHours(1))
            if (one.Holds.Concat(one.Outages).Where(busy => busy.From <= hour && hour < busy.To).Sum(busy => busy.Pieces) >= one.Pieces) return false;
        return true;
    }

    private static void Always(Func<(List<LendableEquipment> Laboratories, DateTimeOffset From, DateTimeOffset To), bool> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(Questions(), holds));

    [Fact]
    public void Takes_one_with_a_free_piece_and_first_one_that_serves_the_instrument() =>
        Always(asked =>
        {
            var free = asked.Laboratories.Where(one => IsFree(one, asked.From, asked.To)).ToList();
            return EquipmentRules.Choose(asked.Laboratories, asked.From, asked.To, start) is { } chosen ? free.Contains(chosen) && (chosen.ServesInstrument || !free.Exists(one => one.ServesInstrument)) : free.Count == 0;
        });

    [Fact]
    public void Has_a_reason_for_each_that_has_no_free_piece() =>
        Always(asked => asked.Laboratories.TrueForAll(one => EquipmentRules.WhyNot(one, asked.From, asked.To, start) is null == IsFree(one, asked.From, asked.To)));

    [Fact]
    public void Tells_the_earliest_time_there_is_and_only_times_that_are_free() =>
        Always(asked =>
        {
            var length = asked.To - asked.From;
            var told = EquipmentRules.NextFree(asked.Laboratories, asked.From, asked.To, start);
            if (told is not [var first, ..]) return asked.Laboratories.TrueForAll(one => one.Pieces == 0);
            for (var hour = asked.From; hour < first.From; hour = hour.AddHours(1))
                if (asked.Laboratories.Exists(one => IsFree(one, hour, hour + length))) return false;
            return told.All(free => free.From >= asked.From && EquipmentRules.Choose(asked.Laboratories, free.From, free.From + length, start) is not null
                && (free.To is not { } last || EquipmentRules.Choose(asked.Laboratories, last - length, last, start) is not null));
        });
}

public sealed class A_reservation_of_equipment(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    [Fact]
    public async Task Holds_a_piece_from_the_time_it_is_needed_before_the_shifts()
    {
        var (laboratory, kind) = await host.LaboratoryAsync();
        var said = await host.ReservedAsync(host.WishOf(kind, 10));
        Assert.Equal((laboratory, kind, host.Day(10).AddHours(-8), host.Day(12)), (said.LaboratoryCode, said.EquipmentKind, said.HeldFrom, said.HeldTo));
    }

    [Fact]
    public async Task That_finds_every_piece_held_is_told_so_and_when_the_next_is_free()
    {
        var (_, kind) = await host.LaboratoryAsync(2);
        await host.ReservedAsync(host.WishOf(kind, 10));
        await host.ReservedAsync(host.WishOf(kind, 11));
        var refused = await host.RefusedAsync(host.WishOf(kind, 11));
        Assert.Equal("equipment.busy", Assert.Single(refused.Reasons).Code);
        var next = Assert.Single(refused.NextFree);
        Assert.Equal((host.Day(12).AddHours(8), null), (next.From, next.To));
        await host.ReservedAsync(host.WishOf(kind, 11) with { From = next.From, To = next.From.AddDays(2) });
    }

    [Fact]
    public async Task Asked_for_too_late_is_told_when_it_could_be()
    {
        var (_, kind) = await host.LaboratoryAsync();
        var now = host.Time.GetUtcNow();
        var wish = host.WishOf(kind, 0) with { From = now.AddHours(48), To = now.AddHours(56) };
        var refused = await host.RefusedAsync(wish);
        Assert.Equal("equipment.lead-time", Assert.Single(refused.Reasons).Code);
        var next = Assert.Single(refused.NextFree);
        Assert.True(next.From >= now.AddHours(56), $"{next.From:u} is too early at {now:u}");
        await host.ReservedAsync(host.WishOf(kind, 0) with { From = next.From.AddHours(8), To = next.From.AddHours(16) });
    }

    [Theory]
    [InlineData("nothing", "elettra-xafs", 2, "equipment.unknown")]
    [InlineData("only-xafs", "elettra-mcx", 2, "equipment.no-laboratory")]
    [InlineData("to-come", "elettra-xafs", 2, "laboratory.not-open")]
    [InlineData("only-xafs", "nowhere", 2, "instrument.unknown")]
    [InlineData("only-xafs", "elettra-xafs", 0, "interval.invalid")]
    [InlineData("only-xafs", "elettra-xafs", 1000, "interval.invalid")]
    public async Task That_cannot_be_met_is_refused_with_a_code(string kind, string instrument, int days, string code)
    {
        await host.HearAsync(CellPoolHost.Kind("only-xafs"));
        await host.HearAsync(CellPoolHost.Kind("to-come"));
        await host.HearAsync(CellPoolHost.Laboratory("lab-xafs", "only-xafs"));
        await host.HearAsync(CellPoolHost.Laboratory("lab-planned", "to-come", status: "planned"));
        var refused = await host.RefusedAsync(host.WishOf(kind, 10, days, instrument));
        Assert.Equal(code, Assert.Single(refused.Reasons).Code);
        Assert.Empty(refused.NextFree);
    }

    [Fact]
    public async Task Asked_again_answers_the_same()
    {
        var (_, kind) = await host.LaboratoryAsync();
        var (first, second) = (host.WishOf(kind, 10), host.WishOf(kind, 11));
        var message = Guid.CreateVersion7();
        await host.HearAsync(first, message);
        await host.HearAsync(second);
        await host.PublishAsync(first, message);
        await host.HearAsync(first);
        await host.HearAsync(CellPoolHost.Release(first));
        await host.HearAsync(second);
        Assert.Single((await host.SaidAsync<EquipmentReserved>()).Where(said => said.ReservationId == first.ReservationId).Distinct());
        var refused = (await host.SaidAsync<EquipmentReservationRefused>()).Where(said => said.ReservationId == second.ReservationId).ToList();
        Assert.Equal(2, refused.Count);
        Assert.Equivalent(refused[0], refused[1], strict: true);
    }

    [Fact]
    public async Task Released_frees_the_piece_once()
    {
        var (laboratory, kind) = await host.LaboratoryAsync();
        var wish = host.WishOf(kind, 10);
        await host.ReservedAsync(wish);
        await host.HearAsync(CellPoolHost.Release(wish));
        await host.HearAsync(CellPoolHost.Release(wish));
        var said = Assert.Single(await host.SaidAsync<EquipmentReservationReleased>(), said => said.ReservationId == wish.ReservationId);
        Assert.Equal((laboratory, kind, "The plan has changed."), (said.LaboratoryCode, said.EquipmentKind, said.Reason));
        await host.ReservedAsync(host.WishOf(kind, 11));
    }

    [Fact]
    public async Task Whose_release_arrives_first_holds_nothing()
    {
        var (_, kind) = await host.LaboratoryAsync();
        var wish = host.WishOf(kind, 10);
        await host.HearAsync(CellPoolHost.Release(wish));
        Assert.Equal("reservation.released", Assert.Single((await host.RefusedAsync(wish)).Reasons).Code);
        await host.ReservedAsync(host.WishOf(kind, 10));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task That_replaces_another_of_its_experiment_has_its_piece_whichever_is_heard_first(bool releaseFirst)
    {
        var (_, kind) = await host.LaboratoryAsync();
        var first = host.WishOf(kind, 10);
        await host.ReservedAsync(first);
        await host.RefusedAsync(host.WishOf(kind, 11) with { Replaces = [first.ReservationId] });
        var moved = host.WishOf(kind, 11) with { ExperimentId = first.ExperimentId, Replaces = [first.ReservationId] };
        if (releaseFirst) await host.HearAsync(CellPoolHost.Release(first));
        await host.ReservedAsync(moved);
        if (!releaseFirst) await host.HearAsync(CellPoolHost.Release(first));
        await host.RefusedAsync(host.WishOf(kind, 12));
        await host.ReservedAsync(host.WishOf(kind, 8));
    }

    [Fact]
    public async Task Of_a_withdrawn_proposal_is_released_whichever_comes_first()
    {
        var (_, kind) = await host.LaboratoryAsync(2);
        var held = host.WishOf(kind, 10);
        var late = host.WishOf(kind, 10) with { ProposalId = held.ProposalId };
        await host.ReservedAsync(held);
        await host.HearAsync(new ProposalWithdrawn { ProposalId = held.ProposalId, CallId = Guid.CreateVersion7(), Revision = 3, WithdrawnAt = host.Time.GetUtcNow(), Reason = "No sample." });
        Assert.Equal("proposal.withdrawn", Assert.Single((await host.RefusedAsync(late)).Reasons).Code);
        Assert.Single(await host.SaidAsync<EquipmentReservationReleased>(), said => said.ReservationId == held.ReservationId);
    }

    [Fact]
    public async Task Asked_by_many_at_once_is_given_to_as_many_as_there_are_pieces()
    {
        var (_, kind) = await host.LaboratoryAsync(2);
        var wishes = Enumerable.Range(0, 12).Select(number => host.WishOf(kind, 10 + (number % 2))).ToList();
        await Task.WhenAll(wishes.Select(wish => host.HearAsync(wish)));
        var ids = wishes.ConvertAll(wish => wish.ReservationId);
        Assert.Equal(2, (await host.SaidAsync<EquipmentReserved>()).Where(said => ids.Contains(said.ReservationId)).DistinctBy(said => said.ReservationId).Count());
        Assert.Equal(10, (await host.SaidAsync<EquipmentReservationRefused>()).Where(said => ids.Contains(said.ReservationId)).DistinctBy(said => said.ReservationId).Count());
    }
}

public sealed class A_laboratory(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    [Fact]
    public async Task Is_kept_by_keepers_of_its_site_only_who_say_what_is_there_and_who_may_use_it()
    {
        var (laboratory, kind) = await host.LaboratoryAsync();
        await Assert.RefusedAsync(await host.KeepAsync(CellPoolHost.OtherKeeper, laboratory, kind), HttpStatusCode.Forbidden, "cell.other-keeper");
        Assert.Equal(HttpStatusCode.Forbidden, (await host.KeepAsync(CellPoolHost.Office, laboratory, kind)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.KeepAsync(CellPoolHost.Keeper, "no-lab", kind)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.KeepAsync(CellPoolHost.Keeper, laboratory, "no-kind")).StatusCode);
        Assert.Equal("equipment.no-laboratory", Assert.Single((await host.RefusedAsync(host.WishOf(kind, 10, instrument: "elettra-mcx"))).Reasons).Code);
        (await host.KeepAsync(CellPoolHost.Keeper, laboratory, kind, 2, 0, sharedBySite: true)).EnsureSuccessStatusCode();
        Assert.Equal((host.Day(10).AddHours(-8), host.Day(12).AddHours(16)), await host.ReservedAsync(host.WishOf(kind, 10, instrument: "elettra-mcx")) is var said ? (said.HeldFrom, said.HeldTo) : default);
        Assert.Equal("equipment.no-laboratory", Assert.Single((await host.RefusedAsync(host.WishOf(kind, 10, instrument: "bnc-psd"))).Reasons).Code);
        // What the catalogue counts does not overrule the keepers.
        await host.HearAsync(CellPoolHost.Laboratory(laboratory, kind, 1, 2));
        await host.ReservedAsync(host.WishOf(kind, 10));
    }

    [Fact]
    public async Task Is_not_kept_from_bad_input()
    {
        var (laboratory, kind) = await host.LaboratoryAsync();
        Outage[] outages = [new(host.Day(3), host.Day(2), 1, "Backwards"), new(host.Day(3), null, 0, "")];
        var problems = await Assert.RefusedAsync(await host.KeepAsync(CellPoolHost.Keeper, laboratory, kind, -1, -1, outages: outages, reason: " "), HttpStatusCode.UnprocessableEntity, "equipment.invalid");
        Assert.Superset(new HashSet<string> { "count.range", "hours.range", "outage.interval" }, problems.ToHashSet());
        Assert.Equal(6, problems.Count);
        var request = new HttpRequestMessage(HttpMethod.Put, $"/api/cellpool/laboratories/{laboratory}/equipment/{kind}")
        {
            Content = JsonContent.Create(new { count = 1, leadHours = 0, beforeHours = 0, afterHours = 0, reason = "Read long ago" }),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "\"99\"");
        await Assert.RefusedAsync(await host.As(CellPoolHost.Keeper).SendAsync(request), HttpStatusCode.PreconditionFailed, "stale-write");
    }

    [Fact]
    public async Task With_a_piece_in_repair_takes_back_what_was_asked_for_last_and_lends_around_it()
    {
        var (laboratory, kind) = await host.LaboratoryAsync(2);
        ReserveEquipment[] wishes =
            [.. ((int[])[10, 10, 30]).Select((day, second) => host.WishOf(kind, day) with { ReservationId = Guid.CreateVersion7(host.Time.GetUtcNow().AddSeconds(second)) })];
        foreach (var one in wishes) await host.ReservedAsync(one);
        (await host.KeepAsync(CellPoolHost.Keeper, laboratory, kind, 2, outages: [new(host.Day(9), host.Day(20), 1, "The glove is torn")])).EnsureSuccessStatusCode();
        var ids = wishes.Select(one => one.ReservationId).ToList();
        var back = Assert.Single(await host.SaidAsync<EquipmentReservationReleased>(), said => ids.Contains(said.ReservationId));
        Assert.Equal(ids[1], back.ReservationId);
        var refused = await host.RefusedAsync(host.WishOf(kind, 10));
        Assert.Equal("equipment.busy", Assert.Single(refused.Reasons).Code);
        (await host.KeepAsync(CellPoolHost.Keeper, laboratory, kind, 0, reason: "Both were sold")).EnsureSuccessStatusCode();
        Assert.Equal(3, (await host.SaidAsync<EquipmentReservationReleased>()).Count(said => ids.Contains(said.ReservationId)));
        Assert.Equal("equipment.none", Assert.Single((await host.RefusedAsync(host.WishOf(kind, 40))).Reasons).Code);
        var calendar = await host.As(CellPoolHost.Keeper).GetFromJsonAsync<ListLaboratories.Calendar>($"/api/cellpool/laboratories/{laboratory}/calendar", Json.Strict) ?? throw new JsonException("null");
        Assert.Equal(["Both were sold", "As agreed."], calendar.Changes.Select(change => change.Reason));
        Assert.Equal(3, calendar.Holds.Count);
        Assert.All(calendar.Holds, hold => Assert.NotNull(hold.ExperimentId));
        calendar = await host.As(CellPoolHost.Proposer).GetFromJsonAsync<ListLaboratories.Calendar>($"/api/cellpool/laboratories/{laboratory}/calendar", Json.Strict) ?? throw new JsonException("null");
        Assert.Empty(calendar.Changes);
        Assert.All(calendar.Holds, hold => Assert.Null(hold.ExperimentId));
    }

    [Fact]
    public async Task That_closes_lets_go_what_it_held()
    {
        var (laboratory, kind) = await host.LaboratoryAsync();
        var wish = host.WishOf(kind, 10);
        await host.ReservedAsync(wish);
        await host.HearAsync(CellPoolHost.Laboratory(laboratory, kind, 1, 2, "planned"));
        Assert.Single(await host.SaidAsync<EquipmentReservationReleased>(), said => said.ReservationId == wish.ReservationId);
        Assert.Equal("laboratory.not-open", Assert.Single((await host.RefusedAsync(host.WishOf(kind, 10))).Reasons).Code);
    }

    [Fact]
    public async Task Learnt_in_any_order_and_twice_is_the_newest_and_shows_what_it_lacks()
    {
        await host.HearAsync(CellPoolHost.Kind("drying-oven", 2, 24));
        await host.HearAsync(CellPoolHost.Kind("drying-oven", 1, 4));
        await host.HearAsync(CellPoolHost.Kind("centrifuge"));
        foreach (var (revision, pieces) in ((int, int)[])[(2, 3), (1, 1), (2, 3)]) await host.HearAsync(CellPoolHost.Laboratory("lab-order", "drying-oven", pieces, revision, "partial"));
        var read = await host.As(CellPoolHost.Proposer).GetFromJsonAsync<List<ListLaboratories.Response>>("/api/cellpool/laboratories?site=elettra", Json.Strict) ?? throw new JsonException("null");
        var one = Assert.Single(read, one => one.Code == "lab-order");
        Assert.Equal(("drying-oven", 3, 24, false), Assert.Single(one.Equipment) is var oven ? (oven.Kind, oven.Count, oven.BeforeHours, oven.Kept) : default);
        Assert.Contains("centrifuge", one.Gap);
        Assert.DoesNotContain("drying-oven", one.Gap);
        Assert.Equal(1, await host.ReadAsync(db => db.Laboratories.CountAsync(x => x.Code == "lab-order")));
    }
}

/// <summary>Random commands of Scheduling, keepers and catalogue through the service itself: its own database decides.</summary>
public sealed class Any_sequence_of_commands_about_equipment(CellPoolHost host) : IClassFixture<CellPoolHost>
{
    private const string Instrument = "elettra-xafs";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task One_after_the_other_never_holds_more_than_there_is_and_loses_nothing(int seed)
    {
        var random = new Random(seed);
        var (laboratories, kind) = await PrepareAsync();
        var wishes = Wishes(random, kind, 25);
        HashSet<Guid> heard = [];
        var revision = 1;
        for (var step = 0; step < 70; step++)
        {
            var (laboratory, wish) = (laboratories[random.Next(laboratories.Count)], wishes[random.Next(wishes.Count)]);
            switch (random.Next(10))
            {
                case 0:
                    (await host.KeepAsync(CellPoolHost.Keeper, laboratory, kind, random.Next(4), sharedBySite: random.Next(2) == 0, outages: Outages(random))).EnsureSuccessStatusCode();
                    break;
                case 1:
                    await host.HearAsync(CellPoolHost.Laboratory(laboratory, kind, random.Next(1, 4), ++revision, random.Next(4) == 0 ? "planned" : "available"));
                    break;
                case 2 or 3:
                    await host.HearAsync(CellPoolHost.Release(wish));
                    heard.Add(wish.ReservationId);
                    break;
                default:
                    var before = await LendableAsync(laboratories, kind);
                    await host.HearAsync(wish);
                    if (!heard.Add(wish.ReservationId)) break;
                    var held = (await host.SaidAsync<EquipmentReserved>()).Exists(said => said.ReservationId == wish.ReservationId);
                    Assert.Equal(EquipmentRules.Choose(before, wish.From, wish.To, host.Time.GetUtcNow()) is not null, held);
                    break;
            }
            await NeverMoreThanThereIsAsync(laboratories, kind);
        }
        await NothingIsLostAsync(wishes, heard);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task All_at_once_never_holds_more_than_there_is_and_answers_each_alike(int seed)
    {
        var random = new Random(seed);
        var (laboratories, kind) = await PrepareAsync();
        var wishes = Wishes(random, kind, 25);
        // Keepers who were overtaken are told so, and say it again.
        List<Func<Task>> steps = [.. Enumerable.Range(0, 60).Select<int, Func<Task>>(_ =>
        {
            var (laboratory, wish, count, outages) = (laboratories[random.Next(laboratories.Count)], wishes[random.Next(wishes.Count)], random.Next(4), Outages(random));
            return random.Next(8) switch
            {
                0 => async () => Assert.Contains((await host.KeepAsync(CellPoolHost.Keeper, laboratory, kind, count, outages: outages)).StatusCode, (HttpStatusCode[])[HttpStatusCode.NoContent, HttpStatusCode.PreconditionFailed]),
                1 or 2 => () => host.HearAsync(CellPoolHost.Release(wish)),
                _ => () => host.HearAsync(wish),
            };
        })];
        // At least one is held, whichever of the others comes first.
        await host.HearAsync(wishes[0]);
        await Task.WhenAll(steps.Select(step => step()));
        await NeverMoreThanThereIsAsync(laboratories, kind);
        foreach (var wish in wishes) await host.HearAsync(wish);
        await NeverMoreThanThereIsAsync(laboratories, kind);
        await NothingIsLostAsync(wishes, [.. wishes.Select(wish => wish.ReservationId)]);
    }

    private async Task<(List<string> Laboratories, string Kind)> PrepareAsync()
    {
        var (first, kind) = await host.LaboratoryAsync(2);
        await host.HearAsync(CellPoolHost.Laboratory($"second-{first}", kind));
        return ([first, $"second-{first}"], kind);
    }

    private List<ReserveEquipment> Wishes(Random random, string kind, int count) => [.. Enumerable.Range(0, count).Select(_ => host.WishOf(kind, random.Next(12), random.Next(1, 5), Instrument))];

    private Outage[] Outages(Random random) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => host.Day(random.Next(12)))
        .Select(from => new Outage(from, random.Next(4) == 0 ? null : from.AddDays(random.Next(1, 5)), random.Next(1, 3), "Under repair."))];

    private Task<List<LendableEquipment>> LendableAsync(List<string> codes, string kind) => host.ReadAsync(async db =>
    {
        var known = await db.EquipmentKinds.SingleAsync(one => one.Code == kind);
        var held = await db.Reservations.Where(one => one.EquipmentKind == kind && one.Status == ReservationStatus.Held).ToListAsync();
        return (await db.Laboratories.Include(one => one.Equipment).Where(one => codes.Contains(one.Code)).ToListAsync()).FindAll(one => one.IsOpen).ConvertAll(laboratory =>
        {
            var equipment = laboratory.Find(kind) ?? throw new InvalidOperationException("It was told of.");
            return new LendableEquipment(laboratory.Code, true, equipment.Pieces, TimeSpan.FromHours(equipment.LeadHoursAs(known)), TimeSpan.FromHours(equipment.BeforeHoursAs(known)), TimeSpan.FromHours(equipment.AfterHours),
                [.. held.Where(one => one.LaboratoryCode == laboratory.Code).Select(one => new Busy(one.HeldFrom ?? default, one.HeldTo ?? default))], equipment.Unusable());
        });
    });

    /// <summary>Counted at every moment at which something begins, outages included; a laboratory that is not open holds nothing.</summary>
    private async Task NeverMoreThanThereIsAsync(List<string> codes, string kind)
    {
        var open = await LendableAsync(codes, kind);
        foreach (var one in open)
            foreach (var at in one.Holds.Concat(one.Outages).Select(busy => busy.From))
            {
                var (held, gone) = (Pieces(one.Holds, at), Pieces(one.Outages, at));
                Assert.True(held == 0 || held <= one.Pieces - gone, $"{one.Laboratory} holds {held} of {one.Pieces} less {gone} at {at:u}");
            }
        var closed = codes.Except(open.Select(one => one.Laboratory)).ToList();
        Assert.Equal(0, await host.ReadAsync(db => db.Reservations.CountAsync(one => one.EquipmentKind == kind && one.Status == ReservationStatus.Held && one.LaboratoryCode != null && closed.Contains(one.LaboratoryCode))));

        static int Pieces(IEnumerable<Busy> busy, DateTimeOffset at) => busy.Where(one => one.From <= at && at < one.To).Sum(one => one.Pieces);
    }

    /// <summary>Whatever was asked for has one answer, always the same; what is held was told as held and never as released, what was held and is not was told as released once.</summary>
    private async Task NothingIsLostAsync(List<ReserveEquipment> wishes, HashSet<Guid> heard)
    {
        var stored = (await host.ReadAsync(db => db.Reservations.ToListAsync())).ToDictionary(one => one.Id);
        var (reserved, released) = (await host.SaidAsync<EquipmentReserved>(), await host.SaidAsync<EquipmentReservationReleased>());
        foreach (var id in wishes.Select(wish => wish.ReservationId).Where(heard.Contains))
        {
            var (one, told, back) = (stored[id], reserved.FindAll(said => said.ReservationId == id), released.FindAll(said => said.ReservationId == id));
            Assert.True(told.Distinct().Count() <= 1, $"{id} was told as held in {told.Distinct().Count()} ways");
            Assert.Equal(one.Status == ReservationStatus.Held, told.Count > 0 && back.Count == 0);
            Assert.Equal(one.Status == ReservationStatus.Released && told.Count > 0 ? 1 : 0, back.Count);
        }
        // Which of several is taken back is not in the seed, so that at the end nothing may be held; but something was.
        Assert.Contains(reserved, said => wishes.Exists(wish => wish.ReservationId == said.ReservationId));
    }
}
