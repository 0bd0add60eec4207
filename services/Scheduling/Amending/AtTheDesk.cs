using Tutti.Scheduling.Comparing;
using Tutti.Scheduling.Offering;
using Tutti.Scheduling.Repairing;
using Tutti.Scheduling.Showing;

namespace Tutti.Scheduling.Amending;

/// <summary>The routes of the desk at which people plan, and of those who look at it.</summary>
internal static class AtTheDesk
{
    /// <summary>For staff and the user office.</summary>
    public static void Map(RouteGroupBuilder group)
    {
        ListVersions.Map(group);
        MovePlacement.Map(group);
        SwapPlacements.Map(group);
        RemovePlacements.Map(group);
        LockPlacements.Map(group);
        ForbidExperiment.Map(group);
        RestoreVersion.Map(group);
        DecideChange.Map(group);
        PlanAgain.Map(group);
        CopyPlan.Map(group);
        ComparePlans.Map(group);
        PromoteCopy.Map(group);
        ReadDisturbance.Map(group);
    }

    /// <summary>For everybody with an account; feeds for calendar programs, with a secret in place of it.</summary>
    public static void MapForAll(RouteGroupBuilder group)
    {
        AnswerOffer.Map(group);
        ReportDisturbance.Map(group);
        EndDisturbance.Map(group);
        ReadGantt.Map(group);
        KeepFeedToken.Map(group);
        ReadFeed.Map(group);
    }
}
