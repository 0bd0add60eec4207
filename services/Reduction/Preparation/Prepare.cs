using System.Collections.Frozen;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>Who runs the steps and when, for the record; never taken from a clock here.</summary>
public sealed record PreparationContext(string Who, DateTimeOffset When);

/// <summary>
/// What one step did: as it was asked and as it was used (with the values it found in their places: running <see cref="Used"/> on the same input
/// gives the same bits), further findings by name (one for each spectrum, or one for all), the second inputs with their hashes, and the hashes of
/// series before and after.
/// </summary>
public sealed record StepRecord(
    string Step, PreparationStep Asked, PreparationStep Used, IReadOnlyDictionary<string, IReadOnlyList<double>> Found,
    IReadOnlyList<ReadingWarning> Warnings, IReadOnlyDictionary<string, string> References, string InputHash, string OutputHash, string ToolVersion,
    string Who, DateTimeOffset When);

/// <summary>
/// What preparing may use. Results up to <see cref="MatrixStorage.MemoryBytes"/> are kept in memory, larger ones in temporary files that are read in
/// place; steps that must hold everything at once refuse those (<c>too_large_in_memory</c>).
/// </summary>
public sealed record PreparationLimits
{
    /// <summary>The most values that a step may make, unless the series itself has more.</summary>
    public long MaxValues { get; init; } = 500_000_000;

    public MatrixStorage Storage { get; init; } = new();
}

/// <summary>
/// A prepared series and how it came about. Its data may lie in a temporary file: dispose them.
/// <see cref="Errors"/> are standard deviations of the shape of the data, where known;
/// <see cref="Columns"/> hold one value for each spectrum (edge energy, potential, time, pixel), null where there is none; <see cref="Map"/> is the
/// image that the column <c>pixel</c>, or all spectra in order, refer to.
/// </summary>
public sealed record PreparedSeries(
    SpectralSeries Series, Matrix? Errors, IReadOnlyDictionary<string, IReadOnlyList<double?>> Columns, MapShape? Map,
    IReadOnlyList<StepRecord> Records)
{
    private const int MostToTell = 100_000;

    /// <summary>The second inputs that steps used, each once.</summary>
    public IReadOnlyList<UsedReference> References { get; init; } = [];

    /// <summary>The columns of series short enough for a document that people read; what is no number is left out of them.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<double?>> ColumnsToTell => Series.Data.Rows > MostToTell
        ? FrozenDictionary<string, IReadOnlyList<double?>>.Empty
        : new SortedDictionary<string, IReadOnlyList<double?>>(
            Columns.ToDictionary(
                column => column.Key, IReadOnlyList<double?> (column) => [.. column.Value.Select(value => value is { } number && double.IsFinite(number) ? value : null)]),
            StringComparer.Ordinal);

    /// <summary>What all steps warned of, in order.</summary>
    public IEnumerable<ReadingWarning> Warnings => Records.SelectMany(record => record.Warnings);

    /// <summary>The steps to run on the same raw series for the same bits.</summary>
    public IReadOnlyList<PreparationStep> Replay => [.. Records.Select(record => record.Used)];
}

/// <summary>A second input of the steps: the name they know it by, the hash of its values, and the files it was read from.</summary>
public sealed record UsedReference(string Name, string SeriesHash, IReadOnlyList<SourceFile> Sources);

/// <summary>A step that could not be carried out: which of the list (from 0), and why under a stable code.</summary>
public sealed class PreparationException(int index, string step, string code, string message, Exception cause) : Exception(message, cause)
{
    public int Index { get; } = index;
    public string Step { get; } = step;

    /// <summary>A stable snake_case word, such as <c>reference_missing</c>.</summary>
    public string Code { get; } = code;
}

/// <summary>Runs preparation steps one after the other and records each. Reads and writes nothing; the same input gives the same bits.</summary>
public static class Prepare
{
    /// <summary>
    /// Carries out <paramref name="steps"/> on <paramref name="series"/>. Second inputs (foil, I0, calibration, electrochemistry) are found by name
    /// in <paramref name="references"/>; <paramref name="errors"/> are standard deviations of the values, where known. The data of
    /// <paramref name="series"/> stay the caller's. Fails with <see cref="PreparationException"/>.
    /// </summary>
    public static PreparedSeries Run(
        SpectralSeries series, IReadOnlyList<PreparationStep> steps, PreparationContext context,
        IReadOnlyDictionary<string, SpectralSeries>? references = null, Matrix? errors = null, PreparationLimits? limits = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(context);
        if (errors is not null && (errors.Rows != series.Data.Rows || errors.Columns != series.Data.Columns))
            throw new NumericsException("matrix_shape", Require.Text(
                $"Errors of {errors.Rows} x {errors.Columns} do not belong to data of {series.Data.Rows} x {series.Data.Columns}."));
        if (series.Present is not null && steps.Count > 0)
            throw new NumericsException("missing_prepared", "Steps of preparation need every value: a series with missing ones is resolved as it is.");
        for (var index = 0; index < steps.Count; index++) Named(steps[index], index, steps[index].Check);

        var work = new Working(
            series, errors, FrozenDictionary<string, IReadOnlyList<double?>>.Empty, series.MapShape, limits ?? new PreparationLimits(), cancellation);
        var records = new List<StepRecord>();
        var before = steps.Count == 0 ? "" : SeriesHash.Of(series, cancellation);
        try
        {
            for (var index = 0; index < steps.Count; index++)
            {
                cancellation.ThrowIfCancellationRequested();
                var step = steps[index];
                var named = new References(references ?? FrozenDictionary<string, SpectralSeries>.Empty, cancellation);
                var input = work;
                var applied = new Applied(work, step);
                Named(step, index, () => applied = step.Apply(input, named));
                work = applied.Work;
                if (work.Series.Data != input.Series.Data) Release(input);
                IReadOnlyList<ReadingWarning> warnings = input.Errors is not null && work.Errors is null
                    ? [.. applied.Warnings, new("errors_dropped", $"The step {step.Name} does not carry errors on: they are unknown from here.")]
                    : applied.Warnings;
                var after = SeriesHash.Of(work.Series, cancellation);
                records.Add(new StepRecord(
                    step.Name, step, applied.Used, applied.Found, warnings, named.Used, before, after, Reduce.ToolVersion, context.Who, context.When));
                before = after;
            }
        }
        catch
        {
            Release(work);
            throw;
        }
        return new PreparedSeries(work.Series, work.Errors, work.Columns, work.Map, records)
        {
            References = [.. records.SelectMany(record => record.References).DistinctBy(used => used.Key)
                .Select(used => new UsedReference(used.Key, used.Value, references?[used.Key].Sources ?? []))],
        };

        // What was given stays open; what lies between is done with.
        void Release(Working done)
        {
            if (done.Series.Data != series.Data) done.Series.Data.Dispose();
        }
    }

    private static void Named(PreparationStep step, int index, Action action)
    {
        try
        {
            action();
        }
        catch (NumericsException reason)
        {
            throw new PreparationException(index, step.Name, reason.Code, Require.Text($"Step {index + 1}, {step.Name}: {reason.Message}"), reason);
        }
    }
}
