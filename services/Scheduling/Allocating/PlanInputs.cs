namespace Tutti.Scheduling.Allocating;

/// <summary>What a plan was made from, by revision: it tells whether the plan still fits the world.</summary>
/// <param name="Proposals">Proposals with experiments to be planned, and the revision of their grant.</param>
/// <param name="Calendars">Instruments, and the state of calendar and bookings.</param>
public sealed record PlanInputs(IReadOnlyDictionary<Guid, int> Proposals, IReadOnlyDictionary<string, string> Calendars)
{
    /// <summary>Revision of the call: its quotas, and what its partners are to get.</summary>
    public int Call { get; init; }

    /// <summary>Revision of the times between sites; 0: none were told.</summary>
    public int Distances { get; init; }

    /// <summary>Made from nothing yet.</summary>
    public static PlanInputs None { get; } = new(new Dictionary<Guid, int>(), new Dictionary<string, string>());

    /// <summary>Nothing is other than now.</summary>
    public bool Equal(PlanInputs now) => StillHold(now) && Proposals.Count == now.Proposals.Count && Calendars.Count == now.Calendars.Count;

    /// <summary>All that the plan was made from is as it was; what came new does not count.</summary>
    public bool StillHold(PlanInputs now) =>
        Call == now.Call && Distances == now.Distances && Proposals.All(one => now.Proposals.TryGetValue(one.Key, out var revision) && revision == one.Value)
        && Calendars.All(one => now.Calendars.TryGetValue(one.Key, out var state) && state == one.Value);
}
