using System.Numerics.Tensors;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Results;

/// <summary>
/// The figures behind a rank verdict, for k = 1, 2, ... components (index k - 1), at most <see cref="Most"/>: Malinowski's real error and indicator
/// function, significance of his F test in percent, Durbin-Watson ratios of the loadings, lack of fit of k principal components in percent. What takes
/// the data themselves is there where it was looked at; null in a list stands for what is no number.
/// </summary>
public sealed record RankIndicators(
    IReadOnlyList<double> RealError, IReadOnlyList<double> Indicator, IReadOnlyList<double> SignificancePercent, IReadOnlyList<double> DurbinWatson, IReadOnlyList<double> LofPercent)
{
    /// <summary>Components told of.</summary>
    public const int Most = 50;

    /// <summary>Durbin-Watson ratios of what is left after 0, 1, 2, ... components, along the channels.</summary>
    public IReadOnlyList<double?>? ResidualAlongChannels { get; init; }

    /// <summary>The same from spectrum to spectrum.</summary>
    public IReadOnlyList<double?>? ResidualAlongSpectra { get; init; }

    /// <summary>Sum of squared errors of cross-validation with 0, 1, 2, ... components.</summary>
    public IReadOnlyList<double>? Press { get; init; }

    /// <summary>Components by parallel analysis of the centred data against shuffled columns; a lower bound.</summary>
    public int? ParallelShuffled { get; init; }

    /// <summary>The same against normal noise.</summary>
    public int? ParallelNoise { get; init; }

    /// <summary>Eigenvalues of evolving factor analysis.</summary>
    public EvolvingEigenvalues? Evolving { get; init; }

    /// <summary>The figures of an analysis.</summary>
    public static RankIndicators Of(PrincipalComponents components, RankAnalysis rank)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(rank);
        return new RankIndicators(
            [.. rank.RealError.Take(Most)], [.. rank.Indicator.Take(Most)], [.. rank.SignificancePercent.Take(Most)], [.. rank.DurbinWatson.Take(Most)],
            [.. Enumerable.Range(1, Math.Min(Most, components.SingularValues.Count)).Select(components.LofPercent)])
        {
            ResidualAlongChannels = Numbers(rank.Residuals?.AlongChannels), ResidualAlongSpectra = Numbers(rank.Residuals?.AlongRows),
            Press = rank.CrossValidation?.Press, ParallelShuffled = rank.Parallel?.Components, ParallelNoise = rank.ParallelNormal?.Components,
            Evolving = rank.Evolving is { } evolving ? EvolvingEigenvalues.Of(evolving) : null,
        };
    }

    private static IReadOnlyList<double?>? Numbers(IReadOnlyList<double>? values) => values is null ? null : [.. values.Select(value => double.IsFinite(value) ? (double?)value : null)];
}

/// <summary>
/// Squared singular values (one list per place, the largest first) of the spectra up to and including each of <see cref="Spectra"/> (numbers from 0),
/// and of those from it to the end.
/// </summary>
public sealed record EvolvingEigenvalues(IReadOnlyList<int> Spectra, IReadOnlyList<IReadOnlyList<double>> Forward, IReadOnlyList<IReadOnlyList<double>> Backward)
{
    /// <summary>The eigenvalues of an analysis.</summary>
    public static EvolvingEigenvalues Of(EvolvingFactors evolving)
    {
        ArgumentNullException.ThrowIfNull(evolving);
        return new EvolvingEigenvalues(evolving.Positions, Squares(evolving.Forward), Squares(evolving.Backward));
    }

    private static IReadOnlyList<double>[] Squares(Matrix values) =>
        [.. Enumerable.Range(0, values.Rows).Select(row => (IReadOnlyList<double>)[.. values.Row(row).ToArray().Select(value => value * value)])];
}

