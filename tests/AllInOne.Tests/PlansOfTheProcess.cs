using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tutti.Contracts.Proposals;
using Tutti.Scheduling;
using Tutti.Scheduling.Calendars;
using Tutti.Testing;

namespace Tutti.AllInOne.Tests;

/// <summary>Plans made by the whole process; the test plays Proposals and the user office.</summary>
internal static class PlansOfTheProcess
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    extension(WholeProcess process)
    {
        public async Task<T> ReadAsync<TDb, T>(Func<TDb, Task<T>> read) where TDb : DbContext
        {
            await using var scope = process.Services.CreateAsyncScope();
            return await read(scope.ServiceProvider.GetRequiredService<TDb>());
        }

        /// <summary>Gives instruments beam around the clock for a number of days from a Monday a month ahead on, and plans experiments there, each of a proposal of its own; the plan is ready.</summary>
        public async Task<CallPlan> PlanAsync(int days, params ExperimentRequest[] experiments)
        {
            var now = TimeProvider.System.GetUtcNow();
            var monday = now.UtcDateTime.Date.AddDays(30 + ((8 - (int)now.UtcDateTime.DayOfWeek) % 7));
            var calendar = new RunCalendar { TimeZone = "Europe/Rome", RunPeriods = [new(monday, monday.AddDays(days))] };
            await process.ReadAsync(async (SchedulingDb db) =>
            {
                foreach (var code in experiments.Select(one => one.InstrumentCode).Distinct())
                {
                    var kept = new InstrumentCalendar { InstrumentCode = code, Calendar = calendar };
                    kept.Change(calendar, 0, CalendarDiff.Between([], calendar.Shifts()), Guid.CreateVersion7(), "Run", null, Guid.CreateVersion7(), now);
                    db.Add(kept);
                }
                return await db.SaveChangesAsync();
            });
            var call = Guid.CreateVersion7();
            foreach (var one in experiments)
            {
                var accepted = new ProposalAccepted
                {
                    ProposalId = Guid.CreateVersion7(), CallId = call, Revision = 1, Title = "x", Grade = 80,
                    BeamtimeFrom = new DateTimeOffset(monday, TimeSpan.Zero).AddDays(-1), BeamtimeTo = new DateTimeOffset(monday, TimeSpan.Zero).AddDays(30),
                    Team = [new TeamMember { PersonId = Guid.CreateVersion7(), Name = "Ana", Group = "g", PrincipalInvestigator = true }], Experiments = [one],
                };
#pragma warning disable RS0030 // The test plays Proposals.
                await process.Services.GetRequiredService<IBus>().Publish(accepted);
#pragma warning restore RS0030
            }
            await Poll.UntilAsync(stop => process.ReadAsync(async (SchedulingDb db) => await db.Experiments.CountAsync(x => x.CallId == call, stop) == experiments.Length), Patience, () => "the experiments are known");
            var plan = CallPlan.Request(Guid.CreateVersion7(), call, Guid.CreateVersion7(), now);
            await process.ReadAsync(async (SchedulingDb db) =>
            {
                db.Add(plan);
                db.Add(new OpenPlan { CallId = call, PlanId = plan.Id });
                return await db.SaveChangesAsync();
            });
            await Poll.UntilAsync(stop => process.ReadAsync((SchedulingDb db) => db.Plans.AnyAsync(x => x.Id == plan.Id && x.Status == CallPlanStatus.Ready, stop)), Patience, () => "the plan is ready");
            return await process.ReadAsync((SchedulingDb db) => db.Plans.AsNoTracking().Include(x => x.Entries).SingleAsync(x => x.Id == plan.Id));
        }
    }

    public static ExperimentRequest Experiment(string instrument, int shifts, params string[] equipment) => new()
    {
        ExperimentId = Guid.CreateVersion7(), Title = "x", InstrumentCode = instrument, Shifts = shifts, Mode = "ex-situ", Equipment = equipment, Required = true, After = [],
    };
}
