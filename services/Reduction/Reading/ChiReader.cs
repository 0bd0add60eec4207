using System.Globalization;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Integrated powder patterns as FIT2D writes them (.chi): title, name of the axis, name of the intensity, number of points, then two columns;
/// several
/// files are a series in the order of their names. Codes: <c>chi_points</c>, <c>chi_line</c>, <c>axis_not_monotonic</c>, <c>axis_unit_mixed</c>,
/// <c>axis_no_overlap</c>, <c>not_a_number</c>, <c>not_finite</c> and the limits. Warnings: <c>axis_interpolated</c>, <c>axis_cut</c>,
/// <c>file_ignored</c>, <c>text_end_open</c>.
/// </summary>
public sealed class ChiReader : ISeriesReader
{
    private const int HeaderLines = 4;

    public string Format => "FIT2D chi";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.Any(IsLikely) ? null : "no number of points in the fourth line";
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        var warnings = new List<ReadingWarning>();
        var spectra = new List<MeasuredSpectrum>();
        (string Name, string? Unit)? axis = null;
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (files.Count > 1 && !IsLikely(file))
            {
                warnings.Add(new ReadingWarning("file_ignored", $"{file.Name} is no FIT2D file and was left out."));
                continue;
            }
            var label = TextContent.NameAndUnit(TextContent.Head(file)[1]);
            if (axis is { } first && first != label) throw new SeriesFormatException("axis_unit_mixed",
                $"{file.Name}: the axis is '{label.Name} {label.Unit}' where the first file has '{first.Name} {first.Unit}'.");
            axis ??= label;
            spectra.Add(Spectrum(file, options, warnings).Rising(file.Name));
        }
        var ordered = SpectraOnOneAxis.Order(spectra, () => { });
        var (rising, data) = SpectraOnOneAxis.Join(ordered, options, warnings, cancellation);
        return new SpectralSeries(Format, new SpectralAxis(axis.GetValueOrDefault().Name, axis.GetValueOrDefault().Unit, rising), data,
            [.. ordered.Select(spectrum => spectrum.Label)], null, warnings, []);
    }

    private static bool IsLikely(NamedContent file)
    {
        var head = TextContent.Head(file);
        return head.Length > HeaderLines && Points(head[3]) is not null && TextContent.TryNumber(head[1]) is null
            && head[1].Any(char.IsLetter) && head[2].Any(char.IsLetter);
    }

    private static int? Points(string line) =>
        line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var count, ..]
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var points) && points > 0 ? points : null;

    private static MeasuredSpectrum Spectrum(NamedContent file, ReadingOptions options, List<ReadingWarning> warnings)
    {
        var declared = 0;
        var (axis, values) = (new List<double>(), new List<double>());
        foreach (var (number, line) in TextContent.Lines(file))
        {
            if (number < HeaderLines || string.IsNullOrWhiteSpace(line)) continue;
            if (number == HeaderLines)
            {
                declared = Points(line).GetValueOrDefault();
                SeriesReading.CheckShape(1, declared, options);
                continue;
            }
            var cells = line.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length is not (2 or 3)) throw new SeriesFormatException("chi_line", SeriesReading.Text(
                $"{file.Name}, line {number}: {cells.Length} values where axis and intensity are expected."));
            axis.Add(TextContent.Number(cells[0], file.Name, number, 1));
            values.Add(TextContent.Number(cells[1], file.Name, number, 2));
            if (axis.Count > declared) break;
        }
        if (axis.Count != declared) throw new SeriesFormatException("chi_points", SeriesReading.Text(
            $"{file.Name} declares {declared} points and holds {(axis.Count > declared ? "more" : SeriesReading.Text($"{axis.Count}"))}."));
        TextContent.WarnOfOpenEnd(file, warnings);
        return new MeasuredSpectrum(file.Name, [.. axis], [.. values], null);
    }
}
