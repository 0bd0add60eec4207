using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Repairing;

/// <summary>
/// Somebody reports what comes between a plan and its measurement: lost beam and a broken instrument by the staff of its site, a cancellation by the team, a cell by its keepers and by staff of the site
/// where it was to be used. What is hit is marked, no plan places anything into lost time any more, and for every published plan that is hit the planner makes options, as copies side by side.
/// </summary>
public static class ReportDisturbance
{
    private static readonly TimeSpan longest = TimeSpan.FromDays(366);

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/disturbances", Handle);

    internal static async Task<Results<Created<Response>, NotFound>> Handle(Request request, [AsParameters] Desk desk)
    {
        var (db, now) = (desk.Db, desk.Time.GetUtcNow());
        ChangePlan.RequireReason(request.Reason);
        var problems = Check(request);
        if (problems.Count > 0) throw RuleViolation.Invalid("disturbance.invalid", "The report makes no sense.", problems);
        var instrument = request.InstrumentCode is { } code ? await db.Instruments.SingleOrDefaultAsync(x => x.Code == code, desk.Cancel) : null;
        if (request.InstrumentCode is not null && instrument is null) return TypedResults.NotFound();
        if (request.Id is { } known && await db.Disturbances.AsNoTracking().SingleOrDefaultAsync(x => x.Id == known, desk.Cancel) is { } before) return Again(before, desk.Person.Id, request);
        // What is hit, and the options, are of one moment: a report is there with them, or not at all.
        await using var transaction = await db.Database.BeginTransactionAsync(desk.Cancel);
        var hit = await HitAsync(request, db, desk.Cancel);
        if (request.Kind == DisturbanceKind.TeamCancels)
        {
            if (!await db.Experiments.Where(x => x.Id == request.ExperimentId).SeenBy(desk.Person, db).AnyAsync(desk.Cancel)) return TypedResults.NotFound();
            if (hit.Count == 0) throw new RuleViolation("experiment.not-scheduled", "The experiment has no published shifts that are still to come.");
        }
        else if (request.Kind != DisturbanceKind.CellWithdrawn || !await IsKeptAsync(desk, request.CellCode ?? "")) await RequireSiteAsync(desk, instrument?.SiteCode, hit);

        var disturbance = new Disturbance
        {
            Id = request.Id ?? Guid.CreateVersion7(now), Kind = request.Kind, InstrumentCode = request.Kind is DisturbanceKind.TeamCancels or DisturbanceKind.CellWithdrawn ? null : instrument?.Code, SiteCode = instrument?.SiteCode,
            From = request.From ?? now, To = request.To ?? now + longest, CellCode = request.CellCode, Hit = hit.Select(one => one.Id).ToHashSet(), Reason = request.Reason, By = desk.Person.Id, At = now,
        };
        db.Add(disturbance);
        if (disturbance.InstrumentCode is { } lost)
        {
            // Plans that were made with this time have become stale.
            if (await db.Calendars.SingleOrDefaultAsync(x => x.InstrumentCode == lost, desk.Cancel) is { } calendar) calendar.Book();
            db.Publish(new BeamLost
            {
                DisturbanceId = disturbance.Id, InstrumentCode = lost, From = disturbance.From, To = disturbance.To, Experiments = [.. disturbance.Hit.Order()],
                ShiftsLost = hit.Sum(one => one.PlacedShifts.Count(shift => disturbance.Takes(lost, shift.Start, shift.End))), Reason = request.Reason, ReportedAt = now,
            }, desk.Time);
        }
        if (request.Kind == DisturbanceKind.CellWithdrawn) await WithdrawCellsAsync(desk, disturbance);
        try
        {
            await db.SaveChangesAsync(desk.Cancel);
        }
        catch (DbUpdateException) when (request.Id is not null)
        {
            // The same report, sent twice at once.
            await transaction.RollbackAsync(desk.Cancel);
            db.ChangeTracker.Clear();
            if (await db.Disturbances.AsNoTracking().SingleOrDefaultAsync(x => x.Id == request.Id, desk.Cancel) is { } other) return Again(other, desk.Person.Id, request);
            throw;
        }
        // The options are made from what is written now.
        foreach (var plan in hit.Where(one => one.Status == ExperimentStatus.Scheduled).Select(one => one.PlanId).OfType<Guid>().Distinct().Order())
            await AddOptionsAsync(desk, disturbance, plan);
        await db.SaveChangesAsync(desk.Cancel);
        await transaction.CommitAsync(desk.Cancel);
        return TypedResults.Created($"/api/scheduling/disturbances/{disturbance.Id}", new Response(disturbance.Id, disturbance.Hit.Count));
    }

    /// <summary>Whether who reports keeps the cell: those of its home, or of the whole pool; of a cell that the pool has not told of, the latter.</summary>
    private static async Task<bool> IsKeptAsync(Desk desk, string code) => desk.Person.Holds(Roles.CellKeeper, Roles.WholePool)
        || (await desk.Db.Cells.AsNoTracking().SingleOrDefaultAsync(x => x.Code == code, desk.Cancel) is { } cell && desk.Person.Holds(Roles.CellKeeper, cell.HomeSite));

