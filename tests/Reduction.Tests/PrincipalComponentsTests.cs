using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class Principal_components
{
    [Fact]
    public void P1_Give_the_singular_values_and_lack_of_fit_of_one_run()
    {
        var pca = PrincipalComponents.Of(SharedData.M1);
        Near([11.6172546, 1.7307264, 0.3999450, 0.2272185, 0.0472127], pca.SingularValues, 1e-6);
        Near([15.323745, 4.252244, 2.551046, 1.665003], [.. Enumerable.Range(1, 4).Select(pca.LofPercent)], 1e-6);
    }

    [Fact]
    public void P2_Give_the_singular_values_and_lack_of_fit_of_four_runs()
    {
        var pca = PrincipalComponents.Of(SharedData.FourRuns);
        Near([20.5929282, 3.4986997, 0.8793311, 0.7766588, 0.0689236], pca.SingularValues, 1e-6);
        Assert.Equal(1.944150, pca.LofPercent(4), 1e-6);
    }

    [Fact]
    public void P3_Have_the_least_IND_at_the_number_of_species()
    {
        var m1 = RankAnalysis.Of(PrincipalComponents.Of(SharedData.M1));
        Assert.Equal(4, LeastAt(m1.Indicator));
        Assert.Equal(2.91403e-3, m1.RealError[3], 5e-9);
        Assert.Equal(1.31916e-6, m1.Indicator[3], 5e-12);
        Assert.Equal(4, LeastAt(RankAnalysis.Of(PrincipalComponents.Of(SharedData.FourRuns)).Indicator));
        Assert.Equal(3, LeastAt(RankAnalysis.Of(PrincipalComponents.Of(SharedData.SynD)).Indicator));

        static int LeastAt(IReadOnlyList<double> indicator) => Enumerable.Range(0, indicator.Count).MinBy(index => indicator[index]) + 1;
    }

    [Fact]
    public void P4_Leave_four_components_at_the_five_percent_level_of_the_F_test()
    {
        var rank = RankAnalysis.Of(PrincipalComponents.Of(SharedData.M1));
        Assert.Equal(5.81e-4, rank.SignificancePercent[3], 0.005e-4);
        Assert.Equal(28.4, rank.SignificancePercent[4], 0.05);
        Assert.Equal(4, rank.Verdict.Evidence.Single(item => item.Indicator == "F test").Suggests);
    }

    [Fact]
    public void P5_Have_smooth_loadings_for_signal_and_rough_ones_for_noise()
    {
        var rank = RankAnalysis.Of(PrincipalComponents.Of(SharedData.M1));
        double[] expected = [0.0043, 0.0103, 0.0345, 0.0433, 2.250];
        for (var index = 0; index < expected.Length; index++) Assert.Equal(expected[index], rank.DurbinWatson[index], 1e-3);
        Assert.False(rank.Verdict.Ambiguous);
        Assert.Equal(4, rank.Verdict.Suggested);
    }

    [Fact]
    public void P8_Are_joined_by_the_purest_rows_and_columns()
    {
        Assert.Equal([19, 32, 8, 43], Simplisma.PurestRows(SharedData.M1, 4, 5));
        Assert.Equal([0, 76, 43, 24], Simplisma.PurestColumns(SharedData.M1, 4, 10));
        Assert.Equal([138, 0, 65], Simplisma.PurestRows(SharedData.SynD, 3, 5));
    }

    [Fact]
    public void Agree_with_a_known_decomposition_over_fourteen_orders_of_magnitude()
    {
        // D = U diag(s) V' with U and V made orthonormal here; the small values are far below what a Gram matrix alone can hold.
        double[] s = [1, 1e-3, 1e-6, 1e-9, 1e-11];
        var noise = new SeededNoise(7);
        var u = Orthonormal(40, s.Length, noise);
        var v = Orthonormal(60, s.Length, noise);
        var flat = new double[40 * 60];
        for (var k = 0; k < s.Length; k++)
            for (var row = 0; row < 40; row++)
                for (var column = 0; column < 60; column++)
                    flat[row * 60 + column] += u[k][row] * s[k] * v[k][column];
        var data = new Matrix(40, 60, flat);
        foreach (var pca in new[] { PrincipalComponents.Of(data), PrincipalComponents.Of(data.Transpose()) })
        {
            Assert.True(pca.Refined);
            for (var k = 0; k < s.Length; k++) Assert.Equal(s[k], pca.SingularValues[k], 2e-15 + 1e-12 * s[k]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rebuild_the_data_from_scores_and_loadings(bool centred)
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 30, Channels: 21, Components: 3, Seed: 5));
        foreach (var data in new[] { series.Data, series.Data.Transpose() })
        {
            var pca = PrincipalComponents.Of(data, centred, keep: 21);
            var rebuilt = pca.Scores.Times(pca.Loadings);
            var mean = Enumerable.Range(0, data.Columns).Select(column => centred ? data.Column(column).Average() : 0).ToArray();
            for (var row = 0; row < data.Rows; row++)
                for (var column = 0; column < data.Columns; column++)
                    Assert.Equal(data[row, column], rebuilt[row, column] + mean[column], 1e-12);
            Assert.Equal(0, pca.LofPercent(21), 1e-9);
        }
    }

    [Theory]
    [InlineData(500, 1000, false)]
    [InlineData(500, 1000, true)]
    [InlineData(1000, 500, false)]
    [InlineData(1000, 500, true)]
    public void Of_data_that_are_not_copied_agree_with_those_of_a_copy(int spectra, int channels, bool centred)
    {
        var data = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: spectra, Channels: channels, Components: 4, Seed: 9)).Data;
        var single = DataMatrix.OfSingles(spectra, channels, [.. data.Values.ToArray().Select(value => (float)value)]);
        var whole = PrincipalComponents.Of(data, centred);
        foreach (var (found, tolerance) in ((PrincipalComponents, double)[])[(PrincipalComponents.OfLarge(data, centred), 1e-9), (PrincipalComponents.OfLarge(single, centred), 1e-5)])
        {
            Assert.False(found.Refined);
            for (var k = 0; k < whole.SingularValues.Count - 1; k++) Assert.Equal(whole.SingularValues[k], found.SingularValues[k], tolerance * whole.SingularValues[0] * 0.1);
            for (var k = 0; k < 4; k++)
                for (var channel = 0; channel < channels; channel++) Assert.Equal(whole.Loadings[k, channel], found.Loadings[k, channel], 100 * tolerance);
            for (var a = 0; a < 24; a++)
                for (var b = 0; b <= a; b++)
                    Assert.Equal(a == b ? 1 : 0, System.Numerics.Tensors.TensorPrimitives.Dot(found.Loadings.Row(a), found.Loadings.Row(b)), 1e-9);
            for (var row = 0; row < spectra; row++) Assert.Equal(whole.Scores[row, 1], found.Scores[row, 1], 1000 * tolerance);
        }
    }

    [Fact]
    public void Have_orthogonal_loadings_where_values_coincide_or_vanish()
    {
        // Five equal values, three of another kind, the rest zero; turned so that nothing is diagonal.
        var turn = Orthonormal(40, 40, new SeededNoise(21));
        var gram = new double[1600];
        for (var k = 0; k < 8; k++)
            for (var row = 0; row < 40; row++)
                for (var column = 0; column < 40; column++) gram[row * 40 + column] += (k < 5 ? 9 : 4) * turn[k][row] * turn[k][column];
        var found = PrincipalComponents.FromGram(gram, 100, 40, keep: 12);
        for (var k = 0; k < 8; k++)
        {
            Assert.Equal(k < 5 ? 3 : 2, found.SingularValues[k], 1e-12);
            for (var other = 0; other <= k; other++)
                Assert.Equal(other == k ? 1 : 0, System.Numerics.Tensors.TensorPrimitives.Dot(found.Loadings.Row(k), found.Loadings.Row(other)), 1e-12);
            // Within the space of the vectors that were planted.
            var (first, last) = k < 5 ? (0, 5) : (5, 8);
            var loading = found.Loadings.Row(k).ToArray();
            Assert.Equal(1, Enumerable.Range(first, last - first).Sum(index => Math.Pow(loading.Zip(turn[index], (a, b) => a * b).Sum(), 2)), 1e-12);
        }
        for (var k = 8; k < 12; k++)
        {
            Assert.InRange(found.SingularValues[k], 0, 1e-6);
            for (var other = 0; other < 8; other++) Assert.Equal(0, System.Numerics.Tensors.TensorPrimitives.Dot(found.Loadings.Row(k), found.Loadings.Row(other)), 1e-12);
        }
    }

    [Fact]
    public void Refuse_data_without_any_signal()
    {
        Assert.Equal("zero_data", Assert.Throws<NumericsException>(() => PrincipalComponents.Of(new Matrix(2, 3, new double[6]))).Code);
        Assert.Equal("not_finite", Assert.Throws<NumericsException>(() => new Matrix(1, 3, [1, double.NaN, 2])).Code);
    }

    [Fact]
    public void Say_that_the_number_is_ambiguous_where_indicators_disagree()
    {
        // White noise only: nothing is smooth, nothing stands out.
        var noise = new SeededNoise(11);
        var rank = RankAnalysis.Of(PrincipalComponents.Of(new Matrix(30, 50, [.. Enumerable.Range(0, 1500).Select(_ => noise.Normal())])));
        Assert.True(rank.Verdict.Ambiguous);
        Assert.Equal(["RE", "IND", "F test", "Durbin-Watson", "Scree"], rank.Verdict.Evidence.Select(item => item.Indicator));
    }

    private static double[][] Orthonormal(int length, int count, SeededNoise noise)
    {
        var vectors = new List<double[]>();
        while (vectors.Count < count)
        {
            var vector = Enumerable.Range(0, length).Select(_ => noise.Normal()).ToArray();
            for (var twice = 0; twice < 2; twice++)
                foreach (var other in vectors)
                {
                    var along = vector.Zip(other, (a, b) => a * b).Sum();
                    vector = [.. vector.Zip(other, (a, b) => a - along * b)];
                }
            var norm = Math.Sqrt(vector.Sum(value => value * value));
            vectors.Add([.. vector.Select(value => value / norm)]);
        }
        return [.. vectors];
    }

    private static void Near(double[] expected, IReadOnlyList<double> actual, double relative)
    {
        for (var index = 0; index < expected.Length; index++) Assert.Equal(expected[index], actual[index], relative * expected[index]);
    }
}
