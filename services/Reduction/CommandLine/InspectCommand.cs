using System.CommandLine;

namespace Tutti.Reduction.CommandLine;

/// <summary><c>tutti inspect INPUT...</c>: what is in files, and what the rank indicators say of it.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var inputs = InputOptions.Inputs();
        var input = new InputOptions();
        var command = new Command("inspect", "Says what a file, folder or archive holds: format, shape, axis, warnings, singular values, rank.") { inputs };
        input.AddTo(command);
        command.SetAction((parsed, cancel) => TuttiCommand.GuardAsync(() => Task.Run(() => Inspection.Print(input.Read(parsed, parsed.GetValue(inputs) ?? [], cancel), Console.Out, cancel), cancel)));
        return command;
    }
}
