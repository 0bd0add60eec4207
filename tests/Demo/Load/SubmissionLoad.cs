using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tutti.Demo.Load;

/// <summary>
/// Many clients create a draft, fill it with three experiments and submit it, over and over. Printed: sequences per second, latency of
/// each call, CPU of the process per sequence including everything that follows in all services, memory. Figures are reported, not judged.
/// </summary>
internal sealed class SubmissionLoad(Uri url, string token, Guid call, Func<TimeSpan> cpu, Func<long> memory, TextWriter output)
{
    private static readonly string[] calls = ["create", "fill", "submit"];

    /// <summary>Runs one number of clients for a time, after a warm-up that is not counted.</summary>
    public async Task RunAsync(int clients, TimeSpan duration, CancellationToken cancel)
    {
        await QuietAsync(cancel);
        var before = cpu();
        var ownBefore = Process.GetCurrentProcess().TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(() => ClientAsync(started, duration, cancel), cancel)));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var atEnd = cpu();
        await QuietAsync(cancel);
        var after = cpu();
        var own = Process.GetCurrentProcess().TotalProcessorTime - ownBefore;
        var sequences = latencies.Sum(client => client[2].Count);
        var line = new StringBuilder().Append(CultureInfo.InvariantCulture,
            $"{clients,3} clients: {sequences / elapsed.TotalSeconds,6:0} sequences/s; CPU {(after - before).TotalMilliseconds / sequences:0.00} ms per sequence ({(after - atEnd).TotalMilliseconds / sequences:0.00} after the last answer), client {own.TotalMilliseconds / sequences:0.00} ms; resident {memory() / 1048576} MiB");
        await output.WriteLineAsync(line, cancel);
        for (var which = 0; which < calls.Length; which++)
        {
            var sorted = latencies.SelectMany(client => client[which]).Order().ToArray();
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"     {calls[which],-7} p50 {Quantile(sorted, 0.50),7:0.0} ms   p95 {Quantile(sorted, 0.95),7:0.0} ms   p99 {Quantile(sorted, 0.99),7:0.0} ms   max {Quantile(sorted, 1),7:0.0} ms"));
        }
    }

    private static double Quantile(double[] sorted, double part) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(part * sorted.Length) - 1)];

    /// <summary>Waits until the process has nothing left to do.</summary>
    private async Task QuietAsync(CancellationToken cancel)
    {
        for (var calm = 0; calm < 3;)
        {
            var before = cpu();
            await Task.Delay(400, cancel);
            calm = (cpu() - before).TotalMilliseconds < 30 ? calm + 1 : 0;
        }
    }

    private async Task<List<double>[]> ClientAsync(long started, TimeSpan duration, CancellationToken cancel)
    {
        List<double>[] times = [[], [], []];
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseCookies = false }) { BaseAddress = url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var create = $$"""{"callId":"{{call}}"}""";
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            var id = await TimedAsync(times[0], () => http.PostAsync("/api/proposals", Body(create), cancel), cancel);
            await TimedAsync(times[1], () => http.PutAsync($"/api/proposals/{id}", Draft(), cancel), cancel);
            await TimedAsync(times[2], () => http.PostAsync($"/api/proposals/{id}/submission", null, cancel), cancel);
        }
        return times;
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");

    private static async Task<string> TimedAsync(List<double> times, Func<Task<HttpResponseMessage>> send, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        using var answer = await send();
        var text = await answer.Content.ReadAsStringAsync(cancel);
        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        if (!answer.IsSuccessStatusCode) throw new RefusedException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode}: {text}");
        return answer.Headers.Location is { } created ? created.OriginalString[(created.OriginalString.LastIndexOf('/') + 1)..] : "";
    }

    /// <summary>A complete draft with three experiments at three sites.</summary>
    internal static StringContent Draft()
    {
        Guid sample = Guid.CreateVersion7(), xas = Guid.CreateVersion7(), nmr = Guid.CreateVersion7(), neutrons = Guid.CreateVersion7();
        return Body($$"""
            {"text":{"title":"Oxygen loss in LiNiO2 at high voltage","abstract":"We follow nickel, oxygen and lithium during the first charge of LiNiO2 with three probes, on the same electrodes.",
            "samples":[{"id":"{{sample}}","name":"LNO electrode","composition":"LiNiO2","hazards":["irritant"],"airSensitive":true}],
            "experiments":[
            {"id":"{{xas}}","title":"Ni K edge","instrumentCode":"elettra-xafs","shifts":6,"mode":"operando","sampleId":"{{sample}}","bringsOwnCell":true},
            {"id":"{{nmr}}","title":"7Li","instrumentCode":"ki-nmr","shifts":3,"mode":"ex-situ","sampleId":"{{sample}}","after":[{"experimentId":"{{xas}}","minGapHours":24}]},
            {"id":"{{neutrons}}","title":"Diffraction","instrumentCode":"bnc-psd","shifts":6,"mode":"ex-situ","sampleId":"{{sample}}","after":[{"experimentId":"{{nmr}}","minGapHours":48}]}],
            "wouldMakeVideo":true,"acceptedDeclaration":"2026-1"},"team":[]}
            """);
    }
}
