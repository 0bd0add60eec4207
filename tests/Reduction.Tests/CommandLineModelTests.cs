using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;

namespace Tutti.Reduction.Tests;

/// <summary>What can be asked of the model beyond the plain resolution: weights, missing values, uncertainty, references, given profiles.</summary>
[Trait("engine", "any")]
public sealed class A_model_on_the_command_line : IDisposable
{
    private readonly CommandLineRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task J9_Fits_the_scale_of_given_profiles()
    {
        var result = await run.ReduceAsync(
            SharedData.Path("jaumot2005/matrix.csv"), "--method", "profiles", "--st0", SharedData.Path("jaumot2005/spure.csv"), "--c0", SharedData.Path("jaumot2005/cpure.csv"), "--pairs", "1,2,0,3");
        Assert.Equal(2.0576, result.GetProperty("bestLofPercent").GetDouble(), 5e-5);
        Assert.Equal("solved", result.GetProperty("stopReason").GetString());
        Assert.Equal(["scale[0]", "scale[1]", "scale[2]", "scale[3]"], result.GetProperty("findings").EnumerateArray().Select(found => found.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task J8_Fits_fractions_of_known_spectra_as_the_resolution_with_fixed_spectra_does()
    {
        var result = await run.ReduceAsync(SharedData.Path("jaumot2005/matrix.csv"), "--method", "lcf", "--reference-spectra", SharedData.Path("jaumot2005/spure.csv"));
        Assert.Equal(1.969815, result.GetProperty("bestLofPercent").GetDouble(), 1e-6);
        var c = run.Matrix("C.npy");
        double Area(int block) => Enumerable.Range(51 * block, 51).Sum(row => c[row, 2]);
        Assert.Equal(1.88429, Area(1) / Area(0), 5e-6);
        Assert.Equal(1.25412, Area(2) / Area(0), 5e-6);
        Assert.Equal(0.62293, Area(3) / Area(0), 5e-6);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("npy")]
    public async Task Leaves_missing_values_out_where_that_is_asked_and_refuses_them_where_not(string kind)
    {
        var damaged = Path.Combine(Path.GetDirectoryName(run.Npy) ?? "", "holes." + kind);
        if (kind == "npy")
        {
            var bytes = await File.ReadAllBytesAsync(run.Npy);
            foreach (var index in (int[])[5, 700, 701, 4799]) BitConverter.GetBytes(double.NaN).CopyTo(bytes, bytes.Length - 8 * (4800 - index));
            await File.WriteAllBytesAsync(damaged, bytes);
        }
        else
        {
            var lines = await File.ReadAllLinesAsync(run.Csv);
            foreach (var (line, cell, text) in ((int, int, string)[])[(6, 1, "nan"), (61, 9, ""), (62, 9, "NaN"), (80, 60, "nan")])
            {
                var cells = lines[line].Split(',');
                cells[cell] = text;
                lines[line] = string.Join(',', cells);
            }
            await File.WriteAllLinesAsync(damaged, lines);
        }
        var (code, _, error) = await CommandLineRun.RunAsync(["reduce", damaged, "-k", "3", "-o", run.Output, "-q", "--no-plots"]);
        Assert.Equal(2, code);
        Assert.Matches("^not_(finite|a_number): ", error);

        var whole = await run.ReduceAsync(run.Npy, "-k", "3", "--tolerance", "1e-7");
        var (c, s) = (run.Matrix("C.npy"), run.Matrix("S.npy"));
        var result = await run.ReduceAsync(damaged, "-k", "3", "--tolerance", "1e-7", "--missing", "nan");
        Assert.Equal("values", result.GetProperty("weighting").GetString());
        Assert.Contains("values_missing", result.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("code").GetString()));
        Assert.Equal(whole.GetProperty("bestLofPercent").GetDouble(), result.GetProperty("bestLofPercent").GetDouble(), 0.01);
        var (model, filled) = (c.Times(s), run.Matrix("C.npy").Times(run.Matrix("S.npy")));
        foreach (var place in (int[])[5, 700, 701, 4799]) Assert.Equal(model.Values[place], filled.Values[place], 0.02);
        var refused = await CommandLineRun.RunAsync(["reduce", damaged, "-k", "3", "-o", run.Output, "-q", "--missing", "nan", "--technique", "raman"]);
        Assert.StartsWith("missing_prepared: ", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weighs_by_a_file_for_values_spectra_or_channels()
    {
        var random = new SeededNoise(3);
        var (spectra, channels) = (new Matrix(60, 1, [.. Enumerable.Range(0, 60).Select(_ => 0.5 + random.Uniform())]), new Matrix(1, 80, [.. Enumerable.Range(0, 80).Select(_ => 0.5 + random.Uniform())]));
        foreach (var (weights, told) in ((Matrix, string)[])[(spectra, "spectra"), (channels, "channels"), (spectra.Times(channels), "values")])
        {
            var result = await run.ReduceAsync(run.Npy, "-k", "3", "--iterations", "exact", "5", "--weights", run.Write($"weights-{told}.npy", weights));
            Assert.Equal(told, result.GetProperty("weighting").GetString());
            var each = told switch { "spectra" => spectra.Times(Ones(1, 80)), "channels" => Ones(60, 1).Times(channels), _ => weights };
            var left = run.Series.Data.Minus(run.Matrix("C.npy").Times(run.Matrix("S.npy")));
            double rest = 0, all = 0;
            for (var index = 0; index < 4800; index++)
            {
                rest += each.Values[index] * left.Values[index] * left.Values[index];
                all += each.Values[index] * run.Series.Data.Values[index] * run.Series.Data.Values[index];
            }
            Assert.Equal(100 * Math.Sqrt(rest / all), result.GetProperty("bestLofPercent").GetDouble(), 1e-8);
        }
        // The channels of weights are cut with those of the series.
        var cut = await run.ReduceAsync(run.Csv, "-k", "3", "--window", "8305..8330", "--weights", run.Write("weights.npy", spectra.Times(channels)));
        Assert.Equal(51, cut.GetProperty("channels").GetInt32());

        static Matrix Ones(int rows, int columns) => new(rows, columns, [.. Enumerable.Repeat(1.0, rows * columns)]);
    }

    [Theory]
    [InlineData("weights_shape", "--weights", "SHAPE")]
    [InlineData("options", "--weights", "poisson", "--compress", "3")]
    [InlineData("usage", "--missing", "maybe")]
    [InlineData("usage", "--band", "90")]
    [InlineData("usage", "--resample-by", "chance")]
    [InlineData("usage", "--method", "magic")]
    [InlineData("usage", "--pairs", "0,1,2")]
    [InlineData("usage", "--background", "linear")]
    [InlineData("references_missing", "--method", "lcf")]
    [InlineData("reference_axis", "--method", "lcf", "--reference-spectra", "SHAPE")]
    [InlineData("lcf_subsets", "--method", "lcf", "--reference-spectra", "MANY", "--rank-combinations", "12")]
    [InlineData("options", "--method", "lcf", "--reference-spectra", "S", "--bands")]
    [InlineData("options", "--method", "lcf", "--reference-spectra", "S", "--closure", "2")]
    [InlineData("start_missing", "--method", "profiles", "--st0", "S")]
    [InlineData("profile_pairs", "--method", "profiles", "--st0", "S", "--c0", "C", "--pairs", "0,1,1")]
    [InlineData("resampling_options", "--resample", "1")]
    [InlineData("resampling_options", "--resample-by", "jackknife", "--weights", "ROWS")]
    public async Task Is_refused_in_one_line_with_a_code(string code, params string[] options)
    {
        var (_, _, error) = await CommandLineRun.RunAsync(["reduce", run.Npy, "-k", "3", "-o", run.Output, "-q", "--no-plots", .. options.Select(File)]);
        Assert.StartsWith(code + ": ", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        string File(string word) => word switch
        {
            "SHAPE" => run.Write("shape.npy", new Matrix(7, 9, new double[63].Select((_, index) => 1.0 + index).ToArray())),
            "MANY" => run.Write("many.npy", new Matrix(20, 80, [.. Enumerable.Range(0, 1600).Select(index => 1 + Math.Sin(index * (1.0 + index / 80)))])),
            "S" => run.Write("s.npy", run.Series.TrueS),
            "C" => run.Write("c.npy", run.Series.TrueC),
            "ROWS" => run.Write("rows.npy", new Matrix(60, 1, [.. Enumerable.Repeat(2.0, 60)])),
            _ => word,
        };
    }

    [Fact]
    public async Task Tells_the_uncertainty_of_the_profiles_in_tables_arrays_and_the_result()
    {
        var (code, said, _) = await CommandLineRun.RunAsync(
            ["reduce", run.Npy, "--st0", run.Write("s.npy", run.Series.TrueS), "--closure", "1", "--resample", "20", "--seed", "4", "--band", "90", "-o", run.Output, "-q"]);
        Assert.Equal(0, code);
        Assert.Contains("uncertainty:", said, StringComparison.Ordinal);
        var told = run.Result().GetProperty("uncertainty");
        Assert.Equal((20, 90.0, 3), (told.GetProperty("replicates").GetInt32(), told.GetProperty("bandPercent").GetDouble(), told.GetProperty("spectraPercent").GetArrayLength()));
        var (c, low, high, deviation) = (run.Matrix("C.npy"), run.Matrix("C-low.npy"), run.Matrix("C-high.npy"), run.Matrix("C-deviation.npy"));
        Assert.Equal((60, 3), (deviation.Rows, deviation.Columns));
        Assert.True(Enumerable.Range(0, 180).Count(index => c.Values[index] >= low.Values[index] - 1e-12 && c.Values[index] <= high.Values[index] + 1e-12) > 140);
        Assert.Equal(100 * Norm(deviation, 0) / Norm(c, 0), told.GetProperty("concentrationsPercent")[0].GetDouble(), 1e-9);
        Assert.Equal(61, File.ReadLines(Path.Combine(run.Output, "concentrations-uncertainty.csv")).Count());
        Assert.Equal("channel,component 1,component 1 deviation,component 1 low,component 1 high", string.Join(',', File.ReadLines(Path.Combine(run.Output, "spectra-uncertainty.csv")).First().Split(',').Take(5)));
        Assert.True(File.Exists(Path.Combine(run.Output, "plots", "spectra-uncertainty.svg")) && File.Exists(Path.Combine(run.Output, "plots", "concentrations-uncertainty.png")));

        static double Norm(Matrix matrix, int column) => Math.Sqrt(matrix.Column(column).Sum(value => value * value));
    }

    [Fact]
    public async Task Fits_by_references_that_lie_on_a_finer_grid_and_ranks_their_combinations()
    {
        // Three lines on a grid of their own, one of which the series does not hold.
        double Line(int k, double at) => Math.Exp(-Math.Pow((at - 8308 - 8 * k) / 4, 2));
        var grid = Enumerable.Range(0, 401).Select(index => 8295 + index / 8.0).ToArray();
        var reference = run.Write("reference.csv", "energy,first,second,third\n" + string.Join('\n', grid.Select(at => Text($"{at:R},{Line(0, at):R},{Line(1, at):R},{Line(2, at):R}"))) + "\n");
        var noise = new SeededNoise(8);
        var axis = Enumerable.Range(0, 80).Select(channel => 8300 + channel / 2.0).ToArray();
        var series = run.Write("mixtures.csv", "energy,a,b,c,d\n" + string.Join('\n', axis.Select(at => at.ToString("R", CultureInfo.InvariantCulture) + "," + string.Join(
            ',', Enumerable.Range(1, 4).Select(part => Text($"{part / 5.0 * Line(0, at) + (1 - part / 5.0) * Line(1, at) + 0.002 * noise.Normal():R}"))))) + "\n");
        var result = await run.ReduceAsync(series, "--method", "lcf", "--reference-spectra", reference, "--closure", "1", "--noise-level", "0.002", "--rank-combinations", "2");
        var combination = result.GetProperty("combination");
        Assert.Equal(["first", "second", "third"], combination.GetProperty("references").EnumerateArray().Select(name => name.GetString()));
        foreach (var (index, spectrum) in combination.GetProperty("spectra").EnumerateArray().Index())
        {
            var (fractions, errors) = (spectrum.GetProperty("fractions"), spectrum.GetProperty("errors"));
            Assert.Equal((index + 1) / 5.0, fractions[0].GetDouble(), 0.01);
            Assert.Equal(1, fractions.EnumerateArray().Sum(value => value.GetDouble()), 1e-12);
            Assert.InRange(errors[0].GetDouble(), 1e-5, 0.003);
            Assert.InRange(spectrum.GetProperty("reducedChiSquare").GetDouble(), 0.5, 2);
            Assert.InRange(spectrum.GetProperty("rFactor").GetDouble(), 1e-7, 1e-3);
            Assert.Equal("[0,1]", spectrum.GetProperty("ranking")[0].GetProperty("references").GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
        }
        Assert.StartsWith("spectrum,first,first error,first shift", File.ReadLines(Path.Combine(run.Output, "combination.csv")).First(), StringComparison.Ordinal);
        Assert.Contains("first + second", await File.ReadAllTextAsync(Path.Combine(run.Output, "combinations-ranked.csv")), StringComparison.Ordinal);
        Assert.StartsWith("spectrum,label,first,second,third", File.ReadLines(Path.Combine(run.Output, "concentrations.csv")).First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fits_by_the_references_of_several_files_after_one_option_or_several()
    {
        var files = Enumerable.Range(0, 3).Select(k => run.Write($"pure{k}.npy", run.Series.TrueS.SelectRows([k]))).ToArray();
        foreach (var words in (string[][])[["--reference-spectra", .. files], ["--reference-spectra", files[0], files[1], "--reference-spectra", files[2]]])
        {
            var result = await run.ReduceAsync(run.Npy, ["--method", "lcf", .. words]);
            Assert.Equal(["pure0", "pure1", "pure2"], result.GetProperty("combination").GetProperty("references").EnumerateArray().Select(name => name.GetString()));
            Assert.Equal(60, result.GetProperty("spectra").GetInt32());
        }
    }

    [Fact]
    public async Task Warns_of_a_fit_by_references_that_is_worse_than_nothing()
    {
        var large = run.Write("large.npy", run.Series.TrueS.Times(Scaled(80, 1e4)));
        var closed = await run.ReduceAsync(run.Npy, "--method", "lcf", "--reference-spectra", large, "--closure", "1");
        Assert.True(closed.GetProperty("bestLofPercent").GetDouble() > 100);
        Assert.Contains("closure", Warning(closed), StringComparison.Ordinal);
        Assert.Null(Warning(await run.ReduceAsync(run.Npy, "--method", "lcf", "--reference-spectra", large)));

        static Matrix Scaled(int size, double by) => new(size, size, [.. Enumerable.Range(0, size * size).Select(index => index % (size + 1) == 0 ? by : 0)]);
        static string? Warning(JsonElement result) => result.GetProperty("warnings").EnumerateArray()
            .FirstOrDefault(warning => warning.GetProperty("code").GetString() == "worse_than_nothing") is { ValueKind: JsonValueKind.Object } found ? found.GetProperty("message").GetString() : null;
    }

    [Fact]
    public async Task Weighs_spectra_by_a_column_with_a_header()
    {
        var column = string.Join('\n', Enumerable.Range(1, 60)) + "\n";
        foreach (var text in (string[])[column, "weight\n" + column])
        {
            var result = await run.ReduceAsync(run.Npy, "-k", "3", "--iterations", "exact", "2", "--weights", run.Write("weights.csv", text));
            Assert.Equal("spectra", result.GetProperty("weighting").GetString());
        }
    }

    [Fact]
    public async Task Leaves_nothing_of_an_earlier_run_and_everything_that_is_not_its_own()
    {
        var (code, _, error) = await CommandLineRun.RunAsync(["reduce", run.Npy, "-k", "3", "--resample", "3", "--max-iterations", "20", "-o", run.Output, "-q"]);
        Assert.True(code == 0, error);
        string[] earlier = ["C-low.npy", "S-deviation.npy", "spectra-uncertainty.csv", "plots/scree.png", "plots/concentrations-uncertainty.svg"];
        Assert.All(earlier, name => Assert.True(File.Exists(Path.Combine(run.Output, name)), name));
        File.WriteAllText(Path.Combine(run.Output, "band-1.csv"), "axis,least,most");
        string[] own = ["notes.txt", "band-of-interest.csv", "C-mine.npy", "plots/mine.png"];
        foreach (var name in own) File.WriteAllText(Path.Combine(run.Output, name), "mine");
        await run.ReduceAsync(run.Npy, "-k", "2", "--max-iterations", "20");
        Assert.All((string[])[.. earlier, "band-1.csv"], name => Assert.False(File.Exists(Path.Combine(run.Output, name)), name));
        Assert.All(own, name => Assert.Equal("mine", File.ReadAllText(Path.Combine(run.Output, name))));
    }

    [Fact]
    public async Task Takes_a_recipe_whose_members_stand_in_any_order()
    {
        var recipe = run.Write("any-order.json", """{ "model": { "components": "auto", "onC": [ { "components": [0], "constraint": "unimodality" } ] }, "steps": [ { "low": 8305, "step": "cut" } ] }""");
        var result = await run.ReduceAsync(run.Csv, "--recipe", recipe);
        Assert.Equal((70, 3, true), (result.GetProperty("channels").GetInt32(), result.GetProperty("componentCount").GetInt32(), result.GetProperty("componentsByVerdict").GetBoolean()));
    }

    [Fact]
    public async Task Is_written_as_the_documentation_has_it()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Root(), "docs", "reduction.md"));
        var recipe = ReductionRecipe.FromJson(string.Join('\n', lines.SkipWhile(line => line != "```json").Skip(1).TakeWhile(line => line != "```")));
        Assert.Equal(["align-to-foil", "normalise-edge", "electrochemistry-clock"], recipe.Steps.Select(step => step.Name));
        Assert.Equal((3, 2, 1, 100), (recipe.Model.Components, recipe.Model.OnC.Count, recipe.Model.KnownC.Count, recipe.Model.Resampling?.Replicates));
        foreach (var known in typeof(PreparationStep).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false).Cast<JsonDerivedTypeAttribute>())
        {
            var row = Assert.Single(lines, line => line.StartsWith($"| `{known.TypeDiscriminator}` | ", StringComparison.Ordinal));
            Assert.All(known.DerivedType.GetConstructors()[0].GetParameters(), member => Assert.Contains($"`{JsonNamingPolicy.CamelCase.ConvertName(member.Name ?? "")}`", row, StringComparison.Ordinal));
        }
        foreach (var technique in TechniquePresets.Techniques)
        {
            var row = Assert.Single(lines, line => line.StartsWith($"| `{technique}` | ", StringComparison.Ordinal));
            Assert.All(TechniquePresets.For(technique), step => Assert.Contains($"`{step.Name}`", row, StringComparison.Ordinal));
            Assert.All(SecondInput.NeededBy(TechniquePresets.For(technique)), name => Assert.Contains($"`{name}`", row, StringComparison.Ordinal));
        }

        static string Root()
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Proposals.sln"))) folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
        }
    }

    [Theory]
    [InlineData("""{ "steps": [ { "step": "juggle" } ] }""", "$.steps[0].step", "'juggle'", "align-to-foil, ")]
    [InlineData("""{ "steps": [ { "step": "scale" }, { "step": "cut", "lwo": 3 } ] }""", "$.steps[1].lwo", "the step cut", "low, high")]
    [InlineData("""{ "steps": [ { "kind": "cut" } ] }""", "$.steps[0]", "'step'", "cut, deglitch")]
    [InlineData("""{ "model": { "onC": [ { "constraint": "wobble" } ] } }""", "$.model.onC[0].constraint", "'wobble'", "quantity-correlation, smoothness")]
    [InlineData("""{ "model": { "onS": [ { "constraint": "smoothness", "lamda": 3 } ] } }""", "$.model.onS[0].lamda", "smoothness", "lambda")]
    [InlineData("""{ "model": { "componnents": 3 } }""", "$.model.componnents", "a model", "components, ")]
    [InlineData("""{ "model": { "components": "some" } }""", "$.model.components", "whole number", "auto")]
    public void Says_of_a_recipe_what_is_wrong_where_and_what_there_is(string json, params string[] said)
    {
        var message = Assert.Throws<JsonException>(() => ReductionRecipe.FromJson(json)).Message;
        Assert.All(said, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain("Tutti.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reaches_the_same_fit_in_fewer_iterations_where_it_may_go_ahead()
    {
        var data = SharedData.Path("jaumot2005/m1.csv");
        string[] asked = ["--st0", SharedData.Path("jaumot2005/spure.csv"), "--max-iterations", "3000", "--tolerance", "1e-9"];
        var plain = await run.ReduceAsync(data, asked);
        var ahead = await run.ReduceAsync(data, [.. asked, "--accelerate"]);
        Assert.True(ahead.GetProperty("bestLofPercent").GetDouble() < plain.GetProperty("bestLofPercent").GetDouble());
        Assert.True(ahead.GetProperty("options").GetProperty("accelerated").GetBoolean());
    }

    [Fact]
    public async Task Leaves_a_recipe_that_holds_what_was_given_and_gives_the_same_again()
    {
        var start = run.Write("s.npy", run.Series.TrueS);
        await run.ReduceAsync(run.Npy, "--st0", start, "--weights", run.Write("w.npy", new Matrix(60, 1, [.. Enumerable.Range(1, 60).Select(index => (double)index)])), "--accelerate");
        var (first, recipe) = (await File.ReadAllBytesAsync(Path.Combine(run.Output, "C.npy")), File.ReadAllText(Path.Combine(run.Output, "recipe.json")));
        Assert.Equal(run.Series.TrueS.Values.ToArray(), ReductionRecipe.FromJson(recipe).Model.GivenSpectra?.Values.ToArray());
        await run.ReduceAsync(run.Npy, "--recipe", run.Write("again.json", recipe));
        Assert.Equal(first, await File.ReadAllBytesAsync(Path.Combine(run.Output, "C.npy")));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[[]]")]
    [InlineData("[[1, 2], [3]]")]
    [InlineData("[[1, \"2\"]]")]
    [InlineData("[1, 2]")]
    [InlineData("{}")]
    public void Takes_no_recipe_whose_matrix_is_none(string matrix) =>
        Assert.Throws<JsonException>(() => ReductionRecipe.FromJson($$"""{ "model": { "start": "given-spectra", "givenSpectra": {{matrix}} } }"""));

    [Fact]
    public async Task R2_Tells_which_spectra_it_began_with()
    {
        var result = await run.ReduceAsync(
            SharedData.Path("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv"), "--window", "8320..8420", "-k", "3", "--noise", "5", "--max-iterations", "3");
        Assert.Equal([55, 0, 81], result.GetProperty("start").GetProperty("spectra").EnumerateArray().Select(row => row.GetInt32()));
        var channels = await run.ReduceAsync(SharedData.Path("jaumot2005/m1.csv"), "-k", "4", "--start", "purest-channels", "--max-iterations", "3");
        Assert.Equal([0, 76, 43, 24], channels.GetProperty("start").GetProperty("channels").EnumerateArray().Select(row => row.GetInt32()));
    }

    [Fact]
    public async Task P3_P4_P5_P7_P8_Lists_every_figure_of_an_inspection_as_json()
    {
        var (code, json, error) = await CommandLineRun.RunAsync(["inspect", SharedData.Path("jaumot2005/m1.csv"), "--json"]);
        Assert.True(code == 0, error);
        var rank = JsonElement.Parse(json).GetProperty("rank");
        var figures = rank.GetProperty("indicators");
        Assert.Equal(2.91403e-3, figures.GetProperty("realError")[3].GetDouble(), 5e-9);
        Assert.Equal(1.31916e-6, figures.GetProperty("indicator")[3].GetDouble(), 5e-12);
        Assert.Equal(5.81e-4, figures.GetProperty("significancePercent")[3].GetDouble(), 5e-7);
        Assert.Equal(28.4, figures.GetProperty("significancePercent")[4].GetDouble(), 0.05);
        foreach (var (k, ratio) in ((double[])[0.0043, 0.0103, 0.0345, 0.0433, 2.250]).Index()) Assert.Equal(ratio, figures.GetProperty("durbinWatson")[k].GetDouble(), 1e-3);
        var evolving = figures.GetProperty("evolving");
        Assert.Equal(9, evolving.GetProperty("spectra")[9].GetInt32());
        Assert.Equal(1.612088, evolving.GetProperty("forward")[9][0].GetDouble(), 5e-7);
        Assert.Equal(1.88891e-3, evolving.GetProperty("forward")[9][1].GetDouble(), 5e-9);
        Assert.Equal(1.005960, evolving.GetProperty("backward")[41][0].GetDouble(), 5e-7);
        Assert.Equal(134.9606, evolving.GetProperty("forward")[50][0].GetDouble(), 5e-5);
        Assert.Equal([19, 32, 8, 43], rank.GetProperty("purestSpectra").EnumerateArray().Select(row => row.GetInt32()));
        Assert.Equal([0, 76, 43, 24], rank.GetProperty("purestChannels").EnumerateArray().Select(row => row.GetInt32()));
        Assert.Equal(1, figures.GetProperty("parallelShuffled").GetInt32());
    }

    [Fact]
    public async Task R8_Inspects_a_stack_after_its_preparation()
    {
        var stack = SharedData.Path("stxm_Fe2p_ALS_71214078/71214078_nxdata.h5");
        var (code, json, error) = await CommandLineRun.RunAsync(["inspect", stack, "--technique", "stxm", "--reference", "i0=" + SharedData.Path("stxm_Fe2p_ALS_71214078/i0.xsp"), "--json"]);
        Assert.True(code == 0, error);
        var values = JsonElement.Parse(json).GetProperty("rank").GetProperty("values");
        Assert.Equal(1.074425, values.GetProperty("mean").GetDouble(), 1e-6);
        Assert.Equal(0.755845, values.GetProperty("least").GetDouble(), 1e-6);
        Assert.Equal(3.60119, values.GetProperty("largest").GetDouble(), 1e-5);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
