using System.Text.Json;

namespace Tutti.Scheduling.Checking;

/// <summary>What a plan says of itself: reckoned again, and compared.</summary>
public sealed partial class PlanCheck
{
    private IEnumerable<string> Wrong(JsonElement plan, Verdict verdict, Dictionary<int, Placed> placed)
    {
        if (Number(plan, "objective") is { } objective && objective != verdict.Objective) yield return $"objective: {objective} is told, and it is {verdict.Objective}";
        if (Number(plan, "bound") is { } bound)
        {
            if (verdict.IsLegal && bound < verdict.Objective) yield return $"bound: {bound} is below the objective {verdict.Objective}";
            else if (bound > verdict.Objective && Text(plan, "status") == "optimal") yield return $"status: optimal is told, with a bound of {bound} above the objective {verdict.Objective}";
        }
        foreach (var layer in Members(plan, "layers"))
            if (Text(layer, "layer") is { } name && Number(layer, "value") is { } value && value != verdict.Layers.GetValueOrDefault(name)) yield return $"layers: {value} is told of {name}, and it is {verdict.Layers.GetValueOrDefault(name)}";
        var unplaced = Members(plan, "unplaced").Select(one => Number(one, "experiment")).OfType<long>().ToHashSet();
        if (plan.TryGetProperty("unplaced", out _))
            foreach (var id in experiments.Keys.Where(id => unplaced.Contains(id) == placed.ContainsKey(id)).Order())
                yield return placed.ContainsKey(id) ? $"unplaced: experiment {id} has a place" : $"unplaced: experiment {id} has no place and is not listed";
        foreach (var one in Members(plan, "granted"))
            if (Number(one, "experiment") is { } id && id is >= 0 and <= int.MaxValue && Number(one, "granted") is { } told)
            {
                var given = placed.TryGetValue((int)id, out var there) ? there.Blocks.Sum(block => ShiftsOf(there, block).Count()) : 0;
                if (given != told) yield return $"granted: {told} shifts are told of experiment {id}, and it has {given}";
            }
    }

    private static IEnumerable<JsonElement> Members(JsonElement plan, string name) =>
        plan.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object)] : [];

    private static long? Number(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
