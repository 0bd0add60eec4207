using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

/// <summary>Series made up for the tests of steps.</summary>
internal static class Made
{
    public static readonly PreparationContext Context = new("Maria Weber", new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public static SpectralSeries Series(double[] axis, params double[][] spectra) => new(
        "made", new SpectralAxis("x", null, axis), Matrix.FromRows(spectra), null, null, [], []);

    public static SpectralSeries Series(int channels, Func<double, double> value) =>
        Series([.. Enumerable.Range(0, channels).Select(c => (double)c)], [.. Enumerable.Range(0, channels).Select(c => value(c))]);

    public static SpectralSeries SyntheticEdges(int spectra = 8)
    {
        var made = SyntheticSeries.Make(new SyntheticSeriesOptions(
            Spectra: spectra, Channels: 300, Components: Math.Min(3, spectra), Width: 900, Noise: 0.001));
        return Series([.. made.Axis], [.. Enumerable.Range(0, spectra).Select(row => made.Data.Row(row).ToArray())]);
    }

    public static PreparedSeries Run(SpectralSeries series, params PreparationStep[] steps) => Prepare.Run(series, steps, Context);

    public static string Code(SpectralSeries series, params PreparationStep[] steps) =>
        Assert.Throws<PreparationException>(() => Run(series, steps)).Code;

    public static double[] Row(this PreparedSeries prepared, int row = 0) => prepared.Series.Data.Row(row).ToArray();
}

[Trait("engine", "any")]
public sealed class A_preparation
{
    private static readonly PreparationStep[] Steps =
    [
        new Deglitch(), new FindEdge(), new NormaliseEdge(PostHigh: 500), new RebinEdge(), new SmoothSpectra(), new Cut(8300, 8600),
        new AverageNeighbours(), new NormaliseSpectra(),
    ];

    [Fact]
    public void Records_each_step_with_what_it_found_and_who_ran_it()
    {
        var series = Made.SyntheticEdges();
        var prepared = Made.Run(series, Steps);
        Assert.Equal(Steps.Select(step => step.Name), prepared.Records.Select(record => record.Step));
        Assert.Equal(SeriesHash.Of(series), prepared.Records[0].InputHash);
        Assert.Equal(SeriesHash.Of(prepared.Series), prepared.Records[^1].OutputHash);
        Assert.All(prepared.Records.Zip(prepared.Records.Skip(1)), pair => Assert.Equal(pair.First.OutputHash, pair.Second.InputHash));
        Assert.All(prepared.Records, record => Assert.Equal((Made.Context.Who, Made.Context.When), (record.Who, record.When)));
        Assert.Equal(8, Assert.IsType<NormaliseEdge>(prepared.Records[2].Used).EdgeEnergies?.Count);
        Assert.Equal(4, prepared.Columns["edge_step"].Count);
    }

    [Fact]
    public void Replays_to_the_same_bits_from_its_record_kept_as_json()
    {
        var series = Made.SyntheticEdges();
        var prepared = Made.Run(series, Steps);
        var kept = JsonSerializer.Serialize(prepared.Replay, JsonSerializerOptions.Web);
        var again = Made.Run(series, [.. JsonSerializer.Deserialize<PreparationStep[]>(kept, JsonSerializerOptions.Web) ?? []]);
        Assert.Equal(prepared.Series.Data.ToMatrix().Values, again.Series.Data.ToMatrix().Values);
        Assert.Equal(prepared.Records.Select(record => record.OutputHash), again.Records.Select(record => record.OutputHash));
        Assert.Equal(kept, JsonSerializer.Serialize(again.Replay, JsonSerializerOptions.Web));
        var records = JsonSerializer.Serialize(prepared.Records, JsonSerializerOptions.Web);
        Assert.Equal(
            prepared.Records.Select(record => record.OutputHash),
            JsonSerializer.Deserialize<StepRecord[]>(records, JsonSerializerOptions.Web)?.Select(record => record.OutputHash));
    }

