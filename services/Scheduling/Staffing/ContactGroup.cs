namespace Tutti.Scheduling.Staffing;

/// <summary>People of a site who look after users at some of its instruments: together they can serve so many experiments at once.</summary>
public sealed class ContactGroup
{
    /// <summary>The site.</summary>
    public required string SiteCode { get; init; }

    /// <summary>Code of the group within the site.</summary>
    public required string Code { get; init; }

    /// <summary>Name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The instruments they look after; an instrument has at most one group, and one without a group is not limited.</summary>
    public IReadOnlyList<string> Instruments { get; private set; } = [];

    /// <summary>The people.</summary>
    public IReadOnlyList<Contact> Contacts { get; private set; } = [];

    /// <summary>The most shifts of experiments, by the beginning of the shift, that they look after in a week; weeks begin on Monday at 00:00 UTC. Null: no limit.</summary>
    public int? WeeklyShifts { get; private set; }

    /// <summary>The most blocks of experiments that begin in such a week; null: no limit.</summary>
    public int? WeeklyStarts { get; private set; }

    /// <summary>Everything it ever was.</summary>
    public List<ContactGroupChange> History { get; } = [];

    /// <summary>Counts changes.</summary>
    public int Version { get; private set; }

    /// <summary>The group is another from now on.</summary>
    public void Change(string name, IReadOnlyList<string> instruments, IReadOnlyList<Contact> contacts, WeeklyLimits weekly, Guid by, string reason,
        Guid changeId, DateTimeOffset now)
    {
        (Name, Instruments, Contacts, WeeklyShifts, WeeklyStarts) = (name, instruments, contacts, weekly.Shifts, weekly.Starts);
        History.Add(new ContactGroupChange { Id = changeId, SiteCode = SiteCode, Code = Code, At = now, By = by, Reason = reason, Name = name,
            Instruments = instruments, Contacts = contacts, WeeklyShifts = weekly.Shifts, WeeklyStarts = weekly.Starts });
    }

    /// <summary>
    /// How many experiments they can serve at once, piece by piece without gap over [from, to): whoever is on leave serves none. This is the capacity of a
    /// contact group as the planner takes it.
    /// </summary>
    public IReadOnlyList<ContactCapacity> CapacityBetween(DateTimeOffset from, DateTimeOffset to, IReadOnlyDictionary<Guid, IReadOnlyList<AbsentInterval>> away)
    {
        if (from >= to) return [];
        var absences = Contacts.SelectMany(contact => away.GetValueOrDefault(contact.PersonId, []).Select(absent => (contact.AtOnce, Absent: absent)))
            .Where(one => one.Absent.From < to && from < one.Absent.To).ToList();
        var cuts = absences.SelectMany(one => new[] { one.Absent.From, one.Absent.To }).Where(cut => from < cut && cut < to).Append(from).Append(to).Distinct()
            .Order().ToList();
        var all = Contacts.Sum(contact => contact.AtOnce);
        var pieces = new List<ContactCapacity>();
        foreach (var (start, end) in cuts.Zip(cuts.Skip(1)))
        {
            var left = all - absences.Where(one => one.Absent.From <= start && end <= one.Absent.To).Sum(one => one.AtOnce);
            if (pieces is [.., var last] && last.AtOnce == left) pieces[^1] = last with { To = end };
            else pieces.Add(new(start, end, left));
        }
        return pieces;
    }
}

/// <summary>A local contact and how many experiments they look after at once.</summary>
public sealed record Contact(Guid PersonId, string Name, int AtOnce = 1);

/// <summary>The most shifts that a group looks after in a week, and the most blocks that begin in it; null: no limit. Weeks begin on Monday at 00:00 UTC.</summary>
public sealed record WeeklyLimits(int? Shifts, int? Starts)
{
    /// <summary>Nobody has told any.</summary>
    public static WeeklyLimits None { get; } = new(null, null);
}

/// <summary>In [From, To) so many experiments can be served at once.</summary>
public sealed record ContactCapacity(DateTimeOffset From, DateTimeOffset To, int AtOnce);

/// <summary>Somebody is away in [From, To); intervals of one person do not overlap.</summary>
public sealed record AbsentInterval(DateTimeOffset From, DateTimeOffset To);

/// <summary>One form that a group had; never changed.</summary>
public sealed class ContactGroupChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The site.</summary>
    public required string SiteCode { get; init; }

    /// <summary>The group.</summary>
    public required string Code { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Instruments.</summary>
    public required IReadOnlyList<string> Instruments { get; init; }

    /// <summary>People.</summary>
    public required IReadOnlyList<Contact> Contacts { get; init; }

    /// <summary>The most shifts in a week; null: no limit.</summary>
    public int? WeeklyShifts { get; init; }

    /// <summary>The most blocks that begin in a week; null: no limit.</summary>
    public int? WeeklyStarts { get; init; }
}
