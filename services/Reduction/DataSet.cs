using Tutti.Reduction.Reading;

namespace Tutti.Reduction;

/// <summary>A series of spectra as it was measured: its files, and what they were read as. Never changed.</summary>
public sealed class DataSet
{
    /// <summary>Longest name.</summary>
    public const int MaxName = 200;

    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its proposal.</summary>
    public required Guid ProposalId { get; init; }

    /// <summary>Its experiment.</summary>
    public required Guid ExperimentId { get; init; }

    /// <summary>Name given by who uploaded it.</summary>
    public required string Name { get; init; }

    /// <summary>Hash of its content, hex: that of the file, or, of several, that of the list of their hashes and names.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Its files.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes of all files when archives are unpacked.</summary>
    public required long UnpackedLength { get; init; }

    /// <summary>Format they were read as.</summary>
    public required string Format { get; init; }

    /// <summary>Number of spectra.</summary>
    public required int Spectra { get; init; }

    /// <summary>Number of channels.</summary>
    public required int Channels { get; init; }

    /// <summary>What runs along a spectrum.</summary>
    public required string AxisName { get; init; }

    /// <summary>Its unit, where known.</summary>
    public string? AxisUnit { get; init; }

    /// <summary>First place on the axis.</summary>
    public required double AxisFrom { get; init; }

    /// <summary>Last place on the axis.</summary>
    public required double AxisTo { get; init; }

    /// <summary>What the reader assumed or left out.</summary>
    public required IReadOnlyList<ReadingWarning> Warnings { get; init; }

    /// <summary>Who uploaded it.</summary>
    public required Guid RegisteredBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>
    /// Upper estimate of the memory a reduction needs, bytes: files and text while reading; then the series, its window, a transposed copy, scores,
    /// model and residual (8 bytes per value each); the cross products of the shorter side; and the drawing of plots.
    /// </summary>
    public long EstimatedMemory
    {
        get
        {
            var (values, shorter) = ((long)Spectra * Channels, (long)Math.Min(Spectra, Channels));
            return Length + UnpackedLength + (64 * values) + (24 * shorter * shorter) + (48L << 20);
        }
    }
}

/// <summary>One file of a data set, under the name its owner gave it.</summary>
public sealed record DataFile(string Name, string Sha256, long Length);
