using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>What the numbers of a NumPy array are.</summary>
public enum NpyKind
{
    /// <summary>IEEE floating point.</summary>
    Real,

    /// <summary>Integers of either sign.</summary>
    Whole,

    /// <summary>Integers from zero.</summary>
    Natural,

    /// <summary>True (1) or false (0).</summary>
    Truth,
}

/// <summary>
/// The header of a NumPy array file: kind and size in bytes of a number, byte order, order in memory (Fortran: first index fastest), shape (empty
/// for a
/// single number) and where in the file the numbers begin.
/// </summary>
public sealed record NpyHeader(NpyKind Kind, int Size, bool BigEndian, bool FortranOrder, IReadOnlyList<long> Shape, int DataOffset)
{
    /// <summary>How many numbers the shape declares.</summary>
    public Int128 Count => Shape.Aggregate((Int128)1, (product, length) => product * length);

    /// <summary>How long the file must be, bytes.</summary>
    public Int128 FileLength => DataOffset + (Count * Size);
}

/// <summary>
/// NumPy's array files (.npy, header versions 1 to 3): the header from the first bytes, numbers as float64, and writing of float64 arrays.
/// Errors: <c>npy_header</c>, <c>npy_type</c>, <c>npy_length</c>.
/// </summary>
public static class NpyFormat
{
    private const int HeaderAlignment = 64;
    private const int LongestHeader = 1 << 20;
    internal const int LongestStart = LongestHeader + 12;
    private const int MostDimensions = 32;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Whether the bytes begin as a NumPy array file does.</summary>
    public static bool Resembles(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    /// <summary>The header; <paramref name="bytes"/> is the beginning of the file and must hold all of it.</summary>
    public static NpyHeader ParseHeader(ReadOnlySpan<byte> bytes)
    {
        if (!Resembles(bytes)) throw Broken("the file does not begin as a NumPy array does");
        if (HeaderEnd(bytes) is not { } end || bytes.Length < end) throw Broken("the header is cut");
        return Parse((bytes[6] == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes[(bytes[6] >= 2 ? 12 : 10)..end]), end);
    }

    /// <summary>How long the header of a file is that begins with the bytes; null as long as these are too few to tell.</summary>
    public static int? HeaderEnd(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) return null;
        if (bytes[6] is < 1 or > 3 || bytes[7] != 0) throw Broken(SeriesReading.Text($"version {bytes[6]}.{bytes[7]} is not known"));
        var start = bytes[6] >= 2 ? 12 : 10;
        if (bytes.Length < start) return null;
        var length = start == 12 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        return length <= LongestHeader ? start + (int)length : throw Broken(SeriesReading.Text($"it declares a header of {length} bytes"));
    }

