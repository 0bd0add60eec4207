using System.Security.Cryptography;

namespace Tutti.Testing;

/// <summary>Where a server keeps data and what must stay the same from one start to the next.</summary>
internal sealed class ServerFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder? temporary;

    public ServerFolder(string? kept, string purpose)
    {
        if (kept is null)
            temporary = new TemporaryFolder(purpose);
        else
            Directory.CreateDirectory(kept);
        Root = temporary?.Path ?? Path.GetFullPath(kept ?? ".");
    }

    public string Root { get; }

    public string In(string name) => Path.Combine(Root, name);

    /// <summary>A word made up at the first start and read again at later ones, readable by its owner only.</summary>
    public string Remembered(string name)
    {
        var file = In(name);
        if (!File.Exists(file))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerOnly;
            using var writer = new StreamWriter(file, options);
            writer.Write(RandomNumberGenerator.GetHexString(24, lowercase: true));
        }
        return File.ReadAllText(file).Trim();
    }

    public void Dispose() => temporary?.Dispose();
}
