using System.Text.Json.Serialization;

namespace Tutti.Scheduling.Planning;

/// <summary>What comes between a published plan and its measurement; times as in the instance.</summary>
public sealed record Disruption
{
    /// <summary>When it is known: what has begun by then stays as it is, and nothing new is placed earlier.</summary>
    public int Now { get; init; }

    /// <summary>Time that instruments give to nobody: lost beam, repair, urgent access.</summary>
    public IReadOnlyList<LostTime> Lost { get; init; } = [];

    /// <summary>Teams that do not come any more.</summary>
    public IReadOnlyList<int> CancelledTeams { get; init; } = [];

    /// <summary>Experiments that are given up.</summary>
    public IReadOnlyList<int> CancelledExperiments { get; init; } = [];

    public IReadOnlyList<WithdrawnCells> WithdrawnCells { get; init; } = [];

    /// <summary>Teams with tickets; null: those that would travel within <see cref="BookedAhead"/>.</summary>
    public IReadOnlyList<int>? Booked { get; init; }

    /// <summary>So many units ahead people have their tickets.</summary>
    public int BookedAhead { get; init; } = 63;
}

/// <summary>An instrument in [start, end).</summary>
public sealed record LostTime(int Instrument, int Start, int End);

/// <summary>So many cells of a type in [start, end).</summary>
public sealed record WithdrawnCells(int CellType, int Count, int Start, int End);

/// <summary>What a repair is to spare.</summary>
public enum RepairOption
{
    /// <summary>As few teams as possible get another time than was published; what was hit finds a new place, and who waits comes in where there is room.</summary>
    LeastMoved,

    /// <summary>As much science as possible; published times count, but little.</summary>
    MostScience,

    /// <summary>Nobody with a place moves and what was hit is out: who waits gets what is free.</summary>
    ReserveOnly,
}

/// <summary>What has become of an experiment that was published, or was not.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RepairEffect>))]
public enum RepairEffect
{
    [JsonStringEnumMemberName("moved")]
    Moved,
    [JsonStringEnumMemberName("dropped")]
    Dropped,
    [JsonStringEnumMemberName("added")]
    Added,
}

/// <summary>An experiment whose place differs from what was published. <paramref name="Hit"/>: it could not have stayed.</summary>
public sealed record RepairChange(int Experiment, int Proposal, int Team, RepairEffect Effect, bool Hit, bool Booked, InstancePlacement? Before, InstancePlacement? After);

/// <summary>A repaired plan and whom it affects.</summary>
public sealed record RepairedPlan
{
    public required RepairOption Option { get; init; }

    /// <summary>The problem as it is after the disruption, without prices: what the plan is to be judged by.</summary>
    public required PlanningInstance Instance { get; init; }

    /// <summary>The plan; its objective is that of <see cref="Instance"/>, and it has no bound, as published times were worth something to the search.</summary>
    public required ShiftPlan Plan { get; init; }

    public IReadOnlyList<RepairChange> Changes => Plan.Changes ?? [];

    /// <summary>Teams with a published place that was hit.</summary>
    public required IReadOnlyList<int> TeamsHit { get; init; }

    /// <summary>Teams that were not hit and yet lose a published place or get another.</summary>
    public required IReadOnlyList<int> UntouchedTeamsMoved { get; init; }

    /// <summary>Teams with a published place of which none was hit.</summary>
    public required int UntouchedTeams { get; init; }

    public required double Seconds { get; init; }
}
