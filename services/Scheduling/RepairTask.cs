namespace Tutti.Scheduling;

/// <summary>How a plan is repaired.</summary>
public enum RepairMode
{
    /// <summary>Only what was hit is placed anew; everybody else stays.</summary>
    LeastMoved,

    /// <summary>Everything on the disturbed instruments, and on those that share a source with them, may move; who waits may come in.</summary>
    MostScience,

    /// <summary>What was hit is out; who waits gets what is free, and nobody with a place moves.</summary>
    ReserveOnly,
}

/// <summary>What a copy is to repair.</summary>
public sealed record RepairTask
{
    /// <summary>What else may be touched.</summary>
    public required RepairMode Mode { get; init; }

    /// <summary>Experiments that have lost their place.</summary>
    public required HashSet<Guid> Hit { get; init; }

    /// <summary>Instruments whose placements may move where most science is to be kept.</summary>
    public required HashSet<string> Instruments { get; init; }

    /// <summary>Whether what was hit is not to be placed again: the team does not come, or only who waits is to be served.</summary>
    public required bool KeepsHitOut { get; init; }

    /// <summary>Whether a placement stays where it is.</summary>
    public bool Keeps(PlanEntry entry) =>
        entry.IsPlaced && (Mode != RepairMode.MostScience || entry.Lock != PlacementLock.None || !Instruments.Contains(entry.InstrumentCode));

    /// <summary>Whether what has no place stays without.</summary>
    public bool KeepsOut(PlanEntry entry) => !entry.IsPlaced && (Hit.Contains(entry.ExperimentId) ? KeepsHitOut : Mode == RepairMode.LeastMoved);
}
