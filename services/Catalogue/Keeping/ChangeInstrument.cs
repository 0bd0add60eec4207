using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Catalogue.Publishing;
using Tutti.ServiceDefaults;

namespace Tutti.Catalogue.Keeping;

/// <summary>
/// The user office, or staff of the instrument's site, change its name, its modes, and whether it can be asked for. Who, when, what and why
/// are kept; with <c>If-Match</c> a colleague's change is never overwritten unseen.
/// </summary>
public static class ChangeInstrument
{
    internal const int MaxReason = 2000;

    internal static void Map(RouteGroupBuilder group) => group.MapPut("/instruments/{code}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        string code, Request request, CatalogueDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var instrument = await db.Instruments.Include(x => x.Techniques).Include(x => x.SampleEnvironment).AsSplitQuery().SingleOrDefaultAsync(x => x.Code == code, cancel);
        if (instrument is null) return TypedResults.NotFound();
        if (!person.Holds(Roles.UserOffice) && (instrument.SiteCode is not { } site || !person.Holds(Roles.FacilityStaff, site)))
            throw RuleViolation.Forbidden("instrument.other-site", "Only the user office and staff of its site may change it.");
        http.RequireVersion(instrument.Version);
        var problems = Check(request);
        if (problems.Count > 0) throw RuleViolation.Invalid("instrument.invalid", "The instrument cannot be changed like this.", problems);
        if (instrument.Change(request.Name.Trim(), request.InScheme, request.Modes, person.Id, request.Reason.Trim(), Guid.CreateVersion7(now), now)) db.Announce(instrument, time);
        await db.SaveChangesAsync(cancel);
        http.HttpContext.Response.TellVersion(instrument.Version);
        return TypedResults.NoContent();
    }

    private static List<Problem> Check(Request request)
    {
        List<Problem> problems = [];
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > Instrument.MaxName)
            problems.Add(new("name", "instrument.name", $"A name of 1 to {Instrument.MaxName} characters is needed."));
        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > MaxReason)
            problems.Add(new("reason", "reason.missing", $"1 to {MaxReason} characters are needed."));
        return problems;
    }

    /// <summary>All that can be changed, as it shall be.</summary>
    public sealed record Request
    {
        /// <summary>Full name.</summary>
        public required string Name { get; init; }

        /// <summary>Whether it can be asked for in a proposal.</summary>
        public required bool InScheme { get; init; }

        /// <summary>Which modes are possible.</summary>
        public required InstrumentModes Modes { get; init; }

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
