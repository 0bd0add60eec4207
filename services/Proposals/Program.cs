using Tutti.Proposals;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddProposals();
builder.AddBus(bus => bus.AddProposalsConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapProposals();
return await app.RunTuttiAsync(args);
