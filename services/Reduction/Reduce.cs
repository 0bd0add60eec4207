using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Reflection;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;

namespace Tutti.Reduction;

/// <summary>Everything a reduction found: the series as it was used (prepared, cut to the window), C (n x k), S (k x m), and what led there.</summary>
public sealed record ReductionOutcome(
    ReductionResult Result, SpectralSeries Used, PrincipalComponents Components, RankAnalysis Rank, Matrix Concentrations, Matrix Spectra)
{
    /// <summary>Seconds that the principal components and the rank took, and each iteration; not part of the result, which is the same every
    /// time.</summary>
    public required ReductionTimings Timings { get; init; }

    /// <summary>How the series was prepared, and what the preparation knows of each spectrum (potential, edge energy, pixel).</summary>
    public required PreparedSeries Prepared { get; init; }

    /// <summary>How far the profiles can be turned into each other, where that was asked for.</summary>
    public AmbiguityBands? Bands { get; init; }

    /// <summary>Uncertainty of the profiles, where that was asked for.</summary>
    public ProfileUncertainty? Uncertainty { get; init; }

    /// <summary>The fit by references, where the series was fitted by references.</summary>
    public CombinationOutcome? Combination { get; init; }

    /// <summary>What component <paramref name="component"/> (from 0) is called.</summary>
    public string NameOf(int component) => Combination?.References[component] ?? string.Create(CultureInfo.InvariantCulture, $"component {component + 1}");

    /// <summary>What the model leaves of one spectrum: d - c S, with references also less their background and moved as fitted; m values. Zero where a
    /// value is missing.</summary>
    public double[] Residual(int spectrum)
    {
        var rest = new double[Used.Data.Columns];
        Residual(spectrum, rest);
        return rest;
    }

    /// <summary>The same into memory that is there (m values).</summary>
    public void Residual(int spectrum, Span<double> rest)
    {
        Used.Data.CopyRows(spectrum, 1, rest);
        if (Combination is { } combination)
        {
            TensorPrimitives.Subtract(rest, [.. combination.Fitting.Fit(rest).Fitted], rest);
            return;
        }
        for (var k = 0; k < Spectra.Rows; k++) TensorPrimitives.MultiplyAdd(Spectra.Row(k), -Concentrations[spectrum, k], rest, rest);
        if (Used.Present is { } present) TensorPrimitives.Multiply(rest, present.Row(spectrum), rest);
    }
}

/// <summary>Wall-clock and processor seconds of the phases of a reduction.</summary>
public sealed record ReductionTimings(IterationTime Rank, IterationTime Resolution, IReadOnlyList<IterationTime> Iterations);

/// <summary>
/// Reduces a series to component spectra and their concentrations: principal components, rank verdict, curve resolution. Reads and writes nothing.
/// Errors are <see cref="NumericsException"/>; of its own: <c>window_empty</c>, <c>too_few_spectra</c>, <c>too_few_channels</c>,
/// <c>start_missing</c>, <c>component_count</c>, <c>negative_data</c>, <c>weights_shape</c>, <c>options</c>, and those of linear fits:
/// <c>references_missing</c>, <c>reference_axis</c>, <c>reference_names</c>, <c>profile_pairs</c>.
/// </summary>
public static class Reduce
{
    // Up to so many values the rank is looked at from every side; beyond, only by what follows from the singular values.
    private const long ValuesForFullRank = 4_000_000;

    // Up to so many values it is asked whether the data are bilinear at all.
    private const long ValuesForBilinearity = 1_000_000;

    // A last iterate this much worse than the best is worth a word.
    private const double NotableRise = 1.001;

    /// <summary>Reduces a series as it is.</summary>
    public static ReductionOutcome Run(
        SpectralSeries series, ReductionOptions? options = null, IProgress<ReductionProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        return Run(new PreparedSeries(series, null, FrozenDictionary<string, IReadOnlyList<double?>>.Empty, series.MapShape, []), options, progress, null, cancellation);
    }

