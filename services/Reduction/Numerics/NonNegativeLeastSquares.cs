using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Exact least squares with x >= 0 for many right sides that share one matrix: min |A x - b| through the normal equations G x = f with G = A'A
/// scaled to unit diagonal (the answer does not depend on the scale of the components) and f = A'b. Right sides with one passive set share one
/// Cholesky factor and are solved several at a time; the passive sets of the previous call are the first guess; a guess that fails goes through
/// block principal pivoting (Portugal, Judice, Vicente, Math. Comp. 63, 1994, 625), and what is degenerate through the method of Lawson and Hanson.
/// The Karush-Kuhn-Tucker conditions hold to the rounding of G; components dependent on the others (sine of the angle below 3e-7) and components that are
/// zero get x = 0. At most 32 components (<c>component_count</c>). An instance belongs to one thread at a time.
/// </summary>
public sealed class NonNegativeLeastSquares
{
    /// <summary>Passive sets are words of 32 bits.</summary>
    public const int MaxComponents = 32;

    private const double Rounding = 1e-13;

    // Of the slopes in units of |b|.
    private const double Met = 1e-12;
    private const int MostAtOnce = 512;
    private readonly PassiveSetFactors factors;
    private readonly int components;
    private uint independent;

    public NonNegativeLeastSquares(int components)
    {
        if (components is < 1 or > MaxComponents)
            throw new NumericsException("component_count", string.Create(null,
                $"Between 1 and {MaxComponents} components can be fitted, not {components}."));
        this.components = components;
        factors = new PassiveSetFactors(components);
    }

    /// <summary>The non-negative X (k x c) that minimises |A X - B| for A (r x k) and B (r x c). Where A is so close to linear dependence that the
    /// normal equations miss the conditions, the columns of A themselves are orthogonalised.</summary>
    public static Matrix Solve(Matrix a, Matrix b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var turned = a.Transpose();
        var rhs = turned.Times(b);
        var solver = new NonNegativeLeastSquares(a.Columns);
        solver.SetGram(turned.Times(a).Values);
        var solution = Matrix.Allocate(a.Columns, b.Columns);
        var passive = solver.FirstGuess(b.Columns);
        solver.Solve(rhs.Values, b.Columns, solution, b.Columns, passive, b.Columns);
        var answer = new Matrix(a.Columns, b.Columns, solution);
        var careful = new OrthogonalNonNegative(a);
        for (var column = 0; column < b.Columns; column++)
        {
            var side = b.Column(column);
            if (careful.Violation(side, answer.Column(column)) <= Met) continue;
            var better = careful.Solve(side);
            for (var j = 0; j < better.Length; j++) solution[j * b.Columns + column] = better[j];
        }
        return answer;
    }

    /// <summary>Passive sets to begin with: everything.</summary>
    internal uint[] FirstGuess(int count)
    {
        var sets = new uint[count];
        Array.Fill(sets, components == 32 ? uint.MaxValue : (1u << components) - 1);
        return sets;
    }

    /// <summary>Sets the matrix A'A (k x k, row-major) of the following calls.</summary>
    public void SetGram(ReadOnlySpan<double> gram)
    {
        factors.Take(gram);
        independent = 0;
        for (var bit = 0; bit < components; bit++)
        {
            var wider = independent | 1u << bit;
            if ((factors.Usable & 1u << bit) != 0 && !factors.For(wider).Dependent) independent = wider;
        }
    }

    /// <summary>
    /// Solves <paramref name="count"/> right sides given component after component: value i of component j at <c>rhs[j * rhsStride + i]</c>, the
    /// answer alike. <paramref name="passive"/> holds a first guess of each passive set and receives the true one. The components in
    /// <paramref name="free"/> (one bit each) may have either sign.
    /// </summary>
    public void Solve(ReadOnlySpan<double> rhs, int rhsStride, Span<double> solution, int solutionStride, Span<uint> passive, int count, uint free = 0)
    {
        for (var first = 0; first < count; first += MostAtOnce)
        {
            var part = Math.Min(MostAtOnce, count - first);
            if (Vector512.IsHardwareAccelerated)
                Solve<Lanes512, Vector512<double>>(rhs[first..], rhsStride, solution[first..], solutionStride, passive.Slice(first, part), free);
            else
                Solve<Lanes256, Vector256<double>>(rhs[first..], rhsStride, solution[first..], solutionStride, passive.Slice(first, part), free);
        }
    }

