using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Principal components of a data matrix D (n spectra x m channels): D = scores x loadings, singular values in falling order. Computed from the
/// Gram matrix of the shorter side and then corrected by one-sided Jacobi rotations on the projected data (Drmac and Veselic, SIAM J. Matrix Anal.
/// Appl. 29, 2008), so that small singular values are good to about 1e-14 of the largest one; above <see cref="RefinementLimit"/> operations only
/// the kept ones are corrected among each other, <see cref="Refined"/> says so, and of the rest values below about 1e-8 of the largest are rounding.
/// Errors: <c>zero_data</c>, <c>component_count</c>, <c>eigen_no_convergence</c>, <c>matrix_shape</c>, <c>not_finite</c>,
/// <c>scores_not_kept</c>.
/// </summary>
public sealed class PrincipalComponents
{
    /// <summary>Shorter side squared times longer side above which correcting all singular values would take too long.</summary>
    public const double RefinementLimit = 2.5e9;

    // Copies and all vectors of so many values take less than 20 MB.
    private const long CopiedWithoutRegard = 400_000;

    // Up to so many values scores are made of larger data too.
    private const long ScoresMadeUpTo = 4_000_000;
    private const int DefaultKept = 24;

    // Below this part of the largest, a singular value is rounding and its vectors have no direction.
    private const double Null = 1e-13;
    private readonly double[] tails;
    private readonly Matrix? scores;

    private PrincipalComponents(int rows, int columns, bool centred, bool refined, double[] singularValues, Matrix? scores, Matrix loadings)
    {
        (Rows, Columns, Centred, Refined, this.scores, Loadings) = (rows, columns, centred, refined, scores, loadings);
        SingularValues = singularValues;
        tails = new double[singularValues.Length + 1];
        for (var index = singularValues.Length - 1; index >= 0; index--)
            tails[index] = tails[index + 1] + singularValues[index] * singularValues[index];
    }

    public int Rows { get; }
    public int Columns { get; }

    /// <summary>Whether the mean spectrum was taken off first.</summary>
    public bool Centred { get; }

    /// <summary>Whether the singular values carry the Jacobi correction.</summary>
    public bool Refined { get; }

    /// <summary>All min(n, m) singular values, falling.</summary>
    public IReadOnlyList<double> SingularValues { get; }

    /// <summary>n x k: the left singular vectors times their singular values. Components made by <see cref="FromGram"/> have none
    /// (<c>scores_not_kept</c>); their scores are D times the transposed loadings.</summary>
    public Matrix Scores => scores ?? throw new NumericsException("scores_not_kept",
        "These components were made from a Gram matrix: scores are the data times the transposed loadings.");

    /// <summary>Whether scores were made.</summary>
    public bool HasScores => scores is not null;

    /// <summary>k x m: the right singular vectors as rows of unit length, the largest entry positive; zero where the singular value is
    /// rounding.</summary>
    public Matrix Loadings { get; }

