namespace Tutti.Scheduling.Planning;

/// <summary>Pinned placements that break a rule, of their own or together: no plan could keep them.</summary>
internal static class PinErrors
{
    public static IEnumerable<InstanceError> Of(PlanningInstance instance)
    {
        if (instance.Pinned.Count == 0) yield break;
        var space = new Space(instance);
        var draft = new Draft(space);
        foreach (var pin in instance.Pinned)
        {
            var e = space.ExperimentIndex[pin.Experiment];
            var subject = $"pinned experiment {pin.Experiment}";
            if (space.Experiments[e].Pin is not { } place)
            {
                yield return new("pin_breaks_place", subject, "Its instrument is not eligible, or its blocks do not lie on open shifts.");
                continue;
            }
            if (OwnRules(space, e, place) is { } own) yield return new("pin_breaks_own_rules", subject, own);
            else if (draft.Broken(e, place) is not Rules.None and var broken) yield return new("pin_breaks_rules", subject, $"Together with other pins it breaks: {broken}.");
            else draft.Take(e, place);
        }
    }

    public static string? OwnRules(Space space, int e, Place place)
    {
        var data = space.Experiments[e];
        if (place.Blocks.Sum(block => block.Slots) != place.Option.Shifts) return "It does not have the number of shifts that is asked.";
        if (place.Blocks.Length > data.MaxBlocks) return "It has more blocks than allowed.";
        if (place.Blocks is [var only]) return Array.Exists(place.Option.Single, block => block == only) ? null : "Its block breaks the window, an absence of the team, a closure or a quota.";
        for (var n = 0; n < place.Blocks.Length; n++)
        {
            var block = place.Blocks[n];
            if (block.Slots < data.MinBlock) return "A block is shorter than allowed.";
            if (n > 0 && block.Start < place.Blocks[n - 1].End) return "Its blocks overlap or are out of order.";
            if (place.Option.Reach.Length == 0 || place.Option.Reach[block.First] < block.First + block.Slots - 1) return "A block breaks the window, an absence of the team, a closure or a quota.";
        }
        return null;
    }
}
