using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Knowing;

namespace Tutti.Scheduling.Calendars;

/// <summary>The operating pattern that a site's staff told, for the site or for one instrument that works otherwise.</summary>
public sealed class KeptPattern
{
    /// <summary>The site.</summary>
    public required string SiteCode { get; init; }

    /// <summary>The instrument; empty: the whole site.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>The pattern.</summary>
    public required OperatingPattern Pattern { get; set; }

    /// <summary>Every pattern it ever had.</summary>
    public List<PatternChange> History { get; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Another pattern is told; calendars that are published stay as they are.</summary>
    public void Change(OperatingPattern pattern, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        Pattern = pattern;
        History.Add(new PatternChange { Id = changeId, SiteCode = SiteCode, InstrumentCode = InstrumentCode, At = now, By = by, Reason = reason,
            Pattern = pattern });
    }

    /// <summary>The pattern of an instrument: its own, else the site's, else what is usual for a site of its kind.</summary>
    public static async Task<OperatingPattern> ForAsync(SchedulingDb db, string instrument, KnownSite site, CancellationToken cancel)
    {
        var told = await db.OperatingPatterns.AsNoTracking().Where(x => x.SiteCode == site.Code && (x.InstrumentCode == instrument || x.InstrumentCode == ""))
            .ToListAsync(cancel);
        return told.MaxBy(one => one.InstrumentCode.Length)?.Pattern ?? OperatingPattern.Of(site.Kind);
    }
}

/// <summary>One pattern that was told; never changed.</summary>
public sealed class PatternChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The site.</summary>
    public required string SiteCode { get; init; }

    /// <summary>The instrument; empty: the whole site.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>The pattern.</summary>
    public required OperatingPattern Pattern { get; init; }
}
