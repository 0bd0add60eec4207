namespace Tutti.Reduction.Reading;

/// <summary>A file that cannot be read as a series of spectra; <see cref="Code"/> is stable and meant for programs, the message tells a person
/// where and why.</summary>
public sealed class SeriesFormatException : Exception
{
    public SeriesFormatException(string code, string message)
        : base(message) => Code = code;

    public SeriesFormatException(string code, string message, Exception cause)
        : base(message, cause) => Code = code;

    /// <summary>A stable snake_case word, such as <c>csv_ragged</c>.</summary>
    public string Code { get; }
}
