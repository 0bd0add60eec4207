namespace Tutti.Reduction.Numerics;

/// <summary>
/// Profiles without roughness in each block: the z that minimises |y - z|^2 + <paramref name="Lambda"/> |second differences of z|^2 takes the place
/// of y (Whittaker, Proc. Edinb. Math. Soc. 41, 1923, 63; Eilers, Anal. Chem. 75, 2003, 3631). Lambda has no unit; it counts in steps of the grid,
/// and 10 to 1000 remove noise from a profile that changes over some ten points.
/// </summary>
public sealed record Smoothness(double Lambda) : ProfileConstraint
{
    internal override void Check(int components, IReadOnlyList<Block> blocks)
    {
        base.Check(components, blocks);
        if (!(Lambda >= 0) || !double.IsFinite(Lambda)) throw Unfit($"has a lambda of {Lambda}, which is a finite number not below zero");
    }

    public override IReadOnlyList<ConstraintFinding> Apply(
        Span<double> profiles, int length, int components, IReadOnlyList<Block> blocks, CancellationToken cancellation = default)
    {
        var ones = new double[length];
        Array.Fill(ones, 1);
        foreach (var component in Each(components))
            foreach (var block in Each(blocks))
            {
                cancellation.ThrowIfCancellationRequested();
                var profile = profiles.Slice(component * length + block.First, block.Count);
                if (profile.Length > 2) Whittaker.Smooth(profile, ones.AsSpan(0, profile.Length), Lambda).CopyTo(profile);
            }
        return [];
    }
}
