using MassTransit;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Calls;

/// <summary>The timer of a call has fired: if its time has really come, it is closed, once.</summary>
public sealed class WhenCallClosingDue(ProposalsDb db, TimeProvider time) : IConsumer<CallClosingDue>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CallClosingDue> context)
    {
        var call = await db.Calls.FindAsync([context.Message.CallId], context.CancellationToken);
        if (call?.CloseIfDue(time.GetUtcNow()) == true)
            await context.PublishAsync(new CallClosed { CallId = call.Id, Revision = call.Revision, ClosedAt = call.ClosesAt });
    }
}
