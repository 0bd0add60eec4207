using System.Security.Cryptography;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>A plain NumPy array on disk that is worked on in place, however large it is.</summary>
public static class MappedArray
{
    private const int BytesBetweenLooks = 1 << 20;

    /// <summary>The format as a series names it.</summary>
    public const string Format = "NumPy array";

    /// <summary>
    /// The array in the file, which must not change as long as the series is in use; <paramref name="name"/> is what its owner calls it. Null where
    /// the file is anything but a two-dimensional little-endian array of floating point numbers in C order, or beyond the limits of the options;
    /// <see cref="SeriesReading"/> then reads it or says what is wrong.
    /// </summary>
    public static SpectralSeries? Of(string path, string name, ReadingOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Missing values are told apart in memory.
        if (options.NaNIsMissing || !File.Exists(path)) return null;
        using var file = File.OpenRead(path);
        var start = new byte[Math.Min(file.Length, 1 << 16)];
        file.ReadExactly(start);
        if (!NpyFormat.Resembles(start)) return null;
        var header = NpyFormat.ParseHeader(start);
        if (header.Kind != NpyKind.Real || header.Size is not (4 or 8) || header.BigEndian || header.FortranOrder || header.Shape.Count != 2) return null;
        var (rows, columns) = (header.Shape[0], header.Shape[1]);
        if (rows is < 1 or > int.MaxValue || columns is < 1 or > int.MaxValue) return null;
        if (rows > options.MaxSpectra || columns > options.MaxChannels || (Int128)rows * columns > options.MaxValues) return null;
        if (file.Length != (Int128)rows * columns * header.Size + header.DataOffset) return null;
        DataMatrix? data = null;
        try
        {
            data = DataMatrix.Map(path, header.DataOffset, (int)rows, (int)columns, header.Size == 4, cancellation);
            file.Position = 0;
            return new SpectralSeries(
                Format, new SpectralAxis(options.AxisName ?? "channel", options.AxisUnit, [.. Enumerable.Range(0, data.Columns).Select(index => (double)index)]), data, null, null, [NpyReader.NoAxis],
                [new SourceFile(name, Sum(file, cancellation), file.Length)]);
        }
        catch (NumericsException refused)
        {
            throw new SeriesFormatException(refused.Code, $"{name}: {refused.Message}", refused);
        }
        catch
        {
            data?.Dispose();
            throw;
        }
    }

    private static string Sum(FileStream file, CancellationToken cancellation)
    {
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
