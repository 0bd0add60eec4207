using MassTransit;
using Tutti.Contracts.Identity;

namespace Tutti.Scheduling.Showing;

/// <summary>What calendar programs read ends with the account, and with the roles, of the person who let them.</summary>
public sealed class WhenPersonRegistered(SchedulingDb db) : IConsumer<PersonRegistered>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<PersonRegistered> context)
    {
        var told = context.Message;
        if (await db.FeedTokens.FindAsync([told.PersonId], context.CancellationToken) is not { } token) return;
        // An account that is active has a role; events that come late only take away, and a new secret has all again.
        if (told.Roles.Count == 0) db.Remove(token);
        else token.Keep(told.Roles);
    }
}
