using Tutti.Identity;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddIdentity();
builder.AddBus(bus => bus.AddIdentityConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapIdentity();
return await app.RunTuttiAsync(args);
