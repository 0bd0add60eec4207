using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Knowing;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// How much of what the pool has the planner may give to the experiments that it places: never less than the pool would lend, so that the pool, which knows every single cell, keeps the last
/// word. Cells of a design (pieces of a kind, over the laboratories) that can serve the same instruments are alike. The planner looks at one such stock for each experiment: its cell, or
/// else the equipment of which there is least. What the pool has not told of is not limited, nor what is nowhere to be had: the pool says best why.
/// </summary>
internal sealed class Stocks
{
    private readonly PlanSnapshot snapshot;
    private readonly KnownPool pool;
    private readonly TimeGrid grid;
    private readonly DateTimeOffset now;
    private readonly (DateTimeOffset From, DateTimeOffset To) ends;
    private readonly IReadOnlySet<Guid> standing;
    private readonly IReadOnlyList<PlanEntry> entries;
    private readonly Dictionary<(Need Need, string Instrument), string> names = [];
    private readonly List<PoolStock> all = [];

    /// <param name="entries">The plan.</param>
    /// <param name="standing">Experiments of the plan that stay where they are.</param>
    /// <param name="to">The end of the time that is planned.</param>
    public Stocks(PlanSnapshot snapshot, IReadOnlyList<PlanEntry> entries, TimeGrid grid, IReadOnlySet<Guid> standing, DateTimeOffset to, DateTimeOffset now)
    {
        (this.snapshot, this.entries, this.grid, this.now, this.standing) = (snapshot, entries, grid, now, standing);
        pool = snapshot.Pool ?? throw new InvalidOperationException("What the pool has was not read.");
        ends = (grid.Start - KnownPool.LongestKept, to + KnownPool.LongestKept);
        var wanted = snapshot.Experiments.Where(one => !standing.Contains(one.Id)).SelectMany(one => snapshot.EligibleOf(one).Select(instrument => LimitedOf(one, instrument) is { } need ? (need, instrument) : ((Need, string)?)null))
            .OfType<(Need Need, string Instrument)>().Distinct();
        foreach (var same in wanted.GroupBy(one => one.Need, one => one.Instrument).OrderBy(same => same.Key.Kind).ThenBy(same => same.Key.Code, StringComparer.Ordinal))
            foreach (var (instruments, sources) in Alike(same.Order(StringComparer.Ordinal), [.. SourcesOf(same.Key)]))
            {
                all.Add(Stock(same.Key, instruments, sources));
                foreach (var instrument in instruments) names[(same.Key, instrument)] = all[^1].Name;
            }
    }

    /// <summary>The stocks that there are.</summary>
    public IReadOnlyList<PoolStock> All => all;

    /// <summary>The stock of which an experiment needs a piece at an instrument; null: none that is limited.</summary>
    public string? Of(Experiment experiment, string instrument) => LimitedOf(experiment, instrument) is { } need ? names.GetValueOrDefault((need, instrument)) : null;

    private Need? LimitedOf(Experiment experiment, string instrument) => Need.Of(experiment.CellDesignCode, experiment.Equipment).Select(need => (Need: need, Pieces: PiecesOf(need, instrument)))
        .Where(one => one.Pieces > 0).OrderBy(one => one.Need.Kind).ThenBy(one => one.Need.Kind == ReservationKind.Cell ? 0 : one.Pieces).ThenBy(one => one.Need.Code, StringComparer.Ordinal)
        .Select(one => one.Need).FirstOrDefault();

    private int PiecesOf(Need need, string instrument) => need.Kind switch
    {
        ReservationKind.Cell => pool.Cells.Count(cell => cell.DesignCode == need.Code && cell.InstrumentCodes.Contains(instrument)),
        ReservationKind.Equipment => pool.Equipment.Where(one => one.Kind == need.Code && Serves(one, instrument)).Sum(one => one.Pieces),
    };

    private bool Serves(KnownEquipment equipment, string instrument) => equipment.InstrumentCodes.Contains(instrument) || (equipment.SharedBySite && equipment.SiteCode == snapshot.SiteOf(instrument));

