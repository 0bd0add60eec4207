using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Amending;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Offering;

/// <summary>
/// The user office publishes a plan tentatively: each team accepts or declines its shifts before a deadline. Who has not answered is reminded three times, after half, three quarters and nine
/// tenths of the time, and then the policy told with the offer decides. Who was promised just these shifts before, or was asked already, is not asked again.
/// </summary>
public static class OfferPlan
{
    private static readonly TimeSpan shortest = TimeSpan.FromHours(1), longest = TimeSpan.FromDays(180);
    private static readonly double[] reminders = [0.5, 0.75, 0.9];

    /// <summary>What was said in time is heard before the policy decides.</summary>
    private static readonly TimeSpan grace = TimeSpan.FromMinutes(1);

    internal static void Map(RouteGroupBuilder group) => group.MapPost("/plans/{id:guid}/offer", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Request request, [AsParameters] Desk desk)
    {
        var now = desk.Time.GetUtcNow();
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (plan is null) return TypedResults.NotFound();
        await desk.Http.Request.RequireLatestAsync(plan, desk.Db, desk.Cancel);
        if (request.AnswerBy < now + shortest || request.AnswerBy > now + longest)
            throw RuleViolation.Invalid("offer.invalid", "The deadline makes no sense.", [new("answerBy", "offer.deadline", $"From {shortest.TotalHours} hour to {longest.TotalDays} days ahead.")]);
        plan.RequireOfferable();
        await plan.RequireFreshAsync(desk.Db, desk.Cancel);
        var ids = plan.Entries.ConvertAll(entry => entry.ExperimentId);
        var promised = await desk.Db.Experiments.AsNoTracking().Where(x => ids.Contains(x.Id) && x.Status != ExperimentStatus.Granted).ToDictionaryAsync(x => x.Id, desk.Cancel);
        if (request.Silence != plan.Silence && plan.Entries.Exists(entry => entry.Answer == TeamAnswer.Asked))
            throw new RuleViolation("offer.other-policy", "Teams that are still asked were told that silence means something else.");
        // Who was asked already is not given more time, nor more reminders.
        var asked = plan.Entries.Where(entry => entry is { IsPlaced: true, Answer: TeamAnswer.None }
            && !(promised.TryGetValue(entry.ExperimentId, out var one) && entry.IsAt(one.InstrumentCode, one.PlacedShifts))).ToList();
        if (asked.Count == 0) throw new RuleViolation("offer.nothing-new", "Every team has been asked, or was promised just this already.");
        plan.Offer(request.AnswerBy, request.Silence, desk.Person.Id, Guid.CreateVersion7(now), now);
        foreach (var entry in asked)
        {
            entry.Ask(plan.Offers, request.AnswerBy);
            desk.Db.Publish(new ShiftsOffered
            {
                ExperimentId = entry.ExperimentId, ProposalId = entry.ProposalId, PlanId = id, InstrumentCode = entry.InstrumentCode, AnswerBy = request.AnswerBy,
                SilenceAccepts = request.Silence == SilencePolicy.Accepts, OfferedAt = now, Shifts = [.. entry.Shifts.Select(shift => new ShiftInterval { Start = shift.Start, End = shift.End })],
            }, desk.Time);
        }
        foreach (var (number, at) in reminders.Append(1).Select((part, n) => (n + 1, part < 1 ? now + (request.AnswerBy - now) * part : request.AnswerBy + grace)))
            desk.Db.Publish(new AnswersDue { PlanId = id, Offer = plan.Offers, Number = number }, desk.Time, at);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        desk.Http.Response.TellVersion(plan.Version);
        return TypedResults.Ok(new Response(asked.Count));
    }

    /// <summary>The terms.</summary>
    public sealed record Request
    {
        /// <summary>Until when the teams answer.</summary>
        public required DateTimeOffset AnswerBy { get; init; }

        /// <summary>What no answer means.</summary>
        public required SilencePolicy Silence { get; init; }
    }

    /// <summary>How many experiments were offered shifts.</summary>
    public sealed record Response(int Asked);
}
