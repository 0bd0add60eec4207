using Tutti.ServiceDefaults;
using static Tutti.Reduction.JobStatus;

namespace Tutti.Reduction;

/// <summary>One reduction that somebody asked for: what is to be done, who is doing it, how far it has come, what came of it.</summary>
public sealed class ReductionJob
{
    /// <summary>How often a job is tried again after an error that is not its own.</summary>
    public const int MaxFailures = 2;

    /// <summary>How often a job is begun at all: one that ends its worker each time must not do so for ever.</summary>
    public const int MaxClaims = 50;

    private const string ForLarger = "memory.waits-for-larger-worker";
    private const int ExpectedIterations = 200, ExpectedComponents = 5;
    private static readonly TimeSpan LongestEstimate = TimeSpan.FromDays(30);

    private ReductionJob()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>The data set.</summary>
    public Guid DataSetId { get; private set; }

    /// <summary>Its proposal.</summary>
    public Guid ProposalId { get; private set; }

    /// <summary>What is to be done.</summary>
    public ReductionOptions Options { get; private set; } = new();

    /// <summary>How long it will take, roughly; each size has a queue of its own.</summary>
    public JobSize Size { get; private set; }

    /// <summary>Bytes of memory that it may need, by an upper estimate.</summary>
    public long Memory { get; private set; }

    /// <summary>Whether it goes before others.</summary>
    public JobPriority Priority { get; private set; }

    /// <summary>The recipe it follows, where it follows one.</summary>
    public Guid? RecipeId { get; private set; }

    /// <summary>The version of the recipe.</summary>
    public int? RecipeVersion { get; private set; }

    /// <summary>The preparation of the data, as the recipe's JSON document; null: none.</summary>
    public string? Steps { get; private set; }

    /// <summary>The data sets that its preparation uses beside the series.</summary>
    public IReadOnlyList<JobReference> References { get; private set; } = [];

    /// <summary>Where it stands.</summary>
    public JobStatus Status { get; private set; }

    /// <summary>Who asked.</summary>
    public Guid RequestedBy { get; private set; }

    /// <summary>When.</summary>
    public DateTimeOffset QueuedAt { get; private set; }

    /// <summary>When a worker began it, the last time.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Not to be begun earlier: a pause after an error.</summary>
    public DateTimeOffset? NotBefore { get; private set; }

    /// <summary>When somebody asked the worker to stop.</summary>
    public DateTimeOffset? CancelRequestedAt { get; private set; }

    /// <summary>The worker that holds it.</summary>
    public Guid? Worker { get; private set; }

    /// <summary>Until when, unless renewed.</summary>
    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>How often a worker has begun it.</summary>
    public int Claims { get; private set; }

    /// <summary>How often it ended in an error that is not its own.</summary>
    public int Failures { get; private set; }

