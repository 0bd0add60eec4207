namespace Tutti.Scheduling.Calendars;

/// <summary>The run calendar of an instrument as it holds now.</summary>
public sealed class InstrumentCalendar
{
    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Grows with every publication of the calendar.</summary>
    public int Revision { get; private set; }

    /// <summary>Grows with every published plan that takes shifts here, or at an instrument on the same source.</summary>
    public int Bookings { get; private set; }

    /// <summary>When users can have beam.</summary>
    public required RunCalendar Calendar { get; set; }

    /// <summary>The longest closed time, in hours, over which one experiment may go on.</summary>
    public int BridgeableHours { get; private set; }

    /// <summary>Every calendar it ever had.</summary>
    public List<CalendarChange> History { get; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Another calendar holds from now on; the earlier ones stay in the history.</summary>
    public void Change(RunCalendar calendar, int bridgeableHours, CalendarDiff diff, Guid by, string reason, int? revertsTo, Guid changeId, DateTimeOffset now)
    {
        (Calendar, BridgeableHours, Revision) = (calendar, bridgeableHours, Revision + 1);
        History.Add(new CalendarChange
        {
            Id = changeId, InstrumentCode = InstrumentCode, Revision = Revision, At = now, By = by, Reason = reason, Calendar = calendar,
                BridgeableHours = bridgeableHours,
            Gained = diff.Gained.Count, Lost = diff.Lost.Count, RevertsTo = revertsTo,
        });
    }

    /// <summary>A published plan takes shifts: plans that were made without knowing of it have become stale.</summary>
    public void Book() => Bookings++;
}

/// <summary>One calendar that an instrument had; never changed.</summary>
public sealed class CalendarChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Its number.</summary>
    public required int Revision { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>The calendar.</summary>
    public required RunCalendar Calendar { get; init; }

    /// <summary>The longest closed time, in hours, over which one experiment may go on.</summary>
    public required int BridgeableHours { get; init; }

    /// <summary>Shifts that users have with it and had not before.</summary>
    public required int Gained { get; init; }

    /// <summary>Shifts that users had before and have not with it.</summary>
    public required int Lost { get; init; }

    /// <summary>The earlier calendar that it brought back; null: it is a new one.</summary>
    public int? RevertsTo { get; init; }
}
