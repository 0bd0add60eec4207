using System.Globalization;
using System.IO.Compression;
using System.Text;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_csv_matrix
{
    [Fact]
    public void Of_the_operando_edges_is_read_with_its_energies()
    {
        var series = Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv");
        Assert.Equal((229, 1649), (series.Data.Rows, series.Data.Columns));
        Assert.Equal((8060, 9500), (series.Axis.Values[0], series.Axis.Values[^1]));
        Assert.Equal(0.000701366, series.Data[0, 0]);
        Assert.Empty(series.Warnings);
        Assert.Equal(64, Assert.Single(series.Sources).Sha256.Length);
    }

    [Theory]
    [InlineData("Measured on 12, 13 and 14 May\nby us, 3 people\n")]
    [InlineData("# Notes\n\nDear all,\nthe sample, as agreed, was cut at 7100 eV, and measured.\nThanks, 2 of us\n")]
    public void Is_not_what_prose_with_commas_is_taken_for(string letter)
    {
        Assert.Equal("unknown_format", Assert.Throws<SeriesFormatException>(() => Files.Csv(letter)).Code);
        // A folder of spectra keeps its letter.
        var scans = Enumerable.Range(1, 3).Select(scan => new NamedContent($"{scan}.xdi", Files.Xdi("x", $"2020-01-0{scan}T10:00:00", scan).Bytes)).ToList();
        var series = SeriesReading.Read([.. scans, new NamedContent("letter.txt", System.Text.Encoding.ASCII.GetBytes(letter))]);
        Assert.Equal((3, "file_ignored"), (series.Data.Rows, series.Warnings.Single(warning => warning.Code == "file_ignored").Code));
        // What is data of another kind is not left out as a letter is.
        var mixed = Assert.Throws<SeriesFormatException>(() => SeriesReading.Read([.. scans, new NamedContent("table.csv", "7100,7101,7102\n1,2,3\n2,3,4\n"u8.ToArray())]));
        Assert.Equal("several_formats", mixed.Code);
        Assert.Contains("table.csv is CSV matrix", mixed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jaumot2005/m1.csv", 51)]
    [InlineData("jaumot2005/matrix.csv", 204)]
    public void Whose_header_only_counts_is_read_with_channel_numbers_and_says_so(string file, int rows)
    {
        var series = Files.Shared(file);
        Assert.Equal((rows, 96, "channel"), (series.Data.Rows, series.Data.Columns, series.Axis.Name));
        Assert.Equal(SharedData.Table(file).Values, series.Data.ToMatrix().Values);
        Assert.Equal("csv_index_axis", Assert.Single(series.Warnings).Code);
    }

    [Fact]
    public void Of_known_mixtures_is_read_with_its_wavelengths()
    {
        var series = Files.Shared("uvvis_simdata_known_truth/D.csv");
        Assert.Equal((100, 210.0), (series.Data.Rows, series.Axis.Values[0]));
        Assert.Empty(series.Warnings);
    }

    [Fact]
    public void Without_any_axis_is_numbered_and_says_so()
    {
        var series = Files.Shared("uvvis_simdata_known_truth/C.csv");
        Assert.Equal((100, 3), (series.Data.Rows, series.Data.Columns));
        Assert.Equal("csv_no_axis", Assert.Single(series.Warnings).Code);
    }

    [Fact]
    public void May_hold_one_spectrum_per_column()
    {
        var series = Files.Csv("energy (eV),charged,discharged\n7100,1,4\n7101,2,5\n7102,3,6\n");
        Assert.Equal(("energy", "eV"), (series.Axis.Name, series.Axis.Unit));
        Assert.Equal([7100, 7101, 7102], series.Axis.Values);
        Assert.Equal([1, 2, 3, 4, 5, 6], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal(["charged", "discharged"], series.Labels);
    }

    [Fact]
    public void May_hold_one_spectrum_per_column_under_numbers()
    {
        var series = Files.Csv("Energy/eV,0,10,20\n7100,1,4,7\n7101,2,5,8\n");
        Assert.Equal([7100, 7101], series.Axis.Values);
        Assert.Equal(["0", "10", "20"], series.Labels);
    }

    [Fact]
    public void May_name_its_spectra_in_the_first_column()
    {
        var series = Files.Csv("time,400,500,600\n0,1,2,3\n60,4,5,6\n");
        Assert.Equal([400, 500, 600], series.Axis.Values);
        Assert.Equal(["0", "60"], series.Labels);
        Assert.Equal([1, 2, 3, 4, 5, 6], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal("csv_layout_assumed", Assert.Single(Files.Csv("what,400,500,600\n0,1,2,3\n60,4,5,6\n").Warnings).Code);
    }

    [Fact]
    public void May_have_comments_semicolons_and_decimal_commas_and_a_falling_axis()
    {
        var series = Files.Csv("\uFEFF# spectrometer 5\r\n# run 3\r\n600;500,5;400\r\n1,5;2;3\r\n4;5;6e-1\r\n");
        Assert.Equal([400, 500.5, 600], series.Axis.Values);
        Assert.Equal([3, 2, 1.5, 0.6, 5, 4], series.Data.ToMatrix().Values.ToArray());
    }

    [Fact]
    public void Of_an_axis_and_a_few_spectra_without_names_is_read_by_columns_and_says_so()
    {
        foreach (var separator in new[] { ",", ";" })
        {
            var narrow = Files.Csv(string.Concat(Enumerable.Range(0, 12).Select(row => $"{7100 + row}{separator}{row}\n")));
            Assert.Equal((1, 12, 7100.0), (narrow.Data.Rows, narrow.Data.Columns, narrow.Axis.Values[0]));
            Assert.Equal("csv_layout_assumed", Assert.Single(narrow.Warnings).Code);
            var wide = Files.Csv(string.Concat(Enumerable.Range(0, 12).Select(row => string.Join(separator, 7100 + row, 4, 3, 2, 1) + "\n")));
            Assert.Equal((4, 12), (wide.Data.Rows, wide.Data.Columns));
        }
    }

    [Fact]
    public void May_be_separated_by_blanks()
    {
        var series = Files.Csv("  400  500  600 700\n  1  2  3 4\n 5 6   7 8\n");
        Assert.Equal([400, 500, 600, 700], series.Axis.Values);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], series.Data.ToMatrix().Values.ToArray());
    }

    [Fact]
    public void That_does_not_end_with_a_line_may_have_been_cut_and_says_so() =>
        Assert.Contains(Files.Csv("1,2,3\n4,5,6").Warnings, warning => warning.Code == "text_end_open");

    [Fact]
    public void Can_be_told_what_its_axis_is()
    {
        var axis = Files.Csv("1,2,3\n4,5,6\n", new ReadingOptions { AxisName = "energy", AxisUnit = "eV" }).Axis;
        Assert.Equal("energy (eV)", axis.Label);
    }

    [Fact]
    public void That_runs_over_time_is_warned_of() =>
        Assert.Contains(Files.Csv("time/s,Ewe/V,<I>/mA\n0,3.1,0\n1,3.2,0\n2,3.3,0\n").Warnings, warning => warning.Code == "csv_axis_is_time");

    [Fact]
    public void Can_be_told_its_layout()
    {
        var series = Files.Csv("1,2,3\n4,5,6\n", new ReadingOptions { Layout = TableLayout.NoAxis });
        Assert.Equal((2, 3), (series.Data.Rows, series.Data.Columns));
        Assert.Equal([1, 4], Files.Csv("1,2,3\n4,5,6\n", new ReadingOptions { Layout = TableLayout.SpectrumPerColumn }).Axis.Values);
        Assert.Equal([1, 2, 3], Files.Csv("1,2,3\n4,5,6\n").Axis.Values);
    }

    [Theory]
    [InlineData("csv_ragged", "1,2,3\n4,5\n")]
    [InlineData("csv_ragged", "1,2,3\n4,5,6,7\n")]
    [InlineData("not_a_number", "1,2,3\n4,x,6\n")]
    [InlineData("not_a_number", "1,2,3\n4,,6\n")]
    [InlineData("not_a_number", "1,2,three\n4,5,6\n")]
    [InlineData("not_finite", "1,2,3\n4,NaN,6\n")]
    [InlineData("not_finite", "1,2,3\n4,-Infinity,6\n")]
    [InlineData("not_finite", "1,2,1e999\n4,5,6\n")]
    [InlineData("csv_no_spectra", "1,2,3\n")]
    [InlineData("axis_not_monotonic", "energy,a\n1,4\n1,5\n2,6\n")]
    [InlineData("axis_not_monotonic", "1,2,3,4,5,6,7,8,9,10,11,12,12,13,14,15\n1,2,3,4,5,6,7,8,9,10,11,12,12,13,14,15\n")]
    [InlineData("csv_quotes", "1,2,3\n4,\"5,6\n7,8,9\n")]
    [InlineData("empty_file", "")]
    [InlineData("unknown_format", "\n \n")]
    [InlineData("unknown_format", "1\n2\nthree four\nfive\nsix\n")]
    [InlineData("unknown_format", "\u0000\u0001,2\n")]
    public void That_is_broken_is_refused_with_a_code(string code, string content) =>
        Assert.Equal(code, Assert.Throws<SeriesFormatException>(() => Files.Csv(content)).Code);

    [Theory]
    [InlineData("too_many_spectra")]
    [InlineData("too_many_channels")]
    [InlineData("too_many_values")]
    [InlineData("too_large")]
    public void Beyond_a_limit_is_refused_with_a_code(string code)
    {
        var none = new ReadingOptions();
        var options = code switch
        {
            "too_many_spectra" => none with { MaxSpectra = 2 },
            "too_many_channels" => none with { MaxChannels = 2 },
            "too_many_values" => none with { MaxValues = 8 },
            _ => none with { MaxBytes = 20 },
        };
        Assert.Equal(code, Assert.Throws<SeriesFormatException>(() => Files.Csv("1,2,3\n4,5,6\n7,8,9\n10,11,12\n", options)).Code);
    }

    [Fact]
    public void In_no_known_format_tells_what_was_tried()
    {
        var message = Assert.Throws<SeriesFormatException>(() => Files.Csv("just words")).Message;
        foreach (var format in SeriesReading.Formats) Assert.Contains(format, message, StringComparison.Ordinal);
    }
}

[Trait("engine", "any")]
public sealed class An_xdi_file
{
    private static readonly string[] Unreadable =
    [
        "xdi_header_end_missing", "xdi_columns_missing", "xdi_column_count", "xdi_column_index", "xdi_header_line",
    ];

    [Theory]
    [InlineData("fe2o3_rt", 348, 6962, 0.45269463)]
    [InlineData("fe_metal_rt", 348, 6962, 0.10632858)]
    [InlineData("ni_metal_rt", 418, 8133, -1.1873423)]
    [InlineData("cu_metal_rt", 408, 8779, -1.3070486)]
    public void Gives_the_transmission_column_by_its_name(string name, int channels, double energy, double first)
    {
        var series = Files.Shared($"xdi/{name}.xdi");
        Assert.Equal((1, channels), (series.Data.Rows, series.Data.Columns));
        Assert.Equal(energy, series.Axis.Values[0]);
        Assert.Equal(first, series.Data[0, 0]);
        Assert.Equal(("energy", "eV"), (series.Axis.Name, series.Axis.Unit));
        Assert.NotNull(series.Times);
        Assert.Empty(series.Warnings);
    }

    [Fact]
    public void Without_absorption_gives_the_logarithm_of_its_counts_and_says_so()
    {
        var series = Files.Shared("xdi/se_na2so4_rt.xdi");
        Assert.Equal(Math.Log(121961.4 / 559275.4), series.Data[0, 0], 1e-15);
        Assert.Equal("xdi_signal_computed", Assert.Single(series.Warnings).Code);
    }

    [Fact]
    public void Of_version_1_1_with_39_columns_is_read()
    {
        var series = Files.Shared("xdi/fe_xanes_8ch.xdi");
        Assert.Equal(Math.Log(118317.0 / 2096), series.Data[0, 0], 1e-15);
        Assert.Equal(new DateTime(2019, 3, 11, 14, 31, 31), Assert.Single(series.Times ?? []));
    }

    [Fact]
    public void With_an_outer_array_is_read_and_says_so() =>
        Assert.Contains(Files.Shared("xdi/nonxafs_2d.xdi").Warnings, warning => warning.Code == "xdi_outer_array");

    [Theory]
    [InlineData("00", "xdi_edge_out_of_range")]
    [InlineData("01", "xdi_version_missing")]
    [InlineData("02", "xdi_edge_missing")]
    [InlineData("03", "xdi_element_missing")]
    [InlineData("04", "xdi_edge_unknown")]
    [InlineData("05", "xdi_element_unknown")]
    [InlineData("06", "xdi_header_end_missing")]
    [InlineData("07", "xdi_columns_missing")]
    [InlineData("08", "xdi_column_count")]
    [InlineData("09", "xdi_column_count")]
    [InlineData("10", "xdi_column_index")]
    [InlineData("11", "xdi_header_line")]
    public void R5_That_is_bad_is_rejected_or_warned_of(string number, string code)
    {
        var file = Files.Load($"xdi/bad_{number}.xdi");
        if (Unreadable.Contains(code)) Assert.Equal(code, Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(file)).Code);
        else Assert.Contains(SeriesReading.Read(file).Warnings, warning => warning.Code == code);
    }

    [Fact]
    public void That_lacks_the_wanted_column_says_which_it_has()
    {
        var exception = Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(Files.Xdi("a", "2020-01-01", 0),
            new ReadingOptions { Signal = "mufluor" }));
        Assert.Equal("xdi_signal_missing", exception.Code);
        Assert.Contains("mutrans", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Among_others_stands_in_the_order_of_the_start_times()
    {
        var series = SeriesReading.Read([Files.Xdi("a", "2020-01-03T10:00:00", 3), Files.Xdi("b", "2020-01-01T10:00:00", 1),
            Files.Xdi("c", "2020-01-02T10:00:00", 2)]);
        Assert.Equal(["b.xdi", "c.xdi", "a.xdi"], series.Labels);
        Assert.Equal([1, 2, 3], series.Data.Column(0));
        Assert.Equal(3, series.Sources.Count);
        Assert.Empty(series.Warnings);
    }

    [Fact]
    public void Among_others_without_times_stands_in_the_order_of_the_names_by_number()
    {
        var series = SeriesReading.Read([Files.Xdi("scan_10", null, 10), Files.Xdi("scan_9", null, 9), Files.Xdi("scan_1", null, 1)]);
        Assert.Equal([1, 9, 10], series.Data.Column(0));
        Assert.Contains(series.Warnings, warning => warning.Code == "xdi_time_missing");
    }

    [Fact]
    public void On_other_energies_is_interpolated_only_where_all_overlap()
    {
        var series = SeriesReading.Read([Files.Xdi("a", "2020-01-01", 0, shift: 0), Files.Xdi("b", "2020-01-02", 0, shift: 2.5)]);
        // Both files hold mu = (E - 7100) / 10 from 7100 + shift in steps of one, ten values.
        Assert.Equal([7103, 7104, 7105, 7106, 7107, 7108, 7109], series.Axis.Values);
        for (var column = 0; column < 7; column++)
        {
            Assert.Equal((series.Axis.Values[column] - 7100) / 10, series.Data[0, column], 1e-12);
            Assert.Equal((series.Axis.Values[column] - 7100) / 10, series.Data[1, column], 1e-12);
        }
        Assert.Equal(["axis_cut", "axis_interpolated"], series.Warnings.Select(warning => warning.Code));
        Assert.Equal("axis_no_overlap", Assert.Throws<SeriesFormatException>(() =>
            SeriesReading.Read([Files.Xdi("a", "2020-01-01", 0), Files.Xdi("b", "2020-01-02", 0, shift: 500)])).Code);
    }
}

[Trait("engine", "any")]
public sealed class An_archive
{
    [Fact]
    public void Of_xdi_files_is_a_series_and_what_is_no_spectrum_is_named()
    {
        var series = SeriesReading.Read(Files.Zip(
            ("run/b.xdi", Files.Xdi("b", "2020-01-02", 2).Bytes.ToArray()), ("run/a.xdi", Files.Xdi("a", "2020-01-01", 1).Bytes.ToArray()),
            ("run/readme.txt", "hello"u8.ToArray())));
        Assert.Equal(["a.xdi", "b.xdi"], series.Labels);
        Assert.Equal("file_ignored", Assert.Single(series.Warnings).Code);
        Assert.Equal("series.zip", Assert.Single(series.Sources).Name);
    }

    [Fact]
    public void With_path_tricks_gives_labels_only()
    {
        var series = SeriesReading.Read(Files.Zip(
            ("../../etc/a.xdi", Files.Xdi("a", "2020-01-01", 1).Bytes.ToArray()), ("C:\\temp\\b.xdi",
                Files.Xdi("b", "2020-01-02", 2).Bytes.ToArray())));
        Assert.Equal(["a.xdi", "b.xdi"], series.Labels);
    }

    [Theory]
    [InlineData("archive_expansion")]
    [InlineData("too_large")]
    [InlineData("too_many_files")]
    [InlineData("archive_nested")]
    [InlineData("archive_empty")]
    [InlineData("archive_checksum")]
    [InlineData("archive_damaged")]
    public void That_is_broken_or_a_bomb_is_refused_with_a_code(string code)
    {
        var spectrum = Files.Xdi("a", "2020-01-01", 1).Bytes.ToArray();
        var options = new ReadingOptions();
        NamedContent archive;
        switch (code)
        {
            case "archive_expansion": archive = Files.Zip(("bomb", new byte[40_000_000])); break;
            case "too_large": (archive, options) = (Files.Zip(("big", new byte[40_000_000])), options with { MaxBytes = 1_000_000 }); break;
            case "too_many_files": (archive, options) = (Files.Zip(("a", spectrum), ("b", spectrum), ("c", spectrum)),
                options with { MaxFiles = 2 }); break;
            case "archive_nested": archive = Files.Zip(("inner.zip", Files.Zip(("a", spectrum)).Bytes.ToArray())); break;
            case "archive_empty": archive = Files.Zip(); break;
            case "archive_checksum":
                var bytes = Files.Zip(CompressionLevel.NoCompression, ("a.xdi", spectrum)).Bytes.ToArray();
                bytes[bytes.AsSpan().IndexOf("7105"u8)] = (byte)'6';
                archive = new NamedContent("series.zip", bytes);
                break;
            default: archive = new NamedContent("series.zip", Files.Zip(("a.xdi", spectrum)).Bytes[..60]); break;
        }
        Assert.Equal(code, Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(archive, options)).Code);
    }
}

internal static class Files
{
    public static NamedContent Load(string relative) => new(Path.GetFileName(relative), File.ReadAllBytes(SharedData.Path(relative)));

    public static SpectralSeries Shared(string relative) => SeriesReading.Read(Load(relative));

    public static SpectralSeries Csv(string content, ReadingOptions? options = null) =>
        SeriesReading.Read(new NamedContent("table.csv", Encoding.UTF8.GetBytes(content)), options);

    public static SpectralSeries Text(string content, ReadingOptions? options = null) =>
        SeriesReading.Read(new NamedContent("columns.txt", Encoding.UTF8.GetBytes(content)), options);

    /// <summary>Ten points: mu = offset + (E - 7100) / 10 from 7100 + shift.</summary>
    public static NamedContent Xdi(string name, string? started, double offset, double shift = 0)
    {
        var text = new StringBuilder("# XDI/1.0\n# Column.1: energy eV\n# Column.2: mutrans\n# Element.symbol: Fe\n# Element.edge: K\n");
        if (started is not null) text.Append("# Scan.start_time: ").Append(started).Append('\n');
        text.Append("# ///\n# a comment\n#----\n# energy mutrans\n");
        for (var point = 0; point < 10; point++)
            text.Append(CultureInfo.InvariantCulture, $"  {7100 + shift + point:0.0###}  {offset + (shift + point) / 10:0.0#######}\n");
        return new NamedContent($"{name}.xdi", Encoding.ASCII.GetBytes(text.ToString()));
    }

    public static NamedContent Zip(params (string Name, byte[] Content)[] entries) => Zip(CompressionLevel.Optimal, entries);

    public static NamedContent Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var stream = zip.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        return new NamedContent("series.zip", memory.ToArray());
    }
}
