using MassTransit;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;

namespace Tutti.Review.Knowing;

/// <summary>Learns who is on the panel of a call, and that the call has closed.</summary>
public sealed class WhenCallOpened(ReviewDb db) : IConsumer<CallOpened>, IConsumer<CallClosed>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CallOpened> context)
    {
        var told = context.Message;
        (await KnownAsync(told.CallId, context.CancellationToken)).Learn(told.Revision, told.Title, told.ClosesAt, told.PanelChairId, told.PanelMemberIds);
    }

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CallClosed> context) =>
        (await KnownAsync(context.Message.CallId, context.CancellationToken)).Close(context.Message.ClosedAt);

    private async Task<KnownCall> KnownAsync(Guid id, CancellationToken cancel)
    {
        var known = await db.Calls.Include(call => call.Panel).SingleOrDefaultAsync(call => call.Id == id, cancel);
        if (known is null) db.Add(known = new KnownCall { Id = id });
        return known;
    }
}
