using System.Runtime.InteropServices;
using Tutti.Reduction.Numerics;
using Tutti.Testing;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class Data_in_a_file_or_in_single_precision
{
    private static readonly SyntheticSeries series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 157, Spectra: 700));

    [Fact]
    public void Are_resolved_to_the_same_bits_as_in_memory()
    {
        using var folder = new TemporaryFolder("mapped");
        var path = Path.Combine(folder.Path, "data.bin");
        File.WriteAllBytes(path, [.. new byte[24], .. MemoryMarshal.AsBytes(series.Data.Values)]);
        using var mapped = DataMatrix.Map(path, 24, 700, 157, isSingle: false);
        Assert.True(mapped.IsMapped);
        var options = new McrOptions { ExactIterations = 5, Threads = 2 };
        var (inFile, inMemory) = (McrAls.Resolve(mapped, new McrStart.Spectra(series.TrueS), options), McrAls.Resolve(series.Data, new McrStart.Spectra(series.TrueS), options));
        Assert.Equal(inMemory.LofPercent, inFile.LofPercent);
        Assert.True(inMemory.C.Values.SequenceEqual(inFile.C.Values));
        Assert.True(inMemory.S.Values.SequenceEqual(inFile.S.Values));
    }

    [Fact]
    public void S7_Are_summed_in_double_precision()
    {
        var singles = series.Data.Values.ToArray().Select(value => (float)value).ToArray();
        var widened = new Matrix(700, 157, [.. singles.Select(value => (double)value)]);
        var options = new McrOptions { ExactIterations = 5 };
        var narrow = McrAls.Resolve(DataMatrix.OfSingles(700, 157, singles), new McrStart.Spectra(series.TrueS), options);
        var wide = McrAls.Resolve(widened, new McrStart.Spectra(series.TrueS), options);
        for (var index = 0; index < 5; index++) Assert.Equal(wide.LofPercent[index], narrow.LofPercent[index], 1e-12 * wide.LofPercent[index]);
        var direct = 100 * widened.Minus(narrow.C.Times(narrow.S)).FrobeniusNorm() / widened.FrobeniusNorm();
        Assert.Equal(direct, narrow.BestLofPercent, 1e-9 * direct);
    }

    [Fact]
    public void Are_refused_where_they_are_not_finite_or_the_file_is_too_short()
    {
        using var folder = new TemporaryFolder("mapped");
        var path = Path.Combine(folder.Path, "data.bin");
        File.WriteAllBytes(path, [.. MemoryMarshal.AsBytes<float>([1, 2, float.NaN, 4])]);
        Assert.Equal("not_finite", Assert.Throws<NumericsException>(() => DataMatrix.Map(path, 0, 2, 2, isSingle: true)).Code);
        Assert.Equal("file_too_short", Assert.Throws<NumericsException>(() => DataMatrix.Map(path, 4, 2, 2, isSingle: true)).Code);
        Assert.Equal("not_finite", Assert.Throws<NumericsException>(() => DataMatrix.OfSingles(1, 2, [1, float.PositiveInfinity])).Code);
    }
}

[Trait("engine", "any")]
public sealed class A_resolution_that_was_killed
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Goes_on_from_any_checkpoint_to_the_same_bits(bool accelerated)
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 4, Channels: 60, Spectra: 90));
        var options = new McrOptions { Tolerance = 1e-7, OnC = accelerated ? [] : [new Unimodality(1.05)], DivergenceLimit = 5, Accelerated = accelerated };
        List<byte[]> kept = [];
        var whole = McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 4), options, null, new McrCheckpoints(null, kept.Add, TimeSpan.Zero), default);
        Assert.True(kept.Count > 3);
        foreach (var state in kept)
        {
            var again = McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 4), options, null, new McrCheckpoints(state, _ => { }, TimeSpan.Zero), default);
            Assert.Equal(whole.LofPercent, again.LofPercent);
            Assert.Equal((whole.StopReason, whole.BestIteration), (again.StopReason, again.BestIteration));
            Assert.True(whole.C.Values.SequenceEqual(again.C.Values));
            Assert.True(whole.S.Values.SequenceEqual(again.S.Values));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Is_not_done_again_once_it_has_ended(bool accelerated)
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 3, Channels: 60, Spectra: 90));
        List<byte[]> kept = [];
        var options = new McrOptions { Accelerated = accelerated, MaxIterations = accelerated ? 1 : 500 };
        var whole = McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 3), options, null, new McrCheckpoints(null, kept.Add, TimeSpan.Zero), default);
        Assert.Equal(whole.Iterations, kept.Count);
        var told = 0;
        var again = McrAls.Resolve(
            series.Data, Purest.Spectra(series.Data, 3), options, new Counting(() => told++), new McrCheckpoints(kept[^1], _ => told++, TimeSpan.Zero), default);
        Assert.Equal(0, told);
        Assert.Equal((whole.StopReason, whole.BestIteration), (again.StopReason, again.BestIteration));
        Assert.Equal(whole.LofPercent, again.LofPercent);
        Assert.True(whole.C.Values.SequenceEqual(again.C.Values) && whole.S.Values.SequenceEqual(again.S.Values));
    }

    private sealed class Counting(Action count) : IProgress<McrProgress>
    {
        public void Report(McrProgress value) => count();
    }

    [Fact]
    public void Refuses_a_checkpoint_that_is_damaged_or_of_something_else()
    {
        var series = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 2, Channels: 30, Spectra: 40));
        List<byte[]> kept = [];
        McrAls.Resolve(series.Data, Purest.Spectra(series.Data, 2), new McrOptions { ExactIterations = 3 }, null, new McrCheckpoints(null, kept.Add, TimeSpan.Zero), default);
        foreach (var damaged in (byte[][])[[], kept[0][..20], kept[0][..^1], [.. kept[0], 0], [.. kept[0].Select((value, at) => at == 8 ? (byte)(value + 1) : value)]])
            Assert.Equal("checkpoint", Assert.Throws<NumericsException>(() => McrAls.Resolve(
                series.Data, Purest.Spectra(series.Data, 2), new McrOptions { ExactIterations = 3 }, null, new McrCheckpoints(damaged, _ => { }, TimeSpan.Zero), default)).Code);
    }
}
