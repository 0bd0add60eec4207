using System.CommandLine;
using System.CommandLine.Help;
using Tutti.Scheduling.Checking;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.CommandLine;

/// <summary>The planner and its checker on files, without the service.</summary>
internal static class PlanningCommand
{
    // CP-SAT is left between two steps of its presolve; what takes longer than this to stop is ended.
    private static readonly TimeSpan timeToStop = TimeSpan.FromSeconds(15);

    /// <summary>Runs one command; 0: done, 1: refused or not legal, 2: unreadable, 3: a fault of the program, 130: stopped before there was a plan; the reason in one line of <paramref name="error"/>.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancel = default)
    {
        var parsed = new Command("tutti", "Plans shifts and checks plans, with the code of the scheduling service.") { PlanCommand.Create(), RepairCommand.Create(), CheckCommand.Create(), new HelpOption { Recursive = true }, new VersionOption() }.Parse(args);
        if (parsed.Errors is { Count: > 0 } errors)
        {
            await error.WriteLineAsync($"usage: {OneLine(errors[0].Message)} (--help lists the options)");
            return 2;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = timeToStop }, cancel);
    }

    /// <summary>Runs what a command does; what is wrong with the input is said in one line each, with its code.</summary>
    public static async Task<int> GuardAsync(TextWriter error, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (PlanningException refused)
        {
            foreach (var one in refused.Errors.Take(100)) await error.WriteLineAsync(OneLine($"{one.Code}: {one.Subject}: {one.Text}"));
            if (refused.Errors.Count > 100) await error.WriteLineAsync($"and {refused.Errors.Count - 100} more");
            return 2;
        }
        catch (UnreadableException unreadable)
        {
            await error.WriteLineAsync(OneLine($"{unreadable.Code}: {unreadable.Message}"));
            return 2;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(OneLine($"{(wrong is FileNotFoundException or DirectoryNotFoundException ? "not_found" : "file")}: {wrong.Message}"));
            return 2;
        }
        catch (ArgumentOutOfRangeException wrong)
        {
            await error.WriteLineAsync(OneLine($"usage: {wrong.Message}"));
            return 2;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("cancelled");
            return 130;
        }
#pragma warning disable CA1031 // The last stop before the runtime's own: the code first, then all that helps to find the fault.
        catch (Exception fault)
        {
            await error.WriteLineAsync(OneLine($"internal: {fault.Message}"));
            await error.WriteLineAsync(fault.ToString());
            return 3;
        }
#pragma warning restore CA1031
    }

    /// <summary>Reads an instance and warns, one line each, of what the format does not know in it: nothing of that is kept to.</summary>
    public static PlanningInstance Read(MemoryStream json, TextWriter error)
    {
        json.Position = 0;
        var instance = PlanningInstance.Read(json);
        WarnOfUnknown(json, error);
        return instance;
    }

    /// <summary>One line for each member of an instance that was read and that the format does not know.</summary>
    public static void WarnOfUnknown(MemoryStream json, TextWriter error)
    {
        json.Position = 0;
        var unknown = UnknownMembers.Of(json);
        foreach (var path in unknown.Take(20)) error.WriteLine(OneLine($"warning: {path} is not known and not kept to"));
        if (unknown.Count > 20) error.WriteLine($"warning: and {unknown.Count - 20} more");
    }

    /// <summary>A search may take an hour: whether its plan can be written is found out before it; a plan that is there stays until then.</summary>
    /// <exception cref="UnreadableException"><c>output_not_writable</c></exception>
    public static void RequireWritable(FileInfo file)
    {
        try
        {
            if (file.Exists)
            {
                file.Open(FileMode.Open, FileAccess.Write).Dispose();
                return;
            }
            if (Directory.Exists(file.FullName)) throw new IOException("it is a folder.");
            File.Create(Path.Combine(file.DirectoryName ?? ".", $".tutti-{Guid.CreateVersion7():N}"), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableException("output_not_writable", $"The plan cannot be written to {file.FullName}: {refused.Message}");
        }
    }

    /// <summary>How many inversions of rank the checker finds among the proposals that the plan itself says are not decided (<see cref="ShiftPlan.RankOpen"/>); nothing else may be wrong with it.</summary>
    /// <exception cref="InvalidOperationException">Who made the plan is at fault.</exception>
    public static int RequireLegal(string by, PlanningInstance instance, ShiftPlan plan, Verdict verdict)
    {
        var open = instance.Experiments.Where(one => plan.RankOpen?.Contains(one.Proposal) == true).Select(one => one.Id).ToHashSet();
        var broken = verdict.Broken.Where(rule => rule.Code != "rank_inverted" || !rule.Experiments.All(open.Contains)).ToList();
        if (broken.Count > 0 || verdict.Wrong.Count > 0)
            throw new InvalidOperationException($"{by} made a plan that the checker refuses: {string.Join("; ", [.. verdict.Wrong, .. broken.Take(3).Select(one => $"{one}")])}");
        return verdict.Broken.Count - broken.Count;
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
