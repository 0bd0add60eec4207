using System.Globalization;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// Evolving factor analysis of an ordered series (Gampp, Maeder, Meyer, Zuberbuehler, Talanta 32, 1985, 1133; Maeder, Anal. Chem. 59, 1987, 527;
/// with a window of fixed size: Keller and Massart, Anal. Chim. Acta 246, 1991, 379). At each of <see cref="Positions"/> (row indices, rising):
/// <see cref="Forward"/> holds the singular values of the rows up to and including it, <see cref="Backward"/> those of the rows from it to the end,
/// each positions x k, falling along a row, zero where there are fewer rows than components. <see cref="Window"/> holds those of
/// <see cref="WindowRows"/> neighbouring rows beginning at each of <see cref="WindowPositions"/>. Their squares are the eigenvalues of the papers.
/// Long series are evaluated at evenly spread positions. Where both sides exceed <see cref="ExactUpTo"/>, forward and backward values come from
/// the data projected on their leading <see cref="ProjectedOn"/> principal components: components above the noise are unchanged, those in the noise
/// come out too small. Values below 1e-7 of the largest are rounding.
/// Errors: <c>component_count</c>, <c>window_rows</c>, <c>zero_data</c>.
/// </summary>
public sealed record EvolvingFactors(
    IReadOnlyList<int> Positions, Matrix Forward, Matrix Backward, int WindowRows, IReadOnlyList<int> WindowPositions, Matrix Window,
    int? ProjectedOn)
{
    /// <summary>The shorter side up to which every value is exact.</summary>
    public const int ExactUpTo = 128;

    private const int MostPositions = 256;

    /// <summary>Analyses the first <paramref name="components"/> singular values; the window has by default two rows more than twice as many
    /// components, as far as the series is long enough. Centred, the mean spectrum of the whole series is taken off first.</summary>
    public static EvolvingFactors Of(
        Matrix data, int components, int? windowRows = null, bool centred = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var shorter = Math.Min(data.Rows, data.Columns);
        if (components < 1 || components > shorter)
            throw new NumericsException("component_count", Text($"{components} evolving components of {data.Rows} x {data.Columns} data."));
        if (data.FrobeniusNorm() == 0) throw new NumericsException("zero_data", "All values are zero.");
        var source = centred ? PrincipalComponents.WithoutMean(data) : data;
        var reduced = shorter <= ExactUpTo
            ? source
            : PrincipalComponents.Of(source, keep: Math.Min(shorter, Math.Max(64, 4 * components)), cancellation: cancellation).Scores;
        return Follow(source, reduced, ReferenceEquals(source, reduced), components, windowRows, cancellation);
    }

    /// <summary>As the other, where the principal components are there already: long series are projected on those.</summary>
    internal static EvolvingFactors Of(
        DataMatrix data, PrincipalComponents known, int components, int? windowRows = null, CancellationToken cancellation = default)
    {
        var source = known.Centred ? PrincipalComponents.WithoutMean(data.ToMatrix()) : data;
        var whole = Math.Min(data.Rows, data.Columns) <= ExactUpTo;
        return Follow(source, whole ? source.ToMatrix() : known.Scores, whole, components, windowRows, cancellation);
    }

    private static EvolvingFactors Follow(DataMatrix data, Matrix reduced, bool whole, int components, int? windowRows, CancellationToken cancellation)
    {
        var rows = windowRows ?? Math.Min(data.Rows, 2 * components + 2);
        if (rows < 1 || rows > data.Rows)
            throw new NumericsException("window_rows", Text($"A window of {rows} rows does not fit into {data.Rows}."));
        var positions = Spread(data.Rows);
        var forward = Evolve(reduced, positions, components, cancellation);
        var turned = reduced.SelectRows([.. Enumerable.Range(0, data.Rows).Reverse()]);
        var backward = Evolve(turned, [.. positions.Select(row => data.Rows - 1 - row).Reverse()], components, cancellation);
        var windowPositions = Spread(data.Rows - rows + 1);
        return new EvolvingFactors(
            positions, forward, backward.SelectRows([.. Enumerable.Range(0, positions.Length).Reverse()]),
            rows, windowPositions, Windows(data, windowPositions, rows, components, cancellation),
            whole ? null : reduced.Columns);
    }

    /// <summary>
    /// A first guess of the concentrations, n x k: component a appears with the a-th forward line and, first in, first out, leaves with the a-th
    /// backward line counted from the last; its concentration is the lower of both, less the level of the line that belongs to the noise.
    /// </summary>
    public Matrix Concentrations(int components, int rows)
    {
        if (components < 1 || components > Forward.Columns)
            throw new NumericsException("component_count", Text($"{components} components of {Forward.Columns} evolving ones."));
        if (rows != Positions[^1] + 1)
            throw new NumericsException("matrix_shape", Text($"These evolving factors are of {Positions[^1] + 1} rows, not of {rows}."));
        var guess = Matrix.Allocate(rows, components);
        for (var component = 0; component < components; component++)
        {
            var appears = Forward.Column(component);
            var leaves = Backward.Column(components - 1 - component);
            var profile = appears.Zip(leaves, Math.Min).ToArray();
            if (components < Forward.Columns)
            {
                var noise = Math.Max(Forward.Column(components).Max(), Backward.Column(components).Max());
                if (profile.Max() > noise) profile = [.. profile.Select(value => Math.Max(0, value - noise))];
            }
            for (int row = 0, next = 0; row < rows; row++)
            {
                while (next + 1 < Positions.Count && Positions[next] < row) next++;
                var before = Math.Max(0, Positions[next] >= row ? next - 1 : next);
                var span = Positions[next] - Positions[before];
                var share = span == 0 ? 0 : Math.Clamp((row - Positions[before]) / (double)span, 0, 1);
                guess[row * components + component] = profile[before] + share * (profile[next] - profile[before]);
            }
        }
        return new Matrix(rows, components, guess);
    }

    // The first and the last position are always among them.
    private static int[] Spread(int count) => count <= MostPositions
        ? [.. Enumerable.Range(0, count)]
        : [.. Enumerable.Range(0, MostPositions).Select(index => (int)((long)index * (count - 1) / (MostPositions - 1)))];

    private static Matrix Evolve(Matrix rows, int[] positions, int components, CancellationToken cancellation)
    {
        var values = Matrix.Allocate(positions.Length, components);
        var products = rows.Rows <= rows.Columns ? PrincipalComponents.Gram(rows, cancellation) : null;
        var sums = new GramAccumulator(rows.Columns);
        for (int index = 0, taken = 0; index < positions.Length; index++)
        {
            var count = positions[index] + 1;
            double[] gram;
            int side;
            if (products is not null)
            {
                (side, gram) = (count, new double[count * count]);
                for (var row = 0; row < count; row++) products.AsSpan(row * rows.Rows, count).CopyTo(gram.AsSpan(row * count));
            }
            else
            {
                sums.Add(rows.Values[(taken * rows.Columns)..(count * rows.Columns)]);
                (taken, side, gram) = (count, rows.Columns, sums.Gram());
            }
            Roots(gram, side, values.AsSpan(index * components, Math.Min(count, components)), cancellation);
        }
        return new Matrix(positions.Length, components, values);
    }

    private static Matrix Windows(DataMatrix data, int[] positions, int rows, int components, CancellationToken cancellation)
    {
        var values = Matrix.Allocate(positions.Length, components);
        for (var index = 0; index < positions.Length; index++)
        {
            var window = data.SelectRows([.. Enumerable.Range(positions[index], rows)]);
            var side = Math.Min(window.Rows, window.Columns);
            var gram = PrincipalComponents.Gram(window.Rows <= window.Columns ? window : window.Transpose(), cancellation);
            Roots(gram, side, values.AsSpan(index * components, components), cancellation);
        }
        return new Matrix(positions.Length, components, values);
    }

    private static void Roots(double[] gram, int side, Span<double> target, CancellationToken cancellation)
    {
        var eigenvalues = SymmetricEigen.Values(gram, side, cancellation);
        for (var k = 0; k < Math.Min(side, target.Length); k++) target[k] = Math.Sqrt(Math.Max(0, eigenvalues[k]));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