    private IEnumerable<Source> SourcesOf(Need need) => need.Kind switch
    {
        ReservationKind.Cell => pool.Cells.Where(cell => cell.DesignCode == need.Code).Select(Cell),
        ReservationKind.Equipment => pool.Equipment.Where(one => one.Kind == need.Code && one.Pieces > 0).Select(Equipment),
    };

    /// <summary>A cell in repair stays with those for whom it is held, and is nobody else's.</summary>
    private Source Cell(KnownCell cell)
    {
        var (kept, lent) = Holds(ReservationKind.Cell, cell.DesignCode, cell.Code);
        var source = new Source(cell.Code, 1, cell.InstrumentCodes.Contains, site => TimeSpan.FromHours(cell.BeforeHours + (site == cell.HomeSite ? 0 : cell.ShippingHours)),
            site => TimeSpan.FromHours(cell.AfterHours + (site == cell.HomeSite ? 0 : cell.ShippingHours)));
        return source with { Absences = [.. cell.Lendable ? Kept(source, lent) : Except(Kept(source, kept))] };
    }

    private Source Equipment(KnownEquipment equipment)
    {
        var (kept, lent) = Holds(ReservationKind.Equipment, equipment.Kind, equipment.LaboratoryCode);
        var source = new Source(equipment.LaboratoryCode, equipment.Pieces, instrument => Serves(equipment, instrument), _ => TimeSpan.FromHours(equipment.BeforeHours), _ => TimeSpan.FromHours(equipment.AfterHours));
        var absences = Kept(source, lent).Concat(equipment.Outages.Select(one => new Absence(one.From, one.To ?? ends.To, one.Pieces)));
        // What is held already need not be asked for in time.
        if (kept.Count == 0) absences = absences.Append(new(ends.From, now.AddHours(equipment.LeadHours), equipment.Pieces));
        return source with { Absences = [.. absences] };
    }

    private IEnumerable<Absence> Kept(Source source, IEnumerable<Reservation> held) =>
        held.Select(one => new Absence(one.From - source.Before(snapshot.SiteOf(one.InstrumentCode)), one.To + source.After(snapshot.SiteOf(one.InstrumentCode)), 1));

    private IEnumerable<Absence> Except(IEnumerable<Absence> kept)
    {
        var from = ends.From;
        foreach (var one in kept.OrderBy(one => one.From))
        {
            if (from < one.From) yield return new(from, one.From, 1);
            if (from < one.To) from = one.To;
        }
        yield return new(from, ends.To, 1);
    }

    /// <summary>
    /// What is held of a source: for experiments that the planner may move, and for all others. Where one stands elsewhere than what is held for it (in a copy, or moved by hand), that is neither:
    /// it is let go with the place that it was for.
    /// </summary>
    private (List<Reservation> Kept, List<Reservation> Lent) Holds(ReservationKind kind, string wanted, string source)
    {
        var held = pool.Lent.Where(one => one.Kind == kind && one.Wanted == wanted && one.HeldCode == source).ToList();
        return (held.FindAll(one => IsFree(one.ExperimentId)),
            held.FindAll(one => !IsFree(one.ExperimentId) && (!standing.Contains(one.ExperimentId) || entries.Any(one.IsFor))));
    }

    private bool IsFree(Guid experiment) => snapshot.ById.ContainsKey(experiment) && !standing.Contains(experiment);

    /// <summary>Instruments together with those that can have the same: each set of sources serves one set of instruments.</summary>
    private static List<(List<string> Instruments, List<Source> Sources)> Alike(IEnumerable<string> instruments, List<Source> sources)
    {
        List<(List<string> Instruments, List<Source> Sources)> alike = [];
        foreach (var instrument in instruments)
        {
            var mine = sources.FindAll(source => source.Serves(instrument));
            var met = alike.FindAll(one => one.Sources.Intersect(mine).Any());
            alike.RemoveAll(met.Contains);
            alike.Add(([.. met.SelectMany(one => one.Instruments), instrument], [.. met.SelectMany(one => one.Sources).Union(mine)]));
        }
        return alike;
    }

