using System.Buffers.Binary;
using System.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// What can be seen of an HDF5 file's health before its structure is followed: where it says it ends, the checksums of superblock and object headers
/// (Jenkins' lookup3, as the format specifies; formats before 1.8 have none), and the lengths of heaps, messages and chunks, which the library
/// allocates before it reads.
/// Code: <c>hdf5_damaged</c>.
/// </summary>
internal static class Hdf5Structure
{
    private const int EightBytes = 8;

    /// <summary>Refuses what is damaged; <paramref name="start"/> is where the signature stands.</summary>
    public static void Check(NamedContent file, int start, CancellationToken cancellation)
    {
        var bytes = file.Bytes.Span;
        CheckSuperblock(file, bytes[start..], start);
        cancellation.ThrowIfCancellationRequested();
        CheckHeaders(file, bytes);
        cancellation.ThrowIfCancellationRequested();
        CheckFixedArrays(file, bytes);
        cancellation.ThrowIfCancellationRequested();
        CheckLocalHeaps(file, bytes);
        cancellation.ThrowIfCancellationRequested();
        CheckGlobalHeaps(file, bytes);
        cancellation.ThrowIfCancellationRequested();
        CheckOldHeaders(file, bytes, start);
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
        for (int at = 0, found; (found = bytes[at..].IndexOf("HEAP\0"u8)) >= 0; at += 5)
        {
            at += found;
            if (at + 16 > bytes.Length || Long(bytes, at + 8) > (ulong)bytes.Length) throw TooLong(file, at);
        }
    }

    private static void CheckGlobalHeaps(NamedContent file, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0, found; (found = bytes[at..].IndexOf("GCOL\u0001"u8)) >= 0; at += 5)
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

    // Headers before 1.8 have neither signature nor checksum; symbol tables tell where they are.
    private static void CheckOldHeaders(NamedContent file, ReadOnlySpan<byte> bytes, int start)
    {
        const int entry = 40;
        var seen = new HashSet<long>();
        var version = bytes[start + 8];
        if (version < 2 && bytes[start + 13] == EightBytes && start + 80 <= bytes.Length)
            CheckOldHeader(file, bytes, start, Long(bytes, start + (version == 0 ? 64 : 68)), seen);
        for (int at = 0, found; (found = bytes[at..].IndexOf("SNOD\u0001"u8)) >= 0; at += 5)
        {
            at += found;
            if (at + 8 > bytes.Length) return;
            int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 6)..]);
            if (at + 8 + (long)count * entry > bytes.Length) throw Damaged(file, SeriesReading.Text($"the symbol table at byte {at} is longer than the file"));
            for (var index = 0; index < count; index++) CheckOldHeader(file, bytes, start, Long(bytes, at + 8 + index * entry + 8), seen);
        }
    }

    private static void CheckOldHeader(NamedContent file, ReadOnlySpan<byte> bytes, int start, ulong address, HashSet<long> seen)
    {
        const int prefix = 16;
        if (address > (ulong)bytes.Length) return;
        var at = start + (long)address;
        if (at + prefix > bytes.Length || bytes[(int)at] != 1 || !seen.Add(at)) return;
        var blocks = new Queue<(long At, long Length)>([(at + prefix, BinaryPrimitives.ReadUInt32LittleEndian(bytes[((int)at + 8)..]))]);
        while (blocks.TryDequeue(out var block))
        {
            if (block.Length > bytes.Length - block.At) throw Damaged(file, SeriesReading.Text($"the object header at byte {at} is longer than the file"));
            for (var (message, end) = (block.At, block.At + block.Length); message + 8 <= end;)
            {
                var type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(int)message..]);
                int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[((int)message + 2)..]);
                if (message + 8 + length > end)
                    throw Damaged(file, SeriesReading.Text($"a message of the object header at byte {at} is longer than the header"));
                var body = bytes.Slice((int)message + 8, length);
                // A shared message stands elsewhere.
                if ((bytes[(int)message + 4] & 2) == 0)
                {
                    if (Declared(type, body) > body.Length)
                        throw Damaged(file, SeriesReading.Text($"a message of the object header at byte {at} declares more than it holds"));
                    if (type == ContinuationMessage && body.Length >= 16 && Long(body, 0) <= (ulong)bytes.Length && seen.Add(start + (long)Long(body, 0)))
                        blocks.Enqueue((start + (long)Long(body, 0), (long)Math.Min(Long(body, 8), int.MaxValue)));
                    if (type == LayoutMessage && body is [3, 2, var dimensions, ..] && body.Length >= 11)
                        CheckChunkTree(file, bytes, start, Long(body, 3), 8 + 8 * dimensions, seen);
                }
                message += 8 + length;
            }
        }
    }

    private const int OldFillMessage = 4;
    private const int FillMessage = 5;
    private const int LayoutMessage = 8;
    private const int ContinuationMessage = 16;

    // How long the values within a message are said to be, with what stands before them.
    private static long Declared(int type, ReadOnlySpan<byte> body)
    {
        var at = type switch
        {
            OldFillMessage => 0,
            FillMessage when body is [1 or 2, _, _, not 0, ..] => 4,
            FillMessage when body is [3, var flags, ..] && (flags & 0x20) != 0 => 2,
            LayoutMessage when body is [1 or 2, var rank, 0, ..] => 8 + 4 * rank,
            _ => -1,
        };
        if (type == LayoutMessage && body is [3, 0, _, _, ..]) return 4L + BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        return at < 0 || at + 4 > body.Length ? 0 : at + 4L + BinaryPrimitives.ReadUInt32LittleEndian(body[at..]);
    }

    // The tree of the chunks of a dataset: each key tells how long the chunk behind it is.
    private static void CheckChunkTree(NamedContent file, ReadOnlySpan<byte> bytes, int start, ulong address, int key, HashSet<long> seen)
    {
        const int prefix = 24;
        var nodes = new Stack<ulong>([address]);
        while (nodes.TryPop(out var node))
        {
            if (node > (ulong)bytes.Length || start + (long)node + prefix > bytes.Length || !seen.Add(start + (long)node)) continue;
            var at = start + (int)node;
            if (!bytes[at..].StartsWith("TREE\u0001"u8)) continue;
            int used = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 6)..]);
            if (at + prefix + (long)used * (key + 8) > bytes.Length) throw Damaged(file, SeriesReading.Text($"the index at byte {at} is longer than the file"));
            for (var index = 0; index < used; index++)
            {
                var entry = at + prefix + index * (key + 8);
                var child = Long(bytes, entry + key);
                if (bytes[at + 5] > 0) nodes.Push(child);
                else if (child > (ulong)bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes[entry..]) > (ulong)bytes.Length - child)
                    throw Damaged(file, SeriesReading.Text($"a chunk in the index at byte {at} is longer than the file"));
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
