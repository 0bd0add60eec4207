using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// A component has the same profile in every block, up to its amount there: the profiles of the blocks, which must be equally long, are replaced by
/// the nearest ones of one common shape (rank one, by singular value decomposition; de Juan, Rutan, Maeder, Tauler, J. Chemometrics 12, 1998, 227).
/// Found: <c>total[component,block]</c>, the norm of the component's profile in the block.
/// </summary>
public sealed record Trilinearity : ProfileConstraint
{
    internal override void Check(int components, IReadOnlyList<Block> blocks)
    {
        base.Check(components, blocks);
        if (Each(blocks).Select(block => block.Count).Distinct().Count() > 1) throw Unfit($"holds for blocks of one length only");
    }

    public override IReadOnlyList<ConstraintFinding> Apply(
        Span<double> profiles, int length, int components, IReadOnlyList<Block> blocks, CancellationToken cancellation = default)
    {
        var within = Each(blocks).ToArray();
        var numbers = Blocks?.ToArray() ?? [.. Enumerable.Range(0, within.Length)];
        var (count, rows) = (within.Length, within[0].Count);
        List<ConstraintFinding> found = [];
        foreach (var component in Each(components))
        {
            var profile = profiles.Slice(component * length, length);
            var gram = new double[count * count];
            for (var a = 0; a < count; a++)
            {
                cancellation.ThrowIfCancellationRequested();
                for (var b = 0; b <= a; b++)
                    gram[a * count + b] = gram[b * count + a] = TensorPrimitives.Dot<double>(
                        profile.Slice(within[a].First, rows), profile.Slice(within[b].First, rows));
            }
            var amounts = Dominant(gram, count, cancellation);
            if (amounts is null) continue;
            var shape = new double[rows];
            for (var block = 0; block < count; block++)
                TensorPrimitives.MultiplyAdd<double>(profile.Slice(within[block].First, rows), amounts[block], shape, shape);
            for (var block = 0; block < count; block++)
            {
                TensorPrimitives.Multiply<double>(shape, amounts[block], profile.Slice(within[block].First, rows));
                found.Add(new ConstraintFinding(
                    string.Create(null, $"total[{component},{numbers[block]}]"), TensorPrimitives.Norm<double>(shape) * Math.Abs(amounts[block])));
            }
        }
        return found;
    }

    // The eigenvector of the largest eigenvalue, of unit length; null where all is zero.
    private static double[]? Dominant(double[] gram, int count, CancellationToken cancellation)
    {
        var trace = 0.0;
        for (var index = 0; index < count; index++) trace += gram[index * count + index];
        if (trace == 0) return null;
        // Repeated squaring reaches the dominant direction within rounding in few steps, whatever the gap.
        var power = gram.Select(value => value / trace).ToArray();
        for (var step = 0; step < 60; step++)
        {
            var square = new double[count * count];
            for (var a = 0; a < count; a++)
            {
                cancellation.ThrowIfCancellationRequested();
                for (var b = 0; b < count; b++)
                    TensorPrimitives.MultiplyAdd<double>(power.AsSpan(b * count, count), power[a * count + b], square.AsSpan(a * count, count), square.AsSpan(a * count, count));
            }
            var sum = 0.0;
            for (var index = 0; index < count; index++) sum += square[index * count + index];
            TensorPrimitives.Divide(square, sum, square);
            var change = TensorPrimitives.Distance<double>(power, square);
            power = square;
            if (change < 1e-16) break;
        }
        var best = 0;
        for (var index = 1; index < count; index++)
            if (power[index * count + index] > power[best * count + best]) best = index;
        var vector = power[(best * count)..((best + 1) * count)];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector), vector);
        return vector;
    }
}
