namespace Tutti.Reduction.Numerics;

/// <summary>
/// The concentrations of one component are known in some spectra, from another method or from weighing: a straight line through the known ones
/// carries all of them to the known unit, and where a quantity is known it is taken (Antunes, Simao, Duarte, Tauler, Analyst 127, 2002, 809).
/// <paramref name="Known"/> has one entry per spectrum, null where nothing is known; at least two different ones are needed.
/// Found: <c>slope[component]</c>, <c>intercept[component]</c> and <c>r2[component]</c> of the line.
/// </summary>
public sealed record QuantityCorrelation(int Component, IReadOnlyList<double?> Known) : ProfileConstraint
{
    internal override void Check(int components, IReadOnlyList<Block> blocks)
    {
        base.Check(components, blocks);
        if (Components is not null || Blocks is not null) throw Unfit($"holds for its one component in the spectra where the quantity is known, and takes neither components nor blocks");
        if (Component < 0 || Component >= components) throw Unfit($"names component {Component} of {components}");
        var length = blocks[^1].First + blocks[^1].Count;
        if (Known.Count != length) throw Unfit($"knows {Known.Count} values of {length}");
        var given = Known.OfType<double>().ToArray();
        if (given.Distinct().Count() < 2) throw Unfit($"needs at least two different known values");
        if (given.Any(value => !double.IsFinite(value))) throw Unfit($"knows values that are not finite");
    }

    public override IReadOnlyList<ConstraintFinding> Apply(
        Span<double> profiles, int length, int components, IReadOnlyList<Block> blocks, CancellationToken cancellation = default)
    {
        var profile = profiles.Slice(Component * length, length);
        double count = 0, meanKnown = 0, meanFound = 0;
        for (var index = 0; index < length; index++)
        {
            if (Known[index] is not { } known) continue;
            count++;
            meanKnown += known;
            meanFound += profile[index];
        }
        (meanKnown, meanFound) = (meanKnown / count, meanFound / count);
        double both = 0, squareKnown = 0, squareFound = 0;
        for (var index = 0; index < length; index++)
        {
            if (Known[index] is not { } known) continue;
            both += (known - meanKnown) * (profile[index] - meanFound);
            squareKnown += (known - meanKnown) * (known - meanKnown);
            squareFound += (profile[index] - meanFound) * (profile[index] - meanFound);
        }
        var slope = both / squareKnown;
        var intercept = meanFound - slope * meanKnown;
        // A line without slope tells nothing of the others; they stay as they are until the profile follows the known values.
        var told = slope != 0 && double.IsFinite(1 / slope);
        for (var index = 0; index < length; index++)
            profile[index] = Known[index] ?? (told ? (profile[index] - intercept) / slope : profile[index]);
        return
        [
            new(string.Create(null, $"slope[{Component}]"), slope), new(string.Create(null, $"intercept[{Component}]"), intercept),
            new(string.Create(null, $"r2[{Component}]"), squareFound == 0 ? 0 : both * both / (squareKnown * squareFound)),
        ];
    }
}
