using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Catalogue.Publishing;
using Tutti.ServiceDefaults;

namespace Tutti.Catalogue.Keeping;

/// <summary>The user office takes an instrument out of the scheme for good.</summary>
public static class RetireInstrument
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/instruments/{code}/retirement", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(string code, Request request, CatalogueDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var instrument = await db.Instruments.SingleOrDefaultAsync(x => x.Code == code, cancel);
        if (instrument is null) return TypedResults.NotFound();
        http.RequireVersion(instrument.Version);
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > ChangeInstrument.MaxReason)
            throw RuleViolation.Invalid("instrument.invalid", "A reason is needed.", [new("reason", "reason.missing", $"1 to {ChangeInstrument.MaxReason} characters are needed.")]);
        instrument.Retire(person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now);
        db.Announce(instrument, time);
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(instrument.Version);
        return TypedResults.NoContent();
    }

    /// <summary>Why.</summary>
    public sealed record Request(string Reason);
}
