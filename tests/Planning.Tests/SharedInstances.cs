using Tutti.Scheduling.Planning;
using Tutti.Testing;

namespace Tutti.Planning.Tests;

/// <summary>Instances and the independent judge from outside the repository.</summary>
internal static class SharedInstances
{
    public static string Instance(string name)
    {
        var path = SharedFolder.File("data", "planning", name + ".json");
        if (path is null) Assert.Skip($"The shared instance {name} is not here.");
        return path;
    }

    public static string Judge()
    {
        var path = SharedFolder.File("tools", "check-plan.py");
        if (path is null) Assert.Skip("The independent judge is not here.");
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "python3")))) Assert.Skip("There is no python3 for the independent judge.");
        return path;
    }

    public static ShiftPlan Planned(string name, double work, int seed = 1) =>
        Planner.Plan(PlanningInstance.Read(Instance(name)), new() { Workers = 1, WorkLimit = work, TimeLimit = TimeSpan.FromMinutes(5), Seed = seed }, stop: TestContext.Current.CancellationToken);
}
