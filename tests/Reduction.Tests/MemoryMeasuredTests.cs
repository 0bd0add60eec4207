using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Testing;

namespace Tutti.Reduction.Tests;

/// <summary>The estimate beside what processes of their own really use, by the largest resident memory that <c>tutti reduce</c> tells of itself.</summary>
[Trait("engine", "any")]
public sealed class The_estimate_of_memory(ITestOutputHelper output)
{
    private static readonly ReductionOptions three = new() { Components = 3, ExactIterations = 3 };

    public static TheoryData<string, int, int, bool, ReductionOptions, string> Jobs => new()
    {
        { "tall", 100_000, 200, true, three, "[]" },
        { "tall, window", 100_000, 200, true, three with { Window = new AxisWindow(10, 190) }, "[]" },
        { "tall, a step", 100_000, 200, true, three, """[{"step":"scale","factor":2}]""" },
        { "tall, steps with errors", 100_000, 200, true, three, """[{"step":"counting-errors"},{"step":"scale","factor":2}]""" },
        { "tall, compressed", 100_000, 200, true, three with { Compression = 40 }, "[]" },
        { "tall, many components", 100_000, 200, true, three with { Components = 16 }, "[]" },
        { "wide", 1000, 20_000, true, three, "[]" },
        { "wide, centred", 1000, 20_000, true, three with { Centred = true }, "[]" },
        { "text", 3000, 800, false, three, "[]" },
        { "text, rank by verdict", 3000, 800, false, new() { ExactIterations = 3 }, "[]" },
        { "text, bands", 3000, 800, false, three with { Bands = true }, "[]" },
        { "text, replicates", 3000, 800, false, three with { Resampling = new() { Replicates = 30, Iterations = 2 } }, "[]" },
        { "text, missing values", 3000, 800, false, three with { Missing = MissingValues.NaN }, "[]" },
        { "text, references", 3000, 800, false, ByReferences(800), "[]" },
        { "map, references", 30_000, 200, true, ByReferences(200), "[]" },
    };

    private static ReductionOptions ByReferences(int channels) =>
        new() { Method = ReductionMethod.LinearCombination, Combination = new() { References = [new() { Spectra = Pure(channels) }], Background = FitBackground.Linear } };

    [Theory]
    [MemberData(nameof(Jobs), DisableDiscoveryEnumeration = true)]
    public async Task Is_not_below_what_a_reduction_uses(string name, int spectra, int channels, bool plain, ReductionOptions options, string steps)
    {
        using var folder = new TemporaryFolder("memory");
        var path = Path.Combine(folder.Path, plain ? "map.npy" : "series.csv");
        if (plain) WriteMap(path, spectra, channels);
        else WriteText(path, spectra, channels, options.Missing == MissingValues.NaN);
        var recipe = Path.Combine(folder.Path, "recipe.json");
        await File.WriteAllTextAsync(recipe, new ReductionRecipe { Steps = RecipeSteps.Of(steps), Model = options }.ToJson(), TestContext.Current.CancellationToken);
        var assembly = BuildOutput.OfThisRepository().Assembly("Tutti.Reduction.CommandLine");
        using var run = Process.Start(new ProcessStartInfo("dotnet", [assembly, "reduce", path, "--recipe", recipe, "--threads", "1", "--quiet", "--output", Path.Combine(folder.Path, "out")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("dotnet");
        var error = run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(run.ExitCode == 0, await error);
        var length = new FileInfo(path).Length;
        var set = new DataSet
        {
            Id = Guid.CreateVersion7(), ProposalId = Guid.CreateVersion7(), ExperimentId = Guid.CreateVersion7(), Name = "", Sha256 = "", Files = [], Length = length,
            UnpackedLength = length, Format = "", InPlace = plain, HasMissing = options.Missing == MissingValues.NaN, Spectra = spectra, Channels = channels, AxisName = "", AxisFrom = 0, AxisTo = channels, Warnings = [],
            RegisteredBy = Guid.CreateVersion7(), RegisteredAt = DateTimeOffset.UnixEpoch,
        };
        var estimate = MemoryEstimate.Of(set, options, RecipeSteps.Of(steps), []);
        var peak = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "out", "result.json"), TestContext.Current.CancellationToken)).GetProperty("peakBytes").GetInt64();
        // Parts of a file that is worked on in place are resident too, but can be taken back at any time.
        var used = plain ? peak - length : peak;
        output.WriteLine($"{name}: estimate {estimate >> 20} MiB, used {used >> 20} MiB");
        Assert.True(used <= estimate, $"{used >> 20} MiB were used, {estimate >> 20} MiB estimated");
    }

    private static void WriteMap(string path, int spectra, int channels)
    {
        var (random, pure) = (new Random(3), Pure(channels));
        using var file = File.Create(path);
        var header = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({spectra}, {channels}), }}").PadRight(117) + "\n";
        file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
        var values = new float[channels];
        for (var spectrum = 0; spectrum < spectra; spectrum++)
        {
            Fill(values, pure, random);
            file.Write(MemoryMarshal.AsBytes<float>(values));
        }
    }

    private static void WriteText(string path, int spectra, int channels, bool missing)
    {
        var (random, pure, values) = (new Random(3), Pure(channels), new float[channels]);
        using var text = new StreamWriter(path);
        text.WriteLine(string.Join(',', Enumerable.Range(0, channels)));
        for (var spectrum = 0; spectrum < spectra; spectrum++)
        {
            Fill(values, pure, random);
            text.WriteLine(string.Join(',', values.Select((value, channel) => missing && channel == spectrum % channels ? "" : value.ToString("R", CultureInfo.InvariantCulture))));
        }
    }

    private static Matrix Pure(int channels) => SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 3, Channels: channels, Noise: 0)).TrueS;

    private static void Fill(float[] values, Matrix pure, Random random)
    {
        var (a, b, c) = (random.NextDouble(), random.NextDouble(), random.NextDouble());
        for (var channel = 0; channel < values.Length; channel++)
            values[channel] = (float)((a * pure[0, channel]) + (b * pure[1, channel]) + (c * pure[2, channel]) + (0.01 * random.NextSingle()));
    }
}
