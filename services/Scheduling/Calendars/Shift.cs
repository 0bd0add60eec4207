namespace Tutti.Scheduling.Calendars;

/// <summary>One shift of beamtime as it really passes: both instants in UTC, and how the site calls it ("2027-03-28 00:00-08:00", wall clock).</summary>
/// <param name="MayStart">Whether users may begin with it.</param>
public sealed record Shift(DateTimeOffset Start, DateTimeOffset End, string Label, bool MayStart = true);

/// <summary>Why users cannot have a shift.</summary>
public enum ClosedFor
{
    /// <summary>The machine does not run.</summary>
    NoRun,

    /// <summary>Users are not taken at this time of the week or day.</summary>
    OutsideHours,

    /// <summary>Maintenance, shutdown.</summary>
    Maintenance,

    /// <summary>The machine group has the beam.</summary>
    Machine,

    /// <summary>Public holiday.</summary>
    Holiday,

    /// <summary>Anything else that is no beamtime.</summary>
    Closure,

    /// <summary>Set aside for commissioning of the instrument.</summary>
    Commissioning,

    /// <summary>Set aside for the site's own research.</summary>
    InHouse,
}

/// <summary>A shift that is on the site's grid, open to users or not.</summary>
/// <param name="Reasons">Every reason for which users cannot have it, in the order of <see cref="ClosedFor"/>; empty: it is open.</param>
/// <param name="Notes">What the site says about it: the note of a closure, the name of a holiday.</param>
/// <param name="MayStart">Whether users may begin with it, where they can have it.</param>
public sealed record ShiftSlot(
    DateTimeOffset Start, DateTimeOffset End, string Label, IReadOnlyList<ClosedFor> Reasons, IReadOnlyList<string> Notes, bool MayStart = true)
{
    /// <summary>Whether users can have it.</summary>
    public bool IsOpen => Reasons.Count == 0;

    /// <summary>Whether there is beam that users could have, though it may be set aside for others.</summary>
    public bool HasBeam => Reasons.All(reason => reason is ClosedFor.InHouse or ClosedFor.Commissioning);
}

/// <summary>An interval [From, To) on the wall clock of the site, as people write it into a calendar.</summary>
public record LocalInterval(DateTime From, DateTime To)
{
    /// <summary>Whether the two have time in common.</summary>
    public bool Meets(LocalInterval other) => From < other.To && other.From < To;
}

/// <summary>A run of the machine.</summary>
/// <param name="Name">What the site calls it.</param>
/// <param name="Uid">The entry of the calendar file it was imported from.</param>
public sealed record RunPeriod(DateTime From, DateTime To, string? Name = null, string? Uid = null) : LocalInterval(From, To);

/// <summary>Time that users cannot have: no shift that it touches is open.</summary>
/// <param name="Reason">Why; shifts for <see cref="ClosedFor.InHouse"/> and <see cref="ClosedFor.Commissioning"/> count towards the shares reserved for
/// them.</param>
/// <param name="Note">In words.</param>
/// <param name="Uid">The entry of the calendar file it was imported from.</param>
public sealed record Closure(DateTime From, DateTime To, ClosedFor Reason = ClosedFor.Closure, string? Note = null, string? Uid = null)
    : LocalInterval(From, To);

/// <summary>A share, in percent, of all shifts with beam that is kept from users, be it as named shifts set aside or as a quota.</summary>
public sealed record ReservedShare(ClosedFor For, int Percent);

/// <summary>
/// An interval of every week on the wall clock of the site, from a weekday's time to the next time that the other is reached;
/// where both are the same it is the whole week.
/// </summary>
public sealed record WeeklyWindow(DayOfWeek FromDay, TimeOnly From, DayOfWeek ToDay, TimeOnly To);

/// <summary>How many shifts there are in a time: with beam, open to users, and at most given to users, who leave the reserved shares to the site.</summary>
public sealed record ShiftBudget(int WithBeam, int Open, int UserQuota);

/// <summary>Something in a calendar that makes no sense: a stable code and the part it is about.</summary>
public sealed record CalendarError(string Code, string Subject);
