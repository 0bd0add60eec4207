using MassTransit;
using Tutti.Review.Advising;
using Tutti.Review.Deciding;
using Tutti.Review.Grading;
using Tutti.Review.Judging;
using Tutti.Review.Knowing;
using Tutti.Review.Ranking;
using Tutti.Review.Reading;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Review;

/// <summary>Advice of the board, feasibility, panel grades, ranking and decision; no one judges in conflict.</summary>
public static class ReviewService
{
    /// <summary>Name of the service in routes, queues and databases.</summary>
    public const string Name = "review";

    /// <summary>Adds the service's database and what its use cases need.</summary>
    public static WebApplicationBuilder AddReview(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<ReviewDb>(Name);
        builder.AddApi(Name, "Review", "Advice of the board, feasibility, panel grades, ranking and decision.");
        return builder;
    }

    /// <summary>Adds the service's reactions to events, each on a queue of its own.</summary>
    public static void AddReviewConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddReaction<ReviewDb, WhenCallOpened>("review-when-call-opened");
        bus.AddReaction<ReviewDb, WhenInstrumentPublished>("review-when-instrument-published");
        bus.AddReaction<ReviewDb, WhenProposalSubmitted>("review-when-proposal-submitted");
        bus.AddReaction<ReviewDb, WhenFeasibilityAsked>("review-when-feasibility-asked");
        bus.AddReaction<ReviewDb, WhenProposalWithdrawn>("review-when-proposal-withdrawn");
    }

    /// <summary>Maps the service's routes at their public paths.</summary>
    public static void MapReview(this WebApplication app)
    {
        app.MapApi(Name);
        app.MapDeadLetters<ReviewDb>(Name);
        RouteGroupBuilder Group(string tag, params string[] roles) => app.MapGroup("/api/review").WithGroupName(Name).WithTags(tag).RequireAnyRole(roles);

        var proposers = Group("Advice", Roles.Proposer);
        AskAdvice.Map(proposers);
        ListAdvice.Map(proposers);
        ReadAdvice.Map(Group("Advice", Roles.Proposer, Roles.BoardAdvisor, Roles.UserOffice));

        var board = Group("Advice", Roles.BoardAdvisor);
        ListOpenAdvice.Map(board);
        GiveAdvice.Map(board);

        var judges = Group("Feasibility", Roles.FacilityStaff, Roles.BoardAdvisor);
        ListTasks.Map(judges);
        JudgeTask.Map(judges);
        RequestRevision.Map(judges);
        ReadProposal.Map(Group("Feasibility", Roles.FacilityStaff, Roles.BoardAdvisor, Roles.PanelMember, Roles.UserOffice));

        var panel = Group("Panel", Roles.PanelMember);
        GradeProposal.Map(panel);
        RankProposals.Map(panel);

        var panelAndOffice = Group("Panel", Roles.PanelMember, Roles.UserOffice);
        ListCalls.Map(panelAndOffice);
        ListProposals.Map(panelAndOffice);
        ReadGrades.Map(panelAndOffice);
        CompleteEvaluation.Map(panelAndOffice);
        ReadRanking.Map(panelAndOffice);

        var office = Group("User office", Roles.UserOffice);
        DecideProposals.Map(office);
        ReadHistory.Map(office);
    }
}
