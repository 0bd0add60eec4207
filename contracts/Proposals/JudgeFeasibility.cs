namespace Tutti.Contracts.Proposals;

/// <summary>Asked by Proposals of Review: have each experiment, and where required the whole, judged.</summary>
[Contract("proposals.judge-feasibility", nameof(ProposalId))]
public sealed record JudgeFeasibility
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>The submission to be judged.</summary>
    public required int Submission { get; init; }

    /// <summary>Whether the advisory board judges too.</summary>
    public required bool BoardRequired { get; init; }
}
