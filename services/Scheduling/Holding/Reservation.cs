using Tutti.Contracts.CellPool;
using Tutti.Contracts.Scheduling;
using static Tutti.Scheduling.Holding.ReservationStatus;

namespace Tutti.Scheduling.Holding;

/// <summary>How far a reservation has come.</summary>
public enum ReservationStatus
{
    /// <summary>The pool has not answered.</summary>
    Asked,

    /// <summary>The pool holds a cell, or a piece of equipment.</summary>
    Held,

    /// <summary>The pool has none, or took it back.</summary>
    Refused,

    /// <summary>Not wanted any more.</summary>
    Released,
}

/// <summary>
/// One cell, or one piece of equipment, asked of the pool for one experiment at one time. Answers may come late, twice and in any order:
/// <code>
/// Asked ──reserved──► Held ──release──► Released     what is told to Refused or Released as held is let go again
///   └───refused───► Refused
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

    /// <summary>What is asked for.</summary>
    public ReservationKind Kind { get; private set; }

    /// <summary>Design of the cell, or kind of the equipment.</summary>
    public string Wanted { get; private set; } = "";

    /// <summary>Round of the plan in which it was asked for.</summary>
    public int Round { get; private set; }

    /// <summary>Start of the first shift.</summary>
    public DateTimeOffset From { get; private set; }

    /// <summary>End of the last shift.</summary>
    public DateTimeOffset To { get; private set; }

    /// <summary>How far it has come.</summary>
    public ReservationStatus Status { get; private set; }

    /// <summary>The cell that is held, or the laboratory that holds a piece of equipment.</summary>
    public string? HeldCode { get; private set; }

    /// <summary>Why there is none.</summary>
    public IReadOnlyList<PlanRefusal> Reasons { get; private set; } = [];

    /// <summary>When there could be one; empty: never.</summary>
    public IReadOnlyList<FreeInterval> NextFree { get; private set; } = [];

    /// <summary>When the plan with it was published: publication and what is taken back write the same row, so that they never pass each other unseen.</summary>
    public DateTimeOffset? PromisedAt { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Whether the pool has, or may have, something set aside for it.</summary>
    public bool IsLive => Status is Asked or ReservationStatus.Held;

    /// <summary>The need that it is to meet.</summary>
    public Need Need => new(Kind, Wanted);

    /// <summary>A new reservation of what an experiment needs where the plan has put it.</summary>
    public static Reservation Ask(Guid id, PlanEntry entry, Need need, int round) => new()
    {
        Id = id, PlanId = entry.PlanId, ProposalId = entry.ProposalId, ExperimentId = entry.ExperimentId, InstrumentCode = entry.InstrumentCode, Round = round, Kind = need.Kind, Wanted = need.Code,
        From = entry.From ?? throw new ArgumentException("The experiment has no place.", nameof(entry)),
        To = entry.To ?? throw new ArgumentException("The experiment has no place.", nameof(entry)),
    };

    /// <summary>Whether it is for just this place, and for something that is needed there.</summary>
    public bool IsFor(PlanEntry entry) => ExperimentId == entry.ExperimentId && entry.Needs.Contains(Need) && InstrumentCode == entry.InstrumentCode && From == entry.From && To == entry.To;

    /// <summary>The pool holds what was asked for; tells whether it is wanted: if not, it has to be released.</summary>
    public bool Hold(string code)
    {
        if (Status == Asked) (Status, HeldCode) = (ReservationStatus.Held, code);
        return Status == ReservationStatus.Held;
    }

    /// <summary>The pool has none; tells whether one was held, which then has to be released.</summary>
    public bool Refuse(IReadOnlyList<PlanRefusal> reasons, IReadOnlyList<FreeInterval> nextFree)
    {
        if (!IsLive) return false;
        var held = Status == ReservationStatus.Held;
        (Status, HeldCode, Reasons, NextFree) = (Refused, null, reasons, nextFree);
        return held;
    }

    /// <summary>The plan with it is published.</summary>
    public void Promise(DateTimeOffset now) => PromisedAt = now;

    /// <summary>What to ask of the pool, and which reservations this one is to replace.</summary>
    public object Request(string mode, IReadOnlyList<Guid>? replaces) => Kind switch
    {
        ReservationKind.Cell => new ReserveCell
        {
            ReservationId = Id, PlanId = PlanId, ProposalId = ProposalId, ExperimentId = ExperimentId, InstrumentCode = InstrumentCode, CellDesignCode = Wanted, Mode = mode, From = From, To = To, Replaces = replaces,
        },
        ReservationKind.Equipment => new ReserveEquipment
        {
            ReservationId = Id, PlanId = PlanId, ProposalId = ProposalId, ExperimentId = ExperimentId, InstrumentCode = InstrumentCode, EquipmentKind = Wanted, From = From, To = To, Replaces = replaces,
        },
    };

    /// <summary>Not wanted any more: what to tell the pool.</summary>
    public object Release(string reason)
    {
        if (IsLive) (Status, HeldCode) = (Released, null);
        return Kind switch
        {
            ReservationKind.Cell => new ReleaseCell { ReservationId = Id, ExperimentId = ExperimentId, Reason = reason },
            ReservationKind.Equipment => new ReleaseEquipment { ReservationId = Id, ExperimentId = ExperimentId, EquipmentKind = Wanted, Reason = reason },
        };
    }

    /// <summary>Why experiments do not have what they need.</summary>
    public static Dictionary<Guid, IReadOnlyList<PlanRefusal>> ReasonsByExperiment(IEnumerable<Reservation> refused) =>
        refused.GroupBy(one => one.ExperimentId).ToDictionary(group => group.Key, group => (IReadOnlyList<PlanRefusal>)[.. group.SelectMany(one => one.Reasons)]);
}
