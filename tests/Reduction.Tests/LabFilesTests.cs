using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using PureHDF;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

/// <summary>Files as programs and people in laboratories write them, made here.</summary>
[Trait("engine", "any")]
public sealed class A_file_from_a_laboratory
{
    private static NamedContent Latin(string name, string content) => new(name, Encoding.Latin1.GetBytes(content));

    [Fact]
    public void Of_Athena_may_hold_groups_on_different_energies()
    {
        var text = new StringBuilder("# Athena project file -- Demeter version 0.9.26\r\n# This file created at 2023-05-04T10:00:00\r\n\r\n");
        foreach (var (name, label, start, step, points) in new[] { ("aa", "foil", 7100.0, 1.0, 21), ("bb", "\u00e9chantillon 2", 7102.5, 0.5, 31), ("cc", "third", 7099.0, 2.0, 12) })
        {
            string Values(Func<double, double> of) => string.Join(",", Enumerable.Range(0, points).Select(i => $"'{of(start + i * step).ToString("R", CultureInfo.InvariantCulture)}'"));
            text.Append(CultureInfo.InvariantCulture,
                $"$old_group = '{name}';\r\n@args = ('annotation','','label','{label}','npts',{points},'bkg_eshift','0','bkg_z','Fe','datatype','xmu');\r\n@x = ({Values(e => e)});\r\n@y = ({Values(e => 0.01 * (e - 7000))});\r\n@i0 = ({Values(_ => 1)});\r\n[record]\r\n\r\n");
        }
        var series = SeriesReading.Read(MadeFile.Gzip("p.prj", Encoding.UTF8.GetBytes(text.Append("1;\r\n").ToString())));
        Assert.Equal(["foil", "\u00e9chantillon 2", "third"], series.Labels);
        Assert.Equal((7103.0, 7117.0), (series.Axis.Values[0], series.Axis.Values[^1]));
        for (var row = 0; row < 3; row++)
            for (var c = 0; c < series.Data.Columns; c++) Assert.Equal(0.01 * (series.Axis.Values[c] - 7000), series.Data[row, c], 1e-12);
        Assert.Equal(["axis_cut", "axis_interpolated"], series.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public void Of_Athena_may_be_a_table_of_normalised_groups()
    {
        var series = SeriesReading.Read(Latin("groups.nor",
            "# XDI/1.0 Demeter/0.9.26\r\n# Demeter.output_filetype: multicolumn normalized mu(E)\r\n# Element.symbol: Fe\r\n# Column.1: energy eV\r\n# Column.2: a\r\n# Column.3: b_2\r\n# ///\r\n#------------------------\r\n#  energy  a  b_2\r\n  7100.0  0.1  0.2\r\n  7101.0  0.3  0.4\r\n  7102.0  0.5  0.6\r\n"));
        Assert.Equal(["a", "b_2"], series.Labels);
        Assert.Equal([0.1, 0.3, 0.5, 0.2, 0.4, 0.6], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal(("energy", "eV"), (series.Axis.Name, series.Axis.Unit));
    }

    [Theory]
    [InlineData("\uFEFFWellenl\u00e4nge;Probe 1;Probe 2\r\nnm;a.u.;a.u.\r\n400,5;0,1;0,2\r\n401,5;0,3;0,4\r\n", "nm")]
    [InlineData("wavelength,s1,s2\n(nm),(a.u.),(a.u.)\n400.5,0.1,0.2\n401.5,0.3,0.4\n", "nm")]
    [InlineData("wavelength\ts1\ts2\r\nnm\tAU\tAU\r\n400,5\t0,1\t0,2\r\n401,5\t0,3\t0,4\r\n", "nm")]
    [InlineData("Wavelength [nm];s1;s2\r\n400,5;1,0E-01;2E-1\r\n401,5;0,3;0,4\r\n", "nm")]
    [InlineData("wavelength (nm), s1, s2\n400.5, 0.1, 0.2\n401.5, 0.3, 0.4\n", "nm")]
    [InlineData("\"wavelength (nm)\";\"s1\";\"s2\"\n\"400,5\";\"0,1\";\"0,2\"\n\"401,5\";\"0,3\";\"0,4\"\n", "nm")]
    [InlineData("wavelength (nm)   s1   s2\n400.5   0.1   0.2\n401.5  0.3   0.4\n", "nm", "*")]
    [InlineData("wavelength   s1   s2\nnm   a.u.   a.u.\n400.5   0.1   0.2\n401.5  0.3   0.4\n", "nm", "*")]
    public void Of_a_spectrometer_may_have_units_below_the_names_and_decimal_commas(string content, string unit, string? signal = null)
    {
        foreach (var bytes in new[] { Encoding.UTF8.GetBytes(content), Encoding.Latin1.GetBytes(content.TrimStart('\uFEFF')) })
        {
            var series = SeriesReading.Read(new NamedContent("export.csv", bytes), new ReadingOptions { Signal = signal });
            Assert.Equal([400.5, 401.5], series.Axis.Values);
            Assert.Equal(unit, series.Axis.Unit);
            Assert.Equal([0.1, 0.3, 0.2, 0.4], series.Data.ToMatrix().Values.ToArray());
        }
    }

    [Theory]
    [InlineData("# pyFAI\n# wavelength 0.7 A\n# 2th_deg I sigma\n 1.0 10 3.1\n 1.5 20 4.4\n 2.0 30 5.4\n")]
    [InlineData("! made by a beamline\r\n! 2theta intensity esd\r\n1.0\t10\t3.1\r\n1.5\t20\t4.4\r\n2.0\t30\t5.4\r\n")]
    [InlineData("1.0 10 3.1\n1.5 20 4.4\n2.0 30 5.4\n")]
    [InlineData("/* detector 3 */\n1.0 10 3.1\n1.5 20 4.4\n2.0 30 5.4\n")]
    [InlineData("XYDATA\n1.0 10 3.1\n1.5 20 4.4\n2.0 30 5.4\n")]
    public void Of_a_diffractometer_is_read_whatever_its_comments(string content)
    {
        var series = SeriesReading.Read(Latin("pattern.xye", content));
        Assert.Equal([1, 1.5, 2], series.Axis.Values);
        Assert.Equal([10, 20, 30], series.Data.ToMatrix().Values.ToArray());
    }

    [Theory]
    [InlineData(5, ",")]
    [InlineData(61, ".")]
    [InlineData(230, ",")]
    public void Of_a_cycler_may_have_a_header_of_any_length(int lines, string mark)
    {
        var text = new StringBuilder($"EC-Lab ASCII FILE\r\nNb header lines : {lines}                          \r\n");
        for (var line = 3; line < lines; line++)
            text.Append(line == 4 ? "Acquisition started on : 03/04/2023 10:11:12.500\r\n" : line % 3 == 0 ? "\r\n" : $"Ei (V)     {line},000   \u00b5A cm\u00b2\r\n");
        text.Append("mode\tox/red\terror\ttime/s\tcontrol/mA\tEwe/V\tI/mA\tcycle number\t\r\n");
        for (var row = 0; row < 4; row++)
            text.Append($"1\t1\t0\t{row}.5E+000\t0.1\t3.{row}\t0.1\t1.0\r\n".Replace(".", mark, StringComparison.Ordinal));
        var log = BiologicMptReader.Read(Latin("log.mpt", text.ToString()));
        Assert.Equal([0.5, 1.5, 2.5, 3.5], log.Seconds);
        Assert.Equal([3.0, 3.1, 3.2, 3.3], log.Volts);
        Assert.Equal(new DateTime(2023, 3, 4, 10, 11, 12, 500), log.Started);
    }

    [Fact]
    public void In_NeXus_follows_the_default_and_leaves_the_errors_out()
    {
        double[] counts = [.. Enumerable.Range(1, 24).Select(value => (double)value)];
        H5Group Data(double factor, string axes) => new()
        {
            ["intensity"] = new H5Dataset(counts.Select(value => factor * value).ToArray(), fileDims: [4, 6]) { Attributes = new() { ["units"] = "counts" } },
            ["intensity_errors"] = new H5Dataset(counts.Select(value => Math.Sqrt(value)).ToArray(), fileDims: [4, 6]),
            ["energy"] = new H5Dataset(MadeFile.Energies) { Attributes = new() { ["units"] = "eV" } },
            ["energy_errors"] = new H5Dataset(new double[6]),
            ["index"] = new H5Dataset(new double[] { 0, 1, 2, 3 }),
            Attributes = new() { ["NX_class"] = "NXdata", ["signal"] = "intensity", ["axes"] = new[] { "index", axes }, ["auxiliary_signals"] = new[] { "intensity_errors" } },
        };
        var file = MadeFile.Hdf5(new H5File
        {
            ["first"] = new H5Group { ["data"] = Data(1, "energy"), Attributes = new() { ["NX_class"] = "NXentry" } },
            ["second"] = new H5Group
            {
                ["raw"] = Data(2, "energy"),
                ["process"] = new H5Group { ["result"] = Data(3, "energy"), Attributes = new() { ["NX_class"] = "NXprocess", ["default"] = "result" } },
                Attributes = new() { ["NX_class"] = "NXentry", ["default"] = "process" },
            },
            Attributes = new() { ["default"] = "second" },
        });
        var series = SeriesReading.Read(file);
        Assert.Equal(3 * counts[7], series.Data[1, 1]);
        Assert.Equal(("energy", "eV"), (series.Axis.Name, series.Axis.Unit));
        Assert.Equal(2 * counts[7], SeriesReading.Read(file, new ReadingOptions { Variable = "second/raw" }).Data[1, 1]);
        Assert.Equal(counts[7], SeriesReading.Read(file, new ReadingOptions { Variable = "/first/data" }).Data[1, 1]);
    }

    [Fact]
    public void In_NeXus_may_be_one_of_many_scans_in_the_order_of_their_clocks()
    {
        static NamedContent Scan(string name, string? started, double value)
        {
            var entry = new H5Group
            {
                ["data"] = MadeFile.Plot(Enumerable.Repeat(value, 6).ToArray(), [6], ["energy"]),
                Attributes = new() { ["NX_class"] = "NXentry", ["default"] = "data" },
            };
            if (started is not null) entry["start_time"] = started;
            return MadeFile.Hdf5(new H5File { ["entry"] = entry, Attributes = new() { ["default"] = "entry" } }) with { Name = name };
        }
        var timed = SeriesReading.Read([Scan("a.nxs", "2021-02-03T12:00:00+01:00", 2), Scan("b.nxs", "2021-02-03T11:59:00+01:00", 1), Latin("notes.txt", "aligned\n")]);
        Assert.Equal([1, 2], timed.Data.Column(3));
        Assert.Equal(["b.nxs", "a.nxs"], timed.Labels);
        Assert.Equal(new DateTime(2021, 2, 3, 11, 59, 0), timed.Times?[0]);
        Assert.Equal("file_ignored", Assert.Single(timed.Warnings).Code);
        var named = SeriesReading.Read([Scan("scan_10.h5", null, 10), Scan("scan_9.h5", "2021-02-03T11:59:00", 9)]);
        Assert.Equal([9, 10], named.Data.Column(0));
        Assert.Equal("hdf5_time_missing", Assert.Single(named.Warnings).Code);
    }

    [Fact]
    public void Beside_files_of_another_kind_is_called_by_its_format_so_that_it_can_be_named()
    {
        var exception = Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(
            [MadeFile.Npy("<f8", false, [2, 3], [1, 2, 3, 4, 5, 6]), Latin("temperature.csv", "time,kelvin\n0,300\n1,310\n"), Latin("readme.txt", "hello\n")]));
        Assert.Equal("several_formats", exception.Code);
        Assert.Contains("made.npy is NumPy array", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_Matlab_may_hide_the_matrix_among_structures_cells_and_texts(bool packed)
    {
        var series = SeriesReading.Read(MadeMat.Among(packed));
        Assert.Equal([1, 2, 3, 4, 5, 6], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal([7100, 7101, 7102], series.Axis.Values);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_Matlab_may_have_the_matrix_within_a_structure(bool packed)
    {
        var file = MadeMat.Within(packed);
        var series = SeriesReading.Read(file);
        Assert.Equal([1, 2, 3, 4, 5, 6], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal("scan.D", series.Metadata?["variable"]);
        Assert.Equal([7100, 7101, 7102], series.Axis.Values);
        Assert.Contains("scan.D (2 x 3)", SeriesReading.Inspect([file]).Contents);
        Assert.Equal(6, SeriesReading.Read(file, new ReadingOptions { Variable = "scan.D" }).Data[1, 2]);
    }

    [Theory]
    [InlineData("<f2", true)]
    [InlineData(">f2", false)]
    [InlineData("<u2", false)]
    [InlineData(">i8", true)]
    [InlineData("|u1", true)]
    public void Of_numpy_may_have_any_kind_of_numbers(string type, bool fortran)
    {
        double[] values = [1, 2, 3, 4, 5, 6];
        var bytes = (fortran ? [1, 4, 2, 5, 3, 6] : values).SelectMany(value =>
        {
            byte[] number = type[1..] switch
            {
                "f2" => BitConverter.GetBytes((Half)value),
                "u2" => BitConverter.GetBytes((ushort)value),
                "i8" => BitConverter.GetBytes((long)value),
                _ => [(byte)value],
            };
            return type[0] == '>' ? number.Reverse() : number;
        });
        var header = $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': (2, 3), }}".PadRight(117) + "\n";
        byte[] content = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. bytes];
        Assert.Equal(values, SeriesReading.Read(new NamedContent("a.npy", content)).Data.ToMatrix().Values.ToArray());
    }

    [Fact]
    public void In_XDI_may_miss_its_version()
    {
        var text = Encoding.ASCII.GetString(Files.Xdi("a", "2020-01-01", 0).Bytes.Span).Replace("# XDI/1.0\n", "", StringComparison.Ordinal);
        var series = SeriesReading.Read(Latin("a.xdi", text));
        Assert.Equal(10, series.Data.Columns);
        Assert.Equal("xdi_version_missing", Assert.Single(series.Warnings).Code);
        Assert.Equal("eV", series.Axis.Unit);
    }

    [Fact]
    public void In_XDI_gives_every_column_where_that_is_asked_for()
    {
        const string fields = "# XDI/1.0\n# Column.1: energy eV\n# Column.2: i0\n# Column.3: itrans\n# Column.4: irefer\n# Element.symbol: Fe\n# Element.edge: K\n#----\n";
        var every = SeriesReading.Read(Latin("a.xdi", fields + "7100 1 2 3\n7101 4 5 6\n"), new ReadingOptions { Signal = "*" });
        Assert.Equal([1, 4, 2, 5, 3, 6], every.Data.ToMatrix().Values.ToArray());
        Assert.Equal(["a.xdi i0", "a.xdi itrans", "a.xdi irefer"], every.Labels);
        Assert.Empty(every.Warnings);
    }

    [Theory]
    [InlineData(512, "channels_header", "Messung 12, Fe-57, 300 K\r\nGeschwindigkeit: 4 mm/s\r\n")]
    [InlineData(1024, "channels_header", "# spectrum\r\n# started 2021-03-04 10:00\r\n")]
    [InlineData(512, "channels_count_line", "512\r\n")]
    [InlineData(1024, null, "")]
    public void Of_a_Moessbauer_spectrometer_may_begin_with_a_header(int channels, string? warning, string header)
    {
        var counts = Enumerable.Range(0, channels).Select(channel => 100_000 + channel % 37).ToArray();
        var series = SeriesReading.Read(Latin("fe.dat", header + string.Concat(counts.Select(count => $"  {count}\r\n"))));
        Assert.Equal(counts.Select(count => (double)count), series.Data.Row(0));
        Assert.Equal(warning is null ? ["channels_no_axis"] : ["channels_no_axis", warning], series.Warnings.Select(found => found.Code));
    }
}

/// <summary>Small MATLAB files with structures and cells, byte by byte.</summary>
internal static class MadeMat
{
    public static NamedContent Among(bool packed) => File(packed,
        Struct("info", ("name", Text("", "a sample")), ("limits", Double("", 1, 2, 0, 1))),
        Cell("parts", Double("", 2, 2, 1, 2, 3, 4), Text("", "x")),
        Text("title", "an experiment"), Double("energy", 1, 3, 7100, 7101, 7102), Double("D", 2, 3, 1, 4, 2, 5, 3, 6));

    public static NamedContent Within(bool packed) => File(packed,
        Struct("scan", ("title", Text("", "an experiment")), ("energy", Double("", 3, 1, 7100, 7101, 7102)), ("D", Double("", 2, 3, 1, 4, 2, 5, 3, 6))));

    private static NamedContent File(bool packed, params byte[][] variables)
    {
        using var memory = new MemoryStream();
        memory.Write([.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, Platform: PCWIN64".PadRight(124)), 0, 1, .. "IM"u8]);
        foreach (var variable in variables)
        {
            if (!packed)
            {
                memory.Write(variable);
                continue;
            }
            using var small = new MemoryStream();
            using (var packing = new ZLibStream(small, CompressionLevel.Optimal, leaveOpen: true)) packing.Write(variable);
            memory.Write([.. Word(15), .. Word((int)small.Length)]);
            memory.Write(small.ToArray());
        }
        return new NamedContent("lab.mat", memory.ToArray());
    }

    private static byte[] Word(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Element(int type, byte[] content) => [.. Word(type), .. Word(content.Length), .. content, .. new byte[(8 - content.Length % 8) % 8]];

    private static byte[] Array(int kind, int rows, int columns, string name, params byte[][] content) => Element(14,
        [.. Element(6, [.. Word(kind), .. Word(0)]), .. Element(5, [.. Word(rows), .. Word(columns)]), .. Element(1, Encoding.ASCII.GetBytes(name)),
            .. content.SelectMany(part => part)]);

    private static byte[] Double(string name, int rows, int columns, params double[] values) =>
        Array(6, rows, columns, name, Element(9, [.. values.SelectMany(BitConverter.GetBytes)]));

    private static byte[] Text(string name, string text) => Array(4, 1, text.Length, name, Element(4, Encoding.Unicode.GetBytes(text)));

    private static byte[] Cell(string name, params byte[][] cells) => Array(1, 1, cells.Length, name, cells);

    private static byte[] Struct(string name, params (string Name, byte[] Value)[] fields) => Array(2, 1, 1, name,
        [[.. Word(5 | 4 << 16), .. Word(32)], Element(1, [.. fields.SelectMany(field => Encoding.ASCII.GetBytes(field.Name.PadRight(32, '\0')))]),
            .. fields.Select(field => field.Value)]);
}