    private static Created<Response> Again(Disturbance known, Guid by, Request request)
    {
        if (known.By != by) throw new RuleViolation("disturbance.id-taken", "Somebody else has reported something under this id.");
        // Where a report names no time, or an instrument beside a cell, it was given or left away.
        if (known.Kind != request.Kind || known.Reason != request.Reason || known.CellCode != request.CellCode || (known.InstrumentCode is { } code && code != request.InstrumentCode)
            || IsOther(request.From, known.From) || IsOther(request.To, known.To) || (request.ExperimentId is { } hit && !known.Hit.Contains(hit)))
            throw new RuleViolation("disturbance.id-taken", "Something else was reported under this id: a new report needs a new one.");
        return TypedResults.Created($"/api/scheduling/disturbances/{known.Id}", new Response(known.Id, known.Hit.Count));

        // Databases keep microseconds.
        static bool IsOther(DateTimeOffset? told, DateTimeOffset kept) => told is { } time && (time - kept).Duration() > TimeSpan.FromMilliseconds(1);
    }

    /// <summary>The pool gets the cell back, and no plan counts on it where it was promised.</summary>
    private static async Task WithdrawCellsAsync(Desk desk, Disturbance disturbance)
    {
        var (db, now) = (desk.Db, desk.Time.GetUtcNow());
        var hit = disturbance.Hit.ToList();
        foreach (var experiment in await db.Experiments.Include(x => x.History).Where(x => hit.Contains(x.Id) && x.Status == ExperimentStatus.Scheduled).ToListAsync(desk.Cancel))
        {
            experiment.Lose(new Need(ReservationKind.Cell, experiment.CellDesignCode ?? ""), disturbance.Reason, Guid.CreateVersion7(now), now);
            var promised = experiment.Reservations.ToList();
            if (await db.Reservations.SingleOrDefaultAsync(x => promised.Contains(x.Id) && x.Kind == ReservationKind.Cell, desk.Cancel) is not { IsLive: true } held) continue;
            held.Refuse([Reasons.Of(Reasons.CellWithdrawn) with { Text = disturbance.Reason }], [new FreeInterval { From = held.To > disturbance.To ? held.To : disturbance.To }]);
            db.Publish(held.Release(disturbance.Reason), desk.Time);
        }
    }

    /// <summary>The three options of a plan, each a copy that the planner takes up at once.</summary>
    internal static Task AddOptionsAsync(Desk desk, Disturbance disturbance, Guid planId) => AddOptionsAsync(desk.Db, disturbance, planId, desk.Person.Id, desk.Time.GetUtcNow(), desk.Cancel);

