using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using static Tutti.Scheduling.Holding.ReservationStatus;

namespace Tutti.Scheduling.Holding;

/// <summary>How far a reservation has come.</summary>
public enum ReservationStatus
{
    /// <summary>The pool has not answered.</summary>
    Asked,

    /// <summary>The pool holds a cell.</summary>
    Held,

    /// <summary>The pool has none, or took it back.</summary>
    Refused,

    /// <summary>Not wanted any more.</summary>
    Released,
}

/// <summary>
/// One cell asked of the pool for one experiment at one time. Answers may come late, twice and in any order:
/// <code>
/// Asked ──CellReserved──► Held ──release──► Released     a cell told to Refused or Released is let go again
///   └───CellReservationRefused───► Refused
/// </code>
/// </summary>
public sealed class Reservation
{
    private Reservation()
    {
    }

    /// <summary>Id, made once per attempt and experiment.</summary>
    public Guid Id { get; private set; }

    /// <summary>The plan.</summary>
    public Guid PlanId { get; private set; }

    /// <summary>The proposal.</summary>
    public Guid ProposalId { get; private set; }

    /// <summary>The experiment.</summary>
    public Guid ExperimentId { get; private set; }

    /// <summary>The instrument.</summary>
    public string InstrumentCode { get; private set; } = "";

    /// <summary>Design of the cell.</summary>
    public string CellDesignCode { get; private set; } = "";

    /// <summary>Round of the plan in which it was asked for.</summary>
    public int Round { get; private set; }

    /// <summary>Start of the first shift.</summary>
    public DateTimeOffset From { get; private set; }

    /// <summary>End of the last shift.</summary>
    public DateTimeOffset To { get; private set; }

    /// <summary>How far it has come.</summary>
    public ReservationStatus Status { get; private set; }

    /// <summary>The cell that is held.</summary>
    public string? CellCode { get; private set; }

    /// <summary>Why there is none.</summary>
    public IReadOnlyList<PlanRefusal> Reasons { get; private set; } = [];

    /// <summary>When there could be one; empty: never.</summary>
    public IReadOnlyList<FreeInterval> NextFree { get; private set; } = [];

    /// <summary>When the plan with it was published: publication and a cell taken back write the same row, so that they never pass each other unseen.</summary>
    public DateTimeOffset? PromisedAt { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Whether the pool has, or may have, a cell set aside for it.</summary>
    public bool IsLive => Status is Asked or Held;

    /// <summary>A new reservation for an experiment where the plan has put it.</summary>
    public static Reservation Ask(Guid id, PlanEntry entry, int round) => new()
    {
        Id = id, PlanId = entry.PlanId, ProposalId = entry.ProposalId, ExperimentId = entry.ExperimentId, InstrumentCode = entry.InstrumentCode, Round = round,
        CellDesignCode = entry.CellDesignCode ?? throw new ArgumentException("The experiment needs no cell.", nameof(entry)),
        From = entry.From ?? throw new ArgumentException("The experiment has no place.", nameof(entry)),
        To = entry.To ?? throw new ArgumentException("The experiment has no place.", nameof(entry)),
    };

    /// <summary>Whether it is for just this place and design.</summary>
    public bool IsFor(PlanEntry entry) => ExperimentId == entry.ExperimentId && CellDesignCode == entry.CellDesignCode && InstrumentCode == entry.InstrumentCode && From == entry.From && To == entry.To;

    /// <summary>The pool holds a cell; tells whether it is wanted: if not, it has to be released.</summary>
    public bool Hold(string cellCode)
    {
        if (Status == Asked) (Status, CellCode) = (Held, cellCode);
        return Status == Held;
    }

    /// <summary>The pool has no cell; tells whether one was held, which then has to be released.</summary>
    public bool Refuse(IReadOnlyList<PlanRefusal> reasons, IReadOnlyList<FreeInterval> nextFree)
    {
        if (!IsLive) return false;
        var held = Status == Held;
        (Status, CellCode, Reasons, NextFree) = (Refused, null, reasons, nextFree);
        return held;
    }

    /// <summary>The plan with it is published.</summary>
    public void Promise(DateTimeOffset now) => PromisedAt = now;

    /// <summary>Not wanted any more: what to tell the pool.</summary>
    public ReleaseCell Release(string reason)
    {
        if (IsLive) (Status, CellCode) = (Released, null);
        return new ReleaseCell { ReservationId = Id, ExperimentId = ExperimentId, Reason = reason };
    }
}
