namespace Tutti.Scheduling;

/// <summary>How a plan is repaired.</summary>
public enum RepairMode
{
    /// <summary>As few as possible move: what was hit is placed anew, who waits may come in where there is room.</summary>
    LeastMoved,

    /// <summary>Promised times count, but little; who waits may come in.</summary>
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

    /// <summary>Whether what was hit is not to be placed again: the team does not come, or only who waits is to be served.</summary>
    public required bool KeepsHitOut { get; init; }

    /// <summary>Whether a placement stays where it is.</summary>
    public bool Keeps(PlanEntry entry) => entry.IsPlaced && (Mode == RepairMode.ReserveOnly || entry.Lock != PlacementLock.None);

    /// <summary>Whether what has no place stays without.</summary>
    public bool KeepsOut(PlanEntry entry) => !entry.IsPlaced && KeepsHitOut && Hit.Contains(entry.ExperimentId);
}
