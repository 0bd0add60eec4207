using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_synthetic_series
{
    [Fact]
    public void Is_the_same_for_the_same_seed_and_another_for_another()
    {
        var (first, again, other) = (SyntheticSeries.Make(), SyntheticSeries.Make(), SyntheticSeries.Make(new SyntheticSeriesOptions(Seed: 2)));
        Assert.True(first.Data.Values.SequenceEqual(again.Data.Values));
        Assert.False(first.Data.Values.SequenceEqual(other.Data.Values));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Holds_the_planted_species_under_noise_of_the_asked_size(int components)
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: components, Noise: 0.004));
        Assert.All(Enumerable.Range(0, series.TrueC.Rows), row => Assert.Equal(1, series.TrueC.Row(row).ToArray().Sum(), 1e-12));
        Assert.All(series.TrueC.Values.ToArray().Concat(series.TrueS.Values.ToArray()), value => Assert.True(value >= 0));
        var noise = series.Data.Minus(series.TrueC.Times(series.TrueS));
        var expected = series.TrueC.Times(series.TrueS).Values.ToArray().Sum(value => 0.004 * 0.004 * (value + 0.05));
        Assert.Equal(1, noise.FrobeniusNorm() / Math.Sqrt(expected), 0.02);
    }

    [Fact]
    public void Needs_at_least_one_component() =>
        Assert.Equal("component_count", Assert.Throws<NumericsException>(() => SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 0))).Code);
}
