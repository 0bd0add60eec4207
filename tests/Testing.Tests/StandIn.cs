namespace Tutti.Testing.Tests;

/// <summary>The program that stands in for every service.</summary>
internal static class StandIn
{
    public static string Assembly { get; } = BuildOutput.OfThisRepository().Assembly("Tutti.Testing.StandIn");

    public static ServiceProcess Service(TemporaryFolder folder, params (string Name, string Value)[] settings) => new(new ServiceStart
    {
        Name = "stand-in",
        Assembly = Assembly,
        Address = new Uri($"http://127.0.0.1:{FreePorts.Next()}"),
        Logs = folder.Path,
        Settings = settings.ToDictionary(each => each.Name, each => (string?)each.Value),
    });

    public static ProcessStart Run(TemporaryFolder folder, params string[] arguments) => new()
    {
        Name = string.Join(' ', arguments),
        File = "dotnet",
        Arguments = [Assembly, .. arguments],
        Log = Path.Combine(folder.Path, "run.log"),
    };
}
