using System.Globalization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Values that a file leaves open. Where the options say so, a reader of whole matrices puts <see cref="Mark"/> in the place of NaN, which is a number
/// nobody measures and survives every turning of the table; at the end the marks become <see cref="SpectralSeries.Present"/> and the values are
/// bridged. Codes: <c>not_finite</c>, <c>spectrum_missing</c>. Warning: <c>values_missing</c>.
/// </summary>
internal static class NotMeasured
{
    /// <summary>The second smallest number of float64.</summary>
    public const double Mark = -1.7976931348623155e308;

    /// <summary>Marks every NaN where it means a missing value.</summary>
    public static double[] Marked(double[] values, ReadingOptions options)
    {
        if (options.NaNIsMissing)
            for (var index = 0; index < values.Length; index++)
                if (double.IsNaN(values[index])) values[index] = Mark;
        return values;
    }

    /// <summary>The series without marks: straight lines along the axis bridge what is missing, so that preparation of starts and principal components
    /// have numbers to work on.</summary>
    public static SpectralSeries Separate(SpectralSeries series)
    {
        if (series.Axis.Values.Contains(Mark)) throw new SeriesFormatException("not_finite", "A value of the axis is NaN: the place of a spectrum cannot be missing.");
        var matrix = series.Data.ToMatrix();
        if (!matrix.Values.Contains(Mark)) return series;
        var (values, present) = (matrix.Values.ToArray(), new double[matrix.Values.Length]);
        var missing = 0;
        for (var row = 0; row < matrix.Rows; row++)
        {
            var spectrum = values.AsSpan(row * matrix.Columns, matrix.Columns);
            var own = present.AsSpan(row * matrix.Columns, matrix.Columns);
            for (var channel = 0; channel < spectrum.Length; channel++) own[channel] = spectrum[channel] == Mark ? 0 : 1;
            missing += own.Count(0.0);
            Bridge(spectrum, own, series.Axis.Values, row);
        }
        return series with
        {
            Data = new Matrix(matrix.Rows, matrix.Columns, values), Present = new Matrix(matrix.Rows, matrix.Columns, present),
            Warnings = [.. series.Warnings, new ReadingWarning("values_missing", string.Create(CultureInfo.InvariantCulture,
                $"{missing} of {values.Length} values are missing. They have no weight in the resolution; principal components, rank and start see straight lines in their place."))],
        };
    }

    private static void Bridge(Span<double> spectrum, ReadOnlySpan<double> present, IReadOnlyList<double> axis, int row)
    {
        var before = present.IndexOf(1.0);
        if (before < 0) throw new SeriesFormatException("spectrum_missing", string.Create(CultureInfo.InvariantCulture, $"Spectrum {row} has no value at all: leave it out."));
        spectrum[..before].Fill(spectrum[before]);
        for (var channel = before + 1; channel < spectrum.Length; channel++)
        {
            if (present[channel] == 0) continue;
            for (var between = before + 1; between < channel; between++)
                spectrum[between] = spectrum[before] + (spectrum[channel] - spectrum[before]) * ((axis[between] - axis[before]) / (axis[channel] - axis[before]));
            before = channel;
        }
        spectrum[(before + 1)..].Fill(spectrum[before]);
    }
}
