using System.Globalization;
using Tutti.Contracts.CellPool;

namespace Tutti.CellPool.Lending;

/// <summary>
/// A laboratory's pieces of one kind as the choice sees them: how long ahead they have to be asked for, what they need before and after the shifts, when they are promised already, and when
/// they cannot be used.
/// </summary>
public sealed record LendableEquipment(
    string Laboratory, bool ServesInstrument, int Pieces, TimeSpan Lead, TimeSpan Before, TimeSpan After, IReadOnlyList<Busy> Holds, IReadOnlyList<Busy> Outages);

/// <summary>Of which laboratory a piece is held, or why of none and when the next could be. Pure: what it is told is all it knows.</summary>
public static class EquipmentRules
{
    /// <summary>
    /// The laboratory that holds a piece for shifts from <paramref name="from"/> to <paramref name="to"/>: of those that have one free, first one that serves the instrument itself, then the one
    /// that keeps it from others for the shortest time. Null when none has.
    /// </summary>
    public static LendableEquipment? Choose(IEnumerable<LendableEquipment> laboratories, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now) =>
        laboratories.Where(one => WhyNot(one, from, to, now) is null).OrderByDescending(one => one.ServesInstrument).ThenBy(one => one.Before + one.After).ThenBy(one => one.Laboratory, StringComparer.Ordinal)
            .FirstOrDefault();

    /// <summary>Why no piece can be held for these shifts; null: one can.</summary>
    public static ReservationRefusal? WhyNot(LendableEquipment equipment, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        var (name, start, end) = (equipment.Laboratory, from - equipment.Before, to + equipment.After);
        if (equipment.Pieces == 0) return new() { Code = "equipment.none", Text = $"{name} has none." };
        if (start < now + equipment.Lead) return new() { Code = "equipment.lead-time", Text = string.Create(CultureInfo.InvariantCulture, $"{name} has to be asked {equipment.Lead.TotalHours} hours before it is needed.") };
        if (!FreeTimes.Fits(equipment.Pieces, equipment.Outages, start, end)) return new() { Code = "equipment.out-of-service", Text = $"All that {name} has is out of service for a part of the time." };
        return FreeTimes.Fits(equipment.Pieces, equipment.Outages.Concat(equipment.Holds), start, end) ? null : new() { Code = "equipment.busy", Text = $"All that {name} has is held for a part of the time." };
    }

    /// <summary>When shifts of the same length, not earlier than asked, could have a piece: intervals in which the shifts may lie anywhere.</summary>
    public static IReadOnlyList<FreeInterval> NextFree(IEnumerable<LendableEquipment> laboratories, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now) =>
        FreeTimes.Told(laboratories.SelectMany(one =>
        {
            var earliest = now + one.Lead + one.Before;
            return FreeTimes.Uses(one.Pieces, one.Outages.Concat(one.Holds), one.Before, one.After, earliest > from ? earliest : from, to - from);
        }));
}
