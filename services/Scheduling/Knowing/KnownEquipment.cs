using Tutti.Contracts.CellPool;

namespace Tutti.Scheduling.Knowing;

/// <summary>What Scheduling needs to know of a laboratory's equipment of one kind.</summary>
public sealed class KnownEquipment
{
    /// <summary>The laboratory.</summary>
    public required string LaboratoryCode { get; init; }

    /// <summary>Code of the kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>How many pieces can be lent.</summary>
    public int Pieces { get; set; }

    /// <summary>The site where it is.</summary>
    public string SiteCode { get; set; } = "";

    /// <summary>Instruments that the laboratory serves.</summary>
    public IReadOnlyList<string> InstrumentCodes { get; set; } = [];

    /// <summary>Whether every instrument of the site may use it.</summary>
    public bool SharedBySite { get; set; }

    /// <summary>Hours that it has to be asked for before it is first needed.</summary>
    public int LeadHours { get; set; }

    /// <summary>Hours that it is needed before the first shift.</summary>
    public int BeforeHours { get; set; }

    /// <summary>Hours that it is needed after the last shift.</summary>
    public int AfterHours { get; set; }

    /// <summary>When pieces cannot be used.</summary>
    public IReadOnlyList<EquipmentOutage> Outages { get; set; } = [];
}
