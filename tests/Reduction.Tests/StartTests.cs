using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_start
{
    [Fact]
    public void By_NNDSVD_is_non_negative_and_never_zero() => Prop.ForAll(
        Arb.From(
            from seed in Gen.Choose(1, int.MaxValue)
            from rows in Gen.Choose(6, 40)
            from columns in Gen.Choose(6, 40)
            from components in Gen.Choose(1, 5)
            from signed in Gen.Elements(true, false)
            select (seed, rows, columns, components, signed)),
        drawn =>
        {
            var noise = new SeededNoise((ulong)drawn.seed);
            var data = new Matrix(drawn.rows, drawn.columns, [.. Enumerable.Range(0, drawn.rows * drawn.columns)
                .Select(_ => drawn.signed ? noise.Normal() : noise.Uniform())]);
            var (c, s) = NonNegativeDecomposition.Of(data, drawn.components);
            Assert.Equal((drawn.rows, drawn.components), (c.Rows, c.Columns));
            Assert.Equal((drawn.components, drawn.columns), (s.Rows, s.Columns));
            Assert.All(c.Values.ToArray().Concat(s.Values.ToArray()), value => Assert.True(value >= 0));
            for (var k = 0; k < drawn.components; k++)
            {
                Assert.Contains(c.Column(k), value => value > 0);
                Assert.Contains(s.Row(k).ToArray(), value => value > 0);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void By_NNDSVD_of_one_component_is_the_best_one()
    {
        var data = SyntheticSeries.Make().Data;
        var (c, s) = NonNegativeDecomposition.Of(data, 1);
        Assert.Equal(PrincipalComponents.Of(data).LofPercent(1), 100 * data.Minus(c.Times(s)).FrobeniusNorm() / data.FrobeniusNorm(), 1e-6);
    }

    [Fact]
    public void By_evolving_factors_holds_each_species_where_it_is()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 84, Components: 3));
        // The charge alone: species come and go once.
        var charge = series.Data.SelectRows([.. Enumerable.Range(0, 58)]);
        var truth = series.TrueC.SelectRows([.. Enumerable.Range(0, 58)]);
        var start = EvolvingStart.Concentrations(charge, 3);
        Assert.All(start.Values.ToArray(), value => Assert.True(value >= 0));
        for (var k = 0; k < 3; k++)
            Assert.InRange(ComponentMatching.Correlation(start.Column(k), truth.Column(k)), 0.7, 1);
        var result = McrAls.Resolve(charge, new McrStart.Concentrations(start));
        Assert.InRange(result.BestLofPercent, 0, 1.02 * PrincipalComponents.Of(charge).LofPercent(3));
    }

    [Fact]
    public void By_evolving_factors_reaches_every_row_of_a_long_series()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 701, Channels: 40, Components: 3));
        var start = EvolvingStart.Concentrations(series.Data, 3);
        Assert.Equal((701, 3), (start.Rows, start.Columns));
        Assert.InRange(McrAls.Resolve(series.Data, new McrStart.Concentrations(start)).BestLofPercent, 0, 5);
    }

    [Fact]
    public void By_clusters_finds_the_shapes_of_separate_species()
    {
        var noise = new SeededNoise(3);
        double[][] shapes = [[1, 0, 0, 2, 1], [0, 3, 1, 0, 0], [0, 0, 2, 1, 4]];
        var rows = Enumerable.Range(0, 90).Select(row => shapes[row / 30].Select(value => (0.5 + row % 7) * value + 0.01 * noise.Normal()).ToArray());
        var found = Clusters.Spectra(Matrix.FromRows([.. rows]), 3, seed: 9);
        for (var k = 0; k < 3; k++) Assert.InRange(ComponentMatching.RelativeError(found.Row(k), shapes[k]), 0, 0.01);
        Assert.True(found.Values.SequenceEqual(Clusters.Spectra(Matrix.FromRows([.. rows.Take(0).Concat(Rows())]), 3, seed: 9).Values));

        IEnumerable<double[]> Rows()
        {
            var again = new SeededNoise(3);
            return [.. Enumerable.Range(0, 90).Select(row => shapes[row / 30].Select(value => (0.5 + row % 7) * value + 0.01 * again.Normal()).ToArray())];
        }
    }

    [Fact]
    public void By_clusters_refuses_fewer_shapes_than_components()
    {
        var same = Matrix.FromRows([.. Enumerable.Range(1, 9).Select(row => (double[])[row, 2 * row])]);
        Assert.Equal("kmeans_exhausted", Assert.Throws<NumericsException>(() => Clusters.Spectra(same, 2)).Code);
    }

    [Fact]
    public void By_pure_rows_passes_over_empty_ones()
    {
        // The first row is almost empty and very uneven: without a floor it is the purest.
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 40, Channels: 60));
        var rows = Enumerable.Range(0, 40).Select(row => series.Data.Row(row).ToArray()).ToArray();
        rows[0] = [.. Enumerable.Range(0, 60).Select(channel => channel == 7 ? 2.0 : 0)];
        var data = Matrix.FromRows(rows);
        Assert.Contains(0, Simplisma.PurestRows(data, 3, 5));
        Assert.DoesNotContain(0, Simplisma.PurestRows(data, 3, 5, floor: 0.2));
        Assert.Equal("floor", Assert.Throws<NumericsException>(() => Simplisma.PurestRows(data, 3, 5, floor: 1)).Code);
    }
}

