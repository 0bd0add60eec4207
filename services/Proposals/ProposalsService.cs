using MassTransit;
using Tutti.Proposals.Calls;
using Tutti.Proposals.Drafting;
using Tutti.Proposals.Knowing;
using Tutti.Proposals.Lifecycle;
using Tutti.Proposals.Reporting;
using Tutti.Proposals.Submitting;
using Tutti.Proposals.Withdrawing;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals;

/// <summary>Calls, drafts, teams, submission, and the life of a proposal.</summary>
public static class ProposalsService
{
    /// <summary>Name of the service in routes, queues and databases.</summary>
    public const string Name = "proposals";

    /// <summary>Adds the service's database and what its use cases need.</summary>
    public static WebApplicationBuilder AddProposals(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<ProposalsDb>(Name);
        builder.AddApi(Name, "Proposals", "Calls, drafts, teams, submission, and the life of a proposal.");
        return builder;
    }

    /// <summary>Adds the service's reactions to events, each on a queue of its own.</summary>
    public static void AddProposalsConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddStateMachine<ProposalsDb, ProposalLifecycle, ProposalLifecycleState>("proposals-lifecycle");
        bus.AddReaction<ProposalsDb, WhenCallClosingDue>("proposals-when-call-closing-due");
        bus.AddReaction<ProposalsDb, WhenCallMovesOn>("proposals-when-call-moves-on");
        bus.AddReaction<ProposalsDb, WhenInstrumentPublished>("proposals-when-instrument-published");
        bus.AddReaction<ProposalsDb, WhenEquipmentKindPublished>("proposals-when-equipment-kind-published");
        bus.AddReaction<ProposalsDb, WhenPersonRegistered>("proposals-when-person-registered");
        bus.AddReaction<ProposalsDb, WhenAdviceGiven>("proposals-when-advice-given");
    }

    /// <summary>Maps the service's routes at their public paths.</summary>
    public static void MapProposals(this WebApplication app)
    {
        app.MapApi(Name);
        app.MapDeadLetters<ProposalsDb>(Name);

        var everyone = app.MapGroup("/api/proposals").WithGroupName(Name).WithTags("Proposals").RequireAuthorization();
        ReadProposal.Map(everyone);
        ReadDeclaration.Map(everyone);
        ListCalls.Map(everyone);

        var proposers = app.MapGroup("/api/proposals").WithGroupName(Name).WithTags("Proposals").RequireAuthorization(Roles.Proposer).AgainWhenStale<ProposalsDb>();
        CreateDraft.Map(proposers);
        ChangeDraft.Map(proposers);
        ListProposals.Map(proposers);
        CheckProposal.Map(proposers);
        SubmitProposal.Map(proposers);
        WithdrawProposal.Map(proposers);
        ReportProposal.Map(proposers);

        var office = app.MapGroup("/api/proposals").WithGroupName(Name).WithTags("User office").RequireAuthorization(Roles.UserOffice).AgainWhenStale<ProposalsDb>();
        AnnounceCall.Map(office);
        ReadTerms.Map(office);
        ChangeTerms.Map(office);
        CloseCall.Map(office);
        CloseProposal.Map(office);
    }
}
