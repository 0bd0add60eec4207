namespace Tutti.Proposals.Knowing;

/// <summary>A kind of laboratory equipment that can be asked for.</summary>
public sealed class KnownEquipmentKind
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }
}