    /// <summary>What its worker is doing.</summary>
    public JobPhase Phase { get; private set; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? PhaseSince { get; private set; }

    /// <summary>The iteration with which this worker began the phase; above 0 after a checkpoint.</summary>
    public int PhaseIteration { get; private set; }

    /// <summary>Iteration of the resolution.</summary>
    public int Iteration { get; private set; }

    /// <summary>Lack of fit at that iteration, percent.</summary>
    public double? LofPercent { get; private set; }

    /// <summary>Rough part of the work that is done, 0 to 1.</summary>
    public double Fraction { get; private set; }

    /// <summary>The iteration of the last checkpoint on disk, from which another worker would go on; 0: none.</summary>
    public int KeptIteration { get; private set; }

    /// <summary>What its workers had to say: that one went on from a checkpoint, or could not.</summary>
    public IReadOnlyList<JobNote> Log { get; private set; } = [];

    /// <summary>What was found, once it is.</summary>
    public FitFigures? Figures { get; private set; }

    /// <summary>Files of the result, once they are there.</summary>
    public IReadOnlyList<ResultFile> Files { get; private set; } = [];

    /// <summary>Stable code of what went wrong.</summary>
    public string? Code { get; private set; }

    /// <summary>The same in words.</summary>
    public string? Reason { get; private set; }

    /// <summary>Earlier attempts that ended without a result and were asked for again, the oldest first.</summary>
    public IReadOnlyList<JobAttempt> Attempts { get; private set; } = [];

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    private const double BandTries = 1e5, FitOverhead = 1e5, ShiftTries = 1000;

    /// <summary>Puts a reduction of a data set into the queue; it may need so many bytes of memory.</summary>
    public static ReductionJob Queue(
        Guid id, DataSet data, ReductionOptions options, long memory, Guid by, DateTimeOffset now, JobPriority priority = JobPriority.Normal, JobRecipe? recipe = null) => new()
    {
        Id = id, DataSetId = data.Id, ProposalId = data.ProposalId, Options = options, Status = Waiting, RequestedBy = by, QueuedAt = now, Priority = priority,
        Size = SizeOf(data, options, memory), Memory = memory, RecipeId = recipe?.Id, RecipeVersion = recipe?.Version, Steps = recipe?.Steps, References = recipe?.References ?? [],
    };

    /// <summary>
    /// The size of a job by what it will cost: the decomposition (shorter side squared times longer side) and the fits (values times components times
    /// iterations, four operations each, those of replicates too; combinations of references; bands), at some 2e9 operations per second; small ones take seconds, medium ones minutes, large ones longer.
    /// </summary>
    public static JobSize SizeOf(DataSet data, ReductionOptions options, long memory)
    {
        var (shorter, values) = ((double)Math.Min(data.Spectra, data.Channels), (double)data.Spectra * data.Channels);
        var iterations = options.ExactIterations ?? Math.Min(options.MaxIterations, ExpectedIterations);
        var components = (double)(options.Components ?? ExpectedComponents);
        var fits = options.Method switch
        {
            ReductionMethod.LinearCombination => CombinationCost(data, options.Combination),
            ReductionMethod.GivenProfiles => 4 * values * components,
            ReductionMethod.CurveResolution => 4 * values * components
                * (iterations + (options.Resampling is { } sampling ? (double)sampling.Replicates * sampling.Iterations : 0)),
        };
        var bands = options.Bands ? BandTries * components * components * ((double)data.Spectra + data.Channels) : 0;
        var cost = (shorter * values) + fits + bands;
        return (cost, memory) switch
        {
            ( < 2e10, < 1L << 29) => JobSize.Small,
            ( < 2e12, < 1L << 31) => JobSize.Medium,
            _ => JobSize.Large,
        };
    }

    // Every combination is a fit of its own; where references move, a search along the axis for each of them, in sweeps.
    private static double CombinationCost(DataSet data, CombinationModel? model)
    {
        if (model is null) return 0;
        var references = model.References.Sum(set => set.Spectra.Rows);
        var combinations = 1 + (model.Rank is { } most ? Numerics.LinearCombination.CombinationsUpTo(references, most) : 0);
        var one = FitOverhead + (8.0 * data.Channels * references * references * (model.MostShift > 0 ? ShiftTries * references : 1));
        return data.Spectra * combinations * one;
    }

    /// <summary>When it will have ended, from its iterations so far; null as long as nothing can be said. A fit that settles early ends earlier.</summary>
    public DateTimeOffset? EstimatedEnd(DateTimeOffset now)
    {
        if (Status != Running || PhaseSince is not { } since || since >= now) return null;
        var (done, left) = Phase switch
        {
            JobPhase.Resolution => ((double)Iteration - PhaseIteration, (double)(Options.ExactIterations ?? Options.MaxIterations) - Iteration),
            // The last tenth of the way.
            JobPhase.Writing => (0.9, 0.1),
            JobPhase.Queued or JobPhase.Reading or JobPhase.PrincipalComponents or JobPhase.Finished => (0, 0),
        };
        var soFar = Phase == JobPhase.Writing && StartedAt is { } started ? now - started : now - since;
        return done <= 0 ? null : now + TimeSpan.FromSeconds(Math.Min(soFar.TotalSeconds * Math.Max(left, 0) / done, LongestEstimate.TotalSeconds));
    }

    /// <summary>Whether a worker may begin it: nobody has, or the one who had is gone.</summary>
    public bool IsFree(DateTimeOffset now) => Status switch
    {
        Waiting => NotBefore is null || NotBefore <= now,
        Running => LeaseUntil is null || LeaseUntil < now,
        Completed or Failed or Cancelled => false,
    };

    /// <summary>Whether this worker still holds it.</summary>
    public bool IsHeldBy(Guid worker) => Status == Running && Worker == worker;

    /// <summary>A worker takes it.</summary>
    public void Claim(Guid worker, DateTimeOffset now, DateTimeOffset until)
    {
        Do(JobAction.Claim);
        (Worker, LeaseUntil, StartedAt, NotBefore) = (worker, until, now, null);
        (Phase, Iteration, LofPercent, Fraction) = (JobPhase.Reading, 0, null, 0);
        (PhaseSince, PhaseIteration) = (now, 0);
        Claims++;
    }

    /// <summary>Somebody does not want it any more. What waits ends at once; what runs is ended by its worker.</summary>
    public void Cancel(DateTimeOffset now)
    {
        if (Status == Cancelled) return;
        if (Status == Running && !IsFree(now)) CancelRequestedAt ??= now;
        else End(JobAction.Cancel, now);
    }

    /// <summary>The worker has stopped because somebody asked it to.</summary>
    public void Stop(DateTimeOffset now) => End(JobAction.Cancel, now);

    /// <summary>The worker has the result.</summary>
    public void Complete(FitFigures figures, IReadOnlyList<ResultFile> files, DateTimeOffset now)
    {
        End(JobAction.Complete, now);
        (Figures, Files, LofPercent, Iteration) = (figures, files, figures.LofPercent, figures.Iterations);
        (Phase, Fraction) = (JobPhase.Finished, 1);
        Revision++;
    }

    /// <summary>The data or the options do not allow a result.</summary>
    public void Fail(string code, string reason, DateTimeOffset now)
    {
        End(JobAction.Fail, now);
        (Code, Reason) = (code, reason);
        Revision++;
    }

    /// <summary>Somebody wants it tried again after it ended without a result; what became of it so far is kept.</summary>
    public void Retry(DateTimeOffset now)
    {
        var ended = Status;
        Do(JobAction.Retry);
        Attempts = [.. Attempts, new JobAttempt(QueuedAt, StartedAt, EndedAt ?? now, ended, Code, Reason)];
        (QueuedAt, StartedAt, EndedAt, CancelRequestedAt, NotBefore) = (now, null, null, null, null);
        (Claims, Failures, Code, Reason) = (0, 0, null, null);
        (Phase, Iteration, LofPercent, Fraction, PhaseSince, PhaseIteration) = (JobPhase.Queued, 0, null, 0, null, 0);
        KeptIteration = 0;
    }

    /// <summary>What the worker that holds it has to say; all of it, the earlier notes too.</summary>
    public void Say(IReadOnlyList<JobNote> log) => Log = log;

    /// <summary>A worker with so many bytes of memory leaves it to one with more; the log says so once, with the time of the last.</summary>
    public void WaitForLarger(long there, DateTimeOffset now) => Log =
    [
        .. Log.Where(note => note.Code != ForLarger),
        new JobNote(now, ForLarger, $"It needs about {Memory >> 20} MiB of memory and waits for a worker that has them; one with {there >> 20} MiB has left it."),
    ];

    /// <summary>The worker stops before the end through no fault of the job: another one shall begin it again.</summary>
    public void HandBack(DateTimeOffset? notBefore = null)
    {
        Do(JobAction.HandBack);
        (Worker, LeaseUntil, NotBefore) = (null, null, notBefore);
    }

    /// <summary>Something broke that is not the job's own fault: after a pause it is tried again, a few times.</summary>
    public bool TryAgain(DateTimeOffset now)
    {
        if (Failures == MaxFailures) return false;
        Failures++;
        HandBack(now.AddSeconds(Failures));
        return true;
    }

    /// <summary>The whole life of a job: the status after an action, or null where it is not allowed.</summary>
    internal static JobStatus? After(JobStatus status, JobAction action) => (status, action) switch
    {
        (Waiting, JobAction.Claim) => Running,
        (Waiting, JobAction.Cancel) => Cancelled,
        (Waiting, _) => null,
        (Running, JobAction.Retry) => null,
        (Running, JobAction.Claim) => Running,
        (Running, JobAction.Complete) => Completed,
        (Running, JobAction.Fail) => Failed,
        (Running, JobAction.HandBack) => Waiting,
        (Running, JobAction.Cancel) => Cancelled,
        (Completed, _) => null,
        (Failed or Cancelled, JobAction.Retry) => Waiting,
        (Failed or Cancelled, _) => null,
    };

    private void End(JobAction action, DateTimeOffset now)
    {
        Do(action);
        (EndedAt, Worker, LeaseUntil) = (now, null, null);
    }

    private void Do(JobAction action) =>
        Status = After(Status, action) ?? throw new RuleViolation("job.wrong-status", $"A job that is {Status.Word()} does not allow: {action.Word()}.");
}

/// <summary>Where a job stands.</summary>
public enum JobStatus
{
    /// <summary>In the queue.</summary>
    Waiting,

