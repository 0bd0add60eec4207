using System.Globalization;

namespace Tutti.Testing;

/// <summary>A folder of this process in the temporary folder, deleted when disposed of and at the latest when the process ends.</summary>
/// <remarks>Its name holds the process id, by which <c>./test</c> recognises and removes what killed processes left.</remarks>
public sealed class TemporaryFolder : IDisposable
{
    // Others may pass through (PostgreSQL runs as its own user), but not look around.
    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public TemporaryFolder(string purpose)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture, $"tutti-test-{Environment.ProcessId}-{purpose}-{Random.Shared.NextInt64() & 0xffff_ffff:x8}");
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), name);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, PassThrough);
        Leftovers.Add(this);
    }

    public string Path { get; }

    public void Dispose()
    {
        Leftovers.Remove(this);
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
