using Tutti.CellPool.Lending;
using Tutti.Contracts.CellPool;

namespace Tutti.CellPool;

/// <summary>What became of a reservation.</summary>
public enum ReservationStatus
{
    /// <summary>A cell or a piece of equipment is held.</summary>
    Held,

    /// <summary>Nothing could be held.</summary>
    Refused,

    /// <summary>Nothing is held any more, or was released before it was asked for.</summary>
    Released,
}

/// <summary>What Scheduling has asked for under one id, and what was answered; asked again, it answers the same.</summary>
public sealed class Reservation
{
    private Reservation()
    {
    }

    /// <summary>Id, made by Scheduling.</summary>
    public Guid Id { get; private set; }

    /// <summary>The proposal; null: released before it was asked for.</summary>
    public Guid? ProposalId { get; private set; }

    /// <summary>The experiment.</summary>
    public Guid ExperimentId { get; private set; }

    /// <summary>Where it is to be used.</summary>
    public string InstrumentCode { get; private set; } = "";

    /// <summary>What became of it.</summary>
    public ReservationStatus Status { get; private set; }

    /// <summary>The cell that is or was held.</summary>
    public Guid? CellId { get; private set; }

    /// <summary>Its code.</summary>
    public string CellCode { get; private set; } = "";

    /// <summary>The laboratory of which a piece of equipment is or was held; null: it was a cell, or nothing.</summary>
    public string? LaboratoryCode { get; private set; }

    /// <summary>The kind of equipment that was asked for; null: a cell was.</summary>
    public string? EquipmentKind { get; private set; }

    /// <summary>From when, shipping and preparation included.</summary>
    public DateTimeOffset? HeldFrom { get; private set; }

    /// <summary>Until when, return and cleaning included.</summary>
    public DateTimeOffset? HeldTo { get; private set; }

    /// <summary>Why nothing is held.</summary>
    public IReadOnlyList<ReservationRefusal> Reasons { get; private set; } = [];

    /// <summary>When an experiment of the same length could have what it needs, as it was when it was asked for.</summary>
    public IReadOnlyList<FreeInterval> NextFree { get; private set; } = [];

    /// <summary>Everything that happened to it.</summary>
    public List<ReservationChange> History { get; private set; } = [];

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>A cell is held.</summary>
    public static Reservation Hold(Wish asked, Cell cell, DateTimeOffset from, DateTimeOffset to, Guid changeId, DateTimeOffset now)
    {
        var reservation = Asked(asked);
        (reservation.CellId, reservation.CellCode, reservation.HeldFrom, reservation.HeldTo) = (cell.Id, cell.Code, from, to);
        reservation.Move(ReservationStatus.Held, ReservationCause.Reserve, null, $"For the shifts from {asked.From:O} to {asked.To:O}.", changeId, now);
        cell.CountLoan();
        return reservation;
    }

    /// <summary>A piece of equipment is held.</summary>
    public static Reservation Hold(Wish asked, Equipment equipment, DateTimeOffset from, DateTimeOffset to, Guid changeId, DateTimeOffset now)
    {
        var reservation = Asked(asked);
        (reservation.LaboratoryCode, reservation.HeldFrom, reservation.HeldTo) = (equipment.LaboratoryCode, from, to);
        reservation.Move(ReservationStatus.Held, ReservationCause.Reserve, null, $"For the shifts from {asked.From:O} to {asked.To:O}.", changeId, now);
        equipment.CountLoan();
        return reservation;
    }

    /// <summary>Nothing can be held.</summary>
    public static Reservation Refuse(Wish asked, IReadOnlyList<ReservationRefusal> reasons, IReadOnlyList<FreeInterval> nextFree, Guid changeId, DateTimeOffset now)
    {
        var reservation = Asked(asked);
        (reservation.Reasons, reservation.NextFree) = (reasons, nextFree);
        reservation.Move(ReservationStatus.Refused, ReservationCause.Reserve, null, string.Join(", ", reasons.Select(reason => reason.Code).Distinct()), changeId, now);
        return reservation;
    }

    /// <summary>The release has arrived before what it releases.</summary>
    public static Reservation ReleaseBeforehand(Guid id, Guid experiment, string? equipmentKind, string reason, Guid changeId, DateTimeOffset now)
    {
        var reservation = new Reservation { Id = id, ExperimentId = experiment, EquipmentKind = equipmentKind, Reasons = [Gone(reason)] };
        reservation.Move(ReservationStatus.Released, ReservationCause.Release, null, reason, changeId, now);
        return reservation;
    }

