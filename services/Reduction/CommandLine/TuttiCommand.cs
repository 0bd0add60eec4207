using System.CommandLine;

namespace Tutti.Reduction.CommandLine;

/// <summary>The command line: the reduction service's own code on files, without the service.</summary>
internal static class TuttiCommand
{
    public static RootCommand Create() => new("Reduces series of spectra to components and looks into files, with the code of the reduction service.")
    {
        ReduceCommand.Create(), InspectCommand.Create(),
    };

    /// <summary>Runs what a command does; what is wrong with the input is said in one line, with its code, and makes the exit code 1.</summary>
    public static async Task<int> GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception refused) when (Refusal.Of(refused) is { } said)
        {
            await Console.Error.WriteLineAsync(said);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("cancelled");
            return 130;
        }
    }
}
