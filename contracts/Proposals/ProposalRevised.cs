namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when a team submits again after a revision was asked for: the whole new text.</summary>
[Contract("proposals.proposal-revised", nameof(ProposalId))]
public sealed record ProposalRevised
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The call it was submitted to.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>1 at the first submission, one more at each revised one.</summary>
    public required int Submission { get; init; }

    /// <summary>Title.</summary>
    public required string Title { get; init; }

    /// <summary>Scientific abstract.</summary>
    public required string Abstract { get; init; }

    /// <summary>The team.</summary>
    public required IReadOnlyList<TeamMember> Team { get; init; }

    /// <summary>All experiments asked for.</summary>
    public required IReadOnlyList<ExperimentRequest> Experiments { get; init; }

    /// <summary>Samples.</summary>
    public required IReadOnlyList<SampleDeclared> Samples { get; init; }

    /// <summary>Advice of the board the team built on.</summary>
    public required IReadOnlyList<Guid> AdviceIds { get; init; }

    /// <summary>When it was acknowledged.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }
}
