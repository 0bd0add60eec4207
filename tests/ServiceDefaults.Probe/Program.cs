using Tutti.ServiceDefaults.Probe;

// The small service as a process of its own, to be killed.
var builder = WebApplication.CreateBuilder(args);
var script = new Script();
if (builder.Configuration.GetValue("Probe:Blocked", false)) script.Before = _ => Task.Delay(Timeout.Infinite);
await using var app = await ProbeService.BuildAsync(builder, script);
await app.RunAsync();
