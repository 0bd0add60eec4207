using System.Globalization;
using System.Text.Json;

namespace Tutti.Scheduling.Planning;

/// <summary>What is wrong with a document that cannot be read: where, and which member is missing or of another form.</summary>
internal static class Damage
{
    private const string Missing = "missing required properties including:";

    public static PlanningException Of(string code, JsonException damaged)
    {
        var path = damaged.Path ?? "$";
        var line = damaged.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $" (line {number + 1})") : "";
        var at = damaged.Message.IndexOf(Missing, StringComparison.Ordinal);
        var text = at >= 0 ? $"It lacks {damaged.Message[(at + Missing.Length)..].Split(". Path")[0].Trim().TrimEnd('.')}{line}."
            : damaged.InnerException is not JsonException && damaged.Path is { Length: > 1 } ? $"What stands there{line} is not of the form asked."
            : $"It is no JSON document of the planning format{line}.";
        return new(code, path, text, damaged);
    }
}
