using System.Buffers;
using System.Text;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Athena project files (.prj, packed or not): each group of absorption data is one spectrum mu(E) as measured, in the order of the project, moved by
/// the group's energy shift and interpolated on the energies of the first group where they differ.
/// Codes: <c>prj_no_groups</c>, <c>prj_group_incomplete</c>, <c>prj_points</c>, <c>prj_list</c>, <c>axis_not_monotonic</c>, <c>axis_no_overlap</c>,
/// <c>not_a_number</c>, <c>not_finite</c>, <c>prj_one_file</c> and the limits. Warnings: <c>prj_end_missing</c>, <c>prj_energy_shifted</c>,
/// <c>prj_group_left_out</c>, <c>prj_points_differ</c>, <c>prj_elements_differ</c>, <c>prj_energies_repeated</c>, <c>axis_interpolated</c>,
/// <c>axis_cut</c>, <c>text_end_open</c>.
/// </summary>
public sealed class AthenaProjectReader : ISeriesReader
{
    private static readonly SearchValues<char> AfterBare = SearchValues.Create(" ,\t'[]{}");

    public string Format => "Athena project";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.Any(IsLikely) ? null : "does not begin with '# Athena project file'";
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        if (files.Count != 1) throw new SeriesFormatException("prj_one_file", "One Athena project is one series; several files were given.");
        var file = files[0];
        var warnings = new List<ReadingWarning>();
        var metadata = new Dictionary<string, string>();
        var spectra = new List<MeasuredSpectrum>();
        var elements = new HashSet<string>();
        var group = new Group();
        var (shifted, ended, values, name) = (0, false, 0L, "");
        foreach (var (number, line) in TextContent.Lines(file))
        {
            if ((number & 63) == 0) cancellation.ThrowIfCancellationRequested();
            if (line.StartsWith('#') && number < 10 && line.Length > 2) metadata.TryAdd(SeriesReading.Text($"header {number}"), line.TrimStart('#',
                ' '));
            else if (line.StartsWith("$old_group", StringComparison.Ordinal))
            {
                if (group.Started) throw Broken("prj_group_incomplete", file, number, $"the group {group.Label(name)} has no [record] that ends it");
                (group, name) = (new Group { Started = true }, Items(line, file, number).FirstOrDefault() ?? "");
            }
            else if (line.StartsWith('@')) group.Take(line, file, number, options);
            else if (line.StartsWith("[record]", StringComparison.Ordinal))
            {
                if (!group.Started) throw Broken("prj_group_incomplete", file, number, "a [record] without a group");
                if (group.WhyLeftOut is { } reason)
                    warnings.Add(new ReadingWarning("prj_group_left_out", $"The group {group.Label(name)} was left out: {reason}."));
                else
                {
                    spectra.Add(group.Spectrum(name, file, number, warnings));
                    values += spectra[^1].Axis.Length;
                    if (group.Shift != 0) shifted++;
                    if (group.Argument("bkg_z") is { Length: > 0 } element) elements.Add(element);
                    if (spectra.Count > options.MaxSpectra || values > options.MaxValues) SeriesReading.CheckShape(spectra.Count,
                        spectra[^1].Axis.Length, options);
                }
                group = new Group();
            }
            else if (line.TrimEnd() == "1;") ended = true;
        }
        if (group.Started) throw Broken("prj_group_incomplete", file, null, $"the file ends within the group {group.Label(name)}");
        if (spectra.Count == 0) throw Broken("prj_no_groups", file, null, "it holds no group of absorption data");
        TextContent.WarnOfOpenEnd(file, warnings);
        if (!ended) warnings.Add(new ReadingWarning("prj_end_missing", $"{file.Name} does not end as a project does: groups may be missing."));
        if (shifted > 0) warnings.Add(new ReadingWarning("prj_energy_shifted", SeriesReading.Text(
            $"{shifted} groups were moved by the energy shift that the project gives them.")));
        if (elements.Count > 1) warnings.Add(new ReadingWarning("prj_elements_differ", $"The groups are of different elements: {string.Join(", ", elements.Order())}."));
        var (axis, data) = SpectraOnOneAxis.Join(spectra, options, warnings, cancellation);
        return new SpectralSeries(
            Format, new SpectralAxis("energy", "eV", axis), data, [.. spectra.Select(spectrum =>
                spectrum.Label)], null, warnings, []) { Metadata = metadata };
    }

    private static bool IsLikely(NamedContent file) => TextContent.WhyNotText(file.Bytes.Span) is null
        && TextContent.Head(file).Take(5).Any(line => line.StartsWith("# Athena project file", StringComparison.OrdinalIgnoreCase));

    private static SeriesFormatException Broken(string code, NamedContent file, int? line, string what) =>
        new(code, line is { } number ? SeriesReading.Text($"{file.Name}, line {number}: {what}.") : $"{file.Name}: {what}.");

    /// <summary>The items of a Perl list "@name = ('a', 1, ['b', 'c']);" or of a scalar; nested lists are left out.</summary>
    private static List<string> Items(string line, NamedContent file, int number)
    {
        var items = new List<string>();
        var text = line.AsSpan(line.IndexOf('=') + 1).Trim();
        if (!text.EndsWith(";")) throw Broken("prj_list", file, number, "the list is not closed");
        text = text[..^1].Trim();
        if (text.StartsWith("("))
        {
            if (!text.EndsWith(")")) throw Broken("prj_list", file, number, "the list is not closed");
            text = text[1..^1];
        }
        var depth = 0;
        for (var at = 0; at < text.Length;)
        {
            switch (text[at])
            {
                case '\'' or '"':
                    var end = at + 1;
                    var escaped = false;
                    while (end < text.Length && text[end] != text[at])
                    {
                        escaped |= text[end] == '\\';
                        end += text[end] == '\\' ? 2 : 1;
                    }
                    if (end >= text.Length) throw Broken("prj_list", file, number, "a quotation mark is not closed");
                    var word = text[(at + 1)..end];
                    if (depth == 0) items.Add(escaped ? Unescaped(word) : word.ToString());
                    at = end + 1;
                    break;
                case '[' or '{':
                    depth++;
                    at++;
                    break;
                case ']' or '}':
                    if (--depth < 0) throw Broken("prj_list", file, number, "a bracket is closed that was not opened");
                    if (depth == 0) items.Add("");
                    at++;
                    break;
                case ' ' or '\t' or ',' or '=' or '>':
                    at++;
                    break;
                default:
                    var bare = text[at..].IndexOfAny(AfterBare);
                    if (bare < 0) bare = text.Length - at;
                    if (depth == 0) items.Add(text.Slice(at, bare).ToString());
                    at += bare;
                    break;
            }
        }
        return depth == 0 ? items : throw Broken("prj_list", file, number, "a bracket is not closed");
    }

    private static string Unescaped(ReadOnlySpan<char> word)
    {
        var plain = new StringBuilder(word.Length);
        for (var at = 0; at < word.Length; at++)
        {
            if (word[at] == '\\' && at + 1 < word.Length) at++;
            plain.Append(word[at]);
        }
        return plain.ToString();
    }

    private sealed class Group
    {
        private readonly Dictionary<string, string> arguments = [];
        private double[]? x;
        private double[]? y;

        public bool Started { get; init; }
        public double Shift { get; private set; }

        public string? WhyLeftOut =>
            Argument("is_chi") == "1" || Argument("datatype") == "chi" ? "it holds chi(k), not mu(E)"
            : Argument("is_pixel") == "1" ? "its axis is in detector pixels" : null;

        public string? Argument(string key) => arguments.GetValueOrDefault(key);

        public string Label(string name) => Argument("label") is { Length: > 0 } label ? label : name;

        public void Take(string line, NamedContent file, int number, ReadingOptions options)
        {
            var name = line.AsSpan(1, Math.Max(0, line.IndexOfAny([' ', '=']) - 1));
            // Behind the groups stand the journal and other things of the project.
            if (name is not ("args" or "x" or "y")) return;
            if (!Started) throw Broken("prj_group_incomplete", file, number, "data outside a group");
            if (name is "args")
            {
                var items = Items(line, file, number);
                if (items.Count % 2 != 0) throw Broken("prj_list", file, number, "a name without a value among the arguments of a group");
                for (var index = 0; index < items.Count; index += 2) arguments[items[index]] = items[index + 1];
            }
            else if (name is "x") x = Numbers(line, file, number, options, x);
            else if (name is "y") y = Numbers(line, file, number, options, y);
        }

        public MeasuredSpectrum Spectrum(string name, NamedContent file, int line, List<ReadingWarning> warnings)
        {
            if (x is null || y is null) throw Broken("prj_group_incomplete", file, line, $"the group {Label(name)} has no energies or no values");
            if (x.Length != y.Length) throw Broken("prj_points", file, line,
                SeriesReading.Text($"the group {Label(name)} has {x.Length} energies and {y.Length} values"));
            if (x.Length < 2) throw Broken("prj_points", file, line, SeriesReading.Text($"the group {Label(name)} has {x.Length} points"));
            if (Argument("npts") is { } declared && TextContent.TryNumber(declared) is { } points and > 0 && points != x.Length)
                warnings.Add(new ReadingWarning("prj_points_differ",
                    SeriesReading.Text($"The group {Label(name)} declares {points} points and has {x.Length}.")));
            if (Argument("bkg_eshift") is { Length: > 0 } text)
                Shift = TextContent.Number(text, file.Name, line, 1);
            var (axis, values) = (new List<double>(x.Length), new List<double>(x.Length));
            for (var index = 0; index < x.Length; index++)
            {
                if (axis.Count > 0 && axis[^1] == x[index] + Shift) continue;
                axis.Add(x[index] + Shift);
                values.Add(y[index]);
            }
            if (axis.Count < x.Length) warnings.Add(new ReadingWarning("prj_energies_repeated", SeriesReading.Text(
                $"The group {Label(name)} has {x.Length - axis.Count} energies twice in a row; the first counts.")));
            return new MeasuredSpectrum(Label(name), [.. axis], [.. values], null).Rising($"{file.Name}, group {Label(name)}");
        }

        private static double[] Numbers(string line, NamedContent file, int number, ReadingOptions options, double[]? given)
        {
            if (given is not null) throw Broken("prj_group_incomplete", file, number, "a group has its data twice");
            var items = Items(line, file, number);
            SeriesReading.CheckShape(1, items.Count, options);
            return [.. items.Select((item, index) => TextContent.Number(item, file.Name, number, index + 1))];
        }
    }
}
