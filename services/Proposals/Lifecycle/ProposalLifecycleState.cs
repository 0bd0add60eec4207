using MassTransit;

namespace Tutti.Proposals.Lifecycle;

/// <summary>How far one proposal has come, and all that has been heard of it.</summary>
public sealed class ProposalLifecycleState : SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The proposal.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>Name of the present state.</summary>
    public string CurrentState { get; set; } = "";

    /// <summary>All that has been heard.</summary>
    public LifecycleFacts Facts { get; set; } = new();

    /// <summary>Counts changes.</summary>
    public int Version { get; set; }
}

/// <summary>A verdict on one experiment, or on the whole where <paramref name="ExperimentId"/> is null.</summary>
public sealed record Verdict(int Submission, Guid? ExperimentId, string Value);

/// <summary>A wish that a submission be revised.</summary>
public sealed record RevisionWish(int Submission, Guid? ExperimentId, string Reason);

/// <summary>The decision on a proposal.</summary>
public sealed record Decision(int Revision, string Outcome, double Grade, IReadOnlyDictionary<Guid, int> Grants, IReadOnlyList<string> ReasonCodes);

/// <summary>
/// What has been heard of a proposal, in whatever order. Each fact is a set or a latest value, so that hearing twice or in another order
/// ends the same; where the proposal stands follows from the facts alone.
/// </summary>
public sealed record LifecycleFacts
{
    /// <summary>Latest submission heard of; 0: none yet.</summary>
    public int Submission { get; init; }

    /// <summary>The experiments of that submission.</summary>
    public IReadOnlyList<Guid> Experiments { get; init; } = [];

    /// <summary>Submission for which Review has been asked.</summary>
    public int Asked { get; init; }

    /// <summary>Whether the board judges too.</summary>
    public bool BoardRequired { get; init; }

    /// <summary>Verdicts, of earlier submissions too.</summary>
    public IReadOnlyList<Verdict> Verdicts { get; init; } = [];

    /// <summary>Wishes for revision, of earlier submissions too.</summary>
    public IReadOnlyList<RevisionWish> Wishes { get; init; } = [];

    /// <summary>Place in the ranking; null: none yet.</summary>
    public int? Rank { get; init; }

    /// <summary>Revision of the ranking that told it.</summary>
    public int RankRevision { get; init; }

    /// <summary>The decision; null: none yet.</summary>
    public Decision? Decision { get; init; }

    /// <summary>Decision that has been carried out, by its revision.</summary>
    public int DecisionDone { get; init; }

    /// <summary>Experiments with published shifts.</summary>
    public IReadOnlyList<Guid> Scheduled { get; init; } = [];

    /// <summary>Experiments that have had beam.</summary>
    public IReadOnlyList<Guid> Started { get; init; } = [];

    /// <summary>Experiments that are over.</summary>
    public IReadOnlyList<Guid> Finished { get; init; } = [];

    /// <summary>Whether the team took it back.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>Somebody wants the present submission changed.</summary>
    public bool WantsRevision => Wishes.Any(wish => wish.Submission == Submission);

    /// <summary>Every experiment of the present submission, and the board where required, has been judged.</summary>
    public bool IsJudged =>
        Submission > 0 && Experiments.All(experiment => VerdictOn(experiment) is not null) && (!BoardRequired || VerdictOn(null) is not null);

    /// <summary>Every granted experiment has shifts.</summary>
    public bool IsPlanned => Decision is { Grants.Count: > 0 } && Decision.Grants.Keys.All(Scheduled.Contains);

    /// <summary>Every granted experiment is over.</summary>
    public bool IsMeasured => Decision is { Grants.Count: > 0 } && Decision.Grants.Keys.All(Finished.Contains);

    /// <summary>A submission was heard of; an older one changes nothing.</summary>
    public LifecycleFacts Submitted(int submission, IEnumerable<Guid> experiments) =>
        submission <= Submission ? this : this with { Submission = submission, Experiments = [.. experiments] };

    /// <summary>A verdict was heard of; the first one on a submission stands.</summary>
    public LifecycleFacts Judged(Verdict verdict) =>
        Verdicts.Any(known => known.Submission == verdict.Submission && known.ExperimentId == verdict.ExperimentId) ? this
            : this with { Verdicts = [.. Verdicts.Append(verdict).OrderBy(known => known.Submission).ThenBy(known => known.ExperimentId)] };

    /// <summary>A wish for revision was heard of.</summary>
    public LifecycleFacts Wished(RevisionWish wish) =>
        Wishes.Contains(wish) ? this : this with { Wishes = [.. Wishes.Append(wish).OrderBy(known => known.Submission).ThenBy(known => known.ExperimentId)] };

    /// <summary>A place in the ranking was heard of; an older one changes nothing.</summary>
    public LifecycleFacts Ranked(int revision, int rank) => revision <= RankRevision ? this : this with { RankRevision = revision, Rank = rank };

    /// <summary>A decision was heard of; an older one changes nothing.</summary>
    public LifecycleFacts Decided(Decision decision) => decision.Revision <= Decision?.Revision ? this : this with { Decision = decision };

    /// <summary>An experiment got shifts.</summary>
    public LifecycleFacts WithScheduled(Guid experiment) => this with { Scheduled = Including(Scheduled, experiment) };

    /// <summary>An experiment has beam.</summary>
    public LifecycleFacts WithStarted(Guid experiment) => this with { Started = Including(Started, experiment) };

    /// <summary>An experiment is over.</summary>
    public LifecycleFacts WithFinished(Guid experiment) => this with { Finished = Including(Finished, experiment) };

    /// <summary>Where one experiment stands, in the words of the workflow.</summary>
    public string StatusOf(Guid experiment) =>
        Withdrawn ? "cancelled"
        : Finished.Contains(experiment) ? "done"
        : Started.Contains(experiment) ? "running"
        : Scheduled.Contains(experiment) ? "scheduled"
        : Decision?.Grants.ContainsKey(experiment) == true ? "granted"
        : VerdictOn(experiment) ?? "requested";

    /// <summary>What is wished of a submission.</summary>
    public IReadOnlyList<string> RevisionReasons(int submission) => [.. Wishes.Where(wish => wish.Submission == submission).Select(wish => wish.Reason)];

    private string? VerdictOn(Guid? experiment) => Verdicts.FirstOrDefault(verdict => verdict.Submission == Submission && verdict.ExperimentId == experiment)?.Value;

    private static IReadOnlyList<Guid> Including(IReadOnlyList<Guid> known, Guid experiment) => known.Contains(experiment) ? known : [.. known.Append(experiment).Order()];
}
