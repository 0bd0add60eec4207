using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;

namespace Tutti.Reduction.CommandLine;

/// <summary>The command line: the reduction service's own code on files, without the service.</summary>
internal static partial class TuttiCommand
{
    // A fit is left within an iteration; what takes longer than this to stop is ended.
    private static readonly TimeSpan timeToStop = TimeSpan.FromSeconds(10);

    /// <summary>What a command ends with where its input or its options are refused; 0 is done, and 1, by which other commands tell that they found something wrong, is
    /// not used here: what is doubtful in a result is a warning in it.</summary>
    public const int Refused = 2;

    private const int Broken = 3, Cancelled = 130;

    /// <summary>Runs one command; 0: done, 2: refused, with the reason in one line of <paramref name="error"/>, 3: an error of the program, 130: stopped by Ctrl-C.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancel = default)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors is { Count: > 0 } errors)
        {
            // A word that means nothing explains what else is missing.
            var wrong = errors.FirstOrDefault(found => found.Message.StartsWith("Unrecognized", StringComparison.Ordinal)) ?? errors[0];
            await error.WriteLineAsync($"usage: {OneLine(ExpectedType().Replace(wrong.Message, "."))} (--help lists the options)");
            return Refused;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = timeToStop }, cancel);
    }

    // Not a RootCommand: that one calls itself what the program file is called.
    private static Command Create() => new("tutti", "Reduces series of spectra to components and looks into files, with the code of the reduction service.")
    {
        ReduceCommand.Create(), InspectCommand.Create(), new HelpOption { Recursive = true }, new VersionOption(),
    };

    /// <summary>Runs what a command does; what is wrong with the input is said in one line, with its code, and makes the exit code 2.</summary>
    public static async Task<int> GuardAsync(TextWriter error, Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception refused) when (Refusal.Of(refused) is { } said)
        {
            await error.WriteLineAsync(OneLine(said));
            return Refused;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("cancelled");
            return Cancelled;
        }
        catch (Exception broken)
        {
            await error.WriteLineAsync($"internal: {broken}");
            return Broken;
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@" as expected type '[^']*'\.")]
    private static partial Regex ExpectedType();
}
