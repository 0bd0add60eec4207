using Hangfire;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using Tutti.Scheduling.Holding;
using Tutti.Scheduling.Offering;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// Brings a plan forward, one step and one transaction at a time, as a Hangfire job.
/// <code>
/// Requested ─► Solving ─► Reserving ── all answered ──► Ready
///                 ▲            │                          ▲
///                 └────────────┘ something refused, or    │
///                   │            the world has changed    │
///                   └─────────────────────────────────────┘ a later round cannot be made
/// </code>
/// The row of the plan carries a lease: of two replicas one has it in hand, and when that one is killed the other takes it over as it was last
/// committed. What was read for a round is compared by revision before its answer is written, so a round that was overtaken is made again.
/// </summary>
public sealed partial class PlanWorker(
    IServiceScopeFactory scopes, WaitingPlans queue, PlanWorkerOptions options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<PlanWorker> log)
{
    private static readonly TimeSpan shortest = TimeSpan.FromMilliseconds(100);

    private readonly Guid me = Guid.CreateVersion7();

    /// <summary>Brings a plan one step forward, if it can go on and nobody else has it in hand. What goes wrong is logged here: the row stays as it was committed, and is found again.</summary>
    [AutomaticRetry(Attempts = 0, LogEvents = false, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(Guid id)
    {
        var ending = lifetime.ApplicationStopping;
        try
        {
            if (!ending.IsCancellationRequested && await ClaimAsync(id, ending)) await StepAsync(id, ending);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Interrupted(id);
        }
        catch (Exception exception)
        {
            // The database is away: the plan stays as it was committed and is taken up again.
            StepFailed(exception);
        }
    }

    /// <summary>Plans that can go on, the longest waiting first.</summary>
    internal static IQueryable<CallPlan> Waiting(SchedulingDb db, DateTimeOffset now) => db.Plans.Where(x => (x.LeaseUntil == null || x.LeaseUntil < now)
        && (x.Status == CallPlanStatus.Requested || x.Status == CallPlanStatus.Solving
            || (x.Status == CallPlanStatus.Reserving && !db.Reservations.Any(asked => asked.PlanId == x.Id && asked.Status == ReservationStatus.Asked)))).OrderBy(x => x.RequestedAt).ThenBy(x => x.Id);

    /// <summary>
    /// Runs that say that they search though nobody has their plan in hand have failed: the worker was killed, and no other run begins where the plan was given up, could not be made or has nothing left to
    /// be placed. A worker that was only late writes the end of its run over this.
    /// </summary>
    internal static Task EndLeftRunsAsync(SchedulingDb db, DateTimeOffset now, CancellationToken cancel) =>
        EndLeftRunsAsync(db, db.Runs.Where(x => !db.Plans.Any(held => held.Id == x.PlanId && held.LeaseUntil >= now)), now, cancel);

    private static async Task EndLeftRunsAsync(SchedulingDb db, IQueryable<PlanRun> left, DateTimeOffset now, CancellationToken cancel)
    {
        left = left.Where(x => x.Status == PlanRunStatus.Running);
        if (!await left.AnyAsync(cancel)) return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await left.ExecuteUpdateAsync(set => set.SetProperty(x => x.Status, PlanRunStatus.Failed).SetProperty(x => x.Failure, "The search was cut off: nobody has the plan in hand any more.").SetProperty(x => x.EndedAt, now)
            .SetProperty(x => x.Version, x => x.Version + 1), cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task StepAsync(Guid id, CancellationToken cancel)
    {
        // What breaks each time must not keep the plans behind it waiting for ever: only an orderly step, or a stop, is no attempt.
        var broke = true;
        try
        {
            if (await SettleAsync(id, cancel)) await SolveAsync(id, cancel);
            broke = false;
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody was faster: an answer, a withdrawal, a plan given up. The next step sees it.
            Overtaken(id);
            broke = false;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            broke = false;
            throw;
        }
        finally
        {
            PutDown(id);
            await UpdateAsync(id, rows => rows.ExecuteUpdateAsync(
                set => set.SetProperty(x => x.LeaseOwner, (Guid?)null).SetProperty(x => x.LeaseUntil, (DateTimeOffset?)null).SetProperty(x => x.Attempts, x => broke ? x.Attempts : 0), CancellationToken.None));
        }
    }

    /// <summary>Before the lease is given back: as long as that holds nobody gives the plan to a worker anew.</summary>
    private void PutDown(Guid id)
    {
        try
        {
            queue.PutDown(id);
        }
        catch (Exception exception)
        {
            // Hangfire's storage is away: the plan is given anew, a lease later at the latest.
            PutDownFailed(exception, id);
        }
    }

    private async Task<bool> ClaimAsync(Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
        var now = time.GetUtcNow();
        if (!await Waiting(db, now).AnyAsync(x => x.Id == id, cancel)) return false;
        var until = now + options.Lease;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var taken = await db.Plans.Where(x => x.Id == id && (x.LeaseUntil == null || x.LeaseUntil < now)).ExecuteUpdateAsync(
            set => set.SetProperty(x => x.LeaseOwner, me).SetProperty(x => x.LeaseUntil, until).SetProperty(x => x.Attempts, x => x.Attempts + 1), cancel);
        await transaction.CommitAsync(cancel);
        return taken == 1;
    }

    /// <summary>Decides by the pool's answers whether the plan is complete; true where it is to be solved now.</summary>
    private async Task<bool> SettleAsync(Guid id, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
        var (plan, now) = (await MineAsync(db, id, cancel), time.GetUtcNow());
        if (plan is null) return false;
        // Of a plan one worker at a time has in hand no other run goes on.
        await EndLeftRunsAsync(db, db.Runs.Where(x => x.PlanId == id && db.Plans.Any(mine => mine.Id == id && mine.LeaseOwner == me)), now, cancel);
        if (plan.Attempts > options.MostAttempts)
        {
            await FailAsync(db, plan, "plan.solver-crashed", $"Planning has been begun {plan.Attempts - 1} times and never came to an end.", cancel);
            return false;
        }
        if (plan.Status == CallPlanStatus.Reserving)
        {
            var snapshot = await PlanSnapshot.LoadAsync(db, plan, cancel, pool: false);
            var open = snapshot.Experiments.Select(one => one.Id).ToHashSet();
            var entries = plan.Entries.Where(entry => open.Contains(entry.ExperimentId)).SelectMany(entry => entry.Reservations).ToHashSet();
            // What somebody moved by hand, and nothing else, is left out where the pool lacks something; what else does not fit any more makes the plan stale.
            var refused = Reservation.ReasonsByExperiment(snapshot.Reservations.Where(one => entries.Contains(one.Id) && one.Status != ReservationStatus.Held && !(plan.ByHand && one.PromisedAt is not null)));
            if (plan.ByHand || (plan.Inputs.Equal(snapshot.Inputs) && (refused.Count == 0 || plan.Round - plan.RoundsBefore >= options.MostRounds)))
            {
                if (refused.Count > 0)
                {
                    plan.Drop(refused, snapshot.Begun);
                    db.Add(plan.Record(PlanVersionKind.LeftOut, null, plan.ByHand ? "Not all that is needed is held for what was changed by hand." : $"After {plan.Round - plan.RoundsBefore} rounds not all that they need is held for them.", now));
                }
                await HoldNeeds.ReleaseUnusedAsync(db, plan, "The plan no longer has the experiment there.", time, cancel);
                plan.Complete(Guid.CreateVersion7(now), now);
                await db.SaveChangesAsync(cancel);
                return false;
            }
        }
        // What answers of the pool decide is over in a moment, and done by another worker than what takes long.
        var goesOn = plan.Status != CallPlanStatus.Reserving;
        plan.Solve(Guid.CreateVersion7(now), now);
        await db.SaveChangesAsync(cancel);
        return goesOn;
    }

    private async Task SolveAsync(Guid id, CancellationToken cancel)
    {
        PlanSnapshot snapshot;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var reading = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
            if (await MineAsync(reading, id, cancel) is not { Status: CallPlanStatus.Solving } read) return;
            snapshot = await PlanSnapshot.LoadAsync(reading, read, cancel, advice: read.Repair is null);
        }

        var (answer, failure) = await AnswerAsync(snapshot, cancel);

        await using var writing = scopes.CreateAsyncScope();
        var db = writing.ServiceProvider.GetRequiredService<SchedulingDb>();
        if (await MineAsync(db, id, cancel) is not { Status: CallPlanStatus.Solving } plan) return;
        if (answer is null)
        {
            await FailAsync(db, plan, failure.Code, failure.Subject, cancel);
            return;
        }
        // A team that declined meanwhile, or let the deadline pass, has made a version: the answer is to another question.
        if (plan.Head != snapshot.Plan.Head || !snapshot.Inputs.Equal(await PlanSnapshot.InputsNowAsync(db, plan, cancel))) return;
        await WriteAsync(db, plan, snapshot, answer, cancel);
    }

    /// <summary>
    /// The planner's answer with held experiments where they are; where the plan would lose by that, the better of this and a plan that may move them.
    /// </summary>
    private async Task<(Answer? Answer, ProblemError Failure)> AnswerAsync(PlanSnapshot snapshot, CancellationToken cancel)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var ended = new CancellationTokenSource();
        var renewing = RenewAsync(snapshot.Plan.Id, lost, ended.Token);
        try
        {
            // Both searches of a round share its time, and word that it is enough is meant for both.
            var limit = snapshot.Plan.Search.TimeLimitSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : snapshot.Plan.Repair is null ? options.SolverTime : options.RepairTime;
            var began = time.GetTimestamp();
            var task = Asking(snapshot, keepHeld: snapshot.Plan.CopyOf is null);
            var (result, enough) = await RunAsync(snapshot.Plan, task, limit, lost.Token);
            if (task.HasHeld && !enough && limit - time.GetElapsedTime(began) is var left && left > shortest && (result.Plan is null || task.Merit(result.Plan.Objective + result.Plan.Taken) < snapshot.Plan.Objective))
            {
                var other = Asking(snapshot, keepHeld: false);
                var (moved, _) = await RunAsync(snapshot.Plan, other, left, lost.Token);
                if (moved.Plan is not null && (result.Plan is null || other.Merit(moved.Plan.Objective) > task.Merit(result.Plan.Objective))) (task, result) = (other, moved);
            }
            lost.Token.ThrowIfCancellationRequested();
            return result.Plan is { } plan ? (new Answer(task, plan), new("", "")) : (null, new(result.Failure is null ? "plan.problem-invalid" : "plan.solver-crashed", result.Trouble ?? ""));
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            throw new OperationCanceledException("The plan is in other hands.", cancel);
        }
        catch (PlannerFailure failure)
        {
            // Whatever the planner trips over, it would trip over it again: people are told, and can ask anew.
            PlannerFailed(failure.InnerException ?? failure, snapshot.Plan.Id);
            return (null, new("plan.solver-failed", failure.Message));
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
        }
    }

    /// <summary>One run of the planner, kept with all that is needed to do it again; while it searches its row tells how far it is, and takes word that it is enough.</summary>
    private async Task<(PlanningResult Result, bool Enough)> RunAsync(CallPlan plan, PlanTask task, TimeSpan limit, CancellationToken lost)
    {
        var search = new PlannerOptions
        {
            TimeLimit = limit, Workers = plan.Search.Workers ?? 1, Seed = plan.Search.Seed ?? 1,
            Explain = plan.Repair is null, ForceTime = plan.Repair is null ? options.ForceTime : TimeSpan.Zero,
        };
        var run = PlanRun.Begin(Guid.CreateVersion7(time.GetUtcNow()), plan, task.Problem, search, time.GetUtcNow());
        await BeginAsync(run);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(lost);
        using var ended = new CancellationTokenSource();
        var (found, latest) = (0, (PlanProgress?)null);
        // What a repair's search is worth includes promised places, and says nothing to people.
        var tellsWorth = plan.Repair is null;
        var watching = WatchAsync(run.Id, tellsWorth, () => (Volatile.Read(ref found), Volatile.Read(ref latest)), enough, ended.Token);
        PlanningResult? result = null;
        var failure = "The plan was taken out of the planner's hands.";
        try
        {
            result = await Solver.SolveAsync(task.Problem, search, options.SolverProgram, progress =>
            {
                Interlocked.Increment(ref found);
                Volatile.Write(ref latest, progress);
            }, plan.Repair is not null, enough.Token);
            return (result, enough.IsCancellationRequested);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            failure = exception.Message;
            throw new PlannerFailure(exception);
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
            await UpdateRunAsync(run.Id, one =>
            {
                if (latest is not null) one.Progress(found, latest, tellsWorth);
                if (result is null) one.Break(failure, time.GetUtcNow());
                else one.End(result, time.GetUtcNow());
            });
        }
    }

    /// <summary>The question of a round; what makes it impossible to ask is the planner's trouble, and the same the next time.</summary>
    private PlanTask Asking(PlanSnapshot snapshot, bool keepHeld)
    {
        try
        {
            return new PlanTask(snapshot, options.Travel, keepHeld, time.GetUtcNow());
        }
        catch (Exception exception)
        {
            throw new PlannerFailure(exception);
        }
    }

    /// <summary>Writes how far a run is, and looks whether somebody has said that it is enough.</summary>
    private async Task WatchAsync(Guid run, bool tellsWorth, Func<(int Found, PlanProgress? Latest)> look, CancellationTokenSource enough, CancellationToken ended)
    {
        for (var told = 0; !ended.IsCancellationRequested; )
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return;
            try
            {
                // Only what is needed: problem and answer of a run are large.
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
                if (await db.Runs.AnyAsync(x => x.Id == run && x.CancelRequestedAt != null, ended)) enough.Cancel();
                var (found, latest) = look();
                if (found == told || latest is null) continue;
                var (after, objective, bound) = ((long?)(1000 * latest.Seconds), tellsWorth ? latest.Objective : (long?)null, tellsWorth ? latest.Bound : (long?)null);
                await using var transaction = await db.Database.BeginTransactionAsync(ended);
                await db.Runs.Where(x => x.Id == run).ExecuteUpdateAsync(set => set.SetProperty(x => x.Improvements, found).SetProperty(x => x.ImprovedAfterMilliseconds, after)
                    .SetProperty(x => x.Objective, objective).SetProperty(x => x.Bound, bound), ended);
                await transaction.CommitAsync(ended);
                told = found;
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The database is away: the run goes on, and its end is written later.
                StepFailed(exception);
            }
        }
    }

    /// <summary>Changes a run's row; who was faster there (somebody who cancels) is heard first.</summary>
    private async Task UpdateRunAsync(Guid id, Action<PlanRun> change)
    {
        for (var left = 5; ; left--)
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
                change(await db.Runs.SingleAsync(x => x.Id == id));
                await db.SaveChangesAsync();
                return;
            }
            catch (DbUpdateConcurrencyException) when (left > 0)
            {
                Overtaken(id);
            }
    }

    /// <summary>Keeps a run that begins.</summary>
    private async Task BeginAsync(PlanRun run)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
        db.Add(run);
        await db.SaveChangesAsync();
    }

    /// <summary>Keeps the plan in hand while the planner works; cancels the work when somebody else has taken it or it was given up.</summary>
    private async Task RenewAsync(Guid id, CancellationTokenSource lost, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested && !lost.IsCancellationRequested)
        {
            await Task.Delay(options.Lease / 3, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return;
            try
            {
                var until = time.GetUtcNow() + options.Lease;
                if (await UpdateAsync(id, rows => rows.ExecuteUpdateAsync(set => set.SetProperty(x => x.LeaseUntil, until), ended)) == 0) await lost.CancelAsync();
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The database is away: the lease may run out, and then the answer is not written.
                StepFailed(exception);
            }
        }
    }

    /// <summary>Writes placements, asks the pool for what they need, and lets go what was held elsewhere.</summary>
    private async Task WriteAsync(SchedulingDb db, CallPlan plan, PlanSnapshot snapshot, Answer answer, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        plan.Place(answer.Task.Entries(answer.Plan), snapshot.Ran, snapshot.Inputs, snapshot.Begun, answer.Plan.Status == Planning.PlanStatus.Optimal ? "optimal" : "feasible", answer.Plan.Bound is { } bound ? answer.Task.Merit(bound + answer.Plan.Taken) : null, answer.Task.Layers(answer.Plan), Guid.CreateVersion7(now), now);
        if (plan.CopyOf is null)
            await HoldNeeds.AskAsync(db, plan, snapshot.Experiments.Select(one => one.Id).ToHashSet(), "The plan has moved the experiment.", time, cancel);
        db.Add(plan.Record(PlanVersionKind.Planned, null, $"Round {plan.Round}", now));
        await db.SaveChangesAsync(cancel);
    }

    /// <summary>A first round that cannot be made is the end of the plan; after a later one the plan is what it was before, but for what lacks something.</summary>
    private async Task FailAsync(SchedulingDb db, CallPlan plan, string code, string text, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (plan.HasPlaces)
        {
            if (plan.CopyOf is null)
            {
                var asked = plan.Entries.SelectMany(entry => entry.Reservations).ToHashSet();
                var refused = Reservation.ReasonsByExperiment((await db.Reservations.Where(x => x.PlanId == plan.Id && x.Status != ReservationStatus.Held && x.PromisedAt == null).ToListAsync(cancel)).Where(one => asked.Contains(one.Id)));
                if (refused.Count > 0)
                {
                    plan.Drop(refused, await db.BegunAsync(plan.Entries.Select(entry => entry.ProposalId), cancel));
                    db.Add(plan.Record(PlanVersionKind.LeftOut, null, $"Not all that they need is held for them, and the planner could not go on: {code}", now));
                }
                await HoldNeeds.ReleaseUnusedAsync(db, plan, "The plan no longer has the experiment there.", time, cancel);
            }
            plan.Return(code, text, Guid.CreateVersion7(now), now);
        }
        else
        {
            WithdrawOffer.Tell(db, plan, "The plan could not be made.", time);
            plan.Fail(code, text, Guid.CreateVersion7(now), now);
            await HoldNeeds.ReleaseAllAsync(db, plan, "The plan has failed.", time, cancel);
            if (await db.OpenPlans.SingleOrDefaultAsync(x => x.PlanId == plan.Id, cancel) is { } open) db.Remove(open);
        }
        await db.SaveChangesAsync(cancel);
    }

    private async Task<CallPlan?> MineAsync(SchedulingDb db, Guid id, CancellationToken cancel) =>
        await db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id && x.LeaseOwner == me, cancel);

    private async Task<int> UpdateAsync(Guid id, Func<IQueryable<CallPlan>, Task<int>> update)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulingDb>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var count = await update(db.Plans.Where(x => x.Id == id && x.LeaseOwner == me));
        await transaction.CommitAsync();
        return count;
    }

    private sealed record Answer(PlanTask Task, Plan Plan);

    /// <summary>The planner is at fault, not the world around it: the same question would have the same end.</summary>
    private sealed class PlannerFailure(Exception cause) : Exception(cause.Message, cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Making plans failed; it is tried again")]
    private partial void StepFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "That no job carries plan {Id} any more could not be written; it is given anew when a lease is over")]
    private partial void PutDownFailed(Exception exception, Guid id);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Plan {Id} was changed while a step was made; the step is made again")]
    private partial void Overtaken(Guid id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Plan {Id} is taken up again at the next start")]
    private partial void Interrupted(Guid id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The planner failed on plan {Id}")]
    private partial void PlannerFailed(Exception exception, Guid id);
}
