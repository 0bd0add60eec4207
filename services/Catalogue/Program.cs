using Tutti.Catalogue;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddCatalogue();
builder.AddBus(bus => bus.AddCatalogueConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapCatalogue();
return await app.RunTuttiAsync(args);