    /// <summary>Reduces a prepared series, keeping checkpoints of the resolution; a window of what is larger than the memory goes into <paramref name="storage"/>.</summary>
    public static ReductionOutcome Run(
        PreparedSeries prepared, ReductionOptions? options, IProgress<ReductionProgress>? progress, McrCheckpoints? checkpoints, CancellationToken cancellation,
        MatrixStorage? storage = null)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var series = prepared.Series;
        options ??= new ReductionOptions();
        var began = Now();
        var (used, kept) = Cut(series, options.Window, storage, cancellation);
        if (used.Data.Rows < 2 && options.Method != ReductionMethod.LinearCombination)
            throw new NumericsException("too_few_spectra", "One spectrum alone cannot be resolved into components.");
        if (used.Data.Columns < 2) throw new NumericsException("too_few_channels", "Spectra of one channel alone cannot be resolved into components.");
        var (constraints, weighting) = options.Method == ReductionMethod.CurveResolution ? Constraints(used, kept, series.Axis.Values.Count, options, cancellation) : (new McrOptions(), null);
        if (options.Resampling is { } sampling && options.Method == ReductionMethod.CurveResolution) Resampling.Check(used.Data.Rows, used.Data.Columns, constraints, sampling);
        // What cannot be is refused before hours of work, not after.
        var references = options.Method == ReductionMethod.LinearCombination ? Combine.Begin(used, series.Axis, kept, options) : null;
        if (options.Method == ReductionMethod.GivenProfiles) Combine.Given(used.Data.Rows, used.Data.Columns, options);
        var given = options.Method == ReductionMethod.CurveResolution ? GivenStart(options) : null;
        if (options.Method == ReductionMethod.CurveResolution && (given is null ? options.Components : McrAls.Components(given)) is { } count)
            McrAls.Check(used.Data.Rows, used.Data.Columns, given, count, constraints);

        var needsPositive = options.Method == ReductionMethod.CurveResolution && (options.NonNegativeC && options.NonNegativeS && options.SignFreeC.Count + options.SignFreeS.Count == 0
            || options.Start is StartMethod.PurestSpectra or StartMethod.PurestChannels or StartMethod.NonNegativeDecomposition);
        if (needsPositive && !used.Data.HasPositive(cancellation))
            throw new NumericsException("negative_data",
                "No value is above zero: neither a start of pure spectra nor components that are not negative can be found. "
                + "Is the sign of the absorption turned (ln I/I0 for -ln I/I0)? The step scale with factor -1 turns it.");

        progress?.Report(new ReductionProgress(ReductionPhase.PrincipalComponents));
        var components = PrincipalComponents.OfLarge(used.Data, options.Centred, cancellation: cancellation);
        var rank = ByVerdict(options) && used.Data.Count <= ValuesForFullRank
            ? RankAnalysis.Of(used.Data, components, cancellation: cancellation)
            : RankAnalysis.Of(components);
        var ranked = Now();

        StartSummary? begun = null;
        CombinationOutcome? combination = null;
        McrResult resolved;
        switch (options.Method)
        {
            case ReductionMethod.CurveResolution:
                (var start, begun) = Start(used, options, rank.Verdict, cancellation);
                resolved = McrAls.Resolve(used.Data, start, constraints, progress is null ? null : new Forward(progress, ReductionPhase.Resolution), checkpoints, cancellation);
                break;
            case ReductionMethod.LinearCombination:
                (resolved, combination) = Combine.Fit(used, references ?? throw new NumericsException("options", "Unknown method."), options, cancellation);
                break;
            case ReductionMethod.GivenProfiles:
                resolved = Combine.Profiles(used, options, cancellation);
                break;
            default:
                throw new NumericsException("options", "Unknown method.");
        }
        var timings = new ReductionTimings(Between(began, ranked), Between(ranked, Now()), resolved.IterationTimes);
        var bilinearity = options.Method == ReductionMethod.CurveResolution && used.Data.Count <= ValuesForBilinearity && resolved.S.Rows < Math.Min(used.Data.Rows, used.Data.Columns)
            ? Bilinearity.Check(used.Data.ToMatrix(cancellation), resolved.S.Rows, cancellation: cancellation)
            : null;
        var (bands, noBands) = options.Bands ? Bands(resolved, options, progress, cancellation) : default;
        var (uncertainty, noUncertainty) = options.Resampling is { } asked ? Uncertainty(used, resolved, constraints, asked, progress, cancellation) : default;
        progress?.Report(new ReductionProgress(ReductionPhase.Finished, resolved.Iterations, resolved.Iterations, resolved.BestLofPercent));

