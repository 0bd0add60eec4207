using System.Text.RegularExpressions;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Holding;

namespace Tutti.Scheduling.Amending;

/// <summary>A rule that placements made by hand break: a stable code, whether it can be forced with a reason, and the experiments concerned.</summary>
internal sealed record Conflict(string Code, bool Forceable, IReadOnlyList<Guid> Experiments)
{
    /// <summary>The same conflict of the same experiments, found at another time, has the same key.</summary>
    public string Key => $"{Code} {string.Join(' ', Experiments.Order())}";
}

/// <summary>
/// Judges placements made by hand at once, by the plan checker and by what people agreed (freeze, locks, forbids). Nobody can force what cannot happen: two
/// experiments on an instrument or on a source, no beam, the past, an instrument that was never judged feasible, more shifts than were granted.
/// </summary>
internal sealed partial class PlacementCheck(PlanSnapshot snapshot, TimeSpan travel, DateTimeOffset now)
{
    /// <summary>Codes beyond those of the plan checker.</summary>
    public const string InThePast = "in-the-past", Begun = "already-begun", MoreThanGranted = "more-than-granted", Frozen = "frozen", Locked = "locked", Forbidden = "forbidden",
        TeamAway = "team-away", StaffAway = "staff-away", StaffBusy = "staff-busy", CellRefused = "cell-refused", EquipmentRefused = "equipment-refused";

    private static readonly DateTimeOffset aMonday = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly HashSet<string> hard =
    [
        ViolationCodes.UnknownExperiment, ViolationCodes.PlacedTwice, ViolationCodes.InstrumentNotEligible, ViolationCodes.ShiftsNotOpen, ViolationCodes.ShiftsNotConsecutive,
        ViolationCodes.BlockDiffers, ViolationCodes.InstrumentOverlap, ViolationCodes.SourceOverlap, InThePast, Begun, MoreThanGranted,
    ];

    /// <summary>What a conflict means, in words.</summary>
    public static string Words(string code) => code switch
    {
        ViolationCodes.InstrumentNotEligible => "It was granted for another instrument.",
        ViolationCodes.ShiftsNotOpen => "The instrument has no such shifts.",
        ViolationCodes.ShiftsNotConsecutive => "The shifts of a block do not follow each other.",
        ViolationCodes.GapNotBridgeable => "The block goes on over a closed time that is too long.",
        ViolationCodes.WrongShiftCount => "It has fewer shifts than were granted.",
        ViolationCodes.StartNotAllowed => "No experiment may begin with this shift.",
        ViolationCodes.OutsideWindow => "It lies outside the period of the call.",
        ViolationCodes.InstrumentOverlap => "Another experiment has the instrument then.",
        ViolationCodes.SourceOverlap => "An instrument on the same source is running then.",
        ViolationCodes.TeamOverlap => "The team is at another experiment then.",
        ViolationCodes.TravelTime => "The team has no time to travel.",
        ViolationCodes.Order => "It must come after another experiment, with a gap.",
        ViolationCodes.GapTooLong => "It comes too late after another experiment.",
        ViolationCodes.SetUpTime => "There is no time to clean, prepare or change the instrument between it and another experiment.",
        ViolationCodes.InstrumentQuota => "Users have no more shifts of the instrument, by its calendar or by the call.",
        ViolationCodes.SampleElsewhere => "Its sample is at another experiment then, or on the way.",
        ViolationCodes.SiteQuota => "The site has given all the shifts that the call has of it.",
        ViolationCodes.WeekFull => "Those who look after the instrument have as much in the week as they can do.",
        ViolationCodes.GroupIncomplete => "Its team ties it to another experiment that would have no place, or has one without it.",
        ViolationCodes.CountryMaximum => "Its country or institution has as many shifts as the call gives it.",
        ViolationCodes.ProposalIncomplete => "Its proposal makes no sense without a required experiment that has no place.",
        InThePast => "It would begin in the past.",
        Begun => "It has begun already.",
        MoreThanGranted => "It has more shifts than were granted.",
        Frozen => "The plan is frozen until after this time.",
        Locked => "It is locked where it is.",
        Forbidden => "Somebody who plans does not want it there.",
        TeamAway => "Its team has said that it cannot come then.",
        StaffAway => "Everybody who looks after the instrument is away.",
        StaffBusy => "Those who look after the instrument have as many experiments as they can serve.",
        CellRefused => "The pool has refused a cell for this place.",
        EquipmentRefused => "The pool has refused equipment for this place.",
        PoolStock.CellsOut => "Every cell of its design is lent, on its way or out of service then.",
        PoolStock.EquipmentOut => "Every piece of the equipment that it needs is lent or out of service then.",
        _ => code,
    };

