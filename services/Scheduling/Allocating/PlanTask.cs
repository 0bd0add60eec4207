using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using Tutti.Scheduling.Holding;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// One round's question to the planner, and how its answer reads in calendars and experiments. Published shifts stand as pins, each block as one
/// shift of its own, so that a calendar changed after publication cannot contradict them.
/// </summary>
internal sealed class PlanTask
{
    private static readonly TimeSpan longest = TimeSpan.FromDays(4 * 366);

    private readonly PlanSnapshot snapshot;
    private readonly TimeGrid grid;
    private readonly DateTimeOffset from, to;
    private readonly Dictionary<string, IReadOnlyList<Shift>> shifts = [];

    public PlanTask(PlanSnapshot snapshot, TimeSpan travel, bool keepHeld)
    {
        this.snapshot = snapshot;
        var proposals = snapshot.Proposals.Values;
        from = Later(snapshot.Plan.RequestedAt, proposals.Select(one => one.BeamtimeFrom).DefaultIfEmpty(snapshot.Plan.RequestedAt).Min());
        to = Earlier(from + longest, proposals.Select(one => one.BeamtimeTo).DefaultIfEmpty(from).Max());
        if (to < from) to = from;
        var pinned = Pinnable();
        var start = pinned.Select(one => one.From).OfType<DateTimeOffset>().Append(from).Min().UtcDateTime.Date;
        grid = TimeGrid.QuarterHours(new DateTimeOffset(start, TimeSpan.Zero));

        var instruments = snapshot.Experiments.Concat(pinned).Select(one => one.InstrumentCode).Distinct().Order(StringComparer.Ordinal).Select(code => Instrument(code, pinned)).ToList();
        List<PlanningExperiment> experiments = [.. Free(), .. AsPlanned(pinned, instruments.ToDictionary(one => one.Id, one => one.Site), travel)];
        var held = keepHeld ? Held(instruments, experiments.Select(one => one.Id).ToHashSet()) : [];
        HasHeld = held.Count > 0;
        Promised = pinned.Where(one => snapshot.Proposals.ContainsKey(one.ProposalId)).Sum(one => 2L * snapshot.Proposals[one.ProposalId].Score);
        var promised = pinned.Select(one => one.Id).ToHashSet();
        var ids = experiments.Select(one => one.Id).ToHashSet();
        Problem = new PlanningProblem
        {
            Grid = grid, Instruments = instruments, Experiments = experiments, DefaultTravel = (int)Math.Ceiling(travel / grid.Unit),
            Precedences = [.. snapshot.Experiments.Concat(pinned).SelectMany(one => one.After.Select(after => (one.Id, after)))
                .Where(order => ids.Contains(order.Id) && ids.Contains(order.after.ExperimentId) && !(promised.Contains(order.Id) && promised.Contains(order.after.ExperimentId)))
                .Select(order => new Precedence(order.after.ExperimentId, order.Id, order.after.MinGapHours * 4, order.after.MaxGapHours * 4))],
            Pins = [.. pinned.Select(one => new Pin(one.Id, one.InstrumentCode, Unit(one.From), Unit(one.To))), .. held],
        };
    }

    /// <summary>The question.</summary>
    public PlanningProblem Problem { get; }

    /// <summary>Whether experiments with a held cell were told to stay.</summary>
    public bool HasHeld { get; }

    /// <summary>What published experiments add to the objective; they are not this plan's merit.</summary>
    public long Promised { get; }

