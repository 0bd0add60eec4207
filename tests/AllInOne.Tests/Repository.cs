using System.Diagnostics;

namespace Tutti.AllInOne.Tests;

/// <summary>The source tree that these tests look at.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static readonly IReadOnlyList<string> Services = ["Catalogue", "CellPool", "Identity", "Proposals", "Reduction", "Review", "Scheduling"];

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>The files under version control, by their paths from the root.</summary>
    public static IReadOnlyList<string> Tracked()
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Root, RedirectStandardOutput = true, ArgumentList = { "-c", "safe.directory=*", "ls-files" } };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git was not started.");
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return git.ExitCode == 0 ? files : throw new InvalidOperationException($"git ls-files ended with {git.ExitCode}.");
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Proposals.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException("No folder above the tests holds Proposals.sln.");
    }
}
