using Tutti.Scheduling.Calendars;

namespace Tutti.Scheduling.Staffing;

/// <summary>When a person of a site is away; why is nobody's business here.</summary>
public sealed class StaffLeave
{
    /// <summary>The site.</summary>
    public required string SiteCode { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>On the site's clock, in order of time.</summary>
    public IReadOnlyList<Leave> Times { get; private set; } = [];

    /// <summary>Everything that was told of it.</summary>
    public List<StaffLeaveChange> History { get; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>The leave is another from now on.</summary>
    public void Change(IReadOnlyList<Leave> times, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        Times = [.. times.OrderBy(leave => leave.From).ThenBy(leave => leave.To)];
        History.Add(new StaffLeaveChange { Id = changeId, SiteCode = SiteCode, PersonId = PersonId, At = now, By = by, Reason = reason, Times = Times });
    }

    /// <summary>The same as instants; leave that touches or overlaps is one.</summary>
    public IReadOnlyList<AbsentInterval> Absences(TimeZoneInfo zone)
    {
        var absences = new List<AbsentInterval>();
        foreach (var leave in Times)
        {
            var (from, to) = (RunCalendar.ToUtc(leave.From, zone), RunCalendar.ToUtc(leave.To, zone));
            if (absences is [.., var last] && from <= last.To) absences[^1] = last with { To = to > last.To ? to : last.To };
            else if (from < to) absences.Add(new(from, to));
        }
        return absences;
    }
}

/// <summary>A time away, on the site's clock.</summary>
/// <param name="Uid">The entry of the calendar file it was imported from.</param>
public sealed record Leave(DateTime From, DateTime To, string? Uid = null) : LocalInterval(From, To);

/// <summary>What was told of a person's leave at one time; never changed.</summary>
public sealed class StaffLeaveChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The site.</summary>
    public required string SiteCode { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>The leave.</summary>
    public required IReadOnlyList<Leave> Times { get; init; }
}
