using System.Text;

namespace Tutti.Testing;

/// <summary>The last lines of a growing log file, without reading all of it.</summary>
public static class LogTail
{
    private const int Window = 64 * 1024;

    /// <summary>At most <paramref name="lines"/> lines from the last 64 KiB; empty if there is no file yet.</summary>
    public static string Read(string path, int lines)
    {
        if (!File.Exists(path))
            return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, Window), SeekOrigin.End);
        var bytes = new byte[Window];
        var read = file.ReadAtLeast(bytes, Window, throwOnEndOfStream: false);
        return string.Join('\n', Encoding.UTF8.GetString(bytes, 0, read).TrimEnd().Split('\n').TakeLast(lines));
    }
}
