using Tutti.AllInOne;
using Tutti.Catalogue;
using Tutti.Identity;
using Tutti.Proposals;
using Tutti.Review;
using Tutti.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddIdentity();
builder.AddCatalogue();
builder.AddProposals();
builder.AddReview();
builder.AddScheduling();
builder.AddBus(
    bus => bus.AddProposalsConsumers(), bus => bus.AddReviewConsumers(), bus => bus.AddSchedulingConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.PrintWelcomeAtStart();
app.MapIdentity();
app.MapCatalogue();
app.MapProposals();
app.MapReview();
app.MapScheduling();
return await app.RunTuttiAsync(args);
