namespace Tutti.CellPool.Knowing;

/// <summary>A kind of laboratory equipment that can be asked for.</summary>
public sealed class KnownEquipmentKind
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether every laboratory should have one.</summary>
    public bool Minimal { get; set; }

    /// <summary>How long before the first shift a piece is needed where no keeper has said.</summary>
    public int BeforeHours { get; set; }

    /// <summary>How long before that it has to be asked for where no keeper has said.</summary>
    public int LeadHours { get; set; }
}
