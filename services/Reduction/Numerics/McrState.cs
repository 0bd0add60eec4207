using System.Runtime.InteropServices;

namespace Tutti.Reduction.Numerics;

/// <summary>The bytes of a checkpoint: little-endian, arrays with their length first.</summary>
internal static class McrState
{
    private const uint Mark = 0x5443_524Du;
    private const int Version = 4;

    public static void WriteHeader(BinaryWriter writer, int rows, int columns, int components)
    {
        writer.Write(Mark);
        writer.Write(Version);
        writer.Write(rows);
        writer.Write(columns);
        writer.Write(components);
    }

    public static void CheckHeader(BinaryReader reader, int rows, int columns, int components)
    {
        if (reader.ReadUInt32() != Mark || reader.ReadInt32() != Version || reader.ReadInt32() != rows || reader.ReadInt32() != columns || reader.ReadInt32() != components)
            throw new EndOfStreamException("it is of another kind or shape");
    }

    public static void Write(BinaryWriter writer, List<double> values) => Write<double>(writer, CollectionsMarshal.AsSpan(values));

    public static void Write<T>(BinaryWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    public static void Read(BinaryReader reader, List<double> values, int most)
    {
        var count = reader.ReadInt32();
        if (count < 0 || count > most) throw new EndOfStreamException("its history is too long");
        var array = new double[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(array.AsSpan()));
        values.AddRange(array);
    }

    public static void Read<T>(BinaryReader reader, Span<T> values)
        where T : unmanaged
    {
        if (reader.ReadInt32() != values.Length) throw new EndOfStreamException("an array is of another length");
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values));
    }
}