    [Theory]
    [InlineData("xas")]
    [InlineData("moessbauer")]
    [InlineData("xrd")]
    [InlineData("ftir")]
    [InlineData("raman")]
    [InlineData("stxm")]
    [InlineData("neutron")]
    [InlineData("saxs")]
    public void Of_a_technique_has_default_steps_that_a_recipe_can_hold(string technique)
    {
        var steps = TechniquePresets.For(technique);
        var json = JsonSerializer.Serialize(steps, JsonSerializerOptions.Web);
        Assert.Contains($"\"step\":\"{steps[0].Name}\"", json, StringComparison.Ordinal);
        Assert.Equal(steps, JsonSerializer.Deserialize<PreparationStep[]>(json, JsonSerializerOptions.Web));
    }

    [Fact]
    public void Of_a_technique_never_smooths()
    {
        Assert.Empty(TechniquePresets.For("uv-vis"));
        Assert.All(TechniquePresets.Techniques, technique => Assert.DoesNotContain(TechniquePresets.For(technique), step => step is SmoothSpectra));
        var warned = Made.Run(Made.SyntheticEdges(), new SmoothSpectra());
        Assert.Equal("noise_correlated", Assert.Single(warned.Warnings).Code);
    }

    [Fact]
    public void Refuses_a_step_that_would_make_too_much_before_it_makes_it()
    {
        var series = Made.SyntheticEdges(2);
        var limits = new PreparationLimits { MaxValues = 5000 };
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (PreparationStep step in new PreparationStep[] { new Rebin(0.001), new RebinEdge(NearStep: 0.001, EdgeEnergy: 8345), new ExtractChi(KStep: 0.002, EdgeEnergies: [8345]) })
            Assert.Equal("too_many_values", Assert.Throws<PreparationException>(() => Prepare.Run(series, [step], Made.Context, limits: limits)).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Fact]
    public void Takes_defaults_for_what_a_recipe_leaves_out_and_refuses_what_it_does_not_know()
    {
        var step = JsonSerializer.Deserialize<PreparationStep>("""{"step":"normalise-spectra","by":"max"}""", JsonSerializerOptions.Web);
        Assert.Equal(new NormaliseSpectra(SpectrumSize.Max), step);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<PreparationStep>("""{"step":"cut","lo":1}""", JsonSerializerOptions.Web));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<PreparationStep>("""{"step":"guess"}""", JsonSerializerOptions.Web));
        var steps = typeof(PreparationStep).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(known => known.DerivedType).ToArray();
        Assert.Equal(typeof(PreparationStep).Assembly.GetTypes().Where(type => type.BaseType == typeof(PreparationStep)).ToHashSet(), [.. steps]);
        Assert.All(steps, step => Assert.Equal(
            JsonUnmappedMemberHandling.Disallow, step.GetCustomAttribute<JsonUnmappedMemberHandlingAttribute>()?.UnmappedMemberHandling));
    }

    [Fact]
    public void Says_which_step_could_not_be_carried_out_and_why()
    {
        var failure = Assert.Throws<PreparationException>(() => Made.Run(Made.SyntheticEdges(), new FindEdge(), new AlignToFoil(8333)));
        Assert.Equal((1, "align-to-foil", "reference_missing"), (failure.Index, failure.Step, failure.Code));
        Assert.Equal("step_parameter", Made.Code(Made.SyntheticEdges(), new Cut(5, 1)));
        Assert.Equal("window_empty", Made.Code(Made.SyntheticEdges(), new Cut(1, 2)));
        Assert.Equal("no_spectra_left", Made.Code(Made.SyntheticEdges(2), new DropSpectra([0, 1])));
        Assert.Equal("index_out_of_range", Made.Code(Made.SyntheticEdges(2), new DropSpectra([2])));
        Assert.Equal("edge_not_found", Made.Code(Made.SyntheticEdges(2), new FindEdge(EdgeMark.HalfHeight, 7)));
        Assert.Equal("size_not_positive", Made.Code(Made.Series(10, _ => -1), new NormaliseSpectra()));
        Assert.Equal("times_missing", Prepared_code(new ElectrochemistryClock(["cell"])));

        static string Prepared_code(PreparationStep step) => Assert.Throws<PreparationException>(() => Prepare.Run(
            Made.SyntheticEdges(2), [step], Made.Context, new Dictionary<string, SpectralSeries> { ["cell"] = Made.Series(3, c => c) })).Code;
    }

