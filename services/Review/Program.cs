using Tutti.Review;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddReview();
builder.AddBus(bus => bus.AddReviewConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapReview();
return await app.RunTuttiAsync(args);
