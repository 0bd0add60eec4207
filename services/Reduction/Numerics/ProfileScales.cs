using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// One factor per component that brings the product of given profiles nearest to the data: the a that minimise |D - C diag(a) S|, of
/// ((C'C) * (S S')) a = diag(C' D S') with the product value by value. Error: <c>matrix_shape</c>.
/// </summary>
public static class ProfileScales
{
    /// <summary>The factors for D (n x m), C (n x k), S (k x m); not negative where asked for.</summary>
    public static double[] Fit(DataMatrix data, Matrix c, Matrix s, bool nonNegative, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(c);
        ArgumentNullException.ThrowIfNull(s);
        var count = s.Rows;
        if (c.Rows != data.Rows || s.Columns != data.Columns || c.Columns != count)
            throw new NumericsException("matrix_shape", string.Create(CultureInfo.InvariantCulture,
                $"Concentrations of {c.Rows} x {c.Columns} and spectra of {s.Rows} x {s.Columns} are not those of {data.Rows} x {data.Columns} data."));
        var (gram, right, scales) = (new double[count * count], new double[count], new double[count]);
        TensorPrimitives.Multiply(s.Times(s.Transpose()).Values, c.Transpose().Times(c).Values, gram);
        var spectrum = new double[data.Columns];
        for (var row = 0; row < data.Rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            data.CopyRows(row, 1, spectrum);
            for (var k = 0; k < count; k++) right[k] += c[row, k] * TensorPrimitives.Dot(spectrum, s.Row(k));
        }
        var solver = new NonNegativeLeastSquares(count);
        solver.SetGram(gram);
        if (nonNegative) solver.Solve(right, 1, scales, 1, solver.FirstGuess(1), 1);
        else solver.SolveUnconstrained(right, 1, scales, 1, 1);
        return scales;
    }
}
