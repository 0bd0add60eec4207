using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using PureHDF;
using PureHDF.Filters;
using PureHDF.VOL.Native;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

/// <summary>
/// More than ten thousand damaged inputs over all formats. Of each: nothing but <see cref="SeriesFormatException"/> escapes, within 5 s and 1 GB, and
/// what is accepted is finite and whole. Not every damage can be seen: a digit that became another digit, a line that is missing from a text without
/// counts. What can be seen must be refused or warned of: the second test, kind by kind.
/// </summary>
[Trait("engine", "any")]
public sealed partial class Damaged_inputs(ITestOutputHelper output)
{
    private const int DamagesOfLarge = 60;
    private const int Large = 1 << 20;
    private const int StructureBytes = 1 << 13;
    private const long MostBytes = 1L << 30;

    // For a longer hunt: TUTTI_DAMAGES_OF_EACH=20000 TUTTI_DAMAGES_OF=hdf5 TUTTI_DAMAGES_SEED=1.
    private static readonly int DamagesOfEach = Set("TUTTI_DAMAGES_OF_EACH", 420);
    private static readonly int Seed = Set("TUTTI_DAMAGES_SEED", 42);
    private static readonly string Hunted = Environment.GetEnvironmentVariable("TUTTI_DAMAGES_OF") ?? "";
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    [Fact]
    public void Of_every_format_end_in_a_code_or_a_whole_series()
    {
        var noise = new SeededNoise((uint)Seed);
        var codes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (inputs, refused, warned, accepted) = (0, 0, 0, 0);
        var measured = new Worst();
        var clock = Stopwatch.StartNew();
        foreach (var sample in Samples().Concat(SharedSamples()).Where(sample => sample.Name.Contains(Hunted, StringComparison.Ordinal)))
        {
            var sound = sample.Outcome(measured);
            Assert.True(sound.Code is null, $"{sample.Name}: {sound.Code} {sound.Message}");
            var size = sample.Files.Sum(file => file.Bytes.Length);
            for (var trial = size > Large && Hunted.Length == 0 ? DamagesOfLarge : DamagesOfEach; trial > 0; trial--)
            {
                inputs++;
                var which = noise.Below(sample.Files.Length);
                var bytes = sample.Files[which].Bytes;
                // Of a large file half of the damage goes where its structure is.
                var damaged = sample.With(which, size > Large && noise.Uniform() < 0.5
                    ? [.. Damage(bytes[..StructureBytes].ToArray(), noise), .. bytes[StructureBytes..].Span]
                    : Damage(bytes.ToArray(), noise));
                var outcome = damaged.Outcome(measured);
                if (outcome.Code is { } code)
                {
                    refused++;
                    codes[code] = codes.GetValueOrDefault(code) + 1;
                }
                else if (outcome.Warnings.Except(sound.Warnings).Any()) warned++;
                else accepted++;
            }
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{inputs} damaged inputs in {clock.Elapsed.TotalSeconds:0.0} s: {refused} refused with {codes.Count} codes, {warned} read with a warning, {accepted} read. {measured}"));
        output.WriteLine(string.Join(", ", codes.Select(code => $"{code.Key} {code.Value}")));
        if (Hunted.Length > 0) return;
        Assert.True(inputs >= 10_000, $"{inputs}");
        Assert.True(codes.Count >= 30, string.Join(", ", codes.Keys));
        // The damage must have been real.
        Assert.True(refused > 2 * accepted, $"{refused} refused, {warned} warned of, {accepted} accepted");
    }

    [Fact]
    public void That_can_be_told_from_sound_ones_are_never_accepted_silently()
    {
        var noise = new SeededNoise(7);
        var measured = new Worst();
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var sample in Samples())
        {
            var sound = sample.Outcome(measured);
            foreach (var (kind, damaged) in Visible(sample, noise))
            {
                kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
                var outcome = damaged.Outcome(measured);
                Assert.True(outcome.Code is not null || outcome.Warnings.Except(sound.Warnings).Any(), $"{sample.Name}, {kind}: accepted silently");
            }
        }
        output.WriteLine(string.Join(", ", kinds.Select(kind => $"{kind.Key} {kind.Value}")) + ". " + measured);
        Assert.Equal(["cut", "gigantic", "infinity", "not a number", "packed byte changed", "wrong count", "zero rows"], kinds.Keys);
    }

