using Tutti.Scheduling.Planning;

namespace Tutti.Planning.Benchmarks;

/// <summary>
/// Instances like the shared ones, from a seed: a network of sites (two large synchrotrons, a reactor, an NMR centre, laboratories), proposals of one to four
/// experiments in order, and quotas of a part of what is asked. Statistics follow the shared files.
/// </summary>
internal static class Generator
{
    private const int Horizon = 546;

    /// <param name="tight">Sites offer whole weeks only, hardly more than the quotas.</param>
    public static PlanningInstance Network(int proposals, bool tight, int seed)
    {
        var random = new Random(seed);
        var small = proposals <= 30;
        var sites = small ? 1 : 8;
        var instruments = new List<InstanceInstrument>();
        (int Sites, int Count, string Kind)[] kinds = small ? [(0, 3, "ring")] : [(0, 12, "ring"), (1, 4, "ring12"), (2, 7, "ring"), (3, 3, "reactor"), (4, 4, "lab2"), (5, 3, "lab1"), (6, 4, "source"), (7, 3, "lab1")];
        var groups = 0;
        foreach (var (site, count, kind) in kinds)
            for (var n = 0; n < count; n++)
            {
                if (n % 4 == 0) groups++;
                instruments.Add(new()
                {
                    Id = instruments.Count, Site = site, ContactGroup = groups - 1, SharedSource = kind == "source" ? 0 : null, BridgeableGap = kind switch { "lab2" => 1, "lab1" => site == 5 ? 8 : 2, _ => 0 },
                    Open = Open(kind, n, tight, random), Technique = $"T{n}",
                });
            }
        var teams = (proposals * 85) / 100;
        var countries = small ? 4 : 10;
        var country = Enumerable.Range(0, teams).Select(_ => random.Next(countries)).ToArray();
        var (made, experiments, orders) = (new List<InstanceProposal>(), new List<InstanceExperiment>(), new List<InstancePrecedence>());
        for (var p = 0; p < proposals; p++)
        {
            var team = random.Next(teams);
            var chain = small ? random.Next(2) + 1 : random.Next(100) switch { < 13 => 1, < 46 => 2, < 88 => 3, _ => 4 };
            var own = new List<int>();
            for (var n = 0; n < chain; n++)
            {
                var first = random.Next(instruments.Count);
                var kind = kinds[Array.FindIndex(kinds, one => one.Sites == instruments[first].Site)].Kind;
                var shifts = kind is "ring" or "ring12" ? 3 * random.Next(1, 7) : kind == "reactor" ? 3 * random.Next(1, 4) : random.Next(1, 6);
                var several = shifts >= 12 && random.Next(10) < 9;
                var eligible = instruments.Where(one => one.Site == instruments[first].Site && one.Id != first).OrderBy(_ => random.Next()).Take(random.Next(10) switch { < 8 => 0, 8 => 1, _ => 2 }).Select(one => one.Id);
                var windowed = random.Next(5) == 0;
                var release = windowed ? random.Next(0, Horizon - 170) : 0;
                own.Add(experiments.Count);
                experiments.Add(new()
                {
                    Id = experiments.Count, Proposal = p, Shifts = shifts, MinBlock = several ? shifts / 3 : shifts, MaxBlocks = several ? 2 : 1, Instruments = [first, .. eligible],
                    Release = release, Due = windowed ? Math.Min(Horizon, release + 168 + random.Next(42)) : Horizon, NeedsTeam = random.Next(4) > 0, GloveBox = random.Next(4) == 0,
                    CellType = random.Next(6) == 0 ? random.Next(3) : null, Required = n == 0 || random.Next(6) > 0,
                });
                if (n > 0 && random.Next(100) < 62) orders.Add(new(own[n - 1], own[n], 3 * random.Next(4), true));
            }
            made.Add(new(p, team, country[team], random.Next(40, 101), own));
        }
        var asked = instruments.Select(one => experiments.Where(experiment => experiment.Instruments[0] == one.Id).Sum(experiment => experiment.Shifts)).ToArray();
        instruments = [.. instruments.Select(one => one with { ShiftQuota = tight ? one.Open.Sum(open => open[1] - open[0]) : Math.Min(one.Open.Sum(open => open[1] - open[0]), (asked[one.Id] * 4 / 5) + 1) })];
        var total = instruments.Sum(one => one.ShiftQuota ?? 0);
        return new()
        {
            Name = $"{(small ? "S" : proposals < 200 ? "M" : "L")}-{(tight ? "tight" : "open")}-own-{seed}", Horizon = Horizon, Travel = Times(sites, 3, 6, random), Shipping = Times(sites, 6, 12, random),
            Sites = [.. Enumerable.Range(0, sites).Select(site => new InstanceSite(site, (instruments.Where(one => one.Site == site).Sum(one => one.ShiftQuota ?? 0) * 95 / 100) + 1, 2 + (site % 2)))],
            Countries = [.. Enumerable.Range(0, countries).Select(id => new InstanceCountry(id, total * 3 / 100, total * 30 / 100))],
            CellTypes = [.. Enumerable.Range(0, 3).Select(id => new InstanceCellType(id, Math.Max(1, proposals / (id == 0 ? 27 : 40)), 0))],
            ContactGroups = [.. Enumerable.Range(0, groups).Select(id => new InstanceContactGroup(id, small ? Weeks(2, 1) : Weeks(3, 2)))],
            Instruments = instruments, Teams = [.. Enumerable.Range(0, teams).Select(id => new InstanceTeam(id, country[id], Away(random)))],
            Proposals = made, Experiments = experiments, Precedences = orders, Pinned = [],
        };
    }

