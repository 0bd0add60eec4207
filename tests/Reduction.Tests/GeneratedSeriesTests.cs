using System.Numerics.Tensors;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
[Collection(GeneratedSeriesCollection.Name)]
public sealed class A_generated_series_of_edges(GeneratedSeries generated)
{
    private static readonly McrOptions converging = new() { Tolerance = 1e-5, Threads = 2 };

    [Fact]
    public void S3_Of_a_thousand_spectra_follows_the_known_history_and_recovers_the_planted_species()
    {
        using var data = generated.Data("syn_m");
        var result = McrAls.Resolve(data, new McrStart.Spectra(generated.Start("syn_m")), converging);
        Expect.Near([0.406973, 0.406819, 0.406773], result.LofPercent.Take(3), 2e-6);
        Assert.Equal((StopReason.Converged, 8), (result.StopReason, result.Iterations));
        Assert.Equal(0.406723, result.BestLofPercent, 2e-6);
        var (errorC, errorS) = Recovery.Errors(result, generated.TrueC("syn_m"), generated.TrueS("syn_m"));
        Assert.InRange(errorC, 0, 0.0054);
        Assert.InRange(errorS, 0, 0.0009);
    }

    [Fact]
    public void S4_Of_a_thousand_spectra_closes_every_one_to_one()
    {
        using var data = generated.Data("syn_m");
        var result = McrAls.Resolve(data, new McrStart.Spectra(generated.Start("syn_m")), converging with { Closure = new Closure(1) });
        Assert.Equal((StopReason.Converged, 9), (result.StopReason, result.Iterations));
        Assert.Equal(0.406860, result.BestLofPercent, 2e-6);
        for (var row = 0; row < result.C.Rows; row++) Assert.Equal(1, TensorPrimitives.Sum(result.C.Row(row)), 1e-12);
    }

    [Fact]
    public void S5_Of_twenty_thousand_spectra_follows_the_known_history_and_recovers_the_planted_species()
    {
        using var data = generated.Data("syn_l");
        var result = McrAls.Resolve(data, new McrStart.Spectra(generated.Start("syn_l")), converging);
        Expect.Near([1.022301, 1.022213, 1.022201, 1.022195], result.LofPercent, 2e-6);
        Assert.Equal((StopReason.Converged, 4), (result.StopReason, result.Iterations));
        Assert.InRange(Recovery.Errors(result, generated.TrueC("syn_l"), generated.TrueS("syn_l")).C, 0, 0.042);
    }

    [Theory]
    [InlineData("syn_m")]
    [InlineData("syn_l")]
    public void S7_Has_the_lack_of_fit_that_its_residuals_have(string set)
    {
        using var data = generated.Data(set);
        var result = McrAls.Resolve(data, new McrStart.Spectra(generated.Start(set)), converging);
        var direct = Expect.DirectLof(data, result);
        Assert.Equal(direct, result.BestLofPercent, 1e-5 * direct);
    }

    [Theory]
    [InlineData("syn_m")]
    [InlineData("syn_l")]
    public void S8_Never_gets_worse_and_does_not_depend_on_the_scale_of_the_data_or_the_start(string set)
    {
        using var data = generated.Data(set);
        var start = generated.Start(set);
        var plain = McrAls.Resolve(data, new McrStart.Spectra(start), converging);
        Expect.NeverRises(plain);
        foreach (var scale in (double[])[1e-6, 1e6])
        {
            Expect.SameFit(plain, McrAls.Resolve(data.ToMatrix().Scaled(scale), new McrStart.Spectra(start), converging));
            Expect.SameFit(plain, McrAls.Resolve(data, new McrStart.Spectra(Expect.RowsScaled(start, scale)), converging));
        }
    }

    [Theory]
    [InlineData("syn_m")]
    [InlineData("syn_l")]
    public void S9_Is_bit_identical_twice_and_with_one_or_two_threads(string set)
    {
        using var data = generated.Data(set);
        var start = new McrStart.Spectra(generated.Start(set));
        var two = McrAls.Resolve(data, start, converging);
        Expect.SameBits(two, McrAls.Resolve(data, start, converging));
        Expect.SameBits(two, McrAls.Resolve(data, start, converging with { Threads = 1 }));
    }
}

[Trait("engine", "any")]
[Collection(GeneratedSeriesCollection.Name)]
public sealed class A_generated_map_of_a_million_spectra(GeneratedSeries generated)
{
    private const string Set = "syn_xl";

