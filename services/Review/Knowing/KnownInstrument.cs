namespace Tutti.Review.Knowing;

/// <summary>What Review needs to know of an instrument: whose staff judge what is asked of it.</summary>
public sealed class KnownInstrument
{
    /// <summary>Code.</summary>
    public required string Code { get; init; }

    /// <summary>Revision of the record this was learnt from; 0: only that it is retired.</summary>
    public int Revision { get; private set; }

    /// <summary>Site; its staff judge.</summary>
    public string? SiteCode { get; private set; }

    /// <summary>Whether it has left the scheme for good; what was asked of it before is judged all the same.</summary>
    public bool Retired { get; private set; }

    /// <summary>Its record was heard of; an older one changes nothing.</summary>
    public void Learn(int revision, string? site)
    {
        if (revision > Revision) (Revision, SiteCode) = (revision, site);
    }

    /// <summary>It has left the scheme.</summary>
    public void Retire() => Retired = true;
}
