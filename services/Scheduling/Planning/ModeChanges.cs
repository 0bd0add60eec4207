using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>What is known of the changes of mode on an instrument before anything has a time: most of what they cost, and so most of the proof.</summary>
internal static class ModeChanges
{
    /// <summary>
    /// No order of the experiments costs less than this. Every experiment but the first costs what the cheapest change to its mode does; of what changes cost beyond that, at least the cheapest way
    /// once through all modes that are there, since by way of another mode it is no cheaper to go on than the cheapest way says.
    /// </summary>
    /// <param name="costs">From mode to mode.</param>
    /// <param name="experiments">Per experiment its mode, and literals of which one holds if it is on the instrument.</param>
    public static LinearExpr Least(CpModel model, int[][] costs, IEnumerable<(int Mode, IReadOnlyList<BoolVar> There)> experiments)
    {
        var modes = experiments.GroupBy(one => one.Mode, one => one.There).ToList();
        var least = modes.ConvertAll(to => modes.Min(from => costs[from.Key][to.Key]));
        var ways = Cheapest([.. modes.Select(from => modes.Select((to, m) => costs[from.Key][to.Key] - least[m]).ToArray())]);
        var circuit = model.AddCircuit();
        circuit.AddArc(0, 0, model.NewBoolVar("no mode"));
        List<LinearExpr> cost = [];
        for (var m = 0; m < modes.Count; m++)
        {
            var (there, first) = (model.NewBoolVar("mode"), model.NewBoolVar("first mode"));
            foreach (var one in modes[m]) model.Add(LinearExpr.Sum(one) <= there);
            var sum = LinearExpr.Sum(modes[m].SelectMany(one => one));
            model.Add(sum >= there);
            circuit.AddArc(m + 1, m + 1, there.Not());
            circuit.AddArc(0, m + 1, first);
            circuit.AddArc(m + 1, 0, model.NewBoolVar("last mode"));
            if (least[m] > 0) cost.Add(least[m] * (sum - first));
            for (var from = 0; from < modes.Count; from++)
            {
                if (from == m) continue;
                var next = model.NewBoolVar("next mode");
                circuit.AddArc(from + 1, m + 1, next);
                if (ways[from][m] > 0) cost.Add(ways[from][m] * next);
            }
        }
        return LinearExpr.Sum(cost);
    }

    /// <summary>The cheapest ways from each to each, by way of any others (Floyd 1962).</summary>
    private static int[][] Cheapest(int[][] ways)
    {
        for (var by = 0; by < ways.Length; by++)
            for (var from = 0; from < ways.Length; from++)
                for (var to = 0; to < ways.Length; to++) ways[from][to] = Math.Min(ways[from][to], ways[from][by] + ways[by][to]);
        return ways;
    }
}
