namespace Tutti.Scheduling.Knowing;

/// <summary>What Scheduling needs to know of a cell of the pool.</summary>
public sealed class KnownCell
{
    /// <summary>Code on its label.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from.</summary>
    public int Revision { get; set; }

    /// <summary>Its design.</summary>
    public string DesignCode { get; set; } = "";

    /// <summary>Whether it can be lent.</summary>
    public bool Lendable { get; set; }

    /// <summary>The site where it lives.</summary>
    public string HomeSite { get; set; } = "";

    /// <summary>Instruments for which it can be lent.</summary>
    public IReadOnlyList<string> InstrumentCodes { get; set; } = [];

    /// <summary>Hours that it is needed before the first shift, the way to the site not included.</summary>
    public int BeforeHours { get; set; }

    /// <summary>Hours that it is needed after the last shift, the way home not included.</summary>
    public int AfterHours { get; set; }

    /// <summary>Hours that it is under way to a site other than its own, each way.</summary>
    public double ShippingHours { get; set; }
}
