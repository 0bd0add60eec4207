using System.Runtime.InteropServices;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

/// <summary>A set larger than the memory that steps may use: 4000 pixels of 60 energies in float32 (960 kB), with 64 kB allowed.</summary>
[Trait("engine", "any")]
public sealed class A_set_larger_than_memory : IDisposable
{
    private const int Pixels = 4000;
    private const int Channels = 60;
    private readonly string folder = Directory.CreateTempSubdirectory("tutti-large-").FullName;
    private readonly SpectralSeries series;
    private readonly PreparationLimits limits;

    public A_set_larger_than_memory()
    {
        var noise = new SeededNoise(11);
        var values = new float[Pixels * Channels];
        for (var i = 0; i < values.Length; i++) values[i] = (float)noise.Uniform(10, 1000);
        var path = Path.Combine(folder, "large");
        File.WriteAllBytes(path, MemoryMarshal.AsBytes<float>(values).ToArray());
        series = new SpectralSeries(
            "made", new SpectralAxis("x", null, [.. Enumerable.Range(0, Channels).Select(c => (double)c)]),
            DataMatrix.Map(path, 0, Pixels, Channels, isSingle: true), null, null, [], []) { MapShape = new MapShape(50, 80) };
        limits = new PreparationLimits { Storage = new MatrixStorage { MemoryBytes = 1 << 16, Folder = Directory.CreateDirectory(Path.Combine(folder, "temporary")).FullName } };
    }

    public void Dispose()
    {
        series.Data.Dispose();
        Directory.Delete(folder, true);
    }

    private static Dictionary<string, SpectralSeries> Second => new()
    {
        ["i0"] = Made.Series([.. Enumerable.Range(0, Channels).Select(c => (double)c)], [.. Enumerable.Range(0, Channels).Select(c => 1000.0 + c)]),
        ["background"] = Made.Series([.. Enumerable.Range(0, Channels).Select(c => (double)c)], [.. Enumerable.Range(0, Channels).Select(c => 1.0)]),
    };

    public static TheoryData<string> Steps =>
    [
        """{"step":"optical-density","reference":"i0"}""", """{"step":"optical-density","brightestPercent":5}""", """{"step":"cut","low":5,"high":50}""",
        """{"step":"standard-normal-variate"}""", """{"step":"scale","factor":0.5,"offset":1}""", """{"step":"mask-pixels","least":480}""",
        """{"step":"normalise-by-monitor","reference":"i0"}""", """{"step":"normalise-spectra","by":"max"}""", """{"step":"normalise-channels"}""",
        """{"step":"normalise-channels","by":"deviation"}""", """{"step":"subtract-background"}""", """{"step":"mean-centre"}""",
        """{"step":"crop-spectra","first":10,"last":3900}""", """{"step":"average-neighbours"}""", """{"step":"rebin","width":2}""",
        """{"step":"smooth-spectra"}""", """{"step":"scatter-correction"}""", """{"step":"shift-axis","by":3}""",
        $$"""{"step":"align-images","subpixel":true,"shiftRows":[{{Shifts(0.5)}}],"shiftColumns":[{{Shifts(-0.25)}}]}""",
    ];

    private static string Shifts(double step) =>
        string.Join(',', Enumerable.Range(0, Channels).Select(channel => (step * (channel % 5)).ToString(System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [MemberData(nameof(Steps))]
    public void Is_prepared_as_in_memory_but_for_the_precision_of_its_file(string json)
    {
        var step = System.Text.Json.JsonSerializer.Deserialize<PreparationStep>(json, System.Text.Json.JsonSerializerOptions.Web);
        Assert.NotNull(step);
        var whole = Prepare.Run(series with { Data = series.Data.ToMatrix() }, [step], Made.Context, Second);
        var streamed = Prepare.Run(series, [step], Made.Context, Second, limits: limits);
        using var data = streamed.Series.Data;
        Assert.True(data.IsMapped && data.IsSingle);
        Assert.Equal((whole.Series.Data.Rows, whole.Series.Data.Columns), (data.Rows, data.Columns));
        Assert.Equal(whole.Series.Axis.Values, streamed.Series.Axis.Values);
        Assert.Equal(whole.Warnings, streamed.Warnings);
        double[] expected = [.. whole.Series.Data.ToMatrix().Values], got = [.. data.ToMatrix().Values];
        for (var i = 0; i < expected.Length; i++)
            if (Math.Abs(expected[i] - got[i]) > 1e-7 * Math.Abs(expected[i]) + 1e-12) Assert.Fail($"{i}: {expected[i]} and {got[i]}");
    }

    [Fact]
    public void Takes_no_more_memory_than_a_part_of_itself()
    {
        PreparationStep[] steps = [new OpticalDensity("i0"), new Cut(5, 50), new Scale(2), new StandardNormalVariate()];
        Prepare.Run(series, steps, Made.Context, Second, limits: limits).Series.Data.Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var data = Prepare.Run(series, steps, Made.Context, Second, limits: limits).Series.Data;
        // One copy in float64 would be 1.9 MB, one in float32 0.96 MB; each file has a buffer of 64 kB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 800_000);
    }

    [Fact]
    public void Leaves_no_file_behind()
    {
        var prepared = Prepare.Run(series, [new Cut(5, 50), new Scale(2)], Made.Context, limits: limits);
        prepared.Series.Data.Dispose();
        Assert.Throws<PreparationException>(() => Prepare.Run(series, [new Cut(5, 50), new Scale(-1), new NormaliseSpectra()], Made.Context, limits: limits));
        Assert.Empty(Directory.EnumerateFiles(limits.Storage.Folder));
        Assert.Equal(Pixels, series.Data.Column(3).Length);
    }

    [Fact]
    public void Is_reduced_after_it_was_prepared()
    {
        var prepared = Prepare.Run(series, [new OpticalDensity("i0"), new Cut(5, 50)], Made.Context, Second, limits: limits);
        using var data = prepared.Series.Data;
        var outcome = Reduce.Run(prepared, new ReductionOptions { Components = 2, MaxIterations = 3, Window = new AxisWindow(10, 40) }, null, null, default);
        Assert.Equal((Pixels, 31), (outcome.Concentrations.Rows, outcome.Spectra.Columns));
    }

    [Fact]
    public void Refuses_with_a_code_what_must_be_in_memory_or_is_beyond_the_limits()
    {
        Assert.Equal("too_large_in_memory", Code(new CountingErrors()));
        Assert.Equal("too_many_values", Code(new Rebin(0.0001)));
        var none = limits with { Storage = limits.Storage with { Folder = Path.Combine(folder, "missing") } };
        var full = Assert.Throws<StorageFullException>(() => Prepare.Run(series, [new Scale(2)], Made.Context, limits: none));
        Assert.DoesNotContain(folder, full.Message, StringComparison.Ordinal);

        string Code(PreparationStep step) => Assert.Throws<PreparationException>(() => Prepare.Run(series, [step], Made.Context, limits: limits)).Code;
    }

    [Fact]
    public void Is_held_once_in_float32_where_that_fits()
    {
        var room = limits with { Storage = limits.Storage with { MemoryBytes = 1_000_000 } };
        using var data = Prepare.Run(series, [new Scale(2)], Made.Context, limits: room).Series.Data;
        Assert.True(data.IsSingle && !data.IsMapped);
        Assert.Equal(2 * series.Data[3, 4], data[3, 4]);
    }
}
