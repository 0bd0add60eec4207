using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>What the data are compared with.</summary>
public enum ParallelReference
{
    /// <summary>The data with every column shuffled.</summary>
    Permutation,

    /// <summary>Independent normal noise with the variance of each column.</summary>
    NormalNoise,
}

/// <summary>
/// Horn's parallel analysis (Psychometrika 30, 1965, 179; shuffled columns: Buja and Eyuboglu, Multivar. Behav. Res. 27, 1992, 509): components count
/// while the eigenvalue of the data (<see cref="Eigenvalues"/>) is above the mean of those of structureless data of the same shape and
/// column variances (<see cref="Thresholds"/>; the mean as Horn has it, which moves less with the seed than a percentile).
/// The comparison puts the whole variance of the data into noise, so minor components beside strong ones are missed: the number is a lower bound and never decides alone. On data larger than <see cref="MostValues"/> values an evenly spread
/// sample of rows and channels is analysed; <see cref="SampledRows"/> and <see cref="SampledColumns"/> say how many of each took part.
/// </summary>
public sealed record ParallelAnalysis(
    int Components, IReadOnlyList<double> Eigenvalues, IReadOnlyList<double> Thresholds, ParallelReference Reference, bool Centred, int SampledRows,
    int SampledColumns)
{
    /// <summary>Values above which a sample stands for the data.</summary>
    public const int MostValues = 131_072;

    private const int MostSide = 256;

    /// <summary>Analyses <paramref name="data"/> against <paramref name="replicates"/> random data sets; the same seed gives the same answer.
    /// Data that do not vary have no components. Errors: <c>parallel_options</c>.</summary>
    public static ParallelAnalysis Of(
        DataMatrix data, ParallelReference reference = ParallelReference.Permutation, bool centred = true, int replicates = 40, ulong seed = 1,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (replicates < 2) throw new NumericsException("parallel_options", "A comparison needs at least two random data sets.");
        var sample = DataSample.Of(data, MostValues, MostSide);
        var source = centred ? PrincipalComponents.WithoutMean(sample) : sample;
        var eigenvalues = Eigen(source, cancellation);
        var noise = new SeededNoise(seed);
        var random = Enumerable.Range(0, replicates)
            .Select(_ => Eigen(Random(source, reference, centred, noise), cancellation)).ToArray();
        var thresholds = new double[eigenvalues.Length];
        for (var k = 0; k < thresholds.Length; k++)
        {
            var place = k;
            thresholds[k] = random.Average(values => values[place]);
        }
        var count = Array.FindIndex(eigenvalues.Zip(thresholds, (value, limit) => value <= limit).ToArray(), below => below);
        return new ParallelAnalysis(
            count < 0 ? eigenvalues.Length : count, eigenvalues, thresholds, reference, centred, sample.Rows, sample.Columns);
    }

    /// <summary>Whether a sample stood for the data of this shape.</summary>
    public bool Sampled(int rows, int columns) => SampledRows < rows || SampledColumns < columns;

    /// <summary>The finding as evidence of a rank verdict.</summary>
    public RankEvidence Reading(int rows, int columns)
    {
        var on = Sampled(rows, columns) ? Text($" on {SampledRows} of {rows} spectra and {SampledColumns} of {columns} channels") : "";
        var against = Reference == ParallelReference.NormalNoise ? "noise of the same variances" : "shuffled columns";
        return new RankEvidence(
            Reference == ParallelReference.Permutation ? "Parallel analysis" : "Parallel analysis (normal noise)", Components,
            Text($"{Components} components stand above {against}{on}; this misses minor ones and is a lower bound."));
    }

    private static Matrix Random(Matrix source, ParallelReference reference, bool centred, SeededNoise noise)
    {
        var flat = source.Values.ToArray();
        for (var column = 0; column < source.Columns; column++)
        {
            if (reference == ParallelReference.Permutation)
            {
                for (var row = source.Rows - 1; row > 0; row--)
                {
                    var other = noise.Below(row + 1);
                    var (here, there) = (row * source.Columns + column, other * source.Columns + column);
                    (flat[here], flat[there]) = (flat[there], flat[here]);
                }
                continue;
            }
            // About zero where the data are not centred: their mean is variance as well there.
            var deviation = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(source.Column(column)) / source.Rows);
            for (var row = 0; row < source.Rows; row++) flat[row * source.Columns + column] = deviation * noise.Normal();
        }
        var made = new Matrix(source.Rows, source.Columns, flat);
        return centred && reference == ParallelReference.NormalNoise ? PrincipalComponents.WithoutMean(made) : made;
    }

    private static double[] Eigen(Matrix data, CancellationToken cancellation)
    {
        var wide = data.Rows <= data.Columns ? data : data.Transpose();
        return SymmetricEigen.Values(PrincipalComponents.Gram(wide, cancellation), wide.Rows, cancellation);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
