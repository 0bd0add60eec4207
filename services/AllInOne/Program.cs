using Tutti.AllInOne;
using Tutti.Catalogue;
using Tutti.CellPool;
using Tutti.Identity;
using Tutti.Proposals;
using Tutti.Reduction;
using Tutti.Review;
using Tutti.Scheduling;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

var builder = Hosting.CreateBuilder(args);
builder.AddTuttiDefaults();
builder.AddIdentity();
builder.AddCatalogue();
builder.AddProposals();
builder.AddReview();
builder.AddScheduling();
builder.AddCellPool();
builder.AddReduction();
builder.AddBus(
    bus => bus.AddIdentityConsumers(),
    bus => bus.AddCatalogueConsumers(),
    bus => bus.AddProposalsConsumers(),
    bus => bus.AddReviewConsumers(),
    bus => bus.AddSchedulingConsumers(),
    bus => bus.AddCellPoolConsumers(),
    bus => bus.AddReductionConsumers());
var app = builder.Build();
app.UseTuttiDefaults();
app.MapIdentity();
app.MapCatalogue();
app.MapProposals();
app.MapReview();
app.MapScheduling();
app.MapCellPool();
app.MapReduction();
app.MapDocs();
Welcome.PrintAtStart(app);
return await app.RunTuttiAsync(args);
