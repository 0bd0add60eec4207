using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Which found component belongs to which of a reference: <see cref="Found"/>[r] is the found component of reference component r, or -1 where there
/// are too few. <see cref="ErrorC"/> and <see cref="ErrorS"/> are relative errors |a x - r| / |r| after one optimal scale a per profile (NaN without
/// a partner); <see cref="Likeness"/> is |corr S| + |corr C|, at most 2.
/// </summary>
public sealed record ComponentMatch(
    IReadOnlyList<int> Found, IReadOnlyList<double> ErrorC, IReadOnlyList<double> ErrorS, IReadOnlyList<double> Likeness)
{
    /// <summary>The largest of the relative errors of the concentrations.</summary>
    public double WorstC => ErrorC.Max();

    /// <summary>The largest of the relative errors of the spectra.</summary>
    public double WorstS => ErrorS.Max();
}

/// <summary>
/// Order and scale of resolved components are free; this finds the order by optimal assignment on the sum of the absolute correlations of spectra
/// and concentrations (Kuhn, Naval Res. Logist. Q. 2, 1955, 83; as shortest augmenting paths, Jonker and Volgenant, Computing 38, 1987, 325).
/// Errors: <c>matrix_shape</c>.
/// </summary>
public static class ComponentMatching
{
    /// <summary>Matches found C (n x k), S (k x m) to a reference of the same n and m, whose number of components may differ.</summary>
    public static ComponentMatch Match(Matrix foundC, Matrix foundS, Matrix referenceC, Matrix referenceS)
    {
        ArgumentNullException.ThrowIfNull(foundC);
        ArgumentNullException.ThrowIfNull(foundS);
        ArgumentNullException.ThrowIfNull(referenceC);
        ArgumentNullException.ThrowIfNull(referenceS);
        if (foundC.Columns != foundS.Rows || referenceC.Columns != referenceS.Rows
            || foundC.Rows != referenceC.Rows || foundS.Columns != referenceS.Columns)
            throw new NumericsException("matrix_shape", string.Create(CultureInfo.InvariantCulture,
                $"{foundC.Rows} x {foundC.Columns} x {foundS.Columns} components cannot be matched to "
                + $"{referenceC.Rows} x {referenceC.Columns} x {referenceS.Columns}."));
        var (found, wanted) = (foundS.Rows, referenceS.Rows);
        var columnsFound = Enumerable.Range(0, found).Select(foundC.Column).ToArray();
        var columnsWanted = Enumerable.Range(0, wanted).Select(referenceC.Column).ToArray();
        var likeness = Matrix.Allocate(wanted, found);
        for (var r = 0; r < wanted; r++)
            for (var f = 0; f < found; f++)
                likeness[r * found + f] = Math.Abs(Correlation(foundS.Row(f), referenceS.Row(r)))
                    + Math.Abs(Correlation(columnsFound[f], columnsWanted[r]));
        var partners = Assign(new Matrix(wanted, found, likeness));
        return new ComponentMatch(
            partners,
            [.. partners.Select((f, r) => f < 0 ? double.NaN : RelativeError(columnsFound[f], columnsWanted[r]))],
            [.. partners.Select((f, r) => f < 0 ? double.NaN : RelativeError(foundS.Row(f), referenceS.Row(r)))],
            [.. partners.Select((f, r) => f < 0 ? 0 : likeness[r * found + f])]);
    }

    /// <summary>The columns assigned to the rows of <paramref name="gain"/> so that the sum of the gains is largest; -1 for a row that is left
    /// over where there are more rows than columns.</summary>
    public static IReadOnlyList<int> Assign(Matrix gain)
    {
        ArgumentNullException.ThrowIfNull(gain);
        var size = Math.Max(gain.Rows, gain.Columns);
        // Rows and columns count from one; row and column zero are the source of the search.
        var rowPrice = new double[size + 1];
        var columnPrice = new double[size + 1];
        var rowOf = new int[size + 1];
        var cameFrom = new int[size + 1];
        for (var row = 1; row <= size; row++)
        {
            rowOf[0] = row;
            var distance = new double[size + 1];
            var done = new bool[size + 1];
            Array.Fill(distance, double.PositiveInfinity);
            var at = 0;
            do
            {
                done[at] = true;
                var next = 0;
                var least = double.PositiveInfinity;
                for (var column = 1; column <= size; column++)
                {
                    if (done[column]) continue;
                    var reduced = Cost(rowOf[at], column) - rowPrice[rowOf[at]] - columnPrice[column];
                    if (reduced < distance[column]) (distance[column], cameFrom[column]) = (reduced, at);
                    if (distance[column] < least) (least, next) = (distance[column], column);
                }
                for (var column = 0; column <= size; column++)
                {
                    if (done[column])
                    {
                        rowPrice[rowOf[column]] += least;
                        columnPrice[column] -= least;
                    }
                    else distance[column] -= least;
                }
                at = next;
            }
            while (rowOf[at] != 0);
            for (; at != 0; at = cameFrom[at]) rowOf[at] = rowOf[cameFrom[at]];
        }
        var partners = new int[gain.Rows];
        Array.Fill(partners, -1);
        for (var column = 1; column <= gain.Columns; column++)
            if (rowOf[column] <= gain.Rows) partners[rowOf[column] - 1] = column - 1;
        return partners;

        double Cost(int row, int column) => row <= gain.Rows && column <= gain.Columns ? -gain[row - 1, column - 1] : 0;
    }

    /// <summary>|a found - reference| / |reference| with the best a; one where nothing was found, or the reference is zero.</summary>
    public static double RelativeError(ReadOnlySpan<double> found, ReadOnlySpan<double> reference)
    {
        var size = TensorPrimitives.SumOfSquares(found);
        var wanted = TensorPrimitives.SumOfSquares(reference);
        if (size == 0 || wanted == 0) return size == wanted ? 0 : 1;
        var scale = TensorPrimitives.Dot(found, reference) / size;
        var rest = new double[found.Length];
        TensorPrimitives.Multiply(found, scale, rest);
        return TensorPrimitives.Distance<double>(rest, reference) / Math.Sqrt(wanted);
    }

    /// <summary>Pearson's correlation; zero for a profile that does not vary.</summary>
    public static double Correlation(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length) throw new NumericsException("matrix_shape", "Profiles of different lengths have no correlation.");
        var x = new double[a.Length];
        var y = new double[b.Length];
        TensorPrimitives.Subtract(a, TensorPrimitives.Sum(a) / a.Length, x);
        TensorPrimitives.Subtract(b, TensorPrimitives.Sum(b) / b.Length, y);
        var size = TensorPrimitives.Norm<double>(x) * TensorPrimitives.Norm<double>(y);
        return size > 0 ? TensorPrimitives.Dot<double>(x, y) / size : 0;
    }
}