    /// <summary>A worker has it.</summary>
    Running,

    /// <summary>The result is there.</summary>
    Completed,

    /// <summary>There is no result, and a code says why.</summary>
    Failed,

    /// <summary>Somebody did not want it any more.</summary>
    Cancelled,
}

/// <summary>What can happen to a job.</summary>
public enum JobAction
{
    /// <summary>A worker takes it.</summary>
    Claim,

    /// <summary>The result is there.</summary>
    Complete,

    /// <summary>There can be no result.</summary>
    Fail,

    /// <summary>The worker gives it back.</summary>
    HandBack,

    /// <summary>Nobody wants it any more.</summary>
    Cancel,

    /// <summary>Somebody wants it after all.</summary>
    Retry,
}

/// <summary>How long a job will take, roughly.</summary>
public enum JobSize
{
    /// <summary>Seconds.</summary>
    Small,

    /// <summary>Minutes.</summary>
    Medium,

    /// <summary>Longer, or with much memory.</summary>
    Large,
}

/// <summary>Whether a job goes before others.</summary>
public enum JobPriority
{
    /// <summary>In turn.</summary>
    Normal,

    /// <summary>Before all that are normal: somebody is at the beam and decides by the result.</summary>
    High,
}

/// <summary>The version of a recipe that a job follows, with its preparation and what that uses beside the series.</summary>
public sealed record JobRecipe(Guid Id, int Version, string? Steps, IReadOnlyList<JobReference> References);

/// <summary>A data set under the name by which steps of the preparation know it (a foil, an incident spectrum, the log of the cycler), and the hash of its content.</summary>
public sealed record JobReference(string Name, Guid DataSetId, string Sha256);

/// <summary>A line of a job's log: a stable code, the same in words, and the iteration it is about.</summary>
public sealed record JobNote(DateTimeOffset At, string Code, string Text, int? Iteration = null);

/// <summary>An attempt that ended without a result.</summary>
public sealed record JobAttempt(DateTimeOffset QueuedAt, DateTimeOffset? StartedAt, DateTimeOffset EndedAt, JobStatus Status, string? Code, string? Reason);

/// <summary>What the worker of a job is doing.</summary>
public enum JobPhase
{
    /// <summary>Nothing yet.</summary>
    Queued,

