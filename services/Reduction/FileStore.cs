using System.Security.Cryptography;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>
/// Files by the hash of their content, in <c>Tutti:Files</c> or the data folder: each content is stored once and never changed.
/// <code>
/// incoming/{id}  ── written, hashed, on disk ──►  sha256/ab/cd/abcd...   (one atomic rename)
/// uploads/{id}   ── grows part by part, hashed when whole ──►  the same place
/// checkpoints/{job}/...   what a running job has reached; removed with its end
/// </code>
/// A kill leaves a file in <c>incoming</c>, removed at the next start, or one that no row names, which is harmless. What lies in <c>uploads</c> belongs to
/// a row and stays.
/// </summary>
public sealed class FileStore
{
    private static readonly TimeSpan longestUpload = TimeSpan.FromDays(1);
    private readonly string root, incoming, uploads, checkpoints;
    private readonly TimeProvider time;

    /// <summary>Opens the store and removes what was left half-written.</summary>
    public FileStore(IConfiguration configuration, TimeProvider time)
    {
        this.time = time;
        root = Directory.CreateDirectory(configuration["Tutti:Files"] ?? Path.Combine(Hosting.DataFolder(configuration), "files")).FullName;
        incoming = Directory.CreateDirectory(Path.Combine(root, "incoming")).FullName;
        uploads = Directory.CreateDirectory(Path.Combine(root, "uploads")).FullName;
        checkpoints = Path.Combine(root, "checkpoints");
        // Embedded, nobody else writes here. Replicas on a shared volume may be in the middle of an upload.
        var old = Database.ProviderOf(configuration) == DatabaseProvider.Sqlite ? DateTime.MaxValue : TimeProvider.System.GetUtcNow().UtcDateTime - longestUpload;
        foreach (var left in Directory.EnumerateFiles(incoming))
            if (File.GetLastWriteTimeUtc(left) < old) File.Delete(left);
    }

    /// <summary>Takes a content in and hashes it on the way. It is on disk afterwards, and is forgotten when disposed of unless kept.</summary>
    public async Task<IncomingFile> ReceiveAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancel)
    {
        var path = Path.Combine(incoming, Guid.CreateVersion7(time.GetUtcNow()).ToString("N"));
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16, FileOptions.Asynchronous);
            using var sha = SHA256.Create();
            await using (var hashed = new CryptoStream(file, sha, CryptoStreamMode.Write, leaveOpen: true)) await write(hashed, cancel);
            await file.FlushAsync(cancel);
            file.Flush(flushToDisk: true);
            return new IncomingFile(this, path, Convert.ToHexStringLower(sha.Hash ?? []), file.Length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Takes a content in and keeps it.</summary>
    public async Task<(string Sha256, long Length)> KeepAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancel)
    {
        using var file = await ReceiveAsync(write, cancel);
        file.Keep();
        return (file.Sha256, file.Length);
    }

    /// <summary>Where a kept content lies.</summary>
    public string PathOf(string sha256) => Path.Combine(root, "sha256", sha256[..2], sha256[2..4], sha256);

    /// <summary>Opens a kept content for reading.</summary>
    public FileStream Open(string sha256) =>
        new(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);

    /// <summary>Where an upload in parts grows.</summary>
    public string UploadPath(Guid upload) => Path.Combine(uploads, upload.ToString("N"));

    /// <summary>The uploads in parts that have a file.</summary>
    public IEnumerable<Guid> Uploads() =>
        Directory.EnumerateFiles(uploads).Select(path => Guid.TryParseExact(Path.GetFileName(path), "N", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty);

    /// <summary>Where the checkpoints of all jobs lie.</summary>
    public string Checkpoints => checkpoints;

    /// <summary>Bytes that are free where the files lie.</summary>
    public long FreeBytes => new DriveInfo(root).AvailableFreeSpace;

    /// <summary>Hash of a file's content, hex.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }

    internal void Keep(string path, string sha256)
    {
        var place = PathOf(sha256);
        if (File.Exists(place)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(place) ?? root);
        try
        {
            File.Move(path, place, overwrite: true);
        }
        catch (FileNotFoundException) when (File.Exists(place))
        {
            // Somebody else has moved the same file there at the same moment.
        }
    }
}

/// <summary>A content that has arrived and is not yet kept.</summary>
public sealed class IncomingFile(FileStore store, string path, string sha256, long length) : IDisposable
{
    /// <summary>Hash of the content, hex.</summary>
    public string Sha256 => sha256;

    /// <summary>Bytes.</summary>
    public long Length => length;

    /// <summary>Where it lies for now.</summary>
    public string Path => path;

    /// <summary>Moves it to its place by content.</summary>
    public void Keep() => store.Keep(path, sha256);

    /// <summary>Removes it unless it was kept.</summary>
    public void Dispose() => File.Delete(path);
}

/// <summary>A file that is to become part of a data set: its name, where it lies for now, and its content by hash.</summary>
public sealed record ArrivedFile(string Name, string Path, string Sha256, long Length);
