using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Tutti.Reduction.Reducing;

/// <summary>
/// What a running job has reached, so that a worker that is killed is followed by one that goes on from there. Each checkpoint is a file of its own, written
/// aside, flushed to disk and renamed; the newest one that is whole counts. What is inside is the kernel's business.
/// <code>
/// "TUTTICP1" | length, 8 bytes little-endian | SHA-256 of the content | content
/// </code>
/// </summary>
public sealed class Checkpoints(FileStore files, Guid job)
{
    private const int Kept = 2, Head = 8 + 8 + SHA256.HashSizeInBytes;
    private const string Aside = ".part", Suffix = ".checkpoint";
    private readonly string folder = Path.Combine(files.Checkpoints, job.ToString("N"));

    /// <summary>The jobs that have checkpoints.</summary>
    public static IEnumerable<Guid> Jobs(FileStore files) => !Directory.Exists(files.Checkpoints)
        ? []
        : Directory.EnumerateDirectories(files.Checkpoints).Select(path => Guid.TryParseExact(Path.GetFileName(path), "N", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty);

    /// <summary>The newest whole checkpoint, or null where there is none.</summary>
    public byte[]? Load() => Numbered().OrderByDescending(file => file.Number).Select(file => Read(file.Path)).FirstOrDefault(content => content is not null);

    /// <summary>Writes a checkpoint; it counts once it is whole and on disk.</summary>
    public void Save(byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Directory.CreateDirectory(folder);
        var before = Numbered().OrderBy(file => file.Number).ToList();
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{(before.Count == 0 ? 0 : before[^1].Number) + 1:D10}{Suffix}"));
        var aside = $"{path}.{Guid.CreateVersion7():N}{Aside}";
        using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            var head = new byte[Head];
            "TUTTICP1"u8.CopyTo(head);
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), content.Length);
            SHA256.HashData(content, head.AsSpan(16));
            file.Write(head);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
        foreach (var old in before.SkipLast(Kept - 1)) File.Delete(old.Path);
    }

    /// <summary>Removes all of them: the job is over.</summary>
    public void Remove()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private List<(long Number, string Path)> Numbered() => !Directory.Exists(folder)
        ? []
        : [.. Directory.EnumerateFiles(folder, "*" + Suffix)
            .Select(path => (Number: long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0, path))
            .Where(file => file.Number > 0)];

    private static byte[]? Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < Head || !bytes.AsSpan().StartsWith("TUTTICP1"u8) || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) != bytes.Length - Head) return null;
        var content = bytes[Head..];
        return SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(16, SHA256.HashSizeInBytes)) ? content : null;
    }
}
