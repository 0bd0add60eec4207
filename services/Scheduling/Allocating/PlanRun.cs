using System.Reflection;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Google.OrTools.Sat;
using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Allocating;

/// <summary>How long and how the planner searches for a plan; null members: as the installation says.</summary>
public record SearchSettings
{
    /// <summary>Longest search of one round.</summary>
    public int? TimeLimitSeconds { get; init; }

    /// <summary>Threads; with one the same problem and seed give the same plan.</summary>
    public int? Workers { get; init; }

    /// <summary>Seed of the search.</summary>
    public int? Seed { get; init; }

    /// <summary>No proposal is left out for lower ranked ones that took what it needed, even where the sum would be higher; null: as the call says.</summary>
    public bool? ForbidRankInversion { get; init; }

    /// <summary>What the layers of the objective beside science count; null: the usual.</summary>
    public SearchWeights? Weights { get; init; }

    /// <summary>Refuses what no search can be, and what would keep the planner from everybody else: a long search is for the user office, and so is what is worth how much.</summary>
    public void RequireSense(ClaimsPrincipal person)
    {
        if (Weights is not null && !person.Holds(Roles.UserOffice)) throw RuleViolation.Forbidden("search.weights-not-yours", "What the layers of the objective count concerns all sites: the user office says it.");
        var (longest, most) = person.Holds(Roles.UserOffice) ? (86_400, 64) : (600, 4);
        List<Problem> problems = [];
        if (TimeLimitSeconds < 1 || TimeLimitSeconds > longest) problems.Add(new("timeLimitSeconds", "search.time-limit", $"1 to {longest} seconds."));
        if (Workers < 1 || Workers > most) problems.Add(new("workers", "search.workers", $"1 to {most}."));
        if (Seed is < 0) problems.Add(new("seed", "search.seed", "0 or more."));
        foreach (var (layer, weight) in Weights?.Stated().All ?? [])
            if (weight is < 0 or > ObjectiveWeights.Highest) problems.Add(new($"weights.{layer}", "search.weight", $"0 to {ObjectiveWeights.Highest}."));
        if (problems.Count > 0) throw RuleViolation.Invalid("search.invalid", "The planner cannot search like this.", problems);
    }
}

/// <summary>Weights of layers, in units of the objective (a shift of a required experiment counts twice the score of its proposal); null members: the usual.</summary>
public sealed record SearchWeights
{
    /// <summary>What every shift costs by which a partner stays below its minimum.</summary>
    public int? Guarantee { get; init; }

    /// <summary>What a block costs that begins outside preferred times.</summary>
    public int? Preference { get; init; }

    /// <summary>By how much the cost of changes of mode is multiplied.</summary>
    public int? SetUp { get; init; }

    /// <summary>What a trip of a team costs; usually nothing.</summary>
    public int? Travel { get; init; }

    /// <summary>What every shift of the busiest week of local contacts costs (of an instrument, where nobody is told); usually nothing.</summary>
    public int? EvenLoad { get; init; }

    internal ObjectiveWeights Stated()
    {
        var usual = new ObjectiveWeights();
        return usual with { Guarantee = Guarantee ?? usual.Guarantee, Preference = Preference, SetUp = SetUp ?? usual.SetUp, Travel = Travel ?? usual.Travel, EvenLoad = EvenLoad ?? usual.EvenLoad };
    }
}

/// <summary>How a run of the planner stands.</summary>
public enum PlanRunStatus
{
    /// <summary>It searches.</summary>
    Running,

    /// <summary>It has its answer.</summary>
    Done,

    /// <summary>Somebody said that it is enough; its answer is the best found until then.</summary>
    Cancelled,

    /// <summary>The problem made no sense, or the planner failed; the best plan that its process had told of by then is its answer all the same.</summary>
    Failed,
}

/// <summary>
/// One run of the planner: what it was asked and what it answered, word for word, with the versions of program, model and solver, seed, threads and time limit, so that it can be done again; and how far it
/// has come. One that a killed worker left behind has failed, as far as it had come, as soon as it is seen that nobody has its plan in hand.
/// </summary>
public sealed class PlanRun
{
    private const string ModelVersion = "planning-problem/5";

