using System.Text.Json;
using Tutti.Reduction.Reading;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>
/// The one place where the preparation of a recipe, a JSON document, meets the steps that the code knows. For now its form is checked and nothing else; a
/// series is given back as it is where there is nothing to be done, and refused otherwise: data must not pass for prepared that are not.
/// </summary>
public static class RecipeSteps
{
    private const int MostSteps = 50, LongestDocument = 64 * 1024;

    /// <summary>What is wrong with a preparation: an array of objects, each of a kind.</summary>
    public static IReadOnlyList<Problem> Check(JsonElement steps)
    {
        if (steps.ValueKind != JsonValueKind.Array) return [new("steps", "steps.form", "The steps are a list.")];
        if (steps.GetArrayLength() > MostSteps || steps.GetRawText().Length > LongestDocument) return [new("steps", "steps.length", $"At most {MostSteps} steps and {LongestDocument} characters are a preparation.")];
        return [.. steps.EnumerateArray().Select((step, index) => (step, index)).Where(place => !HasKind(place.step))
            .Select(place => new Problem($"steps[{place.index}]", "step.kind", "A step is an object with a member kind."))];
    }

    /// <summary>Whether a job can follow the preparation.</summary>
    public static bool CanRun(string steps)
    {
        using var document = JsonDocument.Parse(steps);
        return document.RootElement.GetArrayLength() == 0;
    }

    /// <summary>The series after its preparation.</summary>
    public static SpectralSeries Prepare(SpectralSeries series, string? steps, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return steps is null || CanRun(steps) ? series : throw new SeriesFormatException("preparation_unknown", "The recipe prepares the data by steps that cannot be followed yet.");
    }

    private static bool HasKind(JsonElement step) => step.ValueKind == JsonValueKind.Object && step.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String && kind.GetString() is { Length: > 0 and <= 64 };
}
