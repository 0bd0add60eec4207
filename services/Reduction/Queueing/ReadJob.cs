using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Tutti.Reduction.Queueing;

/// <summary>Reads where a job stands and, for who may work with the data, what was asked for and what came of it.</summary>
public static class ReadJob
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/jobs/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ReductionDb db, ClaimsPrincipal person, TimeProvider time, CancellationToken cancel) =>
        await db.Jobs.AsNoTracking().KnownTo(person, db).SingleOrDefaultAsync(x => x.Id == id, cancel) is { } job
            ? TypedResults.Ok(Tell(job, await db.DataSets.OpenTo(person, db).AnyAsync(set => set.Id == job.DataSetId, cancel), time.GetUtcNow()))
            : TypedResults.NotFound();

    // Options hold numbers, messages quote files, references name hashes: contents, all of them.
    private static Response Tell(ReductionJob job, bool open, DateTimeOffset now) => new()
    {
        Id = job.Id, DataSetId = job.DataSetId, Status = job.Status, Options = open ? job.Options : null, RequestedBy = job.RequestedBy,
        QueuedAt = job.QueuedAt, StartedAt = job.StartedAt, EndedAt = job.EndedAt, CancelRequested = job.CancelRequestedAt is not null,
        Progress = new Progress(job.Status, job.Phase, job.Iteration, open ? job.LofPercent : null, job.Fraction), Result = open ? job.Figures : null,
        Size = job.Size, Priority = job.Priority, EstimatedEndAt = job.EstimatedEnd(now), Claims = job.Claims,
        Attempts = open ? job.Attempts : [.. job.Attempts.Select(attempt => attempt with { Reason = null })],
        Recipe = job.RecipeId is { } recipe && job.RecipeVersion is { } version ? new Recipe(recipe, version) : null,
        References = open ? job.References : [], MemoryBytes = job.Memory,
        Log = open ? job.Log : [], KeptIteration = job.KeptIteration,
        Failure = job.Code is { } code ? new Failure(code, open ? job.Reason ?? "" : "") : null,
    };

    /// <summary>A job. Who may know of it but not work with the data is told no options, references, figures, notes and reasons.</summary>
    public sealed record Response
    {
        /// <summary>Id.</summary>
        public required Guid Id { get; init; }

        /// <summary>The data set.</summary>
        public required Guid DataSetId { get; init; }

        /// <summary>Where it stands.</summary>
        public required JobStatus Status { get; init; }

        /// <summary>What was asked for; null for who may not work with the data.</summary>
        public required ReductionOptions? Options { get; init; }

        /// <summary>Who asked.</summary>
        public required Guid RequestedBy { get; init; }

        /// <summary>When.</summary>
        public required DateTimeOffset QueuedAt { get; init; }

        /// <summary>When a worker began it.</summary>
        public required DateTimeOffset? StartedAt { get; init; }

        /// <summary>When it ended.</summary>
        public required DateTimeOffset? EndedAt { get; init; }

        /// <summary>Whether somebody has asked its worker to stop.</summary>
        public required bool CancelRequested { get; init; }

        /// <summary>How long it will take, roughly; the queue it is in.</summary>
        public required JobSize Size { get; init; }

        /// <summary>Whether it goes before others.</summary>
        public required JobPriority Priority { get; init; }

        /// <summary>When it will have ended, as far as can be said.</summary>
        public required DateTimeOffset? EstimatedEndAt { get; init; }

        /// <summary>How often a worker has begun it or gone on with it.</summary>
        public required int Claims { get; init; }

        /// <summary>Earlier attempts that were asked for again.</summary>
        public required IReadOnlyList<JobAttempt> Attempts { get; init; }

        /// <summary>The recipe it follows.</summary>
        public required Recipe? Recipe { get; init; }

        /// <summary>The data sets that its preparation uses beside the series.</summary>
        public required IReadOnlyList<JobReference> References { get; init; }

        /// <summary>Bytes of memory that it may need, by an upper estimate.</summary>
        public required long MemoryBytes { get; init; }

        /// <summary>How far it has come.</summary>
        public required Progress Progress { get; init; }

        /// <summary>The iteration from which another worker would go on if this one were killed now; 0: from the beginning.</summary>
        public required int KeptIteration { get; init; }

        /// <summary>What its workers had to say, the oldest first.</summary>
        public required IReadOnlyList<JobNote> Log { get; init; }

        /// <summary>What was found, once it is.</summary>
        public required FitFigures? Result { get; init; }

        /// <summary>What went wrong.</summary>
        public required Failure? Failure { get; init; }
    }

    /// <summary>A version of a recipe.</summary>
    public sealed record Recipe(Guid Id, int Version);

    /// <summary>How far a job has come; the fraction is a rough one.</summary>
    public sealed record Progress(JobStatus Status, JobPhase Phase, int Iteration, double? LofPercent, double Fraction);

    /// <summary>Why there is no result.</summary>
    public sealed record Failure(string Code, string Reason);
}
