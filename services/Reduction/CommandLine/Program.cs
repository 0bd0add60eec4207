using Tutti.Reduction.CommandLine;

return await TuttiCommand.Create().Parse(args).InvokeAsync();
