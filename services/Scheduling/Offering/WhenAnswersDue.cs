using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Offering;

/// <summary>A timer of an offer has fired: teams that have not answered are reminded, or, at the deadline, taken at the word of the policy.</summary>
public sealed class WhenAnswersDue(SchedulingDb db, TimeProvider time) : IConsumer<AnswersDue>
{
    private const int Deadline = 4;

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<AnswersDue> context)
    {
        var (due, now, cancel) = (context.Message, time.GetUtcNow(), context.CancellationToken);
        var plan = await db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == due.PlanId && x.Offers == due.Offer, cancel);
        if (plan is not { IsOpen: true, AnswerBy: { } answerBy }) return;
        var silent = plan.Entries.FindAll(entry => entry.Answer == TeamAnswer.Asked);
        foreach (var entry in silent)
            if (due.Number < Deadline)
                await context.PublishAsync(new OfferReminded { ExperimentId = entry.ExperimentId, ProposalId = entry.ProposalId, PlanId = plan.Id, Number = due.Number, AnswerBy = answerBy });
            else
            {
                if (plan.Silence == SilencePolicy.Accepts) plan.Accept(entry, null, now);
                else plan.Decline(entry, Reasons.Of(Reasons.TeamSilent), null, now);
                await context.PublishAsync(new OfferAnswered
                {
                    ExperimentId = entry.ExperimentId, ProposalId = entry.ProposalId, PlanId = plan.Id, Accepted = plan.Silence == SilencePolicy.Accepts, BySilence = true, AnsweredAt = now,
                });
            }
        if (due.Number == Deadline && silent.Count > 0 && plan.Silence == SilencePolicy.Declines)
            await AnswerOffer.FreedAsync(db, plan, null, $"{silent.Count} teams did not answer until {answerBy:u}.", now, time, cancel);
    }
}
