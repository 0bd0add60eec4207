namespace Tutti.Testing;

/// <summary>What must not survive this process: child processes first, then temporary folders.</summary>
/// <remarks>This is for an orderly end; when the process is killed, the kernel's parent-death signal ends the children.</remarks>
internal static class Leftovers
{
    private static readonly HashSet<ChildProcess> Children = [];
    private static readonly HashSet<TemporaryFolder> Folders = [];
    private static readonly Lock Gate = new();

    static Leftovers() => AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAll();

    public static void Add(ChildProcess child)
    {
        lock (Gate)
            Children.Add(child);
    }

    public static void Add(TemporaryFolder folder)
    {
        lock (Gate)
            Folders.Add(folder);
    }

    public static void Remove(ChildProcess child)
    {
        lock (Gate)
            Children.Remove(child);
    }

    public static void Remove(TemporaryFolder folder)
    {
        lock (Gate)
            Folders.Remove(folder);
    }

    private static void EndAll()
    {
        ChildProcess[] children;
        TemporaryFolder[] folders;
        lock (Gate)
        {
            children = [.. Children];
            folders = [.. Folders];
        }
        foreach (var child in children)
            child.EndNow();
        foreach (var folder in folders)
        {
            try
            {
                folder.Dispose();
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // A dying process still writes there: said aloud, and the next ./test removes the folder.
                Console.Error.WriteLine($"{folder.Path} could not be removed: {busy.Message}");
            }
        }
    }
}