    /// <summary>Shifts of an instrument from the one that starts at the given moment on; where the calendar has none, what a shift would be, so that everything else that is wrong is told too.</summary>
    public IReadOnlyList<PlacedShift> ShiftsFrom(string instrument, DateTimeOffset from, int count, int block)
    {
        var open = snapshot.Instruments.GetValueOrDefault(instrument)?.IsRetired != true && snapshot.Calendars.TryGetValue(instrument, out var kept) ? Beam(instrument, kept.Calendar.ShiftsBetween(from, from.AddDays(366))) : [];
        return open is [var first, ..] && first.Start == from && open.Count >= count
            ? [.. open.Take(count).Select(shift => new PlacedShift(shift.Start, shift.End, shift.Label, block))]
            : [.. Enumerable.Range(0, count).Select(n => new PlacedShift(from.AddHours(8 * n), from.AddHours(8 * (n + 1)), "", block))];
    }

    /// <summary>All conflicts in which the changed experiments have a part; <paramref name="entries"/> are all of the plan as they would be.</summary>
    public IReadOnlyList<Conflict> Find(IReadOnlyList<PlanEntry> entries, IReadOnlyDictionary<Guid, PlanEntry> before, IReadOnlySet<Guid> changed)
    {
        var found = new List<Conflict>();
        var experiments = snapshot.ById;
        foreach (var entry in entries.Where(entry => changed.Contains(entry.ExperimentId)))
        {
            var was = before[entry.ExperimentId];
            if (!experiments.TryGetValue(entry.ExperimentId, out var experiment) || (snapshot.IsPromised(was) && was.From <= now)) Add(Begun, entry.ExperimentId);
            else if (entry.Shifts.Count > experiment.Shifts) Add(MoreThanGranted, entry.ExperimentId);
            else if (entry.IsPlaced && entry.Shifts.Count < experiment.Shifts) Add(ViolationCodes.WrongShiftCount, entry.ExperimentId);
            if (entry.From < now && !entry.IsAt(was.InstrumentCode, was.Shifts)) Add(InThePast, entry.ExperimentId);
            if (snapshot.Plan.FrozenUntil is { } frozen && (was.From < frozen || entry.From < frozen)) Add(Frozen, entry.ExperimentId);
            if (was is { Lock: PlacementLock.Locked, IsPlaced: true }) Add(Locked, entry.ExperimentId);
            if (snapshot.IsForbidden(entry)) Add(Forbidden, entry.ExperimentId);
            if (experiment?.Wishes.Unacceptable.Any(away => entry.Shifts.Any(shift => shift.Start < away.To && away.From < shift.End)) == true) Add(TeamAway, entry.ExperimentId);
            foreach (var kind in snapshot.Refusals.Where(one => one.IsFor(entry)).Select(one => one.Kind).Distinct())
                Add(kind switch { ReservationKind.Cell => CellRefused, ReservationKind.Equipment => EquipmentRefused }, entry.ExperimentId);
        }
        found.AddRange(Served(entries, changed));
        found.AddRange(OverQuota(entries, before.Values, changed));
        found.AddRange(Overworked(entries, before.Values, changed));
        found.AddRange(Checked(entries, changed));
        return [.. found.DistinctBy(conflict => conflict.Key)];

        void Add(string code, Guid experiment) => found.Add(new(code, !hard.Contains(code), [experiment]));
    }

