using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Planning;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>Planners read a plan; staff see the lines of their own site.</summary>
public static class ReadPlan
{
    private const int MostEntries = 20_000;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/plans/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, HttpResponse http, CancellationToken cancel)
    {
        var plan = await db.Plans.AsNoTracking().Include(x => x.History).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (plan is null) return TypedResults.NotFound();
        var lines = await db.Set<PlanEntry>().AsNoTracking().Where(x => x.PlanId == id).SeenBy(person, db).OrderBy(x => x.From).ThenBy(x => x.ExperimentId).Take(MostEntries)
            .Select(x => new { Entry = x, Title = db.Proposals.Where(proposal => proposal.Id == x.ProposalId).Select(proposal => proposal.Title).FirstOrDefault() }).ToListAsync(cancel);
        var reservations = (await db.Reservations.AsNoTracking().Where(x => x.PlanId == plan.Lineage).Select(x => new Reserved(x.Id, x.Kind, x.Wanted, x.Status, x.HeldCode)).ToListAsync(cancel)).ToDictionary(x => x.Id);
        http.TellVersion(plan.Version);
        // The versions say by whom and why to those whose experiments were changed.
        var told = Author.Of(person);
        return TypedResults.Ok(new Response
        {
            Id = plan.Id, CallId = plan.CallId, Status = plan.Status, Stale = await plan.IsStaleAsync(db, cancel), Rounds = plan.Round, SolverStatus = plan.SolverStatus,
            Objective = plan.Objective, Bound = plan.Bound, Layers = plan.Layers, FailureCode = plan.FailureCode, FailureText = plan.FailureText, RequestedAt = plan.RequestedAt, PublishedAt = plan.PublishedAt,
            Version = plan.Head, LiveVersion = plan.LiveVersion, FrozenUntil = plan.FrozenUntil, AnswerBy = plan.AnswerBy, Silence = plan.Silence, CopyOf = plan.CopyOf, CopyName = plan.CopyName,
            Placements = [.. lines.Where(line => line.Entry.IsPlaced).Select(line => Placed(line.Entry, line.Title ?? "", [.. line.Entry.Reservations.Select(one => reservations.GetValueOrDefault(one)).OfType<Reserved>()]))],
            Unplaced = [.. lines.Where(line => !line.Entry.IsPlaced).Select(line => new Unplaced(line.Entry.ExperimentId, line.Entry.ProposalId, line.Title ?? "", line.Entry.InstrumentCode, line.Entry.Reasons))],
            History = [.. plan.History.OrderBy(change => change.Id).Select(change => told.To(change.By, []) ? new Change(change.From, change.To, change.At, change.By, change.Reason) : new Change(change.From, change.To, change.At, null, null))],
        });
    }

    private static Placement Placed(PlanEntry entry, string title, List<Reserved> reserved)
    {
        var cell = reserved.Find(one => one.Kind == ReservationKind.Cell);
        return new Placement(entry.ExperimentId, entry.ProposalId, title, entry.InstrumentCode, entry.From ?? default, entry.To ?? default, entry.Shifts, entry.CellDesignCode, cell?.Status, cell?.HeldCode,
            [.. entry.Equipment.Select(kind => reserved.Find(one => one.Kind == ReservationKind.Equipment && one.Wanted == kind) is { } one ? new EquipmentPlaced(kind, one.Status, one.HeldCode) : new EquipmentPlaced(kind, null, null))],
            entry.Locked, entry.Forced, entry.Answer);
    }

    private sealed record Reserved(Guid Id, ReservationKind Kind, string Wanted, ReservationStatus Status, string? HeldCode);

    /// <summary>A plan.</summary>
    public sealed record Response
    {
        /// <summary>Id.</summary>
        public required Guid Id { get; init; }

        /// <summary>The call.</summary>
        public required Guid CallId { get; init; }

        /// <summary>How far it has come.</summary>
        public required CallPlanStatus Status { get; init; }

        /// <summary>Whether it is ready but no longer fits the world.</summary>
        public required bool Stale { get; init; }

        /// <summary>How often the planner has solved it.</summary>
        public required int Rounds { get; init; }

        /// <summary>optimal or feasible.</summary>
        public required string? SolverStatus { get; init; }

        /// <summary>What the placed experiments are worth.</summary>
        public required long? Objective { get; init; }

        /// <summary>No plan of the latest round from which the other layers take no less is worth more.</summary>
        public required long? Bound { get; init; }

        /// <summary>
        /// What the planner went by in the latest round: science (what the placed experiments are worth), guarantee (shifts by which partners stay below their minimum), preference (blocks that begin
        /// outside preferred times) and setUp (changes of mode), each with amount, weight and value; empty: the placements were changed since.
        /// </summary>
        public required IReadOnlyList<PlanLayer> Layers { get; init; }

        /// <summary>Why it failed: a stable code.</summary>
        public required string? FailureCode { get; init; }

        /// <summary>The same in words.</summary>
        public required string? FailureText { get; init; }

        /// <summary>When it was asked for.</summary>
        public required DateTimeOffset RequestedAt { get; init; }

        /// <summary>When it was published.</summary>
        public required DateTimeOffset? PublishedAt { get; init; }

        /// <summary>Number of the latest version.</summary>
        public required int Version { get; init; }

        /// <summary>The version that the teams were promised; where it is not the latest, changes wait to be published.</summary>
        public required int? LiveVersion { get; init; }

        /// <summary>What begins earlier moves only by force.</summary>
        public required DateTimeOffset? FrozenUntil { get; init; }

        /// <summary>Until when the teams answer.</summary>
        public required DateTimeOffset? AnswerBy { get; init; }

        /// <summary>What no answer means.</summary>
        public required SilencePolicy Silence { get; init; }

        /// <summary>The plan that this is a copy of.</summary>
        public required Guid? CopyOf { get; init; }

        /// <summary>What the copy is called.</summary>
        public required string? CopyName { get; init; }

        /// <summary>Who has which shifts, which cell and which equipment.</summary>
        public required IReadOnlyList<Placement> Placements { get; init; }

        /// <summary>Who has none, and why.</summary>
        public required IReadOnlyList<Unplaced> Unplaced { get; init; }

        /// <summary>Every status it had.</summary>
        public required IReadOnlyList<Change> History { get; init; }
    }

    /// <summary>An experiment's place: in UTC, and shift by shift as the site calls it.</summary>
    public sealed record Placement(
        Guid ExperimentId, Guid ProposalId, string ProposalTitle, string InstrumentCode, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<PlacedShift> Shifts,
        string? CellDesignCode, ReservationStatus? CellStatus, string? CellCode, IReadOnlyList<EquipmentPlaced> Equipment, bool Locked, string? Forced, TeamAnswer Answer);

    /// <summary>Equipment that a placed experiment needs, and the laboratory that holds it.</summary>
    public sealed record EquipmentPlaced(string Kind, ReservationStatus? Status, string? LaboratoryCode);

    /// <summary>An experiment without a place.</summary>
    public sealed record Unplaced(Guid ExperimentId, Guid ProposalId, string ProposalTitle, string InstrumentCode, IReadOnlyList<PlanRefusal> Reasons);

    /// <summary>A change of status.</summary>
    public sealed record Change(CallPlanStatus From, CallPlanStatus To, DateTimeOffset At, Guid? By, string? Reason);
}