    /// <summary>Lets go what it holds; tells whether it held anything.</summary>
    public bool Release(ReservationCause cause, Guid? by, string reason, Guid changeId, DateTimeOffset now)
    {
        if (Status == ReservationStatus.Released) return false;
        var held = Status == ReservationStatus.Held;
        if (Reasons.Count == 0) Reasons = [Gone(reason)];
        Move(ReservationStatus.Released, cause, by, reason, changeId, now);
        return held;
    }

    /// <summary>The release, as told to Scheduling.</summary>
    public object Released(string reason) => (CellId, LaboratoryCode, EquipmentKind) switch
    {
        ({ } cell, _, _) => new CellReservationReleased { ReservationId = Id, ExperimentId = ExperimentId, CellId = cell, Reason = reason },
        (null, { } laboratory, { } kind) => new EquipmentReservationReleased { ReservationId = Id, ExperimentId = ExperimentId, LaboratoryCode = laboratory, EquipmentKind = kind, Reason = reason },
        _ => throw new InvalidOperationException("Nothing was held."),
    };

    /// <summary>The answer, as told to Scheduling.</summary>
    public object Answer() => this switch
    {
        { Status: ReservationStatus.Held, CellId: { } cell, HeldFrom: { } from, HeldTo: { } to } =>
            new CellReserved { ReservationId = Id, ExperimentId = ExperimentId, CellId = cell, CellCode = CellCode, HeldFrom = from, HeldTo = to },
        { Status: ReservationStatus.Held, LaboratoryCode: { } laboratory, EquipmentKind: { } kind, HeldFrom: { } from, HeldTo: { } to } =>
            new EquipmentReserved { ReservationId = Id, ExperimentId = ExperimentId, LaboratoryCode = laboratory, EquipmentKind = kind, HeldFrom = from, HeldTo = to },
        { EquipmentKind: null } => new CellReservationRefused { ReservationId = Id, ExperimentId = ExperimentId, Reasons = Reasons, NextFree = NextFree },
        _ => new EquipmentReservationRefused { ReservationId = Id, ExperimentId = ExperimentId, Reasons = Reasons, NextFree = NextFree },
    };

    private static ReservationRefusal Gone(string reason) => new() { Code = "reservation.released", Text = $"It was released: {reason}" };

    private static Reservation Asked(Wish asked) =>
        new() { Id = asked.ReservationId, ProposalId = asked.ProposalId, ExperimentId = asked.ExperimentId, InstrumentCode = asked.InstrumentCode, EquipmentKind = asked.EquipmentKind };

    private void Move(ReservationStatus to, ReservationCause cause, Guid? by, string reason, Guid changeId, DateTimeOffset now)
    {
        History.Add(new ReservationChange { Id = changeId, ReservationId = Id, To = to, At = now, Cause = cause, By = by, Reason = reason });
        Status = to;
    }
}

/// <summary>What moved a reservation.</summary>
public enum ReservationCause
{
    /// <summary>Scheduling asked for it.</summary>
    Reserve,

    /// <summary>Scheduling let it go.</summary>
    Release,

    /// <summary>The team has withdrawn its proposal.</summary>
    ProposalWithdrawn,

    /// <summary>A keeper has retired the cell.</summary>
    CellRetired,

    /// <summary>The laboratory has fewer pieces than were held.</summary>
    EquipmentTakenBack,
}

/// <summary>One line of a reservation's history; never changed.</summary>
public sealed class ReservationChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The reservation.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>What became of it.</summary>
    public required ReservationStatus To { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>By what.</summary>
    public required ReservationCause Cause { get; init; }

    /// <summary>By whom; null: it followed from a message.</summary>
    public Guid? By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}

/// <summary>What the pool knows of a proposal: whether it was withdrawn. Reserving and withdrawing both write this row, so neither misses the other.</summary>
public sealed class ProposalLoans
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>When it was withdrawn.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>How many reservations were asked for it.</summary>
    public int Asked { get; set; }

    /// <summary>Counts changes; of two writers at once the slower is tried again.</summary>
    public int Version { get; private set; }
}
