using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Calendars;

/// <summary>Staff of a site tell how long an instrument is prepared, cleaned and changed between experiments; planners read it, and the planner keeps to it.</summary>
public static class TellSetUp
{
    private const int MostChanges = 100;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/instruments/{code}/set-up", ReadAsync);
        group.MapPut("/instruments/{code}/set-up", Handle);
    }

    internal static async Task<Results<Ok<Response>, NotFound>> ReadAsync(string code, SchedulingDb db, HttpResponse http, CancellationToken cancel)
    {
        if (!await db.Instruments.AnyAsync(x => x.Code == code, cancel)) return TypedResults.NotFound();
        var told = await db.SetUps.AsNoTracking().Include(x => x.History.OrderByDescending(change => change.Id).Take(MostChanges)).SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        if (told is not null) http.TellVersion(told.Version);
        return TypedResults.Ok(new Response(code, told is not null, told?.SetUp ?? SetUp.None,
            [.. told?.History.OrderByDescending(change => change.Id).Select(change => new Change(change.At, change.By, change.Reason, change.SetUp)) ?? []]));
    }

    internal static async Task<Results<NoContent, NotFound>> Handle(
        string code, Request request, SchedulingDb db, ClaimsPrincipal person, HttpRequest http, HttpResponse answer, TimeProvider time, CancellationToken cancel)
    {
        if (await KeptInstrument.LoadAsync(db, code, person, cancel) is null) return TypedResults.NotFound();
        List<Problem> problems = [.. KeptInstrument.CheckReason(request.Reason), .. request.SetUp.Validate().Select(error => new Problem("setUp", "set-up." + error.Code, error.Subject))];
        if (problems.Count > 0) throw RuleViolation.Invalid("set-up.invalid", "The set-up makes no sense like this.", problems);
        var now = time.GetUtcNow();
        var told = await db.SetUps.SingleOrDefaultAsync(x => x.InstrumentCode == code, cancel);
        http.RequireSeen(told?.Version);
        var isNew = told is null;
        if (told is null) db.Add(told = new InstrumentSetUp { InstrumentCode = code });
        told.Change(request.SetUp, person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now);
        await FirstOfTwo.SaveAsync(db, isNew, () => db.SetUps.AnyAsync(x => x.InstrumentCode == code, cancel), cancel);
        answer.TellVersion(told.Version);
        return TypedResults.NoContent();
    }

    /// <summary>What it needs.</summary>
    public sealed record Request
    {
        /// <summary>Why it is changed.</summary>
        public required string Reason { get; init; }

        /// <summary>The whole set-up.</summary>
        public required SetUp SetUp { get; init; }
    }

    /// <summary>What an instrument needs between experiments; not told: nothing.</summary>
    public sealed record Response(string InstrumentCode, bool Told, SetUp SetUp, IReadOnlyList<Change> History);

    /// <summary>What was told, the latest first.</summary>
    public sealed record Change(DateTimeOffset At, Guid By, string Reason, SetUp SetUp);
}
