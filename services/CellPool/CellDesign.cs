using Tutti.CellPool.Knowing;
using Tutti.Contracts.CellPool;

namespace Tutti.CellPool;

/// <summary>How a sample is measured.</summary>
public enum ExperimentMode
{
    /// <summary>Outside a working cell.</summary>
    ExSitu,

    /// <summary>In the cell, at rest.</summary>
    InSitu,

    /// <summary>In the cell, at work.</summary>
    Operando,
}

/// <summary>A kind of cell: what it is, which instruments it fits, in which modes it can be used.</summary>
public sealed class CellDesign
{
    /// <summary>The status of a design of which units can be lent.</summary>
    public const string Available = "available";

    private CellDesign()
    {
    }

    /// <summary>Code.</summary>
    public string Code { get; private set; } = "";

    /// <summary>Short name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>What is known of it.</summary>
    public string Facts { get; private set; } = "";

    /// <summary>available, or why it cannot be lent: not-for-users, design, idea, in-development, planned, user-supplied, outside-ceric.</summary>
    public string Status { get; private set; } = "";

    /// <summary>Instruments it fits.</summary>
    public IReadOnlyList<string> InstrumentCodes { get; private set; } = [];

    /// <summary>Modes it can be used in; empty: not told.</summary>
    public IReadOnlyList<ExperimentMode> Modes { get; private set; } = [];

    /// <summary>The keeper who added it; null: learnt from the catalogue.</summary>
    public Guid? AddedBy { get; private set; }

    /// <summary>When it came to the pool.</summary>
    public DateTimeOffset AddedAt { get; private set; }

    /// <summary>Revision of the catalogue's record it was learnt from.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>A design of which the catalogue tells.</summary>
    public static CellDesign Learn(string code, DateTimeOffset now) => new() { Code = code, AddedAt = now };

    /// <summary>A design that a keeper brings into the pool.</summary>
    public static CellDesign Add(string code, string name, string facts, IReadOnlyList<string> instruments, IReadOnlyList<ExperimentMode> modes, Guid by, DateTimeOffset now) =>
        new() { Code = code, Name = name, Facts = facts, Status = Available, InstrumentCodes = instruments, Modes = modes, AddedBy = by, AddedAt = now };

    /// <summary>Takes over newer facts of the catalogue; what a keeper added stays the keeper's. Tells whether anything was taken over.</summary>
    public bool Renew(int revision, string name, string facts, string status, IReadOnlyList<string> instruments)
    {
        if (AddedBy is not null || revision <= Revision) return false;
        (Revision, Name, Facts, Status, InstrumentCodes) = (revision, name, facts, status, instruments);
        return true;
    }

    /// <summary>Whether units of it can be lent.</summary>
    public bool IsLendable => Status == Available;

    /// <summary>Every reason why it cannot be lent to an instrument for a mode; empty: it fits.</summary>
    public List<ReservationRefusal> Misfits(KnownInstrument instrument, ExperimentMode mode)
    {
        List<ReservationRefusal> reasons = [];
        if (!IsLendable) reasons.Add(new() { Code = "design.not-lendable", Text = $"{Name} cannot be lent: it is {Status}." });
        if (!InstrumentCodes.Contains(instrument.Code)) reasons.Add(new() { Code = "design.not-fitting", Text = $"{Name} does not fit {instrument.Code}." });
        if (Modes.Count > 0 && !Modes.Contains(mode)) reasons.Add(new() { Code = "design.mode", Text = $"{Name} is not made for this mode." });
        if (instrument.Excludes(mode)) reasons.Add(new() { Code = "instrument.mode-excluded", Text = $"{instrument.Code} excludes this mode." });
        return reasons;
    }
}
