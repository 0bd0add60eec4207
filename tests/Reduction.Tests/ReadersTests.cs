using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using PureHDF;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_file_of_columns
{
    [Fact]
    public void Of_the_operando_beamline_gives_the_normalised_column_and_its_start()
    {
        var series = Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/raw/norm_op2_cell4_pos1_dq1_0001_av240_00001.txt");
        Assert.Equal((1, 8060.0, 0.0007013665), (series.Data.Rows, series.Axis.Values[0], series.Data[0, 0]));
        Assert.Equal(new DateTime(2022, 7, 26, 23, 1, 58, 55), Assert.Single(series.Times ?? []));
        Assert.Equal("shifted energy", series.Axis.Name);
        Assert.Empty(series.Warnings);
    }

    [Fact]
    public void Among_others_is_a_series_in_the_order_of_the_clock_and_agrees_with_the_table_of_the_whole()
    {
        var folder = Path.GetDirectoryName(SharedData.Path("xas_operando_LiNiO2_Ni-K_ROCK/raw/norm_op2_cell4_pos1_dq1_0001_av240_00001.txt")) ?? "";
        var series = SeriesReading.ReadPaths([folder]);
        Assert.Equal(6, series.Data.Rows);
        Assert.NotNull(series.Times);
        Assert.Equal(series.Times.Order(), series.Times);
        var whole = Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv");
        var index = File.ReadLines(SharedData.Path("xas_operando_LiNiO2_Ni-K_ROCK/index_pos1.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        foreach (var (row, label) in (series.Labels ?? []).Index())
        {
            var there = index.FindIndex(line => line[1] == label);
            if (there < 0) continue;
            for (var column = 0; column < whole.Data.Columns; column += 50)
            {
                var here = series.Axis.Values.ToList().IndexOf(whole.Axis.Values[column]);
                if (here >= 0) Assert.Equal(whole.Data[there, column], series.Data[row, here], 1e-5);
            }
        }
    }

    [Fact]
    public void With_names_under_a_rule_of_dashes_is_read_by_them()
    {
        var series = Files.Shared("xdi/cu_10k.xmu");
        Assert.Equal((612, 8786.204, 1.013661), (series.Data.Columns, series.Axis.Values[0], series.Data[0, 0]));
        Assert.Equal("energy", series.Axis.Name);
    }

    [Fact]
    public void Without_names_says_what_was_assumed()
    {
        var series = Files.Shared("stxm_Fe2p_ALS_71214078/i0.xsp");
        Assert.Equal((123, 700.0, 901.48397), (series.Data.Columns, series.Axis.Values[0], series.Data[0, 0]));
        Assert.Equal("columns_unnamed", Assert.Single(series.Warnings).Code);
    }

    [Fact]
    public void That_athena_exported_for_many_groups_gives_a_spectrum_per_column()
    {
        var series = Files.Shared("athena/FeLibNov2021.nor");
        Assert.Equal(11, series.Data.Rows);
        Assert.Equal(["Magnetite", "Maghemite", "Goethite"], series.Labels?.Take(3));
        Assert.Equal((7090.0, 0.0031976961), (series.Axis.Values[0], series.Data[0, 0]));
        Assert.Equal(("energy", "eV"), (series.Axis.Name, series.Axis.Unit));
    }

    [Theory]
    [InlineData("# energy (eV)\tmu\n7100\t1\n7101\t2\n")]
    [InlineData("# energy (eV), mu\n7100, 1\n7101, 2\n")]
    [InlineData("# energy (eV)  mu\n#-----\n  7100,0  1,0\n  7101,0  2,0\n")]
    [InlineData("# i0  energy(eV)  mu\n 5 7100 1\n 5 7101 2\n")]
    [InlineData("energy(eV) mu\n7100 1\n7101 2\n")]
    [InlineData("# energy (eV);mu;sigma\n7100,0;1;0,1\n7101;2;0,1\n")]
    [InlineData("# energy(eV) mu\n7101 2\n7100 1\n")]
    public void May_be_separated_in_any_way(string content)
    {
        var series = Files.Text(content);
        Assert.Equal([7100, 7101], series.Axis.Values);
        Assert.Equal([1, 2], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal("eV", series.Axis.Unit);
    }

    [Fact]
    public void Gives_the_column_that_is_asked_for_or_every_one()
    {
        const string content = "# energy i0 a b\n7100 1 2 3\n7101 4 5 6\n";
        Assert.Equal("columns_signal_missing", Assert.Throws<SeriesFormatException>(() => Files.Text(content)).Code);
        Assert.Equal([3, 6], Files.Text(content, new ReadingOptions { Signal = "b" }).Data.ToMatrix().Values.ToArray());
        Assert.Equal(["i0", "a", "b"], Files.Text(content, new ReadingOptions { Signal = "*" }).Labels);
    }

    [Fact]
    public void Whose_unread_column_is_damaged_is_read_and_says_so()
    {
        var series = Files.Text("# energy mu i0\n7100 1 nan\n7101 2 3\n");
        Assert.Equal("column_not_finite", Assert.Single(series.Warnings).Code);
    }

    [Theory]
    [InlineData("columns_ragged", "# energy mu\n7100 1\n7101\n")]
    [InlineData("not_a_number", "# energy mu\n7100 1\n7101 x\n")]
    [InlineData("not_finite", "# energy mu\n7100 1\n7101 inf\n")]
    [InlineData("axis_not_monotonic", "# energy mu\n7100 1\n7100 2\n")]
    [InlineData("columns_signal_counts", "# energy i0 it\n7100 1 1\n7101 2 0\n")]
    public void That_is_broken_is_refused_with_a_code(string code, string content) =>
        Assert.Equal(code, Assert.Throws<SeriesFormatException>(() => Files.Text(content)).Code);

    [Fact]
    public void That_may_have_been_cut_says_so() =>
        Assert.Equal("text_end_open", Assert.Single(Files.Text("# energy mu\n7100 1\n7101 2").Warnings).Code);
}

[Trait("engine", "any")]
public sealed class A_powder_pattern
{
    private const string Chi = "pattern_0001.tif\n2-Theta Angle (Degrees)\nIntensity\n  3\n 1.0E+00 5.0\n 1.1E+00 6.0\n 1.2E+00 7.0\n";

    [Fact]
    public void Of_fit2d_is_read_by_its_header()
    {
        var series = Files.Text(Chi);
        Assert.Equal(("2-Theta Angle", "Degrees", "FIT2D chi"), (series.Axis.Name, series.Axis.Unit, series.Format));
        Assert.Equal([5, 6, 7], series.Data.ToMatrix().Values.ToArray());
    }

    [Fact]
    public void With_fewer_points_than_declared_is_refused() =>
        Assert.Equal("chi_points", Assert.Throws<SeriesFormatException>(() => Files.Text(Chi[..^14])).Code);

    [Fact]
    public void With_uncertainties_leaves_them_out_and_says_so()
    {
        var series = Files.Text("1.0 5 0.1\n1.1 6 0.1\n1.2 7 0.1\n");
        Assert.Equal([5, 6, 7], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal(["columns_unnamed", "columns_uncertainty_left_out"], series.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public void Series_over_temperature_is_read_with_channel_numbers()
    {
        var series = Files.Shared("xrd_BaTiO3_Tramp/intensity.csv");
        Assert.Equal((60, 3488), (series.Data.Rows, series.Data.Columns));
        Assert.Equal("csv_index_axis", Assert.Single(series.Warnings).Code);
    }
}

[Trait("engine", "any")]
public sealed class Channel_counts
{
    [Fact]
    public void Of_a_folder_are_a_series_in_the_order_of_the_temperatures()
    {
        var folder = Path.GetDirectoryName(SharedData.Path("moessbauer_2L_Fh/raw/5.0K.dat")) ?? "";
        var series = SeriesReading.ReadPaths([folder]);
        Assert.Equal((136, 1023), (series.Data.Rows, series.Data.Columns));
        Assert.Equal(["5.0K.dat", "6.0K.dat"], series.Labels?.Take(2));
        Assert.Equal(File.ReadLines(SharedData.Path("moessbauer_2L_Fh/temperature_K.csv")), series.Labels?.Select(label => label[..^5]));
        var table = Files.Shared("moessbauer_2L_Fh/counts_unfolded.csv");
        for (var row = 0; row < 136; row += 15) Assert.Equal(table.Data.Row(row)[1..].ToArray(), series.Data.Row(row)[1..].ToArray());
        Assert.True(series.Warnings.Count < 30);
    }

    [Fact]
    public void Of_the_velocity_calibration_are_one_spectrum()
    {
        var series = Files.Shared("moessbauer_2L_Fh/velocity_calibration_250624_v12.dat");
        Assert.Equal((1, 1023, "channel"), (series.Data.Rows, series.Data.Columns, series.Axis.Name));
        Assert.Equal(85522.4, series.Data.ToMatrix().Values.ToArray().Average(), 0.1);
    }

    [Fact]
    public void Of_different_lengths_are_refused()
    {
        NamedContent Counts(int length) => new($"{length}.dat", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(100, length).Select(count =>
            string.Create(CultureInfo.InvariantCulture, $"{count}\r\n")))));
        Assert.Equal("channels_differ", Assert.Throws<SeriesFormatException>(() => SeriesReading.Read([Counts(32), Counts(33)])).Code);
    }
}

[Trait("engine", "any")]
public sealed class An_athena_project
{
    [Theory]
    [InlineData("cyanobacteria.prj", 17, "0.12", 11719.55254372)]
    [InlineData("FeXAFS_Glasses.prj", 8, "fe_wb3.001", 7011.530838)]
    public void Is_a_series_of_its_groups_on_common_energies(string name, int groups, string first, double lowest)
    {
        var series = Files.Shared($"athena/{name}");
        Assert.Equal((groups, first), (series.Data.Rows, series.Labels?[0]));
        Assert.True(series.Axis.Values[0] >= lowest);
        Assert.Contains(series.Warnings, warning => warning.Code == "axis_interpolated");
        Assert.Equal("eV", series.Axis.Unit);
    }

    [Fact]
    public void Gives_the_measured_values_where_nothing_had_to_be_moved()
    {
        var series = SeriesReading.Read(MadeFile.Project(shift: 0));
        Assert.Equal([7100, 7101, 7102], series.Axis.Values);
        Assert.Equal([1, 2, 3, 4, 5, 6], series.Data.ToMatrix().Values.ToArray());
        Assert.Equal(["it's one", "two"], series.Labels);
        Assert.Empty(series.Warnings);
        var moved = SeriesReading.Read(MadeFile.Project(shift: 0.5));
        Assert.Equal(7100.5, moved.Axis.Values[0]);
        Assert.Contains(moved.Warnings, warning => warning.Code == "prj_energy_shifted");
    }
}

[Trait("engine", "any")]
public sealed class An_electrochemistry_log
{
    private const string Mpt = "xas_operando_LiNiO2_Ni-K_ROCK/echem/220726cell4operandoxascontinuation_C06.mpt";

    [Fact]
    public void Of_biologic_is_read_with_its_clock()
    {
        var log = BiologicMptReader.Read(Files.Load(Mpt));
        Assert.Equal(new DateTime(2022, 7, 28, 13, 31, 45, 341), log.Started);
        Assert.Equal(log.Seconds.Count, log.Volts.Count);
        Assert.Equal(log.Seconds.Count, log.Milliamperes.Count);
        Assert.Equal(log.Seconds.Count, log.MilliampereHours.Count);
        Assert.Equal((0.0, 3.7516155), (log.Seconds[0], log.Volts[0]));
        Assert.Equal(0.07631413635217674, log.Milliamperes[5], 1e-15);
    }

    [Fact]
    public void Of_the_same_columns_as_a_table_is_read_too()
    {
        var log = BiologicMptReader.Read(Files.Load("xas_operando_LiNiO2_Ni-K_ROCK/echem/220726cell4operandoxas_C06_thin.csv"));
        Assert.Equal(new DateTime(2022, 7, 26, 22, 38, 30, 190), log.Started);
        Assert.Equal((3167, 3.4912014), (log.Seconds.Count, log.Volts[0]));
    }

    [Fact]
    public void Is_no_series_of_spectra_and_says_what_it_is()
    {
        var exception = Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(MadeFile.Mpt()));
        Assert.Equal("electrochemistry", exception.Code);
        Assert.Contains("clock", exception.Message, StringComparison.Ordinal);
        Assert.Equal(("BioLogic electrochemistry", 3), (SeriesReading.Inspect([MadeFile.Mpt()]).Format, SeriesReading.Inspect([MadeFile.Mpt()]).Spectra));
    }

    [Theory]
    [InlineData("mpt_header", "Nb header lines : 5", "Nb header lines : 500")]
    [InlineData("mpt_column_missing", "Ewe/V", "U/V")]
    [InlineData("not_a_number", "3,75", "x,75")]
    [InlineData("not_finite", "3,75", "NaN")]
    [InlineData("mpt_time_falls", "2,0E+000", "0,5E+000")]
    public void That_is_broken_is_refused_with_a_code(string code, string sound, string broken)
    {
        var text = Encoding.Latin1.GetString(MadeFile.Mpt().Bytes.Span).Replace(sound, broken, StringComparison.Ordinal);
        Assert.Equal(code, Assert.Throws<SeriesFormatException>(() => BiologicMptReader.Read(new NamedContent("x.mpt",
            Encoding.Latin1.GetBytes(text)))).Code);
    }
}

[Trait("engine", "any")]
public sealed class An_stxm_stack
{
    private const string Folder = "stxm_Fe2p_ALS_71214078/71214078";

    [Fact]
    public void Of_which_some_images_are_there_keeps_their_energies_and_says_so()
    {
        var series = SeriesReading.Read([Files.Load(Folder + ".hdr"), Files.Load(Folder + "_a060.xim"), Files.Load(Folder + "_a000.xim")]);
        Assert.Equal((15625, 2), (series.Data.Rows, series.Data.Columns));
        Assert.Equal(new MapShape(125, 125), series.MapShape);
        Assert.Equal(("energy", "eV", 700.0, 353.0), (series.Axis.Name, series.Axis.Unit, series.Axis.Values[0], series.Data[0, 0]));
        Assert.Equal("stxm_images_fewer", Assert.Single(series.Warnings).Code);
    }

    [Fact]
    public void R8_Gives_the_optical_density_of_the_check()
    {
        var series = Files.Shared(Folder + "_nxdata.h5");
        Assert.Equal((15625, 123, new MapShape(125, 125)), (series.Data.Rows, series.Data.Columns, series.MapShape));
        var incident = Files.Shared("stxm_Fe2p_ALS_71214078/i0.xsp");
        Assert.Equal(incident.Axis.Values, series.Axis.Values);
        var density = new double[series.Data.ToMatrix().Values.Length];
        for (var index = 0; index < density.Length; index++) density[index] = -Math.Log(series.Data.ToMatrix().Values[index] / incident.Data[0, index % 123]);
        Assert.Equal(1.074425, density.Average(), 1e-6);
        Assert.Equal((0.755845, 3.60119), (Math.Round(density.Min(), 6), Math.Round(density.Max(), 5)));
    }

    [Fact]
    public void Is_the_same_in_both_formats_but_for_the_alignment()
    {
        var nexus = Files.Shared(Folder + "_nxdata.h5");
        var native = SeriesReading.Read([Files.Load(Folder + ".hdr"), Files.Load(Folder + "_a000.xim")]);
        Assert.Equal(nexus.MapShape, native.MapShape);
        Assert.Equal(nexus.Axis.Values[0], native.Axis.Values[0]);
    }

    [Fact]
    public void Beside_its_conversion_must_be_named()
    {
        var folder = Path.GetDirectoryName(SharedData.Path(Folder + ".hdr")) ?? "";
        Assert.Equal("several_formats", Assert.Throws<SeriesFormatException>(() => SeriesReading.ReadPaths([folder])).Code);
    }

    [Fact]
    public void Whose_pixels_are_numbered_row_by_row()
    {
        var series = SeriesReading.Read(MadeFile.Stxm());
        Assert.Equal(new MapShape(2, 3), series.MapShape);
        Assert.Equal([0, 1, 2, 10, 11, 12], series.Data.Column(0));
        Assert.Equal([100, 101, 102, 110, 111, 112], series.Data.Column(1));
        Assert.Empty(series.Warnings);
    }
}

[Trait("engine", "any")]
public sealed class A_nexus_file
{
    [Fact]
    public void Is_followed_by_its_default_attributes()
    {
        var series = SeriesReading.Read(MadeFile.Nexus());
        Assert.Equal((4, 6), (series.Data.Rows, series.Data.Columns));
        Assert.Equal(("energy", "eV"), (series.Axis.Name, series.Axis.Unit));
        Assert.Equal(MadeFile.Table.Values, series.Data.ToMatrix().Values);
        Assert.Equal(["0", "60", "120", "180"], series.Labels);
        Assert.Empty(series.Warnings);
    }

    [Fact]
    public void May_hold_channels_first_and_any_kind_of_numbers()
    {
        var turned = MadeFile.Table.Transpose();
        object[] kinds = [.. MadeFile.Cast(turned.Values.ToArray())];
        foreach (var numbers in kinds)
        {
            var series = SeriesReading.Read(MadeFile.Nexus(numbers, [6, 4], ["energy", "time"]));
            Assert.Equal(MadeFile.Table.Values, series.Data.ToMatrix().Values);
        }
    }

    [Fact]
    public void With_two_plots_must_be_told_which()
    {
        var file = new H5File { ["a"] = MadeFile.Plot(MadeFile.Table.Values.ToArray(), [4, 6], ["time", "energy"]),
            ["b"] = MadeFile.Plot(MadeFile.Table.Values.ToArray(), [4, 6], ["time", "energy"]) };
        var content = MadeFile.Hdf5(file);
        Assert.Equal("hdf5_variable_ambiguous", Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(content)).Code);
        Assert.Equal(4, SeriesReading.Read(content, new ReadingOptions { Variable = "b" }).Data.Rows);
        Assert.Equal(4, SeriesReading.Read(content, new ReadingOptions { Variable = "/a/counts" }).Data.Rows);
        Assert.Equal("hdf5_variable_missing", Assert.Throws<SeriesFormatException>(() =>
            SeriesReading.Read(content, new ReadingOptions { Variable = "c" })).Code);
        Assert.Contains("/a (NXdata)", SeriesReading.Inspect([content]).Contents);
    }

    [Fact]
    public void Of_the_older_kind_marks_its_signal_by_a_number()
    {
        var group = new H5Group
        {
            ["counts"] = new H5Dataset(MadeFile.Table.Values.ToArray(), fileDims: [4, 6]) { Attributes = new() { ["signal"] = 1,
                ["axes"] = "time:energy" } },
            ["energy"] = new H5Dataset(MadeFile.Energies) { Attributes = new() { ["units"] = "eV" } },
            Attributes = new() { ["NX_class"] = "NXdata" },
        };
        var series = SeriesReading.Read(MadeFile.Hdf5(new H5File { ["data"] = group }));
        Assert.Equal(MadeFile.Energies, series.Axis.Values);
    }

    [Fact]
    public void That_is_only_a_table_is_read_and_says_so()
    {
        var series = SeriesReading.Read(MadeFile.Hdf5(new H5File { ["table"] = new H5Dataset(MadeFile.Table.Values.ToArray(), fileDims: [4, 6]) }));
        Assert.Equal(["hdf5_no_nxdata", "hdf5_no_axis"], series.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public void Of_an_image_stack_remembers_the_image()
    {
        var values = Enumerable.Range(0, 24).Select(value => (double)value).ToArray();
        var series = SeriesReading.Read(MadeFile.Nexus(values, [4, 2, 3], ["energy", "sample_y", "sample_x"], [1, 2, 3, 4]));
        Assert.Equal((6, 4, new MapShape(2, 3)), (series.Data.Rows, series.Data.Columns, series.MapShape));
        Assert.Equal([1, 7, 13, 19], series.Data.Row(1).ToArray());
    }
}

[Trait("engine", "any")]
public sealed class A_numpy_array
{
    [Fact]
    public void Of_two_dimensions_is_a_series_on_the_axis_beside_it()
    {
        var series = SeriesReading.Read([Files.Load("synthetic_xanes/syn_s.D.npy"), Files.Load("synthetic_xanes/syn_s.axis.npy")]);
        Assert.Equal((200, 1000), (series.Data.Rows, series.Data.Columns));
        Assert.Equal(SharedData.SynD.Values, series.Data.ToMatrix().Values);
        Assert.Equal("axis", series.Axis.Name);
        Assert.Empty(series.Warnings);
        Assert.Equal("npy_no_axis", Assert.Single(Files.Shared("synthetic_xanes/syn_s.D.npy").Warnings).Code);
    }

    [Theory]
    [InlineData("<f8")]
    [InlineData(">f8")]
    [InlineData("<f4")]
    [InlineData(">f4")]
    [InlineData("<i2")]
    [InlineData(">i4")]
    [InlineData("<u8")]
    [InlineData("|i1")]
    public void May_have_any_kind_of_numbers_in_any_order_of_memory(string type)
    {
        foreach (var fortran in new[] { false, true })
            for (var version = 1; version <= 3; version++)
                Assert.Equal(MadeFile.Table.Values, SeriesReading.Read(MadeFile.Npy(type, fortran, [4, 6], MadeFile.Table.Values, version)).Data.ToMatrix().Values);
    }

    [Fact]
    public void Of_three_dimensions_is_an_image_stack_in_either_order_of_memory()
    {
        var values = Enumerable.Range(0, 24).Select(value => (double)value).ToArray();
        var series = SeriesReading.Read(MadeFile.Npy("<f8", false, [2, 3, 4], values));
        Assert.Equal((6, 4, new MapShape(2, 3)), (series.Data.Rows, series.Data.Columns, series.MapShape));
        Assert.Equal([4, 5, 6, 7], series.Data.Row(1).ToArray());
        Assert.Equal(series.Data.ToMatrix().Values, SeriesReading.Read(MadeFile.Npy("<f8", true, [2, 3, 4], values)).Data.ToMatrix().Values);
        var first = SeriesReading.Read([MadeFile.Npy("<f8", false, [4, 2, 3], values), MadeFile.Npy("<f8", false, [4], [1, 2, 3, 4])]);
        Assert.Equal([1, 7, 13, 19], first.Data.Row(1).ToArray());
    }

    [Fact]
    public void That_was_written_is_read_again()
    {
        using var memory = new MemoryStream();
        NpyFormat.Write(memory, MadeFile.Table);
        Assert.Equal(0, NpyFormat.ParseHeader(memory.ToArray()).DataOffset % 64);
        Assert.Equal(MadeFile.Table.Values, SeriesReading.Read(new NamedContent("a.npy", memory.ToArray())).Data.ToMatrix().Values);
        memory.SetLength(0);
        NpyFormat.Write(memory, [1.0, 2, 3]);
        var header = NpyFormat.ParseHeader(memory.ToArray());
        Assert.Equal([3], header.Shape);
        Assert.Equal([1, 2, 3], NpyFormat.ReadValues(header, memory.ToArray()));
    }

    [Theory]
    [InlineData("npy_length", "(4, 7)")]
    [InlineData("npy_empty", "(0, 6)")]
    [InlineData("npy_dimensions", "(2, 2, 3, 2)")]
    [InlineData("too_many_values", "(999999, 999999)")]
    [InlineData("too_many_spectra", "(9223372036854775807, 1)")]
    [InlineData("npy_header", "(4, -6)")]
    [InlineData("npy_header", "4, 6")]
    public void With_a_false_shape_is_refused_with_a_code(string code, string shape) =>
        Assert.Equal(code, Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(MadeFile.Npy("<f8", false, shape, MadeFile.Table.Values))).Code);

    [Fact]
    public void Of_objects_is_refused() =>
        Assert.Equal("npy_type", Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(MadeFile.Npy("|O8", false, "(4, 6)",
            MadeFile.Table.Values))).Code);
}

[Trait("engine", "any")]
public sealed class A_matlab_file
{
    [Fact]
    public void Of_jaumot_holds_the_published_runs_by_name()
    {
        var file = Files.Load("jaumot2005/als2004dataset.MAT");
        var exception = Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(file));
        Assert.Equal("mat_variable_ambiguous", exception.Code);
        Assert.Contains("m1 (51 x 96)", exception.Message, StringComparison.Ordinal);
        Assert.Equal(SharedData.M1.Values, SeriesReading.Read(file, new ReadingOptions { Variable = "m1" }).Data.ToMatrix().Values);
        Assert.Equal(SharedData.FourRuns.Values, SeriesReading.Read(file, new ReadingOptions { Variable = "matrix" }).Data.ToMatrix().Values);
        Assert.Contains("m1 (51 x 96)", SeriesReading.Inspect([file]).Contents);
    }

    [Fact]
    public void That_was_written_is_read_again_with_its_axis()
    {
        var content = MadeFile.Mat(("D", MadeFile.Table), ("energy", new Matrix(1, 6, [.. MadeFile.Energies])), ("note", new Matrix(1, 1, [3])));
        var series = SeriesReading.Read(content);
        Assert.Equal(MadeFile.Table.Values, series.Data.ToMatrix().Values);
        Assert.Equal(MadeFile.Energies, series.Axis.Values);
        Assert.Equal("mat_axis_by_name", Assert.Single(series.Warnings).Code);
    }

    [Fact]
    public void Whose_packed_element_asks_for_a_dictionary_is_refused()
    {
        var bytes = MadeFile.MatByHand(bigEndian: false, packed: true).Bytes.ToArray();
        // 0x78 0xBB: a zlib stream with a preset dictionary.
        bytes[137] = 0xBB;
        Assert.Equal("mat_damaged", Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(new NamedContent("d.mat", bytes))).Code);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void May_be_packed_and_of_either_order_of_bytes(bool bigEndian, bool packed) =>
        Assert.Equal(MadeFile.Table.Values, SeriesReading.Read(MadeFile.MatByHand(bigEndian, packed)).Data.ToMatrix().Values);
}

[Trait("engine", "any")]
public sealed class A_packed_series
{
    [Fact]
    public void In_a_tar_or_a_packed_tar_is_read_as_from_a_zip()
    {
        foreach (var packed in new[] { false, true })
        {
            var series = SeriesReading.Read(MadeFile.Tar(packed, ("../../etc/b.xdi", Files.Xdi("b", "2020-01-02", 2)), ("run/a.xdi", Files.Xdi("a",
                "2020-01-01", 1))));
            Assert.Equal(["a.xdi", "b.xdi"], series.Labels);
        }
    }

    [Fact]
    public void Of_a_single_packed_file_is_read() =>
        Assert.Equal("CSV matrix", SeriesReading.Read(MadeFile.Gzip("a.csv.gz", Encoding.ASCII.GetBytes("1,2,3\n4,5,6\n"))).Format);

    [Fact]
    public void That_is_cut_is_refused_wherever_it_is_cut()
    {
        NamedContent[] archives = [MadeFile.Tar(false, ("a.xdi", Files.Xdi("a", "2020-01-01", 1))), MadeFile.Tar(true, ("a.xdi", Files.Xdi("a", "2020-01-01",
            1))),
            Files.Zip(("a.xdi", Files.Xdi("a", "2020-01-01", 1).Bytes.ToArray())), MadeFile.Gzip("a.csv.gz", Encoding.ASCII.GetBytes("1,2,3\n4,5,6\n"))];
        foreach (var archive in archives)
            for (var length = 0; length < archive.Bytes.Length - 512; length += 1 + archive.Bytes.Length / 97)
                Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(archive with { Bytes = archive.Bytes[..length] }));
    }

    [Fact]
    public void That_is_a_bomb_is_refused_before_it_unfolds()
    {
        var bomb = MadeFile.Gzip("bomb.gz", new byte[40_000_000]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("archive_expansion", Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(bomb)).Code);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }
}

