using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tutti.Contracts.Reduction;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Queueing;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Reducing;
using Tutti.Reduction.Results;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

public sealed class A_job(ReductionHost host) : IClassFixture<ReductionHost>
{
    private static readonly int[] twice = [1, 1];

    [Fact]
    public async Task Gives_what_the_reduction_itself_gives_with_tables_and_plots()
    {
        var content = Csv();
        var job = await host.JobAsync(await host.DataSetAsync(content), new { components = 3, closure = new { total = 1 }, window = new { low = 8325, high = 8400 }, start = "purest-channels" });
        var ended = await host.EndedAsync(job);
        var expected = Reduce.Run(
            SeriesReading.Read(new NamedContent("charge", content), new ReadingOptions { AxisName = "energy", AxisUnit = "eV" }),
            new ReductionOptions { Components = 3, Closure = new Closure(1), Window = new AxisWindow(8325, 8400), Start = StartMethod.PurestChannels });
        Assert.Equal((JobStatus.Completed, 1.0, JobPhase.Finished), (ended.Status, ended.Progress.Fraction, ended.Progress.Phase));
        Assert.Equal((expected.Result.BestLofPercent, expected.Result.R2Percent, expected.Result.Iterations), (ended.Result?.LofPercent, ended.Result?.R2Percent, ended.Result?.Iterations));
        var maria = host.As(Maria);
        var result = ReductionResult.FromJson(await maria.GetStringAsync($"/api/reduction/jobs/{job}/result.json"));
        Assert.Equal((expected.Result.InputHash, expected.Result.StopReason), (result.InputHash, result.StopReason));
        using var c = new StringWriter();
        using var s = new StringWriter();
        ResultTables.WriteConcentrations(c, expected);
        ResultTables.WriteSpectra(s, expected);
        Assert.Equal(c.ToString(), await maria.GetStringAsync($"/api/reduction/jobs/{job}/concentrations.csv"));
        Assert.Equal(s.ToString(), await maria.GetStringAsync($"/api/reduction/jobs/{job}/spectra.csv"));
        var plots = await maria.GetFromJsonAsync<List<ReadResult.Plot>>($"/api/reduction/jobs/{job}/plots", Json.Strict) ?? [];
        Assert.Equal(["spectra", "components", "concentrations", "scree", "residual"], plots.Select(plot => plot.Name));
        foreach (var plot in plots)
        {
            Assert.Contains("<svg", await maria.GetStringAsync(plot.Svg), StringComparison.Ordinal);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await maria.GetByteArrayAsync(plot.Png))[..4]);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await maria.GetAsync($"/api/reduction/jobs/{job}/plots/..%2Fresult.json")).StatusCode);
        var said = Assert.Single(await host.SaidAsync<ReductionCompleted>(), said => said.JobId == job);
        Assert.Equal((3, expected.Result.BestLofPercent), (said.Components, said.LofPercent));
    }

    [Fact]
    public async Task Tells_the_threads_that_were_asked_for_and_gives_the_same_files_on_a_worker_with_fewer_cores()
    {
        var content = Csv();
        List<string> results = [];
        foreach (var most in new[] { "2", "1" })
        {
            await using var own = new ReductionHost();
            own.Set("Tutti:Reduction:MaxThreads", "2");
            own.Set("Tutti:Reduction:Workers", "0");
            await own.InitializeAsync();
            var job = await own.JobAsync(await own.DataSetAsync(content), new { components = 3, threads = 2 });
            await using (var scope = own.Services.CreateAsyncScope())
            {
                var services = scope.ServiceProvider;
                var limits = services.GetRequiredService<ReductionLimits>() with { MaxThreads = int.Parse(most, System.Globalization.CultureInfo.InvariantCulture) };
                await ActivatorUtilities.CreateInstance<RunReduction>(services, limits).RunAsync(job);
            }
            Assert.Equal(JobStatus.Completed, (await own.EndedAsync(job)).Status);
            results.Add(await own.As(Maria).GetStringAsync($"/api/reduction/jobs/{job}/result.json"));
        }
        Assert.Equal(2, ReductionResult.FromJson(results[0]).Options.Threads);
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public async Task On_data_with_missing_values_gives_what_the_command_line_gives()
    {
        var lines = Encoding.ASCII.GetString(Csv()).Split('\n');
        foreach (var (line, cell, text) in new[] { (3, 5, ""), (3, 6, "NaN"), (20, 40, "nan") })
        {
            var cells = lines[line].Split(',');
            cells[cell] = text;
            lines[line] = string.Join(',', cells);
        }
        var content = Encoding.ASCII.GetBytes(string.Join('\n', lines));
        var (_, experiment) = await host.ProposalAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await host.UploadAsync(experiment, content)).StatusCode);
        var answer = await host.As(Maria).PostAsync($"{UploadPath(experiment)}&missing=nan", Body(content));
        var set = await ReadAsync<Registering.RegisterDataSet.Response>(answer, HttpStatusCode.Created);
        Assert.Contains(set.Warnings, warning => warning.Code == "values_missing");
        Assert.Equal(["missing.not-asked"], await Assert.RefusedAsync(await host.QueueAsync(set.Id), HttpStatusCode.UnprocessableEntity, "job.invalid"));
        var job = await host.JobAsync(set.Id, new { components = 3, missing = "nan" });
        var ended = await host.EndedAsync(job);
        Assert.Equal(JobStatus.Completed, ended.Status);
        var result = ReductionResult.FromJson(await host.As(Maria).GetStringAsync($"/api/reduction/jobs/{job}/result.json"));
        using var run = new CommandLineRun();
        var said = await run.ReduceAsync(run.Write("series.csv", string.Join('\n', lines)), "-k", "3", "--missing", "nan", "--axis-name", "energy", "--axis-unit", "eV");
        Assert.Equal(said.GetProperty("bestLofPercent").GetDouble(), result.BestLofPercent);
        Assert.Equal((said.GetProperty("inputHash").GetString(), "values"), (result.InputHash, result.Weighting));
        // Principal components know no weights.
        Assert.Null(result.LofPcaPercent);
        Assert.Null(ended.Result?.LofPcaPercent);
    }

    [Fact]
    public async Task On_the_operando_edges_reaches_the_known_fit()
    {
        var set = await host.DataSetAsync(await File.ReadAllBytesAsync(SharedData.Path("xas_operando_LiNiO2_Ni-K_ROCK/norm_mu_pos1.csv")));
        var ended = await host.EndedAsync(await host.JobAsync(set, new { components = 3, window = new { low = 8320, high = 8420 } }));
        Assert.Equal(JobStatus.Completed, ended.Status);
        Assert.InRange(ended.Result?.LofPercent ?? double.NaN, 0.172354, 0.1726);
    }

    [Fact]
    public async Task Tells_its_progress_until_it_is_cancelled_soon_after_somebody_asks()
    {
        var set = await host.DataSetAsync(Csv(new()));
        var job = await host.JobAsync(set, LongOptions);
        await host.ResolvingAsync(job);
        List<ReadJob.Progress> told = [];
        using var stream = await host.As(Luka).GetStreamAsync($"/api/reduction/jobs/{job}/progress");
        await foreach (var item in SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize<ReadJob.Progress>(data, Json.Strict) ?? throw new JsonException("null")).EnumerateAsync())
        {
            told.Add(item.Data);
            if (told.Count == 3) (await host.As(Luka).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
        }
        Assert.Equal(JobStatus.Cancelled, told[^1].Status);
        Assert.True(told.Count >= 4);
        Assert.Equal(told.Select(now => now.Iteration).Order(), told.Select(now => now.Iteration));
        Assert.Equal(told.Select(now => now.Fraction).Order(), told.Select(now => now.Fraction));
        Assert.All(told, now => Assert.InRange(now.Fraction, 0.1, 0.9));
        Assert.Equal(HttpStatusCode.OK, (await host.As(Luka).DeleteAsync($"/api/reduction/jobs/{job}")).StatusCode);
        await Assert.RefusedAsync(await host.As(Luka).GetAsync($"/api/reduction/jobs/{job}/result.json"), HttpStatusCode.Conflict, "job.no-result");
        Assert.DoesNotContain(await host.SaidAsync<ReductionCompleted>(), said => said.JobId == job);
    }

    [Fact]
    public async Task That_is_over_cannot_be_cancelled()
    {
        var job = await host.JobAsync(await host.DataSetAsync());
        await host.EndedAsync(job);
        await Assert.RefusedAsync(await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}"), HttpStatusCode.Conflict, "job.wrong-status");
    }

    [Fact]
    public async Task On_data_that_cannot_be_resolved_fails_with_the_kernels_code()
    {
        var set = await host.DataSetAsync(Csv(new(Spectra: 12, Channels: 20)));
        var job = await host.JobAsync(set, new { window = new { low = 8340.1, high = 8340.2 } });
        var ended = await host.EndedAsync(job);
        Assert.Equal((JobStatus.Failed, "window_empty"), (ended.Status, ended.Failure?.Code));
        Assert.Equal("window_empty", Assert.Single(await host.SaidAsync<ReductionFailed>(), said => said.JobId == job).Code);
    }

    [Fact]
    public async Task That_breaks_is_tried_three_times_and_tells_no_details()
    {
        var content = Csv(new(Spectra: 12, Channels: 20, Seed: 99));
        var set = await host.DataSetAsync(content);
        File.Delete(host.Services.GetRequiredService<FileStore>().PathOf(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))));
        var job = await host.JobAsync(set);
        var ended = await host.EndedAsync(job);
        Assert.Equal((JobStatus.Failed, "reduction.internal"), (ended.Status, ended.Failure?.Code));
        Assert.DoesNotContain("sha256", ended.Failure?.Reason, StringComparison.OrdinalIgnoreCase);
        var row = await host.ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(x => x.Id == job));
        Assert.Equal((3, 2), (row.Claims, row.Failures));
        Assert.Single(await host.SaidAsync<ReductionFailed>(), said => said.JobId == job);
    }

    [Fact]
    public async Task Begins_with_given_spectra_weighs_the_spectra_and_tells_the_uncertainty()
    {
        var content = Csv(new(Spectra: 30, Channels: 40));
        var series = SeriesReading.Read(new NamedContent("charge", content));
        var start = series.Data.SelectRows([0, 12, 29]);
        var options = new ReductionOptions
        {
            Start = StartMethod.GivenSpectra, GivenSpectra = start, Weights = new Matrix(30, 1, [.. Enumerable.Range(1, 30).Select(index => (double)index)]), MaxIterations = 20,
            Resampling = new ResamplingOptions { Replicates = 5, Iterations = 2 },
        };
        var expected = Reduce.Run(series, options);
        var set = await host.DataSetAsync(content);
        var job = await host.JobAsync(set, new
        {
            start = "given-spectra", givenSpectra = start, weights = options.Weights, maxIterations = 20, resampling = new { method = "residual-bootstrap", replicates = 5, iterations = 2 },
        });
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(job)).Status);
        var result = ReductionResult.FromJson(await host.As(Maria).GetStringAsync($"/api/reduction/jobs/{job}/result.json"));
        Assert.Equal((expected.Result.BestLofPercent, "spectra"), (result.BestLofPercent, result.Weighting));
        Assert.Equal(expected.Result.Uncertainty?.SpectraPercent, result.Uncertainty?.SpectraPercent);
        Assert.Equal(start.Values.ToArray(), result.Options.GivenSpectra?.Values.ToArray());
        Assert.StartsWith("spectrum,component 1,component 1 deviation", await host.As(Maria).GetStringAsync($"/api/reduction/jobs/{job}/concentrations-uncertainty.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_for_wrongly_is_refused_with_everything_that_is_wrong()
    {
        var set = await host.DataSetAsync(Csv(new(Spectra: 12, Channels: 20)));
        var problems = await Assert.RefusedAsync(
            await host.QueueAsync(set, new
            {
                window = new { low = 9, high = 3 }, components = 13, start = "given-spectra", closure = new { total = 0, components = twice }, maxIterations = 0,
                exactIterations = -1, tolerance = 0, threads = 0, startNoisePercent = 101,
            }),
            HttpStatusCode.UnprocessableEntity, "job.invalid");
        Assert.Equal(
            ["closure.components", "closure.total", "components.range", "iterations.range", "iterations.range", "start.given", "start.noise", "threads.range", "tolerance.range", "window.order", "window.outside"],
            problems.Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await host.QueueAsync(Guid.CreateVersion7())).StatusCode);
        foreach (var body in new[] { "{}", "[]", "", "null", "{\"dataSetId\":7}", $"{{\"dataSetId\":\"{set}\",\"options\":null}}", $"{{\"dataSetId\":\"{set}\",\"options\":{{\"tolerance\":\"NaN\"}}}}",
            $"{{\"dataSetId\":\"{set}\",\"options\":{{\"onC\":[{{}}]}}}}", $"{{\"dataSetId\":\"{set}\",\"options\":{{\"onC\":[null]}}}}", $"{{\"dataSetId\":\"{set}\",\"options\":{{\"onC\":[{{\"constraint\":\"unheard-of\"}}]}}}}",
            $"{{\"dataSetId\":\"{set}\",\"options\":{{\"knownC\":[{{\"component\":0}}]}}}}" })
            await Assert.RefusedAsync(await host.As(Maria).PostAsync("/api/reduction/jobs", new StringContent(body, null, "application/json")), HttpStatusCode.BadRequest, "request.malformed");
        var endless = new StringContent($"{{\"dataSetId\":\"{set}\",\"options\":{{\"window\":{{\"low\":-1e999,\"high\":1e999}}}}}}", null, "application/json");
        Assert.InRange((int)(await host.As(Maria).PostAsync("/api/reduction/jobs", endless)).StatusCode, 400, 422);
        Assert.Empty(await host.ReadAsync(db => db.Jobs.Where(job => job.DataSetId == set).ToListAsync()));
    }

    [Fact]
    public async Task Of_a_worker_that_is_not_heard_of_any_more_is_done_by_another_one()
    {
        var set = await host.DataSetAsync();
        var (lost, id) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.ReadAsync(async db =>
        {
            var now = host.Time.GetUtcNow();
            var job = ReductionJob.Queue(id, await db.DataSets.SingleAsync(x => x.Id == set), new ReductionOptions { Components = 3 }, 1, Maria.Id, now);
            job.Claim(lost, now, now + JobLease.Length);
            db.Add(job);
            return await db.SaveChangesAsync();
        });
        await host.EndedAsync(await host.JobAsync(set));
        Assert.Equal(JobStatus.Running, (await host.ReadJobAsync(id)).Status);
        host.Time.Advance(JobLease.Length);
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(id)).Status);
        Assert.Equal(2, (await host.ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(x => x.Id == id))).Claims);
        Assert.Single(await host.SaidAsync<ReductionCompleted>(), said => said.JobId == id);
    }

    [Fact]
    public async Task Given_to_a_worker_ten_times_at_once_is_done_once()
    {
        var set = await host.DataSetAsync();
        var job = await host.JobAsync(set);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            await using var scope = host.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<RunReduction>().RunAsync(job);
        }));
        await host.EndedAsync(job);
        Assert.Single(await host.SaidAsync<ReductionCompleted>(), said => said.JobId == job);
        Assert.Equal(1, (await host.ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(x => x.Id == job))).Claims);
    }
}

