namespace Tutti.Reduction.Reading;

/// <summary>Reads one file format into a series; knows its format by content, not by file name.</summary>
public interface ISeriesReader
{
    /// <summary>The format as people call it.</summary>
    string Format { get; }

    /// <summary>Null where the files are of this format (they may still be damaged), else what speaks against it.</summary>
    string? WhyNot(IReadOnlyList<NamedContent> files);

    /// <summary>The series in the files, or <see cref="SeriesFormatException"/>; sources are filled in by the caller.</summary>
    SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation);
}