    /// <summary>Where people who look after instruments are away, or have more experiments at once than they can serve.</summary>
    private IEnumerable<Conflict> Served(IReadOnlyList<PlanEntry> entries, IReadOnlySet<Guid> changed)
    {
        var served = Standing(entries).Select(block => (Block: block, Group: snapshot.Staff.GroupOf(block.InstrumentCode))).Where(one => one.Group is not null).ToLookup(one => one.Group, one => one.Block);
        foreach (var block in served.SelectMany(group => group).Where(block => changed.Contains(block.ExperimentId)))
            foreach (var piece in snapshot.Staff.CapacityOf(block.InstrumentCode, block.From, block.To).Where(piece => piece.From < block.To && block.From < piece.To))
            {
                var others = served[snapshot.Staff.GroupOf(block.InstrumentCode)].Where(other => other.From < piece.To && piece.From < other.To && other.From < block.To && block.From < other.To).ToList();
                var most = others.Select(other => others.FindAll(one => one.From <= Start(other) && Start(other) < one.To)).MaxBy(together => together.Count) ?? [];
                if (most.Count > piece.AtOnce) yield return new(piece.AtOnce == 0 ? StaffAway : StaffBusy, true, piece.AtOnce == 0 ? [block.ExperimentId] : [.. most.Select(one => one.ExperimentId).Distinct()]);

                DateTimeOffset Start(StandingBlock other) => new[] { other.From, block.From, piece.From }.Max();
            }
    }

    /// <summary>Where a change takes more shifts of an instrument than users get there, or more of the call than it gives on the instrument or to a partner.</summary>
    private IEnumerable<Conflict> OverQuota(IReadOnlyList<PlanEntry> entries, IEnumerable<PlanEntry> before, IReadOnlySet<Guid> changed)
    {
        var quotas = new Quotas(snapshot, now);
        List<StandingBlock> after = Standing(entries), earlier = Standing([.. before]);
        var moved = entries.Where(entry => changed.Contains(entry.ExperimentId) && entry.IsPlaced).ToList();
        foreach (var there in moved.GroupBy(entry => entry.InstrumentCode))
        {
            var (calendar, call) = (quotas.OfCalendar(there.Key), quotas.OfCall(there.Key));
            if (IsOver(calendar, quotas.TakenOfCalendar(there.Key, after), quotas.TakenOfCalendar(there.Key, earlier))
                || IsOver(call, quotas.GivenOf(there.Key) + OfPlan(after, there.Key), quotas.GivenOf(there.Key) + OfPlan(earlier, there.Key))) yield return Over(ViolationCodes.InstrumentQuota, there);
        }
        foreach (var site in moved.GroupBy(entry => snapshot.SiteOf(entry.InstrumentCode)))
            if (IsOver(quotas.OfSite(site.Key), quotas.GivenAt(site.Key) + AtSite(after, site.Key), quotas.GivenAt(site.Key) + AtSite(earlier, site.Key))) yield return Over(ViolationCodes.SiteQuota, site);
        foreach (var partner in snapshot.Call?.Partners ?? [])
        {
            var name = partner.Country ?? partner.Partner ?? "";
            var its = moved.FindAll(entry => quotas.PartOf(entry.ProposalId) == name);
            if (its.Count > 0 && IsOver(partner.MaxShifts, quotas.GivenTo(name) + OfPartner(after), quotas.GivenTo(name) + OfPartner(earlier))) yield return Over(ViolationCodes.CountryMaximum, its);

            int OfPartner(List<StandingBlock> blocks) => blocks.Where(one => snapshot.ById.ContainsKey(one.ExperimentId) && quotas.PartOf(one.ProposalId) == name).Sum(one => one.Shifts);
        }

        int OfPlan(List<StandingBlock> blocks, string instrument) => blocks.Where(one => one.InstrumentCode == instrument && snapshot.ById.ContainsKey(one.ExperimentId)).Sum(one => one.Shifts);

        int AtSite(List<StandingBlock> blocks, string site) => blocks.Where(one => snapshot.ById.ContainsKey(one.ExperimentId) && snapshot.SiteOf(one.InstrumentCode) == site).Sum(one => one.Shifts);

        static Conflict Over(string code, IEnumerable<PlanEntry> concerned) => new(code, true, [.. concerned.Select(entry => entry.ExperimentId)]);
    }

