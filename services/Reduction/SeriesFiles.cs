using Tutti.Reduction.Reading;

namespace Tutti.Reduction;

/// <summary>Reads the files of a data set as one series, in memory.</summary>
public sealed class SeriesFiles(FileStore files, ReductionLimits limits) : IDisposable
{
    // Uploads are read one after another: their memory is bounded by the limits, that of many at once would not be.
    private readonly SemaphoreSlim reading = new(1, 1);

    /// <summary>Reads files that have just arrived; says too how long they are when unpacked.</summary>
    public async Task<(SpectralSeries Series, long UnpackedLength)> ReadIncomingAsync(
        IReadOnlyList<(string Name, IncomingFile File)> arrived, string? axisName, string? axisUnit, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            List<NamedContent> contents = [];
            foreach (var (name, file) in arrived) contents.Add(new NamedContent(name, await File.ReadAllBytesAsync(file.Path, cancel)));
            var series = await Task.Factory.StartNew(
                () => SeriesReading.Read(contents, limits.Reading(axisName, axisUnit), cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return (series, contents.Sum(content => ArchiveUnpacking.UnpackedLength(content.Bytes)));
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Reads a data set again.</summary>
    public SpectralSeries Read(DataSet set, CancellationToken cancel)
    {
        var contents = set.Files.Select(file => new NamedContent(file.Name, File.ReadAllBytes(files.PathOf(file.Sha256)))).ToList();
        var series = SeriesReading.Read(contents, limits.Reading(set.AxisName, set.AxisUnit), cancel);
        foreach (var (file, source) in set.Files.Zip(series.Sources))
            if (file.Sha256 != source.Sha256) throw new InvalidDataException($"The content of {file.Sha256} has changed on disk.");
        return series;
    }

    /// <inheritdoc/>
    public void Dispose() => reading.Dispose();
}
