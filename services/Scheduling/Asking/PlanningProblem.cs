using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Asking;

/// <summary>
/// What the planner is asked: instruments with their open shifts, experiments that want some of them, and what ties experiments together.
/// All times are units of <see cref="Grid"/>, all intervals are [start, end).
/// </summary>
public sealed record PlanningProblem
{
    public required TimeGrid Grid { get; init; }

    public required IReadOnlyList<PlanningInstrument> Instruments { get; init; }

    public required IReadOnlyList<PlanningExperiment> Experiments { get; init; }

    public IReadOnlyList<Precedence> Precedences { get; init; } = [];

    /// <summary>Published placements, which stay where they are.</summary>
    public IReadOnlyList<Pin> Pins { get; init; } = [];

    /// <summary>Times between sites that differ from the default; a direction that is not listed takes the default.</summary>
    public IReadOnlyList<SiteDistance> Distances { get; init; } = [];

    /// <summary>How many experiments groups of local contacts can serve at once, piece by piece; a group of which nothing is said is not limited, and one of which something is serves none at other times.</summary>
    public IReadOnlyList<ContactsAtOnce> Contacts { get; init; } = [];

    /// <summary>What partners are to get of the call, and may have of it at most.</summary>
    public IReadOnlyList<PartnersPart> Parts { get; init; } = [];

    /// <summary>What local contacts look after in a week at most; a group that is not listed is not limited.</summary>
    public IReadOnlyList<WeeklyWork> Weekly { get; init => field = value ?? []; } = [];

    /// <summary>The most shifts that users get at sites; a site that is not listed gives all that its instruments do.</summary>
    public IReadOnlyList<SiteShifts> SiteQuotas { get; init => field = value ?? []; } = [];

    /// <summary>Experiments of one proposal, each in one group at most, of which all are placed or none; a group of which something is pinned or promised holds nobody.</summary>
    public IReadOnlyList<IReadOnlyList<Guid>> Together { get; init => field = value ?? []; } = [];

    /// <summary>What the pool has to lend, where that is known; what is not named here is not limited.</summary>
    public IReadOnlyList<PoolStock> Stocks { get; init; } = [];

    /// <summary>Units a team needs from one site to another; within a site it is none.</summary>
    public int DefaultTravel { get; init; }

    /// <summary>Units a sample needs from one site to another; within a site it is none.</summary>
    public int DefaultShipping { get; init; }

    /// <summary>Whether the best sum may leave a proposal out for lower ranked ones.</summary>
    public RankPolicy Policy { get; init; }

    /// <summary>What the layers beside science count.</summary>
    public ObjectiveWeights Weights { get; init => field = value ?? new(); } = new();

    private const int MostUnwelcomeStart = 500;

    /// <summary>What a block costs that begins outside the times that its experiment prefers, in units of the objective: less than any experiment with such a wish brings, so that a wish leaves none out.</summary>
    public int UnwelcomeStart => Math.Max(1, Experiments.Where(one => one.Preferred.Count > 0)
        .Select(one => ((one.Required ? 2 : 1) * one.Score * (one.MinShifts ?? one.Shifts)) - 1).Append(MostUnwelcomeStart).Min());

    /// <summary>Units of a week, the first of which begins with unit 0.</summary>
    public int Week => (int)(TimeSpan.FromDays(7) / Grid.Unit);

    /// <summary>A team whose next block at the site begins so many units after the one before stays there, and makes no other trip.</summary>
    public int Stay => (int)(TimeSpan.FromHours(48) / Grid.Unit);

    /// <summary>What every shift costs by which a partner stays below its minimum: twice a shift of a required experiment of the highest grade.</summary>
    public const int ShiftBelowMinimum = 4000;

    /// <summary>Everything in the problem that makes no sense, at once; only a problem without errors is planned.</summary>
    public IReadOnlyList<ProblemError> Validate() => ProblemValidation.Errors(this);
}

/// <summary>What one of each layer costs, in units of the objective.</summary>
public sealed record ObjectiveWeights
{
    /// <summary>No weight is higher.</summary>
    public const int Highest = 100_000;

    /// <summary>A shift by which a partner stays below its minimum.</summary>
    public int Guarantee { get; init; } = PlanningProblem.ShiftBelowMinimum;

    /// <summary>A block that begins outside the times that its experiment prefers; null: <see cref="PlanningProblem.UnwelcomeStart"/>.</summary>
    public int? Preference { get; init; }

