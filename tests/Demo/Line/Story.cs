using System.Diagnostics;
using System.Globalization;

namespace Tutti.Demo.Line;

/// <summary>Prints each step with its time as it happens.</summary>
internal sealed class Story(TextWriter output)
{
    private readonly long began = Stopwatch.GetTimestamp();
    private int steps;

    public void Tell(string line) => output.WriteLine(line);

    /// <summary>Does one step as somebody, and says how long it took.</summary>
    public async Task<T> StepAsync<T>(string who, string what, Func<Task<T>> step, Func<T, string>? outcome = null)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await step();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:0.00} s  {++steps,2}. {who,-7} {what}{(outcome is null ? "" : ": " + outcome(result))} ({Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms)"));
        return result;
    }

    /// <summary>A step without a result of its own.</summary>
    public Task StepAsync(string who, string what, Func<Task> step) => StepAsync(who, what, async () =>
    {
        await step();
        return 0;
    });
}
