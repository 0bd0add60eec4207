using System.Collections.Frozen;
using System.Numerics.Tensors;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>Makes one spectrum from another; the index is the spectrum's.</summary>
internal delegate void RewriteSpectrum(int spectrum, ReadOnlySpan<double> from, Span<double> to);

/// <summary>Looks at one spectrum.</summary>
internal delegate void LookAtSpectrum(int spectrum, ReadOnlySpan<double> values);

/// <summary>The series on its way through the steps, with the standard deviations and the columns that belong to it.</summary>
internal sealed record Working(
    SpectralSeries Series, Matrix? Errors, FrozenDictionary<string, IReadOnlyList<double?>> Columns, MapShape? Map, PreparationLimits Limits,
    CancellationToken Cancellation)
{
    private const int RowsBetweenLooks = 64;

    public int Spectra => Series.Data.Rows;

    public double[] Axis { get; } = [.. Series.Axis.Values];

    /// <summary>The same axis, other values; the errors are gone unless given.</summary>
    public Working With(RewriteSpectrum rewrite, Matrix? errors = null) => With(Series.Axis, rewrite, errors);

    /// <summary>Another axis and other values.</summary>
    public Working With(SpectralAxis axis, RewriteSpectrum rewrite, Matrix? errors = null)
    {
        CheckAxis(axis);
        return With(axis, Rewritten(axis.Values.Count, rewrite), errors);
    }

    public Working With(SpectralAxis axis, DataMatrix data, Matrix? errors)
    {
        CheckAxis(axis);
        return new Working(Series with { Axis = axis, Data = data }, errors, Columns, Map, Limits, Cancellation);
    }

    public Working WithErrors(Matrix? errors) => this with { Errors = errors };

    public Working WithAxis(SpectralAxis axis) => With(axis, Series.Data, Errors);

    public Working WithColumn(string name, IEnumerable<double?> values)
    {
        var columns = new Dictionary<string, IReadOnlyList<double?>>(Columns, StringComparer.Ordinal) { [name] = [.. values] };
        return this with { Columns = columns.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    public Working WithColumn(string name, IEnumerable<double> values) => WithColumn(name, values.Select(value => (double?)value));

    /// <summary>The column where it has a value for every spectrum.</summary>
    public IReadOnlyList<double>? Column(string name) => Columns.TryGetValue(name, out var values) && values.All(value => value.HasValue)
        ? [.. values.Select(value => value.GetValueOrDefault())]
        : null;

    /// <summary>Only these spectra, in this order, with other values where given. Of an image the column <c>pixel</c> keeps where each was.</summary>
    public Working SelectSpectra(IReadOnlyList<int> spectra, DataMatrix? data = null)
    {
        Require.That(spectra.Count > 0, "no_spectra_left", $"The step leaves none of {Spectra} spectra.");
        var source = Series.MapShape is not null && !Columns.ContainsKey(MaskPixels.PixelColumn)
            ? WithColumn(MaskPixels.PixelColumn, Enumerable.Range(0, Spectra).Select(index => (double)index))
            : this;
        return this with
        {
            Series = Series with
            {
                Data = data ?? Make(spectra.Count, Axis.Length, (row, to) => Series.Data.CopyRows(spectra[row], 1, to)),
                Labels = Series.Labels is { } labels ? [.. spectra.Select(index => labels[index])] : null,
                Times = Series.Times is { } times ? [.. spectra.Select(index => times[index])] : null,
                MapShape = null,
            },
            Errors = Errors?.SelectRows(spectra),
            Columns = source.Columns.ToFrozenDictionary(
                column => column.Key, IReadOnlyList<double?> (column) => [.. spectra.Select(index => column.Value[index])], StringComparer.Ordinal),
        };
    }

    /// <summary>Spectra joined in groups: sums or means; labels and times of the first of each group, columns as means.</summary>
    public Working Join(IReadOnlyList<IReadOnlyList<int>> groups, bool sum)
    {
        var channels = Series.Data.Columns;
        var spectrum = new double[channels];
        var joined = Make(groups.Count, channels, (group, target) =>
        {
            target.Clear();
            foreach (var member in groups[group])
            {
                Series.Data.CopyRows(member, 1, spectrum);
                TensorPrimitives.Add(target, spectrum, target);
            }
            TensorPrimitives.Multiply(target, Share(group), target);
        });
        var errors = Errors is null ? null : Rewritten(Errors.SelectRows([.. groups.Select(group => group[0])]), channels, (group, _, target) =>
        {
            target.Clear();
            foreach (var member in groups[group])
            {
                var error = Errors.Row(member);
                for (var c = 0; c < channels; c++) target[c] += error[c] * error[c];
            }
            for (var c = 0; c < channels; c++) target[c] = Share(group) * Math.Sqrt(target[c]);
        });
        return this with
        {
            Series = Series with
            {
                Data = joined,
                Labels = Series.Labels is { } labels ? [.. groups.Select(group => labels[group[0]])] : null,
                Times = Series.Times is { } times ? [.. groups.Select(group => times[group[0]])] : null,
                MapShape = null,
            },
            Errors = errors,
            Columns = Columns.ToFrozenDictionary(
                column => column.Key, IReadOnlyList<double?> (column) => [.. groups.Select(group => group.Average(member => column.Value[member]))],
                StringComparer.Ordinal),
            Map = null,
        };

        double Share(int group) => sum ? 1.0 : 1.0 / groups[group].Count;
    }

    /// <summary>Indices of the channels within a closed window; refuses a window with fewer than <paramref name="least"/>.</summary>
    public int[] Channels(double? low, double? high, int least = 1)
    {
        var within = Enumerable.Range(0, Axis.Length).Where(index => !(Axis[index] < low) && !(Axis[index] > high)).ToArray();
        Require.That(within.Length >= least, "window_empty",
            $"Between {low} and {high} lie {within.Length} channels of the axis ({Axis[0]} to {Axis[^1]}); {least} are needed.");
        return within;
    }

    /// <summary>The mean spectrum.</summary>
    public double[] Mean()
    {
        var mean = new double[Axis.Length];
        ForEach((_, values) => TensorPrimitives.Add(mean, values, mean));
        TensorPrimitives.Divide(mean, Spectra, mean);
        return mean;
    }

    /// <summary>Looks at each spectrum in turn.</summary>
    public void ForEach(LookAtSpectrum look)
    {
        var spectrum = new double[Axis.Length];
        for (var row = 0; row < Spectra; row++)
        {
            if (row % RowsBetweenLooks == 0) Cancellation.ThrowIfCancellationRequested();
            Series.Data.CopyRows(row, 1, spectrum);
            look(row, spectrum);
        }
    }

    /// <summary>A matrix made spectrum by spectrum, in memory or in a temporary file; refused before anything is allocated where it is too large.</summary>
    public DataMatrix Make(int rows, int columns, FillSpectrum fill)
    {
        CheckSize(rows, columns);
        return DataMatrix.Make(rows, columns, Series.Data.IsSingle, Limits.Storage, (row, to) =>
        {
            if (row % RowsBetweenLooks == 0) Cancellation.ThrowIfCancellationRequested();
            fill(row, to);
        });
    }

    /// <summary>Refuses (<c>too_many_values</c>) what is larger than the limit and than the series itself.</summary>
    public void CheckSize(double rows, double columns) => Require.That(rows * columns <= Math.Max(Limits.MaxValues, Series.Data.Count), "too_many_values",
        $"The step would make {rows} x {columns} values; {Limits.MaxValues} are allowed.");

    /// <summary>Refuses (<c>too_large_in_memory</c>) what a step must hold in memory as a whole and is too large for that.</summary>
    public void CheckMemory(double rows, double columns, string what)
    {
        CheckSize(rows, columns);
        Require.That(rows * columns * sizeof(double) <= Limits.Storage.MemoryBytes, "too_large_in_memory",
            $"The {what} of {rows} x {columns} values have to be in memory as a whole, where {Limits.Storage.MemoryBytes} bytes are allowed.");
    }

    /// <summary>Standard deviations made of others row by row, in memory; a cancel is seen between rows.</summary>
    public Matrix Rewritten(Matrix from, int columns, RewriteSpectrum rewrite)
    {
        CheckMemory(from.Rows, columns, "standard deviations");
        var flat = Matrix.Allocate(from.Rows, columns);
        for (var row = 0; row < from.Rows; row++)
        {
            if (row % RowsBetweenLooks == 0) Cancellation.ThrowIfCancellationRequested();
            rewrite(row, from.Row(row), flat.AsSpan(row * columns, columns));
        }
        return new Matrix(from.Rows, columns, flat);
    }

    private static void CheckAxis(SpectralAxis axis) => Require.That(
        axis.Values.Zip(axis.Values.Skip(1)).All(pair => pair.First < pair.Second) && axis.Values.All(double.IsFinite), "axis_not_increasing",
        $"The axis no longer increases from channel to channel.");

    private DataMatrix Rewritten(int columns, RewriteSpectrum rewrite)
    {
        var spectrum = new double[Axis.Length];
        return Make(Spectra, columns, (row, to) =>
        {
            Series.Data.CopyRows(row, 1, spectrum);
            rewrite(row, spectrum, to);
        });
    }
}
