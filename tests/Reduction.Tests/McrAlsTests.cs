using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_curve_resolution
{
    [Fact]
    public void J1_Follows_the_known_history_on_one_run()
    {
        var start = new McrStart.Spectra(SharedData.PureSpectra);
        var exact = McrAls.Resolve(SharedData.M1, start, new McrOptions { ExactIterations = 50 });
        Near([1.671044609, 1.670325012, 1.670007124, 1.669797557, 1.669645186], exact.LofPercent, 2e-9);
        Assert.Equal(1.668735, exact.LofPercent[49], 1e-6);
        Assert.Equal(99.97215, exact.R2Percent, 5e-6);
        Assert.Equal(StopReason.ExactIterations, exact.StopReason);
        Assert.Equal(50, exact.Iterations);

        var converged = McrAls.Resolve(SharedData.M1, start, new McrOptions { Tolerance = 1e-5 });
        Assert.Equal(StopReason.Converged, converged.StopReason);
        Assert.InRange(converged.Iterations, 17, 19);
        Assert.Equal(1.669074, converged.BestLofPercent, 1e-6);
    }

    [Fact]
    public void J5_Follows_the_known_history_on_four_runs()
    {
        var start = new McrStart.Spectra(SharedData.PureSpectra);
        var exact = McrAls.Resolve(SharedData.FourRuns, start, new McrOptions { ExactIterations = 50 });
        Near([1.949032562, 1.948812562, 1.948658829, 1.948533959, 1.948428663], exact.LofPercent, 2e-9);
        Assert.Equal(1.947179, exact.LofPercent[49], 1e-6);

        var converged = McrAls.Resolve(SharedData.FourRuns, start, new McrOptions { Tolerance = 1e-5 });
        Assert.InRange(converged.Iterations, 29, 31);
        Assert.Equal(1.947467, converged.BestLofPercent, 1e-6);
    }

    [Fact]
    public void J8_Has_the_known_concentrations_under_the_true_spectra()
    {
        var data = SharedData.FourRuns;
        var spectra = SharedData.PureSpectra;
        var c = NonNegativeLeastSquares.Solve(spectra.Transpose(), data.Transpose()).Transpose();
        Assert.Equal(1.969815, 100 * data.Minus(c.Times(spectra)).FrobeniusNorm() / data.FrobeniusNorm(), 1e-6);
        var truth = SharedData.TrueConcentrations;
        int[] pairs = [1, 2, 0, 3];
        double[] expected = [0.0146, 0.0109, 0.0112, 0.0236];
        Near(expected, [.. pairs.Select((row, k) => Recovery.Error(c.Column(row), truth.Column(k)))], 5e-5);
    }

    [Fact]
    public void S1_Recovers_the_planted_species_of_the_synthetic_edges()
    {
        var result = McrAls.Resolve(SharedData.SynD, new McrStart.Spectra(SharedData.SynStart), new McrOptions { Tolerance = 1e-5 });
        Near([0.404306, 0.404168, 0.404156, 0.404152], result.LofPercent, 2e-6);
        Assert.Equal((StopReason.Converged, 4), (result.StopReason, result.Iterations));
        var (errorC, errorS) = Recovery.Errors(result, SharedData.Npy("synthetic_xanes/syn_s.C.npy"), SharedData.Npy("synthetic_xanes/syn_s.S.npy"));
        Assert.InRange(errorC, 0, 0.0280);
        Assert.InRange(errorS, 0, 0.0012);
    }

    [Fact]
    public void S2_Closes_every_spectrum_to_one()
    {
        var result = McrAls.Resolve(
            SharedData.SynD, new McrStart.Spectra(SharedData.SynStart), new McrOptions { Tolerance = 1e-5, Closure = new Closure(1) });
        Assert.Equal((StopReason.Converged, 4), (result.StopReason, result.Iterations));
        Assert.Equal(0.404430, result.BestLofPercent, 2e-6);
        Assert.Equal(0, result.OpenSpectra);
        for (var row = 0; row < result.C.Rows; row++) Assert.Equal(1, result.C.Row(row).ToArray().Sum(), 1e-12);
    }

    [Fact]
    public void S8_Never_gets_worse_and_stays_non_negative_on_the_synthetic_edges() => NeverWorse(SharedData.SynD, SharedData.SynStart);

    [Fact]
    public void S8_Never_gets_worse_and_stays_non_negative_on_one_run() => NeverWorse(SharedData.M1, SharedData.PureSpectra);

    [Fact]
    public void S8_Does_not_depend_on_the_scale_of_the_synthetic_edges_or_their_start() => ScaleFree(SharedData.SynD, SharedData.SynStart);

    [Fact]
    public void S8_Does_not_depend_on_the_scale_of_one_run_or_its_start() => ScaleFree(SharedData.M1, SharedData.PureSpectra);

    [Fact]
    public void S9_Is_bit_identical_twice_and_with_one_or_two_threads_on_the_synthetic_edges() => SameBits(SharedData.SynD, SharedData.SynStart);

    [Fact]
    public void S9_Is_bit_identical_twice_and_with_one_or_two_threads_on_one_run() => SameBits(SharedData.M1, SharedData.PureSpectra);

    [Fact]
    public void S9_Is_bit_identical_with_one_or_two_threads_where_threads_have_work()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 700, Channels: 333, Components: 5, Seed: 3));
        SameBits(series.Data, series.TrueS);
    }

    [Fact]
    public void Recovers_planted_species_with_selective_regions() => Prop.ForAll(
        Arb.From(from seed in Gen.Choose(1, int.MaxValue) from components in Gen.Choose(1, 6) select (seed, components)),
        drawn =>
        {
            var (c, s) = Planted(drawn.seed, drawn.components);
            var result = McrAls.Resolve(
                c.Times(s), Purest.Spectra(c.Times(s), drawn.components, 1), new McrOptions { MaxIterations = 3000, Tolerance = 1e-12 });
            Assert.InRange(result.BestLofPercent, 0, 1e-6);
            var (errorC, errorS) = Recovery.Errors(result, c, s);
            Assert.InRange(errorC, 0, 1e-6);
            Assert.InRange(errorS, 0, 1e-6);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void Never_gets_worse_and_never_gets_negative_from_any_start() => Prop.ForAll(
        Arb.From(
            from seed in Gen.Choose(1, int.MaxValue)
            from rows in Gen.Choose(2, 70)
            from columns in Gen.Choose(2, 50)
            from components in Gen.Choose(1, 9)
            select (seed, rows, columns, components: Math.Min(components, Math.Min(rows, columns)))),
        drawn =>
        {
            var noise = new SeededNoise((ulong)drawn.seed);
            Matrix Random(int rows, int columns, bool signed) =>
                new(rows, columns, [.. Enumerable.Range(0, rows * columns).Select(_ => signed ? noise.Normal() : noise.Uniform() + 1e-3)]);
            var result = McrAls.Resolve(
                Random(drawn.rows, drawn.columns, noise.Uniform() < 0.3), new McrStart.Spectra(Random(drawn.components, drawn.columns, false)),
                new McrOptions { ExactIterations = 25 });
            NeverRises(result);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void Gives_the_same_fit_whatever_the_scale_and_the_threads() => Prop.ForAll(
        Arb.From(
            from seed in Gen.Choose(1, int.MaxValue)
            from power in Gen.Choose(-6, 6)
            from components in Gen.Choose(2, 6)
            select (seed, power, components)),
        drawn =>
        {
            var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 300, Channels: 401, Components: drawn.components,
                Seed: (ulong)drawn.seed));
            var options = new McrOptions { ExactIterations = 6 };
            var plain = McrAls.Resolve(series.Data, Purest.Spectra(series.Data, drawn.components), options);
            var other = McrAls.Resolve(
                series.Data.Scaled(Math.Pow(10, drawn.power)), Purest.Spectra(series.Data, drawn.components), options with { Threads = 2 });
            for (var index = 0; index < plain.Iterations; index++)
                Assert.Equal(plain.LofPercent[index], other.LofPercent[index], 1e-9 * plain.LofPercent[index]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(12));

    [Fact]
    public void Can_begin_with_concentrations_or_pure_channels_and_arrive_at_the_same_fit()
    {
        var series = SyntheticSeries.Make();
        var options = new McrOptions { Tolerance = 1e-9, MaxIterations = 400 };
        var bySpectra = McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 3), options);
        var byC = McrAls.Resolve(series.Data, new McrStart.Concentrations(series.TrueC), options);
        var byChannels = McrAls.Resolve(series.Data, Purest.Channels(series.Data, 3), options);
        Assert.Equal(bySpectra.BestLofPercent, byC.BestLofPercent, 2e-3 * byC.BestLofPercent);
        // Single channels are noisy: that start is still on its slow way after hundreds of iterations.
        Assert.Equal(byC.BestLofPercent, byChannels.BestLofPercent, 1e-2 * byC.BestLofPercent);
    }

    [Fact]
    public void Reaches_the_fit_of_the_principal_components_without_sign_conditions()
    {
        var series = SyntheticSeries.Make();
        var result = McrAls.Resolve(
            series.Data, Purest.Spectra(series.Data, 3),
                new McrOptions { NonNegativeC = false, NonNegativeS = false, Tolerance = 1e-13, MaxIterations = 5000 });
        Assert.Equal(PrincipalComponents.Of(series.Data).LofPercent(3), result.BestLofPercent, 1e-7);
    }

    [Fact]
    public void Keeps_the_best_iterate_where_a_constraint_works_against_the_fit()
    {
        // The sum of the concentrations is far from constant, so closing them drives the fit away from its best.
        var series = SyntheticSeries.Make();
        var stretched = Matrix.FromRows([.. Enumerable.Range(0, series.Data.Rows)
            .Select(row => series.Data.Row(row).ToArray().Select(value => value * (1 + row % 7)).ToArray())]);
        var result = McrAls.Resolve(
            stretched, new McrStart.Spectra(series.TrueS), new McrOptions { Closure = new Closure(1), Tolerance = 0, MaxIterations = 80 });
        Assert.Equal(result.LofPercent.Min(), result.BestLofPercent);
        Assert.True(result.BestIteration < result.Iterations);
        Assert.Equal(result.BestLofPercent, 100 * stretched.Minus(result.C.Times(result.S)).FrobeniusNorm() / stretched.FrobeniusNorm(), 1e-9);
        Assert.Equal(StopReason.Diverged, result.StopReason);
    }

    [Fact]
    public void Returns_the_model_whose_lack_of_fit_it_reports()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Channels: 203, Components: 6));
        var result = McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 6), new McrOptions { ExactIterations = 7 });
        Assert.Equal(result.BestLofPercent, 100 * series.Data.Minus(result.C.Times(result.S)).FrobeniusNorm() / series.Data.FrobeniusNorm(), 1e-10);
    }

    [Fact]
    public void Stops_within_an_iteration_when_cancelled_and_reports_every_iteration_before()
    {
        var series = SyntheticSeries.Make();
        using var cancellation = new CancellationTokenSource();
        var seen = new List<McrProgress>();
        var progress = new Reporter(report =>
        {
            seen.Add(report);
            if (report.Iteration == 3) cancellation.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => McrAls.Resolve(
            series.Data, Purest.Spectra(series.Data, 3), new McrOptions { ExactIterations = 1000 }, progress, cancellation.Token));
        Assert.Equal([1, 2, 3], seen.Select(report => report.Iteration));
    }

    [Theory]
    [InlineData("start_zero")]
    [InlineData("matrix_shape")]
    [InlineData("component_count")]
    [InlineData("zero_data")]
    [InlineData("closure_components")]
    public void Refuses_what_it_cannot_resolve(string code)
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 10, Channels: 12));
        var exception = Assert.Throws<NumericsException>(() => code switch
        {
            "start_zero" => McrAls.Resolve(series.Data, new McrStart.Spectra(new Matrix(1, 12, new double[12]))),
            "matrix_shape" => McrAls.Resolve(series.Data, new McrStart.Spectra(new Matrix(1, 11, [.. Enumerable.Repeat(1.0, 11)]))),
            "component_count" => McrAls.Resolve(series.Data, new McrStart.OfSpectra([.. Enumerable.Range(0, 11)])),
            "zero_data" => McrAls.Resolve(new Matrix(10, 12, new double[120]), new McrStart.Spectra(series.TrueS)),
            _ => McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 3), new McrOptions { Closure = new Closure(1, [3]) }),
        });
        Assert.Equal(code, exception.Code);
    }

    private static void NeverWorse(Matrix data, Matrix start) =>
        NeverRises(McrAls.Resolve(data, new McrStart.Spectra(start), new McrOptions { ExactIterations = 200 }));

    private static void NeverRises(McrResult result)
    {
        for (var index = 1; index < result.Iterations; index++)
            Assert.True(result.LofPercent[index] <= result.LofPercent[index - 1] * (1 + 1e-9) + 1e-12, $"rises at iteration {index + 1}");
        Assert.All(result.C.Values.ToArray(), value => Assert.True(value >= 0));
        Assert.All(result.S.Values.ToArray(), value => Assert.True(value >= 0));
    }

    private static void ScaleFree(Matrix data, Matrix start)
    {
        var options = new McrOptions { Tolerance = 1e-5 };
        var plain = McrAls.Resolve(data, new McrStart.Spectra(start), options);
        foreach (var factor in new[] { 1e-6, 1e-3, 7.3, 1e3, 1e6 })
        {
            Same(McrAls.Resolve(data.Scaled(factor), new McrStart.Spectra(start), options));
            Same(McrAls.Resolve(data, new McrStart.Spectra(start.Scaled(factor)), options));
            var oneRow = Matrix.FromRows([.. Enumerable.Range(0, start.Rows).Select(row =>
                start.Row(row).ToArray().Select(v => row == 1 ? v * factor : v).ToArray())]);
            Same(McrAls.Resolve(data, new McrStart.Spectra(oneRow), options));
        }

        void Same(McrResult other)
        {
            Assert.Equal(plain.Iterations, other.Iterations);
            for (var index = 0; index < plain.Iterations; index++) Assert.Equal(plain.LofPercent[index], other.LofPercent[index],
                1e-9 * plain.LofPercent[index]);
        }
    }

    private static void SameBits(Matrix data, Matrix start)
    {
        var options = new McrOptions { ExactIterations = 12 };
        var first = McrAls.Resolve(data, new McrStart.Spectra(start), options);
        foreach (var threads in new[] { 1, 2 })
        {
            var again = McrAls.Resolve(data, new McrStart.Spectra(start), options with { Threads = threads });
            Assert.Equal(first.LofPercent, again.LofPercent);
            Assert.True(first.C.Values.SequenceEqual(again.C.Values));
            Assert.True(first.S.Values.SequenceEqual(again.S.Values));
        }
    }

    // Every species has spectra and channels to itself, which makes the factorisation unique.
    private static (Matrix C, Matrix S) Planted(int seed, int components)
    {
        var noise = new SeededNoise((ulong)seed);
        const int alone = 4;
        var (rows, columns) = (alone * components + 20, alone * components + 33);
        var c = new double[rows * components];
        var s = new double[components * columns];
        for (var row = 0; row < rows; row++)
            for (var k = 0; k < components; k++)
                c[row * components + k] = row < alone * components ? (row / alone == k ? noise.Uniform(0.5, 1) : 0) : noise.Uniform();
        for (var k = 0; k < components; k++)
            for (var column = 0; column < columns; column++)
                s[k * columns + column] = column < alone * components ? (column / alone == k ? noise.Uniform(0.5, 1) : 0) : noise.Uniform();
        return (new Matrix(rows, components, c), new Matrix(components, columns, s));
    }

    private static void Near(double[] expected, IReadOnlyList<double> actual, double absolute)
    {
        for (var index = 0; index < expected.Length; index++) Assert.Equal(expected[index], actual[index], absolute);
    }

    private sealed class Reporter(Action<McrProgress> report) : IProgress<McrProgress>
    {
        public void Report(McrProgress value) => report(value);
    }
}
