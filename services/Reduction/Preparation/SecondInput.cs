using System.Security.Cryptography;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>What a preparation step names beside the series: a foil, an incident spectrum, a calibration, or the log of a cycler, which is read as the clock's
/// table.</summary>
public static class SecondInput
{
    /// <summary>The names of all second inputs without which the steps cannot be done.</summary>
    public static IReadOnlySet<string> NeededBy(IEnumerable<PreparationStep> steps) => steps.SelectMany(step => step.Needs).ToHashSet(StringComparer.Ordinal);

    /// <summary>The second input in the files; errors are <see cref="SeriesFormatException"/>, of a log too (<c>clock_missing</c>).</summary>
    public static SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (files is not [var file] || !BiologicMptReader.Resembles(file)) return SeriesReading.Read(files, options, cancellation);
        var log = BiologicMptReader.Read(file, options, cancellation);
        try
        {
            return ElectrochemistryClock.Table(log.Started, log.Seconds, log.Volts, Present(log.Milliamperes), Present(log.MilliampereHours)) with
            {
                Warnings = log.Warnings, Sources = [new SourceFile(file.Name, Convert.ToHexStringLower(SHA256.HashData(file.Bytes.Span)), file.Bytes.Length)],
            };
        }
        catch (NumericsException unusable)
        {
            throw new SeriesFormatException(unusable.Code, $"{file.Name}: {unusable.Message}", unusable);
        }

        static IReadOnlyList<double>? Present(IReadOnlyList<double> column) => column.Count == 0 ? null : column;
    }
}
