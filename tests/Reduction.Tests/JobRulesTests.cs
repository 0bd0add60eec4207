using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Queueing;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class Options_that_make_no_sense_together
{
    private static readonly ReductionOptions three = new() { Components = 3 };
    private static readonly DataSet set = The_life_of_a_job.Data(40, 80);

    public static TheoryData<string, ReductionOptions> Wrong => new()
    {
        { "compression.components", three with { Compression = 2 } },
        { "compression.size", three with { Compression = 41 } },
        { "compression.weights", three with { Compression = 10, Noise = NoiseModel.Poisson } },
        { "bands.signs", three with { Bands = true, NonNegativeC = false, NonNegativeS = false } },
        { "bands.sign-free", three with { Bands = true, SignFreeC = [new SignFree(0)] } },
        { "bands.components", three with { Bands = true, Components = 13 } },
        { "sign-free.no-signs", three with { NonNegativeC = false, SignFreeC = [new SignFree(0)] } },
        { "sign-free.no-signs", three with { NonNegativeS = false, SignFreeS = [new SignFree(0)] } },
        { "start.floor-unused", three with { StartFloor = 0.1, Start = StartMethod.Clusters } },
        { "blocks.sum", three with { RowBlocks = [20, 21] } },
        { "blocks.sum", three with { RowBlocks = [40, 0] } },
        { "blocks.sum", three with { ColumnBlocks = [79] } },
        { "closure.blocks", three with { Closure = new Closure { Blocks = [1] } } },
        { "components.needed", new() { KnownC = [new KnownProfile(0, new double?[40])] } },
        { "components.needed", new() { Closure = new Closure(1, [0]) } },
        { "components.needed", new() { OnC = [new Unimodality { Components = [0] }] } },
        { "constraint", three with { OnC = [new Unimodality { Components = [3] }] } },
        { "constraint", three with { OnC = [new Unimodality { Blocks = [1] }] } },
        { "constraint", three with { OnS = [new Smoothness(-1)] } },
        { "constraint", three with { OnC = [new FirstOrderKinetics([0, 1, 2], [new(0, 1, 0.1)])] } },
        { "constraint", three with { OnC = [new QuantityCorrelation(0, new double?[39])] } },
        { "constraint", three with { RowBlocks = [10, 30], OnC = [new Trilinearity()] } },
        { "constraint", three with { KnownC = [new KnownProfile(0, new double?[41])] } },
        { "constraint", three with { KnownS = [new KnownProfile(3, new double?[80])] } },
        { "constraint", three with { KnownS = [new KnownProfile(0, new double?[80], -1)] } },
        { "constraint", three with { SignFreeC = [new SignFree(3)] } },
        { "constraint", three with { SignFreeS = [new SignFree(0, [1])] } },
        { "weights.shape", three with { Weights = Ones(40, 79) } },
        { "weights.shape", three with { Weights = Ones(39, 1) } },
        { "weights.shape", three with { Weights = Ones(1, 40) } },
        { "weights.sign", three with { Weights = new Matrix(40, 1, new double[40]) } },
        { "weights.sign", three with { Weights = Ones(40, 80, -1) } },
        { "weights.twice", three with { Weights = Ones(40, 1), Noise = NoiseModel.Poisson } },
        { "compression.weights", three with { Weights = Ones(40, 1), Compression = 10 } },
        { "compression.weights", three with { Missing = MissingValues.NaN, Compression = 10 } },
        { "start.given", three with { Start = StartMethod.GivenSpectra } },
        { "start.given", three with { Start = StartMethod.GivenConcentrations } },
        { "given.length", three with { Start = StartMethod.GivenSpectra, GivenSpectra = Ones(3, 79) } },
        { "given.length", three with { Start = StartMethod.GivenConcentrations, GivenConcentrations = Ones(39, 3) } },
        { "given.components", three with { Start = StartMethod.GivenSpectra, GivenSpectra = Ones(2, 80) } },
        { "given.components", new() { Start = StartMethod.GivenConcentrations, GivenConcentrations = Ones(40, 33) } },
        { "given.zero", new() { Start = StartMethod.GivenSpectra, GivenSpectra = new Matrix(2, 80, [.. Enumerable.Range(0, 160).Select(index => index < 80 ? 1.0 : 0)]) } },
        { "start.given", new() { Method = ReductionMethod.GivenProfiles, GivenSpectra = Ones(2, 80) } },
        { "given.components", Profiles with { GivenConcentrations = Ones(40, 3) } },
        { "given.length", Profiles with { GivenConcentrations = Ones(41, 2) } },
        { "pairs.range", Profiles with { Pairs = [0, 0] } },
        { "pairs.range", Profiles with { Pairs = [1, 2] } },
        { "pairs.unused", three with { Pairs = [0, 1, 2] } },
        { "method.options", Profiles with { Closure = new Closure() } },
        { "method.options", Profiles with { Weights = Ones(40, 1) } },
        { "method.options", ByReferences(new()) with { OnC = [new Unimodality()], Components = 3 } },
        { "method.options", ByReferences(new()) with { Closure = new Closure(2) } },
        { "method.options", ByReferences(new()) with { Missing = MissingValues.NaN } },
        { "method.options", ByReferences(new()) with { Resampling = new() } },
        { "references.unused", three with { Combination = new() { References = [new() { Spectra = Ones(1, 80) }] } } },
        { "references.missing", new() { Method = ReductionMethod.LinearCombination } },
        { "references.count", ByReferences(new(), 33) },
        { "references.options", ByReferences(new() { MostShift = -1 }) },
        { "references.options", ByReferences(new() { NoiseLevel = 0 }) },
        { "references.rank", ByReferences(new() { Rank = 0 }) },
        { "references.rank", ByReferences(new() { Rank = 12 }, 24) },
        { "references.rank", ByReferences(new() { Rank = 6 }, 17) },
        { "references.names", Referring(new() { Spectra = Ones(2, 80), Names = ["one"] }) },
        { "references.axis", Referring(new() { Spectra = Ones(2, 79) }) },
        { "references.axis", Referring(new() { Spectra = Ones(2, 3), Axis = [0, 1] }) },
        { "references.axis", Referring(new() { Spectra = Ones(2, 3), Axis = [0, 1, 1] }) },
        { "references.range", Referring(new() { Spectra = Ones(2, 3), Axis = [0, 0.5, 0.9] }) },
        { "references.range", Referring(new() { Spectra = Ones(2, 3), Axis = [2, 3, 4] }) with { Window = new AxisWindow(0.1, 0.9) } },
        { "resampling_options", three with { Resampling = new() { BlockRows = 40 } } },
        { "resampling_options", three with { Resampling = new() { BlockRows = 0 } } },
        { "resampling_options", three with { Resampling = new() { BandPercent = 100 } } },
        { "resampling_options", three with { Resampling = new() { NoiseLevel = -1 } } },
        { "resampling_options", three with { Resampling = new() { Method = ResamplingMethod.Jackknife }, Weights = Ones(40, 1) } },
        { "resampling_options", three with { Resampling = new() { Method = ResamplingMethod.Jackknife }, Weights = Ones(40, 80) } },
        { "resampling_options", three with { Resampling = new() { Method = ResamplingMethod.Jackknife }, RowBlocks = [20, 20] } },
    };

    private static ReductionOptions Profiles => new() { Method = ReductionMethod.GivenProfiles, GivenSpectra = Ones(2, 80), GivenConcentrations = Ones(40, 2) };

    private static ReductionOptions ByReferences(CombinationModel model, int references = 2) =>
        new() { Method = ReductionMethod.LinearCombination, Combination = model with { References = [new() { Spectra = Ones(references, 80) }] } };

    private static ReductionOptions Referring(ReferenceSpectra references) => new() { Method = ReductionMethod.LinearCombination, Combination = new() { References = [references] } };

    private static Matrix Ones(int rows, int columns, double value = 1) => new(rows, columns, [.. Enumerable.Repeat(value, rows * columns)]);

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Are_refused_when_they_are_asked_for(string code, ReductionOptions options) => Assert.Equal([code], Codes(options, set));

    [Fact]
    public void Are_judged_without_data_by_what_holds_for_all_data()
    {
        Assert.Equal(["compression.weights"], Codes(three with { Compression = 10, Noise = NoiseModel.Poisson }, null));
        Assert.Equal(["constraint"], Codes(three with { OnC = [new Unimodality { Components = [3] }] }, null));
        Assert.Empty(Codes(three with { Compression = 41, KnownC = [new KnownProfile(0, new double?[41])], OnC = [new FirstOrderKinetics([0, 1, 2], [new(0, 1, 0.1)])] }, null));
    }

    [Fact]
    public void Are_not_judged_by_lengths_that_the_preparation_or_the_window_will_change()
    {
        var known = three with { KnownS = [new KnownProfile(0, new double?[70])], ColumnBlocks = [70] };
        Assert.Equal(["blocks.sum", "constraint"], Codes(known, set));
        Assert.Empty(Codes(known with { Window = new AxisWindow(0.1, 0.9) }, set));
        Assert.Empty(Codes(known, set, new Cut(0.1, 0.9)));
        Assert.Equal(["blocks.sum"], Codes(three with { RowBlocks = [41], Window = new AxisWindow(0.1, 0.9) }, set));
    }

    [Fact]
    public void Include_steps_after_which_no_value_can_have_the_sign_that_is_asked_for()
    {
        foreach (var step in new PreparationStep[] { new MeanCentre(), new StandardNormalVariate(), new SmoothSpectra(Derivative: 1) })
        {
            Assert.Equal(["signs.impossible"], Codes(three, set, step));
            Assert.Equal(["noise.not-counts"], Codes(three with { NonNegativeS = false, Noise = NoiseModel.Poisson }, set, step));
            Assert.Empty(Codes(three with { NonNegativeS = false }, set, step));
        }
        Assert.Empty(Codes(three, set, new SmoothSpectra()));
    }

    [Fact]
    public void Leave_those_alone_that_do()
    {
        Assert.Empty(Codes(three, set));
        Assert.Empty(Codes(new(), set));
        Assert.Empty(Codes(three with { Bands = true, Closure = new Closure(), OnC = [new Unimodality(), new Smoothness(10)], RowBlocks = [20, 20], ColumnBlocks = [40, 40], SignFreeS = [] }, set));
        Assert.Empty(Codes(three with { Compression = 10, KnownC = [new KnownProfile(2, new double?[40], 0.5)], SignFreeS = [new SignFree(2)] }, set));
        foreach (var weights in new[] { Ones(40, 80), Ones(40, 1), Ones(1, 80) }) Assert.Empty(Codes(three with { Weights = weights }, set));
        Assert.Empty(Codes(Profiles with { Pairs = [1, 0] }, set));
        Assert.Empty(Codes(three with { Start = StartMethod.GivenSpectra, GivenSpectra = Ones(3, 80) }, set));
        Assert.Empty(Codes(three with { Start = StartMethod.GivenSpectra, GivenSpectra = Ones(3, 60), Window = new AxisWindow(0.1, 0.9) }, set));
        Assert.Empty(Codes(ByReferences(new() { Rank = 2, Background = FitBackground.Linear, MostShift = 1 }) with { Closure = new Closure() }, set));
        Assert.Empty(Codes(Referring(new() { Spectra = Ones(2, 3), Axis = [-1, 0.5, 1] }), set));
        Assert.Empty(Codes(three with { Resampling = new() { Method = ResamplingMethod.Jackknife, BlockRows = 39 } }, set));
        // Of how many there are after the steps nothing is known yet.
        Assert.Empty(Codes(three with { Weights = Ones(39, 70), Resampling = new() { BlockRows = 100 } }, set, new CropSpectra(0, 38)));
    }

    [Fact]
    public void Include_missing_values_that_nobody_asked_to_leave_out()
    {
        var missing = The_life_of_a_job.Data(40, 80, hasMissing: true);
        Assert.Equal(["missing.not-asked"], Codes(three, missing));
        Assert.Empty(Codes(three with { Missing = MissingValues.NaN }, missing));
        Assert.Empty(Codes(three with { Missing = MissingValues.NaN }, set));
        Assert.Equal(["missing.prepared"], Codes(three with { Missing = MissingValues.NaN }, missing, new Scale(2)));
        Assert.Equal(["resampling_options"], Codes(three with { Missing = MissingValues.NaN, Resampling = new() { Method = ResamplingMethod.Jackknife } }, missing));
        Assert.Contains("references.missing-values", JobRules.Check(three, [new Scale(2)], set, new ReductionLimits(), [missing]).Select(problem => problem.Code));
    }

    private static List<string> Codes(ReductionOptions options, DataSet? data, params PreparationStep[] steps) =>
        [.. JobRules.Check(options, steps, data, new ReductionLimits()).Select(problem => problem.Code).Order(StringComparer.Ordinal)];
}

