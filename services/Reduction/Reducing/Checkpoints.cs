using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Tutti.Reduction.Preparation;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Reducing;

/// <summary>
/// What a running job has reached, so that a worker that is killed is followed by one that goes on from there. Each checkpoint is a file of its own, written
/// aside, flushed to disk and renamed; the newest one that is whole counts. What is inside is the kernel's business. The header says of what it is a
/// checkpoint (<see cref="KeyOf"/>): nobody goes on from that of other data, other options or another version of the program.
/// <code>
/// "TUTTICP2" | length, 8 bytes little-endian | SHA-256 of key and content | key, 32 bytes | content
/// </code>
/// </summary>
public sealed class Checkpoints(FileStore files, Guid job)
{
    private const int Kept = 2, KeyAt = 8 + 8 + SHA256.HashSizeInBytes, Head = KeyAt + SHA256.HashSizeInBytes;
    private const string Aside = ".part", Suffix = ".checkpoint";
    private readonly string folder = Path.Combine(files.Checkpoints, job.ToString("N"));

    /// <summary>The jobs that have checkpoints.</summary>
    public static IEnumerable<Guid> Jobs(FileStore files) => !Directory.Exists(files.Checkpoints)
        ? []
        : Directory.EnumerateDirectories(files.Checkpoints).Select(path => Guid.TryParseExact(Path.GetFileName(path), "N", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty);

    /// <summary>
    /// What a resolution follows from: the version of the program, the options, and the prepared data by their hash (data that were not prepared: by the
    /// hashes of their files, which were checked when they were read). The number of threads is left out: no bit depends on it.
    /// </summary>
    public static byte[] KeyOf(PreparedSeries prepared, ReductionOptions options)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var (series, records) = (prepared.Series, prepared.Records);
        return SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Reduce.ToolVersion, Options = options with { Threads = 1 }, Prepared = records.Count > 0 ? records[^1].OutputHash : null, series.Sources, series.Format,
                series.Axis.Name, series.Axis.Unit, series.Data.Rows, series.Data.Columns,
            },
            Json.Stored));
    }

    /// <summary>The newest whole checkpoint, or null where there is none; also null, with a word of it, where it is of something else than the key says.</summary>
    public byte[]? Load(ReadOnlySpan<byte> key, out bool isOfSomethingElse)
    {
        var newest = Numbered().OrderByDescending(file => file.Number).Select(file => Read(file.Path)).FirstOrDefault(content => content is not null);
        isOfSomethingElse = newest is not null && !newest.AsSpan(KeyAt, SHA256.HashSizeInBytes).SequenceEqual(key);
        return newest is null || isOfSomethingElse ? null : newest[Head..];
    }

    /// <summary>Writes a checkpoint of what the key says; it counts once it is whole and on disk.</summary>
    public void Save(ReadOnlySpan<byte> key, byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, SHA256.HashSizeInBytes);
        Directory.CreateDirectory(folder);
        var before = Numbered().OrderBy(file => file.Number).ToList();
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{(before.Count == 0 ? 0 : before[^1].Number) + 1:D10}{Suffix}"));
        var aside = $"{path}.{Guid.CreateVersion7():N}{Aside}";
        try
        {
            using var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            var head = new byte[Head];
            "TUTTICP2"u8.CopyTo(head);
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), content.Length);
            key.CopyTo(head.AsSpan(KeyAt));
            Sum(key, content).CopyTo(head, 16);
            file.Write(head);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
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

    // The whole file, if it is whole.
    private static byte[]? Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < Head || !bytes.AsSpan().StartsWith("TUTTICP2"u8) || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) != bytes.Length - Head) return null;
        return Sum(bytes.AsSpan(KeyAt, SHA256.HashSizeInBytes), bytes.AsSpan(Head)).AsSpan().SequenceEqual(bytes.AsSpan(16, SHA256.HashSizeInBytes)) ? bytes : null;
    }

    private static byte[] Sum(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sum.AppendData(key);
        sum.AppendData(content);
        return sum.GetHashAndReset();
    }
}
