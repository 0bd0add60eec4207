using System.Text.Json;
using Tutti.Reduction.Preparation;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction;

/// <summary>The preparation of a recipe, a JSON document, as the steps that it names.</summary>
public static class RecipeSteps
{
    private const int MostSteps = 50, LongestDocument = 64 * 1024;

    /// <summary>Everything that is wrong with a preparation: a list of steps, each known and with parameters that can be.</summary>
    public static IReadOnlyList<Problem> Check(JsonElement steps)
    {
        if (steps.ValueKind != JsonValueKind.Array) return [new("steps", "steps.form", "The steps are a list.")];
        if (steps.GetArrayLength() > MostSteps || steps.GetRawText().Length > LongestDocument) return [new("steps", "steps.length", $"At most {MostSteps} steps and {LongestDocument} characters are a preparation.")];
        return [.. steps.EnumerateArray().SelectMany((step, index) => Wrong(step) is { } reason ? (Problem[])[new($"steps[{index}]", "step.invalid", reason)] : [])];
    }

    /// <summary>The steps of a preparation that was found to be right.</summary>
    public static IReadOnlyList<PreparationStep> Of(string? steps) =>
        steps is null ? [] : JsonSerializer.Deserialize<IReadOnlyList<PreparationStep>>(steps, ReductionRecipe.Web) ?? [];

    private static string? Wrong(JsonElement step)
    {
        try
        {
            if (step.Deserialize<PreparationStep>(ReductionRecipe.Web) is not { } known) return "A step is an object.";
            known.Check();
            return null;
        }
        catch (JsonException unknown)
        {
            return RecipeMistakes.InStep(step) ?? unknown.Message;
        }
        catch (NotSupportedException)
        {
            return RecipeMistakes.InStep(step) ?? "A step names what it does in its member 'step'.";
        }
        catch (Numerics.NumericsException parameters)
        {
            return parameters.Message;
        }
    }
}
