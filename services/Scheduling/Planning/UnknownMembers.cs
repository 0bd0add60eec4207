using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tutti.Scheduling.Planning;

/// <summary>Members of an instance that the format does not know. They change nothing: a comment may be one, and so may a rule whose name was misspelt.</summary>
public static class UnknownMembers
{
    /// <summary>Their paths, such as <c>experiments[].shfits</c>, each once, in the order of the document.</summary>
    /// <param name="instance">The document, which <see cref="PlanningInstance.Read(Stream)"/> takes.</param>
    /// <exception cref="JsonException">No JSON.</exception>
    public static IReadOnlyList<string> Of(Stream instance)
    {
        using var document = JsonDocument.Parse(instance);
        var paths = new List<string>();
        var seen = new HashSet<string>();
        Look(document.RootElement, PlanningJson.Default.PlanningInstance, "");
        return paths;

        void Look(JsonElement part, JsonTypeInfo form, string path)
        {
            if (form.Kind == JsonTypeInfoKind.Object && part.ValueKind == JsonValueKind.Object)
                foreach (var member in part.EnumerateObject())
                {
                    var here = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
                    if (form.Properties.FirstOrDefault(one => one.Name == member.Name) is { } known) Look(member.Value, FormOf(known.PropertyType), here);
                    else if (seen.Add(here)) paths.Add(here);
                }
            else if (form is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } && part.ValueKind == JsonValueKind.Array)
                foreach (var one in part.EnumerateArray()) Look(one, FormOf(element), $"{path}[]");
        }

        static JsonTypeInfo FormOf(Type type) => PlanningJson.Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type} is no part of the format.");
    }
}
