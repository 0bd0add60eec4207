using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Offering;

/// <summary>
/// A timer of an offer has fired: teams it asked and that have not answered are reminded, or, at the deadline, taken at the word of the policy. With the last reminder the user office learns
/// who is silent.
/// </summary>
public sealed class WhenAnswersDue(SchedulingDb db, TimeProvider time) : IConsumer<AnswersDue>
{
    private const int LastReminder = 3, Deadline = 4;

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<AnswersDue> context)
    {
        var (due, now, cancel) = (context.Message, time.GetUtcNow(), context.CancellationToken);
        var plan = await db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == due.PlanId, cancel);
        if (plan is not { IsOpen: true, AnswerBy: { } answerBy }) return;
        var silent = plan.Entries.FindAll(entry => entry.Answer == TeamAnswer.Asked && entry.Offer == due.Offer);
        if (due.Number == Deadline)
        {
            await DecideSilence.HandleAsync(db, plan, silent, now, time, cancel);
            return;
        }
        foreach (var entry in silent)
            await context.PublishAsync(new OfferReminded { ExperimentId = entry.ExperimentId, ProposalId = entry.ProposalId, PlanId = plan.Id, Number = due.Number, AnswerBy = entry.AnswerBy ?? answerBy });
        if (due.Number == LastReminder && silent.Count > 0)
            await context.PublishAsync(new AnswersOutstanding
            {
                PlanId = plan.Id, CallId = plan.CallId, Experiments = [.. silent.Select(entry => entry.ExperimentId).Order()], AnswerBy = silent[0].AnswerBy ?? answerBy, SilenceAccepts = plan.Silence == SilencePolicy.Accepts,
            });
    }
}
