using Tutti.Contracts.CellPool;

namespace Tutti.CellPool.Lending;

/// <summary>Which cell is lent, or why none and when the next could be. Pure: what it is told is all it knows.</summary>
public static class LendingRules
{
    /// <summary>How many free intervals a refusal tells.</summary>
    public const int MostIntervals = 5;

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
    public static bool IsUse(DateTimeOffset from, DateTimeOffset to) => from >= earliest && to <= latest && from < to && to - from <= LongestUse;

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
    public static IReadOnlyList<FreeInterval> NextFree(IEnumerable<LendableCell> cells, DateTimeOffset from, DateTimeOffset to)
    {
        var free = cells.Where(cell => cell.State == ServiceState.InService && cell.Qualified).SelectMany(cell => FreeOf(cell, from, to - from)).Distinct()
            .OrderBy(interval => interval.From).ThenByDescending(interval => interval.To ?? DateTimeOffset.MaxValue).ToList();
        List<FreeInterval> told = [];
        foreach (var interval in free)
        {
            if (told.Count == MostIntervals) break;
            if (!told.Exists(wider => (wider.To ?? DateTimeOffset.MaxValue) >= (interval.To ?? DateTimeOffset.MaxValue))) told.Add(interval);
        }
        return told;
    }

    private static IEnumerable<FreeInterval> FreeOf(LendableCell cell, DateTimeOffset notBefore, TimeSpan length)
    {
        var start = notBefore;
        foreach (var hold in cell.Holds.OrderBy(hold => hold.From))
        {
            var end = hold.From - cell.After;
            if (end - start >= length) yield return new FreeInterval { From = start, To = end };
            var next = hold.To + cell.Before;
            if (next > start) start = next;
        }
        yield return new FreeInterval { From = start };
    }
}
