using System.Text.Json;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>How a site, or one of its instruments, works in a normal year, as data: from it the calendar of a half-year is proposed. All times are on the
/// site's wall clock.</summary>
public sealed record OperatingPattern
{
    private const int MostRules = 100;

    /// <summary>How a day is cut into shifts.</summary>
    public ShiftPattern Shifts { get; init; } = ShiftPattern.ThreeOfEightHours;

    /// <summary>When users are taken in a normal week; empty: the whole week.</summary>
    public IReadOnlyList<WeeklyWindow> Week { get; init; } = [];

    /// <summary>Runs of a synchrotron or an accelerator; null: it runs all year.</summary>
    public RunRhythm? Runs { get; init; }

    /// <summary>Cycles of a reactor; null: it is none.</summary>
    public CycleRhythm? Reactor { get; init; }

    /// <summary>Machine days and maintenance that come back after a number of weeks.</summary>
    public IReadOnlyList<WeeklyClosure> EveryWeeks { get; init; } = [];

    /// <summary>Shutdowns of every year.</summary>
    public IReadOnlyList<YearlyClosure> EveryYear { get; init; } = [];

    /// <summary>Whether there are no shifts on public holidays.</summary>
    public bool HolidaysClose { get; init; }

    /// <summary>Shares kept from users.</summary>
    public IReadOnlyList<ReservedShare> Shares { get; init; } = [];

    /// <summary>The longest closed time, in hours, over which one experiment may go on.</summary>
    public int BridgeableHours { get; init; }

    /// <summary>Everything in it that makes no sense, at once.</summary>
    public IReadOnlyList<CalendarError> Validate()
    {
        List<CalendarError> errors = [.. Shifts.Errors()];
        if (Runs is { } runs && (runs.Weeks is < 1 or > 53 || runs.PauseWeeks is < 0 or > 52))
            errors.Add(new("runs-out-of-range", $"{runs.Weeks} and {runs.PauseWeeks} weeks"));
        if (Runs is not null && Reactor is not null) errors.Add(new("runs-and-reactor", "A source runs in runs or in cycles, not in both."));
        if (Reactor is { } reactor)
        {
            if (reactor.DaysPerYear < reactor.EffectiveDays || reactor.DaysPerYear > 366)
                errors.Add(new("reactor-days-out-of-range", $"{reactor.DaysPerYear}"));
            errors.AddRange(new ReactorCycles(HalfYear.FirstMonday(2027), reactor.EffectiveDays, reactor.EveryDays, 2, reactor.WeekendStop).Errors());
        }
        if (Week.Count > MostRules || EveryWeeks.Count > MostRules || EveryYear.Count > MostRules || Shares.Count > MostRules)
            errors.Add(new("too-many-rules", $"{MostRules}"));
        foreach (var rule in EveryWeeks)
            if (rule.Hours is < 1 or > 7 * 24 || rule.Weeks is < 1 or > 53 || !IsRule(rule.Reason) || !Enum.IsDefined(rule.Day))
                errors.Add(new("weekly-closure", $"{rule.Day} {rule.From:HH:mm}"));
        foreach (var rule in EveryYear)
            if (!IsDay(rule.FromMonth, rule.FromDay) || !IsDay(rule.ToMonth, rule.ToDay) || (rule.FromMonth, rule.FromDay) == (rule.ToMonth, rule.ToDay)
                || !IsRule(rule.Reason))
                errors.Add(new("yearly-closure", $"{rule.FromMonth}-{rule.FromDay} to {rule.ToMonth}-{rule.ToDay}"));
        // What a calendar says of its parts it says of these too.
        errors.AddRange(new RunCalendar { TimeZone = "Etc/UTC", RunPeriods = [new(new(2027, 1, 1), new(2028, 1, 1))], Week = Week,
            Shares = Shares }.Validate());
        return errors;
    }

    /// <summary>The pattern from which one starts where a site has told none, by the kind of the site: our own reading of what is usual, to be replaced by the
    /// site's.</summary>
    public static OperatingPattern Of(string? kind) => kind is not null && usual.TryGetValue(kind, out var pattern) ? pattern : usual["laboratory"];

    private static readonly Dictionary<string, OperatingPattern> usual = Load();

    private static bool IsRule(ClosedFor reason) =>
        reason is ClosedFor.Maintenance or ClosedFor.Machine or ClosedFor.Closure or ClosedFor.Commissioning or ClosedFor.InHouse;

    private static bool IsDay(int month, int day) => month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(2027, month);

    private static Dictionary<string, OperatingPattern> Load()
    {
        using var file = typeof(OperatingPattern).Assembly.GetManifestResourceStream("Tutti.Scheduling.Calendars.operating-patterns.json")
            ?? throw new InvalidDataException("The operating patterns are not in the assembly.");
        return JsonSerializer.Deserialize<Dictionary<string,
            OperatingPattern>>(file, Json.Strict) ?? throw new InvalidDataException("The operating patterns are null.");
    }
}

/// <summary>Runs of so many weeks with so many between them, counted from the first Monday of the year.</summary>
public sealed record RunRhythm(int Weeks, int PauseWeeks);

/// <summary>Cycles of so many effective days, at least so many days from start to start, spread over the year until it has its days.</summary>
public sealed record CycleRhythm(int EffectiveDays, int EveryDays, int DaysPerYear, bool WeekendStop = true);

/// <summary>Hours on a day of every week, of every second week and so on, counted from the first Monday of the year.</summary>
public sealed record WeeklyClosure(ClosedFor Reason, DayOfWeek Day, TimeOnly From, int Hours, int Weeks = 1, string? Note = null);

/// <summary>From a day of every year to another, which is not in it and may be of the next year.</summary>
public sealed record YearlyClosure(ClosedFor Reason, int FromMonth, int FromDay, int ToMonth, int ToDay, string? Note = null);
