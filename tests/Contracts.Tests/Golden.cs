using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tutti.ServiceDefaults;

namespace Tutti.Contracts.Tests;

/// <summary>
/// The files that hold what was once said. With <c>TUTTI_WRITE_GOLDEN=1</c> a run writes those that are missing (a sample that is there is never
/// changed), and the table of contracts; look at them and commit them.
/// </summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions indented = new(Json.Stored) { WriteIndented = true, NewLine = "\n" };

    public static bool Writes { get; } = Environment.GetEnvironmentVariable("TUTTI_WRITE_GOLDEN") == "1";

    public static string Root { get; } = FindRoot();

    public static string Folder { get; } = Path.Combine(Root, "tests", "Contracts.Tests", "Golden");

    /// <summary>The file of a contract; null when there is none.</summary>
    public static string? Sample(Type contract)
    {
        var file = Path.Combine(Folder, ContractRules.NameOf(contract) + ".json");
        if (!File.Exists(file) && Writes) Write(file, JsonSerializer.Serialize(Make(contract, contract.Name), contract, indented) + "\n");
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    public static void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? Folder);
        File.WriteAllText(file, text);
    }

    /// <summary>Everything in the first is in the second, and what is only in the second is null: a member that came later.</summary>
    public static bool Holds(JsonNode? first, JsonNode? second) => (first, second) switch
    {
        (JsonObject a, JsonObject b) => a.All(member => b.ContainsKey(member.Key) && Holds(member.Value, b[member.Key])) && b.All(member => a.ContainsKey(member.Key) || member.Value is null),
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Holds(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(first, second),
    };

    /// <summary>A value with every member filled, the same at every run.</summary>
    private static object Make(Type type, string path)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(path));
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid)) return new Guid(hash.AsSpan(0, 16));
        if (type == typeof(string)) return path[(path.LastIndexOf('.') + 1)..] + " é λ \"quoted\"";
        if (type == typeof(int)) return hash[0] + 1;
        if (type == typeof(double)) return hash[0] + 0.1;
        if (type == typeof(bool)) return true;
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 3, 29, 1, 30, hash[0] % 60, TimeSpan.Zero).AddTicks(1_234_567);
        if (type.IsGenericType)
        {
            var element = type.GetGenericArguments()[0];
            var list = Array.CreateInstance(element, 2);
            for (var index = 0; index < 2; index++) list.SetValue(Make(element, $"{path}{index}"), index);
            return list;
        }
        var made = new JsonObject();
        foreach (var member in type.GetProperties())
            made[JsonNamingPolicy.CamelCase.ConvertName(member.Name)] = JsonSerializer.SerializeToNode(Make(member.PropertyType, $"{path}.{member.Name}"), member.PropertyType, Json.Stored);
        return made.Deserialize(type, Json.Strict) ?? throw new JsonException("null");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Proposals.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException("No folder above the tests holds Proposals.sln.");
    }
}
