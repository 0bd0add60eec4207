using System.Globalization;
using System.Numerics.Tensors;

namespace Tutti.Reduction.Numerics;

/// <summary>Where the variation between replicates comes from.</summary>
public enum ResamplingMethod
{
    /// <summary>The model plus whole residual spectra drawn with replacement.</summary>
    ResidualBootstrap,

    /// <summary>Blocks of spectra are left out in turn.</summary>
    Jackknife,

    /// <summary>Normal noise is added to the data.</summary>
    NoiseAddition,
}

/// <summary>
/// <see cref="Replicates"/> for the bootstrap and the addition of noise. <see cref="BlockRows"/>: so many neighbouring residual spectra are drawn
/// together, or left out together by the jackknife (default: as makes ten blocks there, one spectrum in the bootstrap). <see cref="Iterations"/>: how
/// far each replicate is resolved from the solution. <see cref="NoiseLevel"/>: standard deviation of the added noise in units of the data, by default
/// that of the residual. <see cref="BandPercent"/>: the share of replicates within the bands.
/// </summary>
public sealed record ResamplingOptions
{
    public ResamplingMethod Method { get; init; } = ResamplingMethod.ResidualBootstrap;
    public int Replicates { get; init; } = 100;
    public int Iterations { get; init; } = 10;
    public int? BlockRows { get; init; }
    public double? NoiseLevel { get; init; }
    public double BandPercent { get; init; } = 95;
    public ulong Seed { get; init; } = 1;
}

/// <summary>
/// Uncertainty of the profiles of a resolution: standard deviations of C (n x k) and S (k x m) and the bands between <see cref="LowC"/> and
/// <see cref="HighC"/>, <see cref="LowS"/> and <see cref="HighS"/>. It is what noise does to this solution: rotational ambiguity comes on top
/// (<see cref="AmbiguityBands"/>). <see cref="BandsFromDeviation"/>: the bands are the solution plus and minus normal quantiles of the standard
/// deviation, not percentiles of replicates, because the method has no percentiles (jackknife) or they would not fit in memory.
/// <see cref="LofPercent"/> is the lack of fit of each replicate to its own data.
/// </summary>
public sealed record ProfileUncertainty(
    Matrix DeviationC, Matrix DeviationS, Matrix LowC, Matrix HighC, Matrix LowS, Matrix HighS, bool BandsFromDeviation,
    IReadOnlyList<double> LofPercent);

/// <summary>
/// Uncertainty by resampling (Jaumot, Menezes, Tauler, J. Chemometrics 20, 2006, 54; Efron and Tibshirani, An Introduction to the Bootstrap, 1993;
/// blocks of correlated residuals: Kuensch, Ann. Stat. 17, 1989, 1217). Each replicate is resolved for a few iterations from the spectra of the
/// solution under the same constraints, its components are matched to the solution, and its spectra brought to the solution's scale; the
/// concentrations of closed resolutions keep theirs. Under weights, residuals and noise go by the square root of the weight. The same seed gives the
/// same result.
/// Errors: <c>resampling_options</c>, <c>matrix_shape</c>, and those of <see cref="McrAls"/>.
/// </summary>
public static class Resampling
{
    internal const long MostValuesKept = 8_000_000;

    /// <summary>Values of the data above which every replicate, which is as large, would take too much memory and time.</summary>
    public const long MostValues = 20_000_000;

    /// <summary>Most replicates.</summary>
    public const int MostReplicates = 10_000;

    public static ProfileUncertainty Of(
        Matrix data, McrResult solution, McrOptions constraints, ResamplingOptions? options = null, IProgress<McrProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(solution);
        ArgumentNullException.ThrowIfNull(constraints);
        options ??= new ResamplingOptions();
        if (solution.C.Rows != data.Rows || solution.S.Columns != data.Columns)
            throw new NumericsException("matrix_shape", Text(
                $"A solution of {solution.C.Rows} x {solution.S.Columns} is not one of {data.Rows} x {data.Columns} data."));
        Check(data.Rows, data.Columns, constraints, options);
        return new Run(data, solution, constraints with { ExactIterations = options.Iterations }, options, progress, cancellation).Result();
    }

