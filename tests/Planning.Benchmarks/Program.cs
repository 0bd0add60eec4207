using System.Diagnostics;
using System.Globalization;
using Tutti.Scheduling.Planning;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
foreach (var name in args[2..])
{
    var instance = PlanningInstance.Read($"/work/shared/data/planning/{name}.json");
    var plan = Planner.Plan(instance, new PlannerOptions { TimeLimit = TimeSpan.FromSeconds(double.Parse(args[0])), Workers = int.Parse(args[1]) }, null, p => Console.WriteLine($"{p.Seconds:F2} {p.Objective} {p.Bound} {p.Gap:P2} {p.By}"));
    Console.WriteLine($"== {name} {plan.Status} {plan.Objective} {plan.Bound} cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:F1} rss {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
    using var file = File.Create($"/tmp/{name}.plan.json");
    plan.Write(file);
}
