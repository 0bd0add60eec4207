namespace Tutti.Demo.Line;

/// <summary>What the line is driven with.</summary>
/// <param name="Data">A series to reduce; null: the real one beside the project where it is there, else a generated one.</param>
/// <param name="Output">Folder for plots and results.</param>
internal sealed record LineOptions(string? Data, string Output);

/// <summary>What came out, for the summary and for the end-to-end test.</summary>
internal sealed record LineResult
{
    /// <summary>The proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Every status it had.</summary>
    public required IReadOnlyList<string> Statuses { get; init; }

    /// <summary>The published plan.</summary>
    public required IReadOnlyList<PlannedExperiment> Plan { get; init; }

    /// <summary>Lack of fit of the reduction, percent.</summary>
    public required double LofPercent { get; init; }

    /// <summary>Explained variance, percent.</summary>
    public required double R2Percent { get; init; }

    /// <summary>Number of components.</summary>
    public required int Components { get; init; }

    /// <summary>Iterations of MCR-ALS.</summary>
    public required int Iterations { get; init; }

    /// <summary>Why they stopped.</summary>
    public required string StopReason { get; init; }

    /// <summary>Files with plots and results.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Where the series came from.</summary>
    public required string DataSource { get; init; }
}

/// <summary>One line of the plan.</summary>
internal sealed record PlannedExperiment(string Title, string Instrument, string From, string To, int Shifts, string Cell);
