using Tutti.Contracts.Scheduling;

namespace Tutti.Scheduling.Holding;

/// <summary>What the pool is asked for.</summary>
public enum ReservationKind
{
    /// <summary>A cell of a design.</summary>
    Cell,

    /// <summary>A piece of a laboratory's equipment.</summary>
    Equipment,
}

/// <summary>What an experiment needs from the pool where it is placed: a cell of a design, or a kind of equipment.</summary>
public sealed record Need(ReservationKind Kind, string Code)
{
    /// <summary>All that is needed with a cell design and kinds of equipment.</summary>
    public static IReadOnlyList<Need> Of(string? cellDesign, IReadOnlyList<string> equipment) =>
        [.. cellDesign is null ? [] : (Need[])[new(ReservationKind.Cell, cellDesign)], .. equipment.Select(kind => new Need(ReservationKind.Equipment, kind))];
}

/// <summary>What is held for an experiment: its cell, and pieces of equipment.</summary>
public sealed record Held(string? CellCode, IReadOnlyList<HeldEquipment> Equipment)
{
    /// <summary>What is held for a place of a plan.</summary>
    public static Held Of(PlanEntry entry, IReadOnlyDictionary<Guid, Reservation> reservations)
    {
        var held = entry.Reservations.Select(id => reservations.GetValueOrDefault(id)).OfType<Reservation>().Where(one => one is { Status: ReservationStatus.Held, HeldCode: not null }).ToList();
        return new(held.Find(one => one.Kind == ReservationKind.Cell)?.HeldCode,
            [.. held.Where(one => one.Kind == ReservationKind.Equipment).Select(one => new HeldEquipment { Kind = one.Wanted, LaboratoryCode = one.HeldCode ?? "" }).OrderBy(one => one.Kind, StringComparer.Ordinal)]);
    }

    /// <summary>Whether nothing else is held.</summary>
    public bool IsSameAs(Held other) => CellCode == other.CellCode && Equipment.SequenceEqual(other.Equipment);
}