    /// <summary>The answer as entries of the plan.</summary>
    public List<PlanEntry> Entries(Plan answer)
    {
        var placed = answer.Placements.ToDictionary(one => one.ExperimentId);
        var unplaced = answer.Unplaced.ToDictionary(one => one.ExperimentId);
        return [.. snapshot.Experiments.Select(experiment =>
        {
            var value = (experiment.Required ? 2L : 1L) * snapshot.Proposals[experiment.ProposalId].Score * experiment.Shifts;
            var entry = new PlanEntry
            {
                PlanId = snapshot.Plan.Id, ExperimentId = experiment.Id, ProposalId = experiment.ProposalId, InstrumentCode = experiment.InstrumentCode,
                CellDesignCode = experiment.CellDesignCode, Mode = experiment.Mode, Required = experiment.Required, Value = value,
            };
            if (placed.TryGetValue(experiment.Id, out var place))
                (entry.From, entry.To, entry.Shifts) = (grid.InstantAt(place.Start), grid.InstantAt(place.End),
                    [.. place.Shifts.Select(index => shifts[place.Instrument][index]).Select(shift => new PlacedShift(shift.Start, shift.End, shift.Label))]);
            else if (unplaced.TryGetValue(experiment.Id, out var why))
                entry.Reasons = [.. why.Reasons.SelectMany(code => code == UnplacedReasons.CellRefused && RefusedLast(experiment.Id) is { Reasons.Count: > 0 } told ? told.Reasons : [Reasons.Of(code)])];
            else entry.Reasons = [Reasons.Of(UnplacedReasons.WindowTooSmall)];
            return entry;
        })];
    }

    private Reservation? RefusedLast(Guid experiment) => snapshot.Reservations.LastOrDefault(one => one.ExperimentId == experiment && one.Status == ReservationStatus.Refused);

    /// <summary>Published experiments in order of time; of two on the same shifts, which only a changed catalogue can bring about, the first.</summary>
    private List<Experiment> Pinnable()
    {
        var end = new Dictionary<string, DateTimeOffset?>();
        var pinned = new List<Experiment>();
        foreach (var one in snapshot.Published.Where(one => one.From is not null && one.To is not null && one.To > from - longest))
        {
            if (end.TryGetValue(one.InstrumentCode, out var last) && one.From < last) continue;
            end[one.InstrumentCode] = one.To;
            pinned.Add(one);
        }
        return pinned;
    }

    private PlanningInstrument Instrument(string code, List<Experiment> pinned)
    {
        var known = snapshot.Instruments.GetValueOrDefault(code);
        var calendar = snapshot.Calendars.GetValueOrDefault(code);
        var blocks = pinned.Where(one => one.InstrumentCode == code && one.From is not null && one.To is not null).Select(one => new Shift(one.From ?? default, one.To ?? default, "")).ToList();
        var open = known?.IsRetired == true || calendar is null ? [] : calendar.Calendar.ShiftsBetween(from, to);
        shifts[code] = [.. open.Where(shift => !blocks.Exists(block => block.Start < shift.End && shift.Start < block.End)).Concat(blocks).OrderBy(shift => shift.Start)];
        return new PlanningInstrument
        {
            Id = code, Site = known?.SiteCode ?? "", OpenShifts = grid.OpenShifts(shifts[code]), SharedSources = known?.SharedSources ?? [],
            BridgeableGap = (calendar?.BridgeableHours ?? 0) * 4,
        };
    }

    private List<PlanningExperiment> Free()
    {
        var free = new List<PlanningExperiment>();
        foreach (var one in snapshot.Experiments)
        {
            var proposal = snapshot.Proposals[one.ProposalId];
            var (release, due) = (grid.UnitAfter(Later(from, proposal.BeamtimeFrom)), grid.UnitBefore(Earlier(to, proposal.BeamtimeTo)));
            if (due <= release) continue;
            free.Add(new PlanningExperiment
            {
                Id = one.Id, ProposalId = one.ProposalId, TeamId = proposal.LeaderId, Score = proposal.Score, Shifts = one.Shifts, Instruments = [one.InstrumentCode],
                Release = release, Due = due, Required = one.Required,
                Forbidden = [.. snapshot.Reservations.Where(refused => refused.ExperimentId == one.Id && refused.Status == ReservationStatus.Refused).SelectMany(Forbidden).Concat(WithoutStaff(one.InstrumentCode))],
            });
        }
        return free;
    }

