using System.Globalization;
using System.Security.Claims;
using CsvHelper;
using CsvHelper.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Showing;

/// <summary>
/// Everybody with an account sees when instruments are taken, by site, instrument, team, cell, laboratory or kind of equipment, as data for a chart or as CSV; whose shifts they are is told to those who may see it. What is shown was
/// published, or, of a plan that somebody who plans names, is its present draft.
/// </summary>
public static class ReadGantt
{
    private const int PageSize = 1000;
    private static readonly TimeSpan longest = TimeSpan.FromDays(366), usual = TimeSpan.FromDays(90);

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/gantt", Handle);
        group.MapGet("/gantt.csv", CsvAsync);
    }

    internal static async Task<Ok<Response>> Handle([AsParameters] Query query, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel)
    {
        if (query.Page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        var (from, to) = Range(query, time);
        var (bars, equipment) = await ShownAsync(query, from, to, PageSize, db, person, cancel);
        return TypedResults.Ok(new Response(from, to, bars, equipment, bars.Count == PageSize ? (query.Page ?? 1) + 1 : null));
    }

    internal static async Task<FileContentHttpResult> CsvAsync([AsParameters] Query query, SchedulingDb db, ClaimsPrincipal person, TimeProvider time, HttpResponse http, CancellationToken cancel)
    {
        if (query.Page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        var (from, to) = Range(query, time);
        var (bars, _) = await ShownAsync(query, from, to, 10 * PageSize, db, person, cancel);
        if (bars.Count == 10 * PageSize) http.Headers["X-Next-Page"] = ((query.Page ?? 1) + 1).ToString(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        await using (var text = new StreamWriter(bytes, leaveOpen: true))
        await using (var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { InjectionOptions = InjectionOptions.Escape }))
            await csv.WriteRecordsAsync(bars.Select(bar => new Row(
                bar.SiteCode, bar.InstrumentCode, bar.From.UtcDateTime.ToString("u", CultureInfo.InvariantCulture), bar.To.UtcDateTime.ToString("u", CultureInfo.InvariantCulture), bar.Shifts.Count, string.Join(" | ", bar.Shifts.Select(shift => shift.Label)),
                bar.Details?.Status.Word() ?? "", bar.Details?.ExperimentId.ToString() ?? "", bar.Details?.ProposalId.ToString() ?? "", bar.Details?.Title ?? "", bar.Details?.CellCode ?? "", string.Join(" | ", (bar.Details?.Equipment ?? []).Select(one => $"{one.Kind} at {one.LaboratoryCode}")))), cancel);
        return TypedResults.File(bytes.ToArray(), "text/csv; charset=utf-8", "shifts.csv");
    }

    private static (DateTimeOffset From, DateTimeOffset To) Range(Query query, TimeProvider time)
    {
        var from = query.From ?? time.GetUtcNow();
        if (!RunCalendar.IsPlausible(from.UtcDateTime)) throw Invalid("from", "gantt.date", "Dates lie between the years 2000 and 2200.");
        var to = query.To ?? from + usual;
        if (to <= from || to - from > longest) throw Invalid("to", "gantt.range", $"The end lies after the start, by at most {longest.TotalDays} days.");
        return (from, to);
    }

    private static RuleViolation Invalid(string path, string code, string text) => RuleViolation.Invalid("gantt.invalid", text, [new(path, code, text)]);

    private static async Task<(List<Bar> Bars, List<EquipmentBar> Equipment)> ShownAsync(Query query, DateTimeOffset from, DateTimeOffset to, int size, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var skip = ((query.Page ?? 1) - 1) * size;
        // Of a team, a cell or equipment only those know who may see the experiment: the filter must not tell others that there is something.
        var seenOnly = query.Proposal is not null || query.Cell is not null || query.Plan is not null || query.Laboratory is not null || query.Equipment is not null;
        var held = db.Reservations.AsNoTracking().Where(one => one.Status == ReservationStatus.Held
            && (query.Plan == null ? one.PromisedAt != null : db.Plans.Any(known => known.Id == query.Plan && (known.CopyOf ?? known.Id) == one.PlanId)));
        var pieces = held.Where(one => one.Kind == ReservationKind.Equipment && (query.Laboratory == null || one.HeldCode == query.Laboratory) && (query.Equipment == null || one.Wanted == query.Equipment));
        var visible = db.Experiments.SeenBy(person, db);
        var experiments = (seenOnly ? visible : db.Experiments).Where(x => (query.Instrument == null || x.InstrumentCode == query.Instrument) && (query.Proposal == null || x.ProposalId == query.Proposal)
            && (query.Cell == null || x.CellCode == query.Cell) && (query.Site == null || db.Instruments.Any(known => known.Code == x.InstrumentCode && known.SiteCode == query.Site))
            && ((query.Laboratory == null && query.Equipment == null) || pieces.Any(one => one.ExperimentId == x.Id)));
        if (query.Plan is { } plan)
        {
            if (!person.Holds(Roles.UserOffice) && !person.Holds(Roles.FacilityStaff)) throw RuleViolation.Forbidden("plan.not-yours", "Plans that are not published are seen by those who plan.");
            var drafts = await db.Set<PlanEntry>().AsNoTracking().Where(x => x.PlanId == plan).SeenBy(person, db).Where(x => x.From < to && x.To > from).Join(experiments, entry => entry.ExperimentId, one => one.Id, (entry, one) => new
            {
                Entry = entry, one.Title, one.Status,
                Site = db.Instruments.Where(known => known.Code == entry.InstrumentCode).Select(known => known.SiteCode).FirstOrDefault(),
            }).OrderBy(x => x.Entry.From).ThenBy(x => x.Entry.ExperimentId).Skip(skip).Take(size).ToListAsync(cancel);
            var byId = await held.ToDictionaryAsync(one => one.Id, cancel);
            return await WithEquipmentAsync(drafts.ConvertAll(x => (new Bar(x.Site ?? "", x.Entry.InstrumentCode, x.Entry.From ?? default, x.Entry.To ?? default, x.Entry.Shifts,
                Described(x.Entry.ExperimentId, x.Entry.ProposalId, x.Title, x.Status, Held.Of(x.Entry, byId))), x.Entry.Reservations)), pieces, cancel);
        }
        var rows = await experiments.AsNoTracking().Where(x => x.From < to && x.To > from).OrderBy(x => x.From).ThenBy(x => x.Id).Skip(skip).Take(size).Select(x => new
        {
            Experiment = x, Seen = visible.Any(one => one.Id == x.Id), Site = db.Instruments.Where(known => known.Code == x.InstrumentCode).Select(known => known.SiteCode).FirstOrDefault(),
        }).ToListAsync(cancel);
        return await WithEquipmentAsync(rows.ConvertAll(x => (new Bar(x.Site ?? "", x.Experiment.InstrumentCode, x.Experiment.From ?? default, x.Experiment.To ?? default, x.Experiment.PlacedShifts,
            x.Seen ? Described(x.Experiment.Id, x.Experiment.ProposalId, x.Experiment.Title, x.Experiment.Status, x.Experiment.Held) : null), x.Experiment.Reservations)), pieces, cancel);
    }

    /// <summary>The same with the equipment that is held for those of them that the reader may see.</summary>
    private static async Task<(List<Bar> Bars, List<EquipmentBar> Equipment)> WithEquipmentAsync(List<(Bar Bar, IReadOnlyList<Guid> Reservations)> bars, IQueryable<Reservation> pieces, CancellationToken cancel)
    {
        var seen = bars.Where(one => one.Bar.Details is not null && one.Reservations.Count > 0).ToList();
        var experiments = seen.ConvertAll(one => one.Bar.Details?.ExperimentId ?? default);
        var byId = experiments.Count == 0 ? [] : await pieces.Where(one => experiments.Contains(one.ExperimentId)).ToDictionaryAsync(one => one.Id, cancel);
        return (bars.ConvertAll(one => one.Bar), [.. from one in seen
                                                     from id in one.Reservations
                                                     where byId.ContainsKey(id)
                                                     let piece = byId[id]
                                                     orderby piece.HeldCode, piece.Wanted, piece.From, piece.Id
                                                     select new EquipmentBar(piece.HeldCode ?? "", piece.Wanted, piece.From, piece.To, one.Bar.InstrumentCode, one.Bar.Details)]);
    }

    private static Details Described(Guid experiment, Guid proposal, string title, ExperimentStatus status, Held held) => new(experiment, proposal, title, status, held.CellCode, held.Equipment);

    /// <summary>What is to be shown; each filter left out means all.</summary>
    public sealed record Query
    {
        /// <summary>From when; the present where left out.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Until when; ninety days later where left out, at most a year.</summary>
        public DateTimeOffset? To { get; init; }

        /// <summary>Of a site.</summary>
        public string? Site { get; init; }

        /// <summary>Of an instrument.</summary>
        public string? Instrument { get; init; }

        /// <summary>Of a team: its proposal.</summary>
        public Guid? Proposal { get; init; }

        /// <summary>With a cell.</summary>
        public string? Cell { get; init; }

        /// <summary>With equipment of a laboratory.</summary>
        public string? Laboratory { get; init; }

        /// <summary>With a kind of equipment.</summary>
        public string? Equipment { get; init; }

        /// <summary>As a plan has it that is not published; for those who plan.</summary>
        public Guid? Plan { get; init; }

        /// <summary>1, 2, 3, ...</summary>
        public int? Page { get; init; }
    }

    /// <summary>Bars in order of time, the equipment of laboratories that is held for them, and the number of the next page where there may be more.</summary>
    public sealed record Response(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<Bar> Bars, IReadOnlyList<EquipmentBar> Equipment, int? NextPage);

    /// <summary>A piece of equipment that a laboratory holds for the shifts of an experiment, in order of laboratory, kind and time; what is told of is what the reader may see, and what the filters ask for.</summary>
    public sealed record EquipmentBar(string LaboratoryCode, string Kind, DateTimeOffset From, DateTimeOffset To, string InstrumentCode, Details? Details);

    /// <summary>Shifts of an instrument that are taken; by whom is told to those who may see it.</summary>
    public sealed record Bar(string SiteCode, string InstrumentCode, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<PlacedShift> Shifts, Details? Details);

    /// <summary>By whom.</summary>
    public sealed record Details(Guid ExperimentId, Guid ProposalId, string Title, ExperimentStatus Status, string? CellCode, IReadOnlyList<HeldEquipment> Equipment);

    /// <summary>A line of the CSV; times in UTC, shifts as the site calls them.</summary>
    private sealed record Row(string Site, string Instrument, string FromUtc, string ToUtc, int Shifts, string SiteShifts, string Status, string Experiment, string Proposal, string Title, string Cell, string Equipment);
}
