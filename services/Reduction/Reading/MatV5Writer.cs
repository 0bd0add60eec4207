using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Writes named float64 matrices as a MATLAB 5 file (little endian, not packed), which MATLAB, Octave and SciPy read. Errors: <c>mat_name</c>,
/// <c>too_large</c>.
/// </summary>
public static class MatV5Writer
{
    private const int LongestName = 63;

    /// <summary>Writes the matrices in the given order; names are MATLAB's (a letter, then letters, digits and underscores).</summary>
    public static void Write(Stream target, IReadOnlyList<(string Name, Matrix Matrix)> matrices)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(matrices);
        var header = new byte[128];
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, written by Tutti".PadRight(116)).CopyTo(header, 0);
        header[125] = 1;
        "IM"u8.CopyTo(header.AsSpan(126));
        target.Write(header);
        foreach (var (name, matrix) in matrices) Write(target, name, matrix);
    }

    private static void Write(Stream target, string name, Matrix matrix)
    {
        if (name.Length is 0 or > LongestName || !char.IsAsciiLetter(name[0]) || !name.All(letter =>
            char.IsAsciiLetterOrDigit(letter) || letter == '_'))
            throw new SeriesFormatException("mat_name", $"'{name}' is no name for a MATLAB variable.");
        var padded = (name.Length + 7) / 8 * 8;
        var length = 16L + 16 + 8 + padded + 8 + 8L * matrix.Rows * matrix.Columns;
        if (length > int.MaxValue) throw new SeriesFormatException("too_large", $"{name} is too large for a MATLAB 5 file.");
        Span<byte> start = stackalloc byte[8 + 16 + 16 + 8];
        Words(start, 14, (uint)length, 6, 8, 6, 0, 5, 8, (uint)matrix.Rows, (uint)matrix.Columns, 1, (uint)name.Length);
        target.Write(start);
        Span<byte> text = stackalloc byte[64];
        text.Clear();
        Encoding.ASCII.GetBytes(name, text);
        target.Write(text[..padded]);
        Span<byte> tag = stackalloc byte[8];
        Words(tag, 9, (uint)(8L * matrix.Rows * matrix.Columns));
        target.Write(tag);
        var turned = matrix.Transpose().Values;
        const int block = 1 << 20;
        for (var at = 0; at < turned.Length; at += block) target.Write(MemoryMarshal.AsBytes(turned[at..Math.Min(turned.Length, at + block)]));
    }

    private static void Words(Span<byte> target, params ReadOnlySpan<uint> words)
    {
        for (var index = 0; index < words.Length; index++) BinaryPrimitives.WriteUInt32LittleEndian(target[(4 * index)..], words[index]);
    }
}
