using System.IO.Compression;
using System.IO.Hashing;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Takes zip archives apart in memory. Of an entry's name only the last part is kept, as a label; nothing is ever written to a path. Counts, sizes
/// and expansion are limited while unpacking, whatever the archive declares, and each entry's checksum is verified.
/// Codes: <c>archive_damaged</c>, <c>archive_checksum</c>, <c>archive_encrypted</c>, <c>archive_expansion</c>, <c>archive_nested</c>,
/// <c>archive_empty</c>, <c>too_many_files</c>, <c>too_large</c>.
/// </summary>
internal static class ArchiveUnpacking
{
    private const int NotJudgedBelow = 1 << 20;

    public static IReadOnlyList<NamedContent> Unpack(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        if (!files.Any(file => IsZip(file.Bytes.Span))) return files;
        var unpacked = new List<NamedContent>();
        var budget = options.MaxBytes;
        foreach (var file in files)
        {
            if (IsZip(file.Bytes.Span)) UnpackOne(file, unpacked, ref budget, options, cancellation);
            else unpacked.Add(file);
        }
        return unpacked;
    }

    private static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0005\u0006"u8);

    private static void UnpackOne(NamedContent archive, List<NamedContent> unpacked, ref long budget, ReadingOptions options,
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
                if (IsZip(content)) throw new SeriesFormatException("archive_nested", $"{name} in {archive.Name} is an archive itself.");
                unpacked.Add(new NamedContent(name, content));
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
        using var content = new MemoryStream();
        var chunk = new byte[1 << 16];
        for (int read; (read = packed.Read(chunk)) > 0;)
        {
            budget -= read;
            if (budget < 0)
                throw new SeriesFormatException("too_large", SeriesReading.Text(
                    $"The archive {archive.Name} unpacks to more than the {options.MaxBytes} bytes allowed."));
            content.Write(chunk.AsSpan(0, read));
            if (content.Length > NotJudgedBelow && content.Length > options.MaxExpansion * Math.Max(1, entry.CompressedLength))
                throw new SeriesFormatException("archive_expansion", SeriesReading.Text(
                    $"{name} in {archive.Name} is more than {options.MaxExpansion} times larger than its packed form."));
        }
        var bytes = content.ToArray();
        if (bytes.Length != entry.Length) throw new SeriesFormatException("archive_damaged",
            $"{name} in {archive.Name} is not as long as the archive declares.");
        return Crc32.HashToUInt32(bytes) == entry.Crc32
            ? bytes
            : throw new SeriesFormatException("archive_checksum", $"The checksum of {name} in {archive.Name} does not fit its content.");
    }

    private static string LastPart(string fullName) => fullName[(fullName.LastIndexOfAny(['/', '\\']) + 1)..];

    private static SeriesFormatException TooMany(NamedContent archive, ReadingOptions options) =>
        new("too_many_files", SeriesReading.Text($"The archive {archive.Name} holds more than the {options.MaxFiles} files allowed."));
}
