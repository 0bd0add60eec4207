using System.Diagnostics;
using System.Globalization;

namespace Tutti.Reduction.CommandLine;

/// <summary>Progress on standard error: a bar that is drawn over on a terminal, now and then a plain line otherwise.</summary>
internal sealed class ProgressLines(TextWriter error, bool quiet) : IProgress<ReductionProgress>
{
    private const int Width = 30;
    private static readonly TimeSpan barEvery = TimeSpan.FromMilliseconds(100), lineEvery = TimeSpan.FromSeconds(2);
    private readonly bool terminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    private long last;
    private bool drawn;

    public void Report(ReductionProgress value)
    {
        if (quiet) return;
        var now = Stopwatch.GetTimestamp();
        var due = value.Phase is not (ReductionPhase.Resolution or ReductionPhase.Resampling) || last == 0 || Stopwatch.GetElapsedTime(last, now) >= (terminal ? barEvery : lineEvery);
        if (!due) return;
        last = value.Phase is ReductionPhase.Resolution or ReductionPhase.Resampling ? now : 0;
        var text = value.Phase switch
        {
            ReductionPhase.PrincipalComponents => "principal components",
            ReductionPhase.Bands => "bands of rotational ambiguity",
            ReductionPhase.Resampling => string.Create(CultureInfo.InvariantCulture, $"replicate {value.Iteration} of {value.MaxIterations}"),
            ReductionPhase.Resolution or ReductionPhase.Finished => string.Create(CultureInfo.InvariantCulture,
                $"iteration {value.Iteration} of at most {value.MaxIterations}, lack of fit {value.LofPercent:0.######} %"),
        };
        if (!terminal) error.WriteLine(text);
        else
        {
            var part = value.MaxIterations == 0 ? 0 : Width * value.Iteration / value.MaxIterations;
            error.Write($"\r[{new string('#', part)}{new string('.', Width - part)}] {text}   ");
            drawn = true;
        }
    }

    /// <summary>Leaves the line of the bar.</summary>
    public void End()
    {
        if (drawn) error.WriteLine();
    }
}
