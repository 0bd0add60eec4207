using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Amending;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Showing;

/// <summary>Somebody makes a secret address under which a calendar program reads shifts, which ends the one before, or revokes it; the user office revokes those of others.</summary>
public static class KeepFeedToken
{
    internal static void Map(RouteGroupBuilder group)
    {
        var mine = group.MapGroup("").AgainWhenStale<SchedulingDb>();
        mine.MapPut("/feed-token", Handle);
        mine.MapDelete("/feed-token", ([AsParameters] Desk desk) => RevokeAsync(desk.Person.Id, desk));
        mine.MapDelete("/feed-tokens/{person:guid}", RevokeAsync).RequireAuthorization(Roles.UserOffice);
    }

    internal static async Task<Ok<Response>> Handle([AsParameters] Desk desk)
    {
        var (now, me) = (desk.Time.GetUtcNow(), desk.Person.Id);
        var token = await desk.Db.FeedTokens.SingleOrDefaultAsync(x => x.PersonId == me, desk.Cancel);
        if (token is null) desk.Db.Add(token = FeedToken.Of(me));
        var secret = token.Renew(desk.Person, now);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.Ok(new Response(secret, token.ExpiresAt, $"/api/scheduling/feeds/{secret}/me.ics", $"/api/scheduling/feeds/{secret}/instruments/{{code}}.ics", $"/api/scheduling/feeds/{secret}/proposals/{{id}}.ics"));
    }

    private static async Task<NoContent> RevokeAsync(Guid person, [AsParameters] Desk desk)
    {
        if (await desk.Db.FeedTokens.SingleOrDefaultAsync(x => x.PersonId == person, desk.Cancel) is { } token) desk.Db.Remove(token);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        return TypedResults.NoContent();
    }

    /// <summary>The secret, told only now, and the addresses of feeds.</summary>
    public sealed record Response(string Secret, DateTimeOffset ExpiresAt, string Mine, string Instrument, string Proposal);
}
