using Tutti.Scheduling.CommandLine;

return await PlanningCommand.RunAsync(args, Console.Out, Console.Error);