    /// <summary>As <see cref="Solve(ReadOnlySpan{double}, int, Span{double}, int, Span{uint}, int, uint)"/> without the sign condition; dependent
    /// components get zero.</summary>
    public void SolveUnconstrained(ReadOnlySpan<double> rhs, int rhsStride, Span<double> solution, int solutionStride, int count)
    {
        var factor = factors.For(independent);
        Span<double> scaled = stackalloc double[components];
        Span<double> answer = stackalloc double[components];
        for (var index = 0; index < count; index++)
        {
            for (var j = 0; j < components; j++) scaled[j] = rhs[j * rhsStride + index] * factors.Scales[j];
            factor.Solve(scaled, answer);
            for (var j = 0; j < components; j++) solution[j * solutionStride + index] = answer[j] * factors.Scales[j];
        }
    }

    /// <summary>
    /// Solves for one right side where the components in <paramref name="allowed"/> are sought and all others are zero; those in
    /// <paramref name="free"/> may have either sign.
    /// </summary>
    internal void SolveSome(ReadOnlySpan<double> rhs, Span<double> solution, uint allowed, uint free)
    {
        Span<double> scaled = stackalloc double[components];
        Span<double> gradient = stackalloc double[components];
        for (var j = 0; j < components; j++) scaled[j] = rhs[j] * factors.Scales[j];
        SolveOne(scaled, solution, gradient, allowed, new Signs(allowed & factors.Usable, free & allowed));
        for (var j = 0; j < components; j++) solution[j] *= factors.Scales[j];
    }

