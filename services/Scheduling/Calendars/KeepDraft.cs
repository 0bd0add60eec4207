using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Keepers read, change and throw away the draft of a calendar.</summary>
public static class KeepDraft
{
    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/instruments/{code}/calendar/draft", HandleRead);
        group.MapPut("/instruments/{code}/calendar/draft", Handle);
        group.MapDelete("/instruments/{code}/calendar/draft", HandleDelete);
    }

    internal static async Task<Results<Ok<DraftView>,
        NotFound>> HandleRead(string code, SchedulingDb db, ClaimsPrincipal person, HttpResponse answer, TimeProvider time, CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { } instrument) return TypedResults.NotFound();
        if (await db.CalendarDrafts.AsNoTracking().SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel) is not { } draft) return TypedResults.NotFound();
        answer.TellVersion(draft.Version);
        return TypedResults.Ok(await DraftView.OfAsync(db, instrument, draft, time.GetUtcNow(), cancel));
    }

    internal static async Task<Results<Ok<DraftView>, NotFound>> Handle(
        string code, WrittenCalendar request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time,
            CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is not { } instrument) return TypedResults.NotFound();
        var now = time.GetUtcNow();
        var draft = await DraftView.KeepAsync(db, instrument, instrument.Understand(request, []), request.BridgeableHours, afresh: false, person.Id, http, now,
            cancel);
        answer.TellVersion(draft.Version);
        return TypedResults.Ok(await DraftView.OfAsync(db, instrument, draft, now, cancel));
    }

    internal static async Task<Results<NoContent,
        NotFound>> HandleDelete(string code, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is null) return TypedResults.NotFound();
        if (await db.CalendarDrafts.SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel) is not { } draft) return TypedResults.NotFound();
        http.RequireSeen(draft.Version);
        db.Remove(draft);
        await db.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }
}
