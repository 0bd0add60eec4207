using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tutti.Reduction.Preparation;

/// <summary>
/// A reduction that can be run on the next series of the same kind: the steps that prepare the data, and the model. As JSON:
/// <c>{ "name": ..., "steps": [ { "step": "cut", ... } ], "model": { "components": 3, ... } }</c>.
/// </summary>
public sealed record ReductionRecipe
{
    internal static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
        AllowOutOfOrderMetadataProperties = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OpenNumberOfComponents } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) }, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static void OpenNumberOfComponents(JsonTypeInfo type)
    {
        if (type.Type != typeof(ReductionOptions)) return;
        foreach (var member in type.Properties.Where(member => member.Name == "components")) member.CustomConverter = new ComponentCountConverter();
    }

    public string? Name { get; init; }
    public IReadOnlyList<PreparationStep> Steps { get; init; } = [];
    public ReductionOptions Model { get; init; } = new();

    /// <summary>From JSON; throws <see cref="JsonException"/> for what is no recipe.</summary>
    public static ReductionRecipe FromJson(string json)
    {
        try
        {
            var recipe = JsonSerializer.Deserialize<ReductionRecipe>(json, Web) ?? throw new JsonException("A recipe is an object, not null.");
            return recipe.Entries.All(entry => entry is not null) ? recipe : throw new JsonException("An entry of one of the recipe's lists is null.");
        }
        catch (JsonException exception) when (RecipeMistakes.InRecipe(json) is { } mistake)
        {
            throw new JsonException(mistake, exception);
        }
        catch (NotSupportedException exception)
        {
            throw new JsonException(RecipeMistakes.InRecipe(json) ?? "A step says what it does in its member 'step'; a constraint in its member 'constraint'.", exception);
        }
    }

    private IEnumerable<object?> Entries => [.. Steps, .. Model.OnC, .. Model.OnS, .. Model.KnownC, .. Model.KnownS, .. Model.SignFreeC, .. Model.SignFreeS];

    public string ToJson() => JsonSerializer.Serialize(this, Web);
}
