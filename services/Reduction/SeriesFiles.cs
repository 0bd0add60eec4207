using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction;

/// <summary>Reads the files of a data set as one series: plain arrays in place, everything else in memory.</summary>
public sealed class SeriesFiles(FileStore files, ReductionLimits limits) : IDisposable
{
    // Uploads are read one after another: their memory is bounded by the limits, that of many at once would not be.
    private readonly SemaphoreSlim reading = new(1, 1);

    /// <summary>Reads files that have just arrived; says too how long they are when unpacked. NaN is refused or, where asked for, a value that was not measured. The caller disposes of the data.</summary>
    public async Task<(SpectralSeries Series, long UnpackedLength)> ReadIncomingAsync(
        IReadOnlyList<ArrivedFile> arrived, string? axisName, string? axisUnit, bool nanIsMissing, CancellationToken cancel)
    {
        var options = limits.Reading(axisName, axisUnit);
        // What stays in its file takes no memory, and waits for nobody.
        if (await Task.Run(() => InPlace([.. arrived.Select(file => (file.Path, file.Name))], options, nanIsMissing, cancel), cancel) is { } mapped)
            return (mapped, arrived.Sum(file => file.Length));
        await reading.WaitAsync(cancel);
        try
        {
            if (arrived.Count > 1 && arrived.Sum(file => file.Length) > limits.MaxReadableBytes)
                throw new SeriesFormatException("too_large",
                    $"Files of more than {limits.MaxReadableBytes} bytes are read only where they are one plain NumPy array or HDF5 file.");
            List<NamedContent> contents = [.. arrived.Select(file => NamedContent.OfFile(file.Path, file.Name, options))];
            var series = await Task.Factory.StartNew(
                () => SecondInput.Read(contents, options with { NaNIsMissing = nanIsMissing }, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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
        var options = limits.Reading(set.AxisName, set.AxisUnit) with { NaNIsMissing = set.HasMissing };
        var series = MappedArray.Of([.. set.Files.Select(file => (files.PathOf(file.Sha256), file.Name))], options, cancel)
            ?? SecondInput.Read([.. set.Files.Select(file => NamedContent.OfFile(files.PathOf(file.Sha256), file.Name, options))], options, cancel);
        foreach (var (file, source) in set.Files.Zip(series.Sources))
        {
            if (file.Sha256 == source.Sha256) continue;
            series.Data.Dispose();
            throw new InvalidDataException($"The content of {file.Sha256} has changed on disk.");
        }
        return series;
    }

    // An array of which values are missing is taken into memory, where it has room there.
    private static SpectralSeries? InPlace(IReadOnlyList<(string Path, string Name)> files, ReadingOptions options, bool nanIsMissing, CancellationToken cancel)
    {
        try
        {
            return MappedArray.Of(files, options, cancel);
        }
        catch (SeriesFormatException missing) when (nanIsMissing && missing.Code == "not_finite")
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => reading.Dispose();
}
