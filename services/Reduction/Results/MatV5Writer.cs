using System.Buffers.Binary;
using System.Text;

namespace Tutti.Reduction.Results;

/// <summary>
/// Writes MATLAB's MAT-file of level 5 (MathWorks, "MAT-File Format"): matrices of real float64 and texts, each under a name, uncompressed, little-endian.
/// <code>
/// header, 128 bytes: text | subsystem offset | version 0x0100 | "IM"
/// per variable: miMATRIX, length { array flags | dimensions | name | values, column by column }, each part padded to 8 bytes
/// </code>
/// </summary>
public sealed class MatV5Writer
{
    private const int Int8 = 1, UInt16 = 4, Int32 = 5, UInt32 = 6, Double = 9, Matrix = 14, CharClass = 4, DoubleClass = 6, LongestName = 63;
    private readonly Stream file;

    /// <summary>Begins a file; the description is cut to what the header has room for.</summary>
    public MatV5Writer(Stream file, string description)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(description);
        this.file = file;
        var header = new byte[128];
        header.AsSpan(0, 116).Fill((byte)' ');
        // The first four bytes tell the level and must not be zero.
        var text = "MATLAB 5.0 MAT-file, " + new string([.. description.Select(letter => char.IsAscii(letter) && !char.IsControl(letter) ? letter : '_')]);
        Encoding.ASCII.GetBytes(text.Length > 116 ? text[..116] : text, header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(124), 0x0100);
        "IM"u8.CopyTo(header.AsSpan(126));
        file.Write(header);
    }

    /// <summary>Writes a matrix, rows x columns, given row by row.</summary>
    public void Write(string name, int rows, int columns, ReadOnlySpan<double> values)
    {
        if (values.Length != (long)rows * columns) throw new ArgumentException($"{values.Length} values are no matrix of {rows} x {columns}.", nameof(values));
        Begin(name, DoubleClass, rows, columns, Double, 8L * values.Length);
        var column = new byte[8 * rows];
        for (var c = 0; c < columns; c++)
        {
            for (var r = 0; r < rows; r++) BinaryPrimitives.WriteDoubleLittleEndian(column.AsSpan(8 * r), values[(r * columns) + c]);
            file.Write(column);
        }
    }

    /// <summary>Writes a text as one row of characters.</summary>
    public void Write(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Begin(name, CharClass, text.Length == 0 ? 0 : 1, text.Length, UInt16, 2L * text.Length);
        var bytes = new byte[Padded(2 * text.Length)];
        for (var index = 0; index < text.Length; index++) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * index), text[index]);
        file.Write(bytes);
    }

    private void Begin(string name, int arrayClass, int rows, int columns, int type, long bytes)
    {
        if (name.Length is 0 or > LongestName || !char.IsAsciiLetter(name[0]) || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'))
            throw new ArgumentException($"{name} is no name of a MATLAB variable.", nameof(name));
        var length = 16 + 16 + 8 + Padded(name.Length) + 8 + Padded(bytes);
        if (length > uint.MaxValue) throw new ArgumentException($"A variable of {bytes} bytes does not fit into a MAT-file of level 5.", nameof(bytes));
        Tag(Matrix, length);
        Tag(UInt32, 8);
        Number(arrayClass);
        Number(0);
        Tag(Int32, 8);
        Number(rows);
        Number(columns);
        Tag(Int8, name.Length);
        var letters = new byte[Padded(name.Length)];
        Encoding.ASCII.GetBytes(name, letters);
        file.Write(letters);
        Tag(type, bytes);
    }

    private void Tag(int type, long bytes)
    {
        Number(type);
        Number((uint)bytes);
    }

    private void Number(long value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        file.Write(bytes);
    }

    private static long Padded(long bytes) => (bytes + 7) & ~7L;
}
