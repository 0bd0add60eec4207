using System.Diagnostics;

namespace Tutti.Testing;

/// <summary>Waits for something that becomes true by itself: asks again and again, and gives up with a description after a time.</summary>
public static class Poll
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when <paramref name="condition"/> holds, else throws <see cref="TimeoutException"/> as <paramref name="describe"/> says.</summary>
    public static async Task UntilAsync(
        Func<CancellationToken, Task<bool>> condition, TimeSpan timeout, Func<string> describe, CancellationToken cancellation = default)
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = Shortest; !await condition(cancellation); pause = pause * 1.5 < Longest ? pause * 1.5 : Longest)
        {
            if (Stopwatch.GetElapsedTime(started) > timeout)
                throw new TimeoutException($"Not within {timeout.TotalSeconds:0.#} s: {describe()}");
            await Task.Delay(pause, cancellation);
        }
    }

    /// <summary>The same for a condition that needs no waiting of its own.</summary>
    public static Task UntilAsync(Func<bool> condition, TimeSpan timeout, Func<string> describe, CancellationToken cancellation = default) =>
        UntilAsync(_ => Task.FromResult(condition()), timeout, describe, cancellation);

    /// <summary>Asks until <paramref name="read"/> answers something other than null, and returns that.</summary>
    public static async Task<T> UntilAsync<T>(
        Func<CancellationToken, Task<T?>> read, TimeSpan timeout, Func<string> describe, CancellationToken cancellation = default)
        where T : class
    {
        T? answer = null;
        await UntilAsync(async stop => (answer = await read(stop)) is not null, timeout, describe, cancellation);
        return answer ?? throw new UnreachableException();
    }
}
