using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_rank_analysis
{
    [Fact]
    public void P6_Finds_too_few_by_parallel_analysis_which_does_not_decide()
    {
        foreach (var (data, expected) in new[] { (SharedData.M1, 1), (SharedData.FourRuns, 2) })
        {
            foreach (var seed in new ulong[] { 1, 2, 3, 4, 5, 6, 7, 8 })
            {
                Assert.Equal(expected, ParallelAnalysis.Of(data, ParallelReference.Permutation, centred: true, seed: seed).Components);
                // Against normal noise the second component of the four runs is close to the threshold.
                Assert.InRange(ParallelAnalysis.Of(data, ParallelReference.NormalNoise, centred: true, seed: seed).Components, 1, expected);
            }
            var rank = RankAnalysis.Of(data, PrincipalComponents.Of(data));
            Assert.Equal(4, rank.Verdict.Suggested);
            Assert.Equal(expected, rank.Verdict.Evidence.Single(item => item.Indicator == "Parallel analysis").Suggests);
        }
    }

    [Fact]
    public void P7_Follows_the_known_evolving_eigenvalues()
    {
        var evolving = EvolvingFactors.Of(SharedData.M1, 4);
        Assert.Null(evolving.ProjectedOn);
        Near([1.612088, 1.88891e-3], evolving.Forward.Row(9));
        Near([1.005960, 1.44384e-3], evolving.Backward.Row(51 - 10));
        foreach (var full in new[] { evolving.Forward.Row(50).ToArray(), evolving.Backward.Row(0).ToArray() })
            Near([134.9606, 2.995414, 0.159956, 0.0516282], full);

        static void Near(double[] expected, ReadOnlySpan<double> singular)
        {
            for (var k = 0; k < expected.Length; k++) Assert.Equal(expected[k], singular[k] * singular[k], 3e-6 * expected[k]);
        }
    }

    [Fact]
    public void R1_Is_ambiguous_for_measured_spectra_with_drift_and_shows_the_residual()
    {
        var data = Edge();
        Assert.Equal((229, 421), (data.Rows, data.Columns));
        var pca = PrincipalComponents.Of(data);
        double[] expected = [262.16624, 9.224823, 1.378635, 0.289382];
        for (var k = 0; k < expected.Length; k++) Assert.Equal(expected[k], pca.SingularValues[k], 1e-6 * expected[k]);
        Assert.Equal(0.553071, pca.LofPercent(2), 1e-6);
        Assert.Equal(0.172354, pca.LofPercent(3), 1e-6);

        var rank = RankAnalysis.Of(data, pca);
        Assert.True(rank.Verdict.Ambiguous);
        Assert.Null(rank.Verdict.Evidence.Single(item => item.Indicator == "IND").Suggests);
        Assert.Contains("no minimum within 9", rank.Verdict.Evidence.Single(item => item.Indicator == "IND").Reading, StringComparison.Ordinal);
        Assert.NotNull(rank.Residuals);
        Assert.InRange(rank.Residuals.AlongRows[3], 0, 1.5);
        Assert.Contains("3: ", rank.Verdict.Evidence.Single(item => item.Indicator == "Residual Durbin-Watson").Reading, StringComparison.Ordinal);
    }

    [Fact]
    public void Lets_every_indicator_speak_in_words()
    {
        var series = SyntheticSeries.Make();
        var rank = RankAnalysis.Of(series.Data, PrincipalComponents.Of(series.Data));
        Assert.Equal(
            ["RE", "IND", "F test", "Durbin-Watson", "Scree", "Residual Durbin-Watson", "Cross-validation", "Parallel analysis", "Parallel analysis (normal noise)",
                "Evolving factors"],
            rank.Verdict.Evidence.Select(item => item.Indicator));
        Assert.All(rank.Verdict.Evidence, item => Assert.NotEmpty(item.Reading));
        Assert.Equal(3, rank.Verdict.Suggested);
    }

    [Fact]
    public void Finds_a_planted_rank_under_white_noise() => Prop.ForAll(
        Arb.From(
            from seed in Gen.Choose(1, int.MaxValue)
            from rank in Gen.Choose(1, 5)
            from rows in Gen.Choose(25, 60)
            from columns in Gen.Choose(25, 60)
            select (seed, rank, rows, columns)),
        drawn =>
        {
            var data = Planted(drawn.seed, drawn.rank, drawn.rows, drawn.columns);
            Assert.Equal(drawn.rank, CrossValidation.Of(data).Suggests);
            Assert.Equal(drawn.rank, RankAnalysis.Of(PrincipalComponents.Of(data)).Verdict.Evidence.Single(item => item.Indicator == "IND").Suggests);
            var residuals = ResidualStructure.Of(data, PrincipalComponents.Of(data), drawn.rank);
            Assert.InRange(residuals.AlongChannels[drawn.rank], 1.5, 2.7);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void Counts_one_component_less_where_the_mean_is_taken_off_a_closed_series()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 60, Channels: 150, Components: 3));
        var rank = RankAnalysis.Of(series.Data, PrincipalComponents.Of(series.Data, centred: true));
        Assert.Equal(2, rank.Verdict.Evidence.Single(item => item.Indicator == "IND").Suggests);
        Assert.Equal(2, rank.CrossValidation?.Suggests);
        Assert.True(rank.CrossValidation?.Centred);
    }

    [Fact]
    public void Says_when_a_sample_stood_for_large_data()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 3000, Channels: 300, Components: 3));
        var rank = RankAnalysis.Of(series.Data, PrincipalComponents.Of(series.Data));
        Assert.Equal(3, rank.CrossValidation?.Suggests);
        Assert.Contains(
            "of 3000 spectra", rank.Verdict.Evidence.Single(item => item.Indicator == "Cross-validation").Reading, StringComparison.Ordinal);
        Assert.All(rank.Verdict.Evidence.Where(item => item.Indicator.StartsWith("Parallel", StringComparison.Ordinal)),
            item => Assert.Contains("of 3000 spectra", item.Reading, StringComparison.Ordinal));
        Assert.Equal(24, rank.Evolving?.ProjectedOn);
    }

    [Fact]
    public void Has_evolving_singular_values_that_never_fall_forward_nor_rise_backward() => Prop.ForAll(
        Arb.From(
            from seed in Gen.Choose(1, int.MaxValue)
            from rows in Gen.Choose(3, 40)
            from columns in Gen.Choose(3, 40)
            select (seed, rows, columns)),
        drawn =>
        {
            var evolving = EvolvingFactors.Of(Planted(drawn.seed, 2, drawn.rows, drawn.columns), 3);
            for (var k = 0; k < 3; k++)
                for (var at = 1; at < evolving.Positions.Count; at++)
                {
                    var rounding = 1e-7 * evolving.Backward[0, 0];
                    Assert.True(evolving.Forward[at, k] >= evolving.Forward[at - 1, k] - rounding);
                    Assert.True(evolving.Backward[at, k] <= evolving.Backward[at - 1, k] + rounding);
                }
            Assert.Equal(drawn.rows, evolving.Positions.Count);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Has_the_same_evolving_signal_on_a_projection_as_exactly()
    {
        var data = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 150, Channels: 140, Components: 3)).Data;
        var projected = EvolvingFactors.Of(data, 3);
        Assert.Equal(64, projected.ProjectedOn);
        foreach (var row in new[] { 20, 75, 149 })
        {
            var part = PrincipalComponents.Of(data.SelectRows([.. Enumerable.Range(0, row + 1)]));
            for (var k = 0; k < 2; k++) Assert.Equal(part.SingularValues[k], projected.Forward[row, k], 2e-3 * part.SingularValues[k]);
        }
        Assert.Equal(PrincipalComponents.Of(data.SelectRows([.. Enumerable.Range(40, projected.WindowRows)])).SingularValues[0],
            projected.Window[40, 0], 1e-9 * projected.Window[40, 0]);
    }

    /// <summary>Measured Ni K-edge spectra of one cell position between 8320 and 8420 eV.</summary>
    internal static Matrix Edge()
    {
        const string table = "xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv";
        var axis = File.ReadLines(SharedData.Path(table)).First().Split(',')
            .Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return SharedData.Table(table).SelectColumns(
            [.. Enumerable.Range(0, axis.Length).Where(index => axis[index] >= 8320 && axis[index] <= 8420)]);
    }

    // Strong orthogonal-ish factors, so that every one stands clear of the noise.
    private static Matrix Planted(int seed, int rank, int rows, int columns)
    {
        var noise = new SeededNoise((ulong)seed);
        var flat = new double[rows * columns];
        for (var k = 0; k < rank; k++)
        {
            var u = Enumerable.Range(0, rows).Select(_ => noise.Normal()).ToArray();
            var v = Enumerable.Range(0, columns).Select(_ => noise.Normal()).ToArray();
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++) flat[row * columns + column] += u[row] * v[column];
        }
        for (var index = 0; index < flat.Length; index++) flat[index] += 0.02 * noise.Normal();
        return new Matrix(rows, columns, flat);
    }
}

