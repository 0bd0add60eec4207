using System.Numerics;

namespace Tutti.Reduction.Numerics;

/// <summary>Cholesky factors of the principal submatrices of one Gram matrix with unit diagonal, made when first asked for: one per passive set,
/// shared by all right sides.</summary>
internal sealed class PassiveSetFactors(int components)
{
    /// <summary>Squared sine of the angle to the span of the others below which a component counts as dependent on them.</summary>
    public const double DependentBelow = 1e-13;

    private readonly double[] gram = new double[components * components];
    private readonly double[] scales = new double[components];
    private readonly Dictionary<uint, Factor> bySet = [];
    private uint lastSet;
    private Factor? last;

    public ReadOnlySpan<double> Gram => gram;

    /// <summary>One over the square root of the original diagonal; zero for a component that vanished.</summary>
    public ReadOnlySpan<double> Scales => scales;

    /// <summary>The components with a diagonal above zero.</summary>
    public uint Usable { get; private set; }

    /// <summary>Takes a Gram matrix (k x k), scales it to unit diagonal and forgets the factors of the one before.</summary>
    public void Take(ReadOnlySpan<double> source)
    {
        bySet.Clear();
        last = null;
        Usable = 0;
        for (var index = 0; index < components; index++)
        {
            var square = source[index * components + index];
            scales[index] = square > 0 ? 1 / Math.Sqrt(square) : 0;
            if (scales[index] > 0 && double.IsFinite(scales[index])) Usable |= 1u << index;
            else scales[index] = 0;
        }
        for (var row = 0; row < components; row++)
            for (var column = 0; column < components; column++)
                gram[row * components + column] = row == column ? 1 : source[row * components + column] * scales[row] * scales[column];
    }

    public Factor For(uint set)
    {
        if (last is { } recent && lastSet == set) return recent;
        if (!bySet.TryGetValue(set, out var factor)) bySet.Add(set, factor = Decompose(set));
        (lastSet, last) = (set, factor);
        return factor;
    }

    private Factor Decompose(uint set)
    {
        var size = BitOperations.PopCount(set);
        var members = new int[size];
        for (int bit = 0, next = 0; bit < components; bit++)
            if ((set >> bit & 1) != 0) members[next++] = bit;
        var lower = new double[size * size];
        var inverse = new double[size];
        var dependent = false;
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var rest = gram[members[row] * components + members[column]];
                for (var inner = 0; inner < column; inner++) rest -= lower[row * size + inner] * lower[column * size + inner];
                if (column < row) lower[row * size + column] = rest * inverse[column];
                else
                {
                    if (rest <= DependentBelow) dependent = true;
                    inverse[row] = rest > 0 ? 1 / Math.Sqrt(rest) : 0;
                    lower[row * size + row] = Math.Sqrt(Math.Max(0, rest));
                }
            }
        }
        return new Factor(members, lower, inverse, dependent);
    }

    /// <summary>Lower triangle (size x size) of one passive set; <paramref name="Dependent"/> where the set is too close to linear dependence to be
    /// solved.</summary>
    internal sealed record Factor(int[] Members, double[] Lower, double[] InverseDiagonal, bool Dependent)
    {
        /// <summary>Solves for the members of the set; the rest of <paramref name="solution"/> becomes zero.</summary>
        public void Solve(ReadOnlySpan<double> rhs, Span<double> solution)
        {
            var size = Members.Length;
            Span<double> inner = stackalloc double[size];
            for (var row = 0; row < size; row++)
            {
                var value = rhs[Members[row]];
                for (var column = 0; column < row; column++) value -= Lower[row * size + column] * inner[column];
                inner[row] = value * InverseDiagonal[row];
            }
            solution.Clear();
            for (var row = size - 1; row >= 0; row--)
            {
                var value = inner[row];
                for (var below = row + 1; below < size; below++) value -= Lower[below * size + row] * inner[below];
                inner[row] = value * InverseDiagonal[row];
                solution[Members[row]] = inner[row];
            }
        }
    }
}
