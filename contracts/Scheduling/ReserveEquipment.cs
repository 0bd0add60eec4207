namespace Tutti.Contracts.Scheduling;

/// <summary>Asked by Scheduling of CellPool: hold one piece of a laboratory's equipment for a placed experiment.</summary>
[Contract("scheduling.reserve-equipment", nameof(ExperimentId))]
public sealed record ReserveEquipment
{
    /// <summary>The reservation asked for; made by Scheduling.</summary>
    public required Guid ReservationId { get; init; }

    /// <summary>The plan it is for.</summary>
    public required Guid PlanId { get; init; }

    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>The instrument whose experiment needs it.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Kind asked for, for example <c>glove-box</c>.</summary>
    public required string EquipmentKind { get; init; }

    /// <summary>Start of the first shift.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the last shift.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>
    /// Reservations of the same experiment that this one is to replace: what they hold counts as free. They have been released, which may be heard later than this, or are released once the
    /// move is a promise.
    /// </summary>
    public IReadOnlyList<Guid>? Replaces { get; init; }
}
