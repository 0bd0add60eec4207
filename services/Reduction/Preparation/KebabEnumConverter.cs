using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutti.Reduction.Preparation;

/// <summary>Writes the choices of a step as words in kebab-case, whatever options the caller's JSON has.</summary>
public sealed class KebabEnumConverter<TChoice>() : JsonStringEnumConverter<TChoice>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where TChoice : struct, Enum;