[Trait("engine", "any")]
public sealed class A_Gram_matrix_summed_in_blocks
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gives_the_principal_components_of_the_whole(bool centred)
    {
        var data = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 700, Channels: 61, Components: 4)).Data;
        var sums = new GramAccumulator(61, centred);
        for (var row = 0; row < data.Rows; row += 7) sums.Add(data.Values[(row * 61)..(Math.Min(row + 7, data.Rows) * 61)]);
        var direct = PrincipalComponents.Of(data, centred);
        var summed = PrincipalComponents.FromGram(sums.Gram(), sums.Rows, 61, centred: centred);
        for (var k = 0; k < 24; k++) Assert.Equal(direct.SingularValues[k], summed.SingularValues[k], 1e-9 * direct.SingularValues[k]);
        for (var k = 0; k < 3; k++)
            for (var channel = 0; channel < 61; channel++) Assert.Equal(direct.Loadings[k, channel], summed.Loadings[k, channel], 1e-7);
        Assert.Equal(direct.LofPercent(4), summed.LofPercent(4), 1e-9);
        Assert.Equal("scores_not_kept", Assert.Throws<NumericsException>(() => summed.Scores).Code);
    }

    [Fact]
    public void Takes_float32_and_sums_it_as_float64()
    {
        var data = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 300, Channels: 50)).Data;
        var single = data.Values.ToArray().Select(value => (float)value).ToArray();
        var sums = new GramAccumulator(50);
        sums.Add(single.AsSpan());
        var expected = PrincipalComponents.Of(new Matrix(300, 50, [.. single.Select(value => (double)value)]));
        var found = PrincipalComponents.FromGram(sums.Gram(), 300, 50, keep: 5);
        for (var k = 0; k < 5; k++) Assert.Equal(expected.SingularValues[k], found.SingularValues[k], 1e-9 * expected.SingularValues[k]);
    }

    [Fact]
    public void Settles_where_there_are_far_fewer_rows_than_columns() => Prop.ForAll(
        Arb.From(from seed in Gen.Choose(1, int.MaxValue) from rows in Gen.Choose(1, 12) from columns in Gen.Choose(60, 120) select (seed, rows, columns)),
        drawn =>
        {
            var noise = new SeededNoise((ulong)drawn.seed);
            var sums = new GramAccumulator(drawn.columns);
            for (var row = 0; row < drawn.rows; row++)
                sums.Add([.. Enumerable.Range(0, drawn.columns).Select(channel => 1 + 0.01 * (row + 1) * Math.Sin(0.1 * channel) + 1e-4 * noise.Normal())]);
            var pca = PrincipalComponents.FromGram(sums.Gram(), drawn.rows, drawn.columns);
            Assert.Equal(drawn.rows, pca.SingularValues.Count);
            Assert.All(pca.SingularValues, value => Assert.True(value > 0));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Refuses_broken_rows_and_numbers_that_are_none()
    {
        var sums = new GramAccumulator(3);
        Assert.Equal("matrix_shape", Assert.Throws<NumericsException>(() => sums.Add([1.0, 2])).Code);
        Assert.Equal("zero_data", Assert.Throws<NumericsException>(() => sums.Gram()).Code);
        sums.Add([1.0, double.NaN, 2]);
        Assert.Equal("not_finite", Assert.Throws<NumericsException>(() => sums.Gram()).Code);
    }
}
