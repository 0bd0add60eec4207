using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Tutti.AllInOne.Tests;

/// <summary>The rules of the house, read off the source; each rule has a case that must fail.</summary>
public sealed partial class The_house
{
    [Fact]
    public void Has_services_that_know_only_contracts_and_defaults()
    {
        foreach (var service in Repository.Services) Assert.Empty(ForeignReferences(Repository.Read("services", service, $"Tutti.{service}.csproj"), service));
        Assert.Empty(ForeignReferences(Repository.Read("gateway", "Tutti.Gateway.csproj"), "Gateway"));
        Assert.NotEmpty(ForeignReferences(Repository.Read("services", "AllInOne", "Tutti.AllInOne.csproj"), "AllInOne"));
    }

    [Fact]
    public void Has_contracts_without_package_and_project()
    {
        Assert.Equal(0, References(Repository.Read("contracts", "Tutti.Contracts.csproj")));
        Assert.NotEqual(0, References(Repository.Read("services", "ServiceDefaults", "Tutti.ServiceDefaults.csproj")));
    }

    [Fact]
    public void Has_services_that_look_alike()
    {
        var model = Named(Repository.Read("services", "Proposals", "Program.cs"), "Proposals");
        foreach (var service in Repository.Services)
        {
            Assert.Equal(model, Named(Repository.Read("services", service, "Program.cs"), service));
            var composition = Repository.Read("services", service, $"{service}Service.cs");
            Assert.True(composition.Split('\n').Length <= 81, $"{service}Service.cs is longer than 80 lines");
            foreach (var function in new[] { $"Add{service}(this WebApplicationBuilder", $"Add{service}Consumers(this IBusRegistrationConfigurator", $"Map{service}(this WebApplication" })
                Assert.Contains(function, composition, StringComparison.Ordinal);
        }
        Assert.NotEqual(model, Named(Repository.Read("services", "AllInOne", "Program.cs"), "AllInOne"));
    }

    [Fact]
    public void Has_one_migration_set_per_service_without_column_types()
    {
        foreach (var service in Repository.Services)
        {
            var migrations = Directory.GetFiles(Path.Combine(Repository.Root, "services", service, "Migrations"), "*.cs");
            Assert.NotEmpty(migrations);
            Assert.All(migrations, file => Assert.False(NamesColumnType(File.ReadAllText(file)), file));
        }
        Assert.True(NamesColumnType("""table.Column<Guid>(type: "TEXT", nullable: false)"""));
        Assert.True(NamesColumnType("""b.Property<string>("Name").HasColumnType("TEXT")"""));
    }

    [Fact]
    public void Holds_no_key_and_no_data_of_an_installation()
    {
        var tracked = Repository.Tracked();
        Assert.Contains("README.md", tracked);
        Assert.DoesNotContain(tracked, IsSecret);
        Assert.True(IsSecret("services/Identity/data/identity-key.pem"));
        Assert.True(IsSecret("data/proposals.db"));
        Assert.False(IsSecret("services/Catalogue/Seed/catalogue.json"));
    }

    [Fact]
    public void Keeps_the_shared_project_small()
    {
        var lines = Sources("services/ServiceDefaults").SelectMany(File.ReadLines).Count(IsCode);
        Assert.InRange(lines, 1, 1000);
        Assert.True(IsCode("var x = 1;"));
        Assert.False(IsCode("    /// <summary>Text.</summary>"));
    }

    [Fact]
    public void Reads_no_clock_and_swallows_no_exception()
    {
        foreach (var file in Sources("services").Concat(Sources("gateway")).Concat(Sources("contracts")))
        {
            var text = File.ReadAllText(file);
            Assert.False(Swallows(text), $"{file} swallows an exception");
            Assert.False(text.Contains("Stopwatch.StartNew", StringComparison.Ordinal) && text.Contains("DateTime.Now", StringComparison.Ordinal), file);
        }
        Assert.True(Swallows("try { A(); } catch { }"));
        Assert.True(Swallows("try { A(); }\ncatch (Exception)\n{\n}"));
        Assert.False(Swallows("try { A(); } catch (IOException broken) { Log(broken); }"));
    }

    [Fact]
    public void Calls_no_folder_after_a_pattern()
    {
        string[] forbidden = ["Handlers", "Managers", "Helpers", "Common", "Utils"];
        var folders = Directory.GetDirectories(Path.Combine(Repository.Root, "services"), "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToHashSet();
        Assert.Empty(folders.Intersect(forbidden));
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/Migrations/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    /// <summary>References to anything but the shared project, the contracts, and parts of the service itself.</summary>
    private static List<string> ForeignReferences(string project, string service) =>
        [.. XDocument.Parse(project).Descendants("ProjectReference").Select(reference => reference.Attribute("Include")?.Value ?? "")
            .Where(path => !path.EndsWith("Tutti.ServiceDefaults.csproj", StringComparison.Ordinal) && !path.EndsWith("Tutti.Contracts.csproj", StringComparison.Ordinal)
                && !Path.GetFileName(path).StartsWith($"Tutti.{service}.", StringComparison.Ordinal))];

    private static int References(string project) => XDocument.Parse(project).Descendants().Count(element => element.Name.LocalName is "ProjectReference" or "PackageReference" or "FrameworkReference");

    private static string Named(string source, string service) => source.Replace(service, "X", StringComparison.Ordinal);

    private static bool IsCode(string line) => line.Trim() is { Length: > 0 } text && text is not ("{" or "}" or "};") && !text.StartsWith("//", StringComparison.Ordinal) && !text.StartsWith("using ", StringComparison.Ordinal);

    private static bool NamesColumnType(string migration) => ColumnType().IsMatch(migration);

    private static bool Swallows(string source) => EmptyCatch().IsMatch(source);

    [GeneratedRegex("""(\btype: ")|(HasColumnType\()""")]
    private static partial Regex ColumnType();

    [GeneratedRegex("""catch(\s*\([^)]*\))?\s*\{\s*\}""")]
    private static partial Regex EmptyCatch();

    private static bool IsSecret(string file) => SecretFile().IsMatch(file);

    [GeneratedRegex("""(\.(pem|pfx|key|db|db-wal|db-shm)$)|((^|/)data/)|(secret\.env$)|(-key$)""")]
    private static partial Regex SecretFile();
}
