using MassTransit;
using Tutti.CellPool.Designing;
using Tutti.CellPool.Keeping;
using Tutti.CellPool.Knowing;
using Tutti.CellPool.Lending;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool;

/// <summary>Cell designs, cells, equipment of the support laboratories, who has them when.</summary>
public static class CellPoolService
{
    /// <summary>Name of the service in routes, queues and databases.</summary>
    public const string Name = "cellpool";

    /// <summary>Adds the service's database and what its use cases need.</summary>
    public static WebApplicationBuilder AddCellPool(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<CellPoolDb>(Name);
        builder.AddApi(Name, "Cell pool", "Cell designs, cells, equipment of the support laboratories, who has them when.");
        builder.Services.AddSingleton(new ShippingTime(TimeSpan.FromDays(builder.Configuration.GetValue("Tutti:CellPool:ShippingDays", 2.0))));
        return builder;
    }

    /// <summary>Adds the service's reactions to events, each on a queue of its own.</summary>
    public static void AddCellPoolConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddReaction<CellPoolDb, WhenCellReservationAsked>("cellpool-when-cell-reservation-asked");
        bus.AddReaction<CellPoolDb, WhenEquipmentReservationAsked>("cellpool-when-equipment-reservation-asked");
        bus.AddReaction<CellPoolDb, WhenReleaseAsked>("cellpool-when-release-asked");
        bus.AddReaction<CellPoolDb, WhenProposalWithdrawn>("cellpool-when-proposal-withdrawn");
        bus.AddReaction<CellPoolDb, WhenCellDesignPublished>("cellpool-when-cell-design-published");
        bus.AddReaction<CellPoolDb, WhenEquipmentKindPublished>("cellpool-when-equipment-kind-published");
        bus.AddReaction<CellPoolDb, WhenSupportLabPublished>("cellpool-when-support-lab-published");
        bus.AddReaction<CellPoolDb, WhenInstrumentPublished>("cellpool-when-instrument-published");
        bus.AddReaction<CellPoolDb, WhenSitePublished>("cellpool-when-site-published");
        bus.AddReaction<CellPoolDb, WhenPersonRegistered>("cellpool-when-person-registered");
    }

    /// <summary>Maps the service's routes at their public paths.</summary>
    public static void MapCellPool(this WebApplication app)
    {
        app.MapApi(Name);
        app.MapDeadLetters<CellPoolDb>(Name);

        var everyone = app.MapGroup("/api/cellpool").WithGroupName(Name).WithTags("Cell pool").RequireAuthorization();
        ListDesigns.Map(everyone);
        ListLaboratories.Map(everyone);

        var staff = app.MapGroup("/api/cellpool").WithGroupName(Name).WithTags("Staff").RequireAnyRole(Roles.CellKeeper, Roles.UserOffice, Roles.FacilityStaff);
        ListCells.Map(staff);
        ReadCalendar.Map(staff);

        var keepers = app.MapGroup("/api/cellpool").WithGroupName(Name).WithTags("Keepers").RequireAuthorization(Roles.CellKeeper);
        AddDesign.Map(keepers);
        ReadCompatibility.Map(keepers);
        RegisterCell.Map(keepers);
        ChangeServiceState.Map(keepers);
        KeepEquipment.Map(keepers);
    }
}
