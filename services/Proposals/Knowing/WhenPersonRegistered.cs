using MassTransit;
using Tutti.Contracts.Identity;

namespace Tutti.Proposals.Knowing;

/// <summary>Learns who can be on a team.</summary>
public sealed class WhenPersonRegistered(ProposalsDb db) : IConsumer<PersonRegistered>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<PersonRegistered> context)
    {
        var told = context.Message;
        var known = await db.People.FindAsync([told.PersonId], context.CancellationToken);
        if (known is null) db.Add(known = new KnownPerson { Id = told.PersonId });
        else if (known.Revision >= told.Revision) return;
        (known.Revision, known.Name, known.Group, known.Country) = (told.Revision, told.Name, told.Group, told.Country);
    }
}
