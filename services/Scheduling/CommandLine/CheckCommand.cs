using System.CommandLine;
using Tutti.Scheduling.Checking;

namespace Tutti.Scheduling.CommandLine;

/// <summary><c>tutti check INSTANCE.json PLAN.json</c>: the objective, every broken rule, and what the plan wrongly says of itself; 0: legal, 1: broken or wrong, 2: unreadable.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Argument<FileInfo> instance = new("instance") { Description = "the instance, as JSON" };
        Argument<FileInfo> plan = new("plan") { Description = "the plan, as JSON" };
        var command = new Command("check", "Judges a plan: its objective and every broken rule. The verdict shares no code with the planner.") { instance, plan };
        command.SetAction((parsed, cancel) => PlanningCommand.GuardAsync(parsed.InvocationConfiguration.Error, () => Task.Run(() =>
        {
            using var problem = new MemoryStream(File.ReadAllBytes(parsed.GetRequiredValue(instance).FullName));
            using var answer = parsed.GetRequiredValue(plan).OpenRead();
            var verdict = PlanCheck.Read(problem).Judge(answer, cancel);
            PlanningCommand.WarnOfUnknown(problem, parsed.InvocationConfiguration.Error);
            cancel.ThrowIfCancellationRequested();
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"objective {verdict.Objective} served {verdict.Served} shifts {verdict.Shifts} shortfall {verdict.Shortfall} broken {verdict.Broken.Count}");
            output.WriteLine($"layers: {string.Join(", ", verdict.Layers.Where(layer => layer.Value != 0).Select(layer => $"{layer.Key} {layer.Value}"))}");
            foreach (var rule in verdict.Broken) output.WriteLine($"  {rule.Code}: experiments {string.Join(", ", rule.Experiments)}: {rule.Text}");
            foreach (var words in verdict.Wrong) output.WriteLine($"  claim_wrong: {words}");
            if (verdict.RankOpen > 0) output.WriteLine($"rank: {verdict.RankOpen} proposals left out were not looked at to the end; nothing is said of them");
            return verdict is { IsLegal: true, Wrong.Count: 0 } ? 0 : 1;
        }, CancellationToken.None)));
        return command;
    }
}
