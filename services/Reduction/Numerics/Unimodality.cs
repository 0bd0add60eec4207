namespace Tutti.Reduction.Numerics;

/// <summary>What becomes of a value that breaks <see cref="Unimodality"/>.</summary>
public enum UnimodalityMode
{
    /// <summary>It becomes zero (mode 0 of the MATLAB program).</summary>
    Zero,

    /// <summary>It becomes its neighbour towards the maximum (mode 1).</summary>
    CopyNeighbour,

    /// <summary>The nearest unimodal profile around the maximum in the sense of least squares takes its place (mode 2), by pooling of adjacent
    /// violators.</summary>
    LeastSquares,
}

/// <summary>
/// A profile with one maximum in each block: from the maximum on it only falls, on both sides. A value may rise above its neighbour towards the
/// maximum by the factor <paramref name="Tolerance"/> (1: not at all) before it counts as a break.
/// </summary>
public sealed record Unimodality(double Tolerance = 1, UnimodalityMode Mode = UnimodalityMode.CopyNeighbour) : ProfileConstraint
{
    /// <summary>One profile made unimodal.</summary>
    public double[] ApplyTo(ReadOnlySpan<double> profile)
    {
        var copy = profile.ToArray();
        Within(copy);
        return copy;
    }

    internal override void Check(int components, IReadOnlyList<Block> blocks)
    {
        base.Check(components, blocks);
        if (!(Tolerance >= 1) || !double.IsFinite(Tolerance)) throw Unfit($"has a tolerance of {Tolerance}, which is a finite factor of at least 1");
    }

    public override IReadOnlyList<ConstraintFinding> Apply(
        Span<double> profiles, int length, int components, IReadOnlyList<Block> blocks, CancellationToken cancellation = default)
    {
        foreach (var component in Each(components))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var block in Each(blocks)) Within(profiles.Slice(component * length + block.First, block.Count));
        }
        return [];
    }

    private void Within(Span<double> profile)
    {
        var peak = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<double>(profile);
        if (Mode == UnimodalityMode.LeastSquares)
        {
            if (!Broken(profile, peak)) return;
            Rising(profile[..(peak + 1)]);
            var falling = profile[peak..];
            falling.Reverse();
            Rising(falling);
            falling.Reverse();
            return;
        }
        for (var index = peak - 1; index >= 0; index--)
            if (profile[index] > profile[index + 1] * Tolerance) profile[index] = Mode == UnimodalityMode.Zero ? 0 : profile[index + 1];
        for (var index = peak + 1; index < profile.Length; index++)
            if (profile[index] > profile[index - 1] * Tolerance) profile[index] = Mode == UnimodalityMode.Zero ? 0 : profile[index - 1];
    }

    private bool Broken(ReadOnlySpan<double> profile, int peak)
    {
        for (var index = 0; index + 1 < profile.Length; index++)
        {
            var (inner, outer) = index < peak ? (profile[index + 1], profile[index]) : (profile[index], profile[index + 1]);
            if (outer > inner * Tolerance) return true;
        }
        return false;
    }

    private static void Rising(Span<double> values)
    {
        var sums = new double[values.Length];
        var counts = new int[values.Length];
        var pools = 0;
        foreach (var value in values)
        {
            (sums[pools], counts[pools]) = (value, 1);
            pools++;
            while (pools > 1 && sums[pools - 2] * counts[pools - 1] > sums[pools - 1] * counts[pools - 2])
            {
                pools--;
                sums[pools - 1] += sums[pools];
                counts[pools - 1] += counts[pools];
            }
        }
        for (int pool = 0, at = 0; pool < pools; at += counts[pool], pool++) values.Slice(at, counts[pool]).Fill(sums[pool] / counts[pool]);
    }
}
