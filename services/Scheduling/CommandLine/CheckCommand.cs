using System.CommandLine;
using Tutti.Scheduling.Checking;

namespace Tutti.Scheduling.CommandLine;

/// <summary><c>tutti check INSTANCE.json PLAN.json</c>: the objective and every broken rule; 0: legal, 1: broken, 2: unreadable.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Argument<FileInfo> instance = new("instance") { Description = "the instance, as JSON" };
        Argument<FileInfo> plan = new("plan") { Description = "the plan, as JSON" };
        var command = new Command("check", "Judges a plan: its objective and every broken rule. Shares no code with the planner.") { instance, plan };
        command.SetAction((parsed, _) => PlanningCommand.GuardAsync(parsed.InvocationConfiguration.Error, () =>
        {
            using var problem = parsed.GetRequiredValue(instance).OpenRead();
            using var answer = parsed.GetRequiredValue(plan).OpenRead();
            var verdict = PlanCheck.Read(problem).Judge(answer);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"objective {verdict.Objective} served {verdict.Served} shifts {verdict.Shifts} shortfall {verdict.Shortfall} broken {verdict.Broken.Count}");
            output.WriteLine($"layers: {string.Join(", ", verdict.Layers.Where(layer => layer.Value != 0).Select(layer => $"{layer.Key} {layer.Value}"))}");
            foreach (var rule in verdict.Broken) output.WriteLine($"  {rule.Code}: experiments {string.Join(", ", rule.Experiments)}: {rule.Text}");
            return Task.FromResult(verdict.IsLegal ? 0 : 1);
        }));
        return command;
    }
}
