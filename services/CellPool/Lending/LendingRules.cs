using Tutti.Contracts.CellPool;

namespace Tutti.CellPool.Lending;

/// <summary>Which cell is lent, or why none and when the next could be. Pure: what it is told is all it knows.</summary>
public static class LendingRules
{
    /// <summary>Longest use that can be asked for.</summary>
    public static readonly TimeSpan LongestUse = TimeSpan.FromDays(366);

    private static readonly DateTimeOffset earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The mode behind its name; null when no mode has it.</summary>
    public static ExperimentMode? ModeOf(string? name) => name switch
    {
        "ex-situ" => ExperimentMode.ExSitu,
        "in-situ" => ExperimentMode.InSitu,
        "operando" => ExperimentMode.Operando,
        _ => null,
    };

    /// <summary>Whether shifts can lie there at all.</summary>
    public static bool IsUse(DateTimeOffset from, DateTimeOffset to) => IsDate(from) && IsDate(to) && from < to && to - from <= LongestUse;

    /// <summary>Whether a moment lies in the calendar.</summary>
    public static bool IsDate(DateTimeOffset at) => at >= earliest && at <= latest;

    /// <summary>
    /// The cell to hold for shifts from <paramref name="from"/> to <paramref name="to"/>: of those that are free, the one that is kept from
    /// others for the shortest time. Null when none is free.
    /// </summary>
    public static LendableCell? Choose(IEnumerable<LendableCell> cells, DateTimeOffset from, DateTimeOffset to) =>
        cells.Where(cell => WhyNot(cell, from, to) is null).OrderBy(cell => cell.Before + cell.After).ThenBy(cell => cell.Code, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Why a cell cannot be held for these shifts; null: it can.</summary>
    public static ReservationRefusal? WhyNot(LendableCell cell, DateTimeOffset from, DateTimeOffset to)
    {
        if (cell.State != ServiceState.InService) return new() { Code = "cell.out-of-service", Text = $"{cell.Code} is not in service." };
        if (!cell.Qualified) return new() { Code = "cell.not-qualified", Text = $"{cell.Code} is not qualified for the instrument." };
        var (start, end) = (from - cell.Before, to + cell.After);
        return cell.Holds.Where(hold => hold.From < end && start < hold.To).MinBy(hold => hold.From) is { } busy
            ? new() { Code = "cell.busy", Text = $"{cell.Code} is held from {busy.From:O} to {busy.To:O}." }
            : null;
    }

    /// <summary>
    /// When shifts of the same length, not earlier than asked, could have a cell: intervals in which the shifts may lie anywhere. The time a
    /// cell needs before and after them is taken off already.
    /// </summary>
    public static IReadOnlyList<FreeInterval> NextFree(IEnumerable<LendableCell> cells, DateTimeOffset from, DateTimeOffset to) =>
        FreeTimes.Told(cells.Where(cell => cell.State == ServiceState.InService && cell.Qualified).SelectMany(cell => FreeTimes.Uses(1, cell.Holds, cell.Before, cell.After, from, to - from)));
}
