using System.Globalization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary>Profiles to start with, from any file that holds a table.</summary>
internal static class ProfileFile
{
    /// <summary>Component spectra (k x m): the rows of the table, or its columns beside an axis.</summary>
    public static Matrix Spectra(string path) => SeriesReading.ReadPaths([path]).Data.ToMatrix();

    /// <summary>Known spectra with their axis, where the file has one, and the names it calls them by (else that of the file).</summary>
    public static ReferenceSpectra References(string path)
    {
        var series = SeriesReading.ReadPaths([path]);
        var name = Path.GetFileNameWithoutExtension(path);
        return new ReferenceSpectra
        {
            Spectra = series.Data.ToMatrix(), Axis = HasAxis(series) ? series.Axis.Values : null,
            Names = series.Labels ?? [.. Enumerable.Range(0, series.Data.Rows).Select(row => series.Data.Rows == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} {row + 1}"))],
        };
    }

    /// <summary>A table of numbers as it stands.</summary>
    public static Matrix Numbers(string path)
    {
        // One column alone, with a header or without, is no table to the readers.
        var lines = NpyFormat.Resembles(File.ReadAllBytes(path).AsSpan()) ? [] : File.ReadAllLines(path).Where(line => !string.IsNullOrWhiteSpace(line)).ToArray();
        var column = lines.Select(line => double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (double?)number : null).ToArray();
        if (column is [null, not null, ..] && !lines[0].Any(letter => letter is ',' or ';' or '\t')) column = column[1..];
        return column.Length > 0 && column.All(value => value is not null)
            ? new Matrix(column.Length, 1, [.. column.Select(value => value.GetValueOrDefault())])
            : SeriesReading.ReadPaths([path], new ReadingOptions { Layout = TableLayout.NoAxis }).Data.ToMatrix();
    }

    private static bool HasAxis(SpectralSeries series) => !series.Warnings.Any(warning => warning.Code is "npy_no_axis" or "csv_no_axis" or "mat_no_axis" or "hdf5_no_axis");

    /// <summary>Concentrations (n x k): numbers without a header as they stand, for a first column that rises or falls is a component here and no
    /// axis; under a header the columns beside the first one.</summary>
    public static Matrix Concentrations(string path)
    {
        var files = SeriesReading.Load([path]);
        try
        {
            return SeriesReading.Read(files, new ReadingOptions { Layout = TableLayout.NoAxis }).Data.ToMatrix();
        }
        catch (SeriesFormatException exception) when (exception.Code == "not_a_number")
        {
            return SeriesReading.Read(files, new ReadingOptions { Layout = TableLayout.SpectrumPerColumn }).Data.ToMatrix().Transpose();
        }
    }
}
