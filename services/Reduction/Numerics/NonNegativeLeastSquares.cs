using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Exact least squares with x >= 0 for many right sides that share one matrix: min |A x - b| through the normal equations G x = f with G = A'A
/// scaled to unit diagonal (the answer does not depend on the scale of the components) and f = A'b. Right sides with one passive set share one
/// Cholesky factor and are solved several at a time; the passive sets of the previous call are the first guess; a guess that fails goes through
/// block principal pivoting (Portugal, Judice, Vicente, Math. Comp. 63, 1994, 625), and what is degenerate through the method of Lawson and Hanson.
/// The Karush-Kuhn-Tucker conditions hold to rounding; components dependent on the others (sine of the angle below 3e-7) and components that are
/// zero get x = 0. At most 32 components (<c>component_count</c>). An instance belongs to one thread at a time.
/// </summary>
public sealed class NonNegativeLeastSquares
{
    /// <summary>Passive sets are words of 32 bits.</summary>
    public const int MaxComponents = 32;

    private const double Rounding = 1e-13;
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

    /// <summary>The non-negative X (k x c) that minimises |A X - B| for A (r x k) and B (r x c).</summary>
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
        return new Matrix(a.Columns, b.Columns, solution);
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
    /// answer alike. <paramref name="passive"/> holds a first guess of each passive set and receives the true one.
    /// </summary>
    public void Solve(ReadOnlySpan<double> rhs, int rhsStride, Span<double> solution, int solutionStride, Span<uint> passive, int count)
    {
        if (Vector512.IsHardwareAccelerated) Solve<Lanes512, Vector512<double>>(rhs, rhsStride, solution, solutionStride, passive, count);
        else Solve<Lanes256, Vector256<double>>(rhs, rhsStride, solution, solutionStride, passive, count);
    }

    /// <summary>As <see cref="Solve(ReadOnlySpan{double}, int, Span{double}, int, Span{uint}, int)"/> without the sign condition; dependent
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

    private void Solve<TLanes, TVector>(
        ReadOnlySpan<double> rhs, int rhsStride, Span<double> solution, int solutionStride, Span<uint> passive, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        Span<TVector> scaled = stackalloc TVector[components];
        Span<TVector> answer = stackalloc TVector[components];
        Span<double> oneRhs = stackalloc double[components];
        Span<double> oneAnswer = stackalloc double[components];
        Span<double> gradient = stackalloc double[components];
        var index = 0;
        while (index < count)
        {
            var width = TLanes.Count;
            if (index + width <= count && passive.Slice(index, width).Count(passive[index]) == width
                && TryTogether<TLanes, TVector>(rhs, rhsStride, solution, solutionStride, passive[index] & factors.Usable, index, scaled, answer))
            {
                passive.Slice(index, width).Fill(passive[index] & factors.Usable);
                index += width;
                continue;
            }
            for (var end = Math.Min(index + width, count); index < end; index++)
            {
                for (var j = 0; j < components; j++) oneRhs[j] = rhs[j * rhsStride + index] * factors.Scales[j];
                passive[index] = SolveOne(oneRhs, oneAnswer, gradient, passive[index]);
                for (var j = 0; j < components; j++) solution[j * solutionStride + index] = oneAnswer[j] * factors.Scales[j];
            }
        }
    }

