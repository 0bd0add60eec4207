namespace Tutti.Scheduling.Calendars;

/// <summary>What staff of its site told of the set-up of an instrument.</summary>
public sealed class InstrumentSetUp
{
    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>What it needs.</summary>
    public SetUp SetUp { get; private set; } = SetUp.None;

    /// <summary>Everything that was ever told.</summary>
    public List<SetUpChange> History { get; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>It needs something else from now on; plans made before are stale.</summary>
    public void Change(SetUp setUp, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        SetUp = setUp;
        History.Add(new SetUpChange { Id = changeId, InstrumentCode = InstrumentCode, At = now, By = by, Reason = reason, SetUp = setUp });
    }
}

/// <summary>One set-up that was told; never changed.</summary>
public sealed class SetUpChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>What it needed from then on.</summary>
    public required SetUp SetUp { get; init; }
}
