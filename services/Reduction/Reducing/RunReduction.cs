using System.Text;
using Hangfire;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Reduction;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Plotting;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Reduction.Reducing;

/// <summary>
/// A worker's way through one job: claim the row, read, reduce, store the files, and write the result together with the event that tells of it.
/// Killed anywhere on it, the row is still there and another worker begins anew; only who holds the row can write a result.
/// </summary>
public sealed partial class RunReduction(
    IServiceScopeFactory scopes, WaitingJobs queue, SeriesFiles series, FileStore files, MemoryBudget memory, ReductionLimits limits, IConfiguration configuration, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<RunReduction> log)
{
    private const int LongestReason = 1000, Tries = 6;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Carries a job to its end: the one of the ticket's size whose turn it is, if any still waits.</summary>
    [AutomaticRetry(Attempts = 0, LogEvents = false, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task RunAsync(Guid ticket)
    {
        var ending = lifetime.ApplicationStopping;
        if (ending.IsCancellationRequested) return;
        queue.Used(ticket);
        try
        {
            var next = await PatientlyAsync(ticket, () => NextAsync(ticket, ending), ending);
            foreach (var job in next.Where(job => !IsForLarger(job.Memory)))
                if (await TryRunAsync(job.Id, ending)) return;
            if (next.FirstOrDefault(job => IsForLarger(job.Memory)) is { } tooLarge) await PatientlyAsync(ticket, () => LeaveAsync(tooLarge.Id, ending), ending);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Nothing was begun: the rows wait for the next worker.
        }
        finally
        {
            // The ticket's own job may still wait.
            queue.Tell();
        }
    }

    /// <summary>The jobs of the ticket's size that may be begun, the next one first.</summary>
    private async Task<IReadOnlyList<FairOrder.Free>> NextAsync(Guid ticket, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        var size = await db.Jobs.Where(x => x.Id == ticket).Select(x => (JobSize?)x.Size).SingleOrDefaultAsync(cancel);
        return size is { } served ? await FairOrder.OfAsync(db, limits, time.GetUtcNow(), served, cancel) : [];
    }

    // Embedded, there is no other worker to wait for.
    private bool IsForLarger(long needed) => needed > limits.MaxMemoryBytes && Database.ProviderOf(configuration) != DatabaseProvider.Sqlite;

    /// <summary>Leaves a job to a worker with more memory, and lets the job tell that it waits for one. The row changes each time, so that those who look for jobs give out the
    /// ticket anew that this worker has used up.</summary>
    private async Task<bool> LeaveAsync(Guid jobId, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        var (job, now) = (await db.Jobs.SingleAsync(x => x.Id == jobId, cancel), time.GetUtcNow());
        if (!job.IsFree(now)) return false;
        job.WaitForLarger(limits.MaxMemoryBytes, now);
        try
        {
            await db.SaveChangesAsync(cancel);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody has begun or cancelled it: it waits no more.
            return false;
        }
    }

    /// <summary>Whether the job was this worker's to run.</summary>
    private async Task<bool> TryRunAsync(Guid jobId, CancellationToken ending)
    {
        var worker = Guid.CreateVersion7(time.GetUtcNow());
        if (!queue.Take(jobId, worker)) return false;
        var broken = true;
        try
        {
            var begun = await BeginAsync(jobId, worker, ending);
            broken = false;
            return begun;
        }
        catch (Exception exception) when (!ending.IsCancellationRequested)
        {
            // A row that nobody can work with must not keep those behind it waiting.
            WorkerBroke(exception, jobId);
            return false;
        }
        finally
        {
            queue.PutDown(jobId, broken);
        }
    }

    private async Task<bool> BeginAsync(Guid jobId, Guid worker, CancellationToken ending)
    {
        if (await PatientlyAsync(jobId, () => MemoryOfAsync(jobId, ending), ending) is not { } needed) return false;
        using var share = memory.TryTake(jobId, needed);
        if (share is null || await PatientlyAsync(jobId, () => ClaimAsync(jobId, worker, ending), ending) is not { } claimed) return false;
        await WorkAsync(worker, claimed, ending);
        return true;
    }

    /// <summary>Asks the database again after pauses that double, while it is away (<see cref="Away.Is"/>); the last answer counts, whatever it is.</summary>
    private async Task<T> PatientlyAsync<T>(Guid jobId, Func<Task<T>> ask, CancellationToken ending)
    {
        for (var (left, pause) = (Tries - 1, FirstPause); ; left--, pause *= 2)
        {
            try
            {
                return await ask();
            }
            catch (Exception exception) when (left > 0 && !ending.IsCancellationRequested && Away.Is(exception))
            {
                DatabaseAway(exception, jobId);
                await Task.Delay(pause, time, ending);
            }
        }
    }

    private async Task WorkAsync(Guid worker, Claimed claimed, CancellationToken ending)
    {
        var (jobId, checkpoints) = (claimed.Job, new Checkpoints(files, claimed.Job));
        using var span = Telemetry.Activities.StartActivity("reduction job");
        StopCause cause;
        var lease = new JobLease(jobId, worker, claimed.Until, claimed.Kept, claimed.Said, limits.Lease, scopes, time, log, ending);
        await using (lease)
        {
            try
            {
                var (figures, stored) = await ReduceAsync(claimed, checkpoints, lease);
                await EndAsync(jobId, worker, lease, (job, db) =>
                {
                    job.Complete(figures, stored, time.GetUtcNow());
                    db.Publish(Completed(job, figures), time);
                }, checkpoints);
                return;
            }
            catch (OperationCanceledException) when (lease.Cause != StopCause.None)
            {
                cause = lease.Cause;
            }
            catch (NumericsException impossible)
            {
                await FailAsync(jobId, worker, lease, impossible.Code, impossible.Message, checkpoints);
                return;
            }
            catch (PreparationException step)
            {
                await FailAsync(jobId, worker, lease, step.Code, step.Message, checkpoints);
                return;
            }
            catch (SeriesFormatException unreadable)
            {
                await FailAsync(jobId, worker, lease, unreadable.Code, unreadable.Message, checkpoints);
                return;
            }
            catch (Exception exception)
            {
                JobBroke(exception, jobId);
                await EndAsync(jobId, worker, lease, (job, db) =>
                {
                    if (!job.TryAgain(time.GetUtcNow())) Fail(job, db, "reduction.internal", "Something in the service broke; its operators find the details in its log.");
                }, checkpoints);
                return;
            }
        }
        switch (cause)
        {
            case StopCause.Cancelled:
                await EndAsync(jobId, worker, lease, (job, _) => job.Stop(time.GetUtcNow()), checkpoints);
                break;
            case StopCause.Stopping:
                await EndAsync(jobId, worker, lease, (job, _) => job.HandBack(), checkpoints);
                break;
            case StopCause.LeaseLost or StopCause.None:
                LeaseLost(jobId);
                break;
        }
    }

    private async Task<(FitFigures Figures, IReadOnlyList<ResultFile> Files)> ReduceAsync(Claimed claimed, Checkpoints checkpoints, JobLease lease)
    {
        var (set, options, stopped) = (claimed.Set, claimed.Options, lease.Stopped);
        using var raw = new Held();
        var steps = RecipeSteps.Of(claimed.Steps);
        // A thread of its own: the work takes long, and the pool serves requests.
        var (outcome, plots) = await Task.Factory.StartNew(
            () =>
            {
                var measured = raw.Keep(series.Read(set, stopped));
                var references = claimed.References.ToDictionary(reference => reference.Name, reference => raw.Keep(series.Read(reference.Set, stopped)), StringComparer.Ordinal);
                var prepared = Prepare.Run(measured, steps, new PreparationContext(claimed.By.ToString(), claimed.QueuedAt), references, cancellation: stopped);
                raw.Keep(prepared.Series);
                var outcome = Resolve(claimed.Job, prepared, options with { Threads = Math.Min(options.Threads, limits.MaxThreads) }, lease, checkpoints, stopped);
                raw.Keep(outcome.Used);
                // No bit depends on how many cores this worker has: what is recorded is what was asked for.
                outcome = outcome with { Result = outcome.Result with { Options = outcome.Result.Options with { Threads = options.Threads } } };
                return (outcome, ReductionPlots.All(outcome, stopped));
            },
            stopped, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        List<ResultFile> stored =
        [
            await StoreTextAsync("result.json", "application/json", text => text.Write(outcome.Result.ToJson()), stopped),
        ];
        foreach (var (name, write) in ResultTables.All(outcome)) stored.Add(await StoreTextAsync(name, "text/csv", write, stopped));
        if (outcome.Prepared.Records.Count > 0)
            stored.Add(await StoreTextAsync("preparation.json", "application/json", text => text.Write(StepRecords.ToJson(outcome.Prepared.Records)), stopped));
        var told = new ResultDescription(set.Name, set.InstrumentCode, set.Technique, set.Sample, set.Licence, claimed.Recipe);
        stored.Add(await StoreAsync("result.nxs", "application/x-hdf5", file => NexusFile.Write(file, outcome, told), stopped));
        stored.Add(await StoreAsync("result.mat", "application/x-matlab-data", file => ResultMatrices.Write(file, outcome, told), stopped));
        stored.Add(await StoreAsync("report.pdf", "application/pdf", file => ReportPage.Write(file, outcome.Result, plots, told), stopped));
        foreach (var plot in plots)
        {
            stored.Add(await StoreAsync($"plots/{plot.Name}.svg", "image/svg+xml", file => file.Write(plot.Svg), stopped));
            stored.Add(await StoreAsync($"plots/{plot.Name}.png", "image/png", file => file.Write(plot.Png), stopped));
        }
        return (FiguresOf(outcome), stored);
    }

    /// <summary>
    /// Goes on from the last checkpoint, if it is of the same data, options and version of the program; else the resolution begins anew. The job's log tells.
    /// </summary>
    private ReductionOutcome Resolve(
        Guid jobId, PreparedSeries prepared, ReductionOptions options, JobLease lease, Checkpoints checkpoints, CancellationToken stopped)
    {
        var (key, writable) = (Checkpoints.KeyOf(prepared, options), true);
        var saved = checkpoints.Load(key, out var isOfSomethingElse);
        if (isOfSomethingElse)
            Drop(null, "checkpoint.other", "The checkpoint was of other data, other options or another version of the program; the resolution begins anew.");
        var kept = new McrCheckpoints(
            saved, Save, limits.CheckpointEvery, iteration => lease.Say("checkpoint.resumed", $"The resolution goes on after iteration {iteration}.", iteration));
        try
        {
            return Reduce.Run(prepared, options, lease, kept, stopped);
        }
        catch (NumericsException stale) when (stale.Code == "checkpoint" && kept.Saved is not null)
        {
            Drop(stale, "checkpoint.unusable", $"The checkpoint cannot be gone on from ({stale.Message}); the resolution begins anew.");
            return Reduce.Run(prepared, options, lease, kept with { Saved = null }, stopped);
        }

        // A checkpoint that cannot be written costs time after a kill, not the result.
        void Save(byte[] state)
        {
            try
            {
                checkpoints.Save(key, state);
                lease.Keep(lease.Iteration);
                writable = true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                CheckpointNotWritten(exception, jobId);
                if (writable) lease.Say("checkpoint.not-written", "A checkpoint could not be written; the work goes on, and it is tried again.", lease.Iteration);
                writable = false;
            }
        }

        void Drop(Exception? why, string code, string text)
        {
            CheckpointDropped(why, jobId, code);
            lease.Say(code, text);
            checkpoints.Remove();
            lease.Keep(0);
        }
    }

    private Task<ResultFile> StoreTextAsync(string name, string type, Action<TextWriter> write, CancellationToken cancel) =>
        StoreAsync(name, type, file =>
        {
            using var text = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true);
            write(text);
        }, cancel);

    private async Task<ResultFile> StoreAsync(string name, string type, Action<Stream> write, CancellationToken cancel)
    {
        var (sha256, length) = await files.KeepAsync(
            (file, stop) =>
            {
                using var stoppable = new StoppableStream(file, stop);
                write(stoppable);
                return Task.CompletedTask;
            },
            cancel);
        return new ResultFile(name, type, sha256, length);
    }

    private async Task<long?> MemoryOfAsync(Guid jobId, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        var job = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(x => x.Id == jobId, cancel);
        return job?.IsFree(time.GetUtcNow()) == true ? job.Memory : null;
    }

    private async Task<Claimed?> ClaimAsync(Guid jobId, Guid worker, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
        var (job, now) = (await db.Jobs.SingleAsync(x => x.Id == jobId, cancel), time.GetUtcNow());
        if (!job.IsFree(now)) return null;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await FairOrder.RunningOf(db, now).CountAsync(x => x.RequestedBy == job.RequestedBy && x.Id != jobId, cancel) >= limits.MaxRunningJobs) return null;
        var (set, references) = await DataOfAsync(job, db, cancel);
        var until = now + limits.Lease;
        job.Claim(worker, now, until);
        var end = (job.CancelRequestedAt, job.Memory > limits.MaxMemoryBytes, job.Claims > ReductionJob.MaxClaims) switch
        {
            (not null, _, _) => "cancelled",
            (_, true, _) => "job.too-large",
            (_, _, true) => "reduction.abandoned",
            _ => null,
        };
        if (end == "cancelled") job.Stop(now);
        else if (end == "job.too-large") Fail(job, db, end, $"It needs about {job.Memory >> 20} MiB of memory; {limits.MaxMemoryBytes >> 20} MiB are there.");
        else if (end is not null) Fail(job, db, end, $"It was begun {ReductionJob.MaxClaims} times and never ended.");
        try
        {
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another worker was faster, or somebody has cancelled it: whatever the row is now, it is looked for again.
            return null;
        }
        if (end is null)
            return new Claimed(
                jobId, job.Options, job.Steps, job.RecipeId is { } recipe && job.RecipeVersion is { } version ? $"{recipe} version {version}" : null, set, references, until, job.RequestedBy,
                job.QueuedAt, job.KeptIteration, job.Log);
        new Checkpoints(files, jobId).Remove();
        return null;
    }

    /// <summary>The data set of a job and those that its preparation uses beside it.</summary>
    private static async Task<(DataSet Set, IReadOnlyList<(string Name, DataSet Set)> References)> DataOfAsync(ReductionJob job, ReductionDb db, CancellationToken cancel)
    {
        List<Guid> ids = [job.DataSetId, .. job.References.Select(reference => reference.DataSetId)];
        var sets = await db.DataSets.AsNoTracking().Where(set => ids.Contains(set.Id)).ToDictionaryAsync(set => set.Id, cancel);
        return (sets[job.DataSetId], [.. job.References.Select(reference => (reference.Name, sets[reference.DataSetId]))]);
    }

    private Task FailAsync(Guid jobId, Guid worker, JobLease lease, string code, string reason, Checkpoints checkpoints) =>
        EndAsync(jobId, worker, lease, (job, db) => Fail(job, db, code, reason), checkpoints);

    private void Fail(ReductionJob job, ReductionDb db, string code, string reason)
    {
        var now = time.GetUtcNow();
        // A message may quote the file, whatever is in it.
        var text = new string([.. reason.Take(LongestReason).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '_' : letter)]);
        job.Fail(code, text, now);
        db.Publish(
            new ReductionFailed { JobId = job.Id, DataSetId = job.DataSetId, ProposalId = job.ProposalId, Revision = job.Revision, Code = code, Reason = text, FailedAt = now }, time);
    }

    /// <summary>
    /// Writes the end of a job in one transaction, if this worker still holds it. A wish to cancel that came first is obeyed. Not to be
    /// cancelled: without it the work would be done again.
    /// </summary>
    private async Task EndAsync(Guid jobId, Guid worker, JobLease lease, Action<ReductionJob, ReductionDb> end, Checkpoints checkpoints)
    {
        if (await PatientlyAsync(jobId, () => TryEndAsync(jobId, worker, lease, end), CancellationToken.None)) checkpoints.Remove();
    }

    /// <summary>Whether the job is over with that.</summary>
    private async Task<bool> TryEndAsync(Guid jobId, Guid worker, JobLease lease, Action<ReductionJob, ReductionDb> end)
    {
        for (var left = 10; ; left--)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ReductionDb>();
            var job = await db.Jobs.SingleAsync(x => x.Id == jobId, CancellationToken.None);
            if (!job.IsHeldBy(worker))
            {
                LeaseLost(jobId);
                return false;
            }
            job.Say(lease.Said);
            if (job.CancelRequestedAt is not null) job.Stop(time.GetUtcNow());
            else end(job, db);
            try
            {
                await db.SaveChangesAsync(CancellationToken.None);
                return job.EndedAt is not null;
            }
            catch (DbUpdateConcurrencyException) when (left > 0)
            {
                // Somebody cancelled it, or took it over, between reading and writing: decide again on what the row is now.
            }
        }
    }

    private static ReductionCompleted Completed(ReductionJob job, FitFigures figures) => new()
    {
        JobId = job.Id, DataSetId = job.DataSetId, ProposalId = job.ProposalId, Revision = job.Revision, Components = figures.Components,
        LofPercent = figures.LofPercent, R2Percent = figures.R2Percent, StopReason = figures.StopReason, CompletedAt = job.EndedAt ?? job.QueuedAt,
    };

    private static FitFigures FiguresOf(ReductionOutcome outcome) => new()
    {
        Components = outcome.Result.ComponentCount, ComponentsByVerdict = outcome.Result.ComponentsByVerdict, RankAmbiguous = outcome.Result.Rank.Ambiguous,
        LofPercent = outcome.Result.BestLofPercent, LofPcaPercent = outcome.Result.LofPcaPercent, R2Percent = outcome.Result.R2Percent,
        Iterations = outcome.Result.Iterations, StopReason = outcome.Result.StopReason.Word(),
        Warnings = [.. outcome.Result.Warnings.Take(100)],
    };

    /// <summary>What was read and what was prepared of it, which may lie in files, until everything that comes of it is written.</summary>
    private sealed class Held : IDisposable
    {
        private readonly List<SpectralSeries> held = [];

        public SpectralSeries Keep(SpectralSeries series)
        {
            held.Add(series);
            return series;
        }

        public void Dispose()
        {
            foreach (var series in held) series.Data.Dispose();
        }
    }

    /// <summary>What a worker knows of the job it has claimed.</summary>
    private sealed record Claimed(
        Guid Job, ReductionOptions Options, string? Steps, string? Recipe, DataSet Set, IReadOnlyList<(string Name, DataSet Set)> References, DateTimeOffset Until, Guid By,
        DateTimeOffset QueuedAt, int Kept, IReadOnlyList<JobNote> Said);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The checkpoint of job {Job} cannot be gone on from ({Code}); the resolution begins anew")]
    private partial void CheckpointDropped(Exception? exception, Guid job, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A checkpoint of job {Job} could not be written; it is tried again")]
    private partial void CheckpointNotWritten(Exception exception, Guid job);

    [LoggerMessage(Level = LogLevel.Error, Message = "The worker broke over job {Job}; others have their turn first")]
    private partial void WorkerBroke(Exception exception, Guid job);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job} broke")]
    private partial void JobBroke(Exception exception, Guid job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database did not answer for job {Job}; it is asked again")]
    private partial void DatabaseAway(Exception exception, Guid job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} is no longer this worker's; what it had is dropped")]
    private partial void LeaseLost(Guid job);
}
