using Google.OrTools.Sat;
using Google.OrTools.Util;

namespace Tutti.Scheduling.Planning;

/// <summary>What placements ask of one another beyond capacities: set-ups of instruments, trips of teams, work of contacts by week.</summary>
internal sealed partial class ExactModel
{
    /// <summary>Blocks for which a team has to come, less those that continue a stay.</summary>
    private void Trips()
    {
        if (space.Weights.Travel == 0) return;
        foreach (var team in Parts().Where(part => space.Experiments[part.Experiment].Team >= 0).GroupBy(part => space.Experiments[part.Experiment].Team))
        {
            var parts = team.ToList();
            var fixedOnes = around.VisitsOf(team.Key).ToList();
            foreach (var part in parts)
            {
                List<ILiteral> joins = [.. parts.Where(before => !ReferenceEquals(before, part)).SelectMany(before => Joins(before, part)),
                    .. fixedOnes.SelectMany(before => Sites(part).Where(site => site.Site == before.Site)
                        .Select(site => Join(LinearExpr.Constant(before.End), part.Start, [part.Present, .. site.There])))];
                costs.Add(-space.Weights.Travel * part.Present);
                Continue(joins);
            }
            // A visit that stands and is a trip may come to continue one.
            foreach (var visit in fixedOnes.Where(visit => !fixedOnes.Exists(before => before.Site == visit.Site && before.End <= visit.Start && visit.Start - before.End <= space.Weights.Stay)))
                Continue([.. parts.SelectMany(part => Sites(part).Where(site => site.Site == visit.Site).Select(site => Join(part.End, LinearExpr.Constant(visit.Start), [part.Present, .. site.There])))]);
        }

        IEnumerable<ILiteral> Joins(Part before, Part after) =>
            from one in Sites(before)
            from other in Sites(after)
            where one.Site == other.Site
            select Join(before.End, after.Start, [before.Present, after.Present, .. one.There, .. other.There]);

        ILiteral Join(LinearExpr end, LinearExpr start, ILiteral[] there)
        {
            var join = Model.NewBoolVar("join");
            foreach (var literal in there) Model.AddImplication(join, literal);
            Model.Add(start >= end).OnlyEnforceIf(join);
            Model.Add(start <= end + space.Weights.Stay).OnlyEnforceIf(join);
            return join;
        }

        void Continue(List<ILiteral> joins)
        {
            if (joins.Count == 0) return;
            var continues = Model.NewBoolVar("stay");
            Model.AddBoolOr([continues.Not(), .. joins]);
            costs.Add(space.Weights.Travel * continues);
        }
    }

    private void SetUpsBetween()
    {
        if (!space.NeedsSetUp) return;
        for (var i = 0; i < space.Instruments.Length; i++)
        {
            if (!space.Instruments[i].NeedsSetUp) continue;
            var instrument = i;
            var there = Parts().Where(part => part.Choices.Exists(choice => choice.Instrument == instrument)).Select(part => (Part: part, Here: Here(part, instrument))).ToList();
            if (there.Count == 0) continue;
            if (space.Weights.SetUp > 0 && space.Instruments[i].SetUpCosts is not null)
            {
                Sequence(instrument, there);
                continue;
            }
            for (var one = 0; one < there.Count; one++)
                for (var other = one + 1; other < there.Count; other++)
                {
                    var ((a, hereA), (b, hereB)) = (there[one], there[other]);
                    if (a.Experiment == b.Experiment) continue;
                    var (first, second) = (space.SetUpTime(i, a.Experiment, b.Experiment), space.SetUpTime(i, b.Experiment, a.Experiment));
                    if (first == 0 && second == 0) continue;
                    var turn = Model.NewBoolVar("turn");
                    turns.Add((turn, a.Experiment, b.Experiment));
                    Model.Add(b.Start >= a.End + first).OnlyEnforceIf([turn, hereA, hereB]);
                    Model.Add(a.Start >= b.End + second).OnlyEnforceIf([turn.Not(), hereA, hereB]);
                }
        }
    }

    private BoolVar Here(Part part, int instrument)
    {
        if (part.Choices.TrueForAll(choice => choice.Instrument == instrument)) return part.Present;
        var here = Model.NewBoolVar("here");
        var members = part.Choices.Where(choice => choice.Instrument == instrument).ToHashSet();
        Model.Add(LinearExpr.Sum(members.Select(choice => choice.Literal)) == here);
        groups.Add((here, part, members.Contains));
        return here;
    }

