using MassTransit;
using Tutti.Reduction.Knowing;
using Tutti.Reduction.Prescribing;
using Tutti.Reduction.Queueing;
using Tutti.Reduction.Registering;
using Tutti.Reduction.Results;
using Tutti.Reduction.Reducing;
using Tutti.Reduction.Uploading;
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
        builder.Services.AddHostedService<SweepUploads>();
        builder.AddJobs();
        return builder;
    }

    /// <summary>Adds the service's reactions to events, each on a queue of its own.</summary>
    public static void AddReductionConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddReaction<ReductionDb, WhenProposalMovesOn>("reduction-when-proposal-moves-on");
        bus.AddReaction<ReductionDb, WhenInstrumentPublished>("reduction-when-instrument-published");
        bus.AddReaction<ReductionDb, WhenTechniquePublished>("reduction-when-technique-published");
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
        BundleResult.Map(everyone);
        ListRecipes.Map(everyone);
        ReadRecipe.Map(everyone);

        var measuring = app.MapGroup("/api/reduction").WithGroupName(Name).WithTags("Reduction").RequireAnyRole(Roles.Proposer, Roles.FacilityStaff).AgainWhenStale<ReductionDb>();
        RegisterDataSet.Map(measuring, app.Services.GetRequiredService<ReductionLimits>());
        RegisterUploads.Map(measuring);
        ChangeTerms.Map(measuring);
        QueueJob.Map(measuring);
        CancelJob.Map(measuring);
        RetryJob.Map(measuring);
        WriteRecipe.Map(measuring);
        ReviseRecipe.Map(measuring);
        ShareRecipe.Map(measuring);
        RetireRecipe.Map(measuring);
        FollowRecipe.Map(measuring);

        var uploading = app.MapGroup("/api/reduction").WithGroupName(Name).WithTags("Reduction").RequireAnyRole(Roles.Proposer, Roles.FacilityStaff).AddEndpointFilter(Tus.SpeakAsync);
        BeginUpload.Map(uploading);
        FindUpload.Map(uploading);
        ContinueUpload.Map(uploading);
        EndUpload.Map(uploading);
    }
}