    private bool TryTogether<TLanes, TVector>(
        ReadOnlySpan<double> rhs, int rhsStride, Span<double> solution, int solutionStride, uint set, int index, Span<TVector> scaled,
            Span<TVector> answer)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var factor = factors.For(set);
        if (factor.Dependent) return false;
        var members = factor.Members.AsSpan();
        var size = members.Length;
        var lower = factor.Lower.AsSpan();
        var inverse = factor.InverseDiagonal.AsSpan();
        var largest = TLanes.Broadcast(0);
        for (var j = 0; j < components; j++)
        {
            scaled[j] = TLanes.Multiply(TLanes.Load(in rhs[j * rhsStride + index], 0), TLanes.Broadcast(factors.Scales[j]));
            largest = TLanes.Max(largest, scaled[j]);
        }
        for (var row = 0; row < size; row++)
        {
            var value = scaled[members[row]];
            for (var column = 0; column < row; column++)
                value = TLanes.MultiplySubtract(TLanes.Broadcast(lower[row * size + column]), answer[column], value);
            answer[row] = TLanes.Multiply(value, TLanes.Broadcast(inverse[row]));
        }
        var zero = TLanes.Broadcast(0);
        for (var row = size - 1; row >= 0; row--)
        {
            var value = answer[row];
            for (var below = row + 1; below < size; below++)
                value = TLanes.MultiplySubtract(TLanes.Broadcast(lower[below * size + row]), answer[below], value);
            answer[row] = TLanes.Multiply(value, TLanes.Broadcast(inverse[row]));
            if (TLanes.AnyBelow(answer[row], zero)) return false;
        }
        var limit = TLanes.Multiply(largest, TLanes.Broadcast(Rounding));
        var active = factors.Usable & ~set;
        for (var j = 0; active != 0 && j < components; j++)
        {
            if ((active >> j & 1) == 0) continue;
            var slope = scaled[j];
            for (var row = 0; row < size; row++)
                slope = TLanes.MultiplySubtract(TLanes.Broadcast(factors.Gram[j * components + members[row]]), answer[row], slope);
            if (TLanes.AnyBelow(limit, slope)) return false;
        }
        for (var j = 0; j < components; j++) TLanes.Store(zero, ref MemoryMarshal.GetReference(solution), (nuint)(j * solutionStride + index));
        for (var row = 0; row < size; row++)
            TLanes.Store(
                TLanes.Multiply(answer[row], TLanes.Broadcast(factors.Scales[members[row]])),
                ref solution[members[row] * solutionStride + index], 0);
        return true;
    }

    private uint SolveOne(ReadOnlySpan<double> rhs, Span<double> answer, Span<double> gradient, uint guess)
    {
        var tolerance = Rounding * Math.Max(0, TensorPrimitives.Max(rhs));
        return PivotInBlocks(rhs, answer, gradient, guess & factors.Usable, tolerance) is { } set
            ? set
            : GrowFromNothing(rhs, answer, gradient, tolerance);
    }

    // Exchanges all wrong members at once; falls back to one at a time where the number of wrong ones does not fall (finite by Murty's argument).
    private uint? PivotInBlocks(ReadOnlySpan<double> rhs, Span<double> answer, Span<double> gradient, uint set, double tolerance)
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
                if ((set & bit) != 0 ? answer[j] < 0 : (factors.Usable & bit) != 0 && gradient[j] > tolerance) wrong |= bit;
            }
            if (wrong == 0) return set;
            var count = System.Numerics.BitOperations.PopCount(wrong);
            if (count < fewest) (fewest, patience) = (count, 3);
            else if (--patience < 0) wrong = 1u << 31 - System.Numerics.BitOperations.LeadingZeroCount(wrong);
            set ^= wrong;
        }
        return null;
    }

    private uint GrowFromNothing(ReadOnlySpan<double> rhs, Span<double> answer, Span<double> gradient, double tolerance)
    {
        Span<double> candidate = stackalloc double[components];
        answer.Clear();
        uint set = 0, refused = ~factors.Usable;
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
            set = Retreat(wider, rhs, answer, candidate, out var left);
            // After many rounds what has left does not come back: rounding would let it circle.
            refused = round < freely ? ~factors.Usable : refused | left;
        }
    }

    // Walks from the feasible answer towards the candidate, drops what would become negative, and solves again until nothing does.
    private uint Retreat(uint set, ReadOnlySpan<double> rhs, Span<double> answer, Span<double> candidate, out uint left)
    {
        left = 0;
        while (true)
        {
            var reach = 1.0;
            var blocking = -1;
            for (var j = 0; j < components; j++)
            {
                if ((set >> j & 1) == 0 || candidate[j] > 0) continue;
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
                if (j != blocking && (answer[j] > 0 || candidate[j] > 0)) continue;
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
}
