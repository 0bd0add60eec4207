namespace Tutti.Scheduling.Planning;

/// <summary>The blocks on every instrument that has to be set up between experiments, in order of time, and what its changes of mode cost.</summary>
internal sealed class SetUps(Space space)
{
    private readonly List<(int Start, int End, int Experiment)>[] on = [.. space.Instruments.Select(_ => new List<(int, int, int)>())];

    public long Cost { get; private set; }

    public void Take(int e, Place place)
    {
        if (!space.Instruments[place.Instrument].NeedsSetUp) return;
        var list = on[place.Instrument];
        foreach (var block in place.Blocks)
        {
            var n = 0;
            while (n < list.Count && list[n].Start < block.Start) n++;
            Change(place.Instrument, n, e, 1);
            list.Insert(n, (block.Start, block.End, e));
        }
    }

    public void Release(int e, Place place)
    {
        var list = on[place.Instrument];
        for (var n = list.Count - 1; n >= 0; n--)
            if (list[n].Experiment == e)
            {
                list.RemoveAt(n);
                Change(place.Instrument, n, e, -1);
            }
    }

    /// <summary>A unit no later than which a block must not start as things stand, or null where [start, end) is far enough from all others.</summary>
    public int? Clash(int e, int instrument, int start, int end)
    {
        foreach (var other in on[instrument])
            if (other.Experiment != e && start < other.End + space.SetUpTime(instrument, other.Experiment, e) && other.Start < end + space.SetUpTime(instrument, e, other.Experiment))
                return other.End + space.SetUpTime(instrument, other.Experiment, e) - 1;
        return null;
    }

    /// <summary>By when a block that begins at <paramref name="start"/> must have ended.</summary>
    public int Until(int e, int instrument, int start, int until)
    {
        foreach (var other in on[instrument])
            if (other.Experiment != e && start < other.End + space.SetUpTime(instrument, other.Experiment, e))
                until = Math.Min(until, other.Start - space.SetUpTime(instrument, e, other.Experiment));
        return until;
    }

    public IReadOnlyList<(int Start, int End, int Experiment)> On(int instrument) => on[instrument];

    public long CostOn(int instrument) => on[instrument].Zip(on[instrument].Skip(1), (one, next) => space.SetUpCost(instrument, one.Experiment, next.Experiment)).Sum();

    // What changes where a block of an experiment comes to stand at n, or stood there: before what is at n now.
    private void Change(int instrument, int n, int e, int sign)
    {
        if (space.Instruments[instrument].SetUpCosts is null) return;
        var list = on[instrument];
        if (n > 0) Cost += sign * space.SetUpCost(instrument, list[n - 1].Experiment, e);
        if (n < list.Count) Cost += sign * space.SetUpCost(instrument, e, list[n].Experiment);
        if (n > 0 && n < list.Count) Cost -= sign * space.SetUpCost(instrument, list[n - 1].Experiment, list[n].Experiment);
    }
}