    /// <summary>Times at which everybody who looks after the instrument is away.</summary>
    private IEnumerable<ForbiddenInterval> WithoutStaff(string instrument) => snapshot.Staff.CapacityOf(instrument, from, to).Where(piece => piece.AtOnce == 0)
        .Select(piece => new ForbiddenInterval(instrument, grid.UnitBefore(piece.From), grid.UnitAfter(piece.To), ForbiddenReason.StaffAway));

    /// <summary>What a refusal teaches: nothing from the time that was refused until the next that is free, nor between two that are.</summary>
    private IEnumerable<ForbiddenInterval> Forbidden(Reservation refused)
    {
        var code = refused.InstrumentCode;
        if (refused.NextFree.Count == 0)
        {
            yield return new(code, 0, grid.UnitAfter(to) + 1, ForbiddenReason.CellRefused);
            yield break;
        }
        var later = refused.NextFree.Where(free => free.From > refused.From).OrderBy(free => free.From).ToList();
        var end = later.Count > 0 ? later[0].From : refused.To;
        yield return new(code, grid.UnitBefore(refused.From), Math.Max(grid.UnitBefore(refused.From) + 1, grid.UnitAfter(end)), ForbiddenReason.CellRefused);
        foreach (var (one, next) in later.Zip(later.Skip(1)))
            if (one.To is { } over && grid.UnitBefore(over) < grid.UnitAfter(next.From))
                yield return new(code, grid.UnitBefore(over), grid.UnitAfter(next.From), ForbiddenReason.CellRefused);
    }

    /// <summary>Published experiments as the planner sees them. Two of one team that clash, as only a changed travel time can make them, are taken as of different teams.</summary>
    private List<PlanningExperiment> AsPlanned(List<Experiment> pinned, Dictionary<string, string> siteOf, TimeSpan travel)
    {
        var last = new Dictionary<Guid, Experiment>();
        var planned = new List<PlanningExperiment>();
        foreach (var one in pinned)
        {
            var team = snapshot.LeadersOfPublished.GetValueOrDefault(one.ProposalId);
            if (team is { } leader)
            {
                if (last.TryGetValue(leader, out var before) && one.From < before.To + (siteOf[before.InstrumentCode] == siteOf[one.InstrumentCode] ? TimeSpan.Zero : travel + grid.Unit)) team = null;
                else last[leader] = one;
            }
            planned.Add(new PlanningExperiment
            {
                Id = one.Id, ProposalId = one.ProposalId, TeamId = team, Shifts = 1, Instruments = [one.InstrumentCode], Release = Unit(one.From), Due = Unit(one.To),
                Score = snapshot.Proposals.TryGetValue(one.ProposalId, out var proposal) ? proposal.Score : 0,
            });
        }
        return planned;
    }

    /// <summary>
    /// Experiments of proposals that nothing was refused to stay where their cells are held. Of a proposal with a refusal nothing is pinned: it is placed
    /// as a whole or not at all.
    /// </summary>
    private List<Pin> Held(List<PlanningInstrument> instruments, HashSet<Guid> planned)
    {
        if (!snapshot.Plan.Inputs.Equal(snapshot.Inputs)) return [];
        var held = snapshot.Reservations.Where(one => one.Status == ReservationStatus.Held).Select(one => one.Id).ToHashSet();
        var open = instruments.ToDictionary(one => one.Id, one => one.OpenShifts.Select(shift => shift.Start).ToHashSet());
        return [.. snapshot.Plan.Entries.Where(entry => entry.IsPlaced).GroupBy(entry => entry.ProposalId)
            .Where(group => group.Any(entry => entry.CellDesignCode is not null)
                && group.All(entry => (entry.CellDesignCode is null || (entry.ReservationId is { } id && held.Contains(id)))
                    && planned.Contains(entry.ExperimentId) && open.TryGetValue(entry.InstrumentCode, out var starts) && starts.Contains(Unit(entry.From))))
            .SelectMany(group => group).Select(entry => new Pin(entry.ExperimentId, entry.InstrumentCode, Unit(entry.From), Unit(entry.To)))];
    }

    private int Unit(DateTimeOffset? at) => grid.UnitBefore(at ?? throw new InvalidOperationException("A place without time."));

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
