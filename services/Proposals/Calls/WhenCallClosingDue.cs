using MassTransit;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Calls;

/// <summary>The timer of a call has fired: the call is closed, once, unless its end has moved since.</summary>
public sealed class WhenCallClosingDue(ProposalsDb db, TimeProvider time) : IConsumer<CallClosingDue>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CallClosingDue> context)
    {
        // The timer is the proof that its moment has come, on whichever replica's clock: there is no second one.
        var (now, due) = (time.GetUtcNow(), context.Message.ClosesAt);
        var call = await db.Calls.FindAsync([context.Message.CallId], context.CancellationToken);
        if (call?.CloseIfDue(now > due ? now : due) == true)
            await context.PublishAsync(new CallClosed { CallId = call.Id, Revision = call.Revision, ClosedAt = call.ClosesAt });
    }
}