    /// <summary>Where a change gives those who look after instruments more in a week (from Monday, in UTC) than they can do.</summary>
    private IEnumerable<Conflict> Overworked(IReadOnlyList<PlanEntry> entries, IEnumerable<PlanEntry> before, IReadOnlySet<Guid> changed)
    {
        List<StandingBlock> after = Standing(entries), earlier = Standing([.. before]);
        foreach (var group in after.Where(one => changed.Contains(one.ExperimentId)).GroupBy(one => snapshot.Staff.GroupOf(one.InstrumentCode)).Where(group => group.Key is not null))
        {
            var most = snapshot.Staff.WeeklyOf(group.First().InstrumentCode);
            foreach (var week in group.SelectMany(one => one.Starts.Select(WeekOf)).Distinct())
            {
                var (now, was) = (In(after, group.Key, week), In(earlier, group.Key, week));
                if (IsOver(most.Shifts, now.Shifts, was.Shifts) || IsOver(most.Starts, now.Starts, was.Starts))
                    yield return new(ViolationCodes.WeekFull, true, [.. group.Where(one => one.Starts.Any(start => WeekOf(start) == week)).Select(one => one.ExperimentId).Distinct()]);
            }
        }

        (int Shifts, int Starts) In(List<StandingBlock> blocks, string? group, long week)
        {
            var served = blocks.FindAll(one => snapshot.Staff.GroupOf(one.InstrumentCode) == group);
            return (served.Sum(one => one.Starts.Count(start => WeekOf(start) == week)), served.Count(one => WeekOf(one.From) == week));
        }

        static long WeekOf(DateTimeOffset at) => (at - aMonday).Days / 7;
    }

    /// <summary>More than there may be; what was over before, and becomes no more, has been forced already.</summary>
    private static bool IsOver(int? most, int taken, int takenBefore) => taken > most && taken > takenBefore;

    /// <summary>The blocks of the plan as it would be, and those of what is published elsewhere.</summary>
    private List<StandingBlock> Standing(IReadOnlyList<PlanEntry> entries) =>
        [.. entries.Where(entry => entry.IsPlaced && snapshot.ById.ContainsKey(entry.ExperimentId))
            .SelectMany(one => Blocks.Of(one.ExperimentId, one.ProposalId, one.InstrumentCode, one.Shifts, snapshot.Proposals[one.ProposalId].LeaderId, one.Mode, snapshot.ById[one.ExperimentId].Wishes.SampleId)),
            .. snapshot.Published.SelectMany(one => Blocks.Of(one.Id, one.ProposalId, one.InstrumentCode, one.PlacedShifts, snapshot.LeadersOfPublished.GetValueOrDefault(one.ProposalId), one.Mode, one.Wishes.SampleId))];

    /// <summary>Whether a change comes too late: the experiment is no longer to be planned or has begun, or its new place is in the past.</summary>
    public bool IsPast(Placing placing) => !snapshot.ById.ContainsKey(placing.ExperimentId) || (placing.Shifts is [var first, ..] && first.Start < now)
        || snapshot.Plan.Entries.Exists(entry => entry.ExperimentId == placing.ExperimentId && entry.From <= now && snapshot.IsPromised(entry));

    /// <summary>What makes a plan impossible, of all places that their teams were not promised already: such a plan is no promise, whoever made it.</summary>
    public IReadOnlyList<Conflict> Impossible(IReadOnlyList<PlanEntry> entries)
    {
        var experiments = snapshot.ById;
        List<PlanEntry> fresh = [.. entries.Where(entry => entry.IsPlaced && experiments.ContainsKey(entry.ExperimentId) && !snapshot.IsPromised(entry))];
        return
        [
            .. fresh.Where(entry => entry.From < now).Select(entry => new Conflict(InThePast, false, [entry.ExperimentId])),
            .. fresh.Where(entry => entry.Shifts.Count > experiments[entry.ExperimentId].Shifts).Select(entry => new Conflict(MoreThanGranted, false, [entry.ExperimentId])),
            .. Checked(entries, fresh.Select(entry => entry.ExperimentId).ToHashSet()).Where(conflict => !conflict.Forceable),
        ];
    }

