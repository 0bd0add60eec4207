using System.Globalization;
using Tutti.Reduction.Benchmarks;
using Tutti.Reduction.Numerics;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var wanted = args.Length == 0 ? Size.All : [.. Size.All.Where(size => args.Contains(size.Name))];
Console.WriteLine($"load of the machine before: {(await File.ReadAllTextAsync("/proc/loadavg")).Trim()}");
Console.WriteLine($"one core: reads {Machine.ReadBandwidth() / 1e9:0.0} GB/s, does {Machine.Flops() / 1e9:0.0} Gflop/s in float64");
Console.WriteLine("processor time per iteration of exact non-negative least squares, one thread, median:");
Console.WriteLine("size       spectra  channels  k   ms/iteration   asked   aim   the field's Python tool   Gflop/s   GB/s   best   memory beyond D");
foreach (var size in wanted)
{
    var (data, start) = size.Make();
    var bytes = data.Count * (data.IsSingle ? 4.0 : 8.0);
    var options = new McrOptions { ExactIterations = size.Spectra > 100_000 ? 12 : size.Spectra > 10_000 ? 30 : 300 };
    // Once without being counted, so that every kernel is compiled.
    McrAls.Resolve(data, new McrStart.Spectra(start), options with { ExactIterations = 3 });
    GC.Collect();
    var before = GC.GetTotalAllocatedBytes(precise: true);
    var times = McrAls.Resolve(data, new McrStart.Spectra(start), options).IterationTimes.Select(time => time.CpuSeconds * 1e3).Order().ToArray();
    var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
    var median = times[times.Length / 2];
    // Products and sums: two multiply-adds per value and component.
    var flops = 4.0 * data.Count * size.Components / median / 1e6;
    Console.WriteLine(
        $"{size.Name,-8} {size.Spectra,9} {size.Channels,9} {size.Components,2} {median,14:0.000} {size.Pass,7:0.0} {size.Stretch,5:0.0} {size.FieldsTool,25:0.0} {flops,9:0.0} {bytes / median / 1e6,6:0.0} {times[0],6:0.000} {allocated / 1e6,8:0.0} MB of {bytes / 1e6:0} MB");
}
Console.WriteLine($"load of the machine after: {(await File.ReadAllTextAsync("/proc/loadavg")).Trim()}");
