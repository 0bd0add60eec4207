namespace Tutti.Scheduling.Planning;

/// <summary>What the contact groups look after by week: shifts of experiments by the beginning of the shift, and blocks that begin.</summary>
internal sealed class Workload
{
    private readonly Space space;
    private readonly int[][] shifts, starts;
    private readonly int[] peak;

    public Workload(Space space)
    {
        this.space = space;
        shifts = [.. space.ContactCapacity.Select(_ => new int[space.Weeks])];
        starts = [.. space.ContactCapacity.Select(_ => new int[space.Weeks])];
        peak = new int[shifts.Length];
    }

    /// <summary>The shifts of every group's busiest week, together.</summary>
    public long Peaks { get; private set; }

    public int Peak(int group) => peak[group];

    public int Shifts(int group, int week) => shifts[group][week];

    public int Starts(int group, int week) => starts[group][week];

    public void Take(Place place) => Add(place, 1);

    public void Release(Place place) => Add(place, -1);

    /// <summary>Whether the blocks are within what the group can do in their weeks.</summary>
    public bool Fits(int instrument, ReadOnlySpan<Block> blocks)
    {
        var data = space.Instruments[instrument];
        if (space.Weekly[data.Contacts] is not { } most) return true;
        // Blocks are in order of time, so are their weeks.
        var (week, here, begun) = (-1, 0, 0);
        foreach (var block in blocks)
            for (var slot = block.First; slot < block.First + block.Slots; slot++)
            {
                if (data.Week[slot] != week) (week, here, begun) = (data.Week[slot], 0, 0);
                if (++here + shifts[data.Contacts][week] > most[week].Shifts) return false;
                if (slot == block.First && ++begun + starts[data.Contacts][week] > most[week].Starts) return false;
            }
        return true;
    }

    private void Add(Place place, int sign)
    {
        var data = space.Instruments[place.Instrument];
        var group = data.Contacts;
        var own = shifts[group];
        foreach (var block in place.Blocks)
        {
            starts[group][data.Week[block.First]] += sign;
            for (var slot = block.First; slot < block.First + block.Slots; slot++) own[data.Week[slot]] += sign;
        }
        var most = 0;
        foreach (var load in own) most = Math.Max(most, load);
        Peaks += most - peak[group];
        peak[group] = most;
    }
}
