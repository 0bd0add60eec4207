using System.Text;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Plotting;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_reduction_of_the_operando_edges
{
    private static readonly AxisWindow Edge = new(8320, 8420);

    [Fact]
    public void R1_Finds_correlated_drift_and_leaves_the_choice_to_the_user()
    {
        var outcome = Reduce.Run(Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv"), new ReductionOptions { Window = Edge });
        Assert.Equal((229, 421), (outcome.Used.Data.Rows, outcome.Used.Data.Columns));
        double[] expected = [262.16624, 9.224823, 1.378635, 0.289382];
        for (var index = 0; index < expected.Length; index++) Assert.Equal(expected[index], outcome.Components.SingularValues[index],
            1e-6 * expected[index]);
        Assert.Equal(0.553071, outcome.Components.LofPercent(2), 1e-6);
        Assert.Equal(0.172354, outcome.Components.LofPercent(3), 1e-6);
        Assert.True(outcome.Rank.Verdict.Ambiguous);
        Assert.Equal(3, outcome.Rank.Verdict.Suggested);
        Assert.Null(outcome.Rank.Verdict.Evidence.Single(item => item.Indicator == "IND").Suggests);
        Assert.Contains(outcome.Result.Warnings, warning => warning.Code == "rank_ambiguous");
    }

    [Fact]
    public void R2_Resolves_three_components_from_the_purest_spectra()
    {
        var series = Files.Shared("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv");
        foreach (var tolerance in new[] { 1e-5, 1e-6, 1e-7 })
        {
            var outcome = Reduce.Run(series, new ReductionOptions { Window = Edge, Components = 3, Tolerance = tolerance, MaxIterations = 5000 });
            Assert.Equal([55, 0, 81], Simplisma.PurestRows(outcome.Used.Data.ToMatrix(), 3, 5));
            Assert.Equal(StopReason.Converged, outcome.Result.StopReason);
            Assert.InRange(outcome.Result.BestLofPercent, 0.172354, 0.1726);
        }
        var closed = Reduce.Run(series, new ReductionOptions { Window = Edge, Components = 3, Closure = new Closure(1), MaxIterations = 5000 });
        Assert.Equal(0.17412, closed.Result.BestLofPercent, 5e-4);
    }
}

[Trait("engine", "any")]
public sealed class A_reduction
{
    private static readonly Lazy<ReductionOutcome> Outcome = new(() => Reduce.Run(Made(), new ReductionOptions { Closure = new Closure(1) }));

    [Fact]
    public void Chooses_the_number_of_components_where_the_indicators_agree()
    {
        var result = Outcome.Value.Result;
        Assert.True(result.ComponentsByVerdict);
        Assert.Equal((3, 3), (result.Rank.Suggested, result.ComponentCount));
        Assert.False(result.Rank.Ambiguous);
        Assert.Empty(result.Warnings);
        Assert.Equal(StopReason.Converged, result.StopReason);
        var least = Assert.NotNull(result.LofPcaPercent);
        Assert.InRange(result.BestLofPercent, least, 1.01 * least);
    }

    [Fact]
    public void Reports_its_phases_in_order()
    {
        var seen = new List<ReductionProgress>();
        Reduce.Run(Made(), new ReductionOptions { Components = 3, ExactIterations = 4 }, new Reporter(seen.Add));
        Assert.Equal(
            [ReductionPhase.PrincipalComponents, .. Enumerable.Repeat(ReductionPhase.Resolution, 4), ReductionPhase.Finished],
                seen.Select(report => report.Phase));
        Assert.Equal(4, seen[^1].Iteration);
    }

    [Fact]
    public void Gives_a_result_that_survives_json()
    {
        var json = Outcome.Value.Result.ToJson();
        Assert.Contains("\"stopReason\": \"converged\"", json, StringComparison.Ordinal);
        Assert.Contains("\"lofPercent\": [", json, StringComparison.Ordinal);
        Assert.Equal(json, ReductionResult.FromJson(json).ToJson());
    }

    [Fact]
    public void Gives_tables_with_all_digits()
    {
        using var c = new StringWriter();
        ResultTables.WriteConcentrations(c, Outcome.Value);
        using var s = new StringWriter();
        ResultTables.WriteSpectra(s, Outcome.Value);
        var spectra = SeriesReading.Read(new NamedContent("S.csv", Encoding.UTF8.GetBytes(s.ToString())));
        Assert.Equal(Outcome.Value.Spectra.Values, spectra.Data.ToMatrix().Values);
        Assert.Equal(Outcome.Value.Used.Axis.Values, spectra.Axis.Values);
        Assert.Equal(("energy", "eV"), (spectra.Axis.Name, spectra.Axis.Unit));
        var lines = c.ToString().Split(["\r\n", "\n"], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("spectrum,component 1,component 2,component 3", lines[0]);
        Assert.Equal(Outcome.Value.Concentrations.Rows + 1, lines.Length);
    }

    [Fact]
    public void Hashes_equal_input_equally_and_other_input_otherwise()
    {
        var options = new ReductionOptions { Components = 3, ExactIterations = 1 };
        var first = Reduce.Run(Made(), options).Result.InputHash;
        Assert.Equal(first, Reduce.Run(Made(), options).Result.InputHash);
        Assert.NotEqual(first, Reduce.Run(Made(seed: 2), options).Result.InputHash);
        Assert.NotEqual(first, Reduce.Run(Made(), options with { Window = new AxisWindow(8330, 8400) }).Result.InputHash);
    }

    [Fact]
    public void Draws_every_plot_as_svg_and_png_with_text()
    {
        var plots = ReductionPlots.All(Outcome.Value);
        Assert.Equal(["spectra", "components", "concentrations", "scree", "residual"], plots.Select(plot => plot.Name));
        foreach (var plot in plots)
        {
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], plot.Png[..4]);
            var svg = Encoding.UTF8.GetString(plot.Svg);
            Assert.Contains("<svg", svg, StringComparison.Ordinal);
            Assert.Contains("DejaVu Sans", svg, StringComparison.Ordinal);
            if (Environment.GetEnvironmentVariable("TUTTI_PLOTS") is { } folder)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{plot.Name}.png"), plot.Png);
                File.WriteAllBytes(Path.Combine(folder, $"{plot.Name}.svg"), plot.Svg);
            }
        }
    }

    [Theory]
    [InlineData("window_empty")]
    [InlineData("component_count")]
    [InlineData("start_missing")]
    [InlineData("too_few_spectra")]
    public void That_cannot_be_done_is_refused_with_a_code(string code)
    {
        var series = Made();
        Assert.Equal(code, Assert.Throws<NumericsException>(() => code switch
        {
            "window_empty" => Reduce.Run(series, new ReductionOptions { Window = new AxisWindow(1, 2) }),
            "component_count" => Reduce.Run(series, new ReductionOptions { Components = 0 }),
            "start_missing" => Reduce.Run(series, new ReductionOptions { Start = StartMethod.GivenSpectra }),
            _ => Reduce.Run(series with { Data = series.Data.SelectRows([0]) }),
        }).Code);
    }

    private static SpectralSeries Made(ulong seed = 1)
    {
        var made = SyntheticSeries.Make(new SyntheticSeriesOptions(Seed: seed));
        return new SpectralSeries("synthetic", new SpectralAxis("energy", "eV", made.Axis), made.Data, null, null, [], []);
    }

    private sealed class Reporter(Action<ReductionProgress> report) : IProgress<ReductionProgress>
    {
        public void Report(ReductionProgress value) => report(value);
    }
}