    /// <summary>Refuses what cannot be resampled, before anything is resolved.</summary>
    public static void Check(int spectra, int channels, McrOptions constraints, ResamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(constraints);
        ArgumentNullException.ThrowIfNull(options);
        if ((long)spectra * channels > MostValues)
            throw new NumericsException("resampling_options", Text($"{spectra} x {channels} data are too many to be resolved again and again (at most {MostValues} values)."));
        if (options.Replicates > MostReplicates) throw new NumericsException("resampling_options", Text($"At most {MostReplicates} replicates can be made."));
        if (options.Method == ResamplingMethod.Jackknife && OfWholeSeries(constraints))
            throw new NumericsException("resampling_options", "The jackknife leaves spectra out, and constraints or weights say something of every spectrum; use the bootstrap.");
        if (options.Replicates < 2 || options.Iterations < 1)
            throw new NumericsException("resampling_options", "At least two replicates of at least one iteration are needed.");
        if (options.BlockRows < 1 || options.BlockRows >= spectra)
            throw new NumericsException("resampling_options", Text($"A block has from 1 to {spectra - 1} of the {spectra} spectra."));
        if (options.NoiseLevel is { } level && !(level > 0 && double.IsFinite(level)))
            throw new NumericsException("resampling_options", "The level of the added noise is a number above zero.");
        if (!(options.BandPercent is > 0 and < 100))
            throw new NumericsException("resampling_options", "The share within the bands is a percentage between 0 and 100.");
    }

