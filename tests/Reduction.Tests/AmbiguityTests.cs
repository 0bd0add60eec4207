using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_band_of_rotational_ambiguity
{
    [Fact]
    public void J11_Is_at_least_as_wide_as_known_for_one_run()
    {
        var solution = McrAls.Resolve(
            SharedData.M1, new McrStart.Spectra(SharedData.PureSpectra), new McrOptions { ExactIterations = 50 });
        var bands = AmbiguityBands.Of(solution.C, solution.S);
        (double Low, double High)[] known = [(0.1436, 0.3365), (0.3938, 0.7118), (0.1487, 0.5556), (0.0892, 0.4038)];
        for (var k = 0; k < known.Length; k++)
        {
            var band = bands.Components[k];
            Assert.InRange(band.Minimum.Contribution, 0, known[k].Low + 0.005);
            Assert.InRange(band.Maximum.Contribution, known[k].High - 0.005, 1);
            foreach (var edge in new[] { band.Minimum, band.Maximum }) IsSolution(solution, edge, k, 1e-6);
        }
        Assert.False(bands.Unique);
        Assert.Contains("not unique", bands.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void J10_Has_one_minimum_of_the_fit_that_every_start_reaches_when_the_iteration_is_carried_on()
    {
        // Plain alternation creeps along the same valley: after 20,000 iterations it is 1e-4 to 3e-4 above.
        var data = SharedData.M1;
        McrStart[] starts =
        [
            new McrStart.Spectra(SharedData.PureSpectra), Purest.Spectra(data, 4), Purest.Channels(data, 4), new McrStart.Spectra(Clusters.Spectra(data, 4)),
            new McrStart.Concentrations(EvolvingStart.Concentrations(data, 4)), new McrStart.Spectra(NonNegativeDecomposition.Of(data, 4).S),
        ];
        foreach (var start in starts)
            Assert.Equal(1.667062, McrAls.Resolve(data, start, new McrOptions { Accelerated = true, ExactIterations = 8000 }).BestLofPercent, 1e-6);
    }

    [Fact]
    public void J10_Is_wide_where_solutions_from_different_starts_differ_at_the_same_fit()
    {
        var data = SharedData.M1;
        var options = new McrOptions { ExactIterations = 20_000 };
        var (nndsvd, _) = NonNegativeDecomposition.Of(data, 4);
        McrResult[] results =
        [
            McrAls.Resolve(data, new McrStart.Spectra(SharedData.PureSpectra), options),
            McrAls.Resolve(data, Purest.Spectra(data, 4), options),
            McrAls.Resolve(data, new McrStart.Concentrations(nndsvd), options),
        ];
        // These are still on their slow way: 1.66730 and 1.66733.
        McrResult[] slow =
        [
            McrAls.Resolve(data, Purest.Channels(data, 4), options),
            McrAls.Resolve(data, new McrStart.Spectra(Clusters.Spectra(data, 4)), options),
        ];
        Assert.All(slow, result => Assert.InRange(result.BestLofPercent, 1.665003, 1.6674));
        var differences = results.Skip(1).Select(result =>
        {
            var match = ComponentMatching.Match(result.C, result.S, results[0].C, results[0].S);
            return Math.Max(match.WorstC, match.WorstS);
        }).ToArray();
        Assert.All(results, result => Assert.InRange(result.BestLofPercent, 1.665003, double.MaxValue));
        Assert.All(results, result => Assert.Equal(1.6672, result.BestLofPercent, 5e-5));
        Assert.InRange(differences.Max(), 0.05, 1);
        var bands = AmbiguityBands.Of(results[0].C, results[0].S, new AmbiguityOptions { Attempts = 0 });
        Assert.False(bands.Unique);
        Assert.Contains(bands.Components, band => band.Width > 0.05);
    }

    [Fact]
    public void Contains_the_true_profiles_of_data_without_noise()
    {
        var looked = 0;
        Prop.ForAll(
            Arb.From(from seed in Gen.Choose(1, int.MaxValue) from components in Gen.Choose(2, 4) select (seed, components)),
            drawn =>
            {
                // Overlapping random profiles with a few zeros; the solution is another transformation of the same data.
                var noise = new SeededNoise((ulong)drawn.seed);
                var k = drawn.components;
                var c = Random(noise, 30, k);
                var s = Random(noise, k, 40);
                var start = s.Values.ToArray();
                for (var a = 0; a < k; a++)
                    for (var channel = 0; channel < 40; channel++) start[a * 40 + channel] += 0.1 * s[(a + 1) % k, channel];
                var found = McrAls.Resolve(c.Times(s), new McrStart.Spectra(new Matrix(k, 40, start)),
                    new McrOptions { Tolerance = 1e-14, MaxIterations = 20_000 });
                // Only a solution of the data can be turned into the truth; some starts are not there yet.
                if (found.BestLofPercent > 1e-4) return;
                looked++;
                var bands = AmbiguityBands.Of(found.C, found.S, new AmbiguityOptions { Attempts = 1 });
                var partners = ComponentMatching.Match(c, s, found.C, found.S).Found;
                var whole = c.Times(s).FrobeniusNorm();
                for (var a = 0; a < k; a++)
                {
                    var planted = partners[a];
                    var contribution = Norm(c.Column(planted)) * Norm(s.Row(planted).ToArray()) / whole;
                    Assert.InRange(contribution, bands.Components[a].Minimum.Contribution - 2e-3, bands.Components[a].Maximum.Contribution + 2e-3);
                    IsSolution(found, bands.Components[a].Minimum, a, 1e-5);
                    IsSolution(found, bands.Components[a].Maximum, a, 1e-5);
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
        Assert.InRange(looked, 5, 15);
    }

    [Fact]
    public void Closes_to_a_point_where_every_species_has_spectra_and_channels_to_itself()
    {
        var noise = new SeededNoise(4);
        var c = new double[40 * 3];
        var s = new double[3 * 50];
        for (var row = 0; row < 40; row++)
            for (var k = 0; k < 3; k++) c[row * 3 + k] = row < 12 ? (row / 4 == k ? noise.Uniform(0.5, 1) : 0) : noise.Uniform();
        for (var k = 0; k < 3; k++)
            for (var channel = 0; channel < 50; channel++)
                s[k * 50 + channel] = channel < 12 ? (channel / 4 == k ? noise.Uniform(0.5, 1) : 0) : noise.Uniform();
        var bands = AmbiguityBands.Of(new Matrix(40, 3, c), new Matrix(3, 50, s));
        Assert.True(bands.Unique);
        Assert.All(bands.Components, band => Assert.InRange(band.Width, 0, 1e-4));
        Assert.Contains("unique", bands.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_narrower_the_more_is_known()
    {
        var (c, s) = Closed();
        var open = AmbiguityBands.Of(c, s);
        var closed = AmbiguityBands.Of(c, s, new AmbiguityOptions { Closure = true });
        var known = AmbiguityBands.Of(c, s, new AmbiguityOptions { KnownSpectra = [0] });
        for (var k = 0; k < 3; k++)
        {
            Assert.True(closed.Components[k].Width <= open.Components[k].Width + 1e-4);
            Assert.True(known.Components[k].Width <= open.Components[k].Width + 1e-4);
        }
        Assert.True(known.Components.Sum(band => band.Width) < open.Components.Sum(band => band.Width));
        var edge = closed.Components[1].Maximum;
        Assert.All(edge.Concentration, value => Assert.InRange(value, -1e-5, 1 + 1e-5));
        foreach (var end in new[] { known.Components[0].Minimum, known.Components[0].Maximum })
            Assert.InRange(ComponentMatching.RelativeError(end.Spectrum.ToArray(), s.Row(0)), 0, 1e-9);
    }

    [Fact]
    public void Of_long_data_holds_for_every_row_and_channel()
    {
        var noise = new SeededNoise(12);
        var c = Random(noise, 1500, 3);
        var s = Random(noise, 3, 900);
        foreach (var band in AmbiguityBands.Of(c, s).Components)
        {
            Assert.InRange(band.Minimum.MostNegative, -1e-6, 0);
            Assert.InRange(band.Maximum.MostNegative, -1e-6, 0);
            Assert.InRange(band.Contribution, band.Minimum.Contribution, band.Maximum.Contribution);
        }
    }

    [Theory]
    [InlineData("matrix_shape")]
    [InlineData("zero_data")]
    [InlineData("bands_options")]
    [InlineData("bands_closure")]
    [InlineData("bands_infeasible")]
    public void Refuses_what_has_no_band(string code)
    {
        var (c, s) = Closed();
        var exception = Assert.Throws<NumericsException>(() => code switch
        {
            "matrix_shape" => AmbiguityBands.Of(c, s.SelectRows([0, 1])),
            "zero_data" => AmbiguityBands.Of(new Matrix(c.Rows, 3, new double[3 * c.Rows]), s),
            "bands_options" => AmbiguityBands.Of(c, s, new AmbiguityOptions { NonNegativeC = false, NonNegativeS = false }),
            "bands_closure" => AmbiguityBands.Of(Random(new SeededNoise(1), c.Rows, 3), s, new AmbiguityOptions { Closure = true }),
            _ => AmbiguityBands.Of(c.Scaled(-1), s.Scaled(-1)),
        });
        Assert.Equal(code, exception.Code);
    }

    // The end of a band with all its components reproduces the same data and breaks no sign by more than the tolerance.
    private static void IsSolution(McrResult solution, BandEdge edge, int component, double tolerance)
    {
        var k = solution.S.Rows;
        var heights = Enumerable.Range(0, k).Select(a => solution.C.Column(a).Max()).ToArray();
        var scaledC = new Matrix(solution.C.Rows, k, [.. Enumerable.Range(0, solution.C.Rows * k)
            .Select(index => solution.C.Values[index] / heights[index % k])]);
        var turnedC = scaledC.Times(edge.Transformation);
        for (var a = 0; a < k; a++) Assert.True(turnedC.Column(a).Min() >= -tolerance * turnedC.Column(a).Max());
        Assert.InRange(edge.MostNegative, -tolerance, 0);
        Assert.InRange(ComponentMatching.RelativeError([.. edge.Concentration], turnedC.Column(component)), 0, 1e-9);
        var whole = solution.C.Times(solution.S).FrobeniusNorm();
        Assert.Equal(edge.Contribution, Norm([.. edge.Concentration]) * Norm([.. edge.Spectrum]) / whole, 1e-9);
        Assert.True(edge.Spectrum.Min() >= -tolerance * edge.Spectrum.Max());
    }

    private static (Matrix C, Matrix S) Closed()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 40, Channels: 80, Components: 3));
        return (series.TrueC, series.TrueS);
    }

    private static Matrix Random(SeededNoise noise, int rows, int columns) => new(rows, columns, [.. Enumerable.Range(0, rows * columns)
        .Select(_ => noise.Uniform() < 0.15 ? 0 : noise.Uniform())]);

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));
}

[Trait("engine", "any")]
public sealed class An_uncertainty_by_resampling
{
    [Theory]
    [InlineData(ResamplingMethod.ResidualBootstrap)]
    [InlineData(ResamplingMethod.NoiseAddition)]
    [InlineData(ResamplingMethod.Jackknife)]
    public void Is_the_same_for_the_same_seed_and_of_the_size_of_the_errors(ResamplingMethod method)
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 60, Channels: 120, Components: 2));
        var options = new McrOptions { Tolerance = 1e-8 };
        var solution = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), options);
        var choice = new ResamplingOptions { Method = method, Replicates = 30, Iterations = 3 };
        var found = Resampling.Of(series.Data, solution, options, choice);
        Assert.True(found.DeviationS.Values.SequenceEqual(Resampling.Of(series.Data, solution, options, choice).DeviationS.Values));
        Assert.Equal(method == ResamplingMethod.Jackknife, found.BandsFromDeviation);
        Assert.Equal(method == ResamplingMethod.Jackknife ? 10 : 30, found.LofPercent.Count);
        // A value of S is a mean over some thirty spectra with noise of about 0.004.
        var typical = found.DeviationS.Values.ToArray().Order().ElementAt(found.DeviationS.Values.Length / 2);
        Assert.InRange(typical, 2e-4, 4e-3);
        for (var index = 0; index < found.LowC.Values.Length; index++) Assert.True(found.LowC.Values[index] <= found.HighC.Values[index]);
        var inside = Enumerable.Range(0, solution.S.Values.Length)
            .Count(index => found.LowS.Values[index] <= solution.S.Values[index] && solution.S.Values[index] <= found.HighS.Values[index]);
        Assert.InRange(inside / (double)solution.S.Values.Length, 0.6, 1);
    }

    [Fact]
    public void Grows_with_the_noise_that_is_added()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 40, Channels: 60, Components: 2));
        var options = new McrOptions();
        var solution = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), options);
        double Typical(double level) => Resampling.Of(series.Data, solution, options, new ResamplingOptions
        {
            Method = ResamplingMethod.NoiseAddition, NoiseLevel = level, Replicates = 20, Iterations = 2,
        }).DeviationS.FrobeniusNorm();
        Assert.InRange(Typical(0.01) / Typical(0.001), 6, 14);
    }

    [Fact]
    public void Refuses_what_cannot_be_resampled()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 20, Channels: 30, Components: 2));
        var solution = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS));
        Assert.Equal("resampling_options", Assert.Throws<NumericsException>(() => Resampling.Of(
            series.Data, solution, new McrOptions(), new ResamplingOptions { Replicates = 1 })).Code);
        Assert.Equal("resampling_options", Assert.Throws<NumericsException>(() => Resampling.Of(
            series.Data, solution, new McrOptions(), new ResamplingOptions { BlockRows = 20 })).Code);
        Assert.Equal("matrix_shape", Assert.Throws<NumericsException>(() => Resampling.Of(
            series.Data.SelectRows([0, 1, 2]), solution, new McrOptions())).Code);
    }
}
