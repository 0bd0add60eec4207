using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Tutti.Reduction.Numerics;

/// <summary>Fills one spectrum of a matrix that is being made.</summary>
public delegate void FillSpectrum(int spectrum, Span<double> values);

/// <summary>
/// Data D (n spectra x m channels), row after row, as float64 or float32, in memory or as a part of a file that the kernels read block by block, so
/// that a stack may be larger than the memory. Every value is finite. Sums over the values are always taken in float64.
/// Errors: <c>matrix_shape</c>, <c>not_finite</c>, <c>matrix_too_large</c>, <c>file_too_short</c>.
/// </summary>
public sealed class DataMatrix : IDisposable
{
    private const int ValuesPerBlock = 1 << 16, RowsBetweenLooks = 1 << 12;
    private readonly double[]? doubles;
    private readonly float[]? singles;
    private readonly Mapping? mapping;
    private readonly Matrix? matrix;
    private double squares = double.NaN;

    private DataMatrix(int rows, int columns, Matrix? matrix, double[]? doubles, float[]? singles, Mapping? mapping, bool isSingle)
    {
        (Rows, Columns, IsSingle) = (rows, columns, isSingle);
        (this.matrix, this.doubles, this.singles, this.mapping) = (matrix, doubles, singles, mapping);
    }

    /// <summary>Number of spectra.</summary>
    public int Rows { get; }

    /// <summary>Number of channels.</summary>
    public int Columns { get; }

    /// <summary>Whether the values are float32.</summary>
    public bool IsSingle { get; }

    /// <summary>Whether the values stay in a file.</summary>
    public bool IsMapped => mapping is not null;

    /// <summary>Number of values.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>A matrix in memory, not copied.</summary>
    public static implicit operator DataMatrix(Matrix matrix) => Of(matrix);

    /// <summary>A matrix in memory, not copied.</summary>
    public static DataMatrix Of(Matrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return new DataMatrix(matrix.Rows, matrix.Columns, matrix, matrix.Array, null, null, isSingle: false);
    }

    /// <summary>Takes ownership of float32 values (length rows x columns, row after row).</summary>
    public static DataMatrix OfSingles(int rows, int columns, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckShape(rows, columns);
        if ((long)rows * columns != values.Length)
            throw new NumericsException("matrix_shape", Text($"{values.Length} values do not fill {rows} x {columns}."));
        var data = new DataMatrix(rows, columns, null, null, values, null, isSingle: true);
        data.CheckFinite(CancellationToken.None);
        return data;
    }

