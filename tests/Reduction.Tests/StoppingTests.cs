using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Plotting;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Reducing;
using Tutti.Reduction.Registering;
using Tutti.Reduction.Results;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

/// <summary>A plain array of 300,000 spectra of 200 channels in float32, and what its reduction gives.</summary>
public sealed class LargeMap : IDisposable
{
    public const int Spectra = 300_000, Channels = 200;
    private readonly TemporaryFolder folder = new("large-map");

    public LargeMap()
    {
        Path = System.IO.Path.Combine(folder.Path, "map.npy");
        var pure = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: 3, Channels: Channels, Noise: 0)).TrueS;
        var random = new Random(5);
        using (var file = File.Create(Path))
        {
            var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({Spectra}, {Channels}), }}".PadRight(117) + "\n";
            file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
            var values = new float[Channels];
            for (var spectrum = 0; spectrum < Spectra; spectrum++)
            {
                var (a, b, c) = (random.NextDouble(), random.NextDouble(), random.NextDouble());
                for (var channel = 0; channel < Channels; channel++)
                    values[channel] = (float)((a * pure[0, channel]) + (b * pure[1, channel]) + (c * pure[2, channel]) + (0.01 * random.NextSingle()));
                file.Write(MemoryMarshal.AsBytes<float>(values));
            }
        }
        Series = MappedArray.Of(Path, "map.npy", new ReadingOptions()) ?? throw new InvalidOperationException();
        Outcome = Reduce.Run(Series, new ReductionOptions { Components = 3, ExactIterations = 2 });
    }

    public string Path { get; }
    public SpectralSeries Series { get; }
    public ReductionOutcome Outcome { get; }
    public DataMatrix Map(CancellationToken stop = default) => DataMatrix.Map(Path, 128, Spectra, Channels, isSingle: true, stop);

    public void Dispose()
    {
        Series.Data.Dispose();
        folder.Dispose();
    }
}

[Trait("engine", "any")]
public sealed class Every_phase_of_a_large_reduction(LargeMap map, ITestOutputHelper output) : IClassFixture<LargeMap>
{
    private static readonly TimeSpan soon = TimeSpan.FromMilliseconds(20);
    private static readonly ResultDescription told = new("map", "", null, null, null, null);

    private static readonly Dictionary<string, Action<LargeMap, CancellationToken>> phases = new()
    {
        ["sum of the file, check of its values"] = (map, stop) => MappedArray.Of(map.Path, "map.npy", new ReadingOptions(), stop)?.Data.Dispose(),
        ["check of the values"] = (map, stop) => map.Map(stop).Dispose(),
        ["copy into memory"] = (map, stop) => map.Series.Data.ToMatrix(stop),
        ["hash of the series"] = (map, stop) => SeriesHash.Of(map.Series, stop),
        ["preparation"] = (map, stop) => Prepare.Run(map.Series, [new Scale(2)], new PreparationContext("x", DateTimeOffset.UnixEpoch), cancellation: stop),
        ["window"] = (map, stop) => Reduce.Run(map.Series, new ReductionOptions { Components = 3, Window = new AxisWindow(10, 150) }, null, stop),
        ["principal components"] = (map, stop) => PrincipalComponents.OfLarge(map.Series.Data, cancellation: stop),
        ["purest spectra"] = (map, stop) => Simplisma.PurestRows(map.Series.Data, 3, 5, 0, stop),
        ["purest channels"] = (map, stop) => Simplisma.PurestColumns(map.Series.Data, 3, 5, stop),
        ["weights of counts"] = (map, stop) => PoissonWeights.Of(map.Series.Data, stop),
        ["sum of squares"] = (map, stop) =>
        {
            using var fresh = map.Map();
            fresh.SumOfSquares(stop);
        },
        ["compression"] = (map, stop) => McrAls.Resolve(map.Series.Data, Purest.Spectra(map.Series.Data, 3), new McrOptions { Compression = 20, MaxIterations = 1 }, null, stop),
        ["weighted fit"] = (map, stop) => McrAls.Resolve(
            map.Series.Data, new McrStart.Spectra(map.Outcome.Spectra), new McrOptions { ChannelWeights = [.. Enumerable.Repeat(2.0, LargeMap.Channels)], MaxIterations = 1 }, null, stop),
        ["fit"] = (map, stop) => McrAls.Resolve(map.Series.Data, new McrStart.Spectra(map.Outcome.Spectra), new McrOptions { ExactIterations = 1000 }, null, stop),
        ["clusters"] = (map, stop) => Reduce.Run(map.Series, new ReductionOptions { Components = 3, Start = StartMethod.Clusters }, null, stop),
        ["plots"] = (map, stop) => ReductionPlots.All(map.Outcome, stop),
        ["table of concentrations"] = (map, stop) => Write(
            file =>
            {
                using var text = new StreamWriter(file, leaveOpen: true);
                ResultTables.WriteConcentrations(text, map.Outcome);
            },
            stop),
        ["NeXus file"] = (map, stop) => Write(file => NexusFile.Write(file, map.Outcome, told), stop),
        ["MATLAB file"] = (map, stop) => Write(file => ResultMatrices.Write(file, map.Outcome, told), stop),
        ["report"] = (map, stop) => Write(file => ReportPage.Write(file, map.Outcome.Result, [], told), stop),
    };

