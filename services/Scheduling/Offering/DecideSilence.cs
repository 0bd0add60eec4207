using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Offering;

/// <summary>Teams that did not answer in time are taken at the word of the policy that was told with the offer: by its timer, or by the publication that comes first.</summary>
internal static class DecideSilence
{
    public static async Task HandleAsync(SchedulingDb db, CallPlan plan, IReadOnlyList<PlanEntry> silent, DateTimeOffset now, TimeProvider time, CancellationToken cancel)
    {
        if (silent.Count == 0) return;
        var begun = await db.BegunAsync(silent.Select(entry => entry.ProposalId), cancel);
        foreach (var entry in silent)
        {
            // What went with a required experiment of its proposal is not asked any more.
            if (entry.Answer != TeamAnswer.Asked) continue;
            if (plan.Silence == SilencePolicy.Accepts) plan.Accept(entry, null, now);
            else AnswerOffer.Decline(db, plan, entry, Reasons.Of(Reasons.TeamSilent), begun, null, now, time);
            db.Publish(new OfferAnswered
            {
                ExperimentId = entry.ExperimentId, ProposalId = entry.ProposalId, PlanId = plan.Id, Accepted = plan.Silence == SilencePolicy.Accepts, BySilence = true, AnsweredAt = now,
            }, time);
        }
        if (plan.Silence == SilencePolicy.Declines) await AnswerOffer.FreedAsync(db, plan, null, $"{silent.Count} experiments were not answered for in time.", now, time, cancel);
    }
}