        var result = new ReductionResult
        {
            LofPercent = resolved.LofPercent,
            LofReproductionPercent = resolved.LofReproductionPercent,
            BestLofPercent = resolved.BestLofPercent,
            R2Percent = resolved.R2Percent,
            Iterations = resolved.Iterations,
            BestIteration = resolved.BestIteration,
            StopReason = resolved.StopReason,
            ComponentCount = resolved.S.Rows,
            ComponentsByVerdict = ByVerdict(options),
            // The components know no weights: their fit is no bound of a weighted one.
            LofPcaPercent = weighting is null ? components.LofPercent(Math.Min(resolved.S.Rows, components.SingularValues.Count)) : null,
            SingularValues = components.SingularValues,
            Rank = rank.Verdict,
            Indicators = RankIndicators.Of(components, rank),
            Start = begun,
            Values = ValueSummary.Of(used.Data, cancellation),
            Weighting = weighting,
            Uncertainty = uncertainty is null || options.Resampling is null ? null : UncertaintySummary.Of(uncertainty, resolved.C, resolved.S, options.Resampling),
            Combination = combination is null ? null : CombinationSummary.Of(combination, resolved.BestLofPercent),
            VanishedComponents = resolved.VanishedComponents,
            OpenSpectra = resolved.OpenSpectra,
            Findings = resolved.Findings,
            Spectra = used.Data.Rows,
            Channels = used.Data.Columns,
            Axis = used.Axis.Name,
            AxisUnit = used.Axis.Unit,
            Options = options.Recorded(),
            Bands = bands is null ? null : new BandSummary(
                bands.Unique, bands.Summary, [.. bands.Components.Select(band => new BandRange(band.Contribution, band.Minimum.Contribution, band.Maximum.Contribution))]),
            Warnings = [.. series.Warnings, .. prepared.Warnings, .. Warnings(options, rank.Verdict, resolved, combination), .. bilinearity?.Warnings ?? [],
                .. new[] { noBands, noUncertainty }.OfType<ReadingWarning>()],
            Sources = series.Sources,
            InputHash = SeriesHash.Of(used, cancellation),
            Columns = prepared.ColumnsToTell,
            References = prepared.References,
            ToolVersion = ToolVersion,
        };
        return new ReductionOutcome(result, used, components, rank, resolved.C, resolved.S) { Timings = timings, Prepared = prepared, Bands = bands, Uncertainty = uncertainty, Combination = combination };

        static (long Wall, TimeSpan Cpu) Now() => (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        static IterationTime Between((long Wall, TimeSpan Cpu) from, (long Wall, TimeSpan Cpu) to) =>
            new(Stopwatch.GetElapsedTime(from.Wall, to.Wall).TotalSeconds, (to.Cpu - from.Cpu).TotalSeconds);
    }

    private static (AmbiguityBands? Found, ReadingWarning? Why) Bands(McrResult resolved, ReductionOptions options, IProgress<ReductionProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new ReductionProgress(ReductionPhase.Bands, resolved.Iterations, resolved.Iterations, resolved.BestLofPercent));
        if (options.SignFreeC.Count + options.SignFreeS.Count > 0)
            return (null, new ReadingWarning("bands_not_made", "The bands know signs only for all components together; some may have either sign here."));
        try
        {
            return (AmbiguityBands.Of(resolved.C, resolved.S, new AmbiguityOptions
            {
                NonNegativeC = options.NonNegativeC, NonNegativeS = options.NonNegativeS, Closure = options.Closure is { Components: null, Blocks: null },
                KnownSpectra = Whole(options.KnownS), KnownConcentrations = Whole(options.KnownC),
            }, cancellation), null);
        }
        catch (NumericsException impossible)
        {
            // The resolution stands, whatever the bands would say.
            return (null, new ReadingWarning("bands_not_made", $"{impossible.Message} ({impossible.Code})"));
        }

