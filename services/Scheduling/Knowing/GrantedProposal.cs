namespace Tutti.Scheduling.Knowing;

/// <summary>What Scheduling needs to know of a proposal that was granted shifts.</summary>
public sealed class GrantedProposal
{
    /// <summary>The proposal.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>Revision of the acceptance this was learnt from; 0: only its withdrawal was heard of.</summary>
    public int Revision { get; set; }

    /// <summary>Title.</summary>
    public string Title { get; set; } = "";

    /// <summary>Mean panel grade, 0 to 100.</summary>
    public double Grade { get; set; }

    /// <summary>Principal investigator: the one who has to be at every experiment.</summary>
    public Guid? LeaderId { get; set; }

    /// <summary>Two-letter code of the country of the principal investigator's institution; null: not known.</summary>
    public string? LeaderCountry { get; set; }

    /// <summary>Code of that institution or group.</summary>
    public string LeaderGroup { get; set; } = "";

    /// <summary>Start of the period in which shifts may be placed.</summary>
    public DateTimeOffset BeamtimeFrom { get; set; }

    /// <summary>End of that period.</summary>
    public DateTimeOffset BeamtimeTo { get; set; }

    /// <summary>When the team took it back; never undone.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }

    /// <summary>The reason they gave.</summary>
    public string? WithdrawalReason { get; set; }

    /// <summary>The plan last published with it: publication and withdrawal write the same row, so that they never pass each other unseen.</summary>
    public Guid? PublishedPlanId { get; set; }

    /// <summary>The team.</summary>
    public List<Member> Team { get; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Whether its experiments are to be planned.</summary>
    public bool IsGranted => Revision > 0 && WithdrawnAt is null;

    /// <summary>The grade as the planner takes it: whole tenths, and never nothing.</summary>
    public int Score => 1 + (int)Math.Round(Math.Clamp(double.IsNaN(Grade) ? 0 : Grade, 0, 100) * 10);
}

/// <summary>A person on the team of a granted proposal.</summary>
public sealed class Member
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }
}
