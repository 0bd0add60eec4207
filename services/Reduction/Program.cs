using Tutti.Reduction;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddReduction();
builder.AddBus(bus => bus.AddReductionConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapReduction();
return await app.RunTuttiAsync(args);