    public static TheoryData<string> Phases => [.. phases.Keys];

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task Sees_that_it_shall_stop(string phase)
    {
        var work = phases[phase];
        Assert.ThrowsAny<OperationCanceledException>(() => work(map, new CancellationToken(canceled: true)));
        using var stop = new CancellationTokenSource();
        var running = Task.Factory.StartNew(() => work(map, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(running, Task.Delay(soon, TestContext.Current.CancellationToken));
        var (asked, over) = (Stopwatch.GetTimestamp(), running.IsCompleted);
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // As it shall be.
        }
        output.WriteLine(over ? $"{phase}: over before it was stopped" : $"{phase}: stopped after {Stopwatch.GetElapsedTime(asked).TotalMilliseconds:0.0} ms");
    }

    private static void Write(Action<Stream> write, CancellationToken stop)
    {
        using var file = new StoppableStream(Stream.Null, stop);
        write(file);
    }
}

public sealed class A_job_on_a_large_map(LargeMap map, ReductionHost host, ITestOutputHelper output) : IClassFixture<LargeMap>, IClassFixture<ReductionHost>
{
    [Theory]
    [InlineData(JobPhase.Reading)]
    [InlineData(JobPhase.PrincipalComponents)]
    [InlineData(JobPhase.Resolution)]
    [InlineData(JobPhase.Writing)]
    public async Task Is_ended_in_whatever_phase_it_is_and_its_worker_is_free(JobPhase phase)
    {
        var answer = await host.UploadAsync((await host.ProposalAsync()).Experiment, await File.ReadAllBytesAsync(map.Path, TestContext.Current.CancellationToken), "application/octet-stream");
        var set = (await ReadAsync<RegisterDataSet.Response>(answer, HttpStatusCode.Created)).Id;
        // The bands, which belong to the last phase, take long.
        var job = await host.JobAsync(set, phase == JobPhase.Writing ? new { components = 3, exactIterations = 2, bands = true } : new { components = 3, exactIterations = 100_000, bands = false });
        await host.UntilAsync(job, read => read.Status == JobStatus.Running && read.Progress.Phase >= phase, $"it is {phase}");
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
        var ended = await host.EndedAsync(job);
        var row = await host.ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(x => x.Id == job));
        Assert.Equal(JobStatus.Cancelled, ended.Status);
        output.WriteLine($"{ended.Progress.Phase}: ended {(row.EndedAt - row.CancelRequestedAt)?.TotalMilliseconds:0} ms after the wish");
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(await host.JobAsync(await host.DataSetAsync(Csv(new(Spectra: 12, Channels: 20)))))).Status);
        Assert.DoesNotContain(Mappings(), line => line.Contains(host.Data, StringComparison.Ordinal));
    }

    // Neither registering nor a job that was stopped leaves the file in the address space.
    private static IEnumerable<string> Mappings() => OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/maps").Where(line => line.Contains("/sha256/", StringComparison.Ordinal) || line.Contains("/incoming/", StringComparison.Ordinal)) : [];
}
