using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class A_Moessbauer_series
{
    private static SpectralSeries Iron
    {
        get
        {
            var counts = File.ReadLines(SharedData.Path("moessbauer_2L_Fh/velocity_calibration_250624_v12.dat"))
                .Where(line => line.Length > 0).Select(line => double.Parse(line, CultureInfo.InvariantCulture)).ToArray();
            return Made.Series([.. Enumerable.Range(0, counts.Length).Select(channel => (double)channel)], counts);
        }
    }

    private static SpectralSeries Ferrihydrite
    {
        get
        {
            var counts = SharedData.Table("moessbauer_2L_Fh/counts_unfolded.csv");
            return new SpectralSeries(
                "made", new SpectralAxis("channel", null, [.. Enumerable.Range(0, counts.Columns).Select(channel => (double)channel)]), counts, null,
                null, [], []);
        }
    }

    private static PreparedSeries Absorption(params PreparationStep[] further) => Prepare.Run(
        Ferrihydrite, [new Fold(Reference: "iron"), .. further], Made.Context, new Dictionary<string, SpectralSeries> { ["iron"] = Iron });

    [Fact]
    public void R6_Is_calibrated_by_twelve_lines_of_iron()
    {
        var counts = Iron.Data.Row(0).ToArray();
        Assert.Equal((1023, 85522.4), (counts.Length, Math.Round(counts.Average(), 1)));
        var iron = IronCalibration.Of(counts);
        Assert.Equal(12, iron.Lines.Lines.Count);
        Assert.Equal(510.68, iron.FoldingPoint, 0.1);
        Assert.Equal(256.98, iron.FirstZero, 0.1);
        Assert.Equal(764.39, iron.SecondZero, 0.1);
        Assert.Equal(0.04698, iron.FirstMmPerSecondPerChannel, 0.000005);
        Assert.Equal(0.04698, iron.MmPerSecondPerChannel, 0.00002);
    }

    [Fact]
    public void R6_Of_iron_folds_about_its_own_symmetry_where_no_point_is_given()
    {
        var folded = Made.Run(Iron, new Fold());
        Assert.Equal(510.68, Assert.IsType<Fold>(folded.Records[0].Used).Point ?? 0, 0.1);
        Assert.Equal(510.68, Assert.IsType<Fold>(Made.Run(Ferrihydrite, new Fold()).Records[0].Used).Point ?? 0, 0.3);
        var velocity = Prepare.Run(
            Iron, [new Fold(), new CalibrateVelocity()], Made.Context, new Dictionary<string, SpectralSeries> { ["iron"] = Iron });
        Assert.Equal(("velocity", "mm/s"), (velocity.Series.Axis.Name, velocity.Series.Axis.Unit));
        Assert.Equal("velocity_sign_assumed", Assert.Single(velocity.Warnings).Code);
        var lines = LorentzianLines.Fit(velocity.Row(), 6).Lines;
        var axis = velocity.Series.Axis.Values;
        for (var line = 0; line < 6; line++)
        {
            var at = (int)lines[line].Position;
            Assert.Equal(IronCalibration.Velocities[line], axis[at] + (lines[line].Position - at) * (axis[at + 1] - axis[at]), 0.02);
        }
    }

    [Fact]
    public void R7_Has_more_factors_than_two_static_spectra()
    {
        var absorption = Absorption(new ResonantAbsorption()).Series.Data;
        var principal = PrincipalComponents.Of(absorption.ToMatrix());
        var rank = RankAnalysis.Of(principal);
        Assert.Equal(6, Enumerable.Range(0, rank.Indicator.Count / 2).MinBy(index => rank.Indicator[index]) + 1);
        Assert.Equal(5, rank.Verdict.Evidence.Single(item => item.Indicator == "F test").Suggests);
        var resolved = McrAls.Resolve(absorption, Purest.Spectra(absorption, 2, 5), new McrOptions { Tolerance = 1e-6, MaxIterations = 2000 });
        Assert.Equal(26.7, resolved.BestLofPercent, 0.05);
    }

    [Fact]
    public void R7_Is_flagged_as_not_bilinear()
    {
        var verdict = Bilinearity.Check(Absorption(new ResonantAbsorption()).Series.Data.ToMatrix(), 2);
        Assert.False(verdict.Bilinear);
        Assert.Equal("not_bilinear", Assert.Single(verdict.Warnings).Code);
        Assert.All(verdict.Signs.Take(4), sign => Assert.True(sign.Against, sign.Reading));
        Assert.False(Bilinearity.Check(Absorption().Series.Data.ToMatrix(), 2).Bilinear);
        Assert.All(Enumerable.Range(3, 3), components =>
            Assert.False(Bilinearity.Check(Absorption(new ResonantAbsorption()).Series.Data.ToMatrix(), components).Bilinear, $"{components} components"));
    }

    [Fact]
    public void Folded_about_a_channel_of_true_symmetry_keeps_its_spectrum()
    {
        var arbitrary = (from half in Gen.Choose(40, 300) from seed in Gen.Choose(0, 100_000) select (half, seed)).ToArbitrary();
        Prop.ForAll(arbitrary, made =>
        {
            var noise = new SeededNoise((ulong)made.seed);
            var centre = noise.Uniform(0.3, 0.7) * made.half;
            double[] first = [.. Enumerable.Range(0, made.half).Select(c => 1000 - 300 / (1 + (c - centre) * (c - centre) / 9) + noise.Normal())];
            double[] both = [.. first, .. first.Reverse()];
            var series = Made.Series([.. Enumerable.Range(0, both.Length).Select(c => (double)c)], both);
            var folded = Made.Run(series, new Fold());
            Assert.Equal(made.half - 0.5, Assert.IsType<Fold>(folded.Records[0].Used).Point ?? 0, 1e-6);
            var exact = Made.Run(series, new Fold(made.half - 0.5));
            for (var c = 0; c < made.half; c++) Assert.Equal(first[c], exact.Row()[c], 1e-9);
            var summed = Made.Run(series, new CountingErrors(), new Fold(made.half - 0.5, Sum: true));
            Assert.Equal(2 * first[3], summed.Row()[3], 1e-9);
            Assert.Equal(Math.Sqrt(2 * first[3]), summed.Errors?[0, 3] ?? 0, 1e-9);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Replays_to_the_same_bits_with_the_folding_point_and_scale_it_found()
    {
        var references = new Dictionary<string, SpectralSeries> { ["iron"] = Iron };
        var prepared = Prepare.Run(Ferrihydrite, TechniquePresets.For("moessbauer"), Made.Context, references);
        var again = Prepare.Run(Ferrihydrite, prepared.Replay, Made.Context);
        Assert.Equal(prepared.Records[^1].OutputHash, again.Records[^1].OutputHash);
        Assert.Equal(12.0, Math.Abs(prepared.Series.Axis.Values[0]), 0.2);
    }

    [Fact]
    public void Can_be_merged_into_fewer_spectra_with_more_counts()
    {
        var merged = Made.Run(Ferrihydrite, new CountingErrors(), new AverageNeighbours(4, Sum: true));
        Assert.Equal(34, merged.Series.Data.Rows);
        Assert.Equal(Ferrihydrite.Data.Row(0)[5] + Ferrihydrite.Data.Row(1)[5] + Ferrihydrite.Data.Row(2)[5] + Ferrihydrite.Data.Row(3)[5],
            merged.Row()[5]);
        Assert.Equal(Math.Sqrt(merged.Row()[5]), merged.Errors?[0, 5] ?? 0, 1e-9);
        Assert.Equal(1, Made.Run(Ferrihydrite, new MergeSpectra()).Series.Data.Rows);
    }
}

[Trait("engine", "any")]
public sealed class Bilinear_data
{
    [Fact]
    public void Are_not_flagged_with_the_components_they_have()
    {
        Assert.True(Bilinearity.Check(SharedData.M1, 4).Bilinear, Bilinearity.Check(SharedData.M1, 4).Summary);
        Assert.All(new[] { 0.004, 0.04 }, noise =>
        {
            var made = SyntheticSeries.Make(new SyntheticSeriesOptions(Components: 4, Noise: noise));
            Assert.True(Bilinearity.Check(made.Data, 4).Bilinear, Bilinearity.Check(made.Data, 4).Summary);
        });
        Assert.True(Bilinearity.Check(SharedData.FourRuns, 4).Bilinear);
        Assert.True(Bilinearity.Check(SharedData.SynD, 3).Bilinear);
    }

    [Fact]
    public void Are_flagged_with_too_few_and_so_is_a_line_that_moves()
    {
        Assert.False(Bilinearity.Check(SharedData.M1, 2).Bilinear);
        var noise = new SeededNoise(3);
        var moving = Matrix.FromRows([.. Enumerable.Range(0, 60).Select(row =>
            Enumerable.Range(0, 200).Select(c => Math.Exp(-0.5 * Math.Pow((c - 80 - 0.5 * row) / 8.0, 2)) + 0.002 * noise.Normal()).ToArray())]);
        var verdict = Bilinearity.Check(moving, 2);
        Assert.False(verdict.Bilinear);
        Assert.True(verdict.Signs.Single(sign => sign.Sign == "shift").Against, verdict.Summary);
        Assert.Equal("component_count", Assert.Throws<NumericsException>(() => Bilinearity.Check(moving, 60)).Code);
    }
}
