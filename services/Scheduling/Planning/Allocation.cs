using Google.OrTools.Sat;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// The problem without time: which proposals are served and on which instruments, within the quotas of instruments, sites and countries. No plan is worth more than
/// its best answer, which on open calendars is close to the best plan and found in a moment.
/// </summary>
internal sealed class Allocation
{
    private readonly Space space;
    private readonly List<(BoolVar Literal, int Experiment, int Option)> chosen = [];

    public Allocation(Space space)
    {
        this.space = space;
        List<LinearExpr> terms = [];
        var byInstrument = new Dictionary<int, List<LinearExpr>>();
        var bySite = new Dictionary<int, List<LinearExpr>>();
        var byCountry = new Dictionary<int, List<LinearExpr>>();
        foreach (var proposal in space.Proposals)
        {
            if (proposal.Started || proposal.Required.Length == 0)
            {
                foreach (var e in proposal.All) Add(e, Model.NewBoolVar("p"));
                continue;
            }
            if (proposal.Required.Any(e => space.Experiments[e].Hopeless)) continue;
            var served = Model.NewBoolVar("s");
            foreach (var e in proposal.Required) Add(e, served);
            foreach (var e in proposal.Optional)
            {
                var optional = Model.NewBoolVar("o");
                Model.AddImplication(optional, served);
                Add(e, optional);
            }
        }
        foreach (var (instrument, sum) in byInstrument) Model.Add(LinearExpr.Sum(sum) <= space.Instruments[instrument].Quota);
        foreach (var (site, sum) in bySite) Model.Add(LinearExpr.Sum(sum) <= space.Instance.Sites[site].ShiftQuota);
        foreach (var country in space.Instance.Countries)
        {
            var given = LinearExpr.Sum(byCountry.GetValueOrDefault(country.Id, []));
            Model.Add(given <= country.MaxShifts);
            if (country.MinShifts == 0) continue;
            var missing = Model.NewIntVar(0, country.MinShifts, "m");
            Model.Add(missing + given >= country.MinShifts);
            terms.Add(-Space.Penalty * missing);
        }
        Model.Maximize(LinearExpr.Sum(terms));

        void Add(int e, BoolVar placed)
        {
            var data = space.Experiments[e];
            terms.Add(data.Value * placed);
            Put(byCountry, space.Proposals[data.Proposal].Country, data.Shifts * placed);
            var options = Enumerable.Range(0, data.Options.Length).Where(n => data.Options[n].Single.Length > 0 || data.Options[n].Reach.Any(last => last >= 0)).ToArray();
            if (data.Pin is { } pin) options = [Array.IndexOf(data.Options, pin.Option)];
            if (options.Length == 0) Model.Add(placed == 0);
            List<BoolVar> literals = [];
            foreach (var n in options)
            {
                var literal = options.Length == 1 ? placed : Model.NewBoolVar("i");
                literals.Add(literal);
                chosen.Add((literal, e, n));
                Put(byInstrument, data.Options[n].Instrument, data.Shifts * literal);
                Put(bySite, data.Options[n].Site, data.Shifts * literal);
            }
            if (options.Length > 1) Model.Add(LinearExpr.Sum(literals) == placed);
        }

        static void Put(Dictionary<int, List<LinearExpr>> sums, int key, LinearExpr term)
        {
            if (!sums.TryGetValue(key, out var list)) sums[key] = list = [];
            list.Add(term);
        }
    }

    public CpModel Model { get; } = new();

    /// <summary>Per experiment the option that a solution takes, or -1.</summary>
    public int[] Read(Func<IntVar, long> value)
    {
        var options = new int[space.Experiments.Length];
        Array.Fill(options, -1);
        foreach (var (literal, e, option) in chosen)
            if (value(literal) != 0) options[e] = option;
        return options;
    }
}