    [Fact]
    public void S6_S7_S8_S9_Follows_the_known_history_with_residuals_that_agree_whatever_the_threads()
    {
        using var data = generated.Data(Set);
        var (start, options) = (new McrStart.Spectra(generated.Start(Set)), new McrOptions { ExactIterations = 10, Threads = 2 });
        var result = McrAls.Resolve(data, start, options);
        Assert.Equal(10, result.Iterations);
        Assert.Equal(3.42976, result.LofPercent[9], 2e-4);
        Expect.NeverRises(result);
        var direct = Expect.DirectLof(data, result);
        Assert.Equal(direct, result.BestLofPercent, 1e-5 * direct);
        Expect.SameBits(result, McrAls.Resolve(data, start, options with { Threads = 1 }));
    }

    [Fact]
    public void S6_Has_the_known_floor_and_the_known_history_on_the_reproduction_by_its_components()
    {
        using var data = generated.Data(Set);
        Assert.Equal(3.407439, PrincipalComponents.OfLarge(data).LofPercent(5), 2e-6);
        var result = McrAls.Resolve(
            data, new McrStart.Spectra(generated.Start(Set)), new McrOptions { Compression = 5, ExactIterations = 100, Threads = 2 });
        Expect.Near([3.429881, 3.413862, 3.412485], [result.LofPercent[9], result.LofPercent[49], result.LofPercent[99]], 2e-5);
    }

    [Fact]
    public void S8_Does_not_depend_on_the_scale_of_the_start()
    {
        using var data = generated.Data(Set);
        var (start, options) = (generated.Start(Set), new McrOptions { ExactIterations = 3, Threads = 2 });
        var plain = McrAls.Resolve(data, new McrStart.Spectra(start), options);
        foreach (var scale in (double[])[1e-6, 1e6])
            Expect.SameFit(plain, McrAls.Resolve(data, new McrStart.Spectra(Expect.RowsScaled(start, scale)), options));
    }
}

file static class Expect
{
    public static void Near(IEnumerable<double> expected, IEnumerable<double> actual, double tolerance)
    {
        foreach (var (wanted, got) in expected.Zip(actual)) Assert.Equal(wanted, got, tolerance);
    }

    public static void NeverRises(McrResult result)
    {
        for (var index = 1; index < result.Iterations; index++)
            Assert.True(result.LofPercent[index] <= result.LofPercent[index - 1] * (1 + 1e-9), $"iteration {index + 1}: {result.LofPercent[index]} after {result.LofPercent[index - 1]}");
        Assert.True(TensorPrimitives.Min(result.C.Values) >= 0);
        Assert.True(TensorPrimitives.Min(result.S.Values) >= 0);
    }

    public static void SameFit(McrResult expected, McrResult actual)
    {
        Assert.Equal(expected.Iterations, actual.Iterations);
        for (var index = 0; index < expected.Iterations; index++) Assert.Equal(expected.LofPercent[index], actual.LofPercent[index], 1e-9 * expected.LofPercent[index]);
    }

    public static void SameBits(McrResult expected, McrResult actual)
    {
        Assert.Equal(expected.LofPercent, actual.LofPercent);
        Assert.True(expected.C.Values.SequenceEqual(actual.C.Values));
        Assert.True(expected.S.Values.SequenceEqual(actual.S.Values));
    }

    /// <summary>Every row by a scale of its own: the given one, its inverse, and so on.</summary>
    public static Matrix RowsScaled(Matrix start, double scale) => Matrix.FromRows(
        [.. Enumerable.Range(0, start.Rows).Select(row => start.Row(row).ToArray().Select(value => value * (row % 2 == 0 ? scale : 1 / scale)).ToArray())]);

    /// <summary>100 |D - C S| / |D| value by value.</summary>
    public static double DirectLof(DataMatrix data, McrResult result)
    {
        var (rest, all) = (0.0, 0.0);
        var spectrum = new double[data.Columns];
        for (var row = 0; row < data.Rows; row++)
        {
            data.CopyRows(row, 1, spectrum);
            all += TensorPrimitives.SumOfSquares<double>(spectrum);
            for (var k = 0; k < result.S.Rows; k++) TensorPrimitives.MultiplyAdd(result.S.Row(k), -result.C[row, k], spectrum, spectrum);
            rest += TensorPrimitives.SumOfSquares<double>(spectrum);
        }
        return 100 * Math.Sqrt(rest / all);
    }
}
