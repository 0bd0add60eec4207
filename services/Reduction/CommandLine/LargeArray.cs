using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary>A plain NumPy array on disk that is worked on in place, however large it is.</summary>
internal static class LargeArray
{
    /// <summary>Null where the path is anything but one two-dimensional little-endian array of floating point numbers in C order.</summary>
    public static SpectralSeries? Map(IReadOnlyList<string> paths, ReadingOptions options)
    {
        if (paths.Count != 1 || !File.Exists(paths[0])) return null;
        using var file = File.OpenRead(paths[0]);
        var start = new byte[Math.Min(file.Length, 1 << 16)];
        file.ReadExactly(start);
        if (!NpyFormat.Resembles(start)) return null;
        var header = NpyFormat.ParseHeader(start);
        if (header.Kind != NpyKind.Real || header.Size is not (4 or 8) || header.BigEndian || header.FortranOrder || header.Shape.Count != 2) return null;
        var (rows, columns) = (header.Shape[0], header.Shape[1]);
        if (rows is < 1 or > int.MaxValue || columns is < 1 or > int.MaxValue) return null;
        var expected = (Int128)rows * columns * header.Size + header.DataOffset;
        if (file.Length != expected) throw new SeriesFormatException("npy_length", SeriesText($"{paths[0]} has {file.Length} bytes where its header declares {expected}."));
        var data = DataMatrix.Map(paths[0], header.DataOffset, (int)rows, (int)columns, header.Size == 4);
        return new SpectralSeries(
            "NumPy", new SpectralAxis(options.AxisName ?? "channel", options.AxisUnit, [.. Enumerable.Range(0, (int)columns).Select(index => (double)index)]), data, null, null, [],
            [new SourceFile(Path.GetFileName(paths[0]), Checksum(paths[0]), file.Length)]);
    }

    private static string Checksum(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file));
    }

    private static string SeriesText(FormattableString text) => text.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
