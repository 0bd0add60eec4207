using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using Tutti.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Knowing;
using Tutti.Testing;
using static Tutti.AllInOne.Tests.PlansOfTheProcess;

namespace Tutti.AllInOne.Tests;

/// <summary>A process of its own, killed while the planner searches; the test plays Proposals and the user office in its database.</summary>
public sealed class The_process_killed_while_it_searches_for_a_plan
{
    private static readonly string[] coupled = ["elettra-escamicroscopy", "elettra-superesca"];
    private const string Elsewhere = "solaris-peem-xas";

    [Fact]
    public async Task Leaves_no_solver_behind_and_brings_the_plan_to_its_end_once_when_it_is_started_again()
    {
        await using var all = await AllInOneProcess.StartAsync(new()
        {
            // Nothing but a kill ends the first search in time.
            Settings = new Dictionary<string, string?> { ["Tutti__Scheduling__LeaseSeconds"] = "3", ["Tutti__Scheduling__SolverSeconds"] = "600", ["Tutti__Scheduling__ForceSeconds"] = "0.1" },
        }, TestContext.Current.CancellationToken);
        await Poll.UntilAsync(stop => ReadAsync(all, async db => await db.Instruments.CountAsync(x => x.Revision > 0, stop) == 50 && await db.Sites.CountAsync(stop) == 8), Patience, () => "Scheduling knows 50 instruments at 8 sites");
        var plan = await RequestAsync(all);
        var first = await SearchingAsync(all, plan, runs: 1);

        var below = all.Process.Below();
        Assert.Contains(below, IsSolver);
        await all.Process.KillAloneAsync();
        try
        {
            await Poll.UntilAsync(() => !below.Any(ProcessTree.IsAlive), TimeSpan.FromSeconds(20), () => "the solver of the killed process is gone");
        }
        finally
        {
            foreach (var left in below) ProcessTree.Kill(left);
        }

        await all.StartAgainAsync(TestContext.Current.CancellationToken);
        var second = await SearchingAsync(all, plan, runs: 2);
        var lost = await ReadAsync(all, db => db.Runs.SingleAsync(x => x.Id == first.Id));
        Assert.Equal(PlanRunStatus.Failed, lost.Status);
        Assert.True(lost.Improvements >= first.Improvements && lost.Objective >= first.Objective, $"{lost.Objective} after {first.Objective}");
        await ReadAsync(all, async db =>
        {
            (await db.Runs.SingleAsync(x => x.Id == second.Id)).Cancel(TimeProvider.System.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        await Poll.UntilAsync(stop => ReadAsync(all, db => db.Plans.AnyAsync(x => x.Id == plan && x.Status == CallPlanStatus.Ready, stop)), Patience, () => "the plan is ready");

        var ready = await ReadAsync(all, db => db.Plans.Include(x => x.Entries).SingleAsync(x => x.Id == plan));
        Assert.Equal((1, 0), (ready.Round, ready.Attempts));
        Assert.Contains(ready.Entries, entry => entry.IsPlaced);
        Assert.Equal([PlanRunStatus.Failed, PlanRunStatus.Cancelled], await ReadAsync(all, db => db.Runs.Where(x => x.PlanId == plan).OrderBy(x => x.StartedAt).Select(x => x.Status).ToListAsync()));
        Assert.Equal(1, await ReadAsync(all, db => db.Versions.CountAsync(x => x.PlanId == plan && x.Kind == PlanVersionKind.Planned)));
        await Poll.UntilAsync(() => all.Process.Below().Count == 0, Patience, () => "no solver is left");
    }

    /// <summary>Waits until the latest of so many runs of a plan has found something.</summary>
    private static async Task<PlanRun> SearchingAsync(AllInOneProcess all, Guid plan, int runs)
    {
        List<PlanRun> found = [];
        await Poll.UntilAsync(async stop => (found = await ReadAsync(all, db => db.Runs.AsNoTracking().Where(x => x.PlanId == plan).OrderBy(x => x.StartedAt).ToListAsync(stop))).Count == runs
            && found[^1] is { Status: PlanRunStatus.Running, Improvements: > 0, Objective: > 0 }, Patience, () => $"run {runs} of the plan has found something");
        return found[^1];
    }

    private static bool IsSolver(ProcessTree.Member member) => File.ReadAllText($"/proc/{member.Id}/cmdline") is var line && line.Contains("Tutti.Scheduling.CommandLine", StringComparison.Ordinal);

    private static async Task<T> ReadAsync<T>(AllInOneProcess all, Func<SchedulingDb, Task<T>> read)
    {
        await using var db = new SchedulingDb(new DbContextOptionsBuilder<SchedulingDb>().UseSqlite($"Data Source={Path.Combine(all.Data, "scheduling.db")}").Options);
        return await read(db);
    }

    /// <summary>A plan of a call that cannot be proven in a moment: two instruments that share a source, and a third somewhere else that comes after them within days.</summary>
    private static Task<Guid> RequestAsync(AllInOneProcess all) => ReadAsync(all, async db =>
    {
        var (now, random, call) = (TimeProvider.System.GetUtcNow(), new Random(7), Guid.CreateVersion7());
        var monday = now.UtcDateTime.Date.AddDays(30 + ((8 - (int)now.UtcDateTime.DayOfWeek) % 7));
        var calendar = new RunCalendar { TimeZone = "Europe/Rome", RunPeriods = [new(monday, monday.AddDays(60))] };
        foreach (var code in coupled.Append(Elsewhere))
        {
            var kept = new InstrumentCalendar { InstrumentCode = code, Calendar = calendar };
            kept.Change(calendar, 0, CalendarDiff.Between([], calendar.Shifts()), Guid.CreateVersion7(), "Run", null, Guid.CreateVersion7(), now);
            db.Add(kept);
        }
        for (var n = 0; n < 60; n++)
        {
            var proposal = new GrantedProposal
            {
                Id = Guid.CreateVersion7(), CallId = call, Revision = 1, Title = "x", Grade = random.Next(40, 100), LeaderId = Guid.CreateVersion7(),
                BeamtimeFrom = new DateTimeOffset(monday, TimeSpan.Zero).AddDays(-1), BeamtimeTo = new DateTimeOffset(monday, TimeSpan.Zero).AddDays(60),
            };
            var before = Experiment(coupled[n % 2], random.Next(2, 9));
            var after = Experiment(Elsewhere, random.Next(2, 9)) with { After = [new ExperimentOrder { ExperimentId = before.ExperimentId, MinGapHours = random.Next(1, 5) * 24, MaxGapHours = 300 }] };
            db.AddRange(proposal, Scheduling.Experiment.Grant(proposal.Id, call, before), Scheduling.Experiment.Grant(proposal.Id, call, after));
        }
        var plan = CallPlan.Request(Guid.CreateVersion7(), call, Guid.CreateVersion7(), now);
        db.AddRange(plan, new OpenPlan { CallId = call, PlanId = plan.Id });
        await db.SaveChangesAsync();
        return plan.Id;
    });
}
