namespace Tutti.Testing;

/// <summary>Where the built programs lie: <c>artifacts/bin/PROJECT/CONFIGURATION/PROJECT.dll</c> under the repository's root.</summary>
public sealed class BuildOutput(string root, string configuration)
{
    public string Root { get; } = root;

    public string Configuration { get; } = configuration;

    /// <summary>The repository this process was built in, in the configuration this process was built in (Release unless it was Debug).</summary>
    public static BuildOutput OfThisRepository()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = here.Name.Equals("debug", StringComparison.OrdinalIgnoreCase) ? "debug" : "release";
        for (var folder = here; folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Proposals.sln")))
                return new BuildOutput(folder.FullName, configuration);
        throw new DirectoryNotFoundException($"No folder above {here.FullName} holds Proposals.sln: say where the programs are built.");
    }

    /// <summary>The assembly of a program, for example of <c>Tutti.Catalogue</c>; throws if it is not built.</summary>
    public string Assembly(string project)
    {
        var path = Path.Combine(Root, "artifacts", "bin", project, Configuration, $"{project}.dll");
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{project} is not built in {Configuration}: dotnet build -c {Configuration} (no {path}).", path);
    }
}