    private PlanRun()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>The plan.</summary>
    public Guid PlanId { get; private set; }

    /// <summary>Which round it was.</summary>
    public int Round { get; private set; }

    /// <summary>How it stands.</summary>
    public PlanRunStatus Status { get; private set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>When somebody said that it is enough.</summary>
    public DateTimeOffset? CancelRequestedAt { get; private set; }

    /// <summary>Time limit in milliseconds.</summary>
    public long TimeLimitMilliseconds { get; private set; }

    /// <summary>Threads.</summary>
    public int Workers { get; private set; }

    /// <summary>Seed.</summary>
    public int Seed { get; private set; }

    /// <summary>Version of this program.</summary>
    public string ProgramVersion { get; private set; } = "";

    /// <summary>Version of the form in which problems are kept.</summary>
    public string Model { get; private set; } = "";

    /// <summary>Version of the solver.</summary>
    public string SolverVersion { get; private set; } = "";

    /// <summary>SHA-256 of the problem as JSON, in hexadecimal digits.</summary>
    public string InputHash { get; private set; } = "";

    /// <summary>The problem, gzipped JSON.</summary>
    public byte[] Input { get; private set; } = [];

    /// <summary>The answer, gzipped JSON; null: none yet.</summary>
    public byte[]? Result { get; private set; }

    /// <summary>Better plans found so far.</summary>
    public int Improvements { get; private set; }

    /// <summary>Milliseconds from the beginning to the latest of them.</summary>
    public long? ImprovedAfterMilliseconds { get; private set; }

    /// <summary>Objective of the best, as the planner counts.</summary>
    public long? Objective { get; private set; }

    /// <summary>No plan has a higher one.</summary>
    public long? Bound { get; private set; }

    /// <summary>What went wrong.</summary>
    public string? Failure { get; private set; }

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>A run that begins.</summary>
    public static PlanRun Begin(Guid id, CallPlan plan, PlanningProblem problem, PlannerOptions options, DateTimeOffset now) => new()
    {
        Id = id, PlanId = plan.Id, Round = plan.Round + 1, StartedAt = now, TimeLimitMilliseconds = (long)options.TimeLimit.TotalMilliseconds, Workers = options.Workers, Seed = options.Seed, Model = ModelVersion,
        ProgramVersion = typeof(PlanRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "", SolverVersion = $"OR-Tools {typeof(CpSolver).Assembly.GetName().Version}",
        Input = Compressed.Of(problem), InputHash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(problem, Json.Stored))),
    };

    /// <summary>A better plan was found.</summary>
    /// <param name="tellsWorth">Whether what it is worth to the search is what it is worth.</param>
    public void Progress(int improvements, PlanProgress latest, bool tellsWorth)
    {
        (Improvements, ImprovedAfterMilliseconds) = (improvements, (long)(1000 * latest.Seconds));
        if (tellsWorth) (Objective, Bound) = (latest.Objective, latest.Bound);
    }

    /// <summary>Somebody says that it is enough.</summary>
    public void Cancel(DateTimeOffset now)
    {
        if (Status != PlanRunStatus.Running) throw new RuleViolation("run.over", $"The run is {Status.Word()} already.");
        CancelRequestedAt ??= now;
    }

    /// <summary>It has an answer, or the reasons why there is none.</summary>
    public void End(PlanningResult result, DateTimeOffset now)
    {
        Result = Compressed.Of(result);
        (EndedAt, Objective, Bound) = (now, result.Plan?.Objective, result.Plan?.Bound);
        Status = result.Trouble is not null ? PlanRunStatus.Failed : CancelRequestedAt is null ? PlanRunStatus.Done : PlanRunStatus.Cancelled;
        Failure = result.Trouble;
    }

    /// <summary>The planner failed, or the plan was taken out of its hands.</summary>
    public void Break(string why, DateTimeOffset now) => (Status, Failure, EndedAt) = (PlanRunStatus.Failed, why, now);
}