    /// <summary>The same for somebody, or for the cell pool.</summary>
    internal static async Task AddOptionsAsync(SchedulingDb db, Disturbance disturbance, Guid planId, Guid? by, DateTimeOffset now, CancellationToken cancel)
    {
        var plan = await db.Plans.AsNoTracking().Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == planId, cancel);
        if (plan is not { TakesRemarks: true }) return;
        var snapshot = await PlanSnapshot.LoadAsync(db, plan, cancel, pool: false);
        var hit = plan.Entries.Where(entry => entry.IsPlaced && disturbance.Hit.Contains(entry.ExperimentId) && entry.To > now).Select(entry => entry.ExperimentId).ToHashSet();
        if (hit.Count == 0) return;
        var why = Reasons.Of(disturbance.Kind switch
        {
            DisturbanceKind.TeamCancels => Reasons.TeamCancelled,
            DisturbanceKind.CellWithdrawn => Reasons.CellWithdrawn,
            DisturbanceKind.EquipmentWithdrawn => Reasons.EquipmentWithdrawn,
            DisturbanceKind.BeamLost or DisturbanceKind.InstrumentDown or DisturbanceKind.UrgentAccess => Reasons.BeamLost,
        });
        var forbids = await db.Standing(planId).AsNoTracking().ToListAsync(cancel);
        foreach (var mode in Enum.GetValues<RepairMode>())
        {
            var task = new RepairTask { Mode = mode, Hit = hit, KeepsHitOut = disturbance.Kind == DisturbanceKind.TeamCancels || mode == RepairMode.ReserveOnly };
            var option = plan.RepairOption(Guid.CreateVersion7(now), task, disturbance.Id, $"{disturbance.Kind.Word()}, {mode.Word()}, {disturbance.Id}", why with { Text = $"{why.Text} {disturbance.Reason}" }, snapshot.Inputs, snapshot.Begun, by, now);
            db.Add(option);
            db.Add(option.Record(PlanVersionKind.Copy, by, disturbance.Reason, now, plan.Head));
            foreach (var forbid in forbids) db.Add(forbid.CopyTo(option.Id, Guid.CreateVersion7(now)));
        }
    }

    private static async Task<List<Experiment>> HitAsync(Request request, SchedulingDb db, CancellationToken cancel)
    {
        var (from, to) = (request.From ?? DateTimeOffset.MinValue, request.To ?? DateTimeOffset.MaxValue);
        var promised = db.Experiments.AsNoTracking().Where(x => (x.Status == ExperimentStatus.Scheduled || x.Status == ExperimentStatus.Running)
            && (request.ExperimentId == null || x.Id == request.ExperimentId)
            // What the pool has taken back already was promised all the same.
            && (request.CellCode == null || x.CellCode == request.CellCode || (x.CellCode == null && x.CellDesignCode != null && x.History.Any(line => line.CellCode == request.CellCode))));
        if (request.Kind is DisturbanceKind.TeamCancels) return await promised.Where(x => x.Status == ExperimentStatus.Scheduled).ToListAsync(cancel);
        if (request.Kind is DisturbanceKind.CellWithdrawn) return await promised.Where(x => x.From < to && x.To > from).ToListAsync(cancel);
        var there = await promised.Where(x => x.InstrumentCode == request.InstrumentCode && x.From < to && x.To > from).ToListAsync(cancel);
        return there.FindAll(one => one.PlacedShifts.Any(shift => shift.Start < to && from < shift.End));
    }

    internal static async Task RequireSiteAsync(Desk desk, string? site, List<Experiment> hit)
    {
        var codes = hit.ConvertAll(one => one.InstrumentCode);
        var sites = site is not null ? [site] : await desk.Db.Instruments.Where(x => codes.Contains(x.Code)).Select(x => x.SiteCode ?? ChangePlan.NoSite).Distinct().ToListAsync(desk.Cancel);
        if (!desk.Person.Holds(Roles.UserOffice) && (sites.Count == 0 || !sites.TrueForAll(one => ChangePlan.MayDecide(desk.Person, one))))
            throw RuleViolation.Forbidden("plan.other-site", "Only its own staff and the user office report what happens at a site.");
    }

    private static List<Problem> Check(Request request)
    {
        List<Problem> problems = [];
        if (request.Kind is DisturbanceKind.EquipmentWithdrawn) return [new("kind", "disturbance.equipment", "The keepers of the laboratory say in the cell pool what cannot be used, and when: it knows for whom that was held.")];
        var timed = request.Kind is not DisturbanceKind.TeamCancels;
        if (timed && (request.From is not { } from || request.To is not { } to || from >= to || to - from > longest || !RunCalendar.IsPlausible(from.UtcDateTime) || !RunCalendar.IsPlausible(to.UtcDateTime)))
            problems.Add(new("to", "disturbance.interval", $"From when until when, at most {longest.TotalDays} days."));
        if (request.Kind is DisturbanceKind.BeamLost or DisturbanceKind.InstrumentDown or DisturbanceKind.UrgentAccess && request.InstrumentCode is null)
            problems.Add(new("instrumentCode", "disturbance.instrument", "Name the instrument."));
        if (request.Kind is DisturbanceKind.TeamCancels && request.ExperimentId is null) problems.Add(new("experimentId", "disturbance.experiment", "Name the experiment."));
        if (request.Kind is DisturbanceKind.CellWithdrawn && request.InstrumentCode is not null) problems.Add(new("instrumentCode", "disturbance.no-instrument", "A cell is withdrawn wherever it is."));
        // What does not belong to the kind would narrow down what is hit, or whose it is, without a word.
        if (request.Kind is DisturbanceKind.TeamCancels && request.InstrumentCode is not null) problems.Add(new("instrumentCode", "disturbance.no-instrument", "A team cancels an experiment, wherever that is."));
        if (request.Kind is not DisturbanceKind.TeamCancels && request.ExperimentId is not null) problems.Add(new("experimentId", "disturbance.no-experiment", "Only a team that cancels names an experiment; else all that is hit is found."));
        if (request.Kind is not DisturbanceKind.CellWithdrawn && request.CellCode is not null) problems.Add(new("cellCode", "disturbance.no-cell", "Only a cell that is withdrawn is named."));
        if (!timed && (request.From ?? request.To) is not null) problems.Add(new("from", "disturbance.no-interval", "A team cancels what is still to come."));
        if (request.Kind is DisturbanceKind.CellWithdrawn && string.IsNullOrWhiteSpace(request.CellCode)) problems.Add(new("cellCode", "disturbance.cell", "Name the cell."));
        return problems;
    }

    /// <summary>What happened.</summary>
    public sealed record Request
    {
        /// <summary>Id of the report, made by who reports: sent again, it is the same report; null: a new one each time.</summary>
        public Guid? Id { get; init; }

        /// <summary>What kind of thing.</summary>
        public required DisturbanceKind Kind { get; init; }

        /// <summary>The instrument; for lost beam, a broken instrument and urgent access.</summary>
        public string? InstrumentCode { get; init; }

        /// <summary>From when; not for a team that cancels.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Until when.</summary>
        public DateTimeOffset? To { get; init; }

        /// <summary>The experiment that is cancelled.</summary>
        public Guid? ExperimentId { get; init; }

        /// <summary>The cell that cannot be used.</summary>
        public string? CellCode { get; init; }

        /// <summary>In words.</summary>
        public required string Reason { get; init; }
    }

    /// <summary>The report, and how many experiments were hit.</summary>
    public sealed record Response(Guid Id, int Hit);
}