    [Theory]
    [InlineData("""{"step":"drop-spectra"}""", "step_parameter")]
    [InlineData("""{"step":"rebin"}""", "step_parameter")]
    [InlineData("""{"step":"rebin","width":1e-9}""", "bin_count")]
    [InlineData("""{"step":"rebin-edge","edgeEnergy":-1e300}""", "edge_not_found")]
    [InlineData("""{"step":"rebin-edge","nearStep":1e-12}""", "bin_count")]
    [InlineData("""{"step":"align-to-foil"}""", "step_parameter")]
    [InlineData("""{"step":"align-to-foil","edgeEnergy":8333,"reference":null}""", "reference_missing")]
    [InlineData("""{"step":"extract-chi","edgeEnergies":[-1e300]}""", "window_empty")]
    [InlineData("""{"step":"shift-axis","by":1e300}""", "axis_not_increasing")]
    [InlineData("""{"step":"fold","point":1e300}""", "folding_point")]
    [InlineData("""{"step":"electrochemistry-clock"}""", "step_parameter")]
    [InlineData("""{"step":"correct-transmission"}""", "step_parameter")]
    [InlineData("""{"step":"smooth-spectra","window":301}""", "too_few_points")]
    [InlineData("""{"step":"normalise-edge","edgeEnergies":[]}""", "pinned_count")]
    [InlineData("""{"step":"align-images"}""", "no_image")]
    [InlineData("""{"step":"find-edge","edgeEnergies":[1,2,3]}""", "pinned_count")]
    public void Refuses_what_makes_no_sense_with_a_code(string json, string code)
    {
        var step = JsonSerializer.Deserialize<PreparationStep>(json, JsonSerializerOptions.Web);
        Assert.NotNull(step);
        Assert.Equal(code, Made.Code(Made.SyntheticEdges(2), step));
    }

    [Fact]
    public void Carries_errors_on_where_it_can_and_says_where_it_cannot()
    {
        var series = Made.Series([0, 1, 2, 3], [100, 400, 900, 1600]);
        var prepared = Made.Run(series, new CountingErrors(), new Rebin(2, 0.5, 2.5), new Scale(0.1), new StandardNormalVariate());
        Assert.Equal("errors_dropped", Assert.Single(prepared.Warnings).Code);
        var binned = Made.Run(series, new CountingErrors(), new Rebin(2, 0.5, 2.5));
        Assert.Equal([250, 1250], binned.Row());
        Assert.Equal([Math.Sqrt(500) / 2, Math.Sqrt(2500) / 2], binned.Errors?.Row(0).ToArray() ?? []);
        var summed = Made.Run(series, new CountingErrors(), new Rebin(2, 0.5, 2.5, BinContent.Sum));
        Assert.Equal([500, 2500], summed.Row());
        Assert.Equal([Math.Sqrt(500), 50], summed.Errors?.Row(0).ToArray() ?? []);
        var monitored = Made.Run(series, new CountingErrors(), new NormaliseByMonitor([10_000], KeepScale: false));
        Assert.Equal(0.04, monitored.Row()[1], 1e-15);
        Assert.Equal(0.04 * Math.Sqrt(1.0 / 400 + 1.0 / 10_000), monitored.Errors?[0, 1] ?? 0, 1e-15);
    }
}

[Trait("engine", "any")]
public sealed class A_baseline
{
    private static readonly Arbitrary<(int Seed, int Slope)> Lines =
        (from seed in Gen.Choose(0, 100_000) from slope in Gen.Choose(-50, 50) select (seed, slope)).ToArbitrary();

