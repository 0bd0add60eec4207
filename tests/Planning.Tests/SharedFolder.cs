using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Tests;

/// <summary>Instances and the independent judge from outside the repository.</summary>
internal static class SharedFolder
{
    public static string Instance(string name)
    {
        var path = Find() is { } shared ? Path.Combine(shared, "data", "planning", name + ".json") : null;
        if (path is null || !File.Exists(path)) Assert.Skip($"The shared instance {name} is not here.");
        return path;
    }

    public static string Judge()
    {
        var path = Find() is { } shared ? Path.Combine(shared, "tools", "check-plan.py") : null;
        if (path is null || !File.Exists(path)) Assert.Skip("The independent judge is not here.");
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "python3")))) Assert.Skip("There is no python3 for the independent judge.");
        return path;
    }

    public static ShiftPlan Planned(string name, double work, int seed = 1) =>
        Planner.Plan(PlanningInstance.Read(Instance(name)), new() { Workers = 1, WorkLimit = work, TimeLimit = TimeSpan.FromMinutes(5), Seed = seed }, stop: TestContext.Current.CancellationToken);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TUTTI_SHARED") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "data"))) return Path.Combine(folder.FullName, "shared");
        return null;
    }
}
