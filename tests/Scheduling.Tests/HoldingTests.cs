using System.Net;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Holding;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class The_saga_of_cells_and_equipment(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Ends_with_what_is_published_held_and_nothing_else_however_late_double_and_shuffled_the_pool_answers(int seed)
    {
        var random = new Random(seed);
        var call = Guid.CreateVersion7();
        string[] codes = [await host.InstrumentAsync(), await host.InstrumentAsync()];
        for (var n = 0; n < 4; n++) await host.AcceptAsync(call, Experiment(codes[n % 2], 2, "pouch", random.Next(3) > 0) with { Equipment = ["glove-box"] }, Experiment(codes[(n + 1) % 2], 1, "pouch", false));
        var plan = await host.PlanAsync(call);
        HashSet<Guid> known = [];
        List<object> late = [];
        for (var step = 0; step < 200 && (await host.ReadPlanAsync(plan)).Status != CallPlanStatus.Ready; step++)
        {
            foreach (var one in (await AskedAsync(plan)).Where(one => known.Add(one.Id)))
            {
                var refuses = random.Next(4) == 0;
                var answer = refuses ? one.Refused(random.Next(2) == 0 ? [] : [new FreeInterval { From = one.From.AddHours(8 * random.Next(1, 6)) }]) : one.Reserved;
                late.Add(answer);
                if (random.Next(3) == 0) late.Add(answer);
                // The pool contradicts itself: what it holds it takes back, what it refused it holds.
                if (random.Next(8) == 0) late.Add(refuses ? one.Reserved : one.Refused([]));
            }
            for (var left = random.Next(1, 4); left > 0 && late.Count > 0; left--)
            {
                var next = late[random.Next(late.Count)];
                late.Remove(next);
                await host.HearAsync(next);
            }
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        // Whatever is still open after so many steps is answered without surprises.
        await host.UntilAsync(async db =>
        {
            if ((await db.Plans.AsNoTracking().SingleAsync(x => x.Id == plan)).Status == CallPlanStatus.Ready) return true;
            foreach (var rest in late) await host.HearAsync(rest);
            late.Clear();
            foreach (var one in (await AskedAsync(plan)).Where(one => known.Add(one.Id))) await host.HearAsync(one.Reserved);
            return false;
        }, $"plan {plan} is ready");
        foreach (var rest in late) await host.HearAsync(rest);
        var published = await host.PublishAsync(plan);
        if (published.StatusCode != HttpStatusCode.NoContent)
        {
            // Something was taken back after everything was held.
            await Assert.RefusedAsync(published, HttpStatusCode.Conflict, "plan.stale");
            Assert.Equal(HttpStatusCode.NoContent, (await host.DropAsync(plan)).StatusCode);
        }
        var read = await host.ReadPlanAsync(plan);
        Assert.InRange(read.Rounds, 1, 4);
        var reservations = await host.ReadAsync(db => db.Reservations.AsNoTracking().Where(x => x.PlanId == plan).ToListAsync());
        var released = (await host.SaidAsync<ReleaseCell>()).Select(one => one.ReservationId).Concat((await host.SaidAsync<ReleaseEquipment>()).Select(one => one.ReservationId)).ToHashSet();
        Assert.DoesNotContain(reservations, one => one.Status == ReservationStatus.Asked);
        var placed = read.Status == CallPlanStatus.Published ? read.Placements : [];
        Assert.All(placed, place => Assert.Equal(ReservationStatus.Held, place.CellStatus));
        Assert.All(placed.SelectMany(place => place.Equipment), piece => Assert.Equal(ReservationStatus.Held, piece.Status));
        Assert.Equal(placed.Sum(place => 1 + place.Equipment.Count), reservations.Count(one => one.Status == ReservationStatus.Held));
        // Whatever the pool said it holds and nobody was promised was let go.
        foreach (var one in reservations.Where(one => one.Status == ReservationStatus.Released)) Assert.Contains(one.Id, released);
        Assert.All(read.Unplaced, line => Assert.NotEmpty(line.Reasons));
    }

    private async Task<List<Ask>> AskedAsync(Guid plan) =>
    [
        .. (await host.SaidAsync<ReserveCell>()).Where(one => one.PlanId == plan).Select(one => new Ask(one.ReservationId, one.From, Reserved(one), next => Refused(one, next))),
        .. (await host.SaidAsync<ReserveEquipment>()).Where(one => one.PlanId == plan).Select(one => new Ask(one.ReservationId, one.From, Reserved(one), next => Refused(one, next))),
    ];

    private sealed record Ask(Guid Id, DateTimeOffset From, object Reserved, Func<FreeInterval[], object> Refused);
}