    [Fact]
    public void Of_nothing_but_a_straight_line_is_that_line()
    {
        Prop.ForAll(Lines, made =>
        {
            var series = Made.Series(80, x => 100 + 0.1 * made.Slope * x + 0.01 * made.Seed);
            foreach (PreparationStep step in new PreparationStep[] { new AsymmetricBaseline(), new ReweightedBaseline(), new PolynomialBaseline() })
                Assert.All(Made.Run(series, step).Row(), value => Assert.Equal(0, value, 1e-4));
        }).QuickCheckThrowOnFailure();
    }

    public static TheoryData<double, double, double> Spreads => new()
    {
        // Noise (of peaks of 20), the largest error of the polynomial and of the reweighted baseline.
        { 0, 0.01, 0.2 }, { 0.001, 0.01, 0.2 }, { 0.1, 0.2, 0.2 }, { 0.5, 0.6, 0.6 },
    };

    [Theory]
    [MemberData(nameof(Spreads))]
    public void Known_beforehand_is_found_whatever_the_noise(double spread, double polynomial, double reweighted)
    {
        var noise = new SeededNoise(4);
        static double Under(double x) => 5 + 3 * (x / 200 - 1) - 2 * Math.Pow(x / 200 - 1, 2) + Math.Pow(x / 200 - 1, 3);
        static double Peak(double x, double at, double width, double height) => height * Math.Exp(-0.5 * Math.Pow((x - at) / width, 2));
        var peaks = Enumerable.Range(0, 400).Select(x => Peak(x, 200, 6, 20) + Peak(x, 100, 10, 8) + Peak(x, 320, 4, 12)).ToArray();
        var series = Made.Series(400, x => Under(x) + peaks[(int)x] + spread * noise.Normal());
        foreach (var (step, most) in new (PreparationStep, double)[]
        {
            (new PolynomialBaseline(), polynomial), (new PolynomialBaseline(5), polynomial), (new ReweightedBaseline(), reweighted),
        })
        {
            var left = Made.Run(series, step).Row();
            for (var c = 0; c < left.Length; c++) Assert.Equal(0, series.Data[0, c] - left[c] - Under(c), most);
            Assert.Equal(0, left.Zip(peaks, (value, peak) => value - peak).Average(), 0.01 + 0.5 * spread);
        }
    }

    [Theory]
    [InlineData(1e4)]
    [InlineData(1e5)]
    [InlineData(1e6)]
    public void Reweighted_does_not_sag_without_noise(double lambda)
    {
        var series = Made.Series(400, x => 5 + 10 * Math.Exp(-x / 150) + 20 * Math.Exp(-0.5 * Math.Pow((x - 200) / 6, 2)));
        var left = Made.Run(series, new ReweightedBaseline(lambda)).Row();
        for (var c = 0; c < left.Length; c++) Assert.Equal(20 * Math.Exp(-0.5 * Math.Pow((c - 200) / 6.0, 2)), left[c], 0.4);
    }

    [Theory]
    [InlineData("""{"step":"asymmetric-baseline"}""")]
    [InlineData("""{"step":"reweighted-baseline"}""")]
    [InlineData("""{"step":"snip-background","window":30}""")]
    public void Leaves_the_peak_that_stands_on_it(string json)
    {
        var noise = new SeededNoise(4);
        var series = Made.Series(400, x => 5 + 10 * Math.Exp(-x / 150) + 20 * Math.Exp(-0.5 * Math.Pow((x - 200) / 6, 2)) + 0.1 * noise.Normal());
        var left = Made.Run(series, JsonSerializer.Deserialize<PreparationStep>(json, JsonSerializerOptions.Web) ?? new Cut()).Row();
        Assert.Equal(20, left[200], 1.0);
        Assert.Equal(0, left[90..110].Average(), 0.3);
        Assert.Equal(0, left[290..310].Average(), 0.3);
    }
}

