using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;

namespace Tutti.Reduction;

/// <summary>
/// Upper estimates of what a reduction needs, so that it is refused when it is asked for and not after hours. Phases follow each other, so the largest counts:
/// <code>
/// reading | preparation, step by step | cut to the window | principal components | start and fit, checkpoints | bands | replicates | result files and plots
/// </code>
/// Held from the first to the last: the series as it was read (a plain array stays in its file), its prepared copy and the copy within the window.
/// </summary>
internal static class MemoryEstimate
{
    // Beyond so many values singular values come from sums over the spectra, and the rank from the singular values alone.
    private const long LargeValues = 4_000_000;

    // So many components are reckoned with where the verdict decides, and kept of the principal components.
    private const int ByVerdict = 16, Kept = 24;
    private const int Value = sizeof(double);

    // The runtime, drawings, and residuals that go into the result files; what the collector has not got round to.
    private const double Floor = 128L << 20, PerDrawing = 2L << 20, Garbage = 1.1;

    // Ranges of spectra keep the factors of the passive sets they meet, one of 2^k for each spectrum at most.
    private const double Ranges = 16, FactorHead = 200, FitRecord = 1024;

    /// <summary>Bytes of memory that the job may need.</summary>
    public static long Of(DataSet set, ReductionOptions options, IReadOnlyList<PreparationStep> steps, IEnumerable<DataSet> references)
    {
        double spectra = set.Spectra, channels = Math.Max(set.Channels, steps.Select(step => ChannelsAfter(step, set)).DefaultIfEmpty(0).Max());
        var (raw, values) = (Value * (double)set.Spectra * set.Channels, Value * spectra * channels);
        var second = references.Select(reference => (Reading: ReadingOf(reference), Held: Value * (double)reference.Spectra * reference.Channels)).ToList();
        var series = (set.InPlace ? 0 : raw) + second.Sum(one => one.Held);
        var withErrors = steps.Any(step => step is CountingErrors);
        // Before, after, and what a step works on; standard deviations before and after.
        var preparing = steps.Count == 0 ? 0 : (3 * values) + (withErrors ? 2 * values : 0);
        var prepared = steps.Count == 0 ? 0 : (withErrors ? 2 : 1) * values;
        // The window is cut out of a copy that is whole; how many channels it has depends on how they lie.
        var asArray = set.InPlace && steps.Count == 0 ? values : 0;
        var (cutting, cut) = options.Window is null ? (0.0, 0.0) : (asArray + values, values);
        // Which values were measured; a weight for every value, and both turned for the spectra.
        var present = set.HasMissing ? values : 0;
        var weighted = options.Method == ReductionMethod.CurveResolution && (set.HasMissing || options.Weights is { Rows: > 1, Columns: > 1 }) ? 3 * values : 0;
        var data = series + prepared + cut + present + (present > 0 && cut > 0 ? values : 0);
        // What is not a matrix of float64 yet is copied into one where a method wants that.
        var copied = cut > 0 ? 0 : asArray;
        var components = ComponentsOf(spectra, channels, options);
        double[] phases =
        [
            Math.Max(ReadingOf(set), second.Select(one => one.Reading).DefaultIfEmpty(0).Max()) + second.Sum(one => one.Held),
            series + preparing,
            series + prepared + cutting,
            data + Decomposition(spectra, channels, Kept, copied, options.Centred) + (values / Value <= LargeValues ? 8 * values : 0),
            data + weighted + (weighted > 0 ? copied : 0) + Fit(spectra, channels, components, options) + Math.Max(Start(spectra, channels, options, copied), Math.Max(
                Math.Max(options.Bands ? Value * (spectra + channels) * ((2 * components) + 8) : 0, Replicates(spectra, channels, components, options, copied)),
                Output(spectra, channels, components))) + Combinations(spectra, options),
        ];
        return (long)Math.Min(Floor + (components * PerDrawing) + (Garbage * phases.Max()), long.MaxValue / 2);
    }

    /// <summary>Bytes of the largest file of the result, which is put together in memory: the profiles, and what is told of each spectrum and channel.</summary>
    public static long LargestFile(DataSet set, ReductionOptions options) =>
        Value * ((long)set.Spectra + set.Channels) * ((long)ComponentsOf(set.Spectra, set.Channels, options) + 4);

