namespace Tutti.Contracts.Proposals;

/// <summary>Said by Proposals when the decision grants shifts: all that Scheduling needs to plan it.</summary>
[Contract("proposals.proposal-accepted", nameof(ProposalId))]
public sealed record ProposalAccepted
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Title.</summary>
    public required string Title { get; init; }

    /// <summary>Mean panel grade, 0 to 100.</summary>
    public required double Grade { get; init; }

    /// <summary>The team.</summary>
    public required IReadOnlyList<TeamMember> Team { get; init; }

    /// <summary>Granted experiments, each with its granted shifts.</summary>
    public required IReadOnlyList<ExperimentRequest> Experiments { get; init; }

    /// <summary>Start of the period in which shifts may be placed.</summary>
    public required DateTimeOffset BeamtimeFrom { get; init; }

    /// <summary>End of that period.</summary>
    public required DateTimeOffset BeamtimeTo { get; init; }
}
