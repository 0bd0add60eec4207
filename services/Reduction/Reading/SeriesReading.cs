using System.Globalization;
using System.Security.Cryptography;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Reads files of unknown format into one series: archives are unpacked, each reader is asked whether it knows the content, and where none does the
/// error says what was tried. Whatever the input, the outcome is a series or a <see cref="SeriesFormatException"/>.
/// Codes of its own: <c>no_input</c>, <c>too_many_files</c>, <c>too_large</c>, <c>empty_file</c>, <c>unknown_format</c>, <c>not_finite</c>.
/// </summary>
public static class SeriesReading
{
    private static readonly ISeriesReader[] Readers = [new XdiReader(), new CsvMatrixReader()];

    /// <summary>The formats that can be read.</summary>
    public static IReadOnlyList<string> Formats => [.. Readers.Select(reader => reader.Format)];

    /// <summary>Reads one file or archive.</summary>
    public static SpectralSeries Read(NamedContent file, ReadingOptions? options = null, CancellationToken cancellation = default) =>
        Read([file], options, cancellation);

    /// <summary>Reads files that together are one series.</summary>
    public static SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        options ??= new ReadingOptions();
        if (files.Count == 0) throw new SeriesFormatException("no_input", "No file was given.");
        if (files.Count > options.MaxFiles) throw new SeriesFormatException("too_many_files",
            Text($"{files.Count} files are more than the {options.MaxFiles} allowed."));
        var total = files.Sum(file => (long)file.Bytes.Length);
        if (total > options.MaxBytes) throw new SeriesFormatException("too_large", Text(
            $"{total} bytes are more than the {options.MaxBytes} allowed."));

        var unpacked = ArchiveUnpacking.Unpack(files, options, cancellation);
        foreach (var file in unpacked)
            if (file.Bytes.IsEmpty) throw new SeriesFormatException("empty_file", $"{file.Name} is empty.");

        var tried = new List<string>();
        foreach (var reader in Readers)
        {
            if (reader.WhyNot(unpacked) is { } reason)
            {
                tried.Add($"{reader.Format}: {reason}");
                continue;
            }
            try
            {
                var sources = files.Select(file => new SourceFile(
                    file.Name, Convert.ToHexStringLower(SHA256.HashData(file.Bytes.Span)), file.Bytes.Length)).ToArray();
                var series = reader.Read(unpacked, options, cancellation);
                return series with
                {
                    Sources = sources,
                    Axis = series.Axis with { Name = options.AxisName ?? series.Axis.Name, Unit = options.AxisUnit ?? series.Axis.Unit },
                };
            }
            catch (NumericsException numerics)
            {
                throw new SeriesFormatException(numerics.Code, $"Read as {reader.Format}: {numerics.Message}", numerics);
            }
        }
        throw new SeriesFormatException("unknown_format", $"{unpacked[0].Name} is of no known format. Tried: {string.Join("; ", tried)}.");
    }

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Refuses a table beyond the limits before it is held in memory.</summary>
    internal static void CheckShape(long spectra, long channels, ReadingOptions options)
    {
        if (spectra > options.MaxSpectra) throw new SeriesFormatException("too_many_spectra",
            Text($"{spectra} spectra are more than the {options.MaxSpectra} allowed."));
        if (channels > options.MaxChannels) throw new SeriesFormatException("too_many_channels",
            Text($"{channels} channels are more than the {options.MaxChannels} allowed."));
        if (spectra * channels > options.MaxValues)
            throw new SeriesFormatException("too_many_values", Text($"{spectra} x {channels} values are more than the {options.MaxValues} allowed."));
    }
}
