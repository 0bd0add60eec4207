using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>A run calendar as people write and read it; all times are on the site's wall clock.</summary>
public record WrittenCalendar
{
    internal const int MaxText = 200;
    private const int MaxPeriods = 500, MaxHours = 14 * 24;

    /// <summary>How a day is cut into shifts; null: three of eight hours.</summary>
    public CutOfDay? Pattern { get; init; }

    /// <summary>Runs of the machine.</summary>
    public IReadOnlyList<RunPeriod> RunPeriods { get; init; } = [];

    /// <summary>Cycles of a reactor.</summary>
    public ReactorCycles? Reactor { get; init; }

    /// <summary>When users are taken in a normal week; empty: the whole week.</summary>
    public IReadOnlyList<WeeklyWindow> Week { get; init; } = [];

    /// <summary>Maintenance, machine days, closures, shifts set aside.</summary>
    public IReadOnlyList<Closure> Closed { get; init; } = [];

    /// <summary>Whether there are no shifts on the public holidays of the site's country.</summary>
    public bool HolidaysClose { get; init; }

    /// <summary>Shares kept from users, in percent of the shifts with beam.</summary>
    public IReadOnlyList<ReservedShare> Shares { get; init; } = [];

    /// <summary>The longest closed time, in hours, over which one experiment may go on: a night, a weekend.</summary>
    public int BridgeableHours { get; init; }

    internal static WrittenCalendar Of(RunCalendar calendar, int bridgeableHours) => new()
    {
        Pattern = new CutOfDay { Starts = calendar.Pattern.Starts, LengthMinutes = (int)calendar.Pattern.Length.TotalMinutes, UserStarts = calendar.Pattern.UserStarts },
        RunPeriods = calendar.RunPeriods, Reactor = calendar.Reactor, Week = calendar.Week, Closed = calendar.Closed,
            HolidaysClose = calendar.HolidayCountry is not null, Shares = calendar.Shares,
        BridgeableHours = bridgeableHours,
    };

    internal RunCalendar For(string timeZone, string country) => new()
    {
        TimeZone = timeZone,
        Pattern = Pattern is null ? ShiftPattern.ThreeOfEightHours : new ShiftPattern(Pattern.Starts, TimeSpan.FromMinutes(Pattern.LengthMinutes), Pattern.UserStarts),
        RunPeriods = RunPeriods, Reactor = Reactor, Week = Week, Closed = Closed, HolidayCountry = HolidaysClose ? country : null, Shares = Shares,
    };

    /// <summary>What is wrong with how it is written; what it means is checked by <see cref="RunCalendar.Validate"/>.</summary>
    internal List<Problem> Check()
    {
        List<Problem> problems = [];
        if (BridgeableHours is < 0 or > MaxHours) problems.Add(new("bridgeableHours", "calendar.bridgeable-hours", $"0 to {MaxHours} hours."));
        CheckPeriods(problems, [.. RunPeriods.Select(run => (run.From, run.To, run.Name, run.Uid))], "runPeriods");
        CheckPeriods(problems, [.. Closed.Select(closed => (closed.From, closed.To, closed.Note, closed.Uid))], "closed");
        if (Reactor is { } reactor && reactor.FirstStart.Kind != DateTimeKind.Unspecified)
            problems.Add(new("reactor.firstStart", "calendar.not-local", "Times are on the site's clock, without an offset."));
        return problems;
    }

    private static void CheckPeriods(List<Problem> problems, IReadOnlyList<(DateTime From, DateTime To, string? Text, string? Uid)> periods, string path)
    {
        if (periods.Count > MaxPeriods) problems.Add(new(path, "calendar.too-many-periods", $"At most {MaxPeriods}."));
        if (periods.Any(period => period.From.Kind != DateTimeKind.Unspecified || period.To.Kind != DateTimeKind.Unspecified))
            problems.Add(new(path, "calendar.not-local", "Times are on the site's clock, without an offset."));
        if (periods.Any(period => period.Text?.Length > MaxText || period.Uid?.Length > MaxText))
            problems.Add(new(path, "calendar.text-too-long", $"At most {MaxText} characters."));
    }
}

/// <summary>Wall-clock times at which shifts start, and how long they last.</summary>
public sealed record CutOfDay
{
    /// <summary>Ascending.</summary>
    public required IReadOnlyList<TimeOnly> Starts { get; init; }

    /// <summary>Length in minutes.</summary>
    public required int LengthMinutes { get; init; }

    /// <summary>Those of the starts with which users may begin; null: with every shift.</summary>
    public IReadOnlyList<TimeOnly>? UserStarts { get; init; }
}
