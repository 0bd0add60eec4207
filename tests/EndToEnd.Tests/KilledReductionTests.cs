using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tutti.Demo;
using Tutti.Reduction.Numerics;
using Tutti.Testing;

namespace Tutti.EndToEnd.Tests;

/// <summary>
/// After the demo's whole line a map of spectra is uploaded in parts and reduced, while the process is killed again and again: the result has the same bytes as that of a job
/// that was left alone, and its log says that after each kill the next worker went on from the last checkpoint. TUTTI_TEST_SPECTRA names another number of spectra than the 60,000 of every run, such as 1000000.
/// </summary>
public sealed class A_reduction_killed_at_random_moments(ITestOutputHelper output)
{
    private const int Kills = 5, Channels = 200, Components = 5, Part = 16 << 20;

    [Fact]
    public async Task Ends_with_the_same_bytes_as_one_that_was_left_alone_after_the_whole_line()
    {
        var spectra = int.Parse(Environment.GetEnvironmentVariable("TUTTI_TEST_SPECTRA") ?? "60000", CultureInfo.InvariantCulture);
        var random = new Random(20261123);
        await using var all = await AllInOneProcess.StartAsync(new AllInOneOptions
        {
            Settings = new Dictionary<string, string?>
            {
                ["Tutti__Identity__DemoAccounts"] = "true", ["Tutti__Reduction__CheckpointEvery"] = "00:00:00.3", ["Tutti__Reduction__Lease"] = "00:00:03",
            },
        });
        var line = await The_whole_line.CheckAsync(all.Url, output);
        using var http = new HttpClient { BaseAddress = all.Url, Timeout = TimeSpan.FromMinutes(5) };
        var maria = await Caller.SignInAsync(http, "maria", default);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", maria.Token);
        var dataSet = await RegisterAsync(http, await ExperimentAsync(http, line.ProposalId), spectra);
        // Long enough for five kills with checkpoints between them.
        var options = new { components = Components, startFloor = 0.2, exactIterations = Math.Max(200, 108_000_000 / spectra), threads = 1 };

        var begun = Stopwatch.GetTimestamp();
        var alone = await QueueAsync(http, dataSet, options);
        Assert.Empty((await EndedAsync(http, alone)).Resumed);
        output.WriteLine($"{spectra} x {Channels}, {options.exactIterations} iterations, left alone: {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        var expected = await SumsAsync(http, alone);

        begun = Stopwatch.GetTimestamp();
        var killed = await QueueAsync(http, dataSet, options);
        List<int> kept = [];
        for (var kill = 0; kill < Kills; kill++)
        {
            // A checkpoint of this life of the process, so that the next one has another to go on from.
            var before = await KeepsAsync(http, killed, kept.LastOrDefault(options.exactIterations / 20));
            await Task.Delay(random.Next(100, 800));
            var now = await ReadAsync(http, killed);
            Assert.Equal("running", now.Status);
            await all.KillAsync();
            await all.StartAgainAsync();
            kept.Add(now.Kept);
            output.WriteLine($"killed at iteration {now.Iteration}; checkpoint at {before.Kept}, then {now.Kept}");
        }
        var end = await EndedAsync(http, killed);
        output.WriteLine($"ended after {end.Claims} claims, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s; gone on after iterations {string.Join(", ", end.Resumed)}");
        // Each life of the process but the first has gone on, at the last checkpoint that was told of or a later one, never at the beginning.
        Assert.Equal(Kills + 1, end.Claims);
        Assert.Equal(Kills, end.Resumed.Count);
        Assert.All(end.Resumed.Zip(kept), pair => Assert.InRange(pair.First, pair.Second, options.exactIterations - 1));
        Assert.All(kept, iteration => Assert.True(iteration > options.exactIterations / 20));
        Assert.Equal(end.Resumed.Order(), end.Resumed);
        Assert.Equal(expected, await SumsAsync(http, killed));
    }

    // Data belong to an experiment that has had its beamtime, so the whole line goes first.
    private static async Task<Guid> ExperimentAsync(HttpClient http, Guid proposal) =>
        (await ReadAsync(await http.GetAsync($"/api/proposals/{proposal}"))).GetProperty("text").GetProperty("experiments")[0].GetProperty("id").GetGuid();

    // Uploads by tus, in parts, and registers.
    private static async Task<Guid> RegisterAsync(HttpClient http, Guid experiment, int spectra)
    {
        using var folder = new TemporaryFolder("map");
        var path = Path.Combine(folder.Path, "map.npy");
        WriteMap(path, spectra);
        await using var file = File.OpenRead(path);
        using var begin = new HttpRequestMessage(HttpMethod.Post, "/api/reduction/uploads");
        static string Coded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        begin.Headers.Add("Tus-Resumable", "1.0.0");
        begin.Headers.Add("Upload-Length", file.Length.ToString(CultureInfo.InvariantCulture));
        begin.Headers.Add("Upload-Metadata", $"experimentId {Coded(experiment.ToString())},filename {Coded("map.npy")}");
        HttpResponseMessage? begun = null;
        // Reduction hears of the experiment by an event.
        await Poll.UntilAsync(async stop =>
        {
            using var again = await Clone(begin);
            begun = await http.SendAsync(again, stop);
            return begun.StatusCode == HttpStatusCode.Created;
        }, TimeSpan.FromSeconds(30), () => $"an upload begins; last answer {begun?.StatusCode}");
        var place = begun?.Headers.Location ?? throw new InvalidOperationException("The upload has no place.");
        var buffer = new byte[Part];
        for (var offset = 0L; offset < file.Length;)
        {
            var read = await file.ReadAtLeastAsync(buffer, Part, throwOnEndOfStream: false);
            using var part = new HttpRequestMessage(HttpMethod.Patch, place) { Content = new ByteArrayContent(buffer, 0, read) };
            part.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
            part.Headers.Add("Tus-Resumable", "1.0.0");
            part.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
            using var answer = await http.SendAsync(part);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            offset += read;
        }
        var upload = Guid.Parse(place.OriginalString[(place.OriginalString.LastIndexOf('/') + 1)..]);
        return (await ReadAsync(await http.PostAsJsonAsync("/api/reduction/datasets/from-uploads", new
        {
            uploads = new[] { upload }, dataSet = new { experimentId = experiment, name = "A map", axisName = "energy", axisUnit = "eV" },
        }))).GetProperty("id").GetGuid();
    }

    private static Task<HttpRequestMessage> Clone(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        foreach (var (name, values) in request.Headers) copy.Headers.Add(name, values);
        return Task.FromResult(copy);
    }

    // Species in overlapping spots, some pixels empty, as float32.
    private static void WriteMap(string path, int spectra)
    {
        var random = new Random(7);
        var pure = SyntheticSeries.Make(new SyntheticSeriesOptions(Spectra: Components, Channels: Channels, Components: Components, Noise: 0)).TrueS;
        using var file = File.Create(path);
        var header = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({spectra}, {Channels}), }}").PadRight(117) + "\n";
        file.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]);
        var (row, values) = (new double[Channels], new float[Channels]);
        for (var spectrum = 0; spectrum < spectra; spectrum++)
        {
            Array.Clear(row);
            for (var k = 0; k < Components; k++)
            {
                var amount = Math.Sin(spectrum * (k + 1) * 0.0007 + k) * Math.Sin(spectrum * 0.013 * (k + 2));
                if (amount > 0.1) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(pure.Row(k), amount, row, row);
            }
            for (var channel = 0; channel < Channels; channel++)
                values[channel] = (float)(row[channel] + 0.03 * Math.Sqrt(row[channel] + 0.05) * (random.NextSingle() + random.NextSingle() - 1));
            file.Write(MemoryMarshal.AsBytes<float>(values));
        }
    }

    private static async Task<Guid> QueueAsync(HttpClient http, Guid dataSet, object options) =>
        (await ReadAsync(await http.PostAsJsonAsync("/api/reduction/jobs", new { dataSetId = dataSet, options }))).GetProperty("id").GetGuid();

    private sealed record Standing(string Status, int Iteration, int Claims, int Kept, IReadOnlyList<int> Resumed);

    private static async Task<Standing> ReadAsync(HttpClient http, Guid job)
    {
        var read = await ReadAsync(await http.GetAsync($"/api/reduction/jobs/{job}"));
        if (read.GetProperty("failure") is { ValueKind: JsonValueKind.Object } failure) throw new InvalidOperationException($"The job failed: {failure}");
        int[] resumed = [.. read.GetProperty("log").EnumerateArray().Where(note => note.GetProperty("code").GetString() == "checkpoint.resumed").Select(note => note.GetProperty("iteration").GetInt32())];
        return new(
            read.GetProperty("status").GetString() ?? "", read.GetProperty("progress").GetProperty("iteration").GetInt32(), read.GetProperty("claims").GetInt32(),
            read.GetProperty("keptIteration").GetInt32(), resumed);
    }

    private static async Task<Standing> KeepsAsync(HttpClient http, Guid job, int beyond)
    {
        Standing? last = null;
        await Poll.UntilAsync(async _ => (last = await ReadAsync(http, job)).Status != "waiting" && (last.Status != "running" || (last.Kept > beyond && last.Iteration > last.Kept)),
            TimeSpan.FromMinutes(5), () => $"the job has a checkpoint beyond iteration {beyond}; last seen {last}");
        return last ?? throw new InvalidOperationException();
    }

    private static async Task<Standing> EndedAsync(HttpClient http, Guid job)
    {
        Standing? last = null;
        await Poll.UntilAsync(async _ => (last = await ReadAsync(http, job)).Status is "completed" or "failed" or "cancelled", TimeSpan.FromMinutes(10), () => $"the job ends; last seen {last}");
        Assert.Equal("completed", last?.Status);
        return last ?? throw new InvalidOperationException();
    }

    private static async Task<SortedDictionary<string, string>> SumsAsync(HttpClient http, Guid job)
    {
        SortedDictionary<string, string> sums = new(StringComparer.Ordinal);
        foreach (var name in (string[])["result.json", "concentrations.csv", "spectra.csv", "result.nxs", "result.mat", "report.pdf", "plots/components.svg", "plots/components.png"])
            sums[name] = Convert.ToHexStringLower(SHA256.HashData(await http.GetByteArrayAsync($"/api/reduction/jobs/{job}/{name}")));
        return sums;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }
}
