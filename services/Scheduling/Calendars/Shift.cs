namespace Tutti.Scheduling.Calendars;

/// <summary>One shift of beamtime as it really passes: both instants in UTC, and how the site calls it ("2027-03-28 00:00-08:00", wall clock).</summary>
public sealed record Shift(DateTimeOffset Start, DateTimeOffset End, string Label);

/// <summary>An interval [From, To) on the wall clock of the site, as people write it into a calendar.</summary>
public sealed record LocalInterval(DateTime From, DateTime To);

/// <summary>
/// An interval of every week on the wall clock of the site, from a weekday's time to the next time that the other is reached;
/// where both are the same it is the whole week.
/// </summary>
public sealed record WeeklyWindow(DayOfWeek FromDay, TimeOnly From, DayOfWeek ToDay, TimeOnly To);

/// <summary>Something in a calendar that makes no sense: a stable code and the part it is about.</summary>
public sealed record CalendarError(string Code, string Subject);