[Trait("engine", "any")]
public sealed class A_matching_of_components
{
    [Fact]
    public void Agrees_with_the_search_of_all_assignments() => Prop.ForAll(
        Arb.From(
            from seed in Gen.Choose(1, int.MaxValue)
            from rows in Gen.Choose(1, 6)
            from columns in Gen.Choose(1, 6)
            from ties in Gen.Elements(true, false)
            select (seed, rows, columns, ties)),
        drawn =>
        {
            var noise = new SeededNoise((ulong)drawn.seed);
            var gain = new Matrix(drawn.rows, drawn.columns, [.. Enumerable.Range(0, drawn.rows * drawn.columns)
                .Select(_ => drawn.ties ? noise.Below(3) : noise.Uniform())]);
            var found = ComponentMatching.Assign(gain);
            Assert.Equal(drawn.rows, found.Count);
            Assert.Equal(Math.Min(drawn.rows, drawn.columns), found.Count(column => column >= 0));
            Assert.Equal(found.Count(column => column >= 0), found.Where(column => column >= 0).Distinct().Count());
            Assert.Equal(Best(gain, 0, []), found.Select((column, row) => column < 0 ? 0 : gain[row, column]).Sum(), 1e-12);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Undoes_order_and_scale()
    {
        var series = SyntheticSeries.Make();
        int[] order = [2, 0, 1];
        var c = series.TrueC.SelectColumns(order).Scaled(7);
        var s = series.TrueS.SelectRows(order).Scaled(-0.1);
        var match = ComponentMatching.Match(c, s, series.TrueC, series.TrueS);
        Assert.Equal([1, 2, 0], match.Found);
        Assert.InRange(match.WorstC, 0, 1e-12);
        Assert.InRange(match.WorstS, 0, 1e-12);
        Assert.All(match.Likeness, likeness => Assert.Equal(2, likeness, 1e-12));
    }

    [Fact]
    public void Leaves_a_reference_alone_that_has_no_partner()
    {
        var series = SyntheticSeries.Make();
        var match = ComponentMatching.Match(series.TrueC.SelectColumns([1, 2]), series.TrueS.SelectRows([1, 2]), series.TrueC, series.TrueS);
        Assert.Equal([-1, 0, 1], match.Found);
        Assert.True(double.IsNaN(match.ErrorC[0]));
    }

    private static double Best(Matrix gain, int row, HashSet<int> taken)
    {
        if (row == gain.Rows) return 0;
        var best = gain.Rows > gain.Columns ? Best(gain, row + 1, taken) : double.NegativeInfinity;
        for (var column = 0; column < gain.Columns; column++)
            if (!taken.Contains(column)) best = Math.Max(best, gain[row, column] + Best(gain, row + 1, [.. taken, column]));
        return best;
    }
}
