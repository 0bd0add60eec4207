namespace Tutti.Reduction.Reducing;

/// <summary>
/// The memory that the running jobs of a process share. A worker that finds too little left does not wait for it: it goes on to another job, and the one it
/// leaves keeps its place. So nothing stands behind a large job as long as that cannot be begun anyway; but no job is overtaken more than a few times.
/// </summary>
public sealed class MemoryBudget
{
    /// <summary>How many jobs may be begun before one that came earlier and found too little.</summary>
    public const int MostOvertaken = 16;

    private readonly Lock door = new();
    private readonly List<Place> waiting = [];
    private readonly long total;
    private readonly Action freed;
    private long left;

    /// <summary>So many bytes are to be shared; <paramref name="freed"/> is called when some were given back.</summary>
    public MemoryBudget(long total, Action freed) => (this.total, left, this.freed) = (total, total, freed);

    /// <summary>Takes a share for a job; disposing gives it back. Null: too little is left, or it is the turn of one that has waited for long. More than there is
    /// at all is taken as all.</summary>
    public IDisposable? TryTake(Guid job, long bytes)
    {
        var share = Math.Min(bytes, total);
        lock (door)
        {
            var at = waiting.FindIndex(place => place.Job == job);
            var earlier = at < 0 ? waiting : waiting[..at];
            if (share > left || earlier.Exists(place => place.Overtaken >= MostOvertaken))
            {
                if (at < 0) waiting.Add(new Place(job));
                else waiting[at].InVain = true;
                return null;
            }
            foreach (var place in earlier) place.Overtaken++;
            if (at >= 0) waiting.RemoveAt(at);
            left -= share;
            return new Share(this, share);
        }
    }

    /// <summary>Whether there is no use in trying to begin the job: it found too little, and nothing was given back since.</summary>
    public bool IsInVain(Guid job)
    {
        lock (door) return waiting.Exists(place => place.Job == job && place.InVain);
    }

    /// <summary>Forgets the jobs that are not among these: somebody else has begun them, or nobody wants them any more.</summary>
    public void KeepOnly(IEnumerable<Guid> jobs)
    {
        var known = jobs.ToHashSet();
        lock (door) waiting.RemoveAll(place => !known.Contains(place.Job));
    }

    private void GiveBack(long bytes)
    {
        lock (door)
        {
            left += bytes;
            foreach (var place in waiting) place.InVain = false;
        }
        freed();
    }

    private sealed class Place(Guid job)
    {
        public Guid Job => job;
        public int Overtaken { get; set; }
        public bool InVain { get; set; } = true;
    }

    private sealed class Share(MemoryBudget budget, long bytes) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0) budget.GiveBack(bytes);
        }
    }
}
