using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutti.Reduction.Preparation;

/// <summary>The number of components of a recipe: a whole number, or <c>"auto"</c> (as null) for that of the rank verdict.</summary>
internal sealed class ComponentCountConverter : JsonConverter<int?>
{
    public override int? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when reader.ValueTextEquals("auto") => null,
        JsonTokenType.Number when reader.TryGetInt32(out var count) => count,
        _ => throw new JsonException("$.model.components: the number of components is a whole number or \"auto\"."),
    };

    public override void Write(Utf8JsonWriter writer, int? value, JsonSerializerOptions options)
    {
        if (value is { } count) writer.WriteNumberValue(count);
        else writer.WriteStringValue("auto");
    }
}