public sealed class An_installation_without_workers
{
    [Fact]
    public async Task Keeps_jobs_waiting_up_to_a_limit_and_cancels_them_at_once()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "0");
        host.Set("Tutti:Reduction:MaxWaitingJobs", "3");
        await host.InitializeAsync();
        var set = await host.DataSetAsync();
        var jobs = new[] { await host.JobAsync(set), await host.JobAsync(set), await host.JobAsync(set) };
        await Assert.RefusedAsync(await host.QueueAsync(set), HttpStatusCode.Conflict, "jobs.too-many");
        Assert.Equal(HttpStatusCode.Accepted, (await host.QueueAsync(set, by: Luka)).StatusCode);
        var cancelled = await ReadAsync<CancelJob.Response>(await host.As(Luka).DeleteAsync($"/api/reduction/jobs/{jobs[0]}"));
        Assert.Equal(JobStatus.Cancelled, cancelled.Status);
        Assert.Equal(HttpStatusCode.Accepted, (await host.QueueAsync(set)).StatusCode);
        var list = await host.As(Maria).GetFromJsonAsync<List<ListJobs.Response>>($"/api/reduction/jobs?dataSetId={set}", Json.Strict) ?? [];
        Assert.Equal(5, list.Count);
    }
}

public sealed class A_process_that_ends_in_the_middle_of_a_job
{
    private static readonly string[] kept = ["Tutti:Database:Prefix", "Tutti:Broker:Prefix"];

