using System.Globalization;
using System.Text.Json.Serialization;

namespace Tutti.Reduction.Numerics;

/// <summary>A run of neighbouring spectra (of one run of a cell) or channels (of one technique) inside an augmented matrix.</summary>
public readonly record struct Block(int First, int Count);

/// <summary>What a constraint found on its way, for instance fitted rate constants.</summary>
public sealed record ConstraintFinding(string Name, double Value);

/// <summary>
/// A condition on whole profiles, put onto the least-squares answer of each half step in the order given: on the concentrations of a component over
/// the spectra, or on its spectrum over the channels. Error: <c>constraint</c> with what does not fit.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "constraint")]
[JsonDerivedType(typeof(Unimodality), "unimodality")]
[JsonDerivedType(typeof(Smoothness), "smoothness")]
[JsonDerivedType(typeof(Trilinearity), "trilinearity")]
[JsonDerivedType(typeof(FirstOrderKinetics), "first-order-kinetics")]
[JsonDerivedType(typeof(QuantityCorrelation), "quantity-correlation")]
public abstract record ProfileConstraint
{
    private protected ProfileConstraint()
    {
    }

    /// <summary>Numbers of the components it holds for, from 0; null for all.</summary>
    public IReadOnlyList<int>? Components { get; init; }

    /// <summary>Numbers of the blocks it holds in, from 0; null for all.</summary>
    public IReadOnlyList<int>? Blocks { get; init; }

    /// <summary>Refuses what cannot hold for so many components and these blocks.</summary>
    internal virtual void Check(int components, IReadOnlyList<Block> blocks)
    {
        if (Components is { } named && (named.Count == 0 || named.Any(index => index < 0 || index >= components)))
            throw Unfit($"names components outside 0 to {components - 1}");
        if (Blocks is { } within && (within.Count == 0 || within.Any(index => index < 0 || index >= blocks.Count)))
            throw Unfit($"names blocks outside 0 to {blocks.Count - 1}");
    }

    /// <summary>Puts the condition onto profiles held component after component, <paramref name="length"/> values each. A cancelled one
    /// leaves them half done.</summary>
    public abstract IReadOnlyList<ConstraintFinding> Apply(
        Span<double> profiles, int length, int components, IReadOnlyList<Block> blocks, CancellationToken cancellation = default);

    private protected IEnumerable<int> Each(int components) => Components ?? Enumerable.Range(0, components);

    private protected IEnumerable<Block> Each(IReadOnlyList<Block> blocks) => Blocks?.Select(index => blocks[index]) ?? blocks;

    private protected NumericsException Unfit(FormattableString why) =>
        new("constraint", $"{GetType().Name} {why.ToString(CultureInfo.InvariantCulture)}.");
}
