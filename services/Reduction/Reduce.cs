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

    /// <summary>What the model leaves of one spectrum: d - c S, m values.</summary>
    public double[] Residual(int spectrum)
    {
        var rest = new double[Used.Data.Columns];
        Residual(spectrum, rest);
        return rest;
    }

    /// <summary>The same into memory that is there, m values.</summary>
    public void Residual(int spectrum, Span<double> rest)
    {
        Used.Data.CopyRows(spectrum, 1, rest);
        for (var k = 0; k < Spectra.Rows; k++) TensorPrimitives.MultiplyAdd(Spectra.Row(k), -Concentrations[spectrum, k], rest, rest);
    }
}

/// <summary>Wall-clock and processor seconds of the phases of a reduction.</summary>
public sealed record ReductionTimings(IterationTime Rank, IterationTime Resolution, IReadOnlyList<IterationTime> Iterations);

/// <summary>
/// Reduces a series to component spectra and their concentrations: principal components, rank verdict, curve resolution. Reads and writes nothing.
/// Errors are <see cref="NumericsException"/>; of its own: <c>window_empty</c>, <c>too_few_spectra</c>, <c>too_few_channels</c>,
/// <c>start_missing</c>, <c>component_count</c>, <c>negative_data</c>.
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

    /// <summary>Reduces a prepared series, keeping checkpoints of the resolution.</summary>

    public static ReductionOutcome Run(
        PreparedSeries prepared, ReductionOptions? options, IProgress<ReductionProgress>? progress, McrCheckpoints? checkpoints, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var series = prepared.Series;
        options ??= new ReductionOptions();
        var begun = Now();
        var used = Cut(series, options.Window, cancellation);
        if (used.Data.Rows < 2) throw new NumericsException("too_few_spectra", "One spectrum alone cannot be resolved into components.");
        if (used.Data.Columns < 2) throw new NumericsException("too_few_channels", "Spectra of one channel alone cannot be resolved into components.");

        var needsPositive = options.NonNegativeC && options.NonNegativeS && options.SignFreeC.Count + options.SignFreeS.Count == 0
            || options.Start is StartMethod.PurestSpectra or StartMethod.PurestChannels or StartMethod.NonNegativeDecomposition;
        if (needsPositive && !used.Data.HasPositive())
            throw new NumericsException("negative_data",
                "No value is above zero: neither a start of pure spectra nor components that are not negative can be found. "
                + "Is the sign of the absorption turned (ln I/I0 for -ln I/I0)? The step scale with factor -1 turns it.");

        progress?.Report(new ReductionProgress(ReductionPhase.PrincipalComponents));
        var components = PrincipalComponents.OfLarge(used.Data, options.Centred, cancellation: cancellation);
        var rank = ByVerdict(options) && used.Data.Count <= ValuesForFullRank
            ? RankAnalysis.Of(used.Data.ToMatrix(cancellation), components, cancellation: cancellation)
            : RankAnalysis.Of(components);
        var ranked = Now();

        var start = Start(used, options, rank.Verdict, cancellation);
        var resolved = McrAls.Resolve(
            used.Data, start, Constraints(used, options, cancellation), progress is null ? null : new Forward(progress), checkpoints, cancellation);
        var timings = new ReductionTimings(Between(begun, ranked), Between(ranked, Now()), resolved.IterationTimes);
        var bilinearity = used.Data.Count <= ValuesForBilinearity && resolved.S.Rows < Math.Min(used.Data.Rows, used.Data.Columns)
            ? Bilinearity.Check(used.Data.ToMatrix(cancellation), resolved.S.Rows, cancellation: cancellation)
            : null;
        var (bands, noBands) = options.Bands ? Bands(resolved, options, progress, cancellation) : default;
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
            LofPcaPercent = components.LofPercent(resolved.S.Rows),
            SingularValues = components.SingularValues,
            Rank = rank.Verdict,
            VanishedComponents = resolved.VanishedComponents,
            OpenSpectra = resolved.OpenSpectra,
            Findings = resolved.Findings,
            Spectra = used.Data.Rows,
            Channels = used.Data.Columns,
            Axis = used.Axis.Name,
            AxisUnit = used.Axis.Unit,
            Options = options,
            Bands = bands is null ? null : new BandSummary(
                bands.Unique, bands.Summary, [.. bands.Components.Select(band => new BandRange(band.Contribution, band.Minimum.Contribution, band.Maximum.Contribution))]),
            Warnings = [.. series.Warnings, .. prepared.Warnings, .. Warnings(options, rank.Verdict, resolved), .. bilinearity?.Warnings ?? [], .. noBands is null ? (ReadingWarning[])[] : [noBands]],
            Sources = series.Sources,
            InputHash = SeriesHash.Of(used, cancellation),
            Columns = prepared.ColumnsToTell,
            References = prepared.References,
            ToolVersion = ToolVersion,
        };
        return new ReductionOutcome(result, used, components, rank, resolved.C, resolved.S) { Timings = timings, Prepared = prepared, Bands = bands };

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

    private static bool ByVerdict(ReductionOptions options) =>
        options.Components is null && options.Start is not (StartMethod.GivenSpectra or StartMethod.GivenConcentrations);

    /// <summary>The version that results are recorded under.</summary>
    public static string ToolVersion { get; } =
        typeof(Reduce).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static SpectralSeries Cut(SpectralSeries series, AxisWindow? window, CancellationToken cancellation)
    {
        if (window is null) return series;
        var kept = Enumerable.Range(0, series.Axis.Values.Count)
            .Where(index => series.Axis.Values[index] >= window.Low && series.Axis.Values[index] <= window.High).ToArray();
        if (kept.Length < 2)
            throw new NumericsException("window_empty", string.Create(CultureInfo.InvariantCulture,
                $"Between {window.Low} and {window.High} lie {kept.Length} channels of the axis ({series.Axis.Values[0]} to {series.Axis.Values[^1]})."));
        return kept.Length == series.Data.Columns
            ? series
            : series with { Axis = series.Axis with { Values = [.. kept.Select(index => series.Axis.Values[index])] },
                Data = series.Data.SelectColumns(kept[0], kept.Length) };
    }

    private static McrStart Start(SpectralSeries used, ReductionOptions options, RankVerdict verdict, CancellationToken cancellation)
    {
        if (options.Start == StartMethod.GivenSpectra) return new McrStart.Spectra(Given(options.GivenSpectra, options, given => given.Rows, "spectra"));
        if (options.Start == StartMethod.GivenConcentrations)
            return new McrStart.Concentrations(Given(options.GivenConcentrations, options, given => given.Columns, "concentrations"));
        var count = options.Components ?? verdict.Suggested;
        if (count < 1 || count > Math.Min(used.Data.Rows, used.Data.Columns))
            throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                $"{count} components cannot be resolved from {used.Data.Rows} spectra of {used.Data.Columns} channels."));
        return options.Start switch
        {
            StartMethod.PurestChannels => new McrStart.PurestChannels(count, options.StartNoisePercent),
            StartMethod.EvolvingFactors => new McrStart.Concentrations(EvolvingStart.Concentrations(used.Data.ToMatrix(cancellation), count, cancellation)),
            StartMethod.Clusters => new McrStart.Spectra(Clusters.Spectra(used.Data.ToMatrix(cancellation), count, cancellation: cancellation)),
            StartMethod.NonNegativeDecomposition => new McrStart.Spectra(NonNegativeDecomposition.Of(used.Data.ToMatrix(cancellation), count, cancellation: cancellation).S),
            StartMethod.PurestSpectra or StartMethod.GivenSpectra or StartMethod.GivenConcentrations =>
                new McrStart.PurestSpectra(count, options.StartNoisePercent, options.StartFloor),
        };
    }

    private static Matrix Given(Matrix? given, ReductionOptions options, Func<Matrix, int> count, string what)
    {
        if (given is null) throw new NumericsException("start_missing", $"The start is to be given {what}, and none were given.");
        return options.Components is { } asked && asked != count(given)
            ? throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                $"{asked} components were asked for and {what} of {count(given)} given."))
            : given;
    }

    private static McrOptions Constraints(SpectralSeries used, ReductionOptions options, CancellationToken cancellation)
    {
        var weights = options.Noise == NoiseModel.Poisson ? PoissonWeights.Of(used.Data, cancellation) : default;
        return new McrOptions
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
            SpectrumWeights = weights.Spectra,
            ChannelWeights = weights.Channels,
            Compression = options.Compression,
            Accelerated = options.Accelerated,
            MaxIterations = options.MaxIterations,
            ExactIterations = options.ExactIterations,
            Tolerance = options.Tolerance,
            DivergenceLimit = options.DivergenceLimit,
            Threads = options.Threads,
        };
    }

    private static IEnumerable<ReadingWarning> Warnings(ReductionOptions options, RankVerdict verdict, McrResult resolved)
    {
        if (ByVerdict(options) && verdict.Ambiguous) yield return new("rank_ambiguous",
            verdict.Summary);
        if (resolved.VanishedComponents.Count > 0)
            yield return new("components_vanished", "Some components became zero: fewer would describe the series as well.");
        if (resolved.OpenSpectra > 0)
            yield return new("spectra_not_closed", string.Create(CultureInfo.InvariantCulture,
                $"{resolved.OpenSpectra} spectra hold none of the closed components."));
        if (resolved.StopReason is StopReason.MaxIterations)
            yield return new("not_converged", "The iterations were used up before the fit settled.");
        if (resolved.StopReason is StopReason.Diverged)
            yield return new("diverged", "The fit moved away from its best; the best iterate was kept.");
        else if (resolved.LofPercent[^1] > resolved.BestLofPercent * NotableRise)
            yield return new("best_kept", string.Create(CultureInfo.InvariantCulture,
                $"The fit got worse after iteration {resolved.BestIteration}, to {resolved.LofPercent[^1]:G6} % in the last one; that of iteration {resolved.BestIteration} was kept."));
    }

    private sealed class Forward(IProgress<ReductionProgress> progress) : IProgress<McrProgress>
    {
        public void Report(McrProgress value) =>
            progress.Report(new ReductionProgress(ReductionPhase.Resolution, value.Iteration, value.MaxIterations, value.LofPercent));
    }
}