    private List<Shift> Beam(string instrument, IReadOnlyList<Shift> open) => [.. open.Where(shift => !snapshot.Lost.Any(lost => lost.Takes(instrument, shift.Start, shift.End)))];

    private IEnumerable<Conflict> Checked(IReadOnlyList<PlanEntry> entries, IReadOnlySet<Guid> changed)
    {
        var experiments = snapshot.ById;
        var own = entries.Where(entry => entry.IsPlaced && experiments.ContainsKey(entry.ExperimentId)).ToList();
        var blocks = Standing(entries);
        if (blocks.Count == 0) return [];
        var (first, last) = (blocks.Min(one => one.From), blocks.Max(one => one.To));
        var grid = TimeGrid.QuarterHours(new DateTimeOffset(first.UtcDateTime.Date.AddDays(-1), TimeSpan.Zero));
        var open = blocks.Select(one => one.InstrumentCode).Distinct().ToDictionary(code => code, code => snapshot.Calendars.TryGetValue(code, out var kept) && snapshot.Instruments.GetValueOrDefault(code)?.IsRetired != true
            ? Beam(code, kept.Calendar.ShiftsBetween(grid.Start, last.AddDays(1))) : []);
        var index = open.ToDictionary(one => one.Key, one => one.Value.Select((shift, at) => (shift, at)).ToDictionary(pair => (pair.shift.Start, pair.shift.End), pair => pair.at));
        var shiftsOf = own.SelectMany(one => one.Shifts.GroupBy(shift => shift.Block).Select(block => (Part: Blocks.Part(one.ExperimentId, block.Key), Shifts: block.ToList()))).ToDictionary(one => one.Part, one => one.Shifts);
        var begun = snapshot.Begun;
        var stocks = snapshot.Pool is null ? null : new Stocks(snapshot, entries, grid, own.Select(entry => entry.ExperimentId).Where(id => !changed.Contains(id)).ToHashSet(), last, now);
        var unplaced = snapshot.Experiments.Where(one => own.TrueForAll(entry => entry.ExperimentId != one.Id));
        var problem = new PlanningProblem
        {
            Grid = grid, DefaultTravel = (int)Math.Ceiling(travel / grid.Unit), DefaultShipping = (int)Math.Ceiling(travel / grid.Unit), Distances = snapshot.DistancesOn(grid),
            Instruments = [.. open.Select(one => new PlanningInstrument
            {
                Id = one.Key, Site = snapshot.SiteOf(one.Key), OpenShifts = grid.OpenShifts(one.Value),
                SharedSources = snapshot.Instruments.GetValueOrDefault(one.Key)?.SharedSources ?? [], BridgeableGap = (snapshot.Calendars.GetValueOrDefault(one.Key)?.BridgeableHours ?? 0) * 4,
                ModeChanges = [.. snapshot.SetUpOf(one.Key).Changes.Select(change => new ModeChange(change.From, change.To, grid.UnitsIn(change.Minutes), 0))],
            })],
            Experiments = [.. blocks.Select(block => Asked(block, shiftsOf.GetValueOrDefault(block.Part)?.Count ?? 1)), .. unplaced.Select(one => new PlanningExperiment
            {
                Id = one.Id, ProposalId = one.ProposalId, Score = 0, Shifts = one.Shifts, Instruments = [one.GrantedInstrument], Due = 1, Required = one.Required && !begun.Contains(one.ProposalId),
            })],
            Precedences = [.. Orders(blocks)], Stocks = stocks?.All ?? [],
            Together = [.. snapshot.Experiments.Where(one => one is { Required: false, Wishes.Group: not null } && !begun.Contains(one.ProposalId)).GroupBy(one => (one.ProposalId, one.Wishes.Group)).Select(group => group.Select(one => one.Id).ToList())],
        };
        var placements = blocks.ConvertAll(block => new Placement(block.Part, block.InstrumentCode, grid.UnitBefore(block.From), grid.UnitBefore(block.To),
            shiftsOf.TryGetValue(block.Part, out var shifts) && shifts.TrueForAll(shift => index[block.InstrumentCode].ContainsKey((shift.Start, shift.End)))
                ? [.. shifts.Select(shift => index[block.InstrumentCode][(shift.Start, shift.End)])] : []));
        return Concerning(problem.Stocks, PlanChecker.CheckPlacements(problem, placements), blocks.ToDictionary(one => one.Part, one => one.ExperimentId), entries, changed);

        PlanningExperiment Asked(StandingBlock block, int count)
        {
            var mine = experiments.GetValueOrDefault(block.ExperimentId);
            var setUp = snapshot.SetUpOf(block.InstrumentCode);
            var proposal = mine is null ? null : snapshot.Proposals[mine.ProposalId];
            return new PlanningExperiment
            {
                Id = block.Part, ProposalId = block.ProposalId, TeamId = block.LeaderId, SampleId = block.SampleId, Score = 0, Shifts = count, Instruments = mine is null ? [block.InstrumentCode] : snapshot.EligibleOf(mine),
                Release = proposal is null ? 0 : grid.UnitAfter(proposal.BeamtimeFrom), Due = proposal is null ? int.MaxValue : grid.UnitBefore(proposal.BeamtimeTo),
                Preparation = grid.UnitsIn(setUp.PreparationMinutes), Cleaning = grid.UnitsIn(setUp.CleaningMinutes), Mode = block.Mode,
                Required = mine?.Required == true && !begun.Contains(block.ProposalId),
                // What is kept for all others is not in the stock; the pool holds one piece from the first block to the last.
                Stock = mine is not null && changed.Contains(mine.Id) && block.Part == Blocks.Part(mine.Id, 0) ? stocks?.Of(mine, block.InstrumentCode) : null,
            };
        }
    }

