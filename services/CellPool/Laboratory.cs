using Tutti.Contracts.Catalogue;

namespace Tutti.CellPool;

/// <summary>A laboratory that supports instruments, as the catalogue tells of it.</summary>
public sealed class Laboratory
{
    private static readonly HashSet<string> open = ["available", "partial"];

    private Laboratory()
    {
    }

    /// <summary>Code.</summary>
    public string Code { get; private set; } = "";

    /// <summary>Name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The site where it is.</summary>
    public string SiteCode { get; private set; } = "";

    /// <summary>available or partial, or why nothing there can be had: planned, missing, outside-ceric.</summary>
    public string Status { get; private set; } = "";

    /// <summary>What else is known of it.</summary>
    public string Notes { get; private set; } = "";

    /// <summary>Instruments it serves.</summary>
    public IReadOnlyList<string> InstrumentCodes { get; private set; } = [];

    /// <summary>What it has.</summary>
    public List<Equipment> Equipment { get; private set; } = [];

    /// <summary>Revision of the catalogue's record it was learnt from.</summary>
    public int Revision { get; private set; }

    /// <summary>Counts changes; a stale write is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>Whether its equipment can be held.</summary>
    public bool IsOpen => open.Contains(Status);

    /// <summary>A laboratory of which the catalogue tells.</summary>
    public static Laboratory Learn(string code) => new() { Code = code };

    /// <summary>Takes over newer facts; of equipment that keepers look after only the words of the source. Tells whether they were newer.</summary>
    public bool Renew(SupportLabPublished told)
    {
        if (told.Revision <= Revision) return false;
        (Revision, Name, SiteCode, Status, Notes, InstrumentCodes) = (told.Revision, told.Name, told.SiteCode, told.Status, told.Notes, told.InstrumentCodes);
        var pieces = told.Equipment.ToLookup(piece => piece.Kind, piece => piece.Words);
        foreach (var kind in pieces.Select(group => group.Key).Where(kind => Find(kind) is null)) Equipment.Add(CellPool.Equipment.Of(Code, kind));
        foreach (var one in Equipment) one.Renew(told.Revision, [.. pieces[one.Kind]]);
        return true;
    }

    /// <summary>What it has of a kind; null: nobody has told of any.</summary>
    public Equipment? Find(string kind) => Equipment.Find(one => one.Kind == kind);

    /// <summary>Whether an instrument may use what is there: one that it serves, or, of equipment shared by the site, one that stands there.</summary>
    public bool Serves(string instrument, string? site, Equipment equipment) => InstrumentCodes.Contains(instrument) || (equipment.SharedBySite && site == SiteCode);
}