    /// <summary>
    /// The values from byte <paramref name="offset"/> of a file on, little-endian as this machine has them. The file must not change as long as
    /// this is in use; dispose it afterwards.
    /// </summary>
    public static DataMatrix Map(string path, long offset, int rows, int columns, bool isSingle, CancellationToken cancellation = default)
    {
        CheckShape(rows, columns);
        if (!BitConverter.IsLittleEndian) throw new NumericsException("matrix_shape", "Files can be read in place on little-endian machines only.");
        var bytes = (long)rows * columns * (isSingle ? sizeof(float) : sizeof(double));
        var length = new FileInfo(path).Length;
        if (offset < 0 || bytes > length - offset)
            throw new NumericsException("file_too_short", Text($"{rows} x {columns} values need {bytes} bytes from byte {offset} on; the file has {length}."));
        var mapping = new Mapping(path, offset, bytes);
        try
        {
            var data = new DataMatrix(rows, columns, null, null, null, mapping, isSingle);
            data.CheckFinite(cancellation);
            return data;
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A matrix made spectrum by spectrum: float64 in memory where that fits into <paramref name="storage"/>, else float32 in memory where
    /// <paramref name="isSingle"/> and that fits, else in a temporary file (float32 or float64) that is gone when this is disposed or the process ends.
    /// <paramref name="fill"/> is called once for each spectrum, in order. Errors beside the usual: <see cref="StorageFullException"/>.
    /// </summary>
    public static DataMatrix Make(int rows, int columns, bool isSingle, MatrixStorage storage, FillSpectrum fill)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(fill);
        CheckShape(rows, columns);
        var count = (long)rows * columns;
        if (count * sizeof(double) <= storage.MemoryBytes && count <= Array.MaxLength)
        {
            var flat = new double[count];
            for (var row = 0; row < rows; row++) fill(row, flat.AsSpan(row * columns, columns));
            return new Matrix(rows, columns, flat);
        }
        var spectrum = new double[columns];
        if (isSingle && count * sizeof(float) <= storage.MemoryBytes && count <= Array.MaxLength)
        {
            var narrow = new float[count];
            for (var row = 0; row < rows; row++)
            {
                fill(row, spectrum);
                TensorPrimitives.ConvertTruncating<double, float>(spectrum, narrow.AsSpan(row * columns, columns));
            }
            return OfSingles(rows, columns, narrow);
        }
        return new DataMatrix(rows, columns, null, null, null, Mapping.Write(rows, columns, isSingle, storage, fill), isSingle);
    }

    /// <summary>Spectra first .. first + count, widened to float64, row after row.</summary>
    public void CopyRows(int first, int count, Span<double> target)
    {
        if (IsSingle) TensorPrimitives.ConvertTruncating(Read<float>(first, count), target[..(count * Columns)]);
        else Read<double>(first, count).CopyTo(target);
    }

    /// <summary>One spectrum, widened to float64.</summary>
    public double[] Row(int row)
    {
        var copy = new double[Columns];
        CopyRows(row, 1, copy);
        return copy;
    }

    [SuppressMessage("Design", "CA1043", Justification = "A matrix is indexed by row and column.")]
    public double this[int row, int column] => (uint)column < (uint)Columns
        ? IsSingle ? Read<float>(row, 1)[column] : Read<double>(row, 1)[column]
        : throw new NumericsException("index_out_of_range", Text($"There is no column {column} in {Columns}."));

    /// <summary>One channel over all spectra, widened to float64.</summary>
    public double[] Column(int column, CancellationToken cancellation = default)
    {
        if ((uint)column >= (uint)Columns) throw new NumericsException("index_out_of_range", Text($"There is no column {column} in {Columns}."));
        var copy = new double[Rows];
        for (var row = 0; row < Rows; row++)
        {
            if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
            copy[row] = this[row, column];
        }
        return copy;
    }

    /// <summary>All values as float64 in memory: the matrix itself where this is one.</summary>
    public Matrix ToMatrix(CancellationToken cancellation = default)
    {
        if (matrix is not null) return matrix;
        var flat = Matrix.Allocate(Rows, Columns);
        for (int first = 0, step = RowsPerBlock; first < Rows; first += step)
        {
            cancellation.ThrowIfCancellationRequested();
            CopyRows(first, Math.Min(step, Rows - first), flat.AsSpan(first * Columns));
        }
        return new Matrix(Rows, Columns, flat);
    }

    /// <summary>The spectra with the given numbers, in that order, as float64.</summary>
    public Matrix SelectRows(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var flat = Matrix.Allocate(rows.Count, Columns);
        for (var target = 0; target < rows.Count; target++)
        {
            if ((uint)rows[target] >= (uint)Rows) throw new NumericsException("index_out_of_range", Text($"There is no row {rows[target]} in {Rows}."));
            CopyRows(rows[target], 1, flat.AsSpan(target * Columns));
        }
        return new Matrix(rows.Count, Columns, flat);
    }

    /// <summary>A window of <paramref name="count"/> neighbouring channels, kept as <see cref="Make"/> keeps it.</summary>
    public DataMatrix SelectColumns(int first, int count, MatrixStorage? storage = null, CancellationToken cancellation = default)
    {
        var spectrum = new double[Columns];
        return Make(Rows, count, IsSingle, storage ?? new MatrixStorage(), (row, values) =>
        {
            if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
            CopyRows(row, 1, spectrum);
            spectrum.AsSpan(first, count).CopyTo(values);
        });
    }

    /// <summary>Sum of the squares of all values; read once.</summary>
    public double SumOfSquares(CancellationToken cancellation = default)
    {
        if (!double.IsNaN(squares)) return squares;
        var sum = 0.0;
        Span<double> block = new double[Math.Min(Count, (long)RowsPerBlock * Columns)];
        for (int first = 0, step = RowsPerBlock; first < Rows; first += step)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(step, Rows - first);
            CopyRows(first, count, block);
            sum += TensorPrimitives.SumOfSquares<double>(block[..(count * Columns)]);
        }
        return squares = sum;
    }

