namespace Tutti.Reduction.Numerics;

/// <summary>
/// Where matrices go that are made of others: into memory up to <see cref="MemoryBytes"/> each, beyond that into temporary files in
/// <see cref="Folder"/>, which are read in place.
/// </summary>
public sealed record MatrixStorage
{
    private const int Buffered = 1 << 16;

    /// <summary>The most that one matrix may take in memory.</summary>
    public long MemoryBytes { get; init; } = 1L << 29;

    /// <summary>The folder of the temporary files.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>A new file that vanishes when it is closed; where the system allows it its name is gone at once, so that nothing can leave it behind.</summary>
    internal FileStream TemporaryFile()
    {
        var path = Path.Combine(Folder, $"tutti-{Path.GetRandomFileName()}.matrix");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, Buffered, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }
}
