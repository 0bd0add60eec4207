using MassTransit;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Knowing;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Measuring;
using Tutti.Scheduling.Offering;
using Tutti.Scheduling.Showing;
using Tutti.Scheduling.Withdrawing;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling;

/// <summary>Run calendars, shifts, plans over all sites, and the experiments that have them.</summary>
public static class SchedulingService
{
    /// <summary>Name of the service in routes, queues and databases.</summary>
    public const string Name = "scheduling";

    /// <summary>Adds the service's database and what its use cases need.</summary>
    public static WebApplicationBuilder AddScheduling(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<SchedulingDb>(Name);
        builder.AddApi(Name, "Scheduling", "Run calendars, shifts, plans over all sites, and the experiments that have them.");
        builder.Services.AddSingleton(PlanWorkerOptions.From(builder.Configuration)).AddSingleton<WaitingPlans>().AddTransient<PlanWorker>().AddHostedService<FindWaitingPlans>();
        builder.Logging.AddFilter("Hangfire", LogLevel.Warning);
        return builder;
    }

    /// <summary>Adds the service's reactions to events, each on a queue of its own.</summary>
    public static void AddSchedulingConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddReaction<SchedulingDb, WhenSitePublished>("scheduling-when-site-published");
        bus.AddReaction<SchedulingDb, WhenInstrumentPublished>("scheduling-when-instrument-published");
        bus.AddReaction<SchedulingDb, WhenCallTold>("scheduling-when-call-told");
        bus.AddReaction<SchedulingDb, WhenPoolPublished>("scheduling-when-pool-published");
        bus.AddReaction<SchedulingDb, WhenProposalAccepted>("scheduling-when-proposal-accepted");
        bus.AddReaction<SchedulingDb, WhenProposalWithdrawn>("scheduling-when-proposal-withdrawn");
        bus.AddReaction<SchedulingDb, WhenReserved>("scheduling-when-reserved");
        bus.AddReaction<SchedulingDb, WhenReservationRefused>("scheduling-when-reservation-refused");
        bus.AddReaction<SchedulingDb, WhenReservationReleased>("scheduling-when-reservation-released");
        bus.AddReaction<SchedulingDb, WhenAnswersDue>("scheduling-when-answers-due");
        bus.AddReaction<SchedulingDb, WhenPersonRegistered>("scheduling-when-person-registered");
    }

    /// <summary>Maps the service's routes at their public paths.</summary>
    public static void MapScheduling(this WebApplication app)
    {
        app.MapApi(Name);
        app.MapDeadLetters<SchedulingDb>(Name);

        var everyone = app.MapGroup("/api/scheduling").WithGroupName(Name).WithTags("Scheduling").RequireAuthorization();
        ListExperiments.Map(everyone);
        AtTheDesk.MapForAll(everyone);
        CalendarRoutes.Map(everyone, app.MapGroup("/api/scheduling").WithGroupName(Name).WithTags("Calendars").RequireAnyRole(Roles.UserOffice, Roles.FacilityStaff),
            app.MapGroup("/api/scheduling").WithGroupName(Name).WithTags("Staffing").RequireAnyRole(Roles.UserOffice, Roles.FacilityStaff, Roles.FacilityDirector));

        var planners = app.MapGroup("/api/scheduling").WithGroupName(Name).WithTags("Plans").RequireAnyRole(Roles.UserOffice, Roles.FacilityStaff);
        RequestPlan.Map(planners);
        ReadPlan.Map(planners);
        ReadExplanations.Map(planners);
        ReadReserve.Map(planners);
        ListPlans.Map(planners);
        ReadRuns.Map(planners);

        AtTheDesk.Map(app.MapGroup("/api/scheduling").WithGroupName(Name).WithTags("Plans").RequireAnyRole(Roles.UserOffice, Roles.FacilityStaff).TellWhatChanged());

        var staff = app.MapGroup("/api/scheduling").WithGroupName(Name).WithTags("Experiments").RequireAuthorization(Roles.FacilityStaff);
        StartExperiment.Map(staff);
        FinishExperiment.Map(staff);

        var office = app.MapGroup("/api/scheduling").WithGroupName(Name).WithTags("User office").RequireAuthorization(Roles.UserOffice).TellWhatChanged();
        PublishPlan.Map(office);
        AbandonPlan.Map(office);
        FreezePlan.Map(office);
        OfferPlan.Map(office);
    }
}
