using Tutti.Reduction.CommandLine;

return await TuttiCommand.RunAsync(args, Console.Out, Console.Error);