[Trait("engine", "any")]
public sealed class A_spectrum_turned_to_another_scale
{
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void Comes_back_from_q_to_the_same_angles()
    {
        Prop.ForAll(Seeds, seed =>
        {
            var noise = new SeededNoise((ulong)seed);
            var angles = Enumerable.Range(0, 50).Select(_ => noise.Uniform(0.1, 179)).Order().ToArray();
            var wavelength = noise.Uniform(0.1, 3);
            var turned = Made.Run(Made.Series(angles, angles), new MomentumTransfer(wavelength));
            Assert.Equal(4 * Math.PI / wavelength * Math.Sin(angles[7] * Math.PI / 360), turned.Series.Axis.Values[7], 1e-12);
            var back = Made.Run(turned.Series, new MomentumTransfer(wavelength, AxisTurn.QToAngle)).Series.Axis.Values;
            for (var i = 0; i < angles.Length; i++) Assert.Equal(angles[i], back[i], 1e-6);
        }).QuickCheckThrowOnFailure();
        Assert.Equal("axis_out_of_range", Made.Code(Made.Series(200, x => x), new MomentumTransfer(1)));
    }

    [Fact]
    public void Has_mean_zero_and_deviation_one_after_SNV()
    {
        Prop.ForAll(Seeds, seed =>
        {
            var noise = new SeededNoise((ulong)seed);
            var row = Made.Run(Made.Series(30, _ => 1000 * noise.Normal() + 3), new StandardNormalVariate()).Row();
            Assert.Equal(0, row.Average(), 1e-12);
            Assert.Equal(1, Math.Sqrt(row.Sum(value => value * value) / (row.Length - 1)), 1e-12);
        }).QuickCheckThrowOnFailure();
        Assert.Equal("flat_spectrum", Made.Code(Made.Series(5, _ => 2), new StandardNormalVariate()));
    }

    [Fact]
    public void Loses_gain_and_offset_by_the_scatter_correction()
    {
        double[] axis = [1, 2, 3, 4], shape = [1, 5, 2, 7];
        var series = Made.Series(axis, [.. shape.Select(value => 2 * value + 3)], [.. shape.Select(value => 0.5 * value - 1)]);
        var corrected = Made.Run(series, new ScatterCorrection());
        for (var c = 0; c < 4; c++) Assert.Equal(corrected.Row()[c], corrected.Row(1)[c], 1e-12);
    }

    [Fact]
    public void Keeps_polynomials_and_gets_their_derivatives_by_Savitzky_Golay()
    {
        double[] axis = [0, 1, 2, 3.5, 4, 5, 7, 8, 9, 10];
        var series = Made.Series(axis, [.. axis.Select(x => 2 + 3 * x - 0.5 * x * x)]);
        var smooth = Made.Run(series, new SmoothSpectra(5)).Row();
        var slope = Made.Run(series, new SmoothSpectra(5, 2, 1)).Row();
        for (var c = 0; c < axis.Length; c++)
        {
            Assert.Equal(series.Data[0, c], smooth[c], 1e-10);
            Assert.Equal(3 - axis[c], slope[c], 1e-10);
        }
        // The published weights of the quadratic five-point filter (Savitzky, Golay, 1964, table I): -3, 12, 17, 12, -3 over 35.
        var pulse = Made.Run(Made.Series(11, x => x == 5 ? 35 : 0), new SmoothSpectra(5)).Row();
        Assert.Equal([-3, 12, 17, 12, -3], pulse[3..8].Select(value => Math.Round(value, 9)));
    }

    [Fact]
    public void Becomes_absorbance_from_transmittance_above_zero_only()
    {
        Assert.Equal([1, 2], Made.Run(Made.Series([1, 2], [10, 1]), new TransmittanceToAbsorbance(Percent: true)).Row());
        Assert.Equal("not_positive", Made.Code(Made.Series([1, 2], [0.5, 0]), new TransmittanceToAbsorbance()));
        Assert.Equal("values_raised", Assert.Single(
            Made.Run(Made.Series([1, 2], [0.5, 0]), new TransmittanceToAbsorbance(Floor: 1e-4)).Warnings).Code);
    }
}