    /// <summary>
    /// A plan first, and an instance around it that it uses up entirely: quotas that are exactly what the plan takes, and further proposals of which none is worth more
    /// per shift. So the plan is optimal, and its value known.
    /// </summary>
    public static (PlanningInstance Instance, long Optimum) Planted(int instruments, int shifts, bool pack, int seed)
    {
        const int score = 100;
        var random = new Random(seed);
        var sites = Math.Max(1, instruments / 5);
        var own = new List<InstanceInstrument>();
        for (var i = 0; i < instruments; i++)
        {
            List<IReadOnlyList<int>> open = [];
            var left = shifts;
            for (var week = 0; week < 26 && (pack ? left > 0 : true); week++)
            {
                if (!pack && week % 7 == 6) continue;
                var length = pack ? Math.Min(left, 19) : 19;
                open.Add([(week * 21) + 2, (week * 21) + 2 + length]);
                left -= length;
            }
            own.Add(new() { Id = i, Site = i % sites, ContactGroup = i % sites, Technique = $"T{i % 4}", Open = open, BridgeableGap = 0, ShiftQuota = shifts });
        }
        var (proposals, experiments, orders) = (new List<InstanceProposal>(), new List<InstanceExperiment>(), new List<InstancePrecedence>());
        foreach (var instrument in own)
        {
            // The planted ones fill each instrument one after the other.
            var (left, interval, at) = (shifts, 0, instrument.Open[0][0]);
            while (left > 0)
            {
                var room = instrument.Open[interval][1] - at;
                if (room == 0)
                {
                    at = instrument.Open[++interval][0];
                    continue;
                }
                var take = Math.Min(Math.Min(left, room), random.Next(1, 8));
                Add(score, take, [instrument.Id], Math.Max(0, at - random.Next(120)), Math.Min(Horizon, at + take + random.Next(120)));
                at += take;
                left -= take;
            }
        }
        for (var n = experiments.Count; n > 0; n--) Add(random.Next(80, score + 1), random.Next(1, 8), [random.Next(instruments)], 0, Horizon);
        var instance = new PlanningInstance
        {
            Name = $"planted-{(pack ? "pack" : "quota")}-{instruments}x{shifts}-own-{seed}", Horizon = Horizon, Travel = Times(sites, 3, 6, random), Shipping = Times(sites, 6, 12, random),
            Sites = [.. Enumerable.Range(0, sites).Select(site => new InstanceSite(site, own.Where(one => one.Site == site).Sum(_ => shifts), 2))], Countries = [new(0, 0, int.MaxValue)], CellTypes = [],
            ContactGroups = [.. Enumerable.Range(0, sites).Select(id => new InstanceContactGroup(id, [[0, Horizon, 5]]))],
            Instruments = own, Teams = [.. proposals.Select(proposal => new InstanceTeam(proposal.Id, 0, []))], Proposals = proposals, Experiments = experiments, Precedences = orders, Pinned = [],
        };
        return (instance, 2L * score * instruments * shifts);

        void Add(int worth, int length, int[] eligible, int release, int due)
        {
            proposals.Add(new(proposals.Count, proposals.Count, 0, worth, [experiments.Count]));
            experiments.Add(new()
            {
                Id = experiments.Count, Proposal = proposals.Count - 1, Shifts = length, MinBlock = length, MaxBlocks = 1, Instruments = eligible, Release = release, Due = due, NeedsTeam = false,
                GloveBox = false, Required = true,
            });
        }
    }

    private static List<IReadOnlyList<int>> Open(string kind, int number, bool tight, Random random)
    {
        List<IReadOnlyList<int>> open = [];
        for (var week = 0; week < 26; week++)
        {
            var from = week * 21;
            if (kind is "ring" or "ring12" && week % 9 > 5 + (number % 2)) continue;
            if (tight && random.Next(100) >= (kind is "lab1" or "lab2" ? 10 : 12)) continue;
            if (kind == "ring") open.Add([from + 4, from + 21]);
            else if (kind == "ring12") open.Add([from + 2, from + 14]);
            else if (kind == "reactor") open.Add([from + 3, from + 21]);
            else if (kind == "source" && week % 2 == number % 2) open.Add([from, from + 15]);
            else if (kind is "lab1" or "lab2")
                for (var day = 0; day < 5; day++) open.Add([from + (3 * day), from + (3 * day) + (kind == "lab2" ? 2 : 1)]);
        }
        return open;
    }

    private static List<IReadOnlyList<int>> Weeks(int workdays, int weekend)
    {
        List<IReadOnlyList<int>> pieces = [];
        for (var from = 0; from < Horizon; from += 21)
        {
            pieces.Add([from, from + 15, workdays]);
            pieces.Add([from + 15, from + 21, weekend]);
        }
        return pieces;
    }

    private static List<IReadOnlyList<int>> Away(Random random)
    {
        List<IReadOnlyList<int>> away = [];
        for (var n = random.Next(2, 5); n > 0; n--)
        {
            var from = 3 * random.Next(1, 160);
            away.Add([from, from + (3 * random.Next(5, 15))]);
        }
        return away;
    }

    private static List<IReadOnlyList<int>> Times(int sites, int least, int most, Random random)
    {
        var times = new int[sites, sites];
        for (var a = 0; a < sites; a++)
            for (var b = 0; b < a; b++) times[a, b] = times[b, a] = random.Next(least, most + 1);
        return [.. Enumerable.Range(0, sites).Select(a => (IReadOnlyList<int>)[.. Enumerable.Range(0, sites).Select(b => times[a, b])])];
    }
}