        static int[] Whole(IReadOnlyList<KnownProfile> known) =>
            [.. known.Where(profile => profile.Weight is null && profile.Values.All(value => value is not null)).Select(profile => profile.Component).Distinct()];
    }

    private static (ProfileUncertainty? Found, ReadingWarning? Why) Uncertainty(
        SpectralSeries used, McrResult resolved, McrOptions constraints, ResamplingOptions options, IProgress<ReductionProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            return (Resampling.Of(
                used.Data.ToMatrix(cancellation), resolved, constraints, options, progress is null ? null : new Forward(progress, ReductionPhase.Resampling), cancellation), null);
        }
        catch (NumericsException impossible)
        {
            // As with the bands; what the options alone forbid was refused at the beginning.
            return (null, new ReadingWarning("uncertainty_not_found", $"{impossible.Message} ({impossible.Code})"));
        }
    }

    private static bool ByVerdict(ReductionOptions options) =>
        options.Method == ReductionMethod.CurveResolution && options.Components is null && options.Start is not (StartMethod.GivenSpectra or StartMethod.GivenConcentrations);

    /// <summary>The version that results are recorded under.</summary>
    public static string ToolVersion { get; } =
        typeof(Reduce).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The part of the series within the window, and the numbers of its channels.</summary>
    public static (SpectralSeries Used, IReadOnlyList<int> Kept) Cut(
        SpectralSeries series, AxisWindow? window, MatrixStorage? storage = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        var axis = series.Axis.Values;
        var kept = Enumerable.Range(0, axis.Count).Where(index => window is null || (axis[index] >= window.Low && axis[index] <= window.High)).ToArray();
        if (window is not null && kept.Length < 2)
            throw new NumericsException("window_empty", string.Create(CultureInfo.InvariantCulture,
                $"Between {window.Low} and {window.High} lie {kept.Length} channels of the axis ({axis[0]} to {axis[^1]})."));
        return (kept.Length == series.Data.Columns
            ? series
            : series with { Axis = series.Axis with { Values = [.. kept.Select(index => axis[index])] },
                Data = series.Data.SelectColumns(kept[0], kept.Length, storage, cancellation), Present = series.Present?.SelectColumns(kept) }, kept);
    }

    private static (McrStart Start, StartSummary? Chosen) Start(SpectralSeries used, ReductionOptions options, RankVerdict verdict, CancellationToken cancellation)
    {
        if (GivenStart(options) is { } start) return (start, null);
        var count = options.Components ?? verdict.Suggested;
        if (count < 1 || count > Math.Min(used.Data.Rows, used.Data.Columns))
            throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                $"{count} components cannot be resolved from {used.Data.Rows} spectra of {used.Data.Columns} channels."));
        switch (options.Start)
        {
            case StartMethod.PurestChannels:
                var channels = Simplisma.PurestColumns(used.Data, count, options.StartNoisePercent, cancellation);
                return (new McrStart.OfChannels(channels), new StartSummary(null, channels));
            case StartMethod.EvolvingFactors:
                return (new McrStart.Concentrations(EvolvingStart.Concentrations(used.Data.ToMatrix(cancellation), count, cancellation)), null);
            case StartMethod.Clusters:
                return (new McrStart.Spectra(Clusters.Spectra(used.Data.ToMatrix(cancellation), count, cancellation: cancellation)), null);
            case StartMethod.NonNegativeDecomposition:
                return (new McrStart.Spectra(NonNegativeDecomposition.Of(used.Data.ToMatrix(cancellation), count, cancellation: cancellation).S), null);
            case StartMethod.PurestSpectra or StartMethod.GivenSpectra or StartMethod.GivenConcentrations:
            default:
                var rows = Simplisma.PurestRows(used.Data, count, options.StartNoisePercent, options.StartFloor, cancellation);
                return (new McrStart.OfSpectra(rows), new StartSummary(rows, null));
        }
    }

    private static McrStart? GivenStart(ReductionOptions options) => options.Start switch
    {
        StartMethod.GivenSpectra => new McrStart.Spectra(Given(options.GivenSpectra, options, given => given.Rows, "spectra")),
        StartMethod.GivenConcentrations => new McrStart.Concentrations(Given(options.GivenConcentrations, options, given => given.Columns, "concentrations")),
        _ => null,
    };

    private static Matrix Given(Matrix? given, ReductionOptions options, Func<Matrix, int> count, string what)
    {
        if (given is null) throw new NumericsException("start_missing", $"The start is to be given {what}, and none were given.");
        return options.Components is { } asked && asked != count(given)
            ? throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                $"{asked} components were asked for and {what} of {count(given)} given."))
            : given;
    }

    // What a value weighs is the product of what is known of it: measured or not, its own weight, that of its spectrum, that of its channel.
    private static (McrOptions Constraints, string? Weighting) Constraints(SpectralSeries used, IReadOnlyList<int> kept, int channelsBefore, ReductionOptions options, CancellationToken cancellation)
    {
        if (options.Noise == NoiseModel.Poisson && options.Weights is not null)
            throw new NumericsException("options", "Weights are given or follow from the counts, not both.");
        var counted = options.Noise == NoiseModel.Poisson ? PoissonWeights.Of(used.Data, cancellation) : default;
        var (spectra, channels, told) = (counted.Spectra, counted.Channels, options.Noise == NoiseModel.Poisson ? "poisson" : null);
        Matrix? each = null;
        if (options.Weights is { } given)
        {
            if (given.Columns == used.Data.Columns || given.Columns == 1) (each, channels) = (given, given.Rows == 1 ? given.Values.ToArray() : null);
            else if (given.Columns == channelsBefore) (each, channels) = (given.SelectColumns(kept), given.Rows == 1 ? given.SelectColumns(kept).Values.ToArray() : null);
            else throw Shape();
            if (given.Columns == 1 && given.Rows == used.Data.Rows) spectra = given.Values.ToArray();
            else if (given.Rows != 1 && (given.Rows != used.Data.Rows || given.Columns == 1)) throw Shape();
            if (spectra is not null || channels is not null) each = null;
            told = each is not null ? "values" : spectra is not null ? "spectra" : "channels";

            NumericsException Shape() => new("weights_shape", string.Create(CultureInfo.InvariantCulture,
                $"{given.Rows} x {given.Columns} weights are none of {used.Data.Rows} spectra of {used.Data.Columns} channels: one for each value, each spectrum ({used.Data.Rows} x 1) or each channel (1 x {used.Data.Columns})."));
        }
        if (used.Present is { } present)
        {
            var flat = present.Values.ToArray();
            for (var index = 0; index < flat.Length; index++)
                flat[index] *= (each?.Values[index] ?? 1) * (spectra?[index / present.Columns] ?? 1) * (channels?[index % present.Columns] ?? 1);
            (each, spectra, channels) = (new Matrix(present.Rows, present.Columns, flat), null, null);
            told = told is null ? "values" : $"values, {told}";
        }
        return (new McrOptions
        {
            NonNegativeC = options.NonNegativeC,
            NonNegativeS = options.NonNegativeS,
            SignFreeC = options.SignFreeC,
            SignFreeS = options.SignFreeS,
            Regressor = options.Regressor,
            Closure = options.Closure,
            OnC = options.OnC,
            OnS = options.OnS,
            KnownC = options.KnownC,
            KnownS = options.KnownS,
            RowBlocks = options.RowBlocks,
            ColumnBlocks = options.ColumnBlocks,
            SpectrumWeights = spectra,
            ChannelWeights = channels,
            Weights = each,
            Compression = options.Compression,
            Accelerated = options.Accelerated,
            MaxIterations = options.MaxIterations,
            ExactIterations = options.ExactIterations,
            Tolerance = options.Tolerance,
            DivergenceLimit = options.DivergenceLimit,
            Threads = options.Threads,
        }, told);
    }

    private static IEnumerable<ReadingWarning> Warnings(ReductionOptions options, RankVerdict verdict, McrResult resolved, CombinationOutcome? combination)
    {
        if (ByVerdict(options) && verdict.Ambiguous) yield return new("rank_ambiguous",
            verdict.Summary);
        if (options != options.Recorded())
            yield return new("given_not_recorded", "More numbers were given than are written down again: keep their files with the result.");
        if (options.Method == ReductionMethod.LinearCombination && resolved.BestLofPercent > 100)
            yield return new("worse_than_nothing", string.Create(CultureInfo.InvariantCulture,
                $"The lack of fit is {resolved.BestLofPercent:G5} %: no references at all would leave less. Series and references are probably not on one scale (normalise both alike){(options.Closure is null ? "" : ", or the closure does not hold: fit without it")}."));
        if (combination?.Fits.Count(fit => fit.Parameters == 0 && fit.SumOfSquares == 0 && fit.Weights.All(weight => weight == 0)) is > 0 and var zero)
            yield return new("spectra_zero", string.Create(CultureInfo.InvariantCulture, $"{zero} spectra are zero everywhere: their fractions are zero{(options.Closure is null ? "" : " and do not sum to one")}."));
        if (resolved.VanishedComponents.Count > 0)
            yield return new("components_vanished", "Some components became zero: fewer would describe the series as well.");
        if (resolved.OpenSpectra > 0)
            yield return new("spectra_not_closed", string.Create(CultureInfo.InvariantCulture,
                $"{resolved.OpenSpectra} spectra hold none of the closed components."));
        if (resolved.StopReason is StopReason.MaxIterations)
            yield return new("not_converged", "The iterations were used up before the fit settled.");
        if (resolved.StopReason is StopReason.Diverged)
            yield return new("diverged", "The fit moved away from its best; the best iterate was kept.");
        else if (resolved.StopReason is not StopReason.Solved && resolved.LofPercent[^1] > resolved.BestLofPercent * NotableRise)
            yield return new("best_kept", string.Create(CultureInfo.InvariantCulture,
                $"The fit got worse after iteration {resolved.BestIteration}, to {resolved.LofPercent[^1]:G6} % in the last one; that of iteration {resolved.BestIteration} was kept."));
    }

    private sealed class Forward(IProgress<ReductionProgress> progress, ReductionPhase phase) : IProgress<McrProgress>
    {
        public void Report(McrProgress value) =>
            progress.Report(new ReductionProgress(phase, value.Iteration, value.MaxIterations, value.LofPercent));
    }
}
