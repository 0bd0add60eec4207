namespace Tutti.Contracts.Proposals;

/// <summary>One instrument's part of a proposal.</summary>
public sealed record ExperimentRequest
{
    /// <summary>The experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Short title.</summary>
    public required string Title { get; init; }

    /// <summary>Instrument asked for.</summary>
    public required string InstrumentCode { get; init; }

    /// <summary>Whether any instrument of the same main technique as the one asked for would do; null: only that one.</summary>
    public bool? AnyInstrument { get; init; }

    /// <summary>Number of 8-hour shifts asked for, or granted where a grant is told.</summary>
    public required int Shifts { get; init; }

    /// <summary>The fewest shifts that are of use: the team agrees to be given as few; null: all or none.</summary>
    public int? MinShifts { get; init; }

    /// <summary>When the team would rather come; null or empty: at any time.</summary>
    public IReadOnlyList<DateInterval>? Preferred { get; init; }

    /// <summary>When the team cannot come.</summary>
    public IReadOnlyList<DateInterval>? Unacceptable { get; init; }

    /// <summary>ex-situ, in-situ or operando.</summary>
    public required string Mode { get; init; }

    /// <summary>Sample to be measured.</summary>
    public Guid? SampleId { get; init; }

    /// <summary>Cell design asked from the pool; null: none needed or brought by the team.</summary>
    public string? CellDesignCode { get; init; }

    /// <summary>Kinds of laboratory equipment it needs, one piece of each; null or empty: none, or brought by the team.</summary>
    public IReadOnlyList<string>? Equipment { get; init; }

    /// <summary>Whether the proposal makes no sense without it.</summary>
    public required bool Required { get; init; }

    /// <summary>Name by which the team ties experiments of the proposal that are not required together: of those with the same name all get a place or none; null: tied to none.</summary>
    public string? Group { get; init; }

    /// <summary>Experiments that must be over before this one, with gaps.</summary>
    public required IReadOnlyList<ExperimentOrder> After { get; init; }
}