[Trait("engine", "any")]
public sealed class The_memory_of_a_job
{
    private const long Spectra = 100_000, Channels = 200, Values = 8 * Spectra * Channels;
    private static readonly ReductionOptions three = new() { Components = 3 };

    [Fact]
    public void Is_little_where_a_plain_array_stays_in_its_file() => Assert.InRange(Estimate(three), 128L << 20, (128L << 20) + (Values / 2));

    [Fact]
    public void Counts_every_copy_that_options_and_steps_make()
    {
        var plain = Estimate(three);
        Assert.InRange(Estimate(three, inPlace: false) - plain, 2 * Values, 8 * Values);
        // The copy that the window is cut from, and what is cut out.
        Assert.InRange(Estimate(three with { Window = new AxisWindow(0.1, 0.9) }) - plain, 3 * Values / 2, 3 * Values);
        Assert.InRange(Estimate(three, steps: [new Cut(0.1, 0.9)]) - plain, 2 * Values, 4 * Values);
        Assert.True(Estimate(three, steps: [new CountingErrors(), new Cut(0.1, 0.9)]) - Estimate(three, steps: [new Cut(0.1, 0.9)]) >= Values);
        Assert.True(Estimate(three, steps: [new Rebin(1 / 2000.0)]) >= 10 * Estimate(three, steps: [new Rebin(1 / 50.0)]) / 2);
        Assert.True(Estimate(three with { Start = StartMethod.EvolvingFactors }) - plain >= Values);
        Assert.True(Estimate(three with { Compression = 50 }) - plain >= 8 * Spectra * 50);
        Assert.True(Estimate(new() { Components = 20 }) - plain >= 8 * Spectra * 17 * 4);
        Assert.True(Estimate(new()) - plain >= 8 * Spectra * 4);
        Assert.True(Estimate(new() { Components = 12, Bands = true }) - Estimate(new() { Components = 12 }) >= 0);
        Assert.True(Estimate(three, references: [Data(Spectra, Channels, inPlace: false)]) - plain >= Values);
        // What was measured, a weight for every value, and both turned.
        var missing = MemoryEstimate.Of(Data(Spectra, Channels, inPlace: false, hasMissing: true), three with { Missing = MissingValues.NaN }, [], []);
        Assert.True(missing - Estimate(three, inPlace: false) >= 2 * Values);
    }

