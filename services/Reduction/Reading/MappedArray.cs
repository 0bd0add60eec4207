using System.Security.Cryptography;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// A plain NumPy array on disk that is worked on in place, however large it is: little-endian float32 or float64 in C order, spectra x channels or, as an
/// image, rows x columns x channels. A second, one-dimensional array is its axis, as in memory; one that falls is not, for the channels would have to be turned.
/// </summary>
public static class MappedArray
{
    private const int BytesBetweenLooks = 1 << 20;

    /// <summary>The format as a series names it.</summary>
    public const string Format = "NumPy array";

    /// <summary>What such an array is, for messages.</summary>
    internal const string Plain = "little-endian float32 or float64 in C order, spectra x channels or rows x columns x channels";

    /// <inheritdoc cref="Of(IReadOnlyList{ValueTuple{string, string}}, ReadingOptions, CancellationToken)"/>
    public static SpectralSeries? Of(string path, string name, ReadingOptions options, CancellationToken cancellation = default) => Of([(path, name)], options, cancellation);

    /// <summary>
    /// The array in the files (path, and what its owner calls it), which must not change as long as the series is in use. Null where they are anything but a plain
    /// array and perhaps its axis, within the limits of the options; <see cref="SeriesReading"/> then reads them or says what is wrong.
    /// </summary>
    public static SpectralSeries? Of(IReadOnlyList<(string Path, string Name)> files, ReadingOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        // Missing values are told apart in memory.
        if (options.NaNIsMissing || files.Count is < 1 or > 2 || !files.All(file => File.Exists(file.Path))) return null;
        List<(string Path, string Name, NpyHeader Header)> arrays = [];
        foreach (var (path, name) in files)
        {
            using var file = File.OpenRead(path);
            if (NpyFormat.HeaderOf(file) is not { } header || file.Length != header.FileLength) return null;
            arrays.Add((path, name, header));
        }
        var (series, axisFile) = (arrays.MaxBy(array => array.Header.Shape.Count), files.Count == 2 ? arrays.MinBy(array => array.Header.Shape.Count) : default);
        if (!IsPlain(series.Header) || WhyNot(series.Header, options) is not null) return null;
        var shape = series.Header.Shape;
        double[]? axis = null;
        if (files.Count == 2)
        {
            if (axisFile.Header.Shape.Count != 1 || axisFile.Header.Count > options.MaxChannels) return null;
            // Where the first of three dimensions may be that of the channels, they do not lie beside each other.
            if (shape is [var first, _, var last] && axisFile.Header.Shape[0] == first && first != last) return null;
            axis = NpyReader.Axis(NamedContent.OfFile(axisFile.Path, axisFile.Name, options), axisFile.Header, series.Name, shape[^1], options);
            if (axis.Length > 1 && axis[^1] < axis[0]) return null;
        }
        DataMatrix? data = null;
        try
        {
            data = DataMatrix.Map(series.Path, series.Header.DataOffset, (int)SpectraOf(series.Header), (int)shape[^1], series.Header.Size == 4, cancellation);
            return new SpectralSeries(
                Format, new SpectralAxis(options.AxisName ?? (axis is null ? "channel" : "axis"), options.AxisUnit, axis ?? [.. Enumerable.Range(0, data.Columns).Select(index => (double)index)]), data, null, null,
                [.. shape.Count == 3 ? [NpyReader.Stacked(series.Name, shape[0], shape[1], shape[2], channelsFirst: false)] : Array.Empty<ReadingWarning>(),
                    .. axis is null ? [NpyReader.NoAxis] : Array.Empty<ReadingWarning>()],
                [.. files.Select(file => new SourceFile(file.Name, Sum(file.Path, cancellation), new FileInfo(file.Path).Length))])
            {
                MapShape = shape.Count == 3 ? new MapShape((int)shape[0], (int)shape[1]) : null,
            };
        }
        catch (NumericsException refused)
        {
            data?.Dispose();
            throw new SeriesFormatException(refused.Code, $"{series.Name}: {refused.Message}", refused);
        }
        catch
        {
            data?.Dispose();
            throw;
        }
    }

    /// <summary>Whether an array with this header can be worked on in its file.</summary>
    internal static bool IsPlain(NpyHeader header) =>
        header is { Kind: NpyKind.Real, Size: 4 or 8, BigEndian: false, FortranOrder: false, Shape.Count: 2 or 3 } && header.Shape.All(length => length is >= 1 and <= int.MaxValue);

    /// <summary>Why a plain array is beyond the limits, in words; null where it is not.</summary>
    internal static string? WhyNot(NpyHeader header, ReadingOptions options)
    {
        var (spectra, channels) = (SpectraOf(header), header.Shape[^1]);
        return spectra > Math.Min(options.MaxSpectra, int.MaxValue) ? SeriesReading.Text($"{spectra} spectra are more than the {options.MaxSpectra} allowed")
            : channels > options.MaxChannels ? SeriesReading.Text($"{channels} channels are more than the {options.MaxChannels} allowed")
            : header.Count > options.MaxValuesInPlace ? SeriesReading.Text($"{spectra} x {channels} values are more than the {options.MaxValuesInPlace} allowed")
            : null;
    }

    private static long SpectraOf(NpyHeader header) => header.Shape is [var rows, var columns, _] ? rows * columns : header.Shape[0];

    private static string Sum(string path, CancellationToken cancellation)
    {
        using var file = File.OpenRead(path);
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var part = new byte[BytesBetweenLooks];
        while (file.Read(part) is var read and > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            sum.AppendData(part, 0, read);
        }
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }
}
