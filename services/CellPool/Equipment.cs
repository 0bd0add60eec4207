using Tutti.CellPool.Knowing;
using Tutti.CellPool.Lending;
using Tutti.Contracts.CellPool;

namespace Tutti.CellPool;

/// <summary>Pieces that cannot be used for a time; where there is no end, nobody knows it.</summary>
public sealed record Outage(DateTimeOffset From, DateTimeOffset? To, int Pieces, string Reason);

/// <summary>What keepers say of a kind of equipment in a laboratory: how many pieces, what they need around an experiment, who may use them, and when they cannot be used.</summary>
public sealed record EquipmentTerms(int Pieces, int LeadHours, int BeforeHours, int AfterHours, bool SharedBySite, IReadOnlyList<Outage> Outages);

/// <summary>The pieces of one kind that a laboratory has; alike, so that any of them serves.</summary>
public sealed class Equipment
{
    private Equipment()
    {
    }

    /// <summary>The laboratory.</summary>
    public string LaboratoryCode { get; private set; } = "";

    /// <summary>Code of the kind.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>How many pieces.</summary>
    public int Pieces { get; private set; }

    /// <summary>The words of the source for each.</summary>
    public IReadOnlyList<string> Words { get; private set; } = [];

    /// <summary>How long before it is first needed it has to be asked for; null: as its kind.</summary>
    public int? LeadHours { get; private set; }

    /// <summary>How long before the first shift it is needed; null: as its kind.</summary>
    public int? BeforeHours { get; private set; }

    /// <summary>How long after the last shift it is needed.</summary>
    public int AfterHours { get; private set; }

    /// <summary>Whether every instrument of the site may use it, not only those that the laboratory serves.</summary>
    public bool SharedBySite { get; private set; }

    /// <summary>When pieces cannot be used.</summary>
    public IReadOnlyList<Outage> Outages { get; private set; } = [];

    /// <summary>The keeper who looks after it; null: as the catalogue tells of it.</summary>
    public Guid? KeptBy { get; private set; }

    /// <summary>Revision of the laboratory's record; with it the row changes, so that nothing is promised by what the laboratory was before.</summary>
    public int Revision { get; private set; }

    /// <summary>How often it was told of.</summary>
    public int Told { get; private set; }

    /// <summary>How often a piece was held.</summary>
    public int Loans { get; private set; }

    /// <summary>Everything that keepers said of it.</summary>
    public List<EquipmentChange> History { get; private set; } = [];

    /// <summary>Counts changes: of two writers who promise it at the same moment, the slower is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>A kind of which a laboratory is told to have pieces.</summary>
    public static Equipment Of(string laboratory, string kind) => new() { LaboratoryCode = laboratory, Kind = kind };

    /// <summary>Takes over what the catalogue tells; how many there are stays the keepers' where one looks after it.</summary>
    public void Renew(int revision, IReadOnlyList<string> words)
    {
        (Revision, Words) = (revision, words);
        if (KeptBy is null) Pieces = words.Count;
    }

    /// <summary>A keeper says how it is from now on; a history row is written, older ones stay.</summary>
    public void Keep(EquipmentTerms terms, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        (Pieces, LeadHours, BeforeHours, AfterHours, SharedBySite, Outages, KeptBy) = (terms.Pieces, terms.LeadHours, terms.BeforeHours, terms.AfterHours, terms.SharedBySite, terms.Outages, by);
        History.Add(new EquipmentChange { Id = changeId, LaboratoryCode = LaboratoryCode, Kind = Kind, Terms = terms, At = now, By = by, Reason = reason });
    }

    /// <summary>How long before it is first needed it has to be asked for: as keepers say, or else as its kind.</summary>
    public int LeadHoursAs(KnownEquipmentKind? kind) => LeadHours ?? kind?.LeadHours ?? 0;

    /// <summary>How long before the first shift it is needed: as keepers say, or else as its kind.</summary>
    public int BeforeHoursAs(KnownEquipmentKind? kind) => BeforeHours ?? kind?.BeforeHours ?? 0;

    /// <summary>Pieces that cannot be used, and when.</summary>
    public IReadOnlyList<Busy> Unusable() => [.. Outages.Select(one => new Busy(one.From, one.To ?? DateTimeOffset.MaxValue, one.Pieces))];

    /// <summary>The next telling of what can be lent of it.</summary>
    public EquipmentPublished Tell(Laboratory laboratory, KnownEquipmentKind? kind) => new()
    {
        LaboratoryCode = LaboratoryCode, EquipmentKind = Kind, Revision = ++Told, Pieces = laboratory.IsOpen ? Pieces : 0, SiteCode = laboratory.SiteCode, InstrumentCodes = laboratory.InstrumentCodes,
        SharedBySite = SharedBySite, LeadHours = LeadHoursAs(kind), BeforeHours = BeforeHoursAs(kind), AfterHours = AfterHours,
        Outages = [.. Outages.Select(one => new EquipmentOutage { From = one.From, To = one.To, Pieces = one.Pieces })],
    };

    /// <summary>Counts a new hold; with it the row changes, so nobody else promises a piece at the same moment.</summary>
    public void CountLoan() => Loans++;
}

/// <summary>One line of what keepers said of equipment; never changed.</summary>
public sealed class EquipmentChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The laboratory.</summary>
    public required string LaboratoryCode { get; init; }

    /// <summary>Code of the kind.</summary>
    public required string Kind { get; init; }

    /// <summary>What was said.</summary>
    public required EquipmentTerms Terms { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The keeper.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
