namespace Tutti.CellPool.Lending;

/// <summary>A cell as the choice sees it: what it needs before and after the shifts, and when it is promised already.</summary>
public sealed record LendableCell(string Code, ServiceState State, bool Qualified, TimeSpan Before, TimeSpan After, IReadOnlyList<Busy> Holds);
