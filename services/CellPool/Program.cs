using Tutti.CellPool;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddCellPool();
builder.AddBus(bus => bus.AddCellPoolConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapCellPool();
return await app.RunTuttiAsync(args);