    /// <summary>By how much the cost of changes of mode is multiplied.</summary>
    public int SetUp { get; init; } = 1;

    /// <summary>A trip of a team: a block for which it has to be there, unless another of the team at the same site ended at most <see cref="PlanningProblem.Stay"/> before it.</summary>
    public int Travel { get; init; }

    /// <summary>A shift of the busiest week of local contacts, or, where nobody is told, of an instrument.</summary>
    public int EvenLoad { get; init; }

    /// <summary>The layers by name with what one of each costs; null: see <see cref="Preference"/>.</summary>
    internal IEnumerable<(string Layer, int? Weight)> All => [("guarantee", Guarantee), ("travel", Travel), ("preference", Preference), ("setUp", SetUp), ("evenLoad", EvenLoad)];
}

/// <summary>One shift that users can get.</summary>
/// <param name="MayStart">Whether an experiment may begin with it: some sites receive users in the morning only.</param>
public readonly record struct OpenShift(int Start, int End, bool MayStart = true);

/// <summary>An instrument with the shifts it can give.</summary>
public sealed record PlanningInstrument
{
    public required string Id { get; init; }

    public required string Site { get; init; }

    /// <summary>Ascending, without overlap.</summary>
    public required IReadOnlyList<OpenShift> OpenShifts { get; init; }

    /// <summary>The longest closed time between two open shifts, in units, over which one experiment may go on.</summary>
    public int BridgeableGap { get; init; }

    /// <summary>What the instrument cannot use at the same time as another (an undulator, a mirror, a ring energy), by name.</summary>
    public IReadOnlyList<string> SharedSources { get; init; } = [];

    /// <summary>The most shifts that users get; null: all that are open.</summary>
    public int? ShiftQuota { get; init; }

    /// <summary>Its local contacts, by name over all sites; null: nobody is told, so nobody limits it.</summary>
    public string? ContactGroup { get; init; }

    /// <summary>Main technique: others of the same may be named to experiments that have no place; empty: not known.</summary>
    public string Technique { get; init; } = "";

    /// <summary>What it needs between experiments of different modes, beside preparation and cleaning; pairs that are not listed need nothing.</summary>
    public IReadOnlyList<ModeChange> ModeChanges { get; init; } = [];

    /// <summary>Units that it needs before an experiment; what is planned says so itself, and this counts where it is named to an experiment that was granted another of its technique.</summary>
    public int Preparation { get; init; }

    /// <summary>The same after it.</summary>
    public int Cleaning { get; init; }
}

/// <summary>From an experiment in one mode to the next in another: units between them, never more than by way of a third mode, and what that costs in units of the objective.</summary>
public sealed record ModeChange(string From, string To, int Units, int Cost);

/// <summary>Shifts of a partner's proposals: below <paramref name="MinShifts"/> every one costs, above <paramref name="MaxShifts"/> (null: no limit) there is none.</summary>
public sealed record PartnersPart(string Name, int MinShifts, int? MaxShifts);

/// <summary>
/// The most shifts of experiments, by the beginning of the shift, and the most beginnings of blocks that a group of local contacts looks after in a week; null: no limit. What is pinned stays: a week in which that alone is
/// more takes nothing else.
/// </summary>
public sealed record WeeklyWork(string Group, int? Shifts, int? Starts);

/// <summary>The most shifts that users get at a site.</summary>
public sealed record SiteShifts(string Site, int Shifts);

/// <summary>A group of local contacts can serve so many experiments at once in [From, To); pieces of one group do not overlap.</summary>
public sealed record ContactsAtOnce(string Group, int From, int To, int AtOnce);

/// <summary>
/// Cells of a design, or pieces of equipment of a kind, any of which serves: <paramref name="Count"/>, less those that are gone. One is kept for every block that needs it, from so many units
/// before the block to as many after it as <paramref name="Around"/> says of the site; at a site that is not listed just for the block.
/// </summary>
/// <param name="Lack">The code by which it is told that none is left.</param>
public sealed record PoolStock(string Name, string Lack, int Count, IReadOnlyList<StockGone> Gone, IReadOnlyDictionary<string, int> Around)
{
    /// <summary>Instruments that are served by what is in it, and by nothing else.</summary>
    public IReadOnlyList<string> Instruments { get; init; } = [];

