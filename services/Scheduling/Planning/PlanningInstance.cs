using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutti.Scheduling.Planning;

/// <summary>
/// What the planner is asked, as a JSON document: instruments with their open time, proposals with experiments that want some of it, and all that ties
/// them together. Times are whole units since the start of the horizon (in the shared instances one unit is a shift of 8 hours), intervals are [start, end).
/// Members that the shared format does not have are optional and change nothing where they are left out.
/// </summary>
public sealed record PlanningInstance
{
    public string Name { get; init => field = value ?? ""; } = "";

    public required int Horizon { get; init; }

    /// <summary>Units a team needs from one site to another.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Travel { get; init; }

    /// <summary>Units a sample or a cell needs from one site to another.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Shipping { get; init; }

    public required IReadOnlyList<InstanceSite> Sites { get; init; }

    public required IReadOnlyList<InstanceCountry> Countries { get; init; }

    public required IReadOnlyList<InstanceCellType> CellTypes { get; init; }

    public required IReadOnlyList<InstanceContactGroup> ContactGroups { get; init; }

    public required IReadOnlyList<InstanceInstrument> Instruments { get; init; }

    public required IReadOnlyList<InstanceTeam> Teams { get; init; }

    public required IReadOnlyList<InstanceProposal> Proposals { get; init; }

    public required IReadOnlyList<InstanceExperiment> Experiments { get; init; }

    public required IReadOnlyList<InstancePrecedence> Precedences { get; init; }

    public required IReadOnlyList<InstancePlacement> Pinned { get; init; }