    [Fact]
    public async Task Leaves_it_to_the_next_one_which_ends_it_once()
    {
        using var data = new TemporaryFolder("restart");
        Guid job;
        Dictionary<string, string?> settings;
        await using (var first = Host(data.Path, []))
        {
            await first.InitializeAsync();
            job = await first.JobAsync(await first.DataSetAsync(Csv(new())), new { components = 3, exactIterations = 100_000 });
            await first.ResolvingAsync(job);
            var configuration = first.Services.GetRequiredService<IConfiguration>();
            settings = kept.ToDictionary(name => name, name => configuration[name]);
        }
        await Poll.UntilAsync(() => IsFree(Path.Combine(data.Path, "tutti.lock")), TimeSpan.FromSeconds(30), () => "the first process has let go of its folder");
        await using var second = Host(data.Path, settings);
        Assert.Equal(JobStatus.Completed, (await second.EndedAsync(job)).Status);
        Assert.Equal(2, (await second.ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(x => x.Id == job))).Claims);
        Assert.Single(await second.SaidAsync<ReductionCompleted>(), said => said.JobId == job);
    }

    [Fact]
    public async Task Or_dies_loses_none_of_the_jobs_that_were_acknowledged()
    {
        using var data = new TemporaryFolder("crash");
        List<Guid> jobs = [];
        Dictionary<string, string?> settings;
        await using (var first = Host(data.Path, new() { ["Tutti:Reduction:Workers"] = "0" }))
        {
            await first.InitializeAsync();
            var set = await first.DataSetAsync();
            for (var count = 0; count < 4; count++) jobs.Add(await first.JobAsync(set));
            // What a killed process leaves behind: a claimed row, and half of a file.
            await first.ReadAsync(async db =>
            {
                var now = first.Time.GetUtcNow();
                (await db.Jobs.SingleAsync(x => x.Id == jobs[0])).Claim(Guid.CreateVersion7(), now, now + JobLease.Length);
                return await db.SaveChangesAsync();
            });
            await File.WriteAllTextAsync(Path.Combine(data.Path, "files", "incoming", "half"), "{");
            var configuration = first.Services.GetRequiredService<IConfiguration>();
            settings = kept.ToDictionary(name => name, name => configuration[name]);
        }
        await Poll.UntilAsync(() => IsFree(Path.Combine(data.Path, "tutti.lock")), TimeSpan.FromSeconds(30), () => "the first process has let go of its folder");
        await using var second = Host(data.Path, settings);
        foreach (var job in jobs) Assert.Equal(JobStatus.Completed, (await second.EndedAsync(job)).Status);
        Assert.Equal(jobs.Order(), (await second.SaidAsync<ReductionCompleted>()).Select(said => said.JobId).Order());
    }

    [Fact]
    [Trait("needs", "servers")]
    public async Task Or_works_beside_others_shares_their_jobs_and_does_each_once()
    {
        using var data = new TemporaryFolder("replicas");
        var settings = await TestEngine.ServersAsync(data.Path);
        await using var first = Host(data.Path, settings);
        await first.InitializeAsync();
        using var other = new TemporaryFolder("replica");
        await using var second = Host(other.Path, new(settings)
        {
            ["Tutti:Data"] = other.Path, ["Tutti:Files"] = Path.Combine(data.Path, "files"), ["Tutti:Identity:Keys"] = data.Path,
        });
        var set = await second.DataSetAsync();
        List<Guid> jobs = [];
        for (var count = 0; count < 10; count++) jobs.Add(await (count % 2 == 0 ? first : second).JobAsync(set));
        foreach (var job in jobs) Assert.Equal(JobStatus.Completed, (await first.EndedAsync(job)).Status);
        Assert.Equal(jobs.Order(), (await first.SaidAsync<ReductionCompleted>()).Select(said => said.JobId).Order());
    }

    private static ReductionHost Host(string data, Dictionary<string, string?> settings)
    {
        var host = new ReductionHost();
        host.Set("Tutti:Data", data);
        foreach (var (name, value) in settings)
            if (value is not null) host.Set(name, value);
        return host;
    }

    internal static bool IsFree(string file)
    {
        try
        {
            using var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

[Trait("engine", "any")]
public sealed class A_memory_budget
{
    private readonly Guid[] jobs = [.. Enumerable.Range(0, 40).Select(_ => Guid.CreateVersion7())];
    private int freed;

    [Fact]
    public void Lets_in_what_fits_and_tells_when_there_is_more()
    {
        var budget = Budget();
        var first = budget.TryTake(jobs[0], 60);
        Assert.NotNull(first);
        Assert.Null(budget.TryTake(jobs[1], 60));
        Assert.True(budget.IsInVain(jobs[1]));
        using var third = budget.TryTake(jobs[2], 30);
        Assert.NotNull(third);
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, freed);
        Assert.False(budget.IsInVain(jobs[1]));
        Assert.NotNull(budget.TryTake(jobs[1], 60));
        Assert.False(budget.IsInVain(jobs[1]));
    }

    [Fact]
    public void Takes_more_than_there_is_at_all_as_all()
    {
        var budget = Budget();
        using (var small = budget.TryTake(jobs[0], 1)) Assert.Null(budget.TryTake(jobs[1], 1000));
        Assert.NotNull(budget.TryTake(jobs[1], 1000));
    }

    [Fact]
    public void Lets_smaller_ones_overtake_one_that_finds_too_little_but_not_for_ever()
    {
        var budget = Budget();
        using var running = budget.TryTake(jobs[0], 60);
        Assert.Null(budget.TryTake(jobs[1], 90));
        for (var overtaking = 0; overtaking < MemoryBudget.MostOvertaken; overtaking++)
        {
            using var share = budget.TryTake(jobs[2 + overtaking], 10);
            Assert.NotNull(share);
        }
        Assert.Null(budget.TryTake(jobs[30], 10));
        running?.Dispose();
        Assert.Null(budget.TryTake(jobs[30], 10));
        using (var large = budget.TryTake(jobs[1], 90)) Assert.NotNull(large);
        Assert.NotNull(budget.TryTake(jobs[30], 10));
    }

    [Fact]
    public void Forgets_those_that_nobody_wants_any_more()
    {
        var budget = Budget();
        using var running = budget.TryTake(jobs[0], 60);
        Assert.Null(budget.TryTake(jobs[1], 90));
        for (var overtaking = 0; overtaking < MemoryBudget.MostOvertaken; overtaking++) budget.TryTake(jobs[2 + overtaking], 10)?.Dispose();
        Assert.Null(budget.TryTake(jobs[30], 10));
        budget.KeepOnly([jobs[30]]);
        Assert.NotNull(budget.TryTake(jobs[30], 10));
    }

    private MemoryBudget Budget() => new(100, () => freed++);
}

[Trait("engine", "any")]
public sealed class The_life_of_a_job
{
    private static readonly DateTimeOffset now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Ends_once()
    {
        foreach (var over in new[] { JobStatus.Completed, JobStatus.Failed, JobStatus.Cancelled })
            foreach (var action in Enum.GetValues<JobAction>().Except([JobAction.Retry])) Assert.Null(ReductionJob.After(over, action));
    }

    [Fact]
    public void Begins_again_only_where_it_ended_without_a_result()
    {
        foreach (var status in Enum.GetValues<JobStatus>())
            Assert.Equal(status is JobStatus.Failed or JobStatus.Cancelled ? JobStatus.Waiting : null, ReductionJob.After(status, JobAction.Retry));
        var job = Job();
        job.Claim(Guid.CreateVersion7(), now, now.AddSeconds(15));
        job.Fail("x", "why", now.AddSeconds(1));
        job.Retry(now.AddSeconds(2));
        Assert.Equal((JobStatus.Waiting, 0, null, now.AddSeconds(2)), (job.Status, job.Claims, job.Code, job.QueuedAt));
        Assert.Equal(new JobAttempt(now, now, now.AddSeconds(1), JobStatus.Failed, "x", "why"), Assert.Single(job.Attempts));
    }

    [Fact]
    public void Belongs_to_the_latest_worker_that_claimed_it()
    {
        var (job, first, second) = (Job(), Guid.CreateVersion7(), Guid.CreateVersion7());
        job.Claim(first, now, now.AddSeconds(15));
        Assert.False(job.IsFree(now.AddSeconds(15)));
        Assert.True(job.IsFree(now.AddSeconds(16)));
        job.Claim(second, now.AddSeconds(16), now.AddSeconds(31));
        Assert.Equal((false, true), (job.IsHeldBy(first), job.IsHeldBy(second)));
    }

    [Fact]
    public void Is_ended_by_a_wish_to_cancel_at_once_unless_a_living_worker_has_it()
    {
        var waiting = Job();
        waiting.Cancel(now);
        Assert.Equal(JobStatus.Cancelled, waiting.Status);
        var running = Job();
        running.Claim(Guid.CreateVersion7(), now, now.AddSeconds(15));
        running.Cancel(now.AddSeconds(1));
        Assert.Equal((JobStatus.Running, now.AddSeconds(1)), (running.Status, running.CancelRequestedAt));
        running.Cancel(now.AddSeconds(16));
        Assert.Equal(JobStatus.Cancelled, running.Status);
    }

    [Fact]
    public void Allows_two_more_tries_after_a_break_each_after_a_pause()
    {
        var job = Job();
        for (var failure = 1; failure <= 3; failure++)
        {
            var at = now.AddMinutes(failure);
            job.Claim(Guid.CreateVersion7(), at, at.AddSeconds(15));
            Assert.Equal(failure < 3, job.TryAgain(at));
            if (failure < 3) Assert.Equal((false, true), (job.IsFree(at), job.IsFree(at.AddSeconds(failure))));
        }
    }

    internal static DataSet Data(int spectra, int channels, bool hasMissing = false) => new()
    {
        Id = Guid.CreateVersion7(), ProposalId = Guid.CreateVersion7(), ExperimentId = Guid.CreateVersion7(), Name = "", Sha256 = "", Files = [], Length = 0, UnpackedLength = 0,
        Format = "", HasMissing = hasMissing, Spectra = spectra, Channels = channels, AxisName = "", AxisFrom = 0, AxisTo = 1, Warnings = [], RegisteredBy = Guid.CreateVersion7(), RegisteredAt = now,
    };

    private static ReductionJob Job() => ReductionJob.Queue(Guid.CreateVersion7(), Data(2, 2), new ReductionOptions(), 1, Guid.CreateVersion7(), now);
}
