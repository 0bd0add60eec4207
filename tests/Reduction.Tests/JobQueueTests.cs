using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Queueing;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Reducing;
using Tutti.Reduction.Results;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class Waiting_jobs
{
    private static readonly Guid anna = Guid.CreateVersion7(), boris = Guid.CreateVersion7(), clara = Guid.CreateVersion7();
    private static readonly Dictionary<Guid, int> nobody = [];

    [Fact]
    public void Take_turns_by_person_so_that_a_hundred_of_one_do_not_stand_before_the_only_one_of_another()
    {
        List<FairOrder.Free> free = [.. Enumerable.Range(0, 100).Select(at => Job(anna, at)), Job(boris, 200), Job(boris, 201), Job(clara, 300)];
        var order = FairOrder.Order(free, nobody, 1000).Select(job => job.Person).ToList();
        Assert.Equal([anna, boris, clara, anna, boris, anna, anna], order.Take(7));
        Assert.Equal(103, order.Count);
    }

    [Fact]
    public void Count_what_runs_of_a_person_already_and_stop_at_the_limit()
    {
        List<FairOrder.Free> free = [.. Enumerable.Range(0, 5).Select(at => Job(anna, at)), Job(boris, 9)];
        var order = FairOrder.Order(free, new Dictionary<Guid, int> { [anna] = 2 }, 4).Select(job => job.Person).ToList();
        Assert.Equal([boris, anna, anna], order);
        Assert.Empty(FairOrder.Order(free.Take(5), new Dictionary<Guid, int> { [anna] = 4 }, 4));
    }

    [Fact]
    public void Go_first_where_they_are_urgent_and_otherwise_in_the_order_they_came()
    {
        var (late, early, urgent) = (Job(anna, 2), Job(anna, 1), Job(anna, 3, JobPriority.High));
        Assert.Equal([urgent, early, late], FairOrder.Order([late, early, urgent], nobody, 10));
    }

    private static FairOrder.Free Job(Guid person, int at, JobPriority priority = JobPriority.Normal) =>
        new(Guid.CreateVersion7(), 0, person, JobSize.Small, priority, DateTimeOffset.UnixEpoch.AddSeconds(at));
}

[Trait("engine", "any")]
public sealed class The_size_of_a_job
{
    [Theory]
    [InlineData(40, 80, 500, JobSize.Small)]
    [InlineData(6000, 3000, 500, JobSize.Medium)]
    [InlineData(1_000_000, 100, 500, JobSize.Large)]
    [InlineData(40, 80, 100_000, JobSize.Small)]
    [InlineData(500, 1000, 100_000, JobSize.Small)]
    public void Follows_from_what_it_will_cost(int spectra, int channels, int most, JobSize size) =>
        Assert.Equal(size, Size(The_life_of_a_job.Data(spectra, channels), new ReductionOptions { Components = 3, MaxIterations = most }));

    [Fact]
    public void Counts_every_iteration_that_must_be_done() =>
        Assert.Equal(JobSize.Large, Size(The_life_of_a_job.Data(2000, 1000), new ReductionOptions { Components = 3, ExactIterations = 100_000 }));

    [Fact]
    public void Counts_replicates_and_combinations()
    {
        var three = new ReductionOptions { Components = 3 };
        Assert.Equal(JobSize.Small, Size(The_life_of_a_job.Data(500, 500), three));
        Assert.Equal(JobSize.Medium, Size(The_life_of_a_job.Data(500, 500), three with { Resampling = new ResamplingOptions { Replicates = 1000 } }));
        var references = new ReferenceSpectra { Spectra = Matrix.FromRows([.. Enumerable.Range(0, 8).Select(_ => new double[500])]) };
        var model = new CombinationModel { References = [references] };
        var combination = new ReductionOptions { Method = ReductionMethod.LinearCombination, Combination = model };
        Assert.Equal(JobSize.Small, Size(The_life_of_a_job.Data(500, 500), combination));
        Assert.Equal(JobSize.Medium, Size(The_life_of_a_job.Data(500, 500), combination with { Combination = model with { Rank = 8 } }));
    }

    private static JobSize Size(DataSet set, ReductionOptions options) => ReductionJob.SizeOf(set, options, MemoryEstimate.Of(set, options, [], []));
}

