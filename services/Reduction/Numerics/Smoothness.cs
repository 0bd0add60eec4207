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

    public override IReadOnlyList<ConstraintFinding> Apply(Span<double> profiles, int length, int components, IReadOnlyList<Block> blocks)
    {
        foreach (var component in Each(components))
            foreach (var block in Each(blocks)) Smooth(profiles.Slice(component * length + block.First, block.Count), Lambda);
        return [];
    }

    /// <summary>Smooths in place, by the banded factorisation of I + lambda D'D.</summary>
    internal static void Smooth(Span<double> values, double lambda)
    {
        var count = values.Length;
        if (count < 3 || lambda == 0) return;
        var diagonal = new double[count];
        var first = new double[count];
        var second = new double[count];
        Array.Fill(diagonal, 1.0);
        for (var index = 0; index + 2 < count; index++)
        {
            diagonal[index] += lambda;
            diagonal[index + 1] += 4 * lambda;
            diagonal[index + 2] += lambda;
            first[index] -= 2 * lambda;
            first[index + 1] -= 2 * lambda;
            second[index] += lambda;
        }
        // L D L' with two bands below the diagonal; first and second become the bands of L.
        for (var index = 0; index < count; index++)
        {
            if (index + 1 < count)
            {
                var below = first[index];
                first[index] = below / diagonal[index];
                diagonal[index + 1] -= below * first[index];
                if (index + 2 < count)
                {
                    first[index + 1] -= second[index] * first[index];
                    var lower = second[index];
                    second[index] = lower / diagonal[index];
                    diagonal[index + 2] -= lower * second[index];
                }
            }
            if (index >= 1) values[index] -= first[index - 1] * values[index - 1];
            if (index >= 2) values[index] -= second[index - 2] * values[index - 2];
        }
        for (var index = 0; index < count; index++) values[index] /= diagonal[index];
        for (var index = count - 2; index >= 0; index--)
        {
            values[index] -= first[index] * values[index + 1];
            if (index + 2 < count) values[index] -= second[index] * values[index + 2];
        }
    }
}
