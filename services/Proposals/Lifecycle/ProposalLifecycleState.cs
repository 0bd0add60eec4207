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

/// <summary>Whether the latest published plan that says something of an experiment has a place for it.</summary>
public sealed record Placement(Guid ExperimentId, int Revision, bool Placed);

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

    /// <summary>What the published plans say of each experiment.</summary>
    public IReadOnlyList<Placement> Placements { get; init; } = [];

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

    /// <summary>A plan has said of every granted experiment whether it has shifts, and at least one has.</summary>
    public bool IsPlanned => Decision is { Grants: var granted } && granted.Keys.All(IsDecided) && granted.Keys.Any(IsPlaced);

    /// <summary>Every granted experiment is over, but for those that the plan has no place for.</summary>
    public bool IsMeasured => IsPlanned && Decision is { Grants: var granted } && granted.Keys.All(experiment => Finished.Contains(experiment) || !IsPlaced(experiment));

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

    /// <summary>A published plan has a place for an experiment, or none; an older one changes nothing.</summary>
    public LifecycleFacts Placed(Guid experiment, int revision, bool placed) =>
        Placements.Any(known => known.ExperimentId == experiment && known.Revision >= revision) ? this
            : this with { Placements = [.. Placements.Where(known => known.ExperimentId != experiment).Append(new Placement(experiment, revision, placed)).OrderBy(known => known.ExperimentId)] };

    /// <summary>An experiment has beam.</summary>
    public LifecycleFacts WithStarted(Guid experiment) => this with { Started = Including(Started, experiment) };

    /// <summary>An experiment is over.</summary>
    public LifecycleFacts WithFinished(Guid experiment) => this with { Finished = Including(Finished, experiment) };

    /// <summary>Where one experiment stands, in the words of the workflow.</summary>
    public string StatusOf(Guid experiment) =>
        Withdrawn ? "cancelled"
        : Finished.Contains(experiment) ? "done"
        : Started.Contains(experiment) ? "running"
        : IsPlaced(experiment) ? "scheduled"
        : Decision?.Grants.ContainsKey(experiment) == true ? "granted"
        : VerdictOn(experiment) ?? "requested";

    /// <summary>What is wished of a submission.</summary>
    public IReadOnlyList<string> RevisionReasons(int submission) => [.. Wishes.Where(wish => wish.Submission == submission).Select(wish => wish.Reason)];

    private bool IsDecided(Guid experiment) => Placements.Any(known => known.ExperimentId == experiment) || IsPlaced(experiment);

    private bool IsPlaced(Guid experiment) => Placements.Any(known => known.ExperimentId == experiment && known.Placed) || Started.Contains(experiment) || Finished.Contains(experiment);

    private string? VerdictOn(Guid? experiment) => Verdicts.FirstOrDefault(verdict => verdict.Submission == Submission && verdict.ExperimentId == experiment)?.Value;

    private static IReadOnlyList<Guid> Including(IReadOnlyList<Guid> known, Guid experiment) => known.Contains(experiment) ? known : [.. known.Append(experiment).Order()];
}
