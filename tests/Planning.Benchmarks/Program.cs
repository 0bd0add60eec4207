using System.Diagnostics;
using Tutti.Scheduling.Planning;

foreach (var name in args[1..])
{
    var watch = Stopwatch.StartNew();
    var instance = PlanningInstance.Read($"/work/shared/data/planning/{name}.json");
    var space = new Space(instance);
    Console.Write($"{name}: read {watch.ElapsedMilliseconds} ms, trivial {space.TrivialBound()}");
    var draft = Greedy.Fill(space, null, 1, default);
    Console.WriteLine($", greedy {draft.Objective} at {watch.ElapsedMilliseconds} ms");
    var search = new RuinAndRecreate(space, draft, 1);
    double next = 1;
    while (watch.Elapsed.TotalSeconds < double.Parse(args[0]))
    {
        search.Step();
        if (watch.Elapsed.TotalSeconds > next)
        {
            Console.WriteLine($"  {next} s: {search.BestObjective} after {search.Steps}");
            next *= 2;
        }
    }
    Console.WriteLine($"  end: {search.BestObjective} after {search.Steps}, cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:F1}");
}
