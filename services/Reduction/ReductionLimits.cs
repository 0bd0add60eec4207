using Tutti.Reduction.Reading;
using Tutti.Reduction.Reducing;

namespace Tutti.Reduction;

/// <summary>How much the service takes in and spends; every member is a setting <c>Tutti:Reduction:...</c> of the same name.</summary>
public sealed record ReductionLimits
{
    /// <summary>Largest upload, bytes of all its files together.</summary>
    public long MaxUploadBytes { get; init; } = 256L << 20;

    /// <summary>Largest file that is taken in part by part, bytes.</summary>
    public long MaxResumableBytes { get; init; } = 64L << 30;

    /// <summary>Most uploads in parts that one person has begun and not registered.</summary>
    public int MaxOpenUploads { get; init; } = 50;

    /// <summary>How long an upload in parts is kept after its last part.</summary>
    public TimeSpan UploadLifetime { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Room that uploads in parts must leave on the disk, bytes, when all that are open have arrived.</summary>
    public long MinFreeBytes { get; init; } = 1L << 30;

    /// <summary>How long data are kept from others unless who registers them says otherwise.</summary>
    public TimeSpan DefaultEmbargo { get; init; } = TimeSpan.FromDays(3 * 365);

    /// <summary>Largest content of an uploaded archive, bytes.</summary>
    public long MaxUnpackedBytes { get; init; } = 512L << 20;

    /// <summary>Most files of one data set, those in archives counted.</summary>
    public int MaxFiles { get; init; } = 5000;

    /// <summary>Most spectra of a data set.</summary>
    public int MaxSpectra { get; init; } = 20_000_000;

    /// <summary>Most channels of a spectrum.</summary>
    public int MaxChannels { get; init; } = 100_000;

    /// <summary>Most numbers of a data set that is read into memory: spectra times channels.</summary>
    public long MaxValues { get; init; } = 500_000_000;

    /// <summary>Most numbers of a data set that is worked on in its file: a plain NumPy array.</summary>
    public long MaxValuesInPlace { get; init; } = 16L << 30;

    /// <summary>Memory that all running jobs of this process may need together, bytes.</summary>
    public long MaxMemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Most threads a job may ask for.</summary>
    public int MaxThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Jobs that this process runs at once, besides one small one that need not wait for larger ones; 0: none, other processes do.</summary>
    public int Workers { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 4);

    /// <summary>The queues whose jobs this process runs: <c>small</c>, <c>medium</c>, <c>large</c>, separated by commas.</summary>
    public string Queues { get; init; } = "small,medium,large";

    /// <summary>Most jobs of one person that run at once.</summary>
    public int MaxRunningJobs { get; init; } = 4;

    /// <summary>Most jobs of one person that wait.</summary>
    public int MaxWaitingJobs { get; init; } = 20;

    /// <summary>How long a job stays with a worker that is not heard of before another one takes it.</summary>
    public TimeSpan Lease { get; init; } = JobLease.Length;

    /// <summary>How often a running job keeps what it has reached.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often waiting jobs are looked for that nobody was told of.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest file that can become a data set, unless it is a plain NumPy array: the readers hold it in memory.</summary>
    internal long MaxReadableBytes => Math.Min(Math.Max(MaxUnpackedBytes, MaxUploadBytes), Array.MaxLength);

    /// <summary>Largest upload in parts.</summary>
    internal long LargestUpload => MaxResumableBytes;

    /// <summary>The queues this process serves.</summary>
    internal IReadOnlyList<JobSize> Sizes => [.. Queues.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(name => Enum.TryParse<JobSize>(name, ignoreCase: true, out var size) ? size : throw new InvalidOperationException($"Tutti:Reduction:Queues names {name}; there are small, medium and large.")).Distinct()];

    /// <summary>The limits of this installation.</summary>
    public static ReductionLimits From(IConfiguration configuration)
    {
        var limits = configuration.GetSection("Tutti:Reduction").Get<ReductionLimits>() ?? new ReductionLimits();
        // A file is read into one array.
        return limits with { MaxUploadBytes = Math.Clamp(limits.MaxUploadBytes, 0, Array.MaxLength) };
    }

    /// <summary>The same, for the readers of files.</summary>
    internal ReadingOptions Reading(string? axisName, string? axisUnit) => new()
    {
        MaxBytes = MaxReadableBytes, MaxFiles = MaxFiles, MaxSpectra = MaxSpectra, MaxChannels = MaxChannels, MaxValues = MaxValues, MaxValuesInPlace = MaxValuesInPlace,
        AxisName = axisName, AxisUnit = axisUnit,
    };
}
