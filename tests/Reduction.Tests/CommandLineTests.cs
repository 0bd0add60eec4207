using System.Globalization;
using System.Text.Json;
using Tutti.Reduction.CommandLine;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;
using Tutti.Testing;

namespace Tutti.Reduction.Tests;

/// <summary>The command line as its user has it: words in, files, lines and an exit code out.</summary>
internal sealed class CommandLineRun : IDisposable
{
    private readonly TemporaryFolder folder = new("command-line");

    public CommandLineRun()
    {
        Series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 60, Channels: 80, Components: 3, Seed: 7));
        Npy = Write("series.npy", Series.Data);
        Csv = Path.Combine(folder.Path, "series.csv");
        File.WriteAllLines(Csv, [
            "energy," + string.Join(',', Enumerable.Range(0, Series.Data.Rows).Select(row => $"s{row}")),
            .. Enumerable.Range(0, Series.Data.Columns).Select(channel => string.Create(CultureInfo.InvariantCulture,
                $"{8300 + channel / 2.0},{string.Join(',', Series.Data.Column(channel).Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}"))]);
    }

    public SyntheticSeries Series { get; }

    public string Npy { get; }

    public string Csv { get; }

    public string Output => PathOf("out");

    public string PathOf(string name) => Path.Combine(folder.Path, name);

    public string Write(string name, Matrix matrix)
    {
        using var file = File.Create(PathOf(name));
        NpyFormat.Write(file, matrix);
        return PathOf(name);
    }

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    public static async Task<(int Code, string Out, string Error)> RunAsync(string[] args, CancellationToken cancel = default)
    {
        using StringWriter output = new(), error = new();
        var code = await TuttiCommand.RunAsync(args, output, error, cancel);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Reduces without plots and gives back <c>result.json</c>.</summary>
    public async Task<JsonElement> ReduceAsync(string input, params string[] options)
    {
        var (code, _, error) = await RunAsync(["reduce", input, "--output", Output, "--no-plots", "--quiet", .. options]);
        Assert.True(code == 0, error);
        Assert.Equal("", error);
        return Result();
    }

    public JsonElement Result() => JsonElement.Parse(File.ReadAllText(Path.Combine(Output, "result.json")));

    public Matrix Matrix(string name) => SeriesReading.ReadPaths([Path.Combine(Output, name)]).Data.ToMatrix();

    public void Dispose() => folder.Dispose();
}

[Trait("engine", "any")]
public sealed class A_reduction_on_the_command_line : IDisposable
{
    private readonly CommandLineRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Leaves_everything_that_was_found_in_the_folder()
    {
        var (code, said, error) = await CommandLineRun.RunAsync(["reduce", run.Npy, "--components", "3", "--output", run.Output]);
        Assert.Equal(0, code);
        Assert.Contains("principal components", error, StringComparison.Ordinal);
        Assert.Contains("components:      3", said, StringComparison.Ordinal);
        var result = run.Result();
        var iterations = result.GetProperty("iterations").GetInt32();
        Assert.Equal(iterations, result.GetProperty("lofPercent").GetArrayLength());
        Assert.Equal("converged", result.GetProperty("stopReason").GetString());
        Assert.True(result.GetProperty("singularValues").GetArrayLength() >= 3);
        Assert.InRange(result.GetProperty("r2Percent").GetDouble(), 99, 100);
        Assert.True(result.GetProperty("peakBytes").GetInt64() > 1 << 20);
        var timings = result.GetProperty("timings");
        Assert.Equal(iterations, timings.GetProperty("iterations").GetArrayLength());
        Assert.Equal(["read", "prepare", "rank", "resolution", "output"], timings.GetProperty("phases").EnumerateArray().Select(phase => phase.GetProperty("phase").GetString()));
        Assert.All(timings.GetProperty("phases").EnumerateArray(), phase => Assert.True(phase.GetProperty("wallSeconds").GetDouble() >= 0 && phase.GetProperty("cpuSeconds").GetDouble() >= 0));
        Assert.Equal((60, 3), (run.Matrix("C.npy").Rows, run.Matrix("C.npy").Columns));
        Assert.Equal((3, 80), (run.Matrix("S.npy").Rows, run.Matrix("S.npy").Columns));
        var left = run.Series.Data.Minus(run.Matrix("C.npy").Times(run.Matrix("S.npy"))).FrobeniusNorm();
        Assert.Equal(result.GetProperty("bestLofPercent").GetDouble(), 100 * left / run.Series.Data.FrobeniusNorm(), 1e-9);
        Assert.Contains(Directory.EnumerateFiles(Path.Combine(run.Output, "plots")), file => file.EndsWith(".svg", StringComparison.Ordinal));
        Assert.Contains(Directory.EnumerateFiles(Path.Combine(run.Output, "plots")), file => file.EndsWith(".png", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(run.Output, "result.json.part")));
    }

