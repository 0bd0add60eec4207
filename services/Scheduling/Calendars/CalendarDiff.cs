using Microsoft.EntityFrameworkCore;

namespace Tutti.Scheduling.Calendars;

/// <summary>What users gain and lose from one calendar to the next: a shift of other hours is lost and gained.</summary>
public sealed record CalendarDiff(IReadOnlyList<Shift> Gained, IReadOnlyList<Shift> Lost)
{
    /// <summary>From the shifts of one calendar to those of another, both in order of time.</summary>
    public static CalendarDiff Between(IReadOnlyList<Shift> before, IReadOnlyList<Shift> after)
    {
        var (had, has) = (before.Select(At).ToHashSet(), after.Select(At).ToHashSet());
        return new([.. after.Where(shift => !had.Contains(At(shift)))], [.. before.Where(shift => !has.Contains(At(shift)))]);
    }

    /// <summary>Experiments to come, or running, that were promised a shift which is lost.</summary>
    public async Task<IReadOnlyList<CalendarHit>> HitsAsync(SchedulingDb db, string instrument, DateTimeOffset now, CancellationToken cancel)
    {
        if (Lost.Count == 0) return [];
        var promised = await db.Experiments.AsNoTracking()
            .Where(x => x.InstrumentCode == instrument && (x.Status == ExperimentStatus.Scheduled || x.Status == ExperimentStatus.Running) && x.To > now)
            .OrderBy(x => x.From).ThenBy(x => x.Id).ToListAsync(cancel);
        return [.. promised.Select(one => new CalendarHit(one.Id, one.ProposalId, one.Title, one.Status, one.From, one.To,
            [.. one.PlacedShifts.Where(shift => Lost.Any(lost => lost.Start < shift.End && shift.Start < lost.End)).Select(shift => shift.Label)]))
                .Where(hit => hit.Shifts.Count > 0)];
    }

    private static (DateTimeOffset, DateTimeOffset) At(Shift shift) => (shift.Start, shift.End);
}

/// <summary>A published placement that a change of the calendar takes shifts from; the promise stands until somebody moves it.</summary>
/// <param name="Shifts">Labels of the shifts that are no beamtime any more.</param>
public sealed record CalendarHit(Guid ExperimentId, Guid ProposalId, string Title, ExperimentStatus Status, DateTimeOffset? From, DateTimeOffset? To,
    IReadOnlyList<string> Shifts);
