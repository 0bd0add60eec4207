namespace Tutti.Reduction.Numerics;

/// <summary>
/// The rows of D cut into ranges that threads take one by one. The cuts follow from the shape alone and sums are added in the order of the ranges, so
/// the number of threads changes no bit of a result.
/// </summary>
internal sealed class RowRanges
{
    private const int LeastRows = 64;
    private const int MostRanges = 16;
    private const long ValuesWorthThreads = 100_000;
    private readonly ParallelOptions parallel;

    public RowRanges(int rows, long values, int threads)
    {
        Count = Math.Clamp(rows / LeastRows, 1, MostRanges);
        Rows = rows;
        parallel = new ParallelOptions { MaxDegreeOfParallelism = values < ValuesWorthThreads ? 1 : threads };
    }

    public int Count { get; }
    private int Rows { get; }

    public int First(int range) => (int)((long)Rows * range / Count);

    /// <summary>Does the work for each range, on as many threads as are allowed; the work gets the number of the range and looks after
    /// cancellation itself.</summary>
    public void ForEach(Action<int> work, CancellationToken cancellation)
    {
        if (parallel.MaxDegreeOfParallelism == 1 || Count == 1)
            for (var range = 0; range < Count && !cancellation.IsCancellationRequested; range++) work(range);
        else
            Parallel.For(0, Count, parallel, work);
        cancellation.ThrowIfCancellationRequested();
    }
}