    /// <summary>
    /// The planner keeps the same time before a block as after it. With half of what is needed between two blocks on either side the time between them is right, and what is gone moves by
    /// the difference; where sources differ, the least of it holds.
    /// </summary>
    private PoolStock Stock(Need need, List<string> instruments, List<Source> sources)
    {
        var around = snapshot.Instruments.Values.Select(one => one.SiteCode ?? "").Append("").Distinct().ToDictionary(site => site, site => sources.Min(source => (source.Before(site) + source.After(site)) / 2));
        var sites = instruments.Select(snapshot.SiteOf).Distinct().ToList();
        var gone = sources.SelectMany(source => Widened(source, sites.Max(site => around[site] - source.After(site)), sites.Min(site => source.Before(site) - around[site])));
        var unheld = entries.Where(entry => standing.Contains(entry.ExperimentId) && instruments.Contains(entry.InstrumentCode) && entry.Needs.Contains(need) && !HoldsIt(entry))
            .Select(entry => new Absence((entry.From ?? ends.From) - around[snapshot.SiteOf(entry.InstrumentCode)], (entry.To ?? ends.To) + around[snapshot.SiteOf(entry.InstrumentCode)], 1));
        return new($"{need.Kind} {need.Code} at {instruments[0]}", need.Kind == ReservationKind.Cell ? PoolStock.CellsOut : PoolStock.EquipmentOut, sources.Sum(source => source.Pieces),
            [.. gone.Concat(unheld).Select(one => new StockGone(Math.Max(0, grid.UnitAfter(one.From)), grid.UnitBefore(one.To), one.Pieces)).Where(one => one.From < one.To)],
            around.ToDictionary(one => one.Key, one => grid.UnitsIn((int)one.Value.TotalMinutes)))
        {
            Instruments = [.. instruments.Union(snapshot.Advised.Where(other => sites.Contains(snapshot.SiteOf(other)) && SourcesOf(need).Where(source => source.Serves(other)).Select(source => source.Code).ToList() is { Count: > 0 } there
                && there.TrueForAll(code => sources.Exists(source => source.Code == code))))],
        };

        bool HoldsIt(PlanEntry entry) => pool.Lent.Any(one => one.Need == need && one.IsFor(entry));
    }

    /// <summary>
    /// When so many of a source's pieces are gone, never more than it has, each of these times with a begin and an end that are moved. A piece is gone once, however many reasons there are for it and
    /// however the moved times overlap: only of the pieces that are gone together are there more.
    /// </summary>
    private IEnumerable<Absence> Widened(Source source, TimeSpan begin, TimeSpan end)
    {
        var absences = source.Absences.Select(one => one with { From = Within(one.From), To = Within(one.To) }).Where(one => one.From < one.To).ToList();
        var cuts = absences.SelectMany(one => new[] { one.From, one.To }).Distinct().Order().ToList();
        var steps = cuts.Zip(cuts.Skip(1), (from, to) => new Absence(from, to, Math.Min(source.Pieces, absences.Where(one => one.From <= from && from < one.To).Sum(one => one.Pieces)))).ToList();
        var fewer = 0;
        foreach (var pieces in steps.Select(step => step.Pieces).Where(pieces => pieces > 0).Distinct().Order())
        {
            Absence? open = null;
            foreach (var step in steps.Where(step => step.Pieces >= pieces))
            {
                var moved = new Absence(step.From + begin, step.To + end, pieces - fewer);
                if (open is not { } before) open = moved;
                else if (moved.From <= before.To) open = before with { To = moved.To };
                else
                {
                    yield return before;
                    open = moved;
                }
            }
            if (open is { } last) yield return last;
            fewer = pieces;
        }
    }

    private DateTimeOffset Within(DateTimeOffset at) => at < ends.From ? ends.From : at > ends.To ? ends.To : at;

    /// <summary>So many pieces of a source cannot be had for a time.</summary>
    private readonly record struct Absence(DateTimeOffset From, DateTimeOffset To, int Pieces);

    /// <summary>A cell, or a laboratory's pieces of a kind: whom it serves, how long it is kept before and after the shifts at a site, and when it cannot be had.</summary>
    private sealed record Source(string Code, int Pieces, Func<string, bool> Serves, Func<string, TimeSpan> Before, Func<string, TimeSpan> After)
    {
        public IReadOnlyList<Absence> Absences { get; init; } = [];
    }
}
