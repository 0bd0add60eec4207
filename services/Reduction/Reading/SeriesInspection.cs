using Tutti.Reduction.Results;

namespace Tutti.Reduction.Reading;

/// <summary>
/// What a file holds, for a person who has not decided yet what to do with it: format, shape, axis, labels, warnings; where a file holds several
/// matrices, <see cref="Contents"/> lists them and the shape is zero.
/// </summary>
public sealed record SeriesInspection(string Format, IReadOnlyList<SourceFile> Sources)
{
    /// <summary>Number of spectra, or of lines of an electrochemistry log.</summary>
    public int Spectra { get; init; }

    /// <summary>Number of channels of each.</summary>
    public int Channels { get; init; }

    public MapShape? MapShape { get; init; }
    public string? AxisName { get; init; }
    public string? AxisUnit { get; init; }
    public double? AxisFrom { get; init; }
    public double? AxisTo { get; init; }
    public double? Smallest { get; init; }
    public double? Largest { get; init; }
    public IReadOnlyList<string>? Labels { get; init; }
    public DateTime? FirstTime { get; init; }
    public DateTime? LastTime { get; init; }

    /// <summary>Matrices, groups and datasets that can be named as <see cref="ReadingOptions.Variable"/>.</summary>
    public IReadOnlyList<string> Contents { get; init; } = [];

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
    public IReadOnlyList<ReadingWarning> Warnings { get; init; } = [];

    /// <summary>What a series that was read is.</summary>
    public static SeriesInspection Of(SpectralSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        var values = ValueSummary.Of(series.Data);
        return new SeriesInspection(series.Format, series.Sources)
        {
            Spectra = series.Data.Rows,
            Channels = series.Data.Columns,
            MapShape = series.MapShape,
            AxisName = series.Axis.Name,
            AxisUnit = series.Axis.Unit,
            AxisFrom = series.Axis.Values[0],
            AxisTo = series.Axis.Values[^1],
            Smallest = values.Least,
            Largest = values.Largest,
            Labels = series.Labels,
            FirstTime = series.Times?[0],
            LastTime = series.Times?[^1],
            Metadata = series.Metadata,
            Warnings = series.Warnings,
        };
    }

    internal static SeriesInspection Of(NamedContent file, Electrochemistry log, IReadOnlyList<SourceFile> sources) =>
        new("BioLogic electrochemistry", sources)
    {
        Spectra = log.Seconds.Count,
        AxisName = "time",
        AxisUnit = "s",
        AxisFrom = log.Seconds[0],
        AxisTo = log.Seconds[^1],
        Smallest = log.Volts.Min(),
        Largest = log.Volts.Max(),
        FirstTime = log.Started,
        LastTime = log.Started?.AddSeconds(log.Seconds[^1]),
        Contents = ["time (s)", "potential (V)", .. log.Milliamperes.Count > 0 ? ["current (mA)"] : Array.Empty<string>(),
            .. log.MilliampereHours.Count > 0 ? ["capacity (mAh)"] : Array.Empty<string>()],
        Warnings = [new ReadingWarning("electrochemistry", $"{file.Name} holds no spectra; it goes with a series as its clock."), .. log.Warnings],
    };
}