    [Fact]
    public async Task Takes_the_number_of_components_from_the_verdict_where_it_is_left_open()
    {
        var result = await run.ReduceAsync(run.Csv, "--components", "auto");
        Assert.Equal(3, result.GetProperty("componentCount").GetInt32());
        Assert.True(result.GetProperty("componentsByVerdict").GetBoolean());
        Assert.Equal(2, (await run.ReduceAsync(run.Csv, "-k", "2")).GetProperty("componentCount").GetInt32());
    }

    [Theory]
    [InlineData("nonneg")]
    [InlineData("nonneg-c,nonneg-s")]
    [InlineData("nonneg-c")]
    [InlineData("none")]
    [InlineData("unimodal-c=1.1:0+2")]
    [InlineData("unimodal-s=2")]
    [InlineData("smooth-c=0.1,smooth-s=0.1:1")]
    [InlineData("trilinear", "--row-blocks", "20,20,20")]
    [InlineData("closure=2,unimodal-c", "--unimodality-mode", "2")]
    public async Task Holds_the_constraints_that_its_words_name(string words, params string[] further)
    {
        var result = await run.ReduceAsync(run.Npy, ["-k", "3", "--max-iterations", "30", "--constraints", words, .. further]);
        Assert.True(result.GetProperty("iterations").GetInt32() >= 1);
        var (c, s) = (run.Matrix("C.npy"), run.Matrix("S.npy"));
        if (words is "nonneg" or "nonneg-c" or "nonneg-c,nonneg-s") Assert.All(c.Values.ToArray(), value => Assert.True(value >= 0));
        if (words is "nonneg" or "nonneg-c,nonneg-s") Assert.All(s.Values.ToArray(), value => Assert.True(value >= 0));
        if (words.StartsWith("closure", StringComparison.Ordinal)) SumsTo(2, c);
    }

    [Fact]
    public async Task Closes_every_spectrum_to_the_total()
    {
        await run.ReduceAsync(run.Npy, "-k", "3", "--closure", "1");
        SumsTo(1, run.Matrix("C.npy"));
    }

    [Theory]
    [InlineData("purest-spectra")]
    [InlineData("simplisma", "--noise", "2", "--floor", "0.1")]
    [InlineData("purest-channels")]
    [InlineData("efa")]
    [InlineData("k-means")]
    [InlineData("nndsvd")]
    public async Task Begins_as_it_is_told(string start, params string[] further) =>
        Assert.InRange((await run.ReduceAsync(run.Npy, ["-k", "3", "--start", start, .. further])).GetProperty("bestLofPercent").GetDouble(), 0, 5);

