using System.Text.Json;
using System.Text.Json.Serialization;
using Tutti.Reduction.Preparation;

namespace Tutti.Reduction.CommandLine;

/// <summary>The record of the preparation as JSON.</summary>
internal static class RecordText
{
    private static readonly JsonSerializerOptions web = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) }, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Of(IReadOnlyList<StepRecord> records) => JsonSerializer.Serialize(records, web);
}
