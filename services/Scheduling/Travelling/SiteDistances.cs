namespace Tutti.Scheduling.Travelling;

/// <summary>How long people and samples are on their way from site to site, as the user office told it: one list for all sites.</summary>
public sealed class SiteDistances
{
    /// <summary>The one list.</summary>
    public const int Only = 1;

    /// <summary>Id; there is one.</summary>
    public int Id { get; private init; } = Only;

    /// <summary>Ways that take another time than the service takes for those that are not listed.</summary>
    public IReadOnlyList<SiteWay> Ways { get; private set; } = [];

    /// <summary>Counts the lists that were told; 0: none was.</summary>
    public int Revision { get; private set; }

    /// <summary>Every change of it.</summary>
    public List<SiteDistancesChange> History { get; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Other times hold from now on; plans made before are stale.</summary>
    public void Change(IReadOnlyList<SiteWay> ways, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        History.Add(new SiteDistancesChange { Id = changeId, ListId = Id, At = now, By = by, Reason = reason, Before = Ways });
        (Ways, Revision) = (ways, Revision + 1);
    }
}

/// <summary>How long it takes from one site to another, and back unless it is one way only.</summary>
public sealed record SiteWay
{
    /// <summary>Code of the site that is left.</summary>
    public required string From { get; init; }

    /// <summary>Code of the site that is reached.</summary>
    public required string To { get; init; }

    /// <summary>Hours that a team travels.</summary>
    public required int TravelHours { get; init; }

    /// <summary>Hours that a sample is on its way.</summary>
    public required int ShippingHours { get; init; }

    /// <summary>Whether the way back takes another time, which is told by itself or is not listed.</summary>
    public bool OneWay { get; init; }

    /// <summary>Each direction by itself.</summary>
    public IEnumerable<SiteWay> Directions() => OneWay ? [this] : [this with { OneWay = true }, this with { From = To, To = From, OneWay = true }];
}

/// <summary>One change of the list; never changed itself.</summary>
public sealed class SiteDistancesChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The list.</summary>
    public required int ListId { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>What was listed before.</summary>
    public required IReadOnlyList<SiteWay> Before { get; init; }
}
