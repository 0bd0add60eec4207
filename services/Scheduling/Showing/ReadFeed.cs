using System.Globalization;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Scheduling.Showing;

/// <summary>
/// Calendar programs read shifts of an instrument, a team or a person as iCalendar (RFC 5545), with a secret address in place of a login. An experiment keeps its UID, block by block; SEQUENCE rises with
/// each change of its promise, and what was taken away is sent as CANCELLED. What the reader may not see is only taken time.
/// </summary>
public static class ReadFeed
{
    private const int Most = 5000;
    private static readonly TimeSpan back = TimeSpan.FromDays(183);

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/feeds/{secret}/me.ics", (string secret, SchedulingDb db, TimeProvider time, CancellationToken cancel) => Handle(secret, "My shifts", null, null, db, time, cancel)).AllowAnonymous();
        group.MapGet("/feeds/{secret}/instruments/{code}.ics", (string secret, string code, SchedulingDb db, TimeProvider time, CancellationToken cancel) => Handle(secret, $"Shifts at {code}", code, null, db, time, cancel)).AllowAnonymous();
        group.MapGet("/feeds/{secret}/proposals/{id:guid}.ics", (string secret, Guid id, SchedulingDb db, TimeProvider time, CancellationToken cancel) => Handle(secret, "Shifts of a team", null, id, db, time, cancel)).AllowAnonymous();
    }

    internal static async Task<Results<ContentHttpResult, NotFound>> Handle(string secret, string name, string? instrument, Guid? proposal, SchedulingDb db, TimeProvider time, CancellationToken cancel)
    {
        var (hash, now) = (FeedToken.HashOf(secret), time.GetUtcNow());
        var token = await db.FeedTokens.AsNoTracking().SingleOrDefaultAsync(x => x.Hash == hash, cancel);
        if (token is null || token.ExpiresAt < now) return TypedResults.NotFound();
        if (instrument is not null && !await db.Instruments.AnyAsync(x => x.Code == instrument, cancel)) return TypedResults.NotFound();
        var (person, me, since) = (token.Person(), token.PersonId, now - back);
        var visible = db.Experiments.SeenBy(person, db);
        var wanted = (instrument, proposal) switch
        {
            ({ } code, _) => db.Experiments.Where(x => x.InstrumentCode == code),
            (_, { } id) => visible.Where(x => x.ProposalId == id),
            _ => db.Experiments.Where(x => db.Proposals.Any(known => known.Id == x.ProposalId && known.Team.Any(member => member.PersonId == me))),
        };
        var rows = await wanted.AsNoTracking().Include(x => x.History).Where(x => x.To > since || (x.To == null && x.History.Any(change => change.At > since))).OrderBy(x => x.To == null).ThenBy(x => x.From).ThenBy(x => x.Id).Take(Most).ToListAsync(cancel);
        var ids = rows.ConvertAll(one => one.Id);
        var seen = await visible.Where(x => ids.Contains(x.Id)).Select(x => x.Id).ToHashSetAsync(cancel);
        var calendar = new Ical.Net.Calendar { ProductId = "-//Tutti//Shifts//EN", Method = "PUBLISH" };
        calendar.AddProperty("X-WR-CALNAME", name);
        calendar.Events.AddRange(rows.SelectMany(one => seen.Contains(one.Id) ? Events(one, since) : Taken(one, token, since, now)));
        return TypedResults.Content(new CalendarSerializer().SerializeToString(calendar) ?? "", "text/calendar; charset=utf-8");
    }

    /// <summary>One event for each block that was ever promised: those of the present promise, and, cancelled where they last were, those that are gone.</summary>
    private static IEnumerable<CalendarEvent> Events(Experiment experiment, DateTimeOffset since)
    {
        var history = experiment.History.OrderBy(change => change.Id).ToList();
        var present = experiment.PlacedShifts.GroupBy(shift => shift.Block).ToDictionary(block => block.Key, block => block.ToList());
        var last = new Dictionary<int, List<PlacedShift>>();
        foreach (var block in history.SelectMany(change => change.Shifts.GroupBy(shift => shift.Block))) last[block.Key] = [.. block];
        foreach (var (block, shifts) in last.OrderBy(one => one.Key))
        {
            var placed = present.TryGetValue(block, out var promised);
            var at = promised ?? shifts;
            if (at[^1].End < since) continue;
            yield return new CalendarEvent
            {
                Uid = string.Create(CultureInfo.InvariantCulture, $"{experiment.Id}-{block}@tutti"),
                Sequence = history.Count,
                DtStamp = new CalDateTime(history[^1].At.UtcDateTime, "UTC"),
                Start = new CalDateTime(at[0].Start.UtcDateTime, "UTC"),
                End = new CalDateTime(at[^1].End.UtcDateTime, "UTC"),
                Status = placed ? EventStatus.Confirmed : EventStatus.Cancelled,
                Summary = $"{experiment.InstrumentCode}: {experiment.Title}",
                Location = experiment.InstrumentCode,
                Description = string.Join("\n", at.Select(shift => shift.Label).Append(experiment.CellCode is { } cell ? $"Cell {cell}" : "").Concat(experiment.HeldEquipment.Select(one => $"{one.Kind} at {one.LaboratoryCode}"))).TrimEnd(),
            };
        }
    }

    /// <summary>To those who may not see an experiment: that the instrument is taken, and nothing by which to follow what becomes of it.</summary>
    private static IEnumerable<CalendarEvent> Taken(Experiment experiment, FeedToken token, DateTimeOffset since, DateTimeOffset now) =>
        experiment.PlacedShifts.GroupBy(shift => shift.Block).Select(block => block.ToList()).Where(block => block[^1].End > since).Select(block => new CalendarEvent
        {
            Uid = FeedToken.HashOf(string.Create(CultureInfo.InvariantCulture, $"{token.Hash} {experiment.Id} {block[0].Start:u} {block[^1].End:u}")) + "@tutti",
            DtStamp = new CalDateTime(now.UtcDateTime, "UTC"),
            Start = new CalDateTime(block[0].Start.UtcDateTime, "UTC"),
            End = new CalDateTime(block[^1].End.UtcDateTime, "UTC"),
            Status = EventStatus.Confirmed,
            Summary = $"{experiment.InstrumentCode}: taken",
            Location = experiment.InstrumentCode,
        });
}
