using System.Numerics;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class The_fine_structure_of_a_foil(ITestOutputHelper output)
{
    // Nearest neighbours 2.482 (bcc), 2.492 and 2.556 Angstrom (fcc), seen 0.25 to 0.35 nearer without the phase of the scatterer.
    [Theory]
    [InlineData("fe_metal_rt", 2.20)]
    [InlineData("ni_metal_rt", 2.18)]
    [InlineData("cu_metal_rt", 2.24)]
    public void Has_its_first_shell_at_the_known_distance_and_next_to_nothing_below_Rbkg(string foil, double distance)
    {
        var (chi, mu, k) = Chi(foil, 1);
        var peak = Distances.Where(r => r > 1).MaxBy(r => Magnitude(k, chi, r));
        Assert.Equal(distance, peak, 0.06);
        // The spline with as many coefficients that comes nearest to the data takes what is slow, not what is near.
        var nearest = NearestSpline(k, mu, new FineStructureBackground(k, 1).Knots.Count + 4);
        var (share, before) = (Below(k, chi, 1), Below(k, nearest, 1));
        output.WriteLine(FormattableString.Invariant($"{foil}: peak at {peak:0.00} A, {100 * share:0.000} % below 1 A; nearest spline {100 * before:0.000} %"));
        Assert.True(share < 0.005, $"{share}");
        Assert.True(share < before, $"{share}, {before}");
        Assert.InRange(Magnitude(k, chi, peak) / Magnitude(k, nearest, peak), 0.95, 1.1);
    }

    [Fact]
    public void Is_freed_of_more_by_a_larger_Rbkg()
    {
        var shares = Array.ConvertAll([0.6, 1.0, 1.5], rbkg =>
        {
            var (chi, _, k) = Chi("cu_metal_rt", rbkg);
            return Below(k, chi, 1.4);
        });
        Assert.True(shares[0] > shares[1] && shares[1] > shares[2], string.Join(", ", shares));
    }

    [Fact]
    public void Keeps_a_shell_beyond_Rbkg_and_loses_one_within()
    {
        var k = Enumerable.Range(0, 240).Select(i => 1 + 0.05 * i).ToArray();
        var background = new FineStructureBackground(k, 1);
        var shell = Array.ConvertAll(k, at => 0.05 * Math.Sin(2 * 2.2 * at) * Math.Exp(-0.02 * at * at));
        var near = Array.ConvertAll(k, at => 0.05 * Math.Sin(2 * 0.4 * at));
        Assert.InRange(Size(background.Of(shell)) / Size(shell), 0, 0.06);
        Assert.InRange(Size([.. near.Zip(background.Of(near), (of, taken) => of - taken)]) / Size(near), 0, 0.06);

        double Size(double[] values) => Math.Sqrt(values.Select((value, i) => i is < 40 or > 200 ? 0 : value * value * Math.Pow(k[i], 4)).Sum());
    }

    [Fact]
    public void Is_refused_where_its_parameters_make_no_sense()
    {
        var series = Made.SyntheticEdges(2);
        Assert.Equal("step_parameter", Made.Code(series, new ExtractChi(Rbkg: 3, KStep: 0.5)));
        Assert.Equal("window_empty", Made.Code(series, new ExtractChi(KMin: 100)));
        Assert.Equal("too_few_points", Assert.Throws<NumericsException>(() => new FineStructureBackground([1, 2, 3, 4, 5, 6, 7, 8], 1)).Code);
    }

    private static readonly double[] Distances = [.. Enumerable.Range(0, 300).Select(i => 0.02 * i)];

    private static (double[] Chi, double[] Mu, double[] K) Chi(string foil, double rbkg)
    {
        var file = SharedData.Path($"xdi/{foil}.xdi");
        var series = SeriesReading.Read(new NamedContent(foil, File.ReadAllBytes(file)), new ReadingOptions { Signal = "mutrans" });
        var normalised = Made.Run(series, new FindEdge(), new NormaliseEdge());
        var prepared = Prepare.Run(normalised.Series, [new ExtractChi(rbkg, KMax: 13, KWeight: 0, EdgeEnergies: [normalised.Columns["e0"][0] ?? 0])], Made.Context);
        double[] k = [.. prepared.Series.Axis.Values];
        var spline = new CubicSpline([.. normalised.Series.Axis.Values], normalised.Row());
        return (prepared.Row(), Array.ConvertAll(k, at => spline.At((normalised.Columns["e0"][0] ?? 0) + at * at / 0.262468425)), k);
    }

    private static double[] NearestSpline(double[] k, double[] mu, int count)
    {
        var splines = new SplineBasis(k[0], k[^1], count).At(k);
        var weighted = Matrix.FromRows([.. k.Select((at, i) => Array.ConvertAll(splines.Row(i).ToArray(), value => at * value))]);
        var coefficients = LinearLeastSquares.Solve(weighted, [.. k.Zip(mu, (at, value) => at * value)]);
        return [.. mu.Select((value, i) => value - splines.Row(i).ToArray().Zip(coefficients, (spline, part) => spline * part).Sum())];
    }

    // The transform of k^2 chi over 3 to 12 1/Angstrom with Hanning sills of one.
    private static double Magnitude(double[] k, double[] chi, double distance)
    {
        var sum = Complex.Zero;
        for (var i = 0; i < k.Length; i++)
        {
            var edge = Math.Clamp(Math.Min(k[i] - 2.5, 12.5 - k[i]), 0, 1);
            sum += k[i] * k[i] * chi[i] * Math.Pow(Math.Sin(Math.PI / 2 * edge), 2) * Complex.FromPolarCoordinates(0.05, 2 * k[i] * distance);
        }
        return sum.Magnitude;
    }

    private static double Below(double[] k, double[] chi, double distance)
    {
        var (below, all) = (0.0, 0.0);
        foreach (var r in Distances)
        {
            var square = Math.Pow(Magnitude(k, chi, r), 2);
            all += square;
            if (r <= distance) below += square;
        }
        return below / all;
    }
}