    [Fact]
    public void Whose_text_lost_one_bit_among_the_numbers_never_change_their_shape_silently()
    {
        var noise = new SeededNoise(12);
        var measured = new Worst();
        var (flips, read) = (0, 0);
        foreach (var sample in Samples().Where(sample => sample.DataLine is not null && !sample.IsLog))
        {
            var sound = sample.Outcome(measured);
            for (var trial = 0; trial < 250; trial++)
            {
                var which = noise.Below(sample.Files.Length);
                var lines = Encoding.Latin1.GetString(sample.Files[which].Bytes.Span).Split('\n');
                var data = Enumerable.Range(0, lines.Length).Where(line => lines[line].Trim().Length > 0 && sample.DataLine?.Invoke(lines[line]) == true).ToArray();
                if (data.Length == 0) continue;
                var line = data[noise.Below(data.Length)];
                var at = lines.Take(line).Sum(before => before.Length + 1) + noise.Below(lines[line].Length + 1);
                if (at >= sample.Files[which].Bytes.Length) continue;
                var outcome = sample.With(which, Changed(sample.Files[which].Bytes.ToArray(), at, noise)).Outcome(measured);
                flips++;
                if (outcome.Code is not null || outcome.Warnings.Except(sound.Warnings).Any()) continue;
                read++;
                Assert.True(outcome.Shape == sound.Shape, $"{sample.Name}: byte {at} made {sound.Shape} spectra x channels {outcome.Shape}");
            }
        }
        output.WriteLine($"{flips} flips, {read} read with other numbers in the same places");
        Assert.True(flips > 2000 && read > 200 && read < flips / 2, $"{flips}, {read}");
    }

    private static int Set(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private sealed class Worst
    {
        private (TimeSpan Time, string Name) slowest;
        private (long Bytes, string Name) largest;

        public void Add(TimeSpan time, long bytes, string name, string trace)
        {
            Assert.True(time < Most, $"{name} took {time}: {trace}");
            Assert.True(bytes < MostBytes, $"{name} took {bytes} bytes: {trace}");
            if (time > slowest.Time) slowest = (time, name);
            if (bytes > largest.Bytes) largest = (bytes, name);
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"Slowest {slowest.Time.TotalMilliseconds:0} ms ({slowest.Name}), most memory {largest.Bytes / 1e6:0.0} MB ({largest.Name})");
    }

    private sealed record Outcome(string? Code, string Message, IReadOnlyList<string> Warnings)
    {
        public (int Spectra, int Channels) Shape { get; init; }
    }

    /// <summary>Cut: whether any cut can be seen (counts, checksums), or only one inside a line. DataLine: where a number of a text is
    /// data.</summary>
    private sealed record Sample(string Name, NamedContent[] Files, bool CutIsSeen, Func<string, bool>? DataLine)
    {
        public ReadingOptions? Options { get; init; }
        public bool IsLog { get; init; }

        /// <summary>From this byte on everything but the last hundred bytes is packed content under a checksum.</summary>
        public int? PackedFrom { get; init; }
        public double[]? Binary { get; init; }
        public (string Kind, string Sound, string Broken)[] Replacements { get; init; } = [];
        public (string Kind, byte[] Sound, byte[] Broken)[] Patches { get; init; } = [];

        /// <summary>Behind this many bytes before the end nothing is missed when it is cut.</summary>
        public int Tail { get; init; }

        public Sample With(int which, byte[] bytes)
        {
            var files = Files.ToArray();
            files[which] = files[which] with { Bytes = bytes };
            return this with { Files = files };
        }

        public Outcome Outcome(Worst measured)
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            Outcome outcome;
            var trace = "";
            try
            {
                if (IsLog)
                {
                    var log = BiologicMptReader.Read(Files[0], Options);
                    Assert.True(log.Seconds.Concat(log.Volts).All(double.IsFinite));
                    outcome = new Outcome(null, "", [.. log.Warnings.Select(warning => warning.Code + warning.Message)]);
                }
                else
                {
                    var series = SeriesReading.Read(Files, Options);
                    Assert.Equal(series.Axis.Values.Count, series.Data.Columns);
                    Assert.True(series.Axis.Values.All(double.IsFinite));
                    Assert.True(series.Axis.Values.Zip(series.Axis.Values.Skip(1), (a, b) => b > a).All(rises => rises));
                    outcome = new Outcome(null, "", [.. series.Warnings.Select(warning => warning.Code)]) { Shape = (series.Data.Rows, series.Data.Columns) };
                }
            }
            catch (SeriesFormatException exception)
            {
                trace = exception.ToString();
                Assert.Matches("^[a-z0-9_]+$", exception.Code);
                Assert.NotEmpty(exception.Message);
                outcome = new Outcome(exception.Code, exception.Message, []);
            }
            measured.Add(clock.Elapsed, GC.GetAllocatedBytesForCurrentThread() - bytes, Name, trace);
            return outcome;
        }
    }

