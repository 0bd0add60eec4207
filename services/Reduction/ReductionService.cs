using MassTransit;
using Tutti.Reduction.Knowing;
using Tutti.Reduction.Queueing;
using Tutti.Reduction.Registering;
using Tutti.Reduction.Results;
using Tutti.Reduction.Reducing;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Reduction;

/// <summary>Measured data sets, and jobs that resolve them into components.</summary>
public static class ReductionService
{
    /// <summary>Name of the service in routes, queues and databases.</summary>
    public const string Name = "reduction";

    /// <summary>Adds the service's database, its files, and the workers that run its jobs.</summary>
    public static WebApplicationBuilder AddReduction(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<ReductionDb>(Name);
        builder.AddApi(Name, "Reduction", "Measured data sets, and jobs that resolve them into components.");
        builder.Services.AddSingleton(ReductionLimits.From(builder.Configuration));
        builder.Services.AddSingleton<FileStore>();
        builder.Services.AddSingleton<SeriesFiles>();
        builder.AddJobs();
        return builder;
    }

    /// <summary>Adds the service's reactions to events, each on a queue of its own.</summary>
    public static void AddReductionConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddReaction<ReductionDb, WhenProposalMovesOn>("reduction-when-proposal-moves-on");
        bus.AddReaction<ReductionDb, WhenInstrumentPublished>("reduction-when-instrument-published");
    }

    /// <summary>Maps the service's routes at their public paths.</summary>
    public static void MapReduction(this WebApplication app)
    {
        app.MapApi(Name);
        app.MapDeadLetters<ReductionDb>(Name);

        var everyone = app.MapGroup("/api/reduction").WithGroupName(Name).WithTags("Reduction").RequireAuthorization();
        ListDataSets.Map(everyone);
        ReadDataSet.Map(everyone);
        DownloadDataSet.Map(everyone);
        ListJobs.Map(everyone);
        ReadJob.Map(everyone);
        FollowJob.Map(everyone);
        ReadResult.Map(everyone);

        var measuring = app.MapGroup("/api/reduction").WithGroupName(Name).WithTags("Reduction").RequireAnyRole(Roles.Proposer, Roles.FacilityStaff).AgainWhenStale<ReductionDb>();
        RegisterDataSet.Map(measuring, app.Services.GetRequiredService<ReductionLimits>());
        QueueJob.Map(measuring);
        CancelJob.Map(measuring);
    }
}
