using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>A calendar that is being made and holds for nobody yet; an instrument has at most one.</summary>
public sealed class CalendarDraft
{
    /// <summary>The instrument.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Revision of the published calendar that it started from; 0: none.</summary>
    public int BasedOn { get; set; }

    /// <summary>The calendar; it may still have errors.</summary>
    public required RunCalendar Calendar { get; set; }

    /// <summary>The longest closed time, in hours, over which one experiment may go on.</summary>
    public int BridgeableHours { get; set; }

    /// <summary>Who changed it last.</summary>
    public Guid By { get; set; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>Counts changes, from anywhere: whoever has seen a draft that was thrown away or published has not seen the one that was begun after it.</summary>
    public int Version { get; private set; } = RandomNumberGenerator.GetInt32(1 << 30);

    /// <summary>Takes another content.</summary>
    public void Become(RunCalendar calendar, int bridgeableHours, Guid by, DateTimeOffset now) =>
        (Calendar, BridgeableHours, By, At) = (calendar, bridgeableHours, by, now);
}

/// <summary>A draft with all that its keepers want to know before they publish it.</summary>
/// <param name="Problems">What still makes no sense; with any it cannot be published.</param>
/// <param name="Outdated">Whether the published calendar was changed since the draft was begun.</param>
/// <param name="Budget">Shifts of the draft's whole time; null where there are problems.</param>
public sealed record DraftView(
    string InstrumentCode, int BasedOn, bool Outdated, DateTimeOffset At, Guid By, WrittenCalendar Calendar, IReadOnlyList<Problem> Problems,
        ShiftBudget? Budget,
    IReadOnlyList<Shift> Gained, IReadOnlyList<Shift> Lost, IReadOnlyList<CalendarHit> Hits)
{
    internal static async Task<DraftView> OfAsync(SchedulingDb db, KeptInstrument instrument, CalendarDraft draft, DateTimeOffset now, CancellationToken cancel)
    {
        var (problems, shifts) = KeptInstrument.Judge(draft.Calendar);
        var diff = problems.Count > 0 ? new([], []) : CalendarDiff.Between(instrument.Kept?.Calendar.Shifts() ?? [], shifts);
        return new(draft.InstrumentCode, draft.BasedOn, draft.BasedOn != (instrument.Kept?.Revision ?? 0), draft.At, draft.By,
            WrittenCalendar.Of(draft.Calendar, draft.BridgeableHours), problems,
            problems.Count > 0 ? null : draft.Calendar.BudgetBetween(shifts[0].Start, shifts[^1].End), diff.Gained, diff.Lost,
                await diff.HitsAsync(db, instrument.Code, now, cancel));
    }

    /// <summary>Keeps a draft's content, whether it is there already or not; saves.</summary>
    /// <exception cref="RuleViolation"><c>version-required</c>: the caller names no version of the draft that is there; <c>stale-write</c>: the caller or another saw an older one.</exception>
    internal static async Task<CalendarDraft> KeepAsync(
        SchedulingDb db, KeptInstrument instrument, RunCalendar calendar, int bridgeableHours, bool afresh, Guid by, HttpRequest http, DateTimeOffset now,
            CancellationToken cancel)
    {
        var draft = await db.CalendarDrafts.SingleOrDefaultAsync(x => x.InstrumentCode == instrument.Code, cancel);
        http.RequireSeen(draft?.Version);
        var isNew = draft is null;
        if (draft is null) db.Add(draft = new CalendarDraft { InstrumentCode = instrument.Code, Calendar = calendar });
        if (isNew || afresh) draft.BasedOn = instrument.Kept?.Revision ?? 0;
        draft.Become(calendar, bridgeableHours, by, now);
        await FirstOfTwo.SaveAsync(db, isNew, () => db.CalendarDrafts.AnyAsync(x => x.InstrumentCode == instrument.Code, cancel), cancel);
        return draft;
    }
}
