using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json.Serialization;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// A dense matrix in flat row-major float64 memory whose every value is finite; in a data matrix rows are spectra and columns are channels.
/// Errors: <c>matrix_shape</c>, <c>matrix_too_large</c>, <c>not_finite</c>, <c>index_out_of_range</c>.
/// </summary>
[JsonConverter(typeof(MatrixJson))]
public sealed class Matrix
{
    private readonly double[] values;

    /// <summary>Takes ownership of <paramref name="values"/> (length rows x columns, row after row) and checks that all are finite.</summary>
    public Matrix(int rows, int columns, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (rows < 1 || columns < 1)
            throw new NumericsException("matrix_shape", Text($"A matrix needs at least one row and one column; asked for {rows} x {columns}."));
        if ((long)rows * columns != values.Length)
            throw new NumericsException("matrix_shape", Text($"{values.Length} values do not fill {rows} x {columns}."));
        if (!TensorPrimitives.IsFiniteAll<double>(values))
        {
            var at = System.Array.FindIndex(values, value => !double.IsFinite(value));
            throw new NumericsException("not_finite", Text(
                $"Row {at / columns}, column {at % columns} holds {values[at]}, which is not a finite number."));
        }
        Rows = rows;
        Columns = columns;
        this.values = values;
    }

    /// <summary>Number of rows (spectra of a data matrix).</summary>
    public int Rows { get; }

    /// <summary>Number of columns (channels of a data matrix).</summary>
    public int Columns { get; }

    /// <summary>All values, row after row.</summary>
    public ReadOnlySpan<double> Values => values;

    internal double[] Array => values;

    /// <summary>One row without copying.</summary>
    public ReadOnlySpan<double> Row(int row) => values.AsSpan(checked(row * Columns), Columns);

    /// <summary>One column, copied.</summary>
    public double[] Column(int column)
    {
        if ((uint)column >= (uint)Columns) throw new NumericsException("index_out_of_range", Text($"There is no column {column} in {Columns}."));
        var copy = new double[Rows];
        for (var row = 0; row < Rows; row++) copy[row] = values[row * Columns + column];
        return copy;
    }

    [SuppressMessage("Design", "CA1043", Justification = "A matrix is indexed by row and column.")]
    public double this[int row, int column] => (uint)column < (uint)Columns
        ? values[checked(row * Columns) + column]
        : throw new NumericsException("index_out_of_range", Text($"There is no column {column} in {Columns}."));

    /// <summary>A matrix of the given rows, which must be equally long.</summary>
    public static Matrix FromRows(IReadOnlyList<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0) throw new NumericsException("matrix_shape", "A matrix needs at least one row and one column.");
        var columns = rows[0].Length;
        var flat = Allocate(rows.Count, columns);
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Length != columns)
                throw new NumericsException("matrix_shape", Text($"Row {row} has {rows[row].Length} values where row 0 has {columns}."));
            rows[row].CopyTo(flat.AsSpan(row * columns));
        }
        return new Matrix(rows.Count, columns, flat);
    }

    /// <summary>Memory for a matrix of this shape, or <c>matrix_too_large</c> where one array cannot hold it.</summary>
    public static double[] Allocate(int rows, int columns)
    {
        if (rows < 1 || columns < 1)
            throw new NumericsException("matrix_shape", Text($"A matrix needs at least one row and one column; asked for {rows} x {columns}."));
        if ((long)rows * columns > System.Array.MaxLength)
            throw new NumericsException("matrix_too_large", Text($"{rows} x {columns} values do not fit in one block of memory."));
        return new double[rows * columns];
    }

    public Matrix Transpose()
    {
        var flipped = Allocate(Columns, Rows);
        const int tile = 32;
        for (var top = 0; top < Rows; top += tile)
            for (var left = 0; left < Columns; left += tile)
                for (var row = top; row < Math.Min(top + tile, Rows); row++)
                    for (var column = left; column < Math.Min(left + tile, Columns); column++)
                        flipped[column * Rows + row] = values[row * Columns + column];
        return new Matrix(Columns, Rows, flipped);
    }

    /// <summary>The matrix product this (r x k) times <paramref name="right"/> (k x c).</summary>
    public Matrix Times(Matrix right)
    {
        ArgumentNullException.ThrowIfNull(right);
        if (Columns != right.Rows)
            throw new NumericsException("matrix_shape", Text($"{Rows} x {Columns} cannot be multiplied by {right.Rows} x {right.Columns}."));
        var product = Allocate(Rows, right.Columns);
        for (var row = 0; row < Rows; row++)
        {
            var target = product.AsSpan(row * right.Columns, right.Columns);
            for (var inner = 0; inner < Columns; inner++)
                TensorPrimitives.MultiplyAdd(right.Row(inner), values[row * Columns + inner], target, target);
        }
        return new Matrix(Rows, right.Columns, product);
    }

    /// <summary>Every value multiplied by <paramref name="factor"/>.</summary>
    public Matrix Scaled(double factor)
    {
        var scaled = new double[values.Length];
        TensorPrimitives.Multiply(values, factor, scaled);
        return new Matrix(Rows, Columns, scaled);
    }

    /// <summary>This minus <paramref name="other"/> of the same shape.</summary>
    public Matrix Minus(Matrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Rows != Rows || other.Columns != Columns)
            throw new NumericsException("matrix_shape", Text($"{other.Rows} x {other.Columns} cannot be taken from {Rows} x {Columns}."));
        var difference = new double[values.Length];
        TensorPrimitives.Subtract(values, other.values, difference);
        return new Matrix(Rows, Columns, difference);
    }

    /// <summary>The rows with the given indices, in that order.</summary>
    public Matrix SelectRows(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var selected = Allocate(rows.Count, Columns);
        for (var target = 0; target < rows.Count; target++)
        {
            if ((uint)rows[target] >= (uint)Rows) throw new NumericsException("index_out_of_range",
                Text($"There is no row {rows[target]} in {Rows}."));
            Row(rows[target]).CopyTo(selected.AsSpan(target * Columns));
        }
        return new Matrix(rows.Count, Columns, selected);
    }

    /// <summary>The columns with the given indices, in that order.</summary>
    public Matrix SelectColumns(IReadOnlyList<int> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var selected = Allocate(Rows, columns.Count);
        for (var target = 0; target < columns.Count; target++)
        {
            if ((uint)columns[target] >= (uint)Columns)
                throw new NumericsException("index_out_of_range", Text($"There is no column {columns[target]} in {Columns}."));
            for (var row = 0; row < Rows; row++) selected[row * columns.Count + target] = values[row * Columns + columns[target]];
        }
        return new Matrix(Rows, columns.Count, selected);
    }

    /// <summary>The square root of the sum of squares of all values.</summary>
    public double FrobeniusNorm() => Math.Sqrt(TensorPrimitives.SumOfSquares<double>(values));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