    private static double ComponentsOf(double spectra, double channels, ReductionOptions options) =>
        options is { Method: ReductionMethod.LinearCombination, Combination: { } model }
            ? model.References.Sum(set => set.Spectra.Rows)
            : Math.Min(options.Components ?? ByVerdict, Math.Min(spectra, channels));

    // The record of the fit of each spectrum, and of the best combinations.
    private static double Combinations(double spectra, ReductionOptions options) =>
        options is not { Method: ReductionMethod.LinearCombination, Combination: { } model } ? 0 : FitRecord * spectra * (1 + (model.Rank is null ? 0 : Combine.BestShown));

    // Files and text while reading, the series, and what a reader keeps beside it.
    private static double ReadingOf(DataSet set) => set.InPlace ? 0 : set.Length + set.UnpackedLength + ((set.HasMissing ? 6.0 : 4.0) * Value * set.Spectra * set.Channels);

    private static double Decomposition(double spectra, double channels, int kept, double copied, bool centred)
    {
        var (shorter, longer) = (Math.Min(spectra, channels), Math.Max(spectra, channels));
        var squares = 6 * Value * shorter * shorter;
        if (spectra * channels > LargeValues && channels <= spectra) return squares;
        var (values, few) = (Value * spectra * channels, Value * Math.Min(kept, shorter) * (spectra + channels));
        var projected = shorter * shorter * longer <= PrincipalComponents.RefinementLimit ? values : few;
        return copied + (centred ? values : 0) + (spectra > channels ? values : 0) + squares + projected + (3 * few);
    }

    private static double Start(double spectra, double channels, ReductionOptions options, double copied) => options.Start switch
    {
        StartMethod.EvolvingFactors or StartMethod.NonNegativeDecomposition => copied + Decomposition(spectra, channels, Kept, copied, false) + (Value * spectra * channels),
        StartMethod.Clusters => copied + (Value * spectra * channels),
        StartMethod.PurestSpectra or StartMethod.PurestChannels => 6 * Value * (spectra + channels),
        StartMethod.GivenSpectra or StartMethod.GivenConcentrations => 0,
    };

    // Three iterates and the profiles turned at the end, passive sets, weights; a compression with its scores; a checkpoint as it is put together and written.
    private static double Fit(double spectra, double channels, double components, ReductionOptions options)
    {
        var profiles = Value * components * (spectra + channels);
        var compressed = options.Compression is { } rank ? (Value * spectra * (rank + 7.0)) + Decomposition(spectra, channels, rank, Value * spectra * channels, false) : 0;
        var factors = Math.Min(Ranges * Math.Pow(2, components), spectra) * ((Value / 2 * components * components) + FactorHead);
        return (5 * profiles) + factors + (options.Accelerated ? 2 * Value * components * channels : 0) + (4 * Value * (spectra + channels)) + compressed + (4 * profiles);
    }

    // The data as one matrix, the model and residual, one replicate at a time with its own fit, and the profiles of all as far as they are kept.
    private static double Replicates(double spectra, double channels, double components, ReductionOptions options, double copied) =>
        options.Resampling is not { } sampling ? 0
            : copied + (4 * Value * spectra * channels) + Fit(spectra, channels, components, options)
                + (Value * Math.Min(Resampling.MostValuesKept, sampling.Replicates * components * (spectra + channels)));

    private static double Output(double spectra, double channels, double components) => (4 * Value * components * (spectra + channels)) + (16 * Value * spectra);

    // How many channels a step makes at most; 0: no more than there were.
    private static double ChannelsAfter(PreparationStep step, DataSet set) => step switch
    {
        Rebin even => Math.Min(Rebin.MostBins, 2 + (((even.High ?? set.AxisTo) - (even.Low ?? set.AxisFrom)) / even.Width)),
        RebinEdge edge => Math.Min(
            Rebin.MostBins, 4 + ((set.AxisTo - set.AxisFrom) / edge.PreStep) + ((edge.NearHigh - edge.NearLow) / edge.NearStep) + (WaveNumbers(set) / edge.KStep)),
        ExtractChi chi => 2 + (WaveNumbers(set) / chi.KStep),
        _ => 0,
    };

    private static double WaveNumbers(DataSet set) => Math.Sqrt(Edges.WaveNumberSquaredPerEv * Math.Abs(set.AxisTo - set.AxisFrom));
}
