namespace Tutti.Catalogue;

/// <summary>Which modes the source tells of an instrument; null: not told.</summary>
internal sealed record SourceModes(bool? ExSitu, bool? InSitu, bool? Operando);

/// <summary>A constraint on sample and cell, as far as it is read.</summary>
internal sealed record SourceConstraint(string Code);

/// <summary>What is read of an instrument's record.</summary>
internal sealed record SourceInstrument(
    string Code, string Name, IReadOnlyList<string> Aliases, string? Partner, string? Site, string Status, bool Ceric, string Technique, IReadOnlyList<string> Techniques,
    IReadOnlyList<string> SampleEnvironment, IReadOnlyList<SourceConstraint> SampleConstraints, SourceModes Modes, string? Notes);

/// <summary>What is read of a site's record.</summary>
internal sealed record SourceSite(string Code, string Name, string City, string Country, string Kind);

/// <summary>What is read of a technique's record.</summary>
internal sealed record SourceTechnique(string Code, string Name, IReadOnlyList<string> Aliases, string Family, string Probe, IReadOnlyList<string> Instruments);

/// <summary>What is read of a cell's record.</summary>
internal sealed record SourceCell(string Code, string Instrument, string Status, string Facts)
{
    /// <summary>Other instruments it fits.</summary>
    public IReadOnlyList<string> AlsoFits { get; init; } = [];
}

/// <summary>What is read of a coupling's record; a member may be a branch, <c>instrument/branch</c>.</summary>
internal sealed record SourceCoupling(string Code, IReadOnlyList<string> Members);

/// <summary>What is read of a laboratory's record.</summary>
internal sealed record SourceLaboratory(string Code, string Site, string Name, string Status, IReadOnlyList<string> Equipment, IReadOnlyList<string> Serves, string? Notes);

/// <summary>A kind of laboratory equipment, and what holds for it as long as no keeper says otherwise.</summary>
internal sealed record EquipmentKindRecord(string Code, string Name, bool Minimal, int BeforeHours, int LeadHours, string Why);

/// <summary>Our own addition to a laboratory: of which kind each piece of its equipment is, in the source's order.</summary>
internal sealed record LaboratoryAddition(IReadOnlyList<string> Kinds);

/// <summary>Our own addition to a site.</summary>
internal sealed record SiteAddition(string TimeZone);

/// <summary>Our own addition to a coupling: whether it makes instruments run one at a time, and why.</summary>
internal sealed record CouplingAddition(bool OneAtATime, string Why);
