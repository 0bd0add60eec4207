using Tutti.Contracts.CellPool;

namespace Tutti.CellPool.Lending;

/// <summary>Pieces that cannot be had for a time, margins included; half open.</summary>
public sealed record Busy(DateTimeOffset From, DateTimeOffset To, int Pieces = 1);

/// <summary>When one of several pieces that are alike is free.</summary>
public static class FreeTimes
{
    /// <summary>How many free intervals a refusal tells.</summary>
    public const int MostIntervals = 5;

    /// <summary>All times from a moment on in which at least one piece is free, in order; the last one may be open.</summary>
    public static IEnumerable<FreeInterval> Of(int pieces, IEnumerable<Busy> busy, DateTimeOffset since)
    {
        var changes = busy.Where(one => one.To > since).SelectMany(one => new[] { (At: one.From > since ? one.From : since, one.Pieces), (At: one.To, Pieces: -one.Pieces) })
            .Where(change => change.At < DateTimeOffset.MaxValue).GroupBy(change => change.At).OrderBy(group => group.Key).Select(group => (At: group.Key, Pieces: group.Sum(change => change.Pieces)));
        var (load, start) = (0, pieces > 0 ? since : (DateTimeOffset?)null);
        foreach (var change in changes)
        {
            load += change.Pieces;
            if (load < pieces) start ??= change.At;
            else if (start is { } from)
            {
                if (from < change.At) yield return new FreeInterval { From = from, To = change.At };
                start = null;
            }
        }
        if (start is { } open) yield return new FreeInterval { From = open };
    }

    /// <summary>Whether a piece is free all the time.</summary>
    public static bool Fits(int pieces, IEnumerable<Busy> busy, DateTimeOffset from, DateTimeOffset to) =>
        Of(pieces, busy, from).FirstOrDefault() is { } free && free.From == from && (free.To is not { } end || end >= to);

    /// <summary>Intervals in which shifts of a length, not earlier than told, may lie anywhere; the time that a piece is needed before and after them is taken off already.</summary>
    public static IEnumerable<FreeInterval> Uses(int pieces, IEnumerable<Busy> busy, TimeSpan before, TimeSpan after, DateTimeOffset notBefore, TimeSpan length) =>
        Of(pieces, busy, notBefore - before).Select(free => new FreeInterval { From = free.From + before, To = free.To - after }).Where(use => use.To is not { } end || end - use.From >= length);

    /// <summary>The earliest of them, without those that lie within others.</summary>
    public static IReadOnlyList<FreeInterval> Told(IEnumerable<FreeInterval> intervals)
    {
        List<FreeInterval> told = [];
        foreach (var interval in intervals.Distinct().OrderBy(interval => interval.From).ThenByDescending(interval => interval.To ?? DateTimeOffset.MaxValue))
        {
            if (told.Count == MostIntervals) break;
            if (!told.Exists(wider => (wider.To ?? DateTimeOffset.MaxValue) >= (interval.To ?? DateTimeOffset.MaxValue))) told.Add(interval);
        }
        return told;
    }
}