    private static bool OfWholeSeries(McrOptions constraints) =>
        constraints.KnownC.Count > 0 || constraints.RowBlocks is not null || constraints.SpectrumWeights is not null || constraints.Weights is not null
        || constraints.OnC.Any(constraint => constraint is FirstOrderKinetics or QuantityCorrelation);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Run(
        Matrix data, McrResult solution, McrOptions constraints, ResamplingOptions options, IProgress<McrProgress>? progress,
        CancellationToken cancellation)
    {
        private readonly int components = solution.S.Rows;
        private readonly SeededNoise noise = new(options.Seed);

        // In units of its standard deviation, up to a factor: zero where a value does not count.
        private readonly Matrix residual = Weighed(data.Minus(solution.C.Times(solution.S)), constraints);
        private readonly List<double> lofs = [];
        private readonly Spread c = new(solution.C, Keep(solution, options));
        private readonly Spread s = new(solution.S, Keep(solution, options));

        private static bool Keep(McrResult solution, ResamplingOptions options) => options.Method != ResamplingMethod.Jackknife
            && (long)options.Replicates * (solution.C.Values.Length + solution.S.Values.Length) <= MostValuesKept;

        private int Replicates => options.Method == ResamplingMethod.Jackknife ? (data.Rows + BlockLeftOut - 1) / BlockLeftOut : options.Replicates;

        private int BlockLeftOut => options.BlockRows ?? Math.Max(1, (data.Rows + 9) / 10);

        public ProfileUncertainty Result()
        {
            if (options.Method == ResamplingMethod.Jackknife) Jackknife();
            else
                for (var replicate = 0; replicate < options.Replicates; replicate++)
                {
                    var drawn = options.Method == ResamplingMethod.ResidualBootstrap ? Bootstrapped() : Noisy();
                    var found = Resolve(drawn);
                    Take(found.C, found.S);
                }
            var factor = options.Method == ResamplingMethod.Jackknife ? (lofs.Count - 1.0) / lofs.Count : 1.0 / (lofs.Count - 1);
            var (deviationC, lowC, highC) = c.Bands(factor, options.BandPercent);
            var (deviationS, lowS, highS) = s.Bands(factor, options.BandPercent);
            return new ProfileUncertainty(deviationC, deviationS, lowC, highC, lowS, highS, !Keep(solution, options), lofs);
        }

        private McrResult Resolve(Matrix drawn)
        {
            var found = McrAls.Resolve(drawn, new McrStart.Spectra(solution.S), constraints, cancellation: cancellation);
            lofs.Add(found.BestLofPercent);
            progress?.Report(new McrProgress(lofs.Count, Replicates, found.BestLofPercent, solution.BestLofPercent));
            return found;
        }

        // Residuals are shrunk by the fit: what the parameters took is given back.
        private Matrix Bootstrapped()
        {
            var freedom = 1 - components * (data.Rows + data.Columns - (double)components) / ((double)data.Rows * data.Columns);
            var inflate = 1 / Math.Sqrt(Math.Max(0.1, freedom));
            var flat = solution.C.Times(solution.S).Values.ToArray();
            var block = options.BlockRows ?? 1;
            for (var row = 0; row < data.Rows; row += block)
            {
                var from = noise.Below(data.Rows - block + 1);
                for (var index = 0; index < block && row + index < data.Rows; index++)
                {
                    var target = flat.AsSpan((row + index) * data.Columns, data.Columns);
                    Add(residual.Row(from + index), inflate, row + index, target);
                }
            }
            return new Matrix(data.Rows, data.Columns, flat);
        }

        private Matrix Noisy()
        {
            var level = options.NoiseLevel ?? residual.FrobeniusNorm() / Math.Sqrt((double)data.Rows * data.Columns);
            var flat = data.Values.ToArray();
            var drawn = new double[data.Columns];
            for (var row = 0; row < data.Rows; row++)
            {
                for (var index = 0; index < drawn.Length; index++) drawn[index] = noise.Normal();
                var target = flat.AsSpan(row * data.Columns, data.Columns);
                if (options.NoiseLevel is null) Add(drawn, level, row, target);
                else TensorPrimitives.MultiplyAdd<double>(drawn, level, target, target);
            }
            return new Matrix(data.Rows, data.Columns, flat);
        }

        // A value that counts more is better known, and varies less.
        private void Add(ReadOnlySpan<double> standardised, double factor, int row, Span<double> target)
        {
            if (!Weighted(constraints))
            {
                TensorPrimitives.MultiplyAdd(standardised, factor, target, target);
                return;
            }
            for (var column = 0; column < target.Length; column++)
                if (Weight(constraints, row, column) is var weight and > 0) target[column] += factor / Math.Sqrt(weight) * standardised[column];
        }

        private static Matrix Weighed(Matrix left, McrOptions constraints)
        {
            if (!Weighted(constraints)) return left;
            var flat = left.Values.ToArray();
            for (var row = 0; row < left.Rows; row++)
                for (var column = 0; column < left.Columns; column++) flat[row * left.Columns + column] *= Math.Sqrt(Weight(constraints, row, column));
            return new Matrix(left.Rows, left.Columns, flat);
        }

        private static bool Weighted(McrOptions constraints) => constraints.Weights is not null || constraints.SpectrumWeights is not null || constraints.ChannelWeights is not null;

        private static double Weight(McrOptions constraints, int row, int column) =>
            constraints.Weights?[row, column] ?? (constraints.SpectrumWeights?[row] ?? 1) * (constraints.ChannelWeights?[column] ?? 1);

        // Spectra that were left out are fitted by what the others gave, so that every spectrum has a spread.
        private void Jackknife()
        {
            var block = BlockLeftOut;
            for (var first = 0; first < data.Rows; first += block)
            {
                var last = Math.Min(data.Rows, first + block);
                var found = Resolve(data.SelectRows([.. Enumerable.Range(0, data.Rows).Where(row => row < first || row >= last)]));
                var fitted = Fitted(found.S);
                Take(constraints.Closure is { } closure ? closure.ApplyTo(fitted) : fitted, found.S);
            }
        }

        private Matrix Fitted(Matrix spectra)
        {
            var turned = spectra.Transpose();
            var right = data.Times(turned).Transpose();
            var solver = new NonNegativeLeastSquares(components);
            solver.SetGram(spectra.Times(turned).Values);
            var answer = Matrix.Allocate(components, data.Rows);
            if (constraints.NonNegativeC)
                solver.Solve(right.Values, data.Rows, answer, data.Rows, solver.FirstGuess(data.Rows), data.Rows);
            else solver.SolveUnconstrained(right.Values, data.Rows, answer, data.Rows, data.Rows);
            return new Matrix(components, data.Rows, answer).Transpose();
        }

        private void Take(Matrix foundC, Matrix foundS)
        {
            var partners = ComponentMatching.Match(foundC, foundS, solution.C, solution.S).Found;
            var (alikeC, alikeS) = (new double[solution.C.Values.Length], new double[solution.S.Values.Length]);
            for (var target = 0; target < components; target++)
            {
                var from = partners[target];
                var size = TensorPrimitives.SumOfSquares(foundS.Row(from));
                var scale = size > 0 && constraints.Closure is null ? TensorPrimitives.Dot(foundS.Row(from), solution.S.Row(target)) / size : 1;
                if (!(scale > 0)) scale = 1;
                TensorPrimitives.Multiply(foundS.Row(from), scale, alikeS.AsSpan(target * foundS.Columns, foundS.Columns));
                for (var row = 0; row < foundC.Rows; row++) alikeC[row * components + target] = foundC[row, from] / scale;
            }
            c.Take(alikeC);
            s.Take(alikeS);
        }
    }

