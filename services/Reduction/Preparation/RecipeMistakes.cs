using System.Text.Json;

namespace Tutti.Reduction.Preparation;

/// <summary>What is wrong with a recipe that could not be read, in the words of who wrote it: where, and what could stand there.</summary>
internal static class RecipeMistakes
{
    /// <summary>The first member or kind of step or constraint in a recipe that there is not; null where the mistake is another one.</summary>
    public static string? InRecipe(string json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            // What is no JSON was said by who tried to read it.
            return null;
        }
        using (document)
        {
            var recipe = document.RootElement;
            if (recipe.ValueKind != JsonValueKind.Object) return null;
            var model = Member(recipe, "model");
            return Members(recipe, "$", "a recipe", typeof(ReductionRecipe), null)
                ?? Each(Member(recipe, "steps"), "$.steps", typeof(PreparationStep))
                ?? (model is { ValueKind: JsonValueKind.Object } given ? Members(given, "$.model", "a model", typeof(ReductionOptions), null) : null)
                ?? Each(Member(model, "onC"), "$.model.onC", typeof(Numerics.ProfileConstraint))
                ?? Each(Member(model, "onS"), "$.model.onS", typeof(Numerics.ProfileConstraint));
        }
    }

    /// <summary>The same of one step.</summary>
    public static string? InStep(JsonElement step) => Kind(step, "$", typeof(PreparationStep));

    private static string? Each(JsonElement? list, string path, Type kinds) => list is { ValueKind: JsonValueKind.Array } entries
        ? entries.EnumerateArray().Select((entry, index) => Kind(entry, $"{path}[{index}]", kinds)).FirstOrDefault(wrong => wrong is not null)
        : null;

    private static string? Kind(JsonElement entry, string path, Type kinds)
    {
        if (entry.ValueKind != JsonValueKind.Object || ReductionRecipe.Web.GetTypeInfo(kinds).PolymorphismOptions is not { } choice) return null;
        var word = choice.TypeDiscriminatorPropertyName;
        var known = string.Join(", ", choice.DerivedTypes.Select(kind => $"{kind.TypeDiscriminator}").Order(StringComparer.Ordinal));
        if (!entry.TryGetProperty(word, out var named) || named.ValueKind != JsonValueKind.String) return $"{path} has no member '{word}' that says which it is: {known}.";
        var found = choice.DerivedTypes.FirstOrDefault(kind => Equals(kind.TypeDiscriminator, named.GetString())).DerivedType;
        return found is null ? $"{path}.{word}: there is no {word} '{named.GetString()}': {known}." : Members(entry, path, $"the {word} {named.GetString()}", found, word);
    }

    private static string? Members(JsonElement entry, string path, string what, Type type, string? besides)
    {
        var known = ReductionRecipe.Web.GetTypeInfo(type).Properties.Where(member => member.Get is not null).Select(member => member.Name).ToList();
        return entry.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => name != besides && !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } wrong
            ? $"{path}.{wrong}: {what} has no member '{wrong}'; {(known.Count == 0 ? "it has none" : $"it has {string.Join(", ", known)}")}."
            : null;
    }

    private static JsonElement? Member(JsonElement? parent, string name) => parent is { ValueKind: JsonValueKind.Object } entry
        ? entry.EnumerateObject().Where(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)).Select(member => (JsonElement?)member.Value).FirstOrDefault()
        : null;
}