    /// <summary>Whether any value is above zero; the first that is ends the search.</summary>
    public bool HasPositive(CancellationToken cancellation = default)
    {
        for (int first = 0, step = RowsPerBlock; first < Rows; first += step)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(step, Rows - first);
            if (IsSingle ? TensorPrimitives.Max(Read<float>(first, count)) > 0 : TensorPrimitives.Max(Read<double>(first, count)) > 0) return true;
        }
        return false;
    }

    public void Dispose() => mapping?.Dispose();

    /// <summary>Rows that make a block of about half a MiB.</summary>
    internal int RowsPerBlock => Math.Max(1, ValuesPerBlock / Columns);

    /// <summary>Spectra first .. first + count as they are held; <typeparamref name="TData"/> must be what <see cref="IsSingle"/> says.</summary>
    internal ReadOnlySpan<TData> Read<TData>(int first, int count)
        where TData : unmanaged
    {
        var (start, length) = ((long)first * Columns, checked(count * Columns));
        if (mapping is not null) return mapping.Read<TData>(start, length);
        return singles is not null
            ? MemoryMarshal.Cast<float, TData>(singles.AsSpan((int)start, length))
            : MemoryMarshal.Cast<double, TData>(doubles.AsSpan((int)start, length));
    }

    private void CheckFinite(CancellationToken cancellation)
    {
        for (int first = 0, step = RowsPerBlock; first < Rows; first += step)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(step, Rows - first);
            if (IsSingle ? TensorPrimitives.IsFiniteAll(Read<float>(first, count)) : TensorPrimitives.IsFiniteAll(Read<double>(first, count))) continue;
            for (var row = first; row < first + count; row++)
            {
                var values = Row(row);
                var at = Array.FindIndex(values, value => !double.IsFinite(value));
                if (at >= 0) throw new NumericsException("not_finite", Text($"Row {row}, column {at} holds {values[at]}, which is not a finite number."));
            }
        }
    }

    private static void CheckShape(int rows, int columns)
    {
        if (rows < 1 || columns < 1)
            throw new NumericsException("matrix_shape", Text($"A matrix needs at least one row and one column; asked for {rows} x {columns}."));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A part of a file in the address space; released with the last reference.</summary>
    private sealed class Mapping : IDisposable
    {
        private readonly MemoryMappedFile file;
        private readonly MemoryMappedViewAccessor view;

        public Mapping(string path, long offset, long bytes)
            : this(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read), offset, bytes)
        {
        }

        private Mapping(FileStream stream, long offset, long bytes)
        {
            file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            try
            {
                view = file.CreateViewAccessor(offset, bytes, MemoryMappedFileAccess.Read);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        public static Mapping Write(int rows, int columns, bool isSingle, MatrixStorage storage, FillSpectrum fill)
        {
            FileStream? stream = null;
            try
            {
                stream = storage.TemporaryFile();
                var spectrum = new double[columns];
                var narrow = new float[isSingle ? columns : 0];
                for (var row = 0; row < rows; row++)
                {
                    fill(row, spectrum);
                    if (isSingle) TensorPrimitives.ConvertTruncating<double, float>(spectrum, narrow);
                    if (isSingle ? !TensorPrimitives.IsFiniteAll<float>(narrow) : !TensorPrimitives.IsFiniteAll<double>(spectrum))
                        throw new NumericsException("not_finite", Text($"Row {row} holds a value that is not a finite number."));
                    stream.Write(isSingle ? MemoryMarshal.AsBytes<float>(narrow) : MemoryMarshal.AsBytes<double>(spectrum));
                }
                stream.Flush();
                return new Mapping(stream, 0, stream.Length);
            }
            catch (Exception exception)
            {
                stream?.Dispose();
                if (exception is IOException or UnauthorizedAccessException)
                    throw new StorageFullException(Text($"There is no room on disk for {rows} x {columns} values at the moment."), exception);
                throw;
            }
        }

        public unsafe ReadOnlySpan<TData> Read<TData>(long start, int length)
            where TData : unmanaged
        {
            byte* pointer = null;
            // The view stays mapped until this object is disposed; the reference taken here only hands out the address.
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            return new ReadOnlySpan<TData>(pointer + view.PointerOffset + start * sizeof(TData), length);
        }

        public void Dispose()
        {
            view.Dispose();
            file.Dispose();
        }
    }
}
