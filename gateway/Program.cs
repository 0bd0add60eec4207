using Tutti.Gateway;
using Tutti.ServiceDefaults;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddGateway();
var app = builder.Build();
app.UseTuttiDefaults();
app.MapGateway();
await app.RunAsync();