    /// <summary>No cell is left.</summary>
    public const string CellsOut = UnplacedReasons.CellsOut;

    /// <summary>No piece of equipment is left.</summary>
    public const string EquipmentOut = "equipment-out";
}

/// <summary>So many of a stock cannot be had in [From, To).</summary>
public readonly record struct StockGone(int From, int To, int Pieces);

/// <summary>One experiment that was granted shifts: it takes them in one block of consecutive open shifts on one of its instruments.</summary>
public sealed record PlanningExperiment
{
    public required Guid Id { get; init; }

    public required Guid ProposalId { get; init; }

    /// <summary>Who has to be there; null where nobody travels (samples by mail, remote access).</summary>
    public Guid? TeamId { get; init; }

    /// <summary>The proposal's score from the panel; the same for all its experiments.</summary>
    public required int Score { get; init; }

    public required int Shifts { get; init; }

    /// <summary>Eligible instruments; the plan chooses one.</summary>
    public required IReadOnlyList<string> Instruments { get; init; }

    public int Release { get; init; }

    public required int Due { get; init; }

    /// <summary>A proposal is served only if all its required experiments are placed.</summary>
    public bool Required { get; init; } = true;

    /// <summary>Times at which it cannot run, for instance what refused cell reservations taught.</summary>
    public IReadOnlyList<ForbiddenInterval> Forbidden { get; init; } = [];

    /// <summary>The fewest shifts with which its team agreed to be content; null: all or none.</summary>
    public int? MinShifts { get; init; }

    /// <summary>A sample that is at one experiment at a time, and needs the shipping time between sites.</summary>
    public Guid? SampleId { get; init; }

    /// <summary>When it would rather begin; empty: at any time.</summary>
    public IReadOnlyList<UnitInterval> Preferred { get; init; } = [];

    /// <summary>Units that the instrument needs for it before its block and after it, next to another experiment's.</summary>
    public int Preparation { get; init; }

    public int Cleaning { get; init; }

    /// <summary>In what mode it runs; needed on an instrument with <see cref="PlanningInstrument.ModeChanges"/>.</summary>
    public string? Mode { get; init; }

    /// <summary>To which of <see cref="PlanningProblem.Parts"/> its shifts count, the same for all of its proposal; null: to none.</summary>
    public string? Part { get; init; }

    /// <summary>Of which of <see cref="PlanningProblem.Stocks"/> it needs a piece; null: of none that is limited.</summary>
    public string? Stock { get; init; }

    /// <summary>The place that it was promised and keeps if it can; null: none.</summary>
    public PromisedPlace? Promised { get; init; }

    /// <summary>What any place is worth to it beside its score, where it was promised one that is lost.</summary>
    public int Bonus { get; init; }
}

/// <summary>The block that begins at a time on an instrument; keeping it is worth so much, in units of the objective, which is not part of the objective that is told.</summary>
public sealed record PromisedPlace(string Instrument, int Start, int Worth);

/// <summary>Units [Start, End).</summary>
public readonly record struct UnitInterval(int Start, int End);

/// <summary>An experiment's block may not touch [Start, End) on the instrument, or on any instrument where none is named.</summary>
public sealed record ForbiddenInterval(string? Instrument, int Start, int End, ForbiddenReason Reason);

/// <summary>Who says that an experiment cannot run at a time.</summary>
public enum ForbiddenReason
{
    CellRefused,
    EquipmentRefused,
    TeamAway,
    StaffAway,
    Desk,
}

/// <summary>
/// Where both are placed, <paramref name="To"/> starts at least <paramref name="MinGap"/> units after <paramref name="From"/> ends, plus the
/// shipping time between the chosen sites if <paramref name="ShipsSample"/>; and at most <paramref name="MaxGap"/> units after it ends.
/// </summary>
public sealed record Precedence(Guid From, Guid To, int MinGap, int? MaxGap = null, bool ShipsSample = false);

/// <summary>A placement that must stay: the experiment on the instrument in the block [Start, End).</summary>
public sealed record Pin(Guid ExperimentId, string Instrument, int Start, int End);

/// <summary>Units from one site to another, for people and for a sample.</summary>
public sealed record SiteDistance(string From, string To, int Travel, int Shipping);

/// <summary>Something in a planning problem that makes no sense: a stable code and the part it is about.</summary>
public sealed record ProblemError(string Code, string Subject);
