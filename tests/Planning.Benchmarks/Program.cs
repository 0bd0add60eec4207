using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tutti.Planning.Benchmarks;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

// ./tutti plan-benchmark [--time-limit 60] [--workers 2] [--own SEEDS] [NAME...]: the table of the planner. One line per instance, each in a process of its own.
// ./tutti plan-benchmark --explain [--time-limit 10] NAME...: every statement of "explain" verified.
// ./tutti plan-benchmark --repair WEEKS [--time-limit 5] [--afresh 60] NAME...: loss of an instrument-week on published plans.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var (seconds, workers, seeds, one) = ((double?)null, 2, 2, "");
var (weeks, afresh, explain) = (0, 60.0, false);
List<string> names = [];
for (var n = 0; n < args.Length; n++)
    switch (args[n])
    {
        case "--time-limit": seconds = double.Parse(args[++n]); break;
        case "--workers": workers = int.Parse(args[++n]); break;
        case "--own": seeds = int.Parse(args[++n]); break;
        case "--repair": weeks = int.Parse(args[++n]); break;
        case "--afresh": afresh = double.Parse(args[++n]); break;
        case "--explain": explain = true; break;
        case "--one": one = args[++n]; break;
        default: names.Add(args[n]); break;
    }

var shared = Environment.GetEnvironmentVariable("TUTTI_SHARED") ?? "../shared";
if (names.Find(name => !name.StartsWith("own:", StringComparison.Ordinal) && !File.Exists(PathOf(name))) is { } unknown)
{
    Console.Error.WriteLine($"benchmark_unknown: {unknown} is no instance ({PathOf(unknown)}). Use: ./tutti plan-benchmark [--time-limit 60] [--workers 2] [--own SEEDS] [--explain] [--repair WEEKS] [NAME|FILE.json|own:M-tight:1]...");
    return 2;
}
if (one.Length > 0)
{
    Measure(one);
    return 0;
}
if (explain)
{
    var judge = Path.Combine(shared, "tools", "check-plan.py");
    foreach (var name in names.DefaultIfEmpty("M-tight-1")) ExplainBenchmark.Measure(name, Instance(name).Instance, seconds ?? 10, 3 * (seconds ?? 10), File.Exists(judge) ? judge : null);
    return 0;
}
if (weeks > 0)
{
    foreach (var name in names.DefaultIfEmpty("M-tight-1"))
    {
        var instance = Instance(name).Instance;
        RepairBenchmark.Measure(name, instance, Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(afresh) }), weeks, seconds ?? 6, afresh, workers);
    }
    return 0;
}
if (names.Count == 0)
{
    var folder = Path.Combine(shared, "data", "planning");
    if (Directory.Exists(folder)) names.AddRange(Directory.GetFiles(folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => !name.Contains("greedy")).Order());
    else Console.Error.WriteLine($"There are no shared instances in {folder}: only own ones.");
    for (var seed = 1; seed <= seeds; seed++)
        names.AddRange([$"own:S-tight:{seed}", $"own:M-open:{seed}", $"own:M-tight:{seed}", $"own:L-open:{seed}", $"own:L-tight:{seed}", $"own:quota-20x60:{seed}", $"own:pack-10x40:{seed}"]);
}
Console.WriteLine($"{"instance",-26}{"greedy",9}{"first",8}{"at 2 s",9}{"at 10 s",9}{"at end",9}{"bound",9}{"gap",8}{"over greedy",12}{"proven",9}{"cpu",8}{"peak",9}  known optimum");
foreach (var name in names)
{
    var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { UseShellExecute = false };
    if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(Generator).Assembly.Location);
    foreach (var word in (string[])["--one", name, "--time-limit", $"{seconds ?? 60}", "--workers", $"{workers}"]) start.ArgumentList.Add(word);
    using var process = Process.Start(start) ?? throw new InvalidOperationException("The measurement did not start.");
    process.WaitForExit();
    if (process.ExitCode != 0) Console.WriteLine($"{name,-26}failed with {process.ExitCode}");
}
return 0;

string PathOf(string name) => name.EndsWith(".json", StringComparison.Ordinal) ? name : Path.Combine(shared, "data", "planning", name + ".json");

void Measure(string name)
{
    var begun = Process.GetCurrentProcess().StartTime.ToUniversalTime();
    var before = (TimeProvider.System.GetUtcNow().UtcDateTime - begun).TotalSeconds;
    var (instance, optimum) = Instance(name);
    using var json = new MemoryStream();
    instance.Write(json);
    var steps = new List<PlanProgress>();
    var watch = Stopwatch.StartNew();
    var loaded = before;
    var plan = Planner.Plan(instance, new() { TimeLimit = TimeSpan.FromSeconds(seconds ?? 60), Workers = workers }, null, steps.Add);
    var elapsed = watch.Elapsed.TotalSeconds;
    using var written = new MemoryStream();
    plan.Write(written);
    json.Position = written.Position = 0;
    var verdict = PlanCheck.Read(json).Judge(written);
    if (!verdict.IsLegal || verdict.Objective != plan.Objective) throw new InvalidOperationException($"The plan of {name} is not legal: {JsonSerializer.Serialize(verdict.Broken)}");
    long At(double second) => steps.Where(step => step.Seconds + loaded <= second).Select(step => step.Objective).DefaultIfEmpty(0).Max();
    var greedy = ReferenceGreedy.Objective(instance);
    using var self = Process.GetCurrentProcess();
    Console.WriteLine($"{name,-26}{greedy,9}{steps[0].Seconds + loaded,7:F2}s{At(2),9}{At(10),9}{plan.Objective,9}{plan.Bound,9}{Gap(plan.Objective, plan.Bound ?? 0),7:F2}%{(greedy > 0 ? $"{100.0 * (plan.Objective - greedy) / greedy:F2}%" : "-"),12}"
        + $"{(plan.Status == PlanStatus.Optimal ? $"{elapsed:F1}s" : "-"),9}{self.TotalProcessorTime.TotalSeconds,7:F1}s{self.PeakWorkingSet64 >> 20,6} MB{(optimum > 0 ? $"  {optimum}" : "")}");
}

static double Gap(long objective, long bound) => 100.0 * (bound - objective) / Math.Max(1, bound);

(PlanningInstance Instance, long Optimum) Instance(string name)
{
    if (name.Split(':') is not ["own", var kind, var text]) return (PlanningInstance.Read(PathOf(name)), 0);
    var seed = int.Parse(text);
    return kind switch
    {
        "S-open" or "S-tight" => (Generator.Network(20, kind == "S-tight", seed), 0),
        "M-open" or "M-tight" => (Generator.Network(80, kind == "M-tight", seed), 0),
        "L-open" or "L-tight" => (Generator.Network(400, kind == "L-tight", seed), 0),
        _ when kind.Split('-', 'x') is [var form, var count, var shifts] => Generator.Planted(int.Parse(count), int.Parse(shifts), form == "pack", seed),
        _ => throw new ArgumentException($"There is no kind {kind} of own instances."),
    };
}