    /// <summary>The header of a file that is read from its beginning; null where the file is no such array, or ends before its header does.</summary>
    public static NpyHeader? HeaderOf(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Position = 0;
        var bytes = new byte[12];
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || !Resembles(bytes) || HeaderEnd(bytes) is not { } end) return null;
        Array.Resize(ref bytes, Math.Max(end, bytes.Length));
        return file.ReadAtLeast(bytes.AsSpan(12), bytes.Length - 12, throwOnEndOfStream: false) == bytes.Length - 12 ? ParseHeader(bytes) : null;
    }

    /// <summary>All numbers as float64 in the order in which they lie in the file; NaN and infinity pass.</summary>
    public static double[] ReadValues(NpyHeader header, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(header);
        var payload = bytes[header.DataOffset..];
        if (header.Count * header.Size != payload.Length)
            throw new SeriesFormatException("npy_length", SeriesReading.Text(
                $"The shape ({string.Join(", ", header.Shape)}) of {header.Size}-byte numbers needs {header.Count * header.Size} bytes, the file has {payload.Length}."));
        var values = new double[payload.Length / header.Size];
        if (header is { Kind: NpyKind.Real, Size: 8, BigEndian: false } && BitConverter.IsLittleEndian)
        {
            payload.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }
        for (var index = 0; index < values.Length; index++) values[index] = Value(header, payload.Slice(index * header.Size, header.Size));
        return values;
    }

    /// <summary>Writes a matrix as a two-dimensional float64 array (version 1.0, little endian, C order).</summary>
    public static void Write(Stream target, Matrix matrix)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(matrix);
        WriteHeader(target, SeriesReading.Text($"({matrix.Rows}, {matrix.Columns})"));
        WriteValues(target, matrix.Values);
    }

    /// <summary>Writes numbers as a one-dimensional float64 array.</summary>
    public static void Write(Stream target, ReadOnlySpan<double> values)
    {
        ArgumentNullException.ThrowIfNull(target);
        WriteHeader(target, SeriesReading.Text($"({values.Length},)"));
        WriteValues(target, values);
    }

    private static void WriteHeader(Stream target, string shape)
    {
        var text = $"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}";
        var padded = (10 + text.Length + 1 + HeaderAlignment - 1) / HeaderAlignment * HeaderAlignment - 10;
        Span<byte> start = stackalloc byte[10];
        Magic.CopyTo(start);
        start[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(start[8..], (ushort)padded);
        target.Write(start);
        target.Write(Encoding.ASCII.GetBytes(text.PadRight(padded - 1) + "\n"));
    }

    private static void WriteValues(Stream target, ReadOnlySpan<double> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            const int block = 1 << 20;
            for (var at = 0; at < values.Length; at += block)
                target.Write(MemoryMarshal.AsBytes(values[at..Math.Min(values.Length, at + block)]));
            return;
        }
        Span<byte> bytes = stackalloc byte[8];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            target.Write(bytes);
        }
    }

    private static double Value(NpyHeader header, ReadOnlySpan<byte> number) => (header.Kind, header.Size, header.BigEndian) switch
    {
        (NpyKind.Real, 8, false) => BinaryPrimitives.ReadDoubleLittleEndian(number),
        (NpyKind.Real, 8, true) => BinaryPrimitives.ReadDoubleBigEndian(number),
        (NpyKind.Real, 4, false) => BinaryPrimitives.ReadSingleLittleEndian(number),
        (NpyKind.Real, 4, true) => BinaryPrimitives.ReadSingleBigEndian(number),
        (NpyKind.Real, 2, false) => (double)BinaryPrimitives.ReadHalfLittleEndian(number),
        (NpyKind.Real, 2, true) => (double)BinaryPrimitives.ReadHalfBigEndian(number),
        (NpyKind.Whole, 1, _) => (sbyte)number[0],
        (NpyKind.Whole, 2, false) => BinaryPrimitives.ReadInt16LittleEndian(number),
        (NpyKind.Whole, 2, true) => BinaryPrimitives.ReadInt16BigEndian(number),
        (NpyKind.Whole, 4, false) => BinaryPrimitives.ReadInt32LittleEndian(number),
        (NpyKind.Whole, 4, true) => BinaryPrimitives.ReadInt32BigEndian(number),
        (NpyKind.Whole, 8, false) => BinaryPrimitives.ReadInt64LittleEndian(number),
        (NpyKind.Whole, 8, true) => BinaryPrimitives.ReadInt64BigEndian(number),
        (NpyKind.Natural or NpyKind.Truth, 1, _) => number[0],
        (NpyKind.Natural, 2, false) => BinaryPrimitives.ReadUInt16LittleEndian(number),
        (NpyKind.Natural, 2, true) => BinaryPrimitives.ReadUInt16BigEndian(number),
        (NpyKind.Natural, 4, false) => BinaryPrimitives.ReadUInt32LittleEndian(number),
        (NpyKind.Natural, 4, true) => BinaryPrimitives.ReadUInt32BigEndian(number),
        (NpyKind.Natural, 8, false) => BinaryPrimitives.ReadUInt64LittleEndian(number),
        (NpyKind.Natural, 8, true) => BinaryPrimitives.ReadUInt64BigEndian(number),
        _ => throw new SeriesFormatException("npy_type",
            SeriesReading.Text($"Numbers of kind {header.Kind} and {header.Size} bytes cannot be read.")),
    };

    // The header is a Python dictionary with three known keys; nothing else is understood, and nothing is evaluated.
    private static NpyHeader Parse(string text, int offset)
    {
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty || rest[0] != '{' || rest[^1] != '}') throw Broken("the header is no dictionary");
        rest = rest[1..^1];
        string? type = null;
        bool? fortran = null;
        long[]? shape = null;
        while (!(rest = rest.TrimStart(" ,")).IsEmpty)
        {
            var key = Quoted(ref rest).ToString();
            rest = rest.TrimStart();
            if (rest.IsEmpty || rest[0] != ':') throw Broken("a key has no value");
            rest = rest[1..].TrimStart();
            switch (key)
            {
                case "descr" when type is null: type = Quoted(ref rest).ToString(); break;
                case "fortran_order" when fortran is null: fortran = Truth(ref rest); break;
                case "shape" when shape is null: shape = Shape(ref rest); break;
                default: throw Broken($"the key '{key}' is not known or given twice");
            }
        }
        if (type is null || fortran is null || shape is null) throw Broken("descr, fortran_order or shape is missing");
        var (kind, size, bigEndian) = Type(type);
        return new NpyHeader(kind, size, bigEndian, fortran.Value, shape, offset);
    }

    private static (NpyKind Kind, int Size, bool BigEndian) Type(string type)
    {
        if (type.Length == 3 && type[0] is '<' or '>' or '|' or '=' && int.TryParse(type.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture,
            out var size))
        {
            NpyKind? kind = (type[1], size) switch
            {
                ('f', 2 or 4 or 8) => NpyKind.Real,
                ('i', 1 or 2 or 4 or 8) => NpyKind.Whole,
                ('u', 1 or 2 or 4 or 8) => NpyKind.Natural,
                ('b', 1) => NpyKind.Truth,
                _ => null,
            };
            if (kind is { } known) return (known, size, type[0] == '>');
        }
        throw new SeriesFormatException("npy_type", $"Numbers of the type '{type}' cannot be read; real and integer ones can.");
    }

    private static ReadOnlySpan<char> Quoted(ref ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty || rest[0] is not ('\'' or '"')) throw Broken("a quoted word is missing (records cannot be read)");
        var end = rest[1..].IndexOf(rest[0]);
        if (end < 0) throw Broken("a quotation mark is not closed");
        var word = rest.Slice(1, end);
        rest = rest[(end + 2)..];
        return word;
    }

    private static bool Truth(ref ReadOnlySpan<char> rest)
    {
        var value = rest.StartsWith("True") ? true : rest.StartsWith("False") ? false : throw Broken("fortran_order is neither True nor False");
        rest = rest[(value ? 4 : 5)..];
        return value;
    }

    private static long[] Shape(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf(')');
        if (rest.IsEmpty || rest[0] != '(' || end < 0) throw Broken("the shape is no tuple");
        var shape = new List<long>();
        foreach (var range in rest[1..end].Split(','))
        {
            var part = rest[1..end][range].Trim().TrimEnd('L');
            if (part.IsEmpty) continue;
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture,
                out var length)) throw Broken("the shape has a length that is no number");
            shape.Add(length);
            if (shape.Count > MostDimensions) throw Broken("the shape has too many dimensions");
        }
        rest = rest[(end + 1)..];
        return [.. shape];
    }

    private static SeriesFormatException Broken(string what) => new("npy_header", $"The header of the NumPy array is damaged: {what}.");
}
