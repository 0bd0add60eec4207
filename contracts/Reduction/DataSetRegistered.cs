namespace Tutti.Contracts.Reduction;

/// <summary>Said by Reduction when measured data are safely stored.</summary>
[Contract("reduction.data-set-registered", nameof(DataSetId))]
public sealed record DataSetRegistered
{
    /// <summary>The data set.</summary>
    public required Guid DataSetId { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Grows with every event of this aggregate; a receiver ignores an older one.</summary>
    public required int Revision { get; init; }

    /// <summary>Hash of the content, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Number of spectra.</summary>
    public required int Spectra { get; init; }

    /// <summary>Number of channels.</summary>
    public required int Channels { get; init; }

    /// <summary>Who.</summary>
    public required Guid RegisteredBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }
}
