using Tutti.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddScheduling();
builder.AddBus(bus => bus.AddSchedulingConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapScheduling();
return await app.RunTuttiAsync(args);