    private IEnumerable<Precedence> Orders(List<StandingBlock> blocks)
    {
        var byExperiment = blocks.GroupBy(one => one.ExperimentId).ToDictionary(group => group.Key, group => group.OrderBy(one => one.From).ToList());
        return snapshot.Experiments.Concat(snapshot.Published).SelectMany(one => one.After.Select(after => (one.Id, After: after)))
            .Where(order => byExperiment.ContainsKey(order.Id) && byExperiment.ContainsKey(order.After.ExperimentId))
            .Select(order => new Precedence(byExperiment[order.After.ExperimentId][^1].Part, byExperiment[order.Id][0].Part, order.After.MinGapHours * 4, order.After.MaxGapHours * 4));
    }

    /// <summary>The checker names parts in a text; here they become experiments again, and what the change has no part in is left out.</summary>
    private static IEnumerable<Conflict> Concerning(IReadOnlyList<PoolStock> stocks, IReadOnlyList<Violation> violations, Dictionary<Guid, Guid> partOf, IReadOnlyList<PlanEntry> entries, IReadOnlySet<Guid> changed)
    {
        foreach (var violation in violations)
        {
            var ids = Ids().Matches(violation.Subject).Select(match => Guid.Parse(match.Value)).ToList();
            List<Guid> concerned = violation.Code == ViolationCodes.ProposalIncomplete
                ? [.. entries.Where(entry => ids.Contains(entry.ProposalId)).Select(entry => entry.ExperimentId)]
                : [.. ids.Select(id => partOf.GetValueOrDefault(id, id)).Distinct()];
            // Blocks of one experiment need no hand-over.
            if (violation.Code == ViolationCodes.SetUpTime && concerned.Count < 2) continue;
            var code = violation.Code == ViolationCodes.StockExceeded ? stocks.First(stock => violation.Subject.StartsWith($"{stock.Name}:", StringComparison.Ordinal)).Lack : violation.Code;
            if (concerned.Exists(changed.Contains)) yield return new(code, !hard.Contains(code), concerned);
        }
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Ids();
}