    private static IEnumerable<Sample> Samples()
    {
        static bool Numbers(string line) => line.Length > 0 && (char.IsAsciiDigit(line.TrimStart()[0]) || line.TrimStart()[0] == '-');
        var made = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 6, Channels: 15));
        yield return Text("perRow.csv", Csv(made.Axis, made.Data), Numbers);
        yield return Text("perColumn.csv", PerColumn(made.Axis, made.Data, ","), Numbers);
        yield return Text("semicolons.csv", PerColumn(made.Axis, made.Data, ";").Replace('.', ','), Numbers);
        yield return Text("blanks.txt", Csv(made.Axis, made.Data).Replace(",", "  ", StringComparison.Ordinal), Numbers);
        var xdi = Files.Xdi("scan", "2020-01-01T10:00:00", 1);
        yield return new Sample("xdi", [xdi], false, Numbers);
        yield return Text("columns.txt", "# beamline\n# energy (eV)\tmu\ti0\n" + Columns(made, 3), Numbers);
        yield return Text("multi.nor",
            "# XDI/1.0 Demeter/0.9.26\n# Demeter.output_filetype: multicolumn normalized mu(E)\n#------\n#  energy  one  two\n" + Columns(made, 3),
            Numbers);
        yield return Text("pattern.xye", Columns(made, 3), Numbers);
        yield return new Sample("xdi every column", [xdi], false, Numbers) { Options = new ReadingOptions { Signal = "*" } };
        yield return Text("units.csv", "energy;one;two\neV;a.u.;a.u.\n" + PerColumn(made.Axis, made.Data.SelectRows([0, 1]), ";").Split('\n', 2)[1].Replace('.', ','), Numbers);
        yield return Text("counts under a header.dat",
            "measured on a Monday\r\ndrive at rest\r\n" + string.Concat(Enumerable.Range(2000, 64).Select(count => Number(count) + "\r\n")), Numbers);
        yield return new Sample("chi", [new NamedContent("p.chi",
            Encoding.ASCII.GetBytes("title\n2-Theta Angle (Degrees)\nIntensity\n  15\n" + Columns(made, 2)))], true,
            line => line.Contains('.'))
        { Replacements = [("wrong count", "\n  15\n", "\n  16\n"), ("gigantic", "\n  15\n", "\n  1999999999\n"), ("zero rows", "\n  15\n",
            "\n  0\n")] };
        yield return Text("counts.dat", string.Concat(Enumerable.Range(2000, 64).Select(count => Number(count) + "\r\n")), Numbers);
        var project = MadeFile.Project(0.5);
        yield return new Sample("prj packed", [project], true, null) { PackedFrom = 40 };
        using (var unpacking = new System.IO.Compression.GZipStream(new MemoryStream(project.Bytes.ToArray()),
            System.IO.Compression.CompressionMode.Decompress))
        using (var plain = new MemoryStream())
        {
            unpacking.CopyTo(plain);
            yield return new Sample("prj", [new NamedContent("p.prj", plain.ToArray())], false, line =>
                line.StartsWith("@x", StringComparison.Ordinal) || line.StartsWith("@y", StringComparison.Ordinal))
            { Replacements = [("wrong count", "'7101',", ""), ("zero rows", "('7100','7101','7102')", "()")] };
        }
        var values = MadeFile.Table.Values.ToArray();
        yield return new Sample("npy f8", [MadeFile.Npy("<f8", false, [4, 6], values)], true, null) { Binary = values, Replacements = NpyCounts };
        yield return new Sample("npy f4 fortran", [MadeFile.Npy(">f4", true, [4, 6], values)], true, null) { Replacements = NpyCounts };
        yield return new Sample("npy stack", [MadeFile.Npy("<i2", false, [2, 3, 4], values)], true, null);
        yield return new Sample("mat", [MadeFile.Mat(("D", MadeFile.Table), ("energy", new Matrix(1, 6, MadeFile.Energies)))], true, null)
        {
            Binary = values,
            Patches = [("wrong count", Ints(4, 6), Ints(4, 7)), ("gigantic", Ints(4, 6), Ints(0x7FFFFFFF, 0x7FFFFFFF)), ("zero rows", Ints(4, 6),
                Ints(0, 6)), ("wrong count", Ints(4, 6), Ints(-4, -6))],
        };
        yield return new Sample("mat packed", [MadeFile.MatByHand(false, true)], true, null) { PackedFrom = 136 };
        yield return new Sample("mat big endian", [MadeFile.MatByHand(true, false)], true, null);
        yield return new Sample("mat structure", [MadeMat.Within(false)], true, null) { Patches = [("gigantic", Ints(2, 3), Ints(0x7FFFFFFF, 0x7FFFFFFF))] };
        yield return new Sample("mat structures packed", [MadeMat.Among(true)], true, null);
        yield return new Sample("hdf5 old", [OldHdf5.Of(4, 6, false)], true, null) { Patches = [("gigantic", Longs(4, 6), Longs(1L << 40, 6))] };
        yield return new Sample("hdf5 old chunks", [OldHdf5.Of(4, 6, true)], true, null) { Patches = [("zero rows", Longs(4, 6), Longs(0, 6))] };
        yield return Hdf5("hdf5", new H5File { ["data"] = MadeFile.Plot(values, [4, 6], ["time", "energy"]) });
        yield return Hdf5("hdf5 entry", Nested(values)) with { Patches = [] };
        var large = Enumerable.Range(0, 1200).Select(value => (double)value % 97).ToArray();
        yield return new Sample("hdf5 chunks", [MadeFile.Hdf5(new H5File
        {
            ["data"] = new H5Group
            {
                ["counts"] = new H5Dataset(large, chunks: [10, 20], fileDims: [40, 30],
                    datasetCreation: new H5DatasetCreation(Filters: [ShuffleFilter.Id, DeflateFilter.Id])),
                Attributes = new() { ["NX_class"] = "NXdata", ["signal"] = "counts" },
            },
        })], true, null)
        { Patches = [("gigantic", Longs(40, 30), Longs(1L << 40, 30)), ("gigantic", Longs(40, 30), Longs(1L << 31, 1L << 31)), ("zero rows", Longs(40,
            30), Longs(0, 30))] };
        yield return new Sample("stxm", MadeFile.Stxm(), false, line => line.Contains('\t'))
        { Replacements = [("wrong count", "(3, 0, 1, 2)", "(3, 0, 1)"), ("gigantic", "(3, 0, 1, 2)", "(2000000000, 0, 1, 2)"), ("zero rows",
            "(2, 0, 1)", "(0)"), ("wrong count", "(2, 0, 1)", "(3, 0, 1, 2)")] };
        yield return new Sample("mpt", [MadeFile.Mpt()], false, line => line.StartsWith("3\t", StringComparison.Ordinal))
        {
            IsLog = true,
            Replacements = [("wrong count", "Nb header lines : 5", "Nb header lines : 7"), ("gigantic", "Nb header lines : 5",
                "Nb header lines : 999999999")],
        };
        var inner = Csv(made.Axis, made.Data);
        yield return new Sample("zip", [Files.Zip(("a.csv", Encoding.ASCII.GetBytes(inner)))], true, null) { PackedFrom = 40 };
        yield return new Sample("zip of scans", [Files.Zip(("../../a.xdi", xdi.Bytes.ToArray()), ("C:\\b.xdi", Files.Xdi("b", "2020-01-02", 2,
            0.5).Bytes.ToArray()))], true, null);
        yield return new Sample("tar", [MadeFile.Tar(false, ("../a.csv", new NamedContent("a", Encoding.ASCII.GetBytes(inner))))], true,
            null) { Tail = 1100 };
        yield return new Sample("tar packed", [MadeFile.Tar(true, ("a.csv", new NamedContent("a", Encoding.ASCII.GetBytes(inner))))], true,
            null) { PackedFrom = 40 };
        yield return new Sample("gzip", [MadeFile.Gzip("a.csv.gz", Encoding.ASCII.GetBytes(inner))], true, null)
        { PackedFrom = 40, Patches = [("gigantic", Ints(inner.Length), Ints(-1)), ("wrong count", Ints(inner.Length), Ints(inner.Length + 1))] };
    }

    // Measured files where they are on this machine; they are read, never kept.
    private static IEnumerable<Sample> SharedSamples()
    {
        foreach (var (relative, variable) in new[]
        {
            ("athena/cyanobacteria.prj", null), ("athena/FeLibNov2021.nor", null), ("xdi/fe2o3_rt.xdi", null), ("xdi/cu_10k.xmu", null),
                ("xdi/nonxafs_2d.xdi", null),
            ("stxm_Fe2p_ALS_71214078/i0.xsp", null), ("stxm_Fe2p_ALS_71214078/71214078_nxdata.h5", null), ("jaumot2005/als2004dataset.MAT", "m1"),
            ("moessbauer_2L_Fh/velocity_calibration_250624_v12.dat", null), ("xrd_BaTiO3_Tramp/BTO_225K_tth.npy", null),
        })
            if (SharedData.Find(relative) is { } path)
                yield return new Sample(relative, [new NamedContent(Path.GetFileName(relative), File.ReadAllBytes(path))], false,
                    null) { Options = new ReadingOptions { Variable = variable } };
    }

    private static IEnumerable<(string Kind, Sample Damaged)> Visible(Sample sample, SeededNoise noise)
    {
        for (var which = 0; which < sample.Files.Length; which++)
        {
            var bytes = sample.Files[which].Bytes.ToArray();
            var body = bytes.Length - Math.Max(1, sample.Tail);
            for (var length = 0; length < body; length += 1 + bytes.Length / 150)
                // A text without counts that ends with a line is a text.
                if (sample.CutIsSeen || length == 0 || bytes[length - 1] is not ((byte)'\n' or (byte)'\r'))
                    yield return ("cut", sample.With(which, bytes[..length]));
            if (sample.PackedFrom is { } packedFrom)
                for (var at = packedFrom; at < bytes.Length - 100; at += 1 + bytes.Length / 60)
                    yield return ("packed byte changed", sample.With(which, Changed(bytes, at, noise)));
            foreach (var (kind, sound, broken) in sample.Replacements)
                if (Encoding.Latin1.GetString(bytes) is var text && text.Contains(sound, StringComparison.Ordinal))
                    yield return (kind, sample.With(which, Encoding.Latin1.GetBytes(Once(text, sound, broken))));
            foreach (var (kind, sound, broken) in sample.Patches)
                if (bytes.AsSpan().LastIndexOf(sound) is var place and >= 0)
                    yield return (kind, sample.With(which, [.. bytes[..place], .. broken, .. bytes[(place + sound.Length)..]]));
            if (sample.Binary is { } binary)
                foreach (var (kind, bad) in new[] { ("not a number", double.NaN), ("infinity", double.PositiveInfinity), ("infinity",
                    double.NegativeInfinity) })
                    foreach (var value in new[] { binary[0], binary[13], binary[^1] })
                        if (bytes.AsSpan().IndexOf(BitConverter.GetBytes(value)) is var at and >= 0)
                            yield return (kind, sample.With(which, [.. bytes[..at], .. BitConverter.GetBytes(bad), .. bytes[(at + 8)..]]));
            if (sample.DataLine is { } isData)
                foreach (var damaged in InText(Encoding.Latin1.GetString(bytes), isData, noise)) yield return (damaged.Kind, sample.With(which,
                    Encoding.Latin1.GetBytes(damaged.Text)));
        }
    }

    private static IEnumerable<(string Kind, string Text)> InText(string text, Func<string, bool> isData, SeededNoise noise)
    {
        var lines = text.Split('\n');
        var data = Enumerable.Range(0, lines.Length).Where(line => lines[line].Trim().Length > 0 && isData(lines[line])).ToArray();
        if (data.Length == 0) yield break;
        yield return ("zero rows", string.Join('\n', lines.Where((_, line) => !data.Contains(line))));
        foreach (var (kind, bad) in new[] { ("not a number", "NaN"), ("infinity", "Infinity"), ("infinity", "-inf"), ("infinity", "1e999") })
            for (var trial = 0; trial < 12; trial++)
            {
                var line = data[noise.Below(data.Length)];
                // The first number of a line of a log is a mode, that of others a value.
                var cells = Cell().Matches(lines[line]).Where(cell => !(lines[line].StartsWith("3\t",
                    StringComparison.Ordinal) && cell.Index == 0)).ToArray();
                if (cells.Length == 0) continue;
                var place = cells[noise.Below(cells.Length)];
                var damaged = lines.ToArray();
                damaged[line] = lines[line][..place.Index] + bad + lines[line][(place.Index + place.Length)..];
                yield return (kind, string.Join('\n', damaged));
            }
    }

    [GeneratedRegex(@"(?<![\w.,@$])-?\d+([.,]\d+)?([eE][+-]?\d+)?(?![\w.])")]
    private static partial Regex Cell();

    private static byte[] Changed(byte[] bytes, int at, SeededNoise noise)
    {
        var changed = bytes.ToArray();
        changed[at] ^= (byte)(1 << noise.Below(8));
        return changed;
    }

    private static string Once(string text, string sound, string broken)
    {
        var at = text.IndexOf(sound, StringComparison.Ordinal);
        return text[..at] + broken + text[(at + sound.Length)..];
    }

    private static byte[] Damage(byte[] bytes, SeededNoise noise)
    {
        switch (noise.Below(10))
        {
            case 0: return bytes[..noise.Below(bytes.Length)];
            case 1 or 2:
                for (var flips = 1 + noise.Below(8); flips > 0; flips--) bytes[noise.Below(bytes.Length)] ^= (byte)(1 << noise.Below(8));
                return bytes;
            case 3: return Replaced(bytes, noise, "NaN"u8);
            case 4: return Replaced(bytes, noise, "1e400"u8);
            case 5: return Replaced(bytes, noise, MemoryMarshal.AsBytes<ulong>([noise.Uniform() < 0.5 ? ulong.MaxValue : 1UL << noise.Below(64)]));
            case 6:
                var at = noise.Below(bytes.Length);
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + noise.Below(40))..]];
            case 7:
                var from = noise.Below(bytes.Length);
                return [.. bytes[..from], .. bytes[noise.Below(bytes.Length)..]];
            case 8:
                // A pointer, a count or a number in place of another one from the same file.
                var (source, target) = (noise.Below(bytes.Length), noise.Below(bytes.Length));
                bytes.AsSpan(source, Math.Min(8, bytes.Length - Math.Max(source, target))).ToArray().CopyTo(bytes, target);
                return bytes;
            default:
                for (var index = noise.Below(bytes.Length); index < bytes.Length
                    && noise.Uniform() < 0.95; index++) bytes[index] = (byte)noise.Below(256);
                return bytes;
        }
    }

    private static byte[] Replaced(byte[] bytes, SeededNoise noise, ReadOnlySpan<byte> by)
    {
        var at = noise.Below(bytes.Length);
        return [.. bytes[..at], .. by, .. bytes[Math.Min(bytes.Length, at + by.Length)..]];
    }

    private static Sample Text(string name, string content, Func<string, bool> isData) =>
        new(name, [new NamedContent(name, Encoding.UTF8.GetBytes(content))], false, isData);

    private static Sample Hdf5(string name, H5File file) => new(name, [MadeFile.Hdf5(file)], true, null)
    {
        Binary = MadeFile.Table.Values.ToArray(),
        Patches = [("gigantic", Longs(4, 6), Longs(1L << 40, 6)), ("gigantic", Longs(4, 6), Longs(1L << 31, 1L << 31)), ("zero rows", Longs(4, 6),
            Longs(0, 6)), ("wrong count", Longs(4, 6), Longs(400, 6))],
    };

    private static H5File Nested(double[] values) => new()
    {
        ["entry"] = new H5Group
        {
            ["data"] = MadeFile.Plot(values, [4, 6], ["time", "energy"]),
            Attributes = new() { ["NX_class"] = "NXentry", ["default"] = "data" },
        },
        Attributes = new() { ["default"] = "entry" },
    };

    private static readonly (string Kind, string Sound, string Broken)[] NpyCounts =
    [
        ("wrong count", "(4, 6)", "(4, 5)"), ("wrong count", "(4, 6)", "(5, 6)"), ("zero rows", "(4, 6)", "(0, 6)"), ("wrong count",
            "'shape': (4, 6)", "'shape': (-4,6)"),
        ("gigantic", "'shape': (4, 6), }        ", "'shape': (40000, 60000), }"), ("gigantic", "'shape': (4, 6), }          ",
            "'shape': (4, 99999999999), }"),
    ];

    private static byte[] Ints(params int[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static byte[] Longs(params long[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static string Csv(IReadOnlyList<double> axis, Matrix data)
    {
        var text = new StringBuilder(string.Join(',', axis.Select(Number))).Append('\n');
        for (var row = 0; row < data.Rows; row++) text.Append(string.Join(',', data.Row(row).ToArray().Select(Number))).Append('\n');
        return text.ToString();
    }

    private static string PerColumn(IReadOnlyList<double> axis, Matrix data, string separator)
    {
        var text = new StringBuilder(string.Join(separator, ["energy", .. Enumerable.Range(0, data.Rows).Select(row => $"s{row}")])).Append('\n');
        for (var column = 0; column < data.Columns; column++)
            text.Append(string.Join(separator, [Number(axis[column]), .. data.Column(column).Select(Number)])).Append('\n');
        return text.ToString();
    }

    private static string Columns(SyntheticSeries made, int columns)
    {
        var text = new StringBuilder();
        for (var channel = 0; channel < made.Axis.Count; channel++)
            text.Append("  ").Append(string.Join("  ", Enumerable.Range(0, columns - 1).Select(column =>
                made.Data[column, channel]).Prepend(made.Axis[channel])
                .Select(value => value.ToString("0.000000", CultureInfo.InvariantCulture)))).Append('\n');
        return text.ToString();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
