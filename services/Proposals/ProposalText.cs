using Tutti.Contracts.Proposals;

namespace Tutti.Proposals;

/// <summary>How an experiment is done.</summary>
public enum ExperimentMode
{
    /// <summary>Outside the cell, after the fact.</summary>
    ExSitu,

    /// <summary>In the cell.</summary>
    InSitu,

    /// <summary>In the cell, while it works.</summary>
    Operando,
}

/// <summary>What a team writes. A draft may be incomplete; <see cref="Submitting.SubmissionRules"/> says what is missing.</summary>
public sealed record ProposalText
{
    /// <summary>Limits of a proposal's parts: characters and counts.</summary>
    public const int MaxTitle = 300, MaxAbstract = 20_000, MaxExperiments = 20, MaxSamples = 50, MaxTeam = 50, MaxShort = 200, MaxHazards = 20, MaxEquipment = 10, MaxGroup = 64;

    /// <summary>Nothing written yet.</summary>
    public static ProposalText Empty { get; } = new();

    /// <summary>Title.</summary>
    public string Title { get; init; } = "";

    /// <summary>Scientific abstract.</summary>
    public string Abstract { get; init; } = "";

    /// <summary>Samples.</summary>
    public IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>Experiments, each at one instrument.</summary>
    public IReadOnlyList<Experiment> Experiments { get; init; } = [];

    /// <summary>Advice of the board that this builds on; its advisors will not judge it.</summary>
    public IReadOnlyList<Guid> AdviceIds { get; init; } = [];

    /// <summary>Whether the team would make a short video if results get published (R45); null: not answered.</summary>
    public bool? WouldMakeVideo { get; init; }

    /// <summary>Version of the declaration that the team accepts: access will be acknowledged in papers (R49); null: not accepted.</summary>
    public string? AcceptedDeclaration { get; init; }
}

/// <summary>A sample.</summary>
public sealed record Sample
{
    /// <summary>Id, made by whoever adds it.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Chemical composition.</summary>
    public string Composition { get; init; } = "";

    /// <summary>Hazards.</summary>
    public IReadOnlyList<string> Hazards { get; init; } = [];

    /// <summary>Whether it must not see air (R12).</summary>
    public bool AirSensitive { get; init; }
}

/// <summary>One instrument's part.</summary>
public sealed record Experiment
{
    /// <summary>Id, made by whoever adds it.</summary>
    public required Guid Id { get; init; }

    /// <summary>Short title.</summary>
    public string Title { get; init; } = "";

    /// <summary>Instrument asked for.</summary>
    public string InstrumentCode { get; init; } = "";

    /// <summary>Whether any instrument of the same main technique would do.</summary>
    public bool AnyInstrument { get; init; }

    /// <summary>8-hour shifts asked for.</summary>
    public int Shifts { get; init; }

    /// <summary>The fewest that are of use, with which the team agrees to be content; null: all or none.</summary>
    public int? MinShifts { get; init; }

    /// <summary>When the team would rather come; empty: at any time.</summary>
    public IReadOnlyList<DateInterval> Preferred { get; init; } = [];

    /// <summary>When it cannot come.</summary>
    public IReadOnlyList<DateInterval> Unacceptable { get; init; } = [];

    /// <summary>How it is done; null: not said.</summary>
    public ExperimentMode? Mode { get; init; }

    /// <summary>The sample.</summary>
    public Guid? SampleId { get; init; }

    /// <summary>Cell design asked from the pool.</summary>
    public string? CellDesignCode { get; init; }

    /// <summary>Whether the team brings a cell of its own.</summary>
    public bool BringsOwnCell { get; init; }

    /// <summary>Kinds of laboratory equipment it needs, one piece of each.</summary>
    public IReadOnlyList<string> Equipment { get; init; } = [];

    /// <summary>Whether the proposal makes no sense without it.</summary>
    public bool Required { get; init; } = true;

    /// <summary>Name shared by experiments that are not required of which all are to get a place or none, without blanks around it; null: tied to no other.</summary>
    public string? Group { get; init => field = string.IsNullOrWhiteSpace(value) ? null : value.Trim(); }

    /// <summary>What must be over before.</summary>
    public IReadOnlyList<After> After { get; init; } = [];
}

/// <summary>An order between two experiments of a proposal.</summary>
public sealed record After
{
    /// <summary>The earlier experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Least time between, hours.</summary>
    public int MinGapHours { get; init; }

    /// <summary>Most time between, hours; null: any.</summary>
    public int? MaxGapHours { get; init; }
}
