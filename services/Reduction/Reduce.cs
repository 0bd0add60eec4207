using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;

namespace Tutti.Reduction;

/// <summary>Everything a reduction found: the series as it was used (cut to the window), C (n x k), S (k x m), and what led there.</summary>
public sealed record ReductionOutcome(
    ReductionResult Result, SpectralSeries Used, PrincipalComponents Components, RankAnalysis Rank, Matrix Concentrations, Matrix Spectra)
{
    /// <summary>D - C S, n x m.</summary>
    public Matrix Residual() => Used.Data.Minus(Concentrations.Times(Spectra));
}

/// <summary>
/// Reduces a series to component spectra and their concentrations: principal components, rank verdict, curve resolution. Reads and writes nothing.
/// Errors are <see cref="NumericsException"/>; of its own: <c>window_empty</c>, <c>too_few_spectra</c>, <c>start_missing</c>,
/// <c>component_count</c>.
/// </summary>
public static class Reduce
{
    public static ReductionOutcome Run(
        SpectralSeries series, ReductionOptions? options = null, IProgress<ReductionProgress>? progress = null,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        options ??= new ReductionOptions();
        var used = Cut(series, options.Window);
        if (used.Data.Rows < 2) throw new NumericsException("too_few_spectra", "One spectrum alone cannot be resolved into components.");

        progress?.Report(new ReductionProgress(ReductionPhase.PrincipalComponents));
        var components = PrincipalComponents.Of(used.Data, cancellation: cancellation);
        var rank = RankAnalysis.Of(components);

        var start = Start(used, options, rank.Verdict);
        var resolved = McrAls.Resolve(
            used.Data, start, Constraints(options), progress is null ? null : new Forward(progress), cancellation);
        progress?.Report(new ReductionProgress(ReductionPhase.Finished, resolved.Iterations, resolved.Iterations, resolved.BestLofPercent));

        var result = new ReductionResult
        {
            LofPercent = resolved.LofPercent,
            BestLofPercent = resolved.BestLofPercent,
            R2Percent = resolved.R2Percent,
            Iterations = resolved.Iterations,
            BestIteration = resolved.BestIteration,
            StopReason = resolved.StopReason,
            ComponentCount = resolved.S.Rows,
            ComponentsByVerdict = options.Components is null && options.Start != StartMethod.GivenSpectra,
            LofPcaPercent = components.LofPercent(resolved.S.Rows),
            SingularValues = components.SingularValues,
            Rank = rank.Verdict,
            VanishedComponents = resolved.VanishedComponents,
            OpenSpectra = resolved.OpenSpectra,
            Spectra = used.Data.Rows,
            Channels = used.Data.Columns,
            Axis = used.Axis.Name,
            AxisUnit = used.Axis.Unit,
            Options = options,
            Warnings = [.. series.Warnings, .. Warnings(options, rank.Verdict, resolved)],
            Sources = series.Sources,
            InputHash = Hash(used),
            ToolVersion = ToolVersion,
        };
        return new ReductionOutcome(result, used, components, rank, resolved.C, resolved.S);
    }

    /// <summary>The version that results are recorded under.</summary>
    public static string ToolVersion { get; } =
        typeof(Reduce).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static SpectralSeries Cut(SpectralSeries series, AxisWindow? window)
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
                Data = series.Data.SelectColumns(kept) };
    }

    private static McrStart Start(SpectralSeries used, ReductionOptions options, RankVerdict verdict)
    {
        if (options.Start == StartMethod.GivenSpectra)
        {
            var given = options.GivenSpectra ?? throw new NumericsException("start_missing",
                "The start is to be given spectra, and none were given.");
            return options.Components is { } asked && asked != given.Rows
                ? throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                    $"{asked} components were asked for and {given.Rows} spectra given."))
                : new McrStart.Spectra(given);
        }
        var count = options.Components ?? verdict.Suggested;
        if (count < 1 || count > Math.Min(used.Data.Rows, used.Data.Columns))
            throw new NumericsException("component_count", string.Create(CultureInfo.InvariantCulture,
                $"{count} components cannot be resolved from {used.Data.Rows} spectra of {used.Data.Columns} channels."));
        return options.Start switch
        {
            StartMethod.PurestChannels => new McrStart.PurestChannels(count, options.StartNoisePercent),
            StartMethod.PurestSpectra or StartMethod.GivenSpectra => new McrStart.PurestSpectra(count, options.StartNoisePercent),
        };
    }

    private static McrOptions Constraints(ReductionOptions options) => new()
    {
        NonNegativeC = options.NonNegativeC,
        NonNegativeS = options.NonNegativeS,
        Closure = options.Closure,
        MaxIterations = options.MaxIterations,
        ExactIterations = options.ExactIterations,
        Tolerance = options.Tolerance,
        Threads = options.Threads,
    };

    private static IEnumerable<ReadingWarning> Warnings(ReductionOptions options, RankVerdict verdict, McrResult resolved)
    {
        if (options.Components is null && options.Start != StartMethod.GivenSpectra && verdict.Ambiguous) yield return new("rank_ambiguous",
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
    }

    // Shape, axis and values as little-endian float64, so that equal input has an equal hash whatever file it came from.
    private static string Hash(SpectralSeries series)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[8 * Math.Max(2, series.Data.Columns)];
        Append([series.Data.Rows, series.Data.Columns]);
        Append([.. series.Axis.Values]);
        for (var row = 0; row < series.Data.Rows; row++) Append(series.Data.Row(row));
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(ReadOnlySpan<double> values)
        {
            for (var index = 0; index < values.Length; index++) BinaryPrimitives.WriteDoubleLittleEndian(buffer.AsSpan(8 * index), values[index]);
            hash.AppendData(buffer, 0, 8 * values.Length);
        }
    }

    private sealed class Forward(IProgress<ReductionProgress> progress) : IProgress<McrProgress>
    {
        public void Report(McrProgress value) =>
            progress.Report(new ReductionProgress(ReductionPhase.Resolution, value.Iteration, value.MaxIterations, value.LofPercent));
    }
}
