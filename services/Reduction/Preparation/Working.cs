using System.Collections.Frozen;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>Makes one spectrum from another; the index is the spectrum's.</summary>
internal delegate void RewriteSpectrum(int spectrum, ReadOnlySpan<double> from, Span<double> to);

/// <summary>The series on its way through the steps, with the standard deviations and the columns that belong to it.</summary>
internal sealed record Working(
    SpectralSeries Series, Matrix? Errors, FrozenDictionary<string, IReadOnlyList<double?>> Columns, MapShape? Map,
    CancellationToken Cancellation)
{
    private const int RowsBetweenLooks = 64;

    public int Spectra => Series.Data.Rows;

    public double[] Axis { get; } = [.. Series.Axis.Values];

    /// <summary>The same axis, other values; the errors are gone unless given.</summary>
    public Working With(RewriteSpectrum rewrite, Matrix? errors = null) => With(Series.Axis, rewrite, errors);

    /// <summary>Another axis and other values.</summary>
    public Working With(SpectralAxis axis, RewriteSpectrum rewrite, Matrix? errors = null) =>
        With(axis, Rewritten(Series.Data.ToMatrix(), axis.Values.Count, rewrite), errors);

    public Working With(SpectralAxis axis, Matrix data, Matrix? errors)
    {
        var increasing = axis.Values.Zip(axis.Values.Skip(1)).All(pair => pair.First < pair.Second) && axis.Values.All(double.IsFinite);
        Require.That(increasing, "axis_not_increasing", $"The axis no longer increases from channel to channel.");
        return new Working(Series with { Axis = axis, Data = data }, errors, Columns, Map, Cancellation);
    }

    public Working WithErrors(Matrix? errors) => new(Series, errors, Columns, Map, Cancellation);

    public Working WithAxis(SpectralAxis axis) => With(axis, Series.Data.ToMatrix(), Errors);

    public Working WithColumn(string name, IEnumerable<double?> values)
    {
        var columns = new Dictionary<string, IReadOnlyList<double?>>(Columns, StringComparer.Ordinal) { [name] = [.. values] };
        return new Working(Series, Errors, columns.ToFrozenDictionary(StringComparer.Ordinal), Map, Cancellation);
    }

    public Working WithColumn(string name, IEnumerable<double> values) => WithColumn(name, values.Select(value => (double?)value));

    /// <summary>The column where it has a value for every spectrum.</summary>
    public IReadOnlyList<double>? Column(string name) => Columns.TryGetValue(name, out var values) && values.All(value => value.HasValue)
        ? [.. values.Select(value => value.GetValueOrDefault())]
        : null;

    /// <summary>Only these spectra, in this order. Of an image the column <c>pixel</c> keeps where each was.</summary>
    public Working SelectSpectra(IReadOnlyList<int> spectra)
    {
        Require.That(spectra.Count > 0, "no_spectra_left", $"The step leaves none of {Spectra} spectra.");
        var source = Series.MapShape is not null && !Columns.ContainsKey(MaskPixels.PixelColumn)
            ? WithColumn(MaskPixels.PixelColumn, Enumerable.Range(0, Spectra).Select(index => (double)index))
            : this;
        return new Working(
            Series with
            {
                Data = Series.Data.SelectRows(spectra),
                Labels = Series.Labels is { } labels ? [.. spectra.Select(index => labels[index])] : null,
                Times = Series.Times is { } times ? [.. spectra.Select(index => times[index])] : null,
                MapShape = null,
            },
            Errors?.SelectRows(spectra),
            source.Columns.ToFrozenDictionary(
                column => column.Key, IReadOnlyList<double?> (column) => [.. spectra.Select(index => column.Value[index])], StringComparer.Ordinal),
            Map, Cancellation);
    }

    /// <summary>Spectra joined in groups: sums or means; labels and times of the first of each group, columns as means.</summary>
    public Working Join(IReadOnlyList<IReadOnlyList<int>> groups, bool sum)
    {
        var channels = Series.Data.Columns;
        var flat = Matrix.Allocate(groups.Count, channels);
        var errors = Errors is null ? null : Matrix.Allocate(groups.Count, channels);
        for (var group = 0; group < groups.Count; group++)
        {
            var share = sum ? 1.0 : 1.0 / groups[group].Count;
            var target = flat.AsSpan(group * channels, channels);
            var targetErrors = errors is null ? [] : errors.AsSpan(group * channels, channels);
            foreach (var member in groups[group])
            {
                var row = Series.Data.Row(member);
                for (var c = 0; c < channels; c++) target[c] += row[c];
                if (Errors is null) continue;
                var error = Errors.Row(member);
                for (var c = 0; c < channels; c++) targetErrors[c] += error[c] * error[c];
            }
            for (var c = 0; c < channels; c++) target[c] *= share;
            for (var c = 0; c < targetErrors.Length; c++) targetErrors[c] = share * Math.Sqrt(targetErrors[c]);
        }
        var firsts = SelectSpectra([.. groups.Select(group => group[0])]);
        return new Working(
            firsts.Series with { Data = new Matrix(groups.Count, channels, flat) },
            errors is null ? null : new Matrix(groups.Count, channels, errors),
            Columns.ToFrozenDictionary(
                column => column.Key, IReadOnlyList<double?> (column) => [.. groups.Select(group => group.Average(member => column.Value[member]))],
                StringComparer.Ordinal),
            null, Cancellation);
    }

    /// <summary>Indices of the channels within a closed window; refuses a window with fewer than <paramref name="least"/>.</summary>
    public int[] Channels(double? low, double? high, int least = 1)
    {
        var within = Enumerable.Range(0, Axis.Length).Where(index => !(Axis[index] < low) && !(Axis[index] > high)).ToArray();
        Require.That(within.Length >= least, "window_empty",
            $"Between {low} and {high} lie {within.Length} channels of the axis ({Axis[0]} to {Axis[^1]}); {least} are needed.");
        return within;
    }

    /// <summary>Another matrix made row by row; a cancel is seen between rows.</summary>
    public Matrix Rewritten(Matrix from, int columns, RewriteSpectrum rewrite)
    {
        var flat = Matrix.Allocate(from.Rows, columns);
        for (var row = 0; row < from.Rows; row++)
        {
            if (row % RowsBetweenLooks == 0) Cancellation.ThrowIfCancellationRequested();
            rewrite(row, from.Row(row), flat.AsSpan(row * columns, columns));
        }
        return new Matrix(from.Rows, columns, flat);
    }
}
