namespace Tutti.Reduction.Knowing;

/// <summary>What Reduction needs to know of a proposal: who is on the team.</summary>
public sealed class KnownProposal
{
    /// <summary>The proposal.</summary>
    public required Guid Id { get; init; }

    /// <summary>Revision of the latest text this was learnt from; 0: none yet.</summary>
    public int Revision { get; set; }

    /// <summary>Whether the team has taken it back.</summary>
    public bool Withdrawn { get; set; }

    /// <summary>The team.</summary>
    public List<KnownMember> Team { get; private set; } = [];

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }
}

/// <summary>A person on a team.</summary>
public sealed class KnownMember
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Whether they lead the proposal.</summary>
    public bool Leads { get; set; }
}

/// <summary>What Reduction needs to know of an experiment: where it is done. Kept even when a later text leaves it out, for the data it has.</summary>
public sealed class KnownExperiment
{
    /// <summary>The experiment.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Revision of the latest text that names it; it is part of the proposal if that is the proposal's latest.</summary>
    public int Revision { get; set; }

    /// <summary>Its instrument.</summary>
    public string InstrumentCode { get; set; } = "";

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }
}