public sealed class The_queue(ReductionHost host) : IClassFixture<ReductionHost>
{
    [Fact]
    public async Task Ends_a_long_job_within_two_seconds_of_the_wish()
    {
        var job = await host.JobAsync(await host.DataSetAsync(Csv(new())), LongOptions);
        await host.ResolvingAsync(job);
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
        var ended = await host.EndedAsync(job);
        var row = await host.ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(x => x.Id == job));
        Assert.Equal(JobStatus.Cancelled, ended.Status);
        Assert.InRange((row.EndedAt - row.CancelRequestedAt) ?? TimeSpan.MaxValue, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Tells_when_a_running_job_will_have_ended()
    {
        var job = await host.JobAsync(await host.DataSetAsync(Csv(new())), LongOptions);
        var read = await host.UntilAsync(job, read => read.EstimatedEndAt is not null, "an estimate");
        Assert.True(read.EstimatedEndAt > read.StartedAt);
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
        Assert.Null((await host.EndedAsync(job)).EstimatedEndAt);
    }

    [Fact]
    public async Task Takes_a_failed_job_again_and_keeps_what_became_of_it()
    {
        var set = await host.DataSetAsync(Csv(new(Spectra: 12, Channels: 20)));
        var job = await host.JobAsync(set, new { window = new { low = 8340.1, high = 8340.2 } });
        await host.EndedAsync(job);
        Assert.Equal(2, (await ReadAsync<RetryJob.Response>(await RetryAsync(job), HttpStatusCode.Accepted)).Attempt);
        var ended = await host.UntilAsync(job, read => read.Status == JobStatus.Failed, "it has failed again");
        var attempt = Assert.Single(ended.Attempts);
        Assert.Equal((JobStatus.Failed, "window_empty"), (attempt.Status, attempt.Code));
        Assert.Equal(HttpStatusCode.NotFound, (await RetryAsync(job, Stranger)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await RetryAsync(job, Office)).StatusCode);
        var good = await host.JobAsync(set, new { components = 3 });
        await host.EndedAsync(good);
        await Assert.RefusedAsync(await RetryAsync(good), HttpStatusCode.Conflict, "job.wrong-status");
    }

    [Fact]
    public async Task Tells_the_user_office_that_a_job_exists_and_not_what_is_in_it()
    {
        var set = await host.DataSetAsync();
        var (good, failed) = (await host.JobAsync(set), await host.JobAsync(set, new { window = new { low = 8340.1, high = 8340.2 } }));
        Assert.NotNull((await host.EndedAsync(good)).Result);
        Assert.NotEmpty((await host.EndedAsync(failed)).Failure?.Reason ?? "");
        var read = await host.ReadJobAsync(good, Office);
        Assert.Equal((JobStatus.Completed, null, null, null), (read.Status, read.Options, read.Result, read.Progress.LofPercent));
        Assert.Equal(new ReadJob.Failure("window_empty", ""), (await host.ReadJobAsync(failed, Office)).Failure);
        async Task<double?> ListedAsync(Person by) =>
            Assert.Single(await host.As(by).GetFromJsonAsync<List<ListJobs.Response>>($"/api/reduction/jobs?dataSetId={set}", Json.Strict) ?? [], line => line.Id == good).LofPercent;
        Assert.NotNull(await ListedAsync(Maria));
        Assert.Null(await ListedAsync(Office));
        Assert.Contains("\"lofPercent\":null", await host.As(Office).GetStringAsync($"/api/reduction/jobs/{good}/progress"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lets_only_the_staff_of_the_site_go_first()
    {
        var set = await host.DataSetAsync();
        await Assert.RefusedAsync(await PriorityAsync(set, Maria), HttpStatusCode.Forbidden, "job.priority");
        var job = await ReadAsync<QueueJob.Response>(await PriorityAsync(set, Staff), HttpStatusCode.Accepted);
        Assert.Equal((JobPriority.High, JobSize.Small), ((await host.EndedAsync(job.Id)).Priority, (await host.ReadJobAsync(job.Id)).Size));
        Task<HttpResponseMessage> PriorityAsync(Guid dataSet, Person by) =>
            host.As(by).PostAsJsonAsync("/api/reduction/jobs", new { dataSetId = dataSet, options = new { components = 3 }, priority = "high" });
    }

    private Task<HttpResponseMessage> RetryAsync(Guid job, Person? by = null) => host.As(by ?? Maria).PostAsync($"/api/reduction/jobs/{job}/retry", null);
}

public sealed class A_process_that_serves_some_queues
{
    [Fact]
    public async Task Leaves_jobs_of_other_sizes_to_others()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Queues", "small");
        await host.InitializeAsync();
        var set = await host.DataSetAsync(Csv(new()));
        var larger = await host.JobAsync(set, new { components = 3, exactIterations = 100_000 });
        Assert.NotEqual(JobSize.Small, (await host.ReadJobAsync(larger)).Size);
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(await host.JobAsync(set))).Status);
        Assert.Equal(JobStatus.Waiting, (await host.ReadJobAsync(larger)).Status);
    }

    [Fact]
    public async Task Runs_small_jobs_while_a_large_one_runs()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "1");
        await host.InitializeAsync();
        var set = await host.DataSetAsync(Csv(new()));
        var larger = await host.JobAsync(set, LongOptions);
        await host.ResolvingAsync(larger);
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(await host.JobAsync(set))).Status);
        Assert.Equal(JobStatus.Running, (await host.ReadJobAsync(larger)).Status);
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{larger}")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Runs_a_small_job_of_one_whose_large_ones_wait_before_it_for_other_workers()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Queues", "small");
        host.Set("Tutti:Reduction:MaxRunningJobs", "2");
        await host.InitializeAsync();
        var set = await host.DataSetAsync(Csv(new()));
        for (var count = 0; count < 2; count++) Assert.NotEqual(JobSize.Small, (await host.ReadJobAsync(await host.JobAsync(set, LongOptions))).Size);
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(await host.JobAsync(set))).Status);
    }

    [Fact]
    public async Task Runs_no_more_of_one_person_at_once_than_the_limit()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "3");
        host.Set("Tutti:Reduction:MaxRunningJobs", "1");
        await host.InitializeAsync();
        var set = await host.DataSetAsync(Csv(new()));
        var first = await host.JobAsync(set, LongOptions);
        await host.ResolvingAsync(first);
        var second = await host.JobAsync(set, LongOptions);
        var lukas = await ReadAsync<QueueJob.Response>(await host.QueueAsync(set, by: Luka), HttpStatusCode.Accepted);
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(lukas.Id)).Status);
        Assert.Equal(JobStatus.Waiting, (await host.ReadJobAsync(second)).Status);
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{first}")).EnsureSuccessStatusCode();
        await host.ResolvingAsync(second);
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{second}")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Asks_no_more_often_than_something_happens_for_jobs_beyond_the_limit_of_a_person()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "2");
        host.Set("Tutti:Reduction:MaxRunningJobs", "1");
        await host.InitializeAsync();
        var set = await host.DataSetAsync(Csv(new()));
        var first = await host.JobAsync(set, LongOptions);
        await host.ResolvingAsync(first);
        var jobs = new[] { first, await host.JobAsync(set, LongOptions), await host.JobAsync(set, LongOptions) };
        for (var count = 0; count < 3; count++)
            Assert.Equal(JobStatus.Completed, (await host.EndedAsync((await ReadAsync<QueueJob.Response>(await host.QueueAsync(set, by: Luka), HttpStatusCode.Accepted)).Id)).Status);
        // Each job that is given, begun or ended is a ticket or two; a worker that span would have used thousands.
        var tickets = host.Services.GetRequiredService<Hangfire.JobStorage>().GetMonitoringApi().GetStatistics();
        Assert.InRange(tickets.Succeeded + tickets.Deleted + tickets.Enqueued + tickets.Processing, 4, 60);
        Assert.Equal([1, 0, 0], (await Task.WhenAll(jobs.Select(job => host.ReadJobAsync(job)))).Select(job => job.Claims));
        foreach (var job in jobs.Reverse()) (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Leaves_a_job_for_which_there_is_no_memory_and_does_the_one_behind_it()
    {
        var (large, small) = (Csv(new(Spectra: 300, Channels: 1000)), Csv(new()));
        await using var host = new ReductionHost();
        await using (var measuring = new ReductionHost())
        {
            measuring.Set("Tutti:Reduction:Workers", "0");
            await measuring.InitializeAsync();
            var (larger, smaller) = ((await measuring.ReadJobAsync(await measuring.JobAsync(await measuring.DataSetAsync(large), LongOptions))).MemoryBytes,
                (await measuring.ReadJobAsync(await measuring.JobAsync(await measuring.DataSetAsync(small), LongOptions))).MemoryBytes);
            Assert.True(larger > smaller);
            host.Set("Tutti:Reduction:MaxMemoryBytes", (larger + smaller).ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        host.Set("Tutti:Reduction:Workers", "2");
        await host.InitializeAsync();
        var (set, little) = (await host.DataSetAsync(large), await host.DataSetAsync(small));
        var first = await host.JobAsync(set, LongOptions);
        await host.ResolvingAsync(first);
        var second = await host.JobAsync(set, LongOptions);
        var third = (await ReadAsync<QueueJob.Response>(await host.QueueAsync(little, LongOptions, Luka), HttpStatusCode.Accepted)).Id;
        await host.ResolvingAsync(third);
        Assert.Equal((JobStatus.Waiting, 0), ((await host.ReadJobAsync(second)).Status, (await host.ReadJobAsync(second)).Claims));
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{first}")).EnsureSuccessStatusCode();
        await host.ResolvingAsync(second);
        foreach (var job in new[] { second, third }) (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Puts_a_job_aside_that_breaks_its_worker_and_does_the_others()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "1");
        await host.InitializeAsync();
        var (set, broken) = (await host.DataSetAsync(), Guid.CreateVersion7());
        await host.ReadAsync(async db =>
        {
            // Of a data set that is not there.
            db.Add(ReductionJob.Queue(broken, The_life_of_a_job.Data(40, 80), new ReductionOptions { Components = 3 }, 1, Luka.Id, host.Time.GetUtcNow().AddMinutes(-1)));
            return await db.SaveChangesAsync();
        });
        Assert.Equal(JobStatus.Completed, (await host.EndedAsync(await host.JobAsync(set))).Status);
        Assert.Equal(JobStatus.Waiting, (await host.ReadAsync(db => db.Jobs.AsNoTracking().SingleAsync(x => x.Id == broken))).Status);
    }

    [Fact]
    [Trait("needs", "servers")]
    public async Task Leaves_a_job_that_needs_more_memory_than_it_has_to_a_larger_one_and_the_job_tells_that_it_waits()
    {
        using var data = new TemporaryFolder("front");
        using var small = new TemporaryFolder("small");
        using var large = new TemporaryFolder("large");
        var settings = await TestEngine.ServersAsync(data.Path);
        await using var front = new ReductionHost();
        foreach (var (name, value) in settings) front.Set(name, value);
        front.Set("Tutti:Reduction:Workers", "0");
        await front.InitializeAsync();
        var set = await front.DataSetAsync();
        var job = await front.JobAsync(set);
        await using var little = Worker(small.Path, 1 << 20);
        var waiting = await front.UntilAsync(job, read => read.Log.Count > 0, "the small worker has left it");
        Assert.Equal((JobStatus.Waiting, 0), (waiting.Status, waiting.Claims));
        Assert.Equal("memory.waits-for-larger-worker", Assert.Single(waiting.Log).Code);
        Assert.Contains("1 MiB has left it", waiting.Log[0].Text, StringComparison.Ordinal);
        await using var enough = Worker(large.Path, 8L << 30);
        var ended = await front.EndedAsync(job);
        Assert.Equal((JobStatus.Completed, 1), (ended.Status, ended.Claims));

        ReductionHost Worker(string folder, long memory)
        {
            var worker = new ReductionHost();
            foreach (var (name, value) in settings) worker.Set(name, value);
            worker.Set("Tutti:Data", folder);
            worker.Set("Tutti:Files", Path.Combine(data.Path, "files"));
            worker.Set("Tutti:Identity:Keys", data.Path);
            worker.Set("Tutti:Reduction:MaxMemoryBytes", memory.ToString(System.Globalization.CultureInfo.InvariantCulture));
            _ = worker.Services;
            return worker;
        }
    }

    [Fact]
    [Trait("needs", "servers")]
    public async Task Without_workers_leaves_all_jobs_to_a_process_that_has_them()
    {
        using var data = new TemporaryFolder("front");
        using var other = new TemporaryFolder("worker");
        var settings = await TestEngine.ServersAsync(data.Path);
        await using var front = new ReductionHost();
        foreach (var (name, value) in settings) front.Set(name, value);
        front.Set("Tutti:Reduction:Workers", "0");
        await front.InitializeAsync();
        var job = await front.JobAsync(await front.DataSetAsync());
        await using var worker = new ReductionHost();
        foreach (var (name, value) in settings) worker.Set(name, value);
        worker.Set("Tutti:Data", other.Path);
        worker.Set("Tutti:Files", Path.Combine(data.Path, "files"));
        worker.Set("Tutti:Identity:Keys", data.Path);
        Assert.Equal(JobStatus.Waiting, (await front.ReadJobAsync(job)).Status);
        _ = worker.Services;
        Assert.Equal(JobStatus.Completed, (await front.EndedAsync(job)).Status);
    }
}

[Trait("engine", "any")]
public sealed class The_checkpoints_of_a_job : IDisposable
{
    private static readonly byte[] key = SHA256.HashData("these data"u8), other = SHA256.HashData("other data"u8);
    private readonly TemporaryFolder data = new("checkpoints");
    private readonly Guid job = Guid.CreateVersion7();

    [Fact]
    public void Of_something_else_are_not_given_back_and_it_is_said()
    {
        var checkpoints = Checkpoints();
        Assert.Null(checkpoints.Load(key, out var isOfSomethingElse));
        Assert.False(isOfSomethingElse);
        checkpoints.Save(other, [1]);
        Assert.Null(checkpoints.Load(key, out isOfSomethingElse));
        Assert.True(isOfSomethingElse);
        Assert.Equal((byte)1, First(checkpoints.Load(other, out isOfSomethingElse)));
        Assert.False(isOfSomethingElse);
    }

    [Fact]
    public void Belong_to_the_data_the_preparation_and_the_options_but_not_to_the_threads()
    {
        var series = SeriesReading.Read(new NamedContent("charge", Csv(new(Spectra: 12, Channels: 20))));
        var options = new ReductionOptions { Components = 3 };
        var same = Reducing.Checkpoints.KeyOf(Prepared(series), options);
        Assert.Equal(same, Reducing.Checkpoints.KeyOf(Prepared(SeriesReading.Read(new NamedContent("charge", Csv(new(Spectra: 12, Channels: 20))))), options with { Threads = 2 }));
        byte[][] others =
        [
            Reducing.Checkpoints.KeyOf(Prepared(series), options with { Components = 4 }), Reducing.Checkpoints.KeyOf(Prepared(series), options with { OnC = [new Unimodality()] }),
            Reducing.Checkpoints.KeyOf(Prepared(series), options with { OnC = [new Unimodality(1.1)] }), Reducing.Checkpoints.KeyOf(Prepared(series, new Scale(2)), options),
            Reducing.Checkpoints.KeyOf(Prepared(series, new Scale(3)), options),
            Reducing.Checkpoints.KeyOf(Prepared(SeriesReading.Read(new NamedContent("charge", Csv(new(Spectra: 12, Channels: 20, Seed: 2))))), options),
        ];
        Assert.All(others, key => Assert.NotEqual(same, key));
        Assert.Equal(others.Length, others.Select(Convert.ToHexString).Distinct().Count());
        static PreparedSeries Prepared(SpectralSeries series, params PreparationStep[] steps) => Prepare.Run(series, steps, new PreparationContext("x", DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Are_given_back_the_newest_first_and_only_two_are_kept()
    {
        var checkpoints = Checkpoints();
        Assert.Null(checkpoints.Load(key, out _));
        for (byte number = 1; number <= 5; number++)
        {
            checkpoints.Save(key, [number, .. new byte[1000]]);
            Assert.Equal((byte)number, First(checkpoints.Load(key, out _)));
        }
        Assert.Equal(2, Written().Count);
        Assert.Equal((byte)5, First(Checkpoints().Load(key, out _)));
        checkpoints.Save(key, []);
        Assert.Equal(0, Checkpoints().Load(key, out _)?.Length);
    }

    [Fact]
    public void Count_only_whole_whatever_a_kill_or_a_disk_has_done_to_the_newest()
    {
        var checkpoints = Checkpoints();
        checkpoints.Save(key, [.. Enumerable.Repeat((byte)1, 500)]);
        checkpoints.Save(key, [.. Enumerable.Repeat((byte)2, 500)]);
        var newest = Written()[^1];
        var whole = File.ReadAllBytes(newest);
        foreach (var length in new[] { 0, 7, 47, 48, 79, 80, whole.Length - 1 })
        {
            File.WriteAllBytes(newest, whole[..length]);
            Assert.Equal((byte)1, First(Checkpoints().Load(key, out _)));
        }
        for (var place = 0; place < whole.Length; place += 13)
        {
            var flipped = whole.ToArray();
            flipped[place] ^= 0x10;
            File.WriteAllBytes(newest, flipped);
            Assert.Equal((byte)1, First(Checkpoints().Load(key, out _)));
        }
        File.WriteAllBytes(newest, [.. whole, 0]);
        Assert.Equal((byte)1, First(Checkpoints().Load(key, out _)));
        // What was being written when the process was killed has another name.
        File.WriteAllBytes(newest + ".aside.part", whole[..100]);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(newest) ?? "", "x.checkpoint"), whole);
        checkpoints.Save(key, [3]);
        Assert.Equal((byte)3, First(Checkpoints().Load(key, out _)));
        foreach (var file in Written()) File.WriteAllBytes(file, []);
        Assert.Null(Checkpoints().Load(key, out _));
    }

    [Fact]
    public void Are_removed_with_the_job()
    {
        var checkpoints = Checkpoints();
        checkpoints.Remove();
        checkpoints.Save(key, [1]);
        Assert.Equal([job], Reducing.Checkpoints.Jobs(Store()));
        checkpoints.Remove();
        Assert.Null(checkpoints.Load(key, out _));
        Assert.Empty(Reducing.Checkpoints.Jobs(Store()));
    }

    public void Dispose() => data.Dispose();

    private static byte? First(byte[]? content) => content?[0];

    private List<string> Written() => [.. Directory.EnumerateFiles(Path.Combine(data.Path, "files", "checkpoints", job.ToString("N")), "*.checkpoint").Order(StringComparer.Ordinal)];

    private Checkpoints Checkpoints() => new(Store(), job);

    private FileStore Store() =>
        new(new Microsoft.Extensions.Configuration.ConfigurationManager { ["Tutti:Data"] = data.Path }, TimeProvider.System);
}

public sealed class Checkpoints_that_a_kill_left_behind
{
    private static readonly byte[] key = SHA256.HashData("these data"u8);

    [Fact]
    public async Task Are_gone_on_from_only_by_the_same_data_options_and_version_and_the_log_tells()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "0");
        await host.InitializeAsync();
        var content = Csv();
        var set = await host.DataSetAsync(content);
        var (resumed, foreign, unusable) = (await host.JobAsync(set, Exact), await host.JobAsync(set, Exact), await host.JobAsync(set, Exact));
        var files = host.Services.GetRequiredService<FileStore>();
        var options = new ReductionOptions { Components = 3, ExactIterations = 60 };
        var row = await host.ReadAsync(db => db.DataSets.AsNoTracking().SingleAsync(x => x.Id == set));
        var prepared = Prepare.Run(host.Services.GetRequiredService<SeriesFiles>().Read(row, CancellationToken.None), [], new PreparationContext("x", DateTimeOffset.UnixEpoch));
        List<byte[]> states = [];
        var expected = Reduce.Run(prepared, options, null, new McrCheckpoints(null, states.Add, TimeSpan.Zero), CancellationToken.None);
        var own = Checkpoints.KeyOf(prepared, options);
        new Checkpoints(files, resumed).Save(own, states[39]);
        new Checkpoints(files, foreign).Save(key, states[39]);
        new Checkpoints(files, unusable).Save(own, [1, 2, 3]);
        await using (var scope = host.Services.CreateAsyncScope())
            foreach (var job in new[] { resumed, foreign, unusable }) await scope.ServiceProvider.GetRequiredService<RunReduction>().RunAsync(job);
        foreach (var (job, code, iteration) in new[] { (resumed, "checkpoint.resumed", (int?)40), (foreign, "checkpoint.other", null), (unusable, "checkpoint.unusable", null) })
        {
            var ended = await host.EndedAsync(job);
            var note = Assert.Single(ended.Log);
            Assert.Equal((JobStatus.Completed, code, iteration), (ended.Status, note.Code, note.Iteration));
            Assert.Equal(expected.Result.ToJson(), ReductionResult.FromJson(await host.As(Maria).GetStringAsync($"/api/reduction/jobs/{job}/result.json")).ToJson());
        }
    }

    [Fact]
    public async Task Of_a_job_that_was_handed_back_are_removed_when_it_is_cancelled()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "0");
        await host.InitializeAsync();
        var job = await host.JobAsync(await host.DataSetAsync(), LongOptions);
        var checkpoints = new Checkpoints(host.Services.GetRequiredService<FileStore>(), job);
        checkpoints.Save(key, [1]);
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
        Assert.Equal(JobStatus.Cancelled, (await host.ReadJobAsync(job)).Status);
        Assert.DoesNotContain(job, Checkpoints.Jobs(host.Services.GetRequiredService<FileStore>()));
    }

    [Fact]
    public async Task That_cannot_be_written_is_said_and_the_job_goes_on()
    {
        await using var host = new ReductionHost();
        host.Set("Tutti:Reduction:Workers", "0");
        host.Set("Tutti:Reduction:CheckpointEvery", "00:00:00");
        await host.InitializeAsync();
        var job = await host.JobAsync(await host.DataSetAsync(), Exact);
        var files = host.Services.GetRequiredService<FileStore>();
        // A file where the folder of all checkpoints would be made.
        await File.WriteAllTextAsync(files.Checkpoints, "", TestContext.Current.CancellationToken);
        await using (var scope = host.Services.CreateAsyncScope()) await scope.ServiceProvider.GetRequiredService<RunReduction>().RunAsync(job);
        var ended = await host.EndedAsync(job);
        Assert.Equal((JobStatus.Completed, 1), (ended.Status, ended.Claims));
        Assert.Equal("checkpoint.not-written", Assert.Single(ended.Log).Code);
        Assert.Equal((0, 60), (ended.KeptIteration, ended.Result?.Iterations));
    }

    private static object Exact => new { components = 3, exactIterations = 60 };

    [Fact]
    public async Task Are_removed_at_start_unless_their_job_still_runs()
    {
        await using var host = new ReductionHost();
        var left = Directory.CreateDirectory(Path.Combine(host.Data, "files", "checkpoints", Guid.CreateVersion7().ToString("N"))).FullName;
        await host.InitializeAsync();
        Assert.False(Directory.Exists(left));
        var job = await host.JobAsync(await host.DataSetAsync(Csv(new())), LongOptions);
        await host.ResolvingAsync(job);
        var checkpoints = new Checkpoints(host.Services.GetRequiredService<FileStore>(), job);
        checkpoints.Save(key, [1]);
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{job}")).EnsureSuccessStatusCode();
        await host.EndedAsync(job);
        await Poll.UntilAsync(() => checkpoints.Load(key, out _) is null, TimeSpan.FromSeconds(10), () => "the checkpoints are removed with the job");
    }
}

[Trait("engine", "any")]
public sealed class Errors_of_a_database
{
    [Fact]
    public void Are_asked_about_again_only_where_they_pass_by_themselves()
    {
        foreach (var passing in new Exception[]
        {
            new SqliteException("busy", 5), new SqliteException("locked", 6), new TimeoutException(), new NpgsqlException("away", new System.Net.Sockets.SocketException()),
            new InvalidOperationException("an attempt failed", new DbUpdateException("not saved", new SqliteException("busy", 5))),
        })
            Assert.True(Away.Is(passing), $"{passing}");
        foreach (var lasting in new Exception[]
        {
            new SqliteException("constraint", 19), new InvalidOperationException("no element"), new JsonException("damaged"), new DbUpdateException("not saved", new SqliteException("constraint", 19)),
            new DbUpdateConcurrencyException("changed"),
        })
            Assert.False(Away.Is(lasting), $"{lasting}");
    }
}
