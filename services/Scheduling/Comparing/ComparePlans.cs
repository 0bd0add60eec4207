using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Scheduling.Comparing;

/// <summary>
/// Planners see how a plan or a copy differs from what the teams were promised, or, where nothing was, from the plan it is a copy of: what moved, came and went, what it is worth,
/// and how many shifts sites and countries give.
/// </summary>
public static class ComparePlans
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/plans/{id:guid}/comparison", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        var plan = await db.Plans.AsNoTracking().Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (plan is null) return TypedResults.NotFound();
        var lineage = plan.Lineage;
        var origin = await db.Plans.Where(x => x.Id == lineage).Select(x => new { x.LiveVersion, x.Head }).SingleAsync(cancel);
        var number = origin.LiveVersion ?? origin.Head;
        var other = await db.Versions.AsNoTracking().SingleOrDefaultAsync(x => x.PlanId == lineage && x.Number == number, cancel);
        var lines = other?.Lines ?? [];
        var seen = await db.Set<PlanEntry>().Where(x => x.PlanId == id).SeenBy(person, db).Select(x => x.ExperimentId).ToHashSetAsync(cancel);
        var sites = await db.Instruments.Where(x => x.SiteCode != null).ToDictionaryAsync(x => x.Code, x => x.SiteCode ?? "", cancel);
        var countries = await db.Sites.ToDictionaryAsync(x => x.Code, x => x.Country, cancel);
        var before = lines.Where(line => line.Shifts.Count > 0).ToDictionary(line => line.ExperimentId, line => new Place(line.InstrumentCode, line.Shifts));
        var after = plan.Entries.Where(entry => entry.IsPlaced).ToDictionary(entry => entry.ExperimentId, entry => new Place(entry.InstrumentCode, entry.Shifts));
        return TypedResults.Ok(new Response
        {
            With = lineage, WithVersion = number, Published = origin.LiveVersion is not null, ObjectiveBefore = other?.Objective ?? 0, ObjectiveAfter = plan.Objective ?? 0,
            Moved = [.. after.Where(one => seen.Contains(one.Key) && before.TryGetValue(one.Key, out var was) && !Same(was, one.Value)).Select(one => new Move(one.Key, before[one.Key], one.Value))],
            Added = [.. after.Where(one => seen.Contains(one.Key) && !before.ContainsKey(one.Key)).Select(one => new Move(one.Key, null, one.Value))],
            Dropped = [.. before.Where(one => seen.Contains(one.Key) && !after.ContainsKey(one.Key)).Select(one => new Move(one.Key, one.Value, null))],
            ShiftsBySite = Count(code => sites.GetValueOrDefault(code, "")),
            ShiftsByCountry = Count(code => countries.GetValueOrDefault(sites.GetValueOrDefault(code, ""), "")),
        });

        List<Shifts> Count(Func<string, string> key)
        {
            var (was, now) = (before.Values.GroupBy(one => key(one.InstrumentCode)).ToDictionary(group => group.Key, Sum), after.Values.GroupBy(one => key(one.InstrumentCode)).ToDictionary(group => group.Key, Sum));
            return [.. was.Keys.Union(now.Keys).Order(StringComparer.Ordinal).Select(one => new Shifts(one, was.GetValueOrDefault(one), now.GetValueOrDefault(one)))];
        }

        static int Sum(IEnumerable<Place> places) => places.Sum(place => place.Shifts.Count);

        static bool Same(Place one, Place other) => one.InstrumentCode == other.InstrumentCode && one.Shifts.Select(shift => (shift.Start, shift.Block)).SequenceEqual(other.Shifts.Select(shift => (shift.Start, shift.Block)));
    }

    /// <summary>How two plans differ; of experiments the reader sees those of the own site.</summary>
    public sealed record Response
    {
        /// <summary>The plan compared with.</summary>
        public required Guid With { get; init; }

        /// <summary>Its version.</summary>
        public required int WithVersion { get; init; }

        /// <summary>Whether that version is what the teams were promised.</summary>
        public required bool Published { get; init; }

        /// <summary>What that is worth.</summary>
        public required long ObjectiveBefore { get; init; }

        /// <summary>What this is worth.</summary>
        public required long ObjectiveAfter { get; init; }

        /// <summary>Elsewhere or at another time.</summary>
        public required IReadOnlyList<Move> Moved { get; init; }

        /// <summary>Only here.</summary>
        public required IReadOnlyList<Move> Added { get; init; }

        /// <summary>Only there.</summary>
        public required IReadOnlyList<Move> Dropped { get; init; }

        /// <summary>Shifts by site.</summary>
        public required IReadOnlyList<Shifts> ShiftsBySite { get; init; }

        /// <summary>Shifts by the country of the site.</summary>
        public required IReadOnlyList<Shifts> ShiftsByCountry { get; init; }
    }

    /// <summary>An experiment before and after.</summary>
    public sealed record Move(Guid ExperimentId, Place? Before, Place? After);

    /// <summary>A place.</summary>
    public sealed record Place(string InstrumentCode, IReadOnlyList<PlacedShift> Shifts);

    /// <summary>Shifts that a site or country gives, before and after.</summary>
    public sealed record Shifts(string Code, int Before, int After);
}
