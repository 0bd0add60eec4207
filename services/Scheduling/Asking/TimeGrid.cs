using Tutti.Scheduling.Calendars;

namespace Tutti.Scheduling.Asking;

/// <summary>
/// The one time axis of a plan over sites in several time zones: whole units (a quarter of an hour, say) since a start in UTC.
/// Every time in a planning problem is such a number.
/// </summary>
public sealed record TimeGrid
{
    public TimeGrid(DateTimeOffset start, TimeSpan unit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(unit, TimeSpan.FromMinutes(1));
        (Start, Unit) = (start.ToUniversalTime(), unit);
    }

    /// <summary>The instant of unit 0, in UTC.</summary>
    public DateTimeOffset Start { get; }

    public TimeSpan Unit { get; }

    /// <summary>A grid fine enough for every time zone in use, whose offsets are multiples of a quarter of an hour.</summary>
    public static TimeGrid QuarterHours(DateTimeOffset start) => new(start, TimeSpan.FromMinutes(15));

    public DateTimeOffset InstantAt(int unit) => Start + unit * Unit;

    /// <summary>The last unit that begins no later than the instant; the way to turn the due time of a window into units.</summary>
    public int UnitBefore(DateTimeOffset instant) => checked((int)Math.Floor((instant - Start) / Unit));

    /// <summary>The first unit that begins no earlier than the instant; the way to turn the release time of a window into units.</summary>
    public int UnitAfter(DateTimeOffset instant) => checked((int)Math.Ceiling((instant - Start) / Unit));

    /// <summary>So many whole units lie in so many minutes.</summary>
    public int UnitsIn(int minutes) => minutes / (int)Unit.TotalMinutes;

    /// <summary>The shifts of a calendar on this axis, same order and index.</summary>
    /// <exception cref="ArgumentException">A shift does not begin and end on the grid, or begins before it.</exception>
    public IReadOnlyList<OpenShift> OpenShifts(IReadOnlyList<Shift> shifts)
    {
        var open = new OpenShift[shifts.Count];
        for (var i = 0; i < open.Length; i++)
        {
            var (start, end) = (UnitBefore(shifts[i].Start), UnitBefore(shifts[i].End));
            if (start < 0 || InstantAt(start) != shifts[i].Start || InstantAt(end) != shifts[i].End)
                throw new ArgumentException($"The shift {shifts[i].Label} does not lie on the grid of {Unit:c} from {Start:u}.", nameof(shifts));
            open[i] = new(start, end, shifts[i].MayStart);
        }
        return open;
    }
}
