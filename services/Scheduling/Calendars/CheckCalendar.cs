using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Before a calendar is published its keepers see what users gain and lose, and whose promised shifts it takes; nothing is kept.</summary>
public static class CheckCalendar
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/instruments/{code}/calendar/check", Handle);

    internal static async Task<Results<Ok<Response>,
        NotFound>> Handle(string code, WrittenCalendar request, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { } instrument) return TypedResults.NotFound();
        var calendar = instrument.Understand(request, []);
        var (shifts, diff) = instrument.Compare(calendar);
        return TypedResults.Ok(new Response(shifts.Count, calendar.BudgetBetween(shifts[0].Start, shifts[^1].End), diff.Gained, diff.Lost,
            await diff.HitsAsync(db, code, time.GetUtcNow(), cancel)));
    }

    /// <summary>What would change.</summary>
    public sealed record Response(int Shifts, ShiftBudget Budget, IReadOnlyList<Shift> Gained, IReadOnlyList<Shift> Lost, IReadOnlyList<CalendarHit> Hits);
}