[Trait("engine", "any")]
public sealed class A_path
{
    [Fact]
    public void To_nowhere_is_refused_with_a_code() =>
        Assert.Equal("file_missing", Assert.Throws<SeriesFormatException>(() => SeriesReading.ReadPaths(["/nowhere/at/all"])).Code);

    [Fact]
    public void To_a_folder_gives_its_files_in_their_natural_order()
    {
        var folder = Directory.CreateTempSubdirectory("tutti-readers");
        try
        {
            foreach (var number in new[] { 10, 9, 1 })
                File.WriteAllText(Path.Combine(folder.FullName, $"scan_{number}.txt"), $"# energy mu\n1 {number}\n2 {number}\n");
            var series = SeriesReading.ReadPaths([folder.FullName]);
            Assert.Equal([1, 9, 10], series.Data.Column(0));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

/// <summary>Small sound files of every format, made here.</summary>
internal static class MadeFile
{
    public static double[] Energies => [7100, 7101, 7102.5, 7103, 7104, 7110];

    public static Matrix Table { get; } = new(4, 6, [.. Enumerable.Range(1, 24).Select(value => (double)value)]);

    public static NamedContent Project(double shift)
    {
        var text = new StringBuilder("# Athena project file -- Demeter version 0.9.25\n# This file created at 2020-01-01T00:00:00\n\n");
        foreach (var (name, label, values) in new[] { ("abcd", @"it\'s one", "'1','2','3'"), ("efgh", "two", "'4','5','6'") })
            text.Append(CultureInfo.InvariantCulture,
                $"$old_group = '{name}';\n@args = ('label','{label}','npts',3,'titles',['a','b'],'bkg_eshift','{shift}','bkg_z','Fe');\n@x = ('7100','7101','7102');\n@y = ({values});\n[record]   # create object\n\n");
        return Gzip("project.prj", Encoding.ASCII.GetBytes(text.Append("1;\n\n# End:\n").ToString()));
    }

    public static NamedContent Mpt() => new("log.mpt", Encoding.Latin1.GetBytes(
        "EC-Lab ASCII FILE\r\nNb header lines : 5\r\nElectrode surface area : 1,000 cm²\r\nAcquisition started on : 07/28/2022 13:31:45.341\r\n"
        + "mode\ttime/s\tEwe/V\t<I>/mA\t(Q-Qo)/mA.h\t\r\n3\t0,0E+000\t3,75\t0,1\t0,0\r\n3\t1,0E+000\t3,76\t0,1\t1,5E-003\r\n3\t2,0E+000\t3,77\t0,1\t3,0E-003\r\n"));

    public static NamedContent[] Stxm() =>
    [
        new("s.hdr", Encoding.ASCII.GetBytes("""
            ScanDefinition = { Label = "s.hdr"; Type = "NEXAFS Image Scan"; Flags = "Image Stack"; Dwell = 1;
            Regions = (1,
            { PAxis = { Name = "Sample X"; Unit = "um"; Points = (3, 0, 1, 2); };
            QAxis = { Name = "Sample Y"; Unit = "um"; Points = (2, 0, 1); }; });
            StackAxis = { Name = "Energy"; Unit = "eV"; Points = (2, 700.000, 701.000); };
            };

            """)),
        new("s_a000.xim", "0\t1\t2\n10\t11\t12\n"u8.ToArray()),
        new("s_a001.xim", "100\t101\t102\n110\t111\t112\n"u8.ToArray()),
    ];

    public static H5Group Plot(object numbers, ulong[] shape, string[] axes, double[]? energies = null)
    {
        var group = new H5Group
        {
            ["counts"] = numbers switch
            {
                double[] values => new H5Dataset(values, fileDims: shape),
                float[] values => new H5Dataset(values, fileDims: shape),
                int[] values => new H5Dataset(values, fileDims: shape),
                ushort[] values => new H5Dataset(values, fileDims: shape),
                sbyte[] values => new H5Dataset(values, fileDims: shape),
                ulong[] values => new H5Dataset(values, fileDims: shape),
                _ => throw new ArgumentException("No numbers", nameof(numbers)),
            },
            ["energy"] = new H5Dataset(energies ?? Energies) { Attributes = new() { ["units"] = "eV" } },
            Attributes = new() { ["NX_class"] = "NXdata", ["signal"] = "counts", ["axes"] = axes },
        };
        if (axes.Contains("time")) group["time"] = new H5Dataset(new double[] { 0, 60, 120, 180 }) { Attributes = new() { ["units"] = "s" } };
        return group;
    }

    public static NamedContent Nexus() => Nexus(Table.Values.ToArray(), [4, 6], ["time", "energy"]);

    public static NamedContent Nexus(object numbers, ulong[] shape, string[] axes, double[]? energies = null) => Hdf5(new H5File
    {
        ["entry"] = new H5Group
        {
            ["data"] = Plot(numbers, shape, axes, energies),
            ["other"] = Plot(Table.Values.ToArray(), [4, 6], ["time", "energy"]),
            Attributes = new() { ["NX_class"] = "NXentry", ["default"] = "data" },
        },
        Attributes = new() { ["default"] = "entry" },
    });

    public static NamedContent Hdf5(H5File file)
    {
        using var memory = new MemoryStream();
        file.Write(memory);
        return new NamedContent("made.h5", memory.ToArray());
    }

    public static object[] Cast(double[] values) =>
        [values, Array.ConvertAll(values, value => (float)value), Array.ConvertAll(values, value => (int)value), Array.ConvertAll(values, value =>
            (ushort)value),
            Array.ConvertAll(values, value => (sbyte)value), Array.ConvertAll(values, value => (ulong)value)];

    public static NamedContent Npy(string type, bool fortran, int[] shape, ReadOnlySpan<double> values, int version = 1)
    {
        var ordered = values.ToArray();
        if (fortran)
            for (var index = 0; index < ordered.Length; index++)
            {
                // The place of value number index (last index fastest) where the first index is fastest.
                var (rest, place, step) = (index, 0, values.Length);
                for (var dimension = shape.Length - 1; dimension >= 0; dimension--)
                {
                    step /= shape[dimension];
                    place += rest % shape[dimension] * step;
                    rest /= shape[dimension];
                }
                ordered[place] = values[index];
            }
        return Npy(type, fortran, $"({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")})", ordered, version);
    }

    public static NamedContent Npy(string type, bool fortran, string shape, ReadOnlySpan<double> values, int version = 1)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        var header = $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}".PadRight(116) + "\n";
        writer.Write([0x93, .. "NUMPY"u8, (byte)version, 0]);
        if (version == 1) writer.Write((ushort)header.Length);
        else writer.Write(header.Length);
        writer.Write(Encoding.ASCII.GetBytes(header));
        foreach (var value in values)
        {
            byte[] bytes = type[1..] switch
            {
                "f4" => BitConverter.GetBytes((float)value),
                "i2" => BitConverter.GetBytes((short)value),
                "i4" => BitConverter.GetBytes((int)value),
                "u8" => BitConverter.GetBytes((ulong)value),
                "i1" => [(byte)(sbyte)value],
                _ => BitConverter.GetBytes(value),
            };
            if (type[0] == '>') Array.Reverse(bytes);
            writer.Write(bytes);
        }
        return new NamedContent("made.npy", memory.ToArray());
    }

    public static NamedContent Mat(params (string Name, Matrix Matrix)[] matrices)
    {
        using var memory = new MemoryStream();
        var mat = new Results.MatV5Writer(memory, "made by a test");
        foreach (var (name, matrix) in matrices) mat.Write(name, matrix.Rows, matrix.Columns, matrix.Values);
        return new NamedContent("made.mat", memory.ToArray());
    }

    /// <summary>The table as "D", stored as bytes under the class double, beside a text.</summary>
    public static NamedContent MatByHand(bool bigEndian, bool packed)
    {
        byte[] Word(uint value) => bigEndian ? [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8),
            (byte)value] : BitConverter.GetBytes(value);
        byte[] Element(uint type, byte[] content) => [.. Word(type), .. Word((uint)content.Length), .. content,
            .. new byte[(8 - content.Length % 8) % 8]];
        byte[] Small(ushort type, byte[] content) => [.. Word((uint)(content.Length << 16) | type), .. content, .. new byte[4 - content.Length]];
        byte[] Matrix(uint kind, uint rows, uint columns, string name, byte[] content) => Element(14,
            [.. Element(6, [.. Word(kind), .. Word(0)]), .. Element(5, [.. Word(rows), .. Word(columns)]), .. Small(1, Encoding.ASCII.GetBytes(name)),
                .. content]);

        byte[] text = Matrix(4, 1, 2, "t", Small(4, "hihi"u8.ToArray()));
        byte[] table = Matrix(6, 4, 6, "D", Element(2, [.. Table.Transpose().Values.ToArray().Select(value => (byte)value)]));
        using var memory = new MemoryStream();
        memory.Write([.. Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file".PadRight(124)), .. bigEndian ? new byte[] { 1, 0 } : [0, 1],
            .. bigEndian ? "MI"u8 : "IM"u8]);
        foreach (var element in new[] { text, table })
        {
            if (!packed)
            {
                memory.Write(element);
                continue;
            }
            using var small = new MemoryStream();
            using (var packing = new ZLibStream(small, CompressionLevel.Optimal, leaveOpen: true)) packing.Write(element);
            memory.Write([.. Word(15), .. Word((uint)small.Length)]);
            memory.Write(small.ToArray());
        }
        return new NamedContent("hand.mat", memory.ToArray());
    }

    public static NamedContent Gzip(string name, byte[] content)
    {
        using var memory = new MemoryStream();
        using (var packing = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true)) packing.Write(content);
        return new NamedContent(name, memory.ToArray());
    }

    public static NamedContent Tar(bool packed, params (string Name, NamedContent Content)[] entries)
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var data = new MemoryStream(content.Bytes.ToArray());
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data });
            }
        return packed ? Gzip("series.tar.gz", memory.ToArray()) : new NamedContent("series.tar", memory.ToArray());
    }
}
