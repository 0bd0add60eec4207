using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Offering;

/// <summary>An offer ends without a promise: the teams that were asked, or have accepted, are told.</summary>
internal static class WithdrawOffer
{
    /// <summary>Tells it to all teams of an offered plan; called before the plan forgets the offer.</summary>
    public static void Tell(SchedulingDb db, CallPlan plan, string reason, TimeProvider time)
    {
        if (plan.AnswerBy is not null) Tell(db, plan, plan.Entries.Where(entry => entry.Answer is TeamAnswer.Asked or TeamAnswer.Accepted or TeamAnswer.AcceptedBySilence), reason, time);
    }

    /// <summary>Tells it to the teams of some experiments.</summary>
    public static void Tell(SchedulingDb db, CallPlan plan, IEnumerable<PlanEntry> entries, string reason, TimeProvider time)
    {
        foreach (var entry in entries)
            db.Publish(new OfferWithdrawn { ExperimentId = entry.ExperimentId, ProposalId = entry.ProposalId, PlanId = plan.Id, Reason = reason, WithdrawnAt = time.GetUtcNow() }, time);
    }
}
