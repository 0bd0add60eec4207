using MassTransit;
using Tutti.Catalogue.Browsing;
using Tutti.Catalogue.Keeping;
using Tutti.Catalogue.Publishing;
using Tutti.Catalogue.Seeding;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Catalogue;

/// <summary>Partners, sites, instruments, techniques, and what is known of them.</summary>
public static class CatalogueService
{
    /// <summary>Name of the service in routes, queues and databases.</summary>
    public const string Name = "catalogue";

    /// <summary>Adds the service's database and what its use cases need.</summary>
    public static WebApplicationBuilder AddCatalogue(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<CatalogueDb>(Name);
        builder.AddApi(Name, "Catalogue", "Partners, sites, instruments, techniques, and what is known of them.");
        builder.Services.AddSingleton(CatalogueSeed.Embedded());
        builder.Services.AddHostedService<SeedCatalogue>();
        return builder;
    }

    /// <summary>Adds the service's reactions to events: it has none, others learn from it.</summary>
    public static void AddCatalogueConsumers(this IBusRegistrationConfigurator bus) => ArgumentNullException.ThrowIfNull(bus);

    /// <summary>Maps the service's routes at their public paths.</summary>
    public static void MapCatalogue(this WebApplication app)
    {
        app.MapApi(Name);
        app.MapDeadLetters<CatalogueDb>(Name);

        var anybody = app.MapGroup("/api/catalogue").WithGroupName(Name).WithTags("Catalogue").AllowAnonymous();
        ListInstruments.Map(anybody);
        ReadInstrument.Map(anybody);
        ReadEntries.Map(anybody);
        ReadSource.Map(anybody);

        var staff = app.MapGroup("/api/catalogue").WithGroupName(Name).WithTags("Staff").RequireAnyRole(Roles.UserOffice, Roles.FacilityStaff);
        ChangeInstrument.Map(staff);
        ReadHistory.Map(staff);

        var office = app.MapGroup("/api/catalogue").WithGroupName(Name).WithTags("User office").RequireAuthorization(Roles.UserOffice);
        RetireInstrument.Map(office);
        PublishAgain.Map(office);
    }
}
