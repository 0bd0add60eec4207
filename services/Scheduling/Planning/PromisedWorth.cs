namespace Tutti.Scheduling.Planning;

/// <summary>
/// What published places are worth to the search for a repaired plan, in units of the objective: the more the nearer they are, and where travel is booked. Where as few as possible are to
/// move, everything together that waits brings less than one of them, and everything together that was hit less than another experiment's being placed at all.
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

    /// <summary>Beyond these (objectives of many millions) worths are no longer apart as said.</summary>
    private const int Most = 100_000_000, MostWaiting = 50_000_000;

    private readonly double weight, typical, waiting;
    private readonly IReadOnlyCollection<long> hit;

    /// <param name="option">What the repair is to spare.</param>
    /// <param name="published">What each published experiment brings; their median is the unit.</param>
    /// <param name="waiting">What each experiment brings that had no place.</param>
    /// <param name="hit">What each experiment brings that cannot stay where it was.</param>
    public PromisedWorth(RepairOption option, IEnumerable<long> published, IEnumerable<long> waiting, IEnumerable<long> hit)
    {
        var values = published.Where(value => value > 0).Order().ToList();
        typical = values.Count == 0 ? 1 : values[values.Count / 2];
        weight = option switch { RepairOption.LeastMoved => 1.0, RepairOption.MostScience => Little, RepairOption.ReserveOnly => 0.0 };
        this.waiting = option == RepairOption.LeastMoved ? Math.Min(MostWaiting, waiting.Sum()) : 0;
        this.hit = option == RepairOption.LeastMoved ? [.. hit] : [];
    }

    /// <summary>What any place is worth for an experiment that has lost its own.</summary>
    public int OfAnother => Weighed(waiting + (typical * AnotherPlace));

    /// <summary>What any place is worth, its own or another, for an experiment that could have stayed.</summary>
    public int OfAny => Weighed(hit.Sum(value => (double)value + OfAnother));

    /// <summary>What its own place is worth for an experiment that could have stayed.</summary>
    /// <param name="daysAhead">Days until it begins.</param>
    /// <param name="booked">Whether travel is booked.</param>
    public int OfPlace(double daysAhead, bool booked) =>
        Weighed(waiting + (typical * (1 + ((Nearness - 1) * Math.Pow(3, -Math.Max(0, daysAhead) / NearnessFades))) * (booked ? BookedTravel : 1)));

    private int Weighed(double worth) => (int)Math.Clamp(Math.Round(worth * weight), 0, Most);
}