/// <summary>Mean, least and largest of the values that were reduced.</summary>
public sealed record ValueSummary(double Mean, double Least, double Largest)
{
    /// <summary>Of all values of the data.</summary>
    public static ValueSummary Of(DataMatrix data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var row = new double[data.Columns];
        var (sum, least, largest) = (0.0, double.PositiveInfinity, double.NegativeInfinity);
        for (var spectrum = 0; spectrum < data.Rows; spectrum++)
        {
            if (spectrum % 64 == 0) cancellation.ThrowIfCancellationRequested();
            data.CopyRows(spectrum, 1, row);
            sum += TensorPrimitives.Sum<double>(row);
            least = Math.Min(least, TensorPrimitives.Min<double>(row));
            largest = Math.Max(largest, TensorPrimitives.Max<double>(row));
        }
        return new ValueSummary(sum / data.Count, least, largest);
    }
}

/// <summary>Numbers (from 0) of the purest spectra or channels that the resolution began with, in the order of their choice.</summary>
public sealed record StartSummary(IReadOnlyList<int>? Spectra, IReadOnlyList<int>? Channels);

/// <summary>
/// Uncertainty of the profiles by resampling: root mean square of the standard deviations of each component's concentrations and spectrum, in percent
/// of the root mean square of the profile itself. <see cref="LofPercent"/>: of every replicate. The profiles' own deviations and bands are tables.
/// </summary>
public sealed record UncertaintySummary(
    ResamplingMethod Method, int Replicates, double BandPercent, bool BandsFromDeviation, IReadOnlyList<double> ConcentrationsPercent, IReadOnlyList<double> SpectraPercent,
    IReadOnlyList<double> LofPercent)
{
    /// <summary>The summary of what was found around a solution, C n x k and S k x m.</summary>
    public static UncertaintySummary Of(ProfileUncertainty found, Matrix c, Matrix s, ResamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(c);
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(options);
        var (turned, deviations) = (c.Transpose(), found.DeviationC.Transpose());
        return new UncertaintySummary(
            options.Method, found.LofPercent.Count, options.BandPercent, found.BandsFromDeviation,
            [.. Enumerable.Range(0, s.Rows).Select(k => Percent(deviations.Row(k), turned.Row(k)))], [.. Enumerable.Range(0, s.Rows).Select(k => Percent(found.DeviationS.Row(k), s.Row(k)))],
            found.LofPercent);
    }

    private static double Percent(ReadOnlySpan<double> deviation, ReadOnlySpan<double> profile)
    {
        var size = TensorPrimitives.Norm(profile);
        return size == 0 ? 0 : 100 * TensorPrimitives.Norm(deviation) / size;
    }
}

/// <summary>
/// What linear combination fitting found: names of the references, whole R factor (residual squares / squares), and up to
/// <see cref="MostSpectra"/> spectra one by one (the table <c>combination.csv</c> has all of them).
/// </summary>
public sealed record CombinationSummary(IReadOnlyList<string> References, double RFactor, IReadOnlyList<CombinationOfSpectrum> Spectra)
{
    /// <summary>Spectra told of one by one.</summary>
    public const int MostSpectra = 5000;

    /// <summary>The summary of an outcome whose lack of fit is known.</summary>
    public static CombinationSummary Of(CombinationOutcome outcome, double lofPercent)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return new CombinationSummary(outcome.References, lofPercent * lofPercent / 1e4, [.. outcome.Fits.Take(MostSpectra).Select((fit, spectrum) => new CombinationOfSpectrum(
            fit.Weights, [.. fit.Errors.Select(error => double.IsFinite(error) ? (double?)error : null)], fit.Shifts, fit.Background, fit.RFactor, fit.ReducedChiSquare,
            spectrum < outcome.Rankings.Count ? outcome.Rankings[spectrum] : null))]);
    }
}

/// <summary>One spectrum: fractions of the references with standard errors (null: not determined), their shifts along the axis, constant and slope of the
/// background, R factor, reduced chi-square, and the best combinations where those were tried.</summary>
public sealed record CombinationOfSpectrum(
    IReadOnlyList<double> Fractions, IReadOnlyList<double?> Errors, IReadOnlyList<double> Shifts, IReadOnlyList<double> Background, double RFactor, double ReducedChiSquare,
    IReadOnlyList<RankedCombination>? Ranking);
