using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary>Profiles to start with, from any file that holds a table.</summary>
internal static class ProfileFile
{
    /// <summary>The rows of the table.</summary>
    public static Matrix Read(FileInfo file)
    {
        var series = SeriesReading.ReadPaths([file.FullName], new ReadingOptions());
        return series.Data.ToMatrix();
    }
}
