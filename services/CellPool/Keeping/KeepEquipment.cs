using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.CellPool.Lending;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.CellPool.Keeping;

/// <summary>
/// A keeper of its site says how many pieces of a kind a laboratory has, what they need around an experiment, who may use them, and when they cannot be used. Holds for which there is no piece
/// any more are released, the latest asked for first, and told.
/// </summary>
public static class KeepEquipment
{
    private const int MostPieces = 1000, MostOutages = 100, MostLead = 24 * 366;

    internal static void Map(RouteGroupBuilder group) => group.MapPut("/laboratories/{code}/equipment/{kind}", Handle);

    internal static async Task<Results<NoContent, NotFound>> Handle(
        string code, string kind, Request request, CellPoolDb db, ClaimsPrincipal person, HttpRequest http, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var laboratory = await db.Laboratories.Include(x => x.Equipment).SingleOrDefaultAsync(x => x.Code == code, cancel);
        if (laboratory is null || await db.EquipmentKinds.AsNoTracking().SingleOrDefaultAsync(x => x.Code == kind, cancel) is not { } known) return TypedResults.NotFound();
        person.RequireKeeperOf(laboratory.SiteCode);
        var equipment = laboratory.Find(kind);
        http.RequireVersion(equipment?.Version ?? 0);
        var problems = Check(request);
        if (problems.Count > 0) throw RuleViolation.Invalid("equipment.invalid", "The equipment cannot be like this.", problems);
        var isNew = equipment is null;
        if (equipment is null) db.Add(equipment = Equipment.Of(laboratory.Code, kind));
        var reason = request.Reason.Trim();
        equipment.Keep(
            new EquipmentTerms(request.Count, request.LeadHours, request.BeforeHours, request.AfterHours, request.SharedBySite, [.. request.Outages.Select(one => one with { From = one.From.ToUniversalTime(), To = one.To?.ToUniversalTime(), Reason = one.Reason.Trim() })]),
            person.Id, reason, Guid.CreateVersion7(now), now);
        foreach (var released in await db.TakeBackAsync(laboratory, equipment, person.Id, $"Less equipment than was held: {reason}", now, cancel)) db.Publish(released, time);
        db.Publish(equipment.Tell(laboratory, known), time);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (isNew)
        {
            // Somebody may have been faster with the same kind; anything else is a fault.
            db.ChangeTracker.Clear();
            if (await db.Set<Equipment>().AnyAsync(one => one.LaboratoryCode == code && one.Kind == kind, cancel))
                throw new RuleViolation("stale-write", "It was added by somebody else meanwhile; read it again.", StatusCodes.Status412PreconditionFailed);
            throw;
        }
        http.HttpContext.Response.TellVersion(equipment.Version);
        return TypedResults.NoContent();
    }

    private static List<Problem> Check(Request request)
    {
        List<Problem> problems = [];
        problems.NeedText("reason", request.Reason, Limits.Text);
        if (request.Count is < 0 or > MostPieces) problems.Add(new("count", "count.range", $"0 to {MostPieces} pieces."));
        if (request.LeadHours is < 0 or > MostLead) problems.Add(new("leadHours", "hours.range", $"0 to {MostLead} hours."));
        problems.NeedHours("beforeHours", request.BeforeHours);
        problems.NeedHours("afterHours", request.AfterHours);
        if (request.Outages.Count > MostOutages) problems.Add(new("outages", "outages.count", $"At most {MostOutages}."));
        foreach (var (index, outage) in request.Outages.Take(MostOutages).Index())
        {
            problems.NeedText($"outages[{index}].reason", outage.Reason, Limits.Text);
            if (!LendingRules.IsDate(outage.From) || (outage.To is { } to && (to <= outage.From || !LendingRules.IsDate(to)))) problems.Add(new($"outages[{index}]", "outage.interval", "It ends after it begins, between the years 2000 and 2200."));
            if (outage.Pieces is < 1 or > MostPieces) problems.Add(new($"outages[{index}].pieces", "count.range", $"1 to {MostPieces} pieces."));
        }
        return problems;
    }

    /// <summary>How it is from now on.</summary>
    public sealed record Request
    {
        /// <summary>How many pieces.</summary>
        public required int Count { get; init; }

        /// <summary>How long before it is first needed it has to be asked for.</summary>
        public required int LeadHours { get; init; }

        /// <summary>How long before the first shift it is needed.</summary>
        public required int BeforeHours { get; init; }

        /// <summary>How long after the last shift it is needed.</summary>
        public required int AfterHours { get; init; }

        /// <summary>Whether every instrument of the site may use it, not only those that the laboratory serves.</summary>
        public bool SharedBySite { get; init; }

        /// <summary>When pieces cannot be used.</summary>
        public IReadOnlyList<Outage> Outages { get; init; } = [];

        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }
}
