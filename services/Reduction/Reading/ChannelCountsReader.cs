namespace Tutti.Reduction.Reading;

/// <summary>
/// One number per line and nothing else, as multichannel analysers (WissEl and others, Moessbauer) write their counts: a file is one spectrum over
/// the channel number, a folder of files is a series in the natural order of the names, which stay as labels.
/// Codes: <c>channels_differ</c>, <c>channels_few</c>, <c>not_a_number</c>, <c>not_finite</c> and the limits. Warnings: <c>channels_no_axis</c>,
/// <c>channels_header</c>, <c>channels_count_line</c>,
/// <c>channels_first_differs</c>, <c>channels_trailing_zeros</c>, <c>file_ignored</c>, <c>text_end_open</c>.
/// </summary>
public sealed class ChannelCountsReader : ISeriesReader
{
    private const int FewestChannels = 16;
    private const double FirstApart = 5;
    private const int LongestHeader = 40;

    public string Format => "channel counts";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var reasons = files.Select(WhyNot).ToArray();
        return reasons.Count(reason => reason is null) * 2 > files.Count ? null : reasons.First(reason => reason is not null);
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        var warnings = new List<ReadingWarning>
        {
            new("channels_no_axis", "The files hold counts only: the axis is the channel number from zero; velocities come with the calibration."),
        };
        var spectra = new List<(string Label, double[] Counts)>();
        foreach (var file in files.OrderBy(file => file.Name, NaturalOrder.Instance))
        {
            cancellation.ThrowIfCancellationRequested();
            if (files.Count > 1 && WhyNot(file) is { } reason)
            {
                warnings.Add(new ReadingWarning("file_ignored", $"{file.Name} was left out: {reason}."));
                continue;
            }
            var counts = Counts(file, options, warnings);
            if (spectra.Count > 0 && spectra[0].Counts.Length != counts.Length)
                throw new SeriesFormatException("channels_differ", SeriesReading.Text(
                    $"{file.Name} has {counts.Length} channels where {spectra[0].Label} has {spectra[0].Counts.Length}."));
            spectra.Add((file.Name, counts));
            SeriesReading.CheckShape(spectra.Count, counts.Length, options);
        }
        var data = Numerics.Matrix.FromRows([.. spectra.Select(spectrum => spectrum.Counts)]);
        return new SpectralSeries(
            Format, new SpectralAxis("channel", null, [.. Enumerable.Range(0, data.Columns).Select(channel => (double)channel)]), data,
            [.. spectra.Select(spectrum => spectrum.Label)], null, warnings, []);
    }

    private static string? WhyNot(NamedContent file)
    {
        if (TextContent.WhyNotText(file.Bytes.Span) is { } reason) return reason;
        var head = TextContent.Head(file).Where(line => !string.IsNullOrWhiteSpace(line)).ToArray();
        var lines = head.Skip(HeaderOf(head)).Take(64).ToArray();
        if (lines.Length < 2) return "fewer than two lines";
        // A damaged line among sound ones is for the reading to name.
        return lines.Count(line => TextContent.TryNumber(line) is not null) * 4 >= lines.Length * 3 ? null : "not one number per line";
    }

    // Words above the numbers, a few lines of them; a single strange line among numbers is damage.
    private static int HeaderOf(IReadOnlyList<string> lines)
    {
        var words = lines.TakeWhile(line => TextContent.TryNumber(line) is null).Count();
        return words <= LongestHeader && lines.Take(words).All(line => line.Any(char.IsLetter)) ? words : 0;
    }

    private static double[] Counts(NamedContent file, ReadingOptions options, List<ReadingWarning> warnings)
    {
        var counts = new List<double>();
        var header = HeaderOf([.. TextContent.Head(file).Where(line => !string.IsNullOrWhiteSpace(line))]);
        if (header > 0) warnings.Add(new ReadingWarning("channels_header", SeriesReading.Text($"{file.Name}: {header} lines above the counts were left out.")));
        foreach (var (number, line) in TextContent.Lines(file))
        {
            if (string.IsNullOrWhiteSpace(line) || header-- > 0) continue;
            counts.Add(TextContent.Number(line, file.Name, number, 1));
            if (counts.Count > options.MaxChannels) SeriesReading.CheckShape(1, counts.Count, options);
        }
        if (counts.Count < FewestChannels) throw new SeriesFormatException("channels_few", SeriesReading.Text(
            $"{file.Name} holds {counts.Count} numbers: too few for a spectrum of channels."));
        TextContent.WarnOfOpenEnd(file, warnings);
        if (counts[0] == counts.Count - 1 && int.IsPow2(counts.Count - 1))
        {
            counts.RemoveAt(0);
            warnings.Add(new ReadingWarning("channels_count_line", $"{file.Name}: the first number tells how many channels follow and is none of them."));
        }
        var median = counts.Order().ElementAt(counts.Count / 2);
        if (median > 0 && counts[0] > FirstApart * median && counts[1] < FirstApart * median)
            warnings.Add(new ReadingWarning("channels_first_differs", SeriesReading.Text(
                $"{file.Name}: the first channel holds {counts[0]}, others about {median}: it may be a counter of its own.")));
        if (median > 0 && counts[^1] == 0)
            warnings.Add(new ReadingWarning("channels_trailing_zeros",
                $"{file.Name} ends with channels without counts: the file may have been cut."));
        return [.. counts];
    }
}