    /// <summary>Mean and sum of squared deviations of many values at once (Welford, Technometrics 4, 1962, 419), and the values themselves where
    /// percentiles are wanted.</summary>
    private sealed class Spread(Matrix centre, bool keep)
    {
        private readonly double[] mean = new double[centre.Values.Length];
        private readonly double[] squares = new double[centre.Values.Length];
        private readonly List<double[]> kept = [];
        private int count;

        public void Take(double[] values)
        {
            count++;
            for (var index = 0; index < values.Length; index++)
            {
                var step = values[index] - mean[index];
                mean[index] += step / count;
                squares[index] += step * (values[index] - mean[index]);
            }
            if (keep) kept.Add(values);
        }

        public (Matrix Deviation, Matrix Low, Matrix High) Bands(double factor, double percent)
        {
            var deviation = squares.Select(sum => Math.Sqrt(Math.Max(0, factor * sum))).ToArray();
            var (low, high) = (new double[mean.Length], new double[mean.Length]);
            var reach = NormalQuantile(0.5 + percent / 200);
            var column = new double[kept.Count];
            for (var index = 0; index < mean.Length; index++)
            {
                if (keep)
                {
                    for (var replicate = 0; replicate < kept.Count; replicate++) column[replicate] = kept[replicate][index];
                    Array.Sort(column);
                    (low[index], high[index]) = (Percentile(column, 50 - percent / 2), Percentile(column, 50 + percent / 2));
                }
                else (low[index], high[index]) = (
                    centre.Values[index] - reach * deviation[index], centre.Values[index] + reach * deviation[index]);
            }
            return (Shaped(deviation), Shaped(low), Shaped(high));
        }

        private Matrix Shaped(double[] values) => new(centre.Rows, centre.Columns, values);

        private static double Percentile(double[] sorted, double percent)
        {
            var at = percent / 100 * (sorted.Length - 1);
            var below = (int)at;
            return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
        }

        // Abramowitz and Stegun 26.2.23; absolute error below 4.5e-4, far less than the deviation itself is known.
        private static double NormalQuantile(double probability)
        {
            var t = Math.Sqrt(-2 * Math.Log(1 - probability));
            return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
        }
    }
}
