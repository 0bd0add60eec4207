namespace Tutti.Scheduling.Calendars;

/// <summary>How a local day is cut into shifts: the wall-clock times at which they start and how long they last on the wall clock.</summary>
/// <param name="Starts">Ascending; the last shift may pass midnight.</param>
/// <param name="Length">On the wall clock, so that on the day the clocks change the shift of the night is an hour shorter or longer.</param>
/// <param name="UserStarts">Those of the starts with which users may begin, in the morning say; null: with every shift.</param>
public sealed record ShiftPattern(IReadOnlyList<TimeOnly> Starts, TimeSpan Length, IReadOnlyList<TimeOnly>? UserStarts = null)
{
    private static readonly TimeSpan quarter = TimeSpan.FromMinutes(15);

    /// <summary>Three shifts of eight hours, the first at midnight: the rule unless a site says otherwise.</summary>
    public static ShiftPattern ThreeOfEightHours { get; } =
        new([new TimeOnly(0, 0), new TimeOnly(8, 0), new TimeOnly(16, 0)], TimeSpan.FromHours(8));

    /// <summary>Whether users may begin with the shift that starts then.</summary>
    public bool MayStart(TimeOnly start) => UserStarts?.Contains(start) != false;

    /// <summary>Whether a day is cut in the same way.</summary>
    public bool IsSame(ShiftPattern other) => Length == other.Length && Starts.SequenceEqual(other.Starts) && Starts.All(start => MayStart(start) == other.MayStart(start));

    internal IEnumerable<CalendarError> Errors()
    {
        if (Starts.Count is 0 or > 24) yield return new("shift-starts-count", $"{Starts.Count}");
        if (Length < TimeSpan.FromMinutes(15) || Length > TimeSpan.FromHours(24)) yield return new("shift-length-out-of-range", $"{Length:c}");
        if (Length.Ticks % quarter.Ticks != 0 || Starts.Any(start => start.Ticks % quarter.Ticks != 0)) yield return new("not-quarter-hours", $"{Length:c}");
        if (UserStarts?.Count == 0 || UserStarts?.Count > Starts.Count) yield return new("user-starts-count", $"{UserStarts?.Count}");
        foreach (var unknown in UserStarts?.Except(Starts) ?? []) yield return new("user-starts-unknown", $"{unknown:HH:mm}");
        for (var i = 0; i < Starts.Count; i++)
        {
            var last = i == Starts.Count - 1;
            var room = last ? Starts[0] - TimeOnly.MinValue + TimeSpan.FromDays(1) - (Starts[i] - TimeOnly.MinValue)
                : Starts[i + 1].ToTimeSpan() - Starts[i].ToTimeSpan();
            if (room < Length) yield return new(room <= TimeSpan.Zero ? "shift-starts-not-ascending" : "shifts-overlap", $"{Starts[i]:HH:mm}");
        }
    }
}
