namespace Tutti.Review.Knowing;

/// <summary>What Review needs to know of a call.</summary>
public sealed class KnownCall
{
    /// <summary>The call.</summary>
    public required Guid Id { get; init; }

    /// <summary>Revision of the record this was learnt from; 0: only that it is closed.</summary>
    public int Revision { get; private set; }

    /// <summary>Title.</summary>
    public string Title { get; private set; } = "";

    /// <summary>Last moment of submission.</summary>
    public DateTimeOffset ClosesAt { get; private set; }

    /// <summary>Whether it has closed; it never opens again.</summary>
    public bool Closed { get; private set; }

    /// <summary>Chair of the panel.</summary>
    public Guid PanelChairId { get; private set; }

    /// <summary>The panel, the chair among them.</summary>
    public List<PanelSeat> Panel { get; private set; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>Its record was heard of; an older one changes nothing.</summary>
    public void Learn(int revision, string title, DateTimeOffset closesAt, Guid chair, IEnumerable<Guid> members)
    {
        if (revision <= Revision) return;
        (Revision, Title, PanelChairId) = (revision, title, chair);
        if (!Closed) ClosesAt = closesAt;
        var panel = members.Append(chair).ToHashSet();
        Panel.RemoveAll(seat => !panel.Contains(seat.PersonId));
        Panel.AddRange(panel.Where(person => Panel.All(seat => seat.PersonId != person)).Select(person => new PanelSeat { CallId = Id, PersonId = person }));
    }

    /// <summary>It has closed, for good.</summary>
    public void Close(DateTimeOffset at) => (Closed, ClosesAt) = (true, at);
}

/// <summary>A person on the panel of a call.</summary>
public sealed class PanelSeat
{
    /// <summary>The call.</summary>
    public required Guid CallId { get; init; }

    /// <summary>The person.</summary>
    public required Guid PersonId { get; init; }
}
