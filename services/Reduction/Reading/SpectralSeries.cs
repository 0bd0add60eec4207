using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>The bytes of one file under the name its owner gave it; the name is a label and never a path that is opened.</summary>
public sealed record NamedContent(string Name, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Whether the bytes stay in their file instead of memory.</summary>
    public bool InPlace { get; private init; }

    /// <summary>
    /// The file, which must not change as long as this is in use: HDF5 beyond <see cref="MatrixStorage.MemoryBytes"/> is read in place, anything else
    /// into memory. Errors: <c>too_large</c>.
    /// </summary>
    public static NamedContent OfFile(string path, string name, ReadingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var length = new FileInfo(path).Length;
        if (length <= options.Storage.MemoryBytes || !NexusReader.IsLikely(path))
            return length <= options.MaxBytes ? new NamedContent(name, File.ReadAllBytes(path)) : throw new SeriesFormatException("too_large",
                SeriesReading.Text($"{name} has {length} bytes; {options.MaxBytes} are allowed where it is no HDF5 and no plain NumPy array ({MappedArray.Plain}; axis rising; no missing values), which are read in place."));
        return length <= int.MaxValue
            ? new NamedContent(name, MappedBytes.Of(path, (int)length)) { InPlace = true }
            : throw new SeriesFormatException("too_large", SeriesReading.Text(
                $"{name} has {length} bytes; HDF5 can be read up to {int.MaxValue}. Written as a plain NumPy array (.npy), the data can be of any size."));
    }
}

/// <summary>A file that a series was read from, as its provenance records it.</summary>
public sealed record SourceFile(string Name, string Sha256, long Bytes);

/// <summary>Something a reader assumed or left out and the owner of the data should know; <see cref="Code"/> is stable.</summary>
public sealed record ReadingWarning(string Code, string Message);

/// <summary>What runs along a spectrum: photon energy, wavelength, angle, channel number; values strictly increasing, unit null where the file does
/// not tell.</summary>
public sealed record SpectralAxis(string Name, string? Unit, IReadOnlyList<double> Values)
{
    /// <summary>Name and unit as they stand beside a plot.</summary>
    public string Label => Unit is null ? Name : $"{Name} ({Unit})";
}

/// <summary>
/// A series of spectra on one axis, in the order they were measured: row i of <see cref="Data"/> is spectrum i. <see cref="Labels"/> and
/// <see cref="Times"/> have one entry per spectrum where the source tells them; times are the clock of the instrument, without zone, as files of
/// the field have it.
/// </summary>
public sealed record SpectralSeries(
    string Format, SpectralAxis Axis, DataMatrix Data, IReadOnlyList<string>? Labels, IReadOnlyList<DateTime>? Times,
    IReadOnlyList<ReadingWarning> Warnings, IReadOnlyList<SourceFile> Sources)
{
    /// <summary>Of an image stack: the image that the spectra fill row after row; null where the spectra are no image.</summary>
    public MapShape? MapShape { get; init; }

    /// <summary>1 for every value that was measured, 0 for one that is missing and bridged (n x m); null: all were measured.</summary>
    public Matrix? Present { get; init; }

    /// <summary>What else the files tell of the measurement, in the words of the format; null where they tell nothing.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}

/// <summary>Rows and columns of the image whose pixels are the spectra of a series: pixel (y, x) is spectrum y * Columns + x.</summary>
public readonly record struct MapShape(int Rows, int Columns);
