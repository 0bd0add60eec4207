using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The Gram matrix D'D (m x m) of data that come a block of rows at a time, in float64 or float32: what is needed to take principal components of a
/// stack that does not fit into memory (<see cref="PrincipalComponents.FromGram"/>). Sums are float64 throughout. Centred, the rows are taken
/// relative to the first one while they come and the mean is removed at the end, so that a large common background costs no digits. Not for two
/// threads at once.
/// Errors: <c>matrix_shape</c>, <c>zero_data</c>, <c>not_finite</c>.
/// </summary>
public sealed class GramAccumulator
{
    private const int RowsTogether = 256;
    private const int Side = 4;
    private readonly double[] gram;
    private readonly double[] sums;
    private readonly double[] block;
    private readonly double[] line;
    private double[]? origin;
    private int waiting;

    public GramAccumulator(int columns, bool centred = false)
    {
        (Columns, Centred) = (columns, centred);
        gram = Matrix.Allocate(columns, columns);
        sums = new double[columns];
        line = new double[columns];
        block = new double[checked((columns + Side - 1) / Side * Side * RowsTogether)];
    }

    public int Columns { get; }

    /// <summary>Whether the mean row is removed.</summary>
    public bool Centred { get; }

    /// <summary>Rows taken so far.</summary>
    public int Rows { get; private set; }

    /// <summary>Takes whole rows, one after the other.</summary>
    public void Add(ReadOnlySpan<double> rows)
    {
        CheckWhole(rows.Length);
        for (var at = 0; at < rows.Length; at += Columns)
        {
            rows.Slice(at, Columns).CopyTo(line);
            Take();
        }
    }

    /// <summary>Takes whole rows of float32, one after the other.</summary>
    public void Add(ReadOnlySpan<float> rows)
    {
        CheckWhole(rows.Length);
        for (var at = 0; at < rows.Length; at += Columns)
        {
            TensorPrimitives.ConvertChecked<float, double>(rows.Slice(at, Columns), line);
            Take();
        }
    }

    /// <summary>The Gram matrix (m x m, row-major) of everything taken, of the centred rows where that was asked for.</summary>
    public double[] Gram()
    {
        Flush();
        return Finished((double[])gram.Clone());
    }

    /// <summary>The Gram matrix in the accumulator's own memory; nothing can be added afterwards.</summary>
    internal double[] TakeGram()
    {
        Flush();
        return Finished(gram);
    }

    /// <summary>The mean row where it is removed, else zeros.</summary>
    internal double[] Mean()
    {
        var mean = new double[Columns];
        if (!Centred || origin is null) return mean;
        TensorPrimitives.Divide(sums, Rows, mean);
        TensorPrimitives.Add(mean, origin, mean);
        return mean;
    }

    private double[] Finished(double[] full)
    {
        if (Rows == 0) throw new NumericsException("zero_data", "No rows have been taken.");
        if (Centred)
            for (var row = 0; row < Columns; row++)
            {
                var target = full.AsSpan(row * Columns, Columns);
                TensorPrimitives.MultiplyAdd(sums, -sums[row] / Rows, target, target);
            }
        if (!TensorPrimitives.IsFiniteAll<double>(full))
            throw new NumericsException("not_finite", "The data hold values that are not finite numbers, or whose squares leave float64.");
        return full;
    }

    private void CheckWhole(int values)
    {
        if (values % Columns != 0)
            throw new NumericsException("matrix_shape", string.Create(CultureInfo.InvariantCulture,
                $"{values} values are no whole number of rows of {Columns}."));
    }

    private void Take()
    {
        if (Centred)
        {
            origin ??= (double[])line.Clone();
            TensorPrimitives.Subtract<double>(line, origin, line);
        }
        TensorPrimitives.Add(sums, line, sums);
        for (var column = 0; column < Columns; column++) block[column * RowsTogether + waiting] = line[column];
        Rows++;
        if (++waiting == RowsTogether) Flush();
    }

    private void Flush()
    {
        if (waiting == 0) return;
        for (var column = 0; column < Columns; column++) block.AsSpan(column * RowsTogether + waiting, RowsTogether - waiting).Clear();
        AddProducts(block, RowsTogether, Columns, gram);
        waiting = 0;
    }

    /// <summary>
    /// Adds X X' to <paramref name="gram"/> for X of <paramref name="count"/> rows, each <paramref name="length"/> long (a multiple of 8), in memory
    /// padded with rows of zeros to a multiple of four.
    /// </summary>
    internal static void AddProducts(ReadOnlySpan<double> rows, int length, int count, Span<double> gram)
    {
        Span<double> tile = stackalloc double[Side * Side];
        for (var first = 0; first < count; first += Side)
            for (var second = 0; second <= first; second += Side)
            {
                for (var half = 0; half < Side; half += 2) TwoByFour(rows, length, first + half, second, tile[(half * Side)..]);
                for (var row = first; row < Math.Min(first + Side, count); row++)
                    for (var column = second; column < Math.Min(second + Side, count); column++)
                    {
                        if (column > row) continue;
                        var product = tile[(row - first) * Side + column - second];
                        gram[row * count + column] += product;
                        if (column != row) gram[column * count + row] += product;
                    }
            }
    }

    private static void TwoByFour(ReadOnlySpan<double> rows, int length, int first, int second, Span<double> tile)
    {
        var a = Lanes(rows, length, first);
        var b = Lanes(rows, length, first + 1);
        var c = Lanes(rows, length, second)[..a.Length];
        var d = Lanes(rows, length, second + 1)[..a.Length];
        var e = Lanes(rows, length, second + 2)[..a.Length];
        var f = Lanes(rows, length, second + 3)[..a.Length];
        b = b[..a.Length];
        Vector<double> ac = default, ad = default, ae = default, af = default, bc = default, bd = default, be = default, bf = default;
        for (var lane = 0; lane < a.Length; lane++)
        {
            var (x, y) = (a[lane], b[lane]);
            var (p, q, r, s) = (c[lane], d[lane], e[lane], f[lane]);
            ac = Vector.FusedMultiplyAdd(x, p, ac);
            ad = Vector.FusedMultiplyAdd(x, q, ad);
            ae = Vector.FusedMultiplyAdd(x, r, ae);
            af = Vector.FusedMultiplyAdd(x, s, af);
            bc = Vector.FusedMultiplyAdd(y, p, bc);
            bd = Vector.FusedMultiplyAdd(y, q, bd);
            be = Vector.FusedMultiplyAdd(y, r, be);
            bf = Vector.FusedMultiplyAdd(y, s, bf);
        }
        (tile[0], tile[1], tile[2], tile[3]) = (Vector.Sum(ac), Vector.Sum(ad), Vector.Sum(ae), Vector.Sum(af));
        (tile[4], tile[5], tile[6], tile[7]) = (Vector.Sum(bc), Vector.Sum(bd), Vector.Sum(be), Vector.Sum(bf));
    }

    private static ReadOnlySpan<Vector<double>> Lanes(ReadOnlySpan<double> rows, int length, int row) =>
        MemoryMarshal.Cast<double, Vector<double>>(rows.Slice(row * length, length));
}