    [Fact]
    public void Counts_the_copies_of_wide_arrays()
    {
        // More channels than spectra are decomposed as a matrix in memory, not from sums.
        var (tall, wide) = (MemoryEstimate.Of(Data(20_000, 2000, true), three, [], []), MemoryEstimate.Of(Data(2000, 20_000, true), three, [], []));
        Assert.True(wide - tall >= 8L * 2000 * 20_000 / 2, $"{wide} {tall}");
        Assert.True(MemoryEstimate.Of(Data(2000, 20_000, true), three with { Centred = true }, [], []) - wide >= 8L * 2000 * 20_000);
    }

    [Fact]
    public void Beyond_the_limit_is_refused_when_it_is_asked_for_with_both_figures()
    {
        var limits = new ReductionLimits { MaxMemoryBytes = 400L << 20 };
        var data = Data(Spectra, Channels, inPlace: true);
        Assert.Empty(JobRules.Check(three, [], data, limits));
        foreach (var (options, steps) in new[] { (three with { Window = new AxisWindow(0.1, 0.9) }, (PreparationStep[])[]), (three, [new Scale(2)]) })
        {
            var problem = Assert.Single(JobRules.Check(options, steps, data, limits));
            Assert.Equal("job.too-large", problem.Code);
            Assert.Contains($"about {MemoryEstimate.Of(data, options, steps, []) >> 20} MiB", problem.Message, StringComparison.Ordinal);
            Assert.Contains("; 400 MiB", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Allows_no_result_whose_files_could_not_be_written()
    {
        var limits = new ReductionLimits { MaxMemoryBytes = long.MaxValue };
        var data = Data(20_000_000, 20, inPlace: true);
        Assert.Empty(JobRules.Check(three, [], data, limits));
        Assert.Equal(["result.too-large"], JobRules.Check(new() { Components = 16 }, [], data, limits).Select(problem => problem.Code));
        Assert.Contains("Ask for a number", Assert.Single(JobRules.Check(new(), [], data, limits)).Message, StringComparison.Ordinal);
    }

    private static long Estimate(ReductionOptions options, bool inPlace = true, IReadOnlyList<PreparationStep>? steps = null, IReadOnlyList<DataSet>? references = null) =>
        MemoryEstimate.Of(Data(Spectra, Channels, inPlace), options, steps ?? [], references ?? []);

    private static DataSet Data(long spectra, long channels, bool inPlace, bool hasMissing = false) => new()
    {
        Id = Guid.CreateVersion7(), ProposalId = Guid.CreateVersion7(), ExperimentId = Guid.CreateVersion7(), Name = "", Sha256 = "", Files = [], Length = 4 * spectra * channels,
        UnpackedLength = 4 * spectra * channels, Format = "", InPlace = inPlace, HasMissing = hasMissing, Spectra = (int)spectra, Channels = (int)channels, AxisName = "", AxisFrom = 0, AxisTo = 1, Warnings = [],
        RegisteredBy = Guid.CreateVersion7(), RegisteredAt = DateTimeOffset.UnixEpoch,
    };
}
