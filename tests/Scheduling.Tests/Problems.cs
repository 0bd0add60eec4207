using Tutti.Scheduling.Asking;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Tests;

/// <summary>Planning problems for tests, on a grid of hours.</summary>
internal static class Problems
{
    public static TimeGrid Grid { get; } = new(new DateTimeOffset(2027, 1, 4, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(1));

    /// <summary>An id that says its number, so that a failure can be read.</summary>
    public static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    /// <summary>An instrument whose open shifts of 8 hours are those with an x; every other character is a closed shift.</summary>
    public static PlanningInstrument Instrument(string id, string shifts, string site = "trieste", int bridgeable = 0, params string[] sources) => new()
    {
        Id = id,
        Site = site,
        BridgeableGap = bridgeable,
        SharedSources = sources,
        OpenShifts = [.. Enumerable.Range(0, shifts.Length).Where(i => shifts[i] == 'x').Select(i => new OpenShift(8 * i, 8 * i + 8))],
    };

    public static PlanningExperiment Experiment(int id, int proposal, int shifts, params string[] instruments) => new()
    {
        Id = Id(id),
        ProposalId = Id(1000 + proposal),
        Score = 60,
        Shifts = shifts,
        Instruments = instruments,
        Due = 10_000,
    };

    public static PlanningProblem Problem(IReadOnlyList<PlanningInstrument> instruments, params PlanningExperiment[] experiments) =>
        new() { Grid = Grid, Instruments = instruments, Experiments = experiments };

    public static Plan Planned(PlanningProblem problem)
    {
        var result = AskPlanner.Plan(problem, new PlannerOptions { Workers = 1, TimeLimit = TimeSpan.FromSeconds(60) }, stop: Xunit.TestContext.Current.CancellationToken);
        return result.Plan ?? throw new InvalidOperationException(string.Join("; ", result.Errors));
    }

    public static Placement Of(this Plan plan, int experiment) => plan.Placements.Single(placement => placement.ExperimentId == Id(experiment));

    public static IReadOnlyList<string> WhyNot(this Plan plan, int experiment) => plan.Unplaced.Single(unplaced => unplaced.ExperimentId == Id(experiment)).Reasons;

    /// <summary>A small problem that touches every rule, different for every seed.</summary>
    public static PlanningProblem Random(int seed, int most, int days)
    {
        var random = new Random(seed);
        string[] sites = ["trieste", "ljubljana", "budapest"];
        var instruments = new List<PlanningInstrument>();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var shifts = new List<OpenShift>();
            for (int n = 0, at = random.Next(0, 3); n < days * 3; n++)
            {
                var length = random.Next(12) switch { 0 => 7, 1 => 9, _ => 8 };
                if (random.Next(4) > 0) shifts.Add(new(at, at + length, random.Next(5) > 0));
                at += length;
            }
            instruments.Add(new()
            {
                Id = $"instrument {i}",
                Site = sites[random.Next(random.Next(1, 4))],
                OpenShifts = shifts,
                BridgeableGap = random.Next(3) * 8,
                SharedSources = random.Next(3) == 0 ? ["undulator"] : [],
                ShiftQuota = random.Next(4) == 0 ? random.Next(8) : null,
                ContactGroup = random.Next(3) == 0 ? "ring" : null,
            });
        }

        var experiments = new List<PlanningExperiment>();
        var count = random.Next(1, most + 1);
        var scores = Enumerable.Range(0, count).Select(_ => random.Next(40, 101)).ToArray();
        for (var e = 0; e < count; e++)
        {
            var proposal = random.Next((count + 1) / 2 + 1) % count;
            var release = random.Next(4) == 0 ? random.Next(days * 12) : 0;
            var shifts = random.Next(1, 4);
            experiments.Add(new()
            {
                SampleId = random.Next(3) == 0 ? Id(3000 + random.Next(2)) : null, MinShifts = random.Next(3) == 0 ? random.Next(1, shifts + 1) : null,
                Preparation = random.Next(4) == 0 ? random.Next(10) : 0, Cleaning = random.Next(4) == 0 ? random.Next(10) : 0,
                Preferred = random.Next(4) == 0 ? [new(random.Next(days * 12), days * 12 + random.Next(days * 6))] : [],
                Id = Id(e),
                ProposalId = Id(1000 + proposal),
                TeamId = random.Next(5) == 0 ? null : Id(2000 + proposal % 3),
                Score = scores[proposal],
                Shifts = shifts,
                Instruments = [.. instruments.Where(_ => random.Next(3) > 0).Select(instrument => instrument.Id).DefaultIfEmpty(instruments[0].Id)],
                Release = release,
                Due = random.Next(4) == 0 ? release + random.Next(24, days * 24) : days * 30,
                Required = random.Next(4) > 0,
                Forbidden = random.Next(3) > 0 ? [] : [new(
                    random.Next(2) == 0 ? null : instruments[0].Id, random.Next(days * 12), days * 12 + random.Next(1, days * 12), (ForbiddenReason)random.Next(3))],
            });
        }

        var precedences = new List<Precedence>();
        for (var n = random.Next(3); n > 0 && count > 1; n--)
        {
            var to = random.Next(1, count);
            var least = random.Next(20);
            precedences.Add(new(Id(random.Next(to)), Id(to), least, random.Next(2) == 0 ? null : least + random.Next(40), random.Next(2) == 0));
        }
        var modes = random.Next(2) == 0;
        if (modes)
        {
            for (var e = 0; e < count; e++) experiments[e] = experiments[e] with { Mode = random.Next(2) == 0 ? "in-situ" : "operando" };
            for (var i = 0; i < instruments.Count; i++)
                if (random.Next(3) > 0) instruments[i] = instruments[i] with { ModeChanges = [new("in-situ", "operando", random.Next(10), random.Next(300)), new("operando", "in-situ", random.Next(10), random.Next(300))] };
        }
        PartnersPart[] parts = random.Next(2) == 0 ? [] : [new("SI", random.Next(4), random.Next(2) == 0 ? null : random.Next(4, 8)), new("IT", random.Next(6), null)];
        if (parts.Length > 0)
            for (var e = 0; e < count; e++)
                experiments[e] = experiments[e] with { Part = (experiments[e].ProposalId.GetHashCode() & 3) switch { 0 => "SI", 1 => "IT", _ => null } };
        PoolStock[] stocks = random.Next(2) == 0 ? []
            : [new("pouch", PoolStock.CellsOut, random.Next(3), random.Next(2) == 0 ? [] : [new(random.Next(days * 12), days * 12 + random.Next(days * 12), 1)], new Dictionary<string, int> { ["trieste"] = 0, ["ljubljana"] = random.Next(20) })];
        if (stocks.Length > 0)
            for (var e = 0; e < count; e++)
                if (random.Next(2) == 0) experiments[e] = experiments[e] with { Stock = "pouch" };
        var absent = random.Next(days * 24);
        var optional = experiments.Where(one => !one.Required).GroupBy(one => one.ProposalId).Where(same => same.Count() > 1 && random.Next(2) == 0).Select(same => (IReadOnlyList<Guid>)[.. same.Select(one => one.Id)]).ToList();
        return new()
        {
            Together = optional,
            Weekly = random.Next(3) == 0 ? [new("ring", random.Next(2) == 0 ? random.Next(2, 8) : null, random.Next(2) == 0 ? random.Next(1, 4) : null)] : [],
            SiteQuotas = random.Next(4) == 0 ? [new("trieste", random.Next(10))] : [],
            Weights = random.Next(3) == 0 ? new() { Travel = random.Next(120), EvenLoad = random.Next(40) } : new(),
            Grid = Grid,
            Instruments = instruments,
            Experiments = experiments,
            Parts = parts,
            Stocks = stocks,
            Contacts = random.Next(2) == 0 ? [] : [new("ring", 0, absent, random.Next(1, 3)), new("ring", absent, Math.Min(days * 24, absent + random.Next(1, 40)), random.Next(2)), new("ring", days * 24, days * 40, 2)],
            Precedences = precedences,
            DefaultTravel = random.Next(3) * 8,
            DefaultShipping = random.Next(3) * 12,
            Distances = random.Next(2) == 0 ? [] : [new("trieste", "ljubljana", 3, 5), new("ljubljana", "trieste", 4, 24)],
        };
    }
}