    /// <summary>Lack of fit in percent of the best possible reproduction by <paramref name="components"/> components: 100 sqrt(sum of the other s^2
    /// / sum of all s^2).</summary>
    public double LofPercent(int components) => components < 0 || components > SingularValues.Count
        ? throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
            $"{components} components of {SingularValues.Count}."))
        : 100 * Math.Sqrt(tails[components] / tails[0]);

    /// <summary>Sum of the squared singular values beyond the first <paramref name="components"/>.</summary>
    internal double Tail(int components) => tails[components];

    /// <summary>
    /// Principal components from the Gram matrix of the channels alone, <paramref name="gram"/> = D'D (m x m, row-major; overwritten) of
    /// <paramref name="rows"/> spectra, such as a <see cref="GramAccumulator"/> makes it. <paramref name="totalSquares"/> is the sum of squares of
    /// the (centred) data, by default the trace. Scores are not made.
    /// Accuracy: the condition number is squared. An eigenvalue carries an absolute error of a few 1e-16 of the largest one, so a singular value s
    /// has the relative error 1e-16 (s1/s)^2: 1e-10 at s = 1e-3 s1, 1e-4 at 1e-6 s1; below 1e-8 s1 it is rounding, and its loading is left zero.
    /// </summary>
    public static PrincipalComponents FromGram(
        double[] gram, int rows, int columns, double? totalSquares = null, bool centred = false, int? keep = null,
        CancellationToken cancellation = default)
    {
        const double gramRounding = 1e-15;
        ArgumentNullException.ThrowIfNull(gram);
        if (rows < 1 || columns < 1 || gram.Length != (long)columns * columns)
            throw new NumericsException("matrix_shape", string.Create(CultureInfo.InvariantCulture,
                $"{gram.Length} values are no Gram matrix of {rows} x {columns} data."));
        if (!TensorPrimitives.IsFiniteAll<double>(gram)) throw new NumericsException("not_finite",
            "The Gram matrix holds values that are not finite.");
        var most = Math.Min(rows, columns);
        var kept = keep ?? Math.Min(DefaultKept, most);
        if (kept < 1 || kept > most)
            throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture, $"{kept} components cannot be kept of {most}."));
        var trace = 0.0;
        for (var index = 0; index < columns; index++) trace += gram[index * columns + index];
        if (!(trace > 0)) throw new NumericsException("zero_data", centred ? "All spectra are equal." : "All values are zero.");

        var (eigenvalues, vectors) = SymmetricEigen.Leading(gram, columns, kept, cancellation);
        var singular = new double[most];
        for (var index = 0; index < most; index++) singular[index] = Math.Sqrt(Math.Max(0, eigenvalues[index]));
        var loadings = Matrix.Allocate(kept, columns);
        for (var index = 0; index < kept; index++)
        {
            if (eigenvalues[index] <= gramRounding * eigenvalues[0]) continue;
            var loading = loadings.AsSpan(index * columns, columns);
            vectors.AsSpan(index * columns, columns).CopyTo(loading);
            if (loading[TensorPrimitives.IndexOfMaxMagnitude<double>(loading)] < 0) TensorPrimitives.Negate(loading, loading);
        }
        var made = new PrincipalComponents(rows, columns, centred, false, singular, null, new Matrix(kept, columns, loadings));
        if (totalSquares is { } total) made.tails[0] = total;
        return made;
    }

    /// <summary>
    /// Decomposes data of any size: small ones as <see cref="Of(Matrix, bool, int?, CancellationToken)"/> does; larger ones are read block by block, with
    /// memory for the Gram matrix of the shorter side and the kept components. With no more channels than spectra they have the accuracy of
    /// <see cref="FromGram"/>, else that of <see cref="Of(Matrix, bool, int?, CancellationToken)"/> beyond <see cref="RefinementLimit"/>. Scores are made
    /// where the data have at most four million values.
    /// </summary>
    public static PrincipalComponents OfLarge(DataMatrix data, bool centred = false, int? keep = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var squares = data.SumOfSquares(cancellation);
        if (data.Count <= CopiedWithoutRegard || !(squares is > 1e-200 and < 1e200)) return Of(data.ToMatrix(cancellation), centred, keep, cancellation);
        if (data.Columns > data.Rows) return OfWide(data, centred, keep, cancellation);
        var sums = new GramAccumulator(data.Columns, centred);
        for (int first = 0, step = data.RowsPerBlock; first < data.Rows; first += step)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(step, data.Rows - first);
            if (data.IsSingle) sums.Add(data.Read<float>(first, count));
            else sums.Add(data.Read<double>(first, count));
        }
        var mean = sums.Mean();
        var found = FromGram(sums.TakeGram(), data.Rows, data.Columns, centred: centred, keep: keep, cancellation: cancellation);
        return data.Count > ScoresMadeUpTo ? found : found.WithScores(data, mean, cancellation);
    }

    // The Gram matrix of the spectra, over stretches of channels; then the kept components are corrected among each other as in Of.
    private static PrincipalComponents OfWide(DataMatrix data, bool centred, int? keep, CancellationToken cancellation)
    {
        const int stretch = 256;
        var (rows, columns) = (data.Rows, data.Columns);
        var kept = keep ?? Math.Min(DefaultKept, rows);
        if (kept < 1 || kept > rows) throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture, $"{kept} components cannot be kept of {rows}."));
        var (gram, mean, spectrum) = (Matrix.Allocate(rows, rows), new double[columns], new double[columns]);
        if (centred)
        {
            for (var row = 0; row < rows; row++)
            {
                if (row % 64 == 0) cancellation.ThrowIfCancellationRequested();
                data.CopyRows(row, 1, spectrum);
                TensorPrimitives.Add(mean, spectrum, mean);
            }
            TensorPrimitives.Divide(mean, rows, mean);
        }
        var block = new double[checked((rows + 3) / 4 * 4 * stretch)];
        for (var from = 0; from < columns; from += stretch)
        {
            cancellation.ThrowIfCancellationRequested();
            var width = Math.Min(stretch, columns - from);
            for (var row = 0; row < rows; row++)
            {
                var target = block.AsSpan(row * stretch, stretch);
                if (data.IsSingle) TensorPrimitives.ConvertTruncating(data.Read<float>(row, 1).Slice(from, width), target);
                else data.Read<double>(row, 1).Slice(from, width).CopyTo(target);
                if (centred) TensorPrimitives.Subtract(target[..width], mean.AsSpan(from, width), target);
                target[width..].Clear();
            }
            GramAccumulator.AddProducts(block, stretch, rows, gram);
        }
        var trace = 0.0;
        for (var row = 0; row < rows; row++) trace += gram[row * rows + row];
        if (!(trace > 0)) throw new NumericsException("zero_data", "All spectra are equal.");

        var (eigenvalues, directions) = SymmetricEigen.Leading(gram, rows, kept, cancellation);
        var loadings = Matrix.Allocate(kept, columns);
        for (var row = 0; row < rows; row++)
        {
            if (row % 64 == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(row, 1, spectrum);
            if (centred) TensorPrimitives.Subtract(spectrum, mean, spectrum);
            for (var index = 0; index < kept; index++)
                TensorPrimitives.MultiplyAdd<double>(spectrum, directions[index * rows + row], loadings.AsSpan(index * columns, columns), loadings.AsSpan(index * columns, columns));
        }
        Orthogonalise(loadings, kept, columns, cancellation);
        var lengths = Enumerable.Range(0, kept).Select(index => TensorPrimitives.Norm<double>(loadings.AsSpan(index * columns, columns))).ToArray();
        var order = Enumerable.Range(0, kept).OrderByDescending(index => lengths[index]).ToArray();
        var sorted = Matrix.Allocate(kept, columns);
        for (var index = 0; index < kept; index++)
        {
            if (!(lengths[order[index]] > Null * lengths[order[0]])) continue;
            var loading = sorted.AsSpan(index * columns, columns);
            TensorPrimitives.Divide(loadings.AsSpan(order[index] * columns, columns), lengths[order[index]], loading);
            if (loading[TensorPrimitives.IndexOfMaxMagnitude<double>(loading)] < 0) TensorPrimitives.Negate(loading, loading);
        }
        double[] singular = [.. order.Select(index => lengths[index]), .. eigenvalues.Skip(kept).Select(value => Math.Sqrt(Math.Max(0, value)))];
        var made = new PrincipalComponents(rows, columns, centred, false, singular, null, new Matrix(kept, columns, sorted));
        return data.Count > ScoresMadeUpTo ? made : made.WithScores(data, mean, cancellation);
    }

    private PrincipalComponents WithScores(DataMatrix data, double[] mean, CancellationToken cancellation)
    {
        var (made, spectrum) = (Matrix.Allocate(Rows, Loadings.Rows), new double[Columns]);
        for (var row = 0; row < Rows; row++)
        {
            if (row % 256 == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(row, 1, spectrum);
            if (Centred) TensorPrimitives.Subtract(spectrum, mean, spectrum);
            for (var index = 0; index < Loadings.Rows; index++) made[row * Loadings.Rows + index] = TensorPrimitives.Dot(spectrum, Loadings.Row(index));
        }
        return new PrincipalComponents(Rows, Columns, Centred, Refined, [.. SingularValues], new Matrix(Rows, Loadings.Rows, made), Loadings);
    }

    /// <summary>Decomposes <paramref name="data"/>; scores and loadings are kept for the first <paramref name="keep"/> components (default 24, or
    /// all if fewer).</summary>
    public static PrincipalComponents Of(Matrix data, bool centred = false, int? keep = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var source = centred ? WithoutMean(data) : data;
        var wide = source.Rows <= source.Columns;
        var oriented = wide ? source : source.Transpose();
        var (shorter, longer) = (oriented.Rows, oriented.Columns);
        var kept = keep ?? Math.Min(DefaultKept, shorter);
        if (kept < 1 || kept > shorter)
            throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                $"{kept} components cannot be kept of {shorter}."));

        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(oriented.Values));
        if (largest == 0) throw new NumericsException("zero_data", centred ? "All spectra are equal." : "All values are zero.");
        // Only where squares would leave the range of float64 are the data scaled, and copied for it.
        var scale = largest is > 1e-100 and < 1e100 ? 1 : largest;
        var unit = scale == 1 ? oriented : oriented.Scaled(1 / scale);

        var (eigenvalues, directions) = SymmetricEigen.Decompose(Gram(unit, cancellation), shorter, cancellation);
        var refined = (double)shorter * shorter * longer <= RefinementLimit;
        var projectedRows = refined ? shorter : kept;
        var projected = Project(unit, directions, projectedRows, cancellation);
        Orthogonalise(projected, projectedRows, longer, cancellation);

        var lengths = new double[shorter];
        for (var index = 0; index < shorter; index++)
            lengths[index] = index < projectedRows
                ? TensorPrimitives.Norm<double>(projected.AsSpan(index * longer, longer))
                : Math.Sqrt(Math.Max(0, eigenvalues[index]));
        var order = Enumerable.Range(0, shorter).OrderByDescending(index => lengths[index]).ToArray();
        var longVectors = new double[kept * longer];
        for (var index = 0; index < kept; index++)
        {
            var from = order[index] < projectedRows ? order[index] : index;
            var target = longVectors.AsSpan(index * longer, longer);
            if (lengths[from] > Null * lengths[order[0]]) TensorPrimitives.Divide(projected.AsSpan(from * longer, longer), lengths[from], target);
        }
        var singular = order.Select(index => lengths[index] * scale).ToArray();
        var (scores, loadings) = Assemble(oriented, longVectors, singular, kept, wide, cancellation);
        return new PrincipalComponents(data.Rows, data.Columns, centred, refined, singular, scores, loadings);
    }

    /// <summary>The data less their mean spectrum.</summary>
    internal static Matrix WithoutMean(Matrix data)
    {
        var mean = new double[data.Columns];
        for (var row = 0; row < data.Rows; row++) TensorPrimitives.Add(mean, data.Row(row), mean);
        TensorPrimitives.Divide(mean, data.Rows, mean);
        var centred = Matrix.Allocate(data.Rows, data.Columns);
        for (var row = 0; row < data.Rows; row++) TensorPrimitives.Subtract(data.Row(row), mean, centred.AsSpan(row * data.Columns, data.Columns));
        return new Matrix(data.Rows, data.Columns, centred);
    }

    /// <summary>X X' of all rows with each other, summed over stretches of columns that stay in the cache.</summary>
    internal static double[] Gram(Matrix rows, CancellationToken cancellation)
    {
        const int stretch = 512;
        const int together = 4;
        var gram = Matrix.Allocate(rows.Rows, rows.Rows);
        var block = new double[checked((rows.Rows + together - 1) / together * together * stretch)];
        for (var from = 0; from < rows.Columns; from += stretch)
        {
            cancellation.ThrowIfCancellationRequested();
            var width = Math.Min(stretch, rows.Columns - from);
            for (var row = 0; row < rows.Rows; row++)
            {
                var target = block.AsSpan(row * stretch, stretch);
                rows.Row(row).Slice(from, width).CopyTo(target);
                target[width..].Clear();
            }
            GramAccumulator.AddProducts(block, stretch, rows.Rows, gram);
        }
        return gram;
    }

    private static double[] Project(Matrix oriented, double[] directions, int count, CancellationToken cancellation)
    {
        const int together = 16;
        var projected = Matrix.Allocate(count, oriented.Columns);
        for (var first = 0; first < count; first += together)
        {
            cancellation.ThrowIfCancellationRequested();
            var members = Math.Min(together, count - first);
            var target = projected.AsSpan(first * oriented.Columns, members * oriented.Columns);
            for (var row = 0; row < oriented.Rows; row += 4)
                FusedKernels.Accumulate(
                    oriented.Values[(row * oriented.Columns)..], oriented.Columns, Math.Min(4, oriented.Rows - row), directions.AsSpan(first * oriented.Rows),
                    oriented.Rows, row, members, target);
        }
        return projected;
    }

    private static void Orthogonalise(double[] rows, int count, int length, CancellationToken cancellation)
    {
        const double rounding = 1e-14;
        const double aligned = 1e-13;
        const int maxSweeps = 12;
        var squares = new double[count];
        for (var sweep = 0; sweep < maxSweeps; sweep++)
        {
            for (var index = 0; index < count; index++) squares[index] = TensorPrimitives.SumOfSquares<double>(rows.AsSpan(index * length, length));
            var floor = squares.Max() * rounding * rounding;
            var rotated = false;
            for (var first = 0; first < count; first++)
            {
                cancellation.ThrowIfCancellationRequested();
                for (var second = first + 1; second < count; second++)
                {
                    if (squares[first] <= floor || squares[second] <= floor) continue;
                    var a = rows.AsSpan(first * length, length);
                    var b = rows.AsSpan(second * length, length);
                    var product = TensorPrimitives.Dot<double>(a, b);
                    if (Math.Abs(product) <= aligned * Math.Sqrt(squares[first] * squares[second])) continue;
                    var balance = (squares[second] - squares[first]) / (2 * product);
                    var tangent = Math.CopySign(1 / (Math.Abs(balance) + double.Hypot(balance, 1)), balance);
                    var cosine = 1 / double.Hypot(tangent, 1);
                    Rotation.Apply(a, b, cosine, cosine * tangent);
                    squares[first] -= tangent * product;
                    squares[second] += tangent * product;
                    rotated = true;
                }
            }
            if (!rotated) return;
        }
    }

    private static (Matrix Scores, Matrix Loadings) Assemble(
        Matrix oriented, double[] longVectors, double[] singular, int kept, bool wide, CancellationToken cancellation)
    {
        var (shorter, longer) = (oriented.Rows, oriented.Columns);
        var shortVectors = new double[kept * shorter];
        for (var index = 0; index < kept; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var vector = longVectors.AsSpan(index * longer, longer);
            for (var row = 0; row < shorter; row++) shortVectors[index * shorter + row] = TensorPrimitives.Dot(oriented.Row(row), vector);
        }
        var rows = wide ? shorter : longer;
        var columns = wide ? longer : shorter;
        var scores = Matrix.Allocate(rows, kept);
        var loadings = Matrix.Allocate(kept, columns);
        for (var index = 0; index < kept; index++)
        {
            var loading = loadings.AsSpan(index * columns, columns);
            if (wide) longVectors.AsSpan(index * columns, columns).CopyTo(loading);
            else if (singular[index] > Null * singular[0]) TensorPrimitives.Divide(shortVectors.AsSpan(index * columns, columns), singular[index],
                loading);
            var peak = loading[TensorPrimitives.IndexOfMaxMagnitude<double>(loading)];
            var sign = peak < 0 ? -1.0 : 1.0;
            TensorPrimitives.Multiply(loading, sign, loading);
            for (var row = 0; row < rows; row++)
                scores[row * kept + index] = sign * (wide ? shortVectors[index * shorter + row]
                    : singular[index] * longVectors[index * longer + row]);
        }
        return (new Matrix(rows, kept, scores), new Matrix(kept, columns, loadings));
    }
}