    /// <summary>Proposals that were promised something already: their required experiments count one by one, and may end incomplete rather than stop the plan.</summary>
    public IReadOnlyList<int> Started { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Groups of experiments of which all are placed or none, beyond what proposals require: either of one proposal, or required ones of several proposals (which are then
    /// served together or not at all). With a proposal that has started a group holds nobody, but for optional experiments of which none is pinned.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Together { get; init => field = value ?? []; } = [];

    /// <summary>Units of a week, the first of which begins with unit 0; null: 21, of shifts of 8 hours.</summary>
    public int? Week { get; init; }

    public InstanceObjective Objective { get; init => field = value ?? new(); } = new();

    public RankPolicy Policy { get; init; }

    /// <summary>The same with the instruments of every experiment that asks for a technique: all that have it where it names none, else those among the named ones.</summary>
    public PlanningInstance Expanded() => Experiments.All(one => one.Technique is null) ? this : this with
    {
        Experiments = [.. Experiments.Select(one => one.Technique is not { } technique ? one : one with
        {
            Technique = null,
            Instruments = [.. Instruments.Where(instrument => instrument.Technique == technique && (one.Instruments.Count == 0 || one.Instruments.Contains(instrument.Id))).Select(instrument => instrument.Id)],
        })],
    };

    /// <summary>Reads an instance and finds all that makes no sense in it.</summary>
    /// <exception cref="PlanningException"><c>instance_damaged</c>: no JSON of this form; else the code of the first of <see cref="PlanningException.Errors"/>.</exception>
    public static PlanningInstance Read(Stream json)
    {
        PlanningInstance? instance;
        try
        {
            instance = JsonSerializer.Deserialize(json, PlanningJson.Default.PlanningInstance);
        }
        catch (JsonException damaged)
        {
            throw Damage.Of("instance_damaged", damaged);
        }
        if (instance is null) throw new PlanningException([new("instance_damaged", "$", "The instance is null.")]);
        var errors = InstanceValidation.Errors(instance);
        return errors.Count == 0 ? instance : throw new PlanningException(errors);
    }

    public static PlanningInstance Read(string path)
    {
        using var file = File.OpenRead(path);
        return Read(file);
    }

    public void Write(Stream json) => JsonSerializer.Serialize(json, this, PlanningJson.Default.PlanningInstance);
}

/// <summary>Whether the best sum may leave a proposal out for lower ranked ones.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RankPolicy>))]
public enum RankPolicy
{
    /// <summary>The plan of the highest objective, whoever is in it.</summary>
    [JsonStringEnumMemberName("best-sum")]
    BestSum,

    /// <summary>
    /// No proposal is left out that could be served in place of lower ranked ones: around what is placed of proposals of no lower score (where it is placed) there is no room for it.
    /// Of proposals that are served together the lowest score counts for what they may claim, and the highest for what they may lose to.
    /// </summary>
    [JsonStringEnumMemberName("no-rank-inversion")]
    NoRankInversion,
}

/// <summary>
/// The layers of the objective by their weights: per point of science (2 or 1 × score × shifts), and what is taken from that per shift by which a country stays below its
/// minimum, per trip of a team, per block outside the preferred times, per unit of cost of set-ups, and per shift of each contact group's busiest week. What is null is as in
/// <see cref="LayerWeights"/>.
/// </summary>
public sealed record InstanceObjective
{
    public int? Science { get; init; }

    public int? Guarantee { get; init; }

    /// <summary>Every block for which a team has to be there is a trip, unless another of the team at the same site ended at most <see cref="Stay"/> units before it.</summary>
    public int? Travel { get; init; }

    public int? Stay { get; init; }

    public int? Preference { get; init; }

    public int? SetUp { get; init; }

    public int? EvenLoad { get; init; }

    public LayerWeights Weights() => new(Science ?? 1, Guarantee ?? 400, Travel ?? 0, Stay ?? 6, Preference ?? 50, SetUp ?? 1, EvenLoad ?? 0);
}

/// <summary>The weights of the layers that hold: 1, 400, 0 (with stays of 6 units), 50, 1 and 0 where the instance says nothing.</summary>
public sealed record LayerWeights(int Science, int Guarantee, int Travel, int Stay, int Preference, int SetUp, int EvenLoad);

/// <summary>A site: most shifts given to users, and how many experiments can use glove boxes at once.</summary>
public sealed record InstanceSite(int Id, int ShiftQuota, int GloveBoxes);

/// <summary>A partner country: below <paramref name="MinShifts"/> every shift costs, above <paramref name="MaxShifts"/> it gets none.</summary>
public sealed record InstanceCountry(int Id, int MinShifts, int MaxShifts);

/// <summary>A kind of cell of which <paramref name="Count"/> travel from and to their home.</summary>
public sealed record InstanceCellType(int Id, int Count, int HomeSite)
{
    /// <summary>Cells that cannot be used, as [from, to, n].</summary>
    public IReadOnlyList<IReadOnlyList<int>> Withdrawn { get; init => field = value ?? []; } = [];

    /// <summary>Instruments at which there are no others: one of these is named to an experiment only if there is a cell of this type for it. Null: all.</summary>
    public IReadOnlyList<int>? Instruments { get; init; }
}

/// <summary>
/// Local contacts: in [from, to) they can serve n experiments at once, as [from, to, n]; where no piece says anything, none. What is pinned stays within their weeks however much it is: a week in which that alone
/// is more than they do at most takes nothing else.
/// </summary>
public sealed record InstanceContactGroup(int Id, IReadOnlyList<IReadOnlyList<int>> Capacity)
{
    /// <summary>The most shifts of experiments that it looks after in a week, by the beginning of the shift.</summary>
    public int? WeeklyShifts { get; init; }

    /// <summary>The most blocks that begin in a week.</summary>
    public int? WeeklyStarts { get; init; }
}

/// <summary>An instrument with its open time.</summary>
public sealed record InstanceInstrument
{
    public required int Id { get; init; }

    public required int Site { get; init; }

    public string Technique { get; init => field = value ?? ""; } = "";

    public required int ContactGroup { get; init; }

    /// <summary>Instruments with the same source run one at a time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? SharedSource { get; init; }

    /// <summary>Further sources of the same kind.</summary>
    public IReadOnlyList<int> MoreSources { get; init => field = value ?? []; } = [];

    /// <summary>Intervals of which every unit is a shift that users can get; not looked at where <see cref="Shifts"/> are given.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Open { get; init => field = value ?? []; } = [];

    /// <summary>Shifts of any length, ascending and without overlap, as [start, end], or as [start, end, 0] where no block may begin with it.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Shifts { get; init; }

    /// <summary>The longest closed time, in units, that a block may span.</summary>
    public required int BridgeableGap { get; init; }

    /// <summary>A block may start at t where t mod 3 is among these; not looked at where <see cref="Shifts"/> are given.</summary>
    public IReadOnlyList<int> StartShiftsOfDay { get; init => field = value ?? [0, 1, 2]; } = [0, 1, 2];

    /// <summary>The most shifts given to users; null: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? ShiftQuota { get; init; }

    /// <summary>Units from one mode to another, [from][to], between the blocks of two experiments; never longer than by way of a third mode.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? SetUpTimes { get; init; }

    /// <summary>What the same costs.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? SetUpCosts { get; init; }

    /// <summary>Units that it would need before the blocks of an experiment to which it is named as another instrument of its technique; null: as many as on the experiment's own.</summary>
    public int? Preparation { get; init; }

    /// <summary>The same after them.</summary>
    public int? Cleaning { get; init; }
}

/// <summary>A team with the times at which it cannot come.</summary>
public sealed record InstanceTeam(int Id, int Country, IReadOnlyList<IReadOnlyList<int>> Away);

/// <summary>A proposal: served if all its required experiments are placed.</summary>
public sealed record InstanceProposal(int Id, int Team, int Country, int Score, IReadOnlyList<int> Experiments);

/// <summary>One experiment: on one of its instruments, in one block or in several.</summary>
public sealed record InstanceExperiment
{
    public required int Id { get; init; }

    public required int Proposal { get; init; }

    public required int Shifts { get; init; }

    /// <summary>The fewest shifts of a block where there are several.</summary>
    public required int MinBlock { get; init; }

    public required int MaxBlocks { get; init; }

    public required IReadOnlyList<int> Instruments { get; init; }

    public required int Release { get; init; }

    public required int Due { get; init; }

    public required bool NeedsTeam { get; init; }

    /// <summary>The team that has to be there, where it is not the proposal's.</summary>
    public int? Team { get; init; }

    public required bool GloveBox { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? CellType { get; init; }

    public required bool Required { get; init; }

    /// <summary>Any instrument of this technique: all where <see cref="Instruments"/> is empty, else those among them.</summary>
    public string? Technique { get; init; }

    /// <summary>The fewest shifts of use to it; it gets fewer than asked only if <see cref="ConsentsToFewer"/>.</summary>
    public int? MinShifts { get; init; }

    /// <summary>Its proposer has agreed to fewer shifts than asked.</summary>
    public bool ConsentsToFewer { get; init; }

    /// <summary>Units that the instrument needs before its blocks, after one of another experiment.</summary>
    public int Preparation { get; init; }

    /// <summary>Units that the instrument needs after its blocks, before one of another experiment.</summary>
    public int Cleaning { get; init; }

    /// <summary>The technique or energy in which it runs: a row of the set-up tables of its instruments.</summary>
    public int? Mode { get; init; }

    /// <summary>Experiments with the same sample: it is at one place at a time and needs the shipping time between the sites, in whatever order.</summary>
    public int? Sample { get; init; }

    /// <summary>Times [start, end) that it would rather have: a block that begins in none of them costs; empty: all are the same to it.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Preferred { get; init => field = value ?? []; } = [];

    /// <summary>Times that no block may touch, on one instrument or (null) on any.</summary>
    public IReadOnlyList<InstanceForbidden> Forbidden { get; init => field = value ?? []; } = [];

    /// <summary>What its blocks cost by where and when they begin: times that are liked or not, and places that it has already and would rather keep.</summary>
    public IReadOnlyList<InstancePrice> Prices { get; init => field = value ?? []; } = [];

    /// <summary>What a place anywhere adds to the objective beside the science: somebody was promised one.</summary>
    public int Bonus { get; init; }
}

/// <summary>
/// Every block that begins in [start, end) on the instrument (null: on any) lowers the objective by <paramref name="Price"/>, or raises it where that is negative; prices that meet add up.
/// </summary>
public sealed record InstancePrice(int Start, int End, int Price, int? Instrument = null);

/// <summary>A time at which an experiment cannot run, and why: a code of <see cref="UnplacedReasons"/>.</summary>
public sealed record InstanceForbidden(int Start, int End, string Reason, int? Instrument = null);

/// <summary>
/// Where both are placed, <paramref name="To"/> starts at least <paramref name="MinGap"/> units after the last block of <paramref name="From"/> ends, plus the
/// shipping time between the chosen sites if <paramref name="ShipSample"/>; and at most <paramref name="MaxGap"/> after it, where that is given.
/// </summary>
public sealed record InstancePrecedence(int From, int To, int MinGap, bool ShipSample, int? MaxGap = null);

/// <summary>An experiment's place: its instrument and its blocks as [start, end], in order of time.</summary>
public sealed record InstancePlacement(int Experiment, int Instrument, IReadOnlyList<IReadOnlyList<int>> Blocks);

/// <summary>Something in an instance that makes no sense: a stable code, the part it is about, and words.</summary>
public sealed record InstanceError(string Code, string Subject, string Text);

/// <summary>Why there is no plan: all errors at once, each with a stable code.</summary>
public sealed class PlanningException(IReadOnlyList<InstanceError> errors, Exception? inner = null) : Exception(Describe(errors), inner)
{
    public PlanningException(string code, string subject, string text, Exception? inner = null) : this([new(code, subject, text)], inner)
    {
    }

    public string Code => Errors[0].Code;

    public IReadOnlyList<InstanceError> Errors { get; } = errors;

    private static string Describe(IReadOnlyList<InstanceError> errors) =>
        string.Join("; ", errors.Take(20).Select(error => $"{error.Code}: {error.Subject}: {error.Text}")) + (errors.Count > 20 ? $"; and {errors.Count - 20} more" : "");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = false)]
[JsonSerializable(typeof(PlanningInstance))]
[JsonSerializable(typeof(ShiftPlan))]
[JsonSerializable(typeof(SolverProcess.Line))]
internal sealed partial class PlanningJson : JsonSerializerContext;