    [Fact]
    public async Task Begins_with_given_spectra_or_concentrations_and_may_be_given_its_own_results()
    {
        var st0 = run.Write("st0.npy", run.Series.TrueS);
        var bySpectra = await run.ReduceAsync(run.Npy, "--st0", st0, "--iterations", "exact", "4");
        var same = McrAls.Resolve(run.Series.Data, new McrStart.Spectra(run.Series.TrueS), new McrOptions { ExactIterations = 4 });
        Assert.Equal(same.LofPercent, bySpectra.GetProperty("lofPercent").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Equal("exactIterations", bySpectra.GetProperty("stopReason").GetString());
        var (spectra, concentrations) = (run.PathOf("spectra.csv"), run.PathOf("concentrations.csv"));
        File.Copy(Path.Combine(run.Output, "spectra.csv"), spectra);
        File.Copy(Path.Combine(run.Output, "concentrations.csv"), concentrations);
        Assert.InRange((await run.ReduceAsync(run.Npy, "--st0", spectra)).GetProperty("iterations").GetInt32(), 1, 500);
        var byC = await run.ReduceAsync(run.Npy, "--c0", concentrations, "--iterations", "exact", "1");
        Assert.Equal(3, byC.GetProperty("componentCount").GetInt32());
        Assert.True(byC.GetProperty("lofPercent")[0].GetDouble() <= bySpectra.GetProperty("lofPercent")[3].GetDouble() * (1 + 1e-9));
    }

    [Fact]
    public async Task Takes_a_first_column_that_falls_for_concentrations_and_not_for_an_axis()
    {
        var c0 = run.Write("c0.csv", string.Join('\n', Enumerable.Range(0, 60).Select(row => string.Create(CultureInfo.InvariantCulture, $"{(60 - row) / 60.0},{row / 60.0},{row % 7}"))));
        Assert.Equal(3, (await run.ReduceAsync(run.Npy, "--c0", c0)).GetProperty("componentCount").GetInt32());
    }

    [Fact]
    public async Task Can_be_done_as_the_MATLAB_program_does_it()
    {
        var result = await run.ReduceAsync(run.Npy, "-k", "3", "--regressor", "ols", "--compress", "3", "--tolerance", "1e-3", "--divergence-limit", "20");
        Assert.Equal(result.GetProperty("iterations").GetInt32(), result.GetProperty("lofReproductionPercent").GetArrayLength());
        Assert.False((await run.ReduceAsync(run.Npy, "-k", "3", "--compress", "off", "--regressor", "nnls")).TryGetProperty("lofReproductionPercent", out var none) && none.ValueKind != JsonValueKind.Null);
    }

    [Fact]
    public async Task J4_Says_that_it_kept_a_better_iterate_than_the_last_one()
    {
        var result = await run.ReduceAsync(SharedData.Path("jaumot2005/m1.csv"), "--st0", SharedData.Path("jaumot2005/spure.csv"), "--regressor", "ols", "--iterations", "exact", "50");
        Assert.Equal(18.298, result.GetProperty("lofPercent")[49].GetDouble(), 1e-3);
        Assert.Equal(7, result.GetProperty("bestIteration").GetInt32());
        Assert.Contains("best_kept", result.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task R3_R4_Finds_edge_energies_and_steps_by_a_recipe()
    {
        var half = run.Write("half.json", """{ "steps": [ { "step": "find-edge", "mark": "half-height" } ], "model": { "components": 3, "exactIterations": 1 } }""");
        var energies = (await run.ReduceAsync(SharedData.Path("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv"), "--recipe", half))
            .GetProperty("preparation")[0].GetProperty("found").GetProperty("e0").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        foreach (var (row, energy) in new[] { (0, 8344.76), (50, 8346.12), (100, 8345.08), (150, 8345.65), (228, 8345.86) }) Assert.Equal(energy, energies[row], 0.01);
        Assert.Equal((0, 55), (energies.IndexOf(energies.Min()), energies.IndexOf(energies.Max())));

        var edge = run.Write("edge.json", """{ "steps": [ { "step": "find-edge" }, { "step": "normalise-edge" } ], "model": { "components": 1 } }""");
        foreach (var (foil, energy, step) in new[] { ("fe2o3_rt", 7126.0, 0.267188), ("ni_metal_rt", 8331.5, 2.560558), ("cu_metal_rt", 8980.5, 2.705055) })
        {
            var file = SharedData.Path($"xdi/{foil}.xdi");
            var found = (await run.ReduceAsync(file, file, "--recipe", edge)).GetProperty("preparation")[1].GetProperty("found");
            Assert.Equal(energy, found.GetProperty("e0")[0].GetDouble(), 0.05);
            Assert.Equal(step, found.GetProperty("edge_step")[0].GetDouble(), 1e-5 * step);
        }
    }

    [Fact]
    public async Task R6_R7_Folds_and_calibrates_by_the_iron_foil_and_warns_that_two_species_in_changing_amounts_do_not_describe_the_series()
    {
        var iron = SharedData.Path("moessbauer_2L_Fh/velocity_calibration_250624_v12.dat");
        var raw = Path.Combine(Path.GetDirectoryName(iron) ?? "", "raw");
        var result = await run.ReduceAsync(raw, "--technique", "moessbauer", "--reference", $"iron={iron}", "-k", "2");
        Assert.Equal(26.7, result.GetProperty("bestLofPercent").GetDouble(), 0.05);
        Assert.Contains("not_bilinear", result.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("code").GetString()));
        var used = result.GetProperty("preparation");
        Assert.Equal(510.68, used[0].GetProperty("used").GetProperty("point").GetDouble(), 0.1);
        Assert.Equal(256.98, used[1].GetProperty("found").GetProperty("zero_channels")[0].GetDouble(), 0.1);
        Assert.Equal(764.39, used[1].GetProperty("found").GetProperty("zero_channels")[1].GetDouble(), 0.1);
        Assert.Equal(0.04698, used[1].GetProperty("found").GetProperty("mm_per_second_per_channel")[0].GetDouble(), 5e-5);
    }

    [Fact]
    public async Task R8_Turns_a_stack_of_images_into_optical_densities_and_back_into_maps()
    {
        var result = await run.ReduceAsync(SharedData.Path("stxm_Fe2p_ALS_71214078/71214078_nxdata.h5"), "--technique", "stxm",
            "--reference", $"i0={SharedData.Path("stxm_Fe2p_ALS_71214078/i0.xsp")}", "-k", "3");
        foreach (var (index, value) in new[] { 1587.002, 77.4486, 19.2833 }.Index()) Assert.Equal(value, result.GetProperty("singularValues")[index].GetDouble(), 1e-6 * value);
        Assert.Equal(2.174586, result.GetProperty("lofPcaPercent").GetDouble(), 1e-6);
    }

    [Fact]
    public async Task Uses_the_window_of_the_axis()
    {
        var result = await run.ReduceAsync(run.Csv, "-k", "3", "--window", "8305..8320");
        Assert.Equal(31, result.GetProperty("channels").GetInt32());
        Assert.Equal(31, run.Matrix("S.npy").Columns);
    }

    [Fact]
    public async Task Looks_for_bands_where_that_is_asked_and_says_so_where_not()
    {
        var (_, without, _) = await CommandLineRun.RunAsync(["reduce", run.Npy, "-k", "2", "-o", run.Output, "--no-plots", "-q"]);
        Assert.Contains("--bands", without, StringComparison.Ordinal);
        Assert.NotEqual(JsonValueKind.Null, (await run.ReduceAsync(run.Npy, "-k", "2", "--max-iterations", "20", "--bands")).GetProperty("bands").ValueKind);
        Assert.True(File.Exists(Path.Combine(run.Output, "band-2.csv")));
    }

    [Fact]
    public async Task Gives_the_same_bytes_whatever_the_threads_and_whatever_file_the_data_came_from()
    {
        await run.ReduceAsync(run.Npy, "-k", "3", "--threads", "1");
        var one = Bytes();
        await run.ReduceAsync(run.Npy, "-k", "3", "--threads", "2");
        Assert.Equal(one, Bytes());
        await run.ReduceAsync(run.Csv, "-k", "3");
        Assert.Equal(one, Bytes());

        string Bytes() => string.Concat(new[] { "C.npy", "S.npy" }.Select(name => Convert.ToHexString(File.ReadAllBytes(Path.Combine(run.Output, name)))));
    }

    [Fact]
    public async Task Follows_a_recipe_on_a_file_that_is_worked_on_in_place_and_records_its_steps()
    {
        var recipe = run.Write("recipe.json", """
            { "name": "smoothed", "steps": [ { "step": "smooth-spectra" }, { "step": "normalise-spectra" } ], "model": { "components": 2, "maxIterations": 9, "tolerance": 0 } }
            """);
        var result = await run.ReduceAsync(run.Npy, "--recipe", recipe);
        Assert.Equal((2, 9), (result.GetProperty("componentCount").GetInt32(), result.GetProperty("iterations").GetInt32()));
        Assert.Equal(["smooth-spectra", "normalise-spectra"], result.GetProperty("preparation").EnumerateArray().Select(step => step.GetProperty("step").GetString()));
        Assert.Equal(3, (await run.ReduceAsync(run.Npy, "--recipe", recipe, "-k", "3")).GetProperty("componentCount").GetInt32());
        // The recipe that a run leaves is one.
        File.Copy(Path.Combine(run.Output, "recipe.json"), run.PathOf("again.json"));
        Assert.Equal(result.GetProperty("preparation")[1].GetProperty("outputHash").GetString(),
            (await run.ReduceAsync(run.Npy, "--recipe", run.PathOf("again.json"))).GetProperty("preparation")[1].GetProperty("outputHash").GetString());
    }

    [Fact]
    public async Task Prepares_as_is_usual_for_the_technique_with_what_it_is_given_beside_the_series()
    {
        var transmitted = run.Write("transmitted.npy", Matrix.FromRows([.. Enumerable.Range(0, 60).Select(row => run.Series.Data.Row(row).ToArray().Select(value => 900 * Math.Exp(-value)).ToArray())]));
        var incident = run.Write("incident.npy", Matrix.FromRows([Enumerable.Repeat(900.0, 80).ToArray()]));
        var result = await run.ReduceAsync(transmitted, "--technique", "stxm", "--reference", $"i0={incident}", "-k", "3");
        Assert.Equal("optical-density", result.GetProperty("preparation")[0].GetProperty("step").GetString());
        Assert.True(result.GetProperty("preparation")[0].GetProperty("references").TryGetProperty("i0", out _));
    }

    [Fact]
    public async Task Stops_when_it_is_told_to_and_leaves_no_result()
    {
        using var stop = new CancellationTokenSource();
        var reducing = Task.Run(() => CommandLineRun.RunAsync(["reduce", run.Npy, "-k", "3", "--iterations", "exact", "100000000", "-o", run.Output, "-q"], stop.Token));
        await stop.CancelAsync();
        var (code, _, error) = await reducing.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((130, "cancelled"), (code, error.Trim()));
        Assert.False(File.Exists(Path.Combine(run.Output, "result.json")));
    }

    private static void SumsTo(double total, Matrix c)
    {
        for (var row = 0; row < c.Rows; row++) Assert.Equal(total, c.Row(row).ToArray().Sum(), 1e-12);
    }
}

[Trait("engine", "any")]
public sealed class A_command_that_cannot_be_carried_out : IDisposable
{
    private readonly CommandLineRun run = new();

    public void Dispose() => run.Dispose();

    [Theory]
    [InlineData("usage", "--constraints", "wobbly")]
    [InlineData("usage", "--constraints", "smooth-c")]
    [InlineData("usage", "--constraints", "unimodal-c:x")]
    [InlineData("usage", "--start", "somewhere")]
    [InlineData("usage", "--regressor", "svm")]
    [InlineData("usage", "--unimodality-mode", "7")]
    [InlineData("usage", "--components", "some")]
    [InlineData("usage", "--compress", "much")]
    [InlineData("usage", "--window", "5")]
    [InlineData("usage", "--closure", "one")]
    [InlineData("usage", "--iterations", "exact")]
    [InlineData("usage", "--max-iterations", "few")]
    [InlineData("usage", "--row-blocks", "20,x")]
    [InlineData("usage", "--layout", "upside-down")]
    [InlineData("usage", "--reference", "i0")]
    [InlineData("usage", "--reference", "a=x", "--reference", "a=y")]
    [InlineData("unused_reference", "--technique", "stxm", "--reference", "iO=nowhere.csv")]
    [InlineData("unused_reference", "--reference", "i0=nowhere.csv")]
    [InlineData("usage", "--wishes", "3")]
    [InlineData("usage", "--recipe", "x.json", "--technique", "xas")]
    [InlineData("component_count", "--components", "0")]
    [InlineData("component_count", "--components", "61")]
    [InlineData("options", "--iterations", "exact", "0")]
    [InlineData("options", "--threads", "0")]
    [InlineData("options", "--row-blocks", "20,20")]
    [InlineData("closure_total", "--closure", "-1")]
    [InlineData("window_empty", "--window", "1e6..2e6")]
    [InlineData("unknown_technique", "--technique", "palmistry")]
    [InlineData("reference_missing", "--technique", "stxm")]
    [InlineData("file_missing", "--st0", "nowhere.npy")]
    [InlineData("not_found", "--recipe", "nowhere.json")]
    public Task Is_refused_in_one_line_with_a_code(string code, params string[] options) => RefusedAsync(code, ["reduce", run.Npy, "-o", run.Output, .. options]);

    [Theory]
    [InlineData("{\"steps\":")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"steps\":[null]}")]
    [InlineData("{\"steps\":[{\"kind\":\"cut\"}]}")]
    [InlineData("{\"steps\":[{\"step\":\"juggle\"}]}")]
    [InlineData("{\"model\":{\"onC\":[null]}}")]
    [InlineData("{\"model\":{\"componnents\":3}}")]
    public Task Follows_no_damaged_recipe(string recipe) => RefusedAsync("recipe_damaged", ["reduce", run.Npy, "-o", run.Output, "--recipe", run.Write("recipe.json", recipe)]);

    [Fact]
    public async Task Says_what_is_wrong_with_its_input()
    {
        await RefusedAsync("file_missing", ["reduce", run.PathOf("nowhere.csv"), "-o", run.Output]);
        File.WriteAllBytes(run.PathOf("short.npy"), File.ReadAllBytes(run.Npy)[..1000]);
        await RefusedAsync("npy_length", ["reduce", run.PathOf("short.npy"), "-o", run.Output]);
        var damaged = File.ReadAllBytes(run.Npy);
        BitConverter.TryWriteBytes(damaged.AsSpan(damaged.Length - sizeof(double)), double.NaN);
        File.WriteAllBytes(run.PathOf("nan.npy"), damaged);
        await RefusedAsync("not_finite", ["reduce", run.PathOf("nan.npy"), "-o", run.Output]);
        await RefusedAsync("too_few_channels", ["reduce", run.Write("column.npy", new Matrix(50, 1, [.. Enumerable.Range(1, 50).Select(value => (double)value)])), "-o", run.Output]);
        await RefusedAsync("unknown_format", ["reduce", run.Write("letter.txt", "{ \"dear\": \"colleague\" }"), "-o", run.Output]);
        await RefusedAsync("unknown_format", ["inspect", run.PathOf("letter.txt")]);
    }

    [Fact]
    public async Task Says_before_it_begins_that_the_results_cannot_be_written()
    {
        var file = run.Write("a-file", "mine");
        await RefusedAsync("output_not_writable", ["reduce", run.Npy, "-o", file]);
        await RefusedAsync("output_not_writable", ["reduce", run.PathOf("nowhere.csv"), "-o", Path.Combine(file, "below")]);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Fact]
    public async Task Takes_the_result_of_an_earlier_run_with_it()
    {
        await run.ReduceAsync(run.Npy, "-k", "3");
        await RefusedAsync("component_count", ["reduce", run.Npy, "-o", run.Output, "-k", "61"]);
    }

    [Fact]
    public async Task Says_in_one_line_that_words_are_missing_or_mean_nothing()
    {
        await RefusedAsync("usage", []);
        await RefusedAsync("usage", ["reduce"]);
        await RefusedAsync("usage", ["juggle"]);
        await RefusedAsync("usage", ["inspect"]);
    }

    private async Task RefusedAsync(string code, string[] args)
    {
        var (exit, _, error) = await CommandLineRun.RunAsync([.. args, .. args is ["reduce", _, ..] ? (string[])["--quiet"] : []]);
        Assert.Equal(2, exit);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"{code}: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain(" at Tutti.", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(run.Output, "result.json")));
    }
}

[Trait("engine", "any")]
public sealed class The_help_of_the_command_line
{
    [Theory]
    [InlineData("--help")]
    [InlineData("reduce", "--help")]
    [InlineData("inspect", "--help")]
    public async Task Calls_the_program_by_its_name(params string[] args)
    {
        var (code, said, error) = await CommandLineRun.RunAsync(args);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("  tutti ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Tutti.Reduction", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_the_version() => Assert.Matches(@"^\d+\.\d+", (await CommandLineRun.RunAsync(["--version"])).Out);
}

[Trait("engine", "any")]
public sealed class An_inspection_on_the_command_line
{
    [Theory]
    [InlineData("athena/FeLibNov2021.nor", "column ASCII", 11)]
    [InlineData("athena/FeXAFS_Glasses.prj", "Athena project", 8)]
    [InlineData("athena/cyanobacteria.prj", "Athena project", 17)]
    [InlineData("jaumot2005/m1.csv", "CSV matrix", 51)]
    [InlineData("moessbauer_2L_Fh/velocity_calibration_250624_v12.dat", "channel counts", 1)]
    [InlineData("stxm_Fe2p_ALS_71214078/71214078_nxdata.h5", "NeXus/HDF5", 15625)]
    [InlineData("synthetic_xanes/syn_s.D.npy", "NumPy array", 200)]
    [InlineData("uvvis_simdata_known_truth/D.csv", "CSV matrix", 100)]
    [InlineData("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv", "CSV matrix", 229)]
    [InlineData("xdi/cu_10k.xmu", "column ASCII", 1)]
    [InlineData("xdi/fe2o3_rt.xdi", "XDI", 1)]
    [InlineData("xrd_BaTiO3_Tramp/intensity.csv", "CSV matrix", 60)]
    public async Task Says_what_a_measured_file_holds(string file, string format, int spectra)
    {
        var (code, said, error) = await CommandLineRun.RunAsync(["inspect", SharedData.Path(file)]);
        Assert.True(code == 0, error);
        Assert.Contains($"format:   {format}\n", said, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"spectra:  {spectra}\n"), said, StringComparison.Ordinal);
        Assert.Contains("sha256", said, StringComparison.Ordinal);
        if (spectra > 1) Assert.Contains("rank:", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_the_matrices_of_a_file_that_holds_several()
    {
        var (code, said, _) = await CommandLineRun.RunAsync(["inspect", SharedData.Path("jaumot2005/als2004dataset.MAT")]);
        Assert.Equal(0, code);
        Assert.Contains("holds:    MATRIX (204 x 96)", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counts_the_files_of_a_folder_and_lists_them_with_their_hashes_as_json()
    {
        using var run = new CommandLineRun();
        var folder = Directory.CreateDirectory(run.PathOf("scans")).FullName;
        for (var scan = 1; scan <= 12; scan++)
            await File.WriteAllTextAsync(Path.Combine(folder, $"scan_{scan}.txt"), $"# energy mu\n7100 {scan}\n7101 {scan * scan}\n7102 3\n", TestContext.Current.CancellationToken);
        var (code, said, error) = await CommandLineRun.RunAsync(["inspect", folder]);
        Assert.True(code == 0, error);
        Assert.Contains("files:    12, from scan_1.txt to scan_12.txt, ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("scan_7.txt,", said, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9a-f]{64}", said);
        var (_, json, _) = await CommandLineRun.RunAsync(["inspect", folder, "--json"]);
        Assert.Equal(12, System.Text.RegularExpressions.Regex.Count(json, "[0-9a-f]{64}"));
    }

    [Fact]
    public async Task Says_what_was_tried_on_a_format_that_is_not_known()
    {
        var (code, _, error) = await CommandLineRun.RunAsync(["inspect", SharedData.Path("formats/sp.wdf")]);
        Assert.Equal(2, code);
        Assert.StartsWith("unknown_format: sp.wdf is of no known format. Tried: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    public async Task R5_Rejects_or_warns_of_every_bad_file(int number)
    {
        var (code, said, error) = await CommandLineRun.RunAsync(["inspect", SharedData.Path(string.Create(CultureInfo.InvariantCulture, $"xdi/bad_{number:00}.xdi"))]);
        Assert.True((code == 2 && error.StartsWith("xdi_", StringComparison.Ordinal)) || said.Contains("warning:  xdi_", StringComparison.Ordinal), said + error);
    }
}
