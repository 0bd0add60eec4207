using System.Globalization;

namespace Tutti.Demo.Line;

/// <summary>The plan as a small table, the fit figures, where the plots are.</summary>
internal static class Summary
{
    public static void Print(LineResult result, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{"experiment",-26}{"instrument",-14}{"first shift (site's clock)",-30}{"last shift",-30}{"shifts",6}  cell");
        foreach (var experiment in result.Plan)
            output.WriteLine($"{experiment.Title,-26}{experiment.Instrument,-14}{experiment.From,-30}{experiment.To,-30}{experiment.Shifts,6}  {experiment.Cell}");
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"MCR-ALS: {result.Components} components, lack of fit {result.LofPercent:0.0000} %, explained variance {result.R2Percent:0.00000} %, {result.Iterations} iterations, stopped: {result.StopReason}"));
        output.WriteLine($"status:  {string.Join(" > ", result.Statuses)}");
        output.WriteLine($"plots:   {Path.GetDirectoryName(Path.GetFullPath(result.Files[0]))}");
    }
}
