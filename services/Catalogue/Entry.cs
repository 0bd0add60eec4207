namespace Tutti.Catalogue;

/// <summary>What the catalogue holds besides instruments.</summary>
public enum EntryKind
{
    /// <summary>A country's institution that offers instruments.</summary>
    Partner,

    /// <summary>A place with instruments.</summary>
    Site,

    /// <summary>A technique.</summary>
    Technique,

    /// <summary>A laboratory that supports instruments.</summary>
    SupportLab,

    /// <summary>Techniques that tell more together.</summary>
    Combination,

    /// <summary>What ties instruments together when they are scheduled.</summary>
    Coupling,

    /// <summary>A cell that is known of.</summary>
    CellDesign,

    /// <summary>A vocabulary of the catalogue.</summary>
    Vocabulary,

    /// <summary>A kind of laboratory equipment that can be asked for; a vocabulary of ours.</summary>
    EquipmentKind,

    /// <summary>How raw data of a technique become a matrix.</summary>
    PreprocessingRecipe,
}

/// <summary>One record of the catalogue that is not an instrument, as the source has it, with our own additions beside it.</summary>
public sealed class Entry
{
    private Entry()
    {
    }

    /// <summary>What it is.</summary>
    public EntryKind Kind { get; private set; }

    /// <summary>Code, unique within its kind.</summary>
    public string Code { get; private set; } = "";

    /// <summary>Place in the source's order.</summary>
    public int Position { get; private set; }

    /// <summary>The source's record, whole, as JSON.</summary>
    public string Record { get; private set; } = "";

    /// <summary>What we add to it, as JSON.</summary>
    public string? Additions { get; private set; }

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>A new record.</summary>
    public static Entry Enter(EntryKind kind, string code, int position, string record, string? additions) =>
        new() { Kind = kind, Code = code, Position = position, Record = record, Additions = additions, Revision = 1 };

    /// <summary>Takes over what the source says now; tells whether that changed anything.</summary>
    public bool Renew(int position, string record, string? additions)
    {
        Position = position;
        if (Record == record && Additions == additions) return false;
        (Record, Additions, Revision) = (record, additions, Revision + 1);
        return true;
    }
}
