namespace Tutti.Contracts.Proposals;

/// <summary>A person of a proposal's team.</summary>
public sealed record TeamMember
{
    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Research group; conflicts of interest go by it.</summary>
    public required string Group { get; init; }

    /// <summary>Two-letter code of their institution's country; null: not told.</summary>
    public string? Country { get; init; }

    /// <summary>Whether they lead the proposal.</summary>
    public required bool PrincipalInvestigator { get; init; }
}
