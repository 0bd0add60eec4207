using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Calendars;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Repairing;

/// <summary>What comes between a plan and its measurement.</summary>
public enum DisturbanceKind
{
    /// <summary>The machine gives no beam.</summary>
    BeamLost,

    /// <summary>The instrument is out of order.</summary>
    InstrumentDown,

    /// <summary>A team does not come.</summary>
    TeamCancels,

    /// <summary>A cell cannot be used.</summary>
    CellWithdrawn,

    /// <summary>Equipment of a laboratory cannot be used.</summary>
    EquipmentWithdrawn,

    /// <summary>An experiment that cannot wait takes the instrument.</summary>
    UrgentAccess,
}

/// <summary>Something that came between plans and their measurement, and the experiments it hit; what was reported is never changed, but it can end earlier, or turn out to be a mistake.</summary>
public sealed class Disturbance
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>What happened.</summary>
    public required DisturbanceKind Kind { get; init; }

    /// <summary>The instrument that gives no beam to the plan; null: none, the team, the cell or the equipment is missing.</summary>
    public string? InstrumentCode { get; init; }

    /// <summary>The site where it happened; null: the cell is the pool's.</summary>
    public string? SiteCode { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until when, as it was reported.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The cell.</summary>
    public string? CellCode { get; init; }

    /// <summary>The laboratory whose equipment cannot be used.</summary>
    public string? LaboratoryCode { get; init; }

    /// <summary>The kind of that equipment.</summary>
    public string? EquipmentKind { get; init; }

    /// <summary>Experiments that were hit.</summary>
    public required HashSet<Guid> Hit { get; init; }

    /// <summary>In words.</summary>
    public required string Reason { get; init; }

    /// <summary>Who reported it; null: the cell pool.</summary>
    public required Guid? By { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When it really ended, if earlier than was reported; its beginning where the report was a mistake.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Who said so.</summary>
    public Guid? EndedBy { get; private set; }

    /// <summary>Why.</summary>
    public string? EndReason { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Until when, as far as is known.</summary>
    public DateTimeOffset Until => EndedAt ?? To;

    /// <summary>Whether the report was a mistake.</summary>
    public bool IsCancelled => EndedAt == From;

    /// <summary>Whether a shift of an instrument is lost by it.</summary>
    public bool Takes(string instrument, DateTimeOffset from, DateTimeOffset to) => InstrumentCode == instrument && From < Until && From < to && from < Until;

    /// <summary>It is over earlier than was reported; at its beginning: it never was.</summary>
    public void End(DateTimeOffset at, Guid by, string reason)
    {
        if (EndedAt is not null) throw new RuleViolation("disturbance.over", $"It was ended already, at {EndedAt:u}.");
        if (at < From || at > To) throw RuleViolation.Invalid("disturbance.invalid", "It cannot end then.", [new("until", "disturbance.until", $"Between {From:u} and {To:u}.")]);
        (EndedAt, EndedBy, EndReason) = (at, by, reason);
    }
}

/// <summary>Time that was reported as lost.</summary>
internal static class LostTimes
{
    /// <summary>As far as a shift that begins before a time, or ends after it, can reach beyond it; and a day of a site beyond that of UTC.</summary>
    private static readonly TimeSpan margin = TimeSpan.FromDays(3);

    /// <summary>What may take shifts of some instruments that lie, wholly or in part, between two instants.</summary>
    public static Task<List<Disturbance>> LostBetweenAsync(this SchedulingDb db, IReadOnlyCollection<string> instruments, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var (first, last) = (from - margin, to + margin);
        return db.Disturbances.AsNoTracking().Where(x => x.InstrumentCode != null && instruments.Contains(x.InstrumentCode) && x.To > first && x.From < last).OrderBy(x => x.From).ThenBy(x => x.Id).ToListAsync(cancel);
    }

    /// <summary>Whether one of them takes a shift.</summary>
    public static bool Take(this List<Disturbance> lost, string instrument, Shift shift) => lost.Exists(one => one.Takes(instrument, shift.Start, shift.End));
}
