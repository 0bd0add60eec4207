namespace Tutti.Scheduling.Planning;

/// <summary>
/// What published places are worth to the search for a repaired plan, in units of the objective: the more the nearer they are, and where travel is booked. Where as few as possible are to
/// move, no proposal that waits brings as much as one of them, and none that was hit as much as another experiment's being placed at all.
/// </summary>
public sealed class PromisedWorth
{
    /// <summary>A place that is about to be used is worth so many times one that is far off.</summary>
    private const double Nearness = 3;

    /// <summary>Days in which the nearness falls to a third.</summary>
    private const double NearnessFades = 21;

    private const double BookedTravel = 2;

    /// <summary>A new place for what was hit, in places that are far off: less than moving anybody else.</summary>
    private const double AnotherPlace = 0.5;

    /// <summary>Published places count, but little.</summary>
    private const double Little = 0.05;

    private const int Most = 10_000_000;

    private readonly double weight, typical, waiting, hit;

    /// <param name="option">What the repair is to spare.</param>
    /// <param name="published">What each published experiment brings; their median is the unit.</param>
    /// <param name="waiting">The most that one proposal brings with experiments that had no place.</param>
    /// <param name="hit">The most that one proposal brings with experiments that cannot stay where they were.</param>
    public PromisedWorth(RepairOption option, IEnumerable<long> published, long waiting, long hit)
    {
        var values = published.Where(value => value > 0).Order().ToList();
        typical = values.Count == 0 ? 1 : values[values.Count / 2];
        weight = option switch { RepairOption.LeastMoved => 1.0, RepairOption.MostScience => Little, RepairOption.ReserveOnly => 0.0 };
        (this.waiting, this.hit) = option == RepairOption.LeastMoved ? (waiting, hit) : (0, 0);
    }

    /// <summary>What any place is worth for an experiment that has lost its own.</summary>
    public int OfAnother => Weighed(waiting + (typical * AnotherPlace));

    /// <summary>What any place is worth, its own or another, for an experiment that could have stayed.</summary>
    public int OfAny => Weighed(hit);

    /// <summary>What its own place is worth for an experiment that could have stayed.</summary>
    /// <param name="daysAhead">Days until it begins.</param>
    /// <param name="booked">Whether travel is booked.</param>
    public int OfPlace(double daysAhead, bool booked) =>
        Weighed(waiting + (typical * (1 + ((Nearness - 1) * Math.Pow(3, -Math.Max(0, daysAhead) / NearnessFades))) * (booked ? BookedTravel : 1)));

    private int Weighed(double worth) => (int)Math.Clamp(Math.Round(worth * weight), 0, Most);
}
