using System.Globalization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_spectromicroscopy_stack
{
    [Fact]
    public void R8_Becomes_optical_density_by_its_incident_spectrum()
    {
        var file = SharedData.Path("stxm_Fe2p_ALS_71214078/71214078_nxdata.h5");
        var stack = SeriesReading.Read(new NamedContent(Path.GetFileName(file), File.ReadAllBytes(file)));
        var incident = File.ReadLines(SharedData.Path("stxm_Fe2p_ALS_71214078/i0.xsp")).Where(line => line.Trim().Length > 0)
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(cell =>
                double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        var references = new Dictionary<string, SpectralSeries>
        {
            ["i0"] = Made.Series([.. incident.Select(pair => pair[0])], [.. incident.Select(pair => pair[1])]),
        };
        Assert.Equal((15625, 123), (stack.Data.Rows, stack.Data.Columns));
        var density = Prepare.Run(stack, TechniquePresets.For("stxm"), Made.Context, references);
        var values = density.Series.Data.ToMatrix().Values.ToArray();
        Assert.Equal(1.074425, values.Average(), 1e-6);
        Assert.Equal(0.755845, values.Min(), 1e-6);
        Assert.Equal(3.60119, values.Max(), 1e-5);
        var principal = PrincipalComponents.Of(density.Series.Data.ToMatrix());
        double[] singular = [1587.002, 77.4486, 19.2833], misfit = [5.472266, 2.490145, 2.174586];
        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(singular[k], principal.SingularValues[k], 1e-6 * singular[k]);
            Assert.Equal(misfit[k], principal.LofPercent(k + 1), 1e-6);
        }
    }

    [Fact]
    public void Goes_back_to_a_map_after_pixels_were_masked()
    {
        var stack = Stack(4, 5, 3, (y, x, _) => y * 5 + x);
        var masked = Made.Run(stack, new MaskPixels(Least: 7));
        Assert.Equal(13, masked.Series.Data.Rows);
        var map = ImageMap.Of(masked, [.. Enumerable.Range(0, 13).Select(row => masked.Series.Data[row, 0])], outside: -1);
        Assert.Equal((4, 5), (map.Rows, map.Columns));
        for (var pixel = 0; pixel < 20; pixel++) Assert.Equal(pixel < 7 ? -1 : pixel, map[pixel / 5, pixel % 5]);
        Assert.Equal("no_image", Assert.Throws<NumericsException>(() => ImageMap.Of(Made.Run(Made.SyntheticEdges(2)), [1, 2])).Code);
    }

    [Fact]
    public void Becomes_optical_density_by_its_empty_pixels()
    {
        var stack = Stack(2, 2, 3, (y, x, c) => (y + x == 0 ? 1000 : 100) * (c + 1));
        foreach (var step in new[] { new OpticalDensity(EmptyPixels: [0]), new OpticalDensity(BrightestPercent: 25) })
        {
            var density = Made.Run(stack, step);
            Assert.Equal(0, density.Row()[1], 1e-12);
            Assert.Equal(Math.Log(10), density.Row(3)[2], 1e-12);
            Assert.Equal([0], Assert.IsType<OpticalDensity>(density.Records[0].Used).EmptyPixels ?? []);
        }
        Assert.Equal("step_parameter", Made.Code(stack, new OpticalDensity()));
        Assert.Equal("not_positive", Made.Code(Stack(1, 2, 2, (_, x, c) => x * c), new OpticalDensity(EmptyPixels: [1])));
    }

    [Theory]
    [InlineData(AlignmentTarget.First)]
    [InlineData(AlignmentTarget.Previous)]
    public void Is_aligned_by_the_shifts_it_was_given(AlignmentTarget target)
    {
        int[] down = [0, 1, -2, 3], right = [0, -2, -1, 2];
        var stack = Stack(40, 45, 4, (y, x, c) => Scene(y - down[c], x - right[c]));
        var aligned = Made.Run(stack, new AlignImages(target));
        var used = Assert.IsType<AlignImages>(aligned.Records[0].Used);
        Assert.Equal(down.Select(value => (double)value), used.ShiftRows);
        Assert.Equal(right.Select(value => (double)value), used.ShiftColumns);
        Assert.Equal(new MapShape(35, 41), aligned.Map);
        for (var c = 1; c < 4; c++) Assert.Equal(aligned.Series.Data.Column(0), aligned.Series.Data.Column(c));
        Assert.Equal(aligned.Series.Data.ToMatrix().Values, Made.Run(stack, used).Series.Data.ToMatrix().Values);
    }

    [Fact]
    public void Is_aligned_to_a_part_of_a_pixel_where_asked()
    {
        var stack = Stack(64, 64, 2, (y, x, c) => Scene(y - 1.4 * c, x + 0.7 * c));
        var used = Assert.IsType<AlignImages>(Made.Run(stack, new AlignImages(AlignmentTarget.First, Subpixel: true)).Records[0].Used);
        Assert.Equal(1.4, used.ShiftRows?[1] ?? 0, 0.3);
        Assert.Equal(-0.7, used.ShiftColumns?[1] ?? 0, 0.3);
    }

    private static double Scene(double y, double x) =>
        100 + 80 * Bell(y - 15, x - 20, 5) + 50 * Bell(y - 25, x - 12, 3) + 60 * Bell(y - 20, x - 32, 4);

    private static double Bell(double y, double x, double width) => Math.Exp(-(y * y + x * x) / (2 * width * width));

    private static SpectralSeries Stack(int rows, int columns, int channels, Func<int, int, int, double> value) => Made.Series(
        [.. Enumerable.Range(0, channels).Select(c => 700.0 + c)],
        [.. Enumerable.Range(0, rows * columns).Select(pixel =>
            Enumerable.Range(0, channels).Select(c => value(pixel / columns, pixel % columns, c)).ToArray())])
        with { MapShape = new MapShape(rows, columns) };
}
