using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>How a table is laid out.</summary>
public enum TableLayout
{
    /// <summary>Found from the header and from which side runs monotonically.</summary>
    Detect,

    /// <summary>One spectrum per row, the axis in the header row.</summary>
    SpectrumPerRow,

    /// <summary>One spectrum per column, the axis in the first column.</summary>
    SpectrumPerColumn,

    /// <summary>Numbers only, one spectrum per row, no axis.</summary>
    NoAxis,
}

/// <summary>
/// What a reader may take in and how it reads. Sizes beyond a limit are refused with a code before memory is spent on them. <see cref="Signal"/>
/// names the column of a column file to read as the spectrum (null: mutrans, mufluor, a normalised column, else ln(i0/itrans); * reads every
/// column but the axis as a spectrum of its own).
/// </summary>
public sealed record ReadingOptions
{
    public long MaxBytes { get; init; } = 1L << 29;
    public int MaxSpectra { get; init; } = 1_000_000;
    public int MaxChannels { get; init; } = 1_000_000;
    public long MaxValues { get; init; } = 200_000_000;

    /// <summary>The same for a plain NumPy array, whose values stay in their file.</summary>
    public long MaxValuesInPlace { get; init; } = 16L << 30;

    public int MaxFiles { get; init; } = 20_000;

    /// <summary>Where large datasets of HDF5 files go.</summary>
    public MatrixStorage Storage { get; init; } = new();

    /// <summary>How many times larger than its packed form an archive entry may be (entries below one MiB are not judged).</summary>
    public double MaxExpansion { get; init; } = 200;

    public TableLayout Layout { get; init; } = TableLayout.Detect;
    public string? Signal { get; init; }

    /// <summary>The matrix of a MATLAB file, or the group or dataset of an HDF5 file, where it holds several.</summary>
    public string? Variable { get; init; }

    /// <summary>What the axis is, where the file does not tell (null leaves what the file says).</summary>
    public string? AxisName { get; init; }

    public string? AxisUnit { get; init; }

    /// <summary>Whether NaN, or an empty cell of a table, is a value that was not measured; false: it is refused. For formats that hold whole matrices
    /// (CSV, NumPy, MATLAB, HDF5).</summary>
    public bool NaNIsMissing { get; init; }
}
