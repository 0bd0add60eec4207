using System.Diagnostics;
using Tutti.Scheduling.Planning;

foreach (var name in args[3..])
{
    var watch = Stopwatch.StartNew();
    var instance = PlanningInstance.Read($"/work/shared/data/planning/{name}.json");
    var space = new Space(instance);
    Console.Write($"{name}: read {watch.ElapsedMilliseconds} ms, trivial {space.TrivialBound()}");
    var draft = Greedy.Fill(space, null, 1, default);
    Console.WriteLine($", greedy {draft.Objective} at {watch.ElapsedMilliseconds} ms");
    var search = new RuinAndRecreate(space, draft, 1);
    while (watch.Elapsed.TotalSeconds < double.Parse(args[0])) search.Step();
    Console.WriteLine($"  rr: {search.BestObjective} after {search.Steps}, cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:F1}");
    if (args[2].StartsWith("alloc"))
    {
        var allocation = new Allocation(space, double.Parse(Environment.GetEnvironmentVariable("TIGHT") ?? "0.7"));
        using var solver = new Google.OrTools.Sat.CpSolver { StringParameters = $"num_workers:1 max_time_in_seconds:{args[1]} {args[2][5..]}" };
        var s0 = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        solver.SetBestBoundCallback(b => Console.WriteLine($"    bound {b} at cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds - s0:F1}"));
        Console.WriteLine($"  alloc {allocation.Model.Model.Variables.Count} vars");
        var status = solver.Solve(allocation.Model);
        Console.WriteLine($"  alloc {status} {solver.ObjectiveValue} {solver.BestObjectiveBound} cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds - s0:F1}");
        var guided = new Draft(space) { Guide = allocation.Read(v => solver.Value(v)) };
        var rr = new RuinAndRecreate(space, guided, 1);
        var w2 = Stopwatch.StartNew();
        s0 = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        for (var n = 0; n < 20; n++)
        {
            for (var k = 0; k < 2000; k++) rr.Step();
            Console.WriteLine($"   guided {rr.BestObjective} cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds - s0:F1}");
        }
        guided.Load(rr.Best);
        foreach (var proposal in space.Proposals.Where(q => !guided.Serves(q) && q.Required.All(e => guided.Guide![e] >= 0)).Take(12))
            foreach (var e in proposal.Required)
            {
                var o = space.Experiments[e].Options[guided.Guide![e]];
                var rules = o.Single.Select(b => guided.Broken(e, new Place(o, [b]))).GroupBy(r => r).OrderByDescending(g => g.Count()).Take(4).Select(g => $"{g.Key}:{g.Count()}");
                Console.WriteLine($"   p{proposal.Id} e{e} i{o.Instrument} {space.Experiments[e].Shifts} cell {space.Experiments[e].Cell} glove {space.Experiments[e].GloveBox} blocks {space.Experiments[e].MaxBlocks}: {string.Join("; ", rules)}");
            }
        continue;
    }
    var t = watch.Elapsed;
    var model = new ExactModel(space, new Draft(space), Enumerable.Range(0, space.Proposals.Length).ToArray());
    Console.WriteLine($"  model: {model.Choices} choices, {model.Model.Model.Variables.Count} vars, {model.Model.Model.Constraints.Count} constraints in {(watch.Elapsed - t).TotalMilliseconds} ms");
    model.Hint(search.Best);
    var start = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
    var answer = ExactSolver.Solve(model, new SolverLimits(double.Parse(args[1]), 1e6, 1, args[2]), default,
        b => Console.WriteLine($"    bound {b} at cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds - start:F1}"), (_, v) => Console.WriteLine($"    value {v} at cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds - start:F1}"));
    Console.WriteLine($"  {answer.Status} {answer.Objective} bound {answer.Bound} work {answer.Work:F1} cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds - start:F1} rss {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
}
