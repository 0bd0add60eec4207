namespace Tutti.AllInOne.Tests;

/// <summary>The source tree that these tests look at.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static readonly IReadOnlyList<string> Services = ["Catalogue", "CellPool", "Identity", "Proposals", "Reduction", "Review", "Scheduling"];

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Proposals.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException("No folder above the tests holds Proposals.sln.");
    }
}
