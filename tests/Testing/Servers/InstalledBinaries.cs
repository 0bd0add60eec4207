namespace Tutti.Testing;

/// <summary>Finds the server programs a machine has installed.</summary>
internal static class InstalledBinaries
{
    /// <summary>The folder with <c>postgres</c> and <c>initdb</c> of the newest installed version, or null.</summary>
    public static string? PostgreSql() =>
        Newest("/usr/lib/postgresql", "*")
            .Select(version => Path.Combine(version, "bin"))
            .Concat(OnPath("postgres").Select(program => Path.GetDirectoryName(program) ?? "/"))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    /// <summary>The <c>rabbitmq-server</c> script itself, not a distribution's wrapper that changes the account, or null.</summary>
    public static string? RabbitMq() =>
        Newest("/usr/lib/rabbitmq/lib", "rabbitmq_server-*")
            .Select(version => Path.Combine(version, "sbin", "rabbitmq-server"))
            .Where(File.Exists)
            .Concat(OnPath("rabbitmq-server"))
            .FirstOrDefault();

    /// <summary>Where <c>epmd</c>, Erlang's port mapper, is installed, or null.</summary>
    public static string? PortMapper() => OnPath("epmd").FirstOrDefault();

    private static IEnumerable<string> Newest(string folder, string pattern) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, pattern).OrderByDescending(VersionOf)
            : [];

    // "15" and "rabbitmq_server-3.10.8": a Version has two numbers at least.
    private static Version VersionOf(string path)
    {
        var text = Path.GetFileName(path).Split('-')[^1];
        return Version.TryParse(text.Contains('.', StringComparison.Ordinal) ? text : $"{text}.0", out var version) ? version : new Version(0, 0);
    }

    private static IEnumerable<string> OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, program))
            .Where(File.Exists)
            .Select(path => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
}