    /// <summary>The sequence of blocks on an instrument as a circuit, for costs between neighbours; times between neighbours are times between all, since no way round is shorter.</summary>
    private void Sequence(int instrument, List<(Part Part, BoolVar Here)> there)
    {
        var standing = around.SetUps?.On(instrument) ?? [];
        var nodes = there.Select(one => (one.Part.Experiment, Start: one.Part.Start + 0, one.Part.End, Here: (BoolVar?)one.Here))
            .Concat(standing.Select(one => (one.Experiment, Start: LinearExpr.Constant(one.Start), End: LinearExpr.Constant(one.End), Here: (BoolVar?)null))).ToList();
        var circuit = Model.AddCircuit();
        if (standing.Count == 0) circuit.AddArc(0, 0, Model.NewBoolVar("none"));
        for (var n = 0; n < nodes.Count; n++)
        {
            circuit.AddArc(0, n + 1, Model.NewBoolVar("first"));
            circuit.AddArc(n + 1, 0, Model.NewBoolVar("last"));
            if (nodes[n].Here is { } here) circuit.AddArc(n + 1, n + 1, here.Not());
            for (var m = 0; m < nodes.Count; m++)
            {
                if (n == m) continue;
                var (one, next) = (nodes[n], nodes[m]);
                if (one.Here is null && next.Here is null && standing[m - there.Count].Start < standing[n - there.Count].End) continue;
                var arc = Model.NewBoolVar("next");
                circuit.AddArc(n + 1, m + 1, arc);
                var time = one.Experiment == next.Experiment ? 0 : space.SetUpTime(instrument, one.Experiment, next.Experiment);
                Model.Add(next.Start >= one.End + time).OnlyEnforceIf(arc);
                if (space.SetUpCost(instrument, one.Experiment, next.Experiment) is var cost and > 0) costs.Add(-space.Weights.SetUp * cost * arc);
            }
        }
        costs.Add(LinearExpr.Constant(space.Weights.SetUp * (around.SetUps?.CostOn(instrument) ?? 0)));
    }

    /// <summary>What each group of contacts looks after in each week: within its limits, and its busiest week in the objective.</summary>
    private void Weeks()
    {
        if (around.Workload is not { } standing) return;
        var loads = new Dictionary<(int Group, int Week), List<(BoolVar Literal, int Shifts)>>();
        var begun = new Dictionary<(int Group, int Week), List<BoolVar>>();
        foreach (var (part, choice) in All())
        {
            var data = space.Instruments[choice.Instrument];
            var group = data.Contacts;
            if (space.Weights.EvenLoad == 0 && space.Weekly[group] is null) continue;
            if (choice.Slots == 0) throw new InvalidOperationException("A block of variable length where weeks are counted.");
            var patterns = Values(choice.Starts).Select(start => (Start: start, Slot: Array.BinarySearch(data.SlotStart, (int)start)))
                .GroupBy(one => string.Join(',', Enumerable.Range(one.Slot, choice.Slots).Select(slot => data.Week[slot])), one => one).ToList();
            List<BoolVar> literals = [];
            foreach (var pattern in patterns)
            {
                var literal = choice.Literal;
                if (patterns.Count > 1)
                {
                    literal = Model.NewBoolVar("week");
                    Model.AddImplication(literal, choice.Literal);
                    Model.AddLinearExpressionInDomain(part.Start, Domain.FromValues([.. pattern.Select(one => one.Start)])).OnlyEnforceIf(literal);
                    weeks.Add((literal, part, choice, pattern.Select(one => (int)one.Start).ToHashSet()));
                }
                literals.Add(literal);
                var slot = pattern.First().Slot;
                foreach (var week in Enumerable.Range(slot, choice.Slots).GroupBy(one => data.Week[one])) Add(loads, (group, week.Key), (literal, week.Count()));
                Add(begun, (group, data.Week[slot]), literal);
            }
            if (patterns.Count > 1) Model.Add(LinearExpr.Sum(literals) == choice.Literal);
        }
        foreach (var ((group, week), list) in begun)
            if (space.Weekly[group] is { } limits && limits[week].Starts is var most and < int.MaxValue) Model.Add(LinearExpr.Sum(list) <= most - standing.Starts(group, week));
        foreach (var ((group, week), list) in loads)
            if (space.Weekly[group] is { } limits && limits[week].Shifts is var most and < int.MaxValue) Model.Add(Sum(list) <= most - standing.Shifts(group, week));
        if (space.Weights.EvenLoad == 0) return;
        foreach (var group in loads.GroupBy(one => one.Key.Group))
        {
            var most = group.Max(week => week.Value.Sum(one => one.Shifts) + standing.Shifts(group.Key, week.Key.Week));
            var peak = Model.NewIntVar(standing.Peak(group.Key), Math.Max(standing.Peak(group.Key), most), "peak");
            foreach (var ((_, week), list) in group) Model.Add(peak >= Sum(list) + standing.Shifts(group.Key, week));
            costs.Add(-space.Weights.EvenLoad * (peak - standing.Peak(group.Key)));
        }

        static LinearExpr Sum(List<(BoolVar Literal, int Shifts)> list) => LinearExpr.WeightedSum(list.Select(one => one.Literal), list.Select(one => (long)one.Shifts));

        static IEnumerable<long> Values(Domain domain)
        {
            var ends = domain.FlattenedIntervals();
            for (var n = 0; n < ends.Length; n += 2)
                for (var value = ends[n]; value <= ends[n + 1]; value++) yield return value;
        }
    }
}
