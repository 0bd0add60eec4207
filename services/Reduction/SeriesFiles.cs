using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction;

/// <summary>Reads the files of a data set as one series: plain arrays in place, everything else in memory.</summary>
public sealed class SeriesFiles(FileStore files, ReductionLimits limits) : IDisposable
{
    // Uploads are read one after another: their memory is bounded by the limits, that of many at once would not be.
    private readonly SemaphoreSlim reading = new(1, 1);

    /// <summary>Reads files that have just arrived; says too how long they are when unpacked. The caller disposes of the data.</summary>
    public async Task<(SpectralSeries Series, long UnpackedLength)> ReadIncomingAsync(
        IReadOnlyList<ArrivedFile> arrived, string? axisName, string? axisUnit, CancellationToken cancel)
    {
        await reading.WaitAsync(cancel);
        try
        {
            if (arrived is [var one] && await Task.Run(() => MappedArray.Of(one.Path, one.Name, limits.Reading(axisName, axisUnit), cancel), cancel) is { } mapped)
                return (mapped, one.Length);
            if (arrived.Count > 1 && arrived.Sum(file => file.Length) > limits.MaxReadableBytes)
                throw new SeriesFormatException("too_large",
                    $"Files of more than {limits.MaxReadableBytes} bytes are read only where they are one plain NumPy array or HDF5 file.");
            List<NamedContent> contents = [.. arrived.Select(file => NamedContent.OfFile(file.Path, file.Name, limits.Reading(axisName, axisUnit)))];
            var series = await Task.Factory.StartNew(
                () => SecondInput.Read(contents, limits.Reading(axisName, axisUnit), cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return (series, contents.Sum(content => ArchiveUnpacking.UnpackedLength(content.Bytes)));
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Reads a data set again; the log of a cycler as the clock's table. The caller disposes of the data.</summary>
    public SpectralSeries Read(DataSet set, CancellationToken cancel)
    {
        var options = limits.Reading(set.AxisName, set.AxisUnit);
        var series = set.Files is [var one] ? MappedArray.Of(files.PathOf(one.Sha256), one.Name, options, cancel) : null;
        series ??= SecondInput.Read([.. set.Files.Select(file => NamedContent.OfFile(files.PathOf(file.Sha256), file.Name, options))], options, cancel);
        foreach (var (file, source) in set.Files.Zip(series.Sources))
        {
            if (file.Sha256 == source.Sha256) continue;
            series.Data.Dispose();
            throw new InvalidDataException($"The content of {file.Sha256} has changed on disk.");
        }
        return series;
    }

    /// <inheritdoc/>
    public void Dispose() => reading.Dispose();
}
