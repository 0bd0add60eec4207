using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary>Profiles to start with, from any file that holds a table.</summary>
internal static class ProfileFile
{
    /// <summary>Component spectra (k x m): the rows of the table, or its columns beside an axis.</summary>
    public static Matrix Spectra(string path) => SeriesReading.ReadPaths([path]).Data.ToMatrix();

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
