using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using Tutti.Scheduling.Allocating;

namespace Tutti.Scheduling.Tests;

public sealed class A_plan_that_waits_for_a_worker : IDisposable
{
    private readonly InMemoryStorage storage = new();
    private readonly Clock time = new();
    private readonly PlanWorkerOptions options = new();
    private readonly Guid plan = Guid.CreateVersion7();

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset now = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

        public void Advance(TimeSpan by) => now += by;

        public override DateTimeOffset GetUtcNow() => now;
    }

    public void Dispose() => storage.Dispose();

    private WaitingPlans Process() => new(() => storage, options, time, waitForLock: TimeSpan.FromMilliseconds(10));

    private void Give(WaitingPlans process, int version = 1, CallPlanStatus status = CallPlanStatus.Solving) => Assert.True(process.Give(plan, version, status, isRepair: false));

    private List<string> Jobs(string queue = "plans-long") => [.. storage.GetMonitoringApi().EnqueuedJobs(queue, 0, 100).Select(job => job.Key)];

    /// <summary>A worker takes the one job that is there, and dies with it.</summary>
    private void Take()
    {
        Assert.Single(Jobs());
        using var connection = storage.GetConnection();
        using var taken = connection.FetchNextJob(["plans-long"], TestContext.Current.CancellationToken);
        Assert.True(new BackgroundJobClient(storage).Delete(taken.JobId));
        taken.RemoveFromQueue();
    }

    [Fact]
    public void Has_one_job_however_long_it_waits_and_however_many_processes_see_it()
    {
        WaitingPlans one = Process(), other = Process();
        for (var look = 0; look < 50; look++)
        {
            // Behind a long search its version may change, too.
            Give(one, 1 + (look / 20));
            Give(other, 1 + (look / 20));
            time.Advance(options.Lease / 4);
        }
        Assert.Single(Jobs());
        Give(one, 4, CallPlanStatus.Reserving);
        Assert.Single(Jobs("plans-quick"));
    }

    [Fact]
    public void Is_given_once_more_when_the_lease_of_a_worker_that_is_gone_is_over()
    {
        WaitingPlans one = Process(), other = Process();
        for (var death = 1; death <= 3; death++)
        {
            Give(one);
            Give(other);
            Take();
            time.Advance(options.Lease / 2);
            Give(one);
            Give(other);
            Assert.Empty(Jobs());
            time.Advance(options.Lease);
        }
    }

    [Fact]
    public void Is_given_at_once_in_another_state_or_when_a_worker_has_put_it_down()
    {
        var process = Process();
        Give(process);
        Take();
        Give(process, 2);
        Take();
        Give(process, 2);
        Assert.Empty(Jobs());
        process.PutDown(plan);
        Give(process, 2);
        Assert.Single(Jobs());
    }

    [Fact]
    public void Keeps_no_other_plan_from_the_workers_while_somebody_has_its_lock_and_is_given_afterwards()
    {
        var process = Process();
        using var connection = storage.GetConnection();
        using (connection.AcquireDistributedLock($"tutti-plan:{plan}", TimeSpan.Zero))
        {
            Assert.False(process.Give(plan, 1, CallPlanStatus.Solving, isRepair: false));
            Assert.Empty(Jobs());
            Assert.True(process.Give(Guid.CreateVersion7(), 1, CallPlanStatus.Solving, isRepair: false));
            Assert.Single(Jobs());
        }
        Give(process);
        Assert.Equal(2, Jobs().Count);
    }

    [Fact]
    public void Has_a_lock_whose_loss_every_storage_tells_of_alike() =>
        Assert.True(typeof(DistributedLockTimeoutException).IsAssignableFrom(typeof(PostgreSqlDistributedLockException)));

    [Fact]
    public void Is_known_to_be_put_down_in_this_process_where_the_storage_is_away()
    {
        var broken = false;
        var process = new WaitingPlans(() => new Breakable(storage, () => broken), options, time);
        Give(process);
        Take();
        broken = true;
        Assert.Throws<IOException>(() => process.PutDown(plan));
        broken = false;
        Process().PutDown(plan);
        Give(process);
        Assert.Single(Jobs());
    }

    private sealed class Breakable(JobStorage storage, Func<bool> isBroken) : JobStorage
    {
        public override IMonitoringApi GetMonitoringApi() => storage.GetMonitoringApi();

        public override IStorageConnection GetConnection() => isBroken() ? throw new IOException("The storage is away.") : storage.GetConnection();
    }
}
