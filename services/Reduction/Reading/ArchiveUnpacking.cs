using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Takes zip, tar and gzip archives apart in memory. Of an entry's name only the last part is kept, as a label; nothing is ever written to a path.
/// Counts, sizes and expansion are limited while unpacking, whatever the archive declares, and checksums are verified.
/// Codes: <c>archive_damaged</c>, <c>archive_checksum</c>, <c>archive_encrypted</c>, <c>archive_expansion</c>, <c>archive_nested</c>,
/// <c>archive_empty</c>, <c>too_many_files</c>, <c>too_large</c>.
/// </summary>
internal static class ArchiveUnpacking
{
    private const int NotJudgedBelow = 1 << 20;
    private const int TarBlock = 512;
    private const int GzipFrame = 18;

    public static IReadOnlyList<NamedContent> Unpack(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        if (!files.Any(file => IsArchive(file.Bytes.Span))) return files;
        var unpacked = new List<NamedContent>();
        var budget = options.MaxBytes;
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            var content = IsGzip(file.Bytes.Span) ? Unzip(file, ref budget, options) : file;
            if (IsGzip(content.Bytes.Span)) throw Nested(content, file);
            if (IsZip(content.Bytes.Span)) UnpackZip(content, unpacked, ref budget, options, cancellation);
            else if (IsTar(content.Bytes.Span)) UnpackTar(content, unpacked, ref budget, options);
            else unpacked.Add(content);
        }
        return unpacked;
    }

    /// <summary>How long a content is when unpacked, of one that has been read without error, so that what it declares has been verified.</summary>
    public static long UnpackedLength(ReadOnlyMemory<byte> content)
    {
        if (IsGzip(content.Span)) return BinaryPrimitives.ReadUInt32LittleEndian(content.Span[^4..]);
        if (!IsZip(content.Span)) return content.Length;
        using var archive = new ZipArchive(TextContent.Stream(content), ZipArchiveMode.Read);
        return archive.Entries.Sum(entry => entry.Length);
    }

    private static bool IsArchive(ReadOnlySpan<byte> bytes) => IsZip(bytes) || IsGzip(bytes) || IsTar(bytes);

    private static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes.StartsWith<byte>([0x1F, 0x8B, 0x08]);

    private static bool IsTar(ReadOnlySpan<byte> bytes) => bytes.Length >= TarBlock && bytes[257..].StartsWith("ustar"u8);

    private static NamedContent Unzip(NamedContent packed, ref long budget, ReadingOptions options)
    {
        var name = packed.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? packed.Name[..^3] : packed.Name;
        try
        {
            if (packed.Bytes.Length < GzipFrame) throw new SeriesFormatException("archive_damaged", $"{packed.Name} is cut.");
            // The last eight bytes are checksum and length of the content: a stream that is cut before them ends without an error.
            var end = packed.Bytes.Span[^8..];
            using var stream = new GZipStream(TextContent.Stream(packed.Bytes), CompressionMode.Decompress);
            var bytes = Limited(stream, name, packed, packed.Bytes.Length, BinaryPrimitives.ReadUInt32LittleEndian(end[4..]), ref budget, options);
            return BinaryPrimitives.ReadUInt32LittleEndian(end) == Crc32.HashToUInt32(bytes)
                ? new NamedContent(name, bytes)
                : throw new SeriesFormatException("archive_checksum",
                    $"The checksum of {packed.Name} does not fit its content; the file may have been cut.");
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new SeriesFormatException("archive_damaged", $"{packed.Name} is damaged: {exception.Message}", exception);
        }
    }

    // The library's reader allocates what a header declares; here an entry is a slice of what is there.
    private static void UnpackTar(NamedContent archive, List<NamedContent> unpacked, ref long budget, ReadingOptions options)
    {
        var before = unpacked.Count;
        string? longName = null;
        var at = 0L;
        while (true)
        {
            if (at + TarBlock > archive.Bytes.Length) throw DamagedTar(archive, "it is cut");
            var header = archive.Bytes.Span.Slice((int)at, TarBlock);
            if (header.IndexOfAnyExcept((byte)0) < 0) break;
            if (Octal(header.Slice(148, 8)) != Sum(header)) throw new SeriesFormatException("archive_checksum",
                SeriesReading.Text($"The checksum of the entry at byte {at} of {archive.Name} does not fit."));
            if (Octal(header.Slice(124, 12)) is not { } length) throw DamagedTar(archive, "the length of an entry is no number");
            if (at + TarBlock + length > archive.Bytes.Length) throw DamagedTar(archive, "an entry is longer than the archive");
            var content = archive.Bytes.Slice((int)at + TarBlock, (int)length);
            at += TarBlock + (length + TarBlock - 1) / TarBlock * TarBlock;
            var name = LastPart(longName ?? Text(header[..100]));
            longName = null;
            switch (header[156])
            {
                case (byte)'L':
                    longName = Text(content.Span);
                    break;
                case (byte)'x':
                    longName = PathOf(content.Span);
                    break;
                case 0 or (byte)'0' when name.Length > 0 && !name.StartsWith('.'):
                    var entry = new NamedContent(name, content);
                    if (IsGzip(content.Span)) entry = Unzip(entry, ref budget, options);
                    if (IsArchive(entry.Bytes.Span)) throw Nested(entry, archive);
                    unpacked.Add(entry);
                    if (unpacked.Count > options.MaxFiles) throw TooMany(archive, options);
                    break;
            }
        }
        if (unpacked.Count == before) throw new SeriesFormatException("archive_empty", $"The archive {archive.Name} holds no files.");
    }

    private static string? PathOf(ReadOnlySpan<byte> attributes)
    {
        foreach (var range in attributes.Split((byte)'\n'))
            if (attributes[range].IndexOf(" path="u8) is var at and >= 0) return Text(attributes[range][(at + 6)..]);
        return null;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        var digits = field.Trim(" \0"u8);
        var value = 0L;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7') return null;
            value = value * 8 + digit - '0';
        }
        return digits.IsEmpty ? null : value;
    }

    private static long Sum(ReadOnlySpan<byte> header)
    {
        var sum = 8L * ' ';
        for (var index = 0; index < header.Length; index++)
            if (index is < 148 or >= 156) sum += header[index];
        return sum;
    }

    private static SeriesFormatException DamagedTar(NamedContent archive, string what) =>
        new("archive_damaged", $"The archive {archive.Name} is damaged: {what}.");

    private static SeriesFormatException Nested(NamedContent inner, NamedContent archive) =>
        new("archive_nested", $"{inner.Name} in {archive.Name} is an archive itself.");

    private static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0005\u0006"u8);

    private static void UnpackZip(NamedContent archive, List<NamedContent> unpacked, ref long budget, ReadingOptions options,
        CancellationToken cancellation)
    {
        var before = unpacked.Count;
        try
        {
            using var zip = new ZipArchive(TextContent.Stream(archive.Bytes), ZipArchiveMode.Read);
            if (zip.Entries.Count > options.MaxFiles) throw TooMany(archive, options);
            foreach (var entry in zip.Entries)
            {
                cancellation.ThrowIfCancellationRequested();
                var name = LastPart(entry.FullName);
                if (name.Length == 0 || name.StartsWith('.') || entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)) continue;
                if (entry.IsEncrypted) throw new SeriesFormatException("archive_encrypted", $"{name} in {archive.Name} is encrypted.");
                var content = UnpackEntry(entry, name, archive, ref budget, options);
                var file = new NamedContent(name, content);
                if (IsGzip(content)) file = Unzip(file, ref budget, options);
                if (IsArchive(file.Bytes.Span)) throw Nested(file, archive);
                unpacked.Add(file);
                if (unpacked.Count > options.MaxFiles) throw TooMany(archive, options);
            }
        }
        catch (Exception exception) when (
            exception is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new SeriesFormatException("archive_damaged", $"The archive {archive.Name} is damaged: {exception.Message}", exception);
        }
        if (unpacked.Count == before) throw new SeriesFormatException("archive_empty", $"The archive {archive.Name} holds no files.");
    }

    private static byte[] UnpackEntry(ZipArchiveEntry entry, string name, NamedContent archive, ref long budget, ReadingOptions options)
    {
        using var packed = entry.Open();
        var bytes = Limited(packed, name, archive, entry.CompressedLength, entry.Length, ref budget, options);
        return Crc32.HashToUInt32(bytes) == entry.Crc32
            ? bytes
            : throw new SeriesFormatException("archive_checksum", $"The checksum of {name} in {archive.Name} does not fit its content.");
    }

    // The declared length is judged before memory is spent on it, and must be what comes out.
    private static byte[] Limited(
        Stream unpacking, string name, NamedContent archive, long packedLength, long declared, ref long budget, ReadingOptions options)
    {
        budget -= Math.Max(0, declared);
        if (budget < 0)
            throw new SeriesFormatException("too_large", SeriesReading.Text(
                $"The archive {archive.Name} unpacks to more than the {options.MaxBytes} bytes allowed."));
        if (declared > NotJudgedBelow && declared > options.MaxExpansion * Math.Max(1, packedLength))
            throw new SeriesFormatException("archive_expansion", SeriesReading.Text(
                $"{name} in {archive.Name} is more than {options.MaxExpansion} times larger than its packed form."));
        var bytes = new byte[declared];
        return unpacking.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == declared && unpacking.ReadByte() < 0
            ? bytes
            : throw new SeriesFormatException("archive_damaged", $"{name} in {archive.Name} is not as long as the archive declares.");
    }

    private static string LastPart(string fullName) => fullName[(fullName.LastIndexOfAny(['/', '\\']) + 1)..];

    private static SeriesFormatException TooMany(NamedContent archive, ReadingOptions options) =>
        new("too_many_files", SeriesReading.Text($"The archive {archive.Name} holds more than the {options.MaxFiles} files allowed."));
}
