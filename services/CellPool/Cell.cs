using Tutti.CellPool.Lending;
using Tutti.Contracts.CellPool;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool;

/// <summary>Whether a cell can be lent.</summary>
public enum ServiceState
{
    /// <summary>It can be lent.</summary>
    InService,

    /// <summary>It is being repaired: no new holds, given ones stay.</summary>
    InRepair,

    /// <summary>It has left the pool.</summary>
    Retired,
}

/// <summary>What a keeper does to a cell.</summary>
public enum ServiceAction
{
    /// <summary>Takes it into repair.</summary>
    StartRepair,

    /// <summary>Puts it back into service.</summary>
    ReturnToService,

    /// <summary>Takes it out of the pool for good.</summary>
    Retire,
}

/// <summary>One unit of a design that the pool can lend.</summary>
public sealed class Cell
{
    private Cell()
    {
    }

    /// <summary>Id.</summary>
    public Guid Id { get; private set; }

    /// <summary>Code on its label.</summary>
    public string Code { get; private set; } = "";

    /// <summary>Its design.</summary>
    public string DesignCode { get; private set; } = "";

    /// <summary>Where it lives.</summary>
    public string HomeSite { get; private set; } = "";

    /// <summary>Who looks after it.</summary>
    public Guid KeeperId { get; private set; }

    /// <summary>Instruments it is qualified for.</summary>
    public IReadOnlyList<string> QualifiedInstruments { get; private set; } = [];

    /// <summary>Time it needs before use.</summary>
    public int PreparationHours { get; private set; }

    /// <summary>Time it needs after use.</summary>
    public int CleaningHours { get; private set; }

    /// <summary>Whether it can be lent.</summary>
    public ServiceState State { get; private set; }

    /// <summary>How often it was held.</summary>
    public int Loans { get; private set; }

    /// <summary>Grows with every event about it.</summary>
    public int Revision { get; private set; }

    /// <summary>Every change of its service state.</summary>
    public List<ServiceChange> History { get; private set; } = [];

    /// <summary>Counts changes: of two writers who promise it at the same moment, the slower is refused by it.</summary>
    public int Version { get; private set; }

    /// <summary>Brings a cell into the pool.</summary>
    public static Cell Register(
        Guid id, string code, string design, string homeSite, Guid keeper, IReadOnlyList<string> qualifiedInstruments, int preparationHours, int cleaningHours, Guid by, Guid changeId, DateTimeOffset now)
    {
        var cell = new Cell
        {
            Id = id, Code = code, DesignCode = design, HomeSite = homeSite, KeeperId = keeper, QualifiedInstruments = qualifiedInstruments,
            PreparationHours = preparationHours, CleaningHours = cleaningHours, State = ServiceState.InService,
        };
        cell.History.Add(new ServiceChange { Id = changeId, CellId = id, From = null, To = ServiceState.InService, At = now, By = by, Reason = "Brought into the pool." });
        return cell;
    }

    /// <summary>A keeper does something to it; a history row is written, older ones stay.</summary>
    public void Do(ServiceAction action, Guid by, string reason, Guid changeId, DateTimeOffset now)
    {
        var next = After(State, action) ?? throw new RuleViolation("cell.wrong-state", $"A cell that is {State.Word()} does not allow: {action.Word()}.");
        History.Add(new ServiceChange { Id = changeId, CellId = Id, From = State, To = next, At = now, By = by, Reason = reason });
        State = next;
    }

    /// <summary>The next telling of what can be lent of it.</summary>
    public CellPublished Tell(CellDesign design, ShippingTime shipping) => new()
    {
        CellCode = Code, Revision = ++Revision, CellDesignCode = DesignCode, Lendable = State == ServiceState.InService && design.IsLendable, HomeSite = HomeSite,
        InstrumentCodes = [.. QualifiedInstruments.Where(design.InstrumentCodes.Contains)], BeforeHours = PreparationHours, AfterHours = CleaningHours, ShippingHours = shipping.EachWay.TotalHours,
    };

    /// <summary>Counts a new hold; with it the row changes, so nobody else promises the cell at the same moment.</summary>
    public void CountLoan() => Loans++;

    /// <summary>Time it is away from its home before the first shift at a site.</summary>
    public TimeSpan Before(string? site, TimeSpan shipping) => TimeSpan.FromHours(PreparationHours) + (site == HomeSite ? TimeSpan.Zero : shipping);

    /// <summary>Time it is away or unclean after the last shift at a site.</summary>
    public TimeSpan After(string? site, TimeSpan shipping) => TimeSpan.FromHours(CleaningHours) + (site == HomeSite ? TimeSpan.Zero : shipping);

    private static ServiceState? After(ServiceState state, ServiceAction action) => (state, action) switch
    {
        (ServiceState.InService, ServiceAction.StartRepair) => ServiceState.InRepair,
        (ServiceState.InService, ServiceAction.Retire) => ServiceState.Retired,
        (ServiceState.InService, ServiceAction.ReturnToService) => null,
        (ServiceState.InRepair, ServiceAction.ReturnToService) => ServiceState.InService,
        (ServiceState.InRepair, ServiceAction.Retire) => ServiceState.Retired,
        (ServiceState.InRepair, ServiceAction.StartRepair) => null,
        (ServiceState.Retired, _) => null,
    };
}

/// <summary>One line of a cell's history; never changed.</summary>
public sealed class ServiceChange
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The cell.</summary>
    public required Guid CellId { get; init; }

    /// <summary>State before; null: it was new.</summary>
    public ServiceState? From { get; init; }

    /// <summary>State after.</summary>
    public required ServiceState To { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The keeper.</summary>
    public required Guid By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
