using System.Buffers.Binary;
using System.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// What can be seen of an HDF5 file's health before its structure is followed: where it says it ends, the checksums of superblock and object headers
/// (Jenkins' lookup3, as the format specifies; formats before 1.8 have none), the lengths of its heaps, which the library allocates before it reads.
/// Code: <c>hdf5_damaged</c>.
/// </summary>
internal static class Hdf5Structure
{
    private const int EightBytes = 8;

    /// <summary>Refuses what is damaged; <paramref name="start"/> is where the signature stands.</summary>
    public static void Check(NamedContent file, int start)
    {
        var bytes = file.Bytes.Span;
        CheckSuperblock(file, bytes[start..], start);
        CheckHeaders(file, bytes);
        CheckFixedArrays(file, bytes);
        CheckLocalHeaps(file, bytes);
        CheckGlobalHeaps(file, bytes);
    }

    private static void CheckSuperblock(NamedContent file, ReadOnlySpan<byte> block, int start)
    {
        var version = block.Length > 8 ? block[8] : byte.MaxValue;
        var (sizeAt, endAt) = version switch { 0 => (13, 40), 1 => (13, 44), _ => (9, 28) };
        if (version > 3) throw Damaged(file, SeriesReading.Text($"version {version} of the superblock is not known"));
        if (block.Length < 48) throw Damaged(file, "the superblock is cut");
        if (block[sizeAt] != EightBytes) return;
        if (version >= 2 && BinaryPrimitives.ReadUInt32LittleEndian(block[44..]) != Lookup3(block[..44])) throw Damaged(file,
            "the checksum of the superblock does not fit");
        // What is cut off need not be what is read, and is missed all the same.
        var end = Long(block, endAt);
        if (end > (ulong)(block.Length + start)) throw Damaged(file, SeriesReading.Text(
            $"it declares that it ends at byte {end} and has {block.Length + start}: it has been cut"));
    }

    private static void CheckHeaders(NamedContent file, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0, found; (found = bytes[at..].IndexOf("OHDR\u0002"u8)) >= 0; at += 5)
        {
            at += found;
            if (at + 6 > bytes.Length) throw Damaged(file, "an object header is cut");
            var flags = bytes[at + 5];
            var width = 1 << (flags & 3);
            var lengthAt = at + 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
            if (lengthAt + width > bytes.Length) throw Damaged(file, "an object header is cut");
            var length = width switch
            {
                1 => bytes[lengthAt],
                2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[lengthAt..]),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[lengthAt..]),
                _ => Long(bytes, lengthAt),
            };
            if (length > (ulong)bytes.Length || lengthAt + width + (long)length + 4 > bytes.Length) throw Damaged(file,
                "an object header is longer than the file");
            var end = lengthAt + width + (int)length;
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[end..]) != Lookup3(bytes[at..end])) throw Damaged(file, SeriesReading.Text(
                $"the checksum of the object header at byte {at} does not fit"));
        }
    }

    // The index of the chunks of a dataset of fixed size: how many entries it has is declared here.
    private static void CheckFixedArrays(NamedContent file, ReadOnlySpan<byte> bytes)
    {
        const int length = 24;
        for (int at = 0, found; (found = bytes[at..].IndexOf("FAHD\0"u8)) >= 0; at += 5)
        {
            at += found;
            if (at + length + 4 > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + length)..]) != Lookup3(bytes.Slice(at, length)))
                throw Damaged(file, SeriesReading.Text($"the checksum of the index at byte {at} does not fit"));
        }
    }

    private static void CheckLocalHeaps(NamedContent file, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0, found; (found = bytes[at..].IndexOf("HEAP\0\0\0\0"u8)) >= 0; at += 8)
        {
            at += found;
            if (at + 16 > bytes.Length || Long(bytes, at + 8) > (ulong)bytes.Length) throw TooLong(file, at);
        }
    }

    private static void CheckGlobalHeaps(NamedContent file, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0, found; (found = bytes[at..].IndexOf("GCOL\u0001\0\0\0"u8)) >= 0; at += 8)
        {
            at += found;
            if (at + 16 > bytes.Length || Long(bytes, at + 8) > (ulong)(bytes.Length - at)) throw TooLong(file, at);
            var end = at + (int)Long(bytes, at + 8);
            for (var inner = at + 16; inner + 16 <= end && BinaryPrimitives.ReadUInt16LittleEndian(bytes[inner..]) != 0;)
            {
                var length = Long(bytes, inner + 8);
                if (length > (ulong)(end - inner)) throw TooLong(file, inner);
                inner += 16 + ((int)length + 7) / 8 * 8;
            }
        }
    }

    private static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static uint Lookup3(ReadOnlySpan<byte> bytes)
    {
        uint a, b, c;
        a = b = c = 0xDEADBEEF + (uint)bytes.Length;
        Span<byte> last = stackalloc byte[12];
        while (!bytes.IsEmpty)
        {
            scoped var block = bytes;
            if (bytes.Length < 12)
            {
                last.Clear();
                bytes.CopyTo(last);
                block = last;
            }
            a += BinaryPrimitives.ReadUInt32LittleEndian(block);
            b += BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(block[8..]);
            if (bytes.Length <= 12)
            {
                c ^= b; c -= BitOperations.RotateLeft(b, 14);
                a ^= c; a -= BitOperations.RotateLeft(c, 11);
                b ^= a; b -= BitOperations.RotateLeft(a, 25);
                c ^= b; c -= BitOperations.RotateLeft(b, 16);
                a ^= c; a -= BitOperations.RotateLeft(c, 4);
                b ^= a; b -= BitOperations.RotateLeft(a, 14);
                c ^= b; c -= BitOperations.RotateLeft(b, 24);
                break;
            }
            a -= c; a ^= BitOperations.RotateLeft(c, 4); c += b;
            b -= a; b ^= BitOperations.RotateLeft(a, 6); a += c;
            c -= b; c ^= BitOperations.RotateLeft(b, 8); b += a;
            a -= c; a ^= BitOperations.RotateLeft(c, 16); c += b;
            b -= a; b ^= BitOperations.RotateLeft(a, 19); a += c;
            c -= b; c ^= BitOperations.RotateLeft(b, 4); b += a;
            bytes = bytes[12..];
        }
        return c;
    }

    private static SeriesFormatException Damaged(NamedContent file, string what) => new("hdf5_damaged", $"{file.Name} is damaged: {what}.");

    private static SeriesFormatException TooLong(NamedContent file, int at) => Damaged(file,
        SeriesReading.Text($"the heap at byte {at} is longer than it can be"));
}
