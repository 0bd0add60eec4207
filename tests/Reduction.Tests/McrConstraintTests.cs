using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_constrained_resolution
{
    private static readonly int[] fourRuns = [51, 51, 51, 51];

    [Fact]
    public void J2_On_the_reproduction_by_four_components_has_both_known_histories()
    {
        var result = McrAls.Resolve(
            SharedData.M1, new McrStart.Spectra(SharedData.PureSpectra), new McrOptions { Compression = 4, ExactIterations = 3 });
        Near([1.670836, 1.670327, 1.670017], result.LofPercent, 1e-6);
        Near([0.139625, 0.133412, 0.129468], Assert.IsAssignableFrom<IReadOnlyList<double>>(result.LofReproductionPercent), 1e-6);
    }

    [Fact]
    public void J3_By_zeroed_least_squares_diverges_and_the_best_iterate_is_returned()
    {
        var result = McrAls.Resolve(SharedData.M1, new McrStart.Spectra(SharedData.PureSpectra), Matlab with { });
        Near([1.716877, 1.712894, 1.710233, 1.708431, 1.707246], result.LofPercent, 1e-6);
        Assert.Equal((StopReason.Diverged, 28, 7), (result.StopReason, result.Iterations, result.BestIteration));
        Assert.Equal(1.706374, result.BestLofPercent, 1e-6);
        Assert.Equal(0.373559, result.LofReproductionPercent?[6] ?? double.NaN, 1e-6);
        Assert.Equal(99.970883, result.R2Percent, 1e-6);
    }

    [Fact]
    public void J4_By_zeroed_least_squares_without_guards_runs_away_and_the_best_iterate_is_returned_all_the_same()
    {
        var result = McrAls.Resolve(
            SharedData.M1, new McrStart.Spectra(SharedData.PureSpectra), new McrOptions { Regressor = Regressor.ZeroedLeastSquares, ExactIterations = 50 });
        Assert.Equal(50, result.Iterations);
        Assert.True(result.LofPercent[^1] > 5 * result.BestLofPercent, $"{result.LofPercent[^1]} after 50 iterations, {result.BestLofPercent} at best");
        Assert.Equal(result.LofPercent.Min(), result.BestLofPercent);
        Assert.Equal(result.BestLofPercent, Lof(SharedData.M1, result), 1e-9);
    }

    [Fact]
    public void J6_By_zeroed_least_squares_on_four_runs_converges_to_the_known_fit()
    {
        var result = McrAls.Resolve(
            SharedData.FourRuns, new McrStart.Spectra(SharedData.PureSpectra), Matlab with { RowBlocks = fourRuns, MaxIterations = 50 });
        Assert.Equal(1.967762, result.BestLofPercent, 1e-6);
        Assert.Equal(0.303978, result.LofReproductionPercent?[result.BestIteration - 1] ?? double.NaN, 1e-6);
    }

    [Fact]
    public void J7_With_one_maximum_in_each_run_recovers_the_species_best_although_its_fit_is_worse()
    {
        var result = McrAls.Resolve(
            SharedData.FourRuns, new McrStart.Spectra(SharedData.PureSpectra),
            Matlab with { RowBlocks = fourRuns, OnC = [new Unimodality(1.1)] });
        Assert.Equal((StopReason.Converged, 3), (result.StopReason, result.Iterations));
        Assert.Equal(2.034658, result.BestLofPercent, 1e-6);
        var truth = SharedData.TrueConcentrations;
        int[] pairs = [1, 2, 0, 3];
        for (var k = 0; k < 4; k++)
        {
            Assert.True(Recovery.Error(result.C.Column(pairs[k]), truth.Column(k)) <= 0.020);
            Assert.True(Recovery.Error(result.S.Row(pairs[k]).ToArray(), SharedData.PureSpectra.Row(pairs[k]).ToArray()) <= 0.015);
        }
    }

    [Fact]
    public void U2_Copies_the_neighbour_where_a_profile_rises_again() =>
        Assert.Equal([0, 2, 2, 4, 4, 6, 2], new Unimodality(1).ApplyTo([0, 3, 2, 5, 4, 6, 2]));

    [Fact]
    public void U4_Leaves_trilinear_profiles_as_they_are_and_tells_their_totals()
    {
        double[] shape = [0, 1, 3, 1];
        double[] profile = [.. shape, .. shape.Select(value => 2 * value), .. shape.Select(value => 0.5 * value)];
        var kept = (double[])profile.Clone();
        var found = new Trilinearity().Apply(profile, 12, 1, [new Block(0, 4), new Block(4, 4), new Block(8, 4)]);
        for (var index = 0; index < profile.Length; index++) Assert.Equal(kept[index], profile[index], 1e-14);
        Near([3.3166248, 6.6332496, 1.6583124], [.. found.Select(finding => finding.Value)], 5e-8);
    }

    [Fact]
    public void U5_Fits_the_rate_constant_of_a_first_order_reaction()
    {
        double[] times = [.. Enumerable.Range(0, 11).Select(index => 0.5 * index)];
        var truth = new FirstOrderKinetics(times, [new FirstOrderStep(0, 1, 0.4)]).Model(2);
        Assert.Equal(0.1353353, truth[10, 0], 1e-7);
        var profiles = truth.Transpose().Values.ToArray();
        var found = new FirstOrderKinetics(times, [new FirstOrderStep(0, 1, 0.2)]).Apply(profiles, 11, 2, [new Block(0, 11)]);
        Assert.Equal(0.4, found.Single(finding => finding.Name == "k[0]").Value, 1e-9);
    }

    [Theory]
    [InlineData(UnimodalityMode.Zero)]
    [InlineData(UnimodalityMode.CopyNeighbour)]
    [InlineData(UnimodalityMode.LeastSquares)]
    public void Has_one_maximum_whatever_the_mode(UnimodalityMode mode)
    {
        var noise = new SeededNoise(5);
        for (var round = 0; round < 200; round++)
        {
            var profile = Enumerable.Range(0, 1 + round % 17).Select(_ => noise.Uniform()).ToArray();
            var made = new Unimodality(1, mode).ApplyTo(profile);
            var peak = Array.IndexOf(made, made.Max());
            for (var index = 1; index < made.Length; index++)
                Assert.True(index <= peak ? made[index] >= made[index - 1] - 1e-15 : made[index] <= made[index - 1] + 1e-15);
            Assert.Equal(made, new Unimodality(1, mode).ApplyTo(made));
        }
    }

    [Fact]
    public void Finds_the_rate_constants_of_a_chain_in_two_runs()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 80, Spectra: 40));
        double[] times = [.. Enumerable.Range(0, 60).Select(index => 0.25 * (index % 30))];
        FirstOrderStep[] Chain(double first, double second) => [new(0, 1, first), new(1, 2, second)];
        var both = new FirstOrderKinetics([.. times.Take(30)], Chain(1.1, 0.35)).Model(3);
        var c = new Matrix(60, 3, [.. both.Values, .. both.Values]);
        var data = c.Times(series.TrueS);
        var noise = new SeededNoise(3);
        var noisy = new Matrix(60, 80, [.. data.Values.ToArray().Select(value => value + 0.002 * noise.Normal())]);
        var result = McrAls.Resolve(noisy, new McrStart.Spectra(series.TrueS), new McrOptions
        {
            RowBlocks = [30, 30], OnC = [new FirstOrderKinetics(times, Chain(0.6, 0.6))], Tolerance = 1e-9,
        });
        Assert.Equal(1.1, result.Findings.Last(finding => finding.Name == "k[0]").Value, 0.02);
        Assert.Equal(0.35, result.Findings.Last(finding => finding.Name == "k[1]").Value, 0.01);
    }

    [Fact]
    public void Keeps_a_known_spectrum_exactly_and_fits_the_others_beside_it()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 90, Spectra: 60, Noise: 0.002));
        var known = series.TrueS.Row(1).ToArray();
        var result = McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 3), new McrOptions
        {
            KnownS = [new KnownProfile(1, [.. known.Select(value => (double?)value)])], Tolerance = 1e-8,
        });
        Assert.Equal(known, result.S.Row(1).ToArray());
        Assert.True(result.BestLofPercent < 1, $"{result.BestLofPercent} %");
        for (var index = 1; index < result.Iterations; index++) Assert.True(result.LofPercent[index] <= result.LofPercent[index - 1] * (1 + 1e-9));
    }

    [Fact]
    public void Is_zero_where_a_species_is_known_to_be_absent()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 60, Spectra: 50));
        var result = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), new McrOptions
        {
            KnownC = [KnownProfile.AbsentOutside(0, 50, [new Block(0, 12)]), KnownProfile.AbsentOutside(2, 50, [new Block(25, 25)])],
        });
        for (var row = 0; row < 50; row++)
        {
            if (row >= 12) Assert.Equal(0, result.C[row, 0]);
            if (row < 25) Assert.Equal(0, result.C[row, 2]);
        }
    }

    [Fact]
    public void Keeps_what_is_known_also_under_other_constraints()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 60, Spectra: 50));
        var result = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), new McrOptions
        {
            KnownC = [KnownProfile.AbsentOutside(0, 50, [new Block(0, 12)])], KnownS = [new KnownProfile(1, [.. series.TrueS.Row(1).ToArray().Select(value => (double?)value)])],
            OnC = [new Smoothness(50)], OnS = [new Smoothness(5)], Closure = new Closure(1), ExactIterations = 10,
        });
        for (var row = 12; row < 50; row++) Assert.Equal(0, result.C[row, 0]);
        Assert.Equal(series.TrueS.Row(1).ToArray(), result.S.Row(1).ToArray());
    }

    [Fact]
    public void J9_Of_the_true_profiles_with_fitted_scales_leaves_the_known_part()
    {
        var (data, c, s) = (SharedData.FourRuns, SharedData.TrueConcentrations, SharedData.PureSpectra);
        int[] pairs = [1, 2, 0, 3];
        // One unknown scale per component: its rank-one part of the data, laid out as a column.
        var parts = Enumerable.Range(0, 4).Select(k => new Matrix(data.Rows, 1, c.Column(k)).Times(new Matrix(1, data.Columns, s.Row(pairs[k]).ToArray()))).ToArray();
        var a = new Matrix(4, data.Rows * data.Columns, [.. parts.SelectMany(part => part.Values.ToArray())]).Transpose();
        var scales = NonNegativeLeastSquares.Solve(a, new Matrix(data.Rows * data.Columns, 1, data.Values.ToArray()));
        var rest = data.Minus(new Matrix(data.Rows, data.Columns, a.Times(scales).Values.ToArray()));
        Assert.Equal(2.0576, 100 * rest.FrobeniusNorm() / data.FrobeniusNorm(), 5e-5);
    }

    [Fact]
    public void Is_carried_on_to_a_better_fit_in_fewer_iterations()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 80, Spectra: 60));
        var options = new McrOptions { ExactIterations = 300 };
        var plain = McrAls.Resolve(series.Data, Purest.Channels(series.Data, 3), options);
        var carried = McrAls.Resolve(series.Data, Purest.Channels(series.Data, 3), options with { Accelerated = true });
        Assert.True(carried.BestLofPercent <= plain.BestLofPercent, $"{carried.BestLofPercent} and {plain.BestLofPercent}");
        Assert.All(carried.C.Values.ToArray(), value => Assert.True(value >= 0));
        Assert.All(carried.S.Values.ToArray(), value => Assert.True(value >= 0));
    }

    [Fact]
    public void Csel_of_the_four_runs_data_holds_as_equalities()
    {
        var known = SharedData.Equalities;
        var result = McrAls.Resolve(SharedData.M1, new McrStart.Spectra(SharedData.PureSpectra), new McrOptions
        {
            KnownC = [.. Enumerable.Range(0, 4).Select(component => new KnownProfile(component, [.. known.Select(row => row[component])]))],
        });
        Assert.Contains(known, row => row.Any(value => value is not null));
        for (var row = 0; row < known.Count; row++)
            for (var component = 0; component < 4; component++)
                if (known[row][component] is { } value) Assert.Equal(value, result.C[row, component]);
    }

    [Fact]
    public void Is_drawn_to_a_softly_known_spectrum_the_more_the_heavier_it_weighs()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 50, Spectra: 30));
        double[] wish = [.. series.TrueS.Row(0).ToArray().Select(value => value + 0.2)];
        double Away(double weight) => McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), new McrOptions
        {
            KnownS = [new KnownProfile(0, [.. wish.Select(value => (double?)value)], weight)], ExactIterations = 1,
        }).S.Row(0).ToArray().Zip(wish, (found, wanted) => Math.Abs(found - wanted)).Sum();
        double[] away = [Away(1e-3), Away(1), Away(1e3)];
        Assert.True(away[0] > 1.5 * away[1] && away[1] > 100 * away[2], string.Join(" ", away));
    }

    [Fact]
    public void Carries_concentrations_to_the_known_unit()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 70, Spectra: 40, Noise: 0.001));
        var quantity = series.TrueC.Column(1).Select(value => 3.5 * value).ToArray();
        var result = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), new McrOptions
        {
            OnC = [new QuantityCorrelation(1, [.. quantity.Select((value, index) => index % 5 == 0 ? (double?)value : null)])], Tolerance = 1e-9,
        });
        Assert.True(result.Findings.Last(finding => finding.Name == "r2[1]").Value > 0.999);
        for (var row = 0; row < 40; row++) Assert.Equal(quantity[row], result.C[row, 1], 0.05);
    }

    [Fact]
    public void Is_smooth_where_smoothness_is_asked()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 200, Spectra: 40, Noise: 0.05));
        double Roughness(IReadOnlyList<ProfileConstraint> constraints)
        {
            var s = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), new McrOptions { OnS = constraints, ExactIterations = 5 }).S.Row(0).ToArray();
            return Enumerable.Range(1, s.Length - 2).Sum(index => Math.Pow(s[index + 1] - 2 * s[index] + s[index - 1], 2));
        }
        Assert.True(Roughness([new Smoothness(5)]) < 0.3 * Roughness([]));
    }

    [Fact]
    public void Lets_only_the_named_component_go_below_zero()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 40, Spectra: 30, Noise: 0));
        var s = series.TrueS.Values.ToArray();
        for (var channel = 0; channel < 40; channel++) s[channel] = Math.Sin(0.4 * channel);
        var spectra = new Matrix(2, 40, s);
        var data = series.TrueC.Times(spectra);
        var result = McrAls.Resolve(data, new McrStart.Spectra(spectra), new McrOptions { SignFreeS = [new SignFree(0)], Tolerance = 1e-9 });
        Assert.True(result.BestLofPercent < 1e-6);
        Assert.Contains(result.S.Row(0).ToArray(), value => value < -0.1);
        Assert.All(result.S.Row(1).ToArray(), value => Assert.True(value >= 0));
    }

    [Fact]
    public void Is_closed_only_in_the_named_runs()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 40, Spectra: 40));
        var result = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS.Scaled(3)), new McrOptions
        {
            RowBlocks = [15, 25], Closure = new Closure { Blocks = [1] }, ExactIterations = 1,
        });
        for (var row = 0; row < 40; row++)
        {
            var sum = result.C[row, 0] + result.C[row, 1];
            if (row < 15) Assert.Equal(1.0 / 3, sum, 0.05);
            else Assert.Equal(1, sum, 1e-12);
        }
    }

    [Fact]
    public void Does_not_look_at_missing_values()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 50, Spectra: 40, Noise: 0.001));
        var (values, weights) = (series.Data.Values.ToArray(), new double[2000]);
        for (var index = 0; index < values.Length; index++)
        {
            weights[index] = index % 7 == 3 ? 0 : 1;
            if (weights[index] == 0) values[index] = 1e6;
        }
        var result = McrAls.Resolve(
            new Matrix(40, 50, values), new McrStart.Spectra(series.TrueS), new McrOptions { Weights = new Matrix(40, 50, weights), Tolerance = 1e-9 });
        Assert.True(result.BestLofPercent < 0.5, $"{result.BestLofPercent} %");
        var rebuilt = result.C.Times(result.S);
        for (var index = 0; index < values.Length; index++) Assert.Equal(series.Data.Values[index], rebuilt.Values[index], 0.02);
    }

    [Fact]
    public void Agrees_between_weights_for_values_and_weights_for_spectra_and_channels()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 45, Spectra: 70));
        double[] rows = [.. Enumerable.Range(0, 70).Select(index => 1 + 0.5 * Math.Sin(index))];
        double[] columns = [.. Enumerable.Range(0, 45).Select(index => 2 + Math.Cos(index))];
        var each = new Matrix(70, 45, [.. rows.SelectMany(row => columns.Select(column => row * column))]);
        var options = new McrOptions { ExactIterations = 6 };
        var one = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), options with { Weights = each });
        var other = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), options with { SpectrumWeights = rows, ChannelWeights = columns });
        Near([.. one.LofPercent], other.LofPercent, 1e-9);
        for (var index = 0; index < 210; index++) Assert.Equal(one.C.Values[index], other.C.Values[index], 1e-9);
    }

    [Fact]
    public void Weighs_counted_data_by_their_noise()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 60, Spectra: 50, Noise: 0));
        var noise = new SeededNoise(11);
        var c = new Matrix(50, 2, [.. series.TrueC.Values.ToArray().Select((value, index) => value * (index / 2 < 10 ? 2000 : 4))]);
        var counts = new Matrix(50, 60, [.. c.Times(series.TrueS).Values.ToArray().Select(value => Math.Max(0, value + Math.Sqrt(value) * noise.Normal()))]);
        var (rows, columns) = PoissonWeights.Of(counts);
        var weighted = McrAls.Resolve(counts, new McrStart.Spectra(series.TrueS), new McrOptions { SpectrumWeights = rows, ChannelWeights = columns, ExactIterations = 30 });
        var plain = McrAls.Resolve(counts, new McrStart.Spectra(series.TrueS), new McrOptions { ExactIterations = 30 });
        Assert.True(Recovery.Errors(weighted, c, series.TrueS).S < Recovery.Errors(plain, c, series.TrueS).S);
    }

    [Theory]
    [InlineData("blocks")]
    [InlineData("unimodality")]
    [InlineData("trilinearity")]
    [InlineData("kinetics")]
    [InlineData("known")]
    [InlineData("weights")]
    [InlineData("compression")]
    [InlineData("sign")]
    [InlineData("known hard twice")]
    [InlineData("known soft twice")]
    [InlineData("soft weight beyond numbers")]
    [InlineData("soft weight of nothing")]
    [InlineData("correlation of components")]
    [InlineData("correlation in blocks")]
    [InlineData("kinetics of components")]
    public void Is_refused_where_a_constraint_cannot_hold(string what)
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 20, Spectra: 12));
        var options = what switch
        {
            "blocks" => new McrOptions { RowBlocks = [5, 6] },
            "unimodality" => new McrOptions { OnC = [new Unimodality(0.5)] },
            "trilinearity" => new McrOptions { RowBlocks = [5, 7], OnC = [new Trilinearity()] },
            "kinetics" => new McrOptions { OnC = [new FirstOrderKinetics([1, 2], [new FirstOrderStep(0, 1, 1)])] },
            "known" => new McrOptions { KnownS = [new KnownProfile(0, [1, null])] },
            "weights" => new McrOptions { SpectrumWeights = [1, 2] },
            "compression" => new McrOptions { Compression = 1 },
            "known hard twice" => new McrOptions { KnownC = [Known(1, 3), Known(2, 3)] },
            "known soft twice" => new McrOptions { KnownC = [Known(1, 3) with { Weight = 1 }, Known(1, 4) with { Weight = 2 }] },
            "soft weight beyond numbers" => new McrOptions { KnownC = [Known(1, 3) with { Weight = 1e200 }] },
            "soft weight of nothing" => new McrOptions { KnownC = [Known(1, 3) with { Weight = 1e-200 }] },
            "correlation of components" => new McrOptions { OnC = [Correlation with { Components = [1] }] },
            "correlation in blocks" => new McrOptions { RowBlocks = [6, 6], OnC = [Correlation with { Blocks = [1] }] },
            "kinetics of components" => new McrOptions
            {
                OnC = [new FirstOrderKinetics([.. Enumerable.Range(0, 12).Select(index => (double)index)], [new FirstOrderStep(0, 1, 1)]) { Components = [0] }],
            },
            _ => new McrOptions { SignFreeC = [new SignFree(4)] },
        };
        var refused = Assert.Throws<NumericsException>(() => McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), options));
        Assert.Contains(refused.Code, (string[])["constraint", "options"]);
    }

    [Fact]
    public void Takes_values_known_for_certain_and_others_known_roughly_of_one_component()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 20, Spectra: 12));
        var result = McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), new McrOptions { KnownC = [Known(0.25, 3), Known(0.75, 4) with { Weight = 1e6 }] });
        Assert.Equal(0.25, result.C[3, 0]);
        Assert.Equal(0.75, result.C[4, 0], 1e-4);
    }

    [Fact]
    public void Of_many_runs_or_times_can_be_stopped_within()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var profile = new double[4000];
        Array.Fill(profile, 1);
        Block[] runs = [.. Enumerable.Range(0, 1000).Select(run => new Block(4 * run, 4))];
        ProfileConstraint[] all =
        [
            new Trilinearity(), new Unimodality(), new Smoothness(1),
            new FirstOrderKinetics([.. Enumerable.Range(0, 2000).Select(index => (double)index)], [new FirstOrderStep(0, 1, 0.1)]),
        ];
        foreach (var constraint in all)
            Assert.Throws<OperationCanceledException>(() => constraint is FirstOrderKinetics
                ? constraint.Apply(profile, 2000, 2, [new Block(0, 2000)], stop.Token)
                : constraint.Apply(profile, 4000, 1, runs, stop.Token));
    }

    private static QuantityCorrelation Correlation => new(0, [.. Enumerable.Range(0, 12).Select(index => (double?)index)]);

    // The first component of twelve spectra is known in one.
    private static KnownProfile Known(double value, int spectrum) => new(0, [.. Enumerable.Range(0, 12).Select(index => index == spectrum ? value : (double?)null)]);

    // What the MATLAB program does: ordinary least squares on the reproduction, negatives to zero, 0.1 % or 20 rises.
    private static McrOptions Matlab => new() { Regressor = Regressor.ZeroedLeastSquares, Compression = 4, Tolerance = 1e-3 };

    private static double Lof(Matrix data, McrResult result) => 100 * data.Minus(result.C.Times(result.S)).FrobeniusNorm() / data.FrobeniusNorm();

    private static void Near(double[] expected, IReadOnlyList<double> actual, double absolute)
    {
        for (var index = 0; index < expected.Length; index++) Assert.Equal(expected[index], actual[index], absolute);
    }
}