    private void Solve<TLanes, TVector>(
        ReadOnlySpan<double> rhs, int rhsStride, Span<double> solution, int solutionStride, Span<uint> passive, uint free)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var signs = new Signs(factors.Usable, free & independent);
        Span<TVector> scaled = stackalloc TVector[components];
        Span<TVector> answer = stackalloc TVector[components];
        Span<double> room = stackalloc double[3 * components];
        var alike = passive.Count(passive[0]) == passive.Length;
        Span<ulong> order = alike ? [] : stackalloc ulong[passive.Length];
        if (!alike)
        {
            for (var index = 0; index < order.Length; index++) order[index] = (ulong)passive[index] << 32 | (uint)index;
            order.Sort();
        }
        var gathered = alike ? [] : stackalloc double[components * TLanes.Count];
        for (var first = 0; first < passive.Length;)
        {
            var set = passive[alike ? first : (int)(uint)order[first]];
            var width = 1;
            while (width < TLanes.Count && first + width < passive.Length && (alike || order[first + width] >> 32 == set)) width++;
            var wrong = uint.MaxValue;
            if (width == TLanes.Count)
            {
                if (!alike) Gather(rhs, rhsStride, order.Slice(first, width), gathered);
                wrong = alike
                    ? Together<TLanes, TVector>(rhs[first..], rhsStride, set | signs.Free, signs, scaled, answer)
                    : Together<TLanes, TVector>(gathered, width, set | signs.Free, signs, scaled, answer);
                if (wrong == 0 && alike) Keep<TLanes, TVector>(answer, solution[first..], solutionStride);
                else if (wrong == 0) Scatter<TLanes, TVector>(answer, gathered, order.Slice(first, width), solution, solutionStride);
            }
            for (var lane = 0; lane < width; lane++)
            {
                var index = alike ? first + lane : (int)(uint)order[first + lane];
                if (wrong == 0)
                {
                    passive[index] = (set | signs.Free) & signs.Allowed;
                    continue;
                }
                for (var j = 0; j < components; j++) room[j] = rhs[j * rhsStride + index] * factors.Scales[j];
                passive[index] = SolveOne(room[..components], room.Slice(components, components), room[(2 * components)..], set, signs);
                for (var j = 0; j < components; j++) solution[j * solutionStride + index] = room[components + j] * factors.Scales[j];
            }
            first += width;
        }
    }

    private void Gather(ReadOnlySpan<double> rhs, int stride, ReadOnlySpan<ulong> which, Span<double> block)
    {
        for (var j = 0; j < components; j++)
            for (var lane = 0; lane < which.Length; lane++) block[j * which.Length + lane] = rhs[j * stride + (int)(uint)which[lane]];
    }

    private void Scatter<TLanes, TVector>(ReadOnlySpan<TVector> answer, Span<double> block, ReadOnlySpan<ulong> which, Span<double> solution, int stride)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        for (var j = 0; j < components; j++)
        {
            TLanes.Store(answer[j], ref block[j * which.Length], 0);
            for (var lane = 0; lane < which.Length; lane++) solution[j * stride + (int)(uint)which[lane]] = block[j * which.Length + lane];
        }
    }

    private void Keep<TLanes, TVector>(ReadOnlySpan<TVector> answer, Span<double> solution, int stride)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        for (var j = 0; j < components; j++) TLanes.Store(answer[j], ref solution[j * stride], 0);
    }

    /// <summary>
    /// Solves for as many right sides as there are lanes, all with one passive set; <paramref name="answer"/> holds all components, unscaled. One
    /// bit per lane tells where the set is not the right one.
    /// </summary>
    private uint Together<TLanes, TVector>(ReadOnlySpan<double> rhs, int stride, uint set, Signs signs, Span<TVector> scaled, Span<TVector> answer)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        set &= signs.Allowed;
        var factor = factors.For(set);
        if (factor.Dependent) return uint.MaxValue;
        var members = factor.Members.AsSpan();
        var size = members.Length;
        var lower = factor.Lower.AsSpan();
        var inverse = factor.InverseDiagonal.AsSpan();
        var zero = TLanes.Broadcast(0);
        var largest = zero;
        for (var j = 0; j < components; j++)
        {
            scaled[j] = TLanes.Multiply(TLanes.Load(in rhs[j * stride], 0), TLanes.Broadcast(factors.Scales[j]));
            largest = TLanes.Max(largest, scaled[j]);
            answer[j] = zero;
        }
        for (var row = 0; row < size; row++)
        {
            var value = scaled[members[row]];
            for (var column = 0; column < row; column++)
                value = TLanes.MultiplySubtract(TLanes.Broadcast(lower[row * size + column]), answer[members[column]], value);
            answer[members[row]] = TLanes.Multiply(value, TLanes.Broadcast(inverse[row]));
        }
        uint wrong = 0;
        for (var row = size - 1; row >= 0; row--)
        {
            var value = answer[members[row]];
            for (var below = row + 1; below < size; below++)
                value = TLanes.MultiplySubtract(TLanes.Broadcast(lower[below * size + row]), answer[members[below]], value);
            answer[members[row]] = value = TLanes.Multiply(value, TLanes.Broadcast(inverse[row]));
            if ((signs.Free >> members[row] & 1) == 0) wrong |= TLanes.Below(value, zero);
        }
        if (wrong != 0) return wrong;
        var limit = TLanes.Multiply(largest, TLanes.Broadcast(Rounding));
        var active = signs.Allowed & ~set;
        for (var j = 0; active != 0 && j < components; j++)
        {
            if ((active >> j & 1) == 0) continue;
            var slope = scaled[j];
            for (var row = 0; row < size; row++)
                slope = TLanes.MultiplySubtract(TLanes.Broadcast(factors.Gram[j * components + members[row]]), answer[members[row]], slope);
            wrong |= TLanes.Below(limit, slope);
        }
        if (wrong != 0) return wrong;
        for (var row = 0; row < size; row++) answer[members[row]] = TLanes.Multiply(answer[members[row]], TLanes.Broadcast(factors.Scales[members[row]]));
        return 0;
    }

    private uint SolveOne(ReadOnlySpan<double> rhs, Span<double> answer, Span<double> gradient, uint guess, Signs signs)
    {
        var tolerance = Rounding * Math.Max(0, TensorPrimitives.Max(rhs));
        return PivotInBlocks(rhs, answer, gradient, (guess | signs.Free) & signs.Allowed, tolerance, signs) is { } set
            ? set
            : Grow(rhs, answer, gradient, tolerance, signs);
    }

    // Exchanges all wrong members at once; falls back to one at a time where the number of wrong ones does not fall (finite by Murty's argument).
    private uint? PivotInBlocks(ReadOnlySpan<double> rhs, Span<double> answer, Span<double> gradient, uint set, double tolerance, Signs signs)
    {
        var fewest = components + 1;
        var patience = 3;
        for (var round = 0; round < 5 * components + 10; round++)
        {
            var factor = factors.For(set);
            if (factor.Dependent) return null;
            factor.Solve(rhs, answer);
            Gradient(rhs, answer, gradient);
            uint wrong = 0;
            for (var j = 0; j < components; j++)
            {
                var bit = 1u << j;
                if ((signs.Free & bit) == 0 && ((set & bit) != 0 ? answer[j] < 0 : (signs.Allowed & bit) != 0 && gradient[j] > tolerance)) wrong |= bit;
            }
            if (wrong == 0) return set;
            var count = System.Numerics.BitOperations.PopCount(wrong);
            if (count < fewest) (fewest, patience) = (count, 3);
            else if (--patience < 0) wrong = 1u << 31 - System.Numerics.BitOperations.LeadingZeroCount(wrong);
            set ^= wrong;
        }
        return null;
    }

    // The method of Lawson and Hanson; what may have either sign is in the set from the beginning.
    private uint Grow(ReadOnlySpan<double> rhs, Span<double> answer, Span<double> gradient, double tolerance, Signs signs)
    {
        Span<double> candidate = stackalloc double[components];
        answer.Clear();
        uint set = 0, barred = ~signs.Allowed;
        for (var j = 0; j < components; j++)
            if ((signs.Free >> j & 1) != 0 && !factors.For(set | 1u << j).Dependent) set |= 1u << j;
        barred |= signs.Free & ~set;
        if (set != 0) factors.For(set).Solve(rhs, answer);
        var refused = barred;
        var freely = 5 * components + 20;
        for (var round = 0; ; round++)
        {
            Gradient(rhs, answer, gradient);
            var entering = -1;
            for (var j = 0; j < components; j++)
                if (((set | refused) >> j & 1) == 0 && gradient[j] > tolerance && (entering < 0 || gradient[j] > gradient[entering])) entering = j;
            if (entering < 0) return set;
            var wider = set | 1u << entering;
            var factor = factors.For(wider);
            if (!factor.Dependent) factor.Solve(rhs, candidate);
            if (factor.Dependent || candidate[entering] <= 0)
            {
                refused |= 1u << entering;
                continue;
            }
            set = Retreat(wider, rhs, answer, candidate, signs.Free, out var left);
            // After many rounds what has left does not come back: rounding would let it circle.
            refused = round < freely ? barred : refused | left;
        }
    }

    // Walks from the feasible answer towards the candidate, drops what would become negative, and solves again until nothing does.
    private uint Retreat(uint set, ReadOnlySpan<double> rhs, Span<double> answer, Span<double> candidate, uint free, out uint left)
    {
        left = 0;
        while (true)
        {
            var reach = 1.0;
            var blocking = -1;
            for (var j = 0; j < components; j++)
            {
                if (((set & ~free) >> j & 1) == 0 || candidate[j] > 0) continue;
                var step = answer[j] / (answer[j] - candidate[j]);
                if (blocking < 0 || !(step >= reach)) (reach, blocking) = (double.IsNaN(step) ? 0 : step, j);
            }
            if (blocking < 0)
            {
                candidate.CopyTo(answer);
                return set;
            }
            for (var j = 0; j < components; j++)
            {
                if ((set >> j & 1) == 0) continue;
                answer[j] += reach * (candidate[j] - answer[j]);
                if ((free >> j & 1) != 0 || (j != blocking && (answer[j] > 0 || candidate[j] > 0))) continue;
                answer[j] = 0;
                set &= ~(1u << j);
                left |= 1u << j;
            }
            factors.For(set).Solve(rhs, candidate);
        }
    }

    private void Gradient(ReadOnlySpan<double> rhs, ReadOnlySpan<double> answer, Span<double> gradient)
    {
        for (var j = 0; j < components; j++)
        {
            var value = rhs[j];
            for (var other = 0; other < components; other++) value -= factors.Gram[j * components + other] * answer[other];
            gradient[j] = value;
        }
    }

    /// <summary>Which components are sought at all, and which of them may have either sign.</summary>
    private readonly record struct Signs(uint Allowed, uint Free);
}
