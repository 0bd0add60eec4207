namespace Tutti.Testing;

/// <summary>Data and tools beside the repository that are not part of it: <c>TUTTI_SHARED</c>, else a folder <c>shared</c> beside one of the folders above.</summary>
public static class SharedFolder
{
    /// <summary>Where a file of the folder lies, or null where it is not on this machine.</summary>
    public static string? File(params string[] parts) =>
        Find() is { } folder && Path.Combine([folder, .. parts]) is var path && System.IO.File.Exists(path) ? path : null;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TUTTI_SHARED") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "data"))) return Path.Combine(folder.FullName, "shared");
        return null;
    }
}
