using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutti.Reduction.Preparation;

/// <summary>The record of a preparation as JSON: every step as it was asked for and as it was used, what it found, hashes before and after, who and when.</summary>
public static class StepRecords
{
    private static readonly JsonSerializerOptions web = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) }, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The records, in order.</summary>
    public static string ToJson(IReadOnlyList<StepRecord> records) => JsonSerializer.Serialize(records, web);
}
