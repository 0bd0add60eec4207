using MassTransit;
using Tutti.Contracts.Identity;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool.Knowing;

/// <summary>Learns who keeps cells.</summary>
public sealed class WhenPersonRegistered(CellPoolDb db) : IConsumer<PersonRegistered>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<PersonRegistered> context)
    {
        var told = context.Message;
        var known = await db.Keepers.FindAsync([told.PersonId], context.CancellationToken);
        if (known is null) db.Add(known = new KnownKeeper { Id = told.PersonId });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.Name) = (told.Revision, told.Name);
        known.KeepsCells = told.Roles.Any(role => role.Split('@')[0] == Roles.CellKeeper);
    }
}