    /// <summary>Reading the files.</summary>
    Reading,

    /// <summary>Principal components and the verdict on their number.</summary>
    PrincipalComponents,

    /// <summary>The alternating fits.</summary>
    Resolution,

    /// <summary>Tables and plots.</summary>
    Writing,

    /// <summary>All is there.</summary>
    Finished,
}

/// <summary>The figures by which people judge a fit.</summary>
public sealed record FitFigures
{
    /// <summary>Number of components.</summary>
    public required int Components { get; init; }

    /// <summary>Whether the rank verdict chose their number.</summary>
    public required bool ComponentsByVerdict { get; init; }

    /// <summary>Whether the rank indicators disagree.</summary>
    public required bool RankAmbiguous { get; init; }

    /// <summary>Lack of fit, percent.</summary>
    public required double LofPercent { get; init; }

    /// <summary>The least that so many components can have, percent; null under weights, which principal components do not know.</summary>
    public required double? LofPcaPercent { get; init; }

    /// <summary>Explained variance, percent.</summary>
    public required double R2Percent { get; init; }

    /// <summary>Iterations.</summary>
    public required int Iterations { get; init; }

    /// <summary>Why they ended.</summary>
    public required string StopReason { get; init; }

    /// <summary>What the owner of the data should know.</summary>
    public required IReadOnlyList<Reading.ReadingWarning> Warnings { get; init; }
}

/// <summary>A file of a result: its name in the API, what it is, and its content by hash.</summary>
public sealed record ResultFile(string Name, string MediaType, string Sha256, long Length);
