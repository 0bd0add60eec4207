using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Amending;

/// <summary>
/// Two schedulers at work on one plan never overwrite each other: who changes a plan names the version it is based on (<c>If-Match</c>), and is told what
/// others have changed since where that is not the latest.
/// </summary>
internal static class PlanTag
{
    /// <summary>Refuses a change that names no version (428), or an older one (412, with the versions made since).</summary>
    public static async Task RequireLatestAsync(this HttpRequest request, CallPlan plan, SchedulingDb db, CancellationToken cancel)
    {
        if (Named(request) is not { } tag)
            throw new RuleViolation("plan.version-required", "Name the version of the plan that the change is based on in If-Match.", StatusCodes.Status428PreconditionRequired);
        if (tag != plan.Version) throw await StaleAsync(plan.Id, tag, request.HttpContext.User, db, cancel);
    }

    /// <summary>Of two changes at the same moment the slower is told what the faster did.</summary>
    public static RouteGroupBuilder TellWhatChanged(this RouteGroupBuilder group) => group.AddEndpointFilter(async (context, next) =>
    {
        try
        {
            return await next(context);
        }
        catch (DbUpdateConcurrencyException) when (Named(context.HttpContext.Request) is not null && Guid.TryParse(context.HttpContext.GetRouteValue("id") as string, out _))
        {
            var db = context.HttpContext.RequestServices.GetRequiredService<SchedulingDb>();
            db.ChangeTracker.Clear();
            throw await StaleAsync(Guid.Parse((string?)context.HttpContext.GetRouteValue("id") ?? ""), Named(context.HttpContext.Request) ?? 0, context.HttpContext.User, db, context.HttpContext.RequestAborted);
        }
    });

    private static async Task<RuleViolation> StaleAsync(Guid plan, int tag, ClaimsPrincipal person, SchedulingDb db, CancellationToken cancel)
    {
        var since = await db.Versions.AsNoTracking().Where(x => x.PlanId == plan && x.Tag > tag).OrderBy(x => x.Number).Take(50).Select(x => new { x.Number, x.Kind, x.By, x.At, x.Reason, x.Changed }).ToListAsync(cancel);
        var told = await Author.ForAsync(db, plan, person, cancel);
        return new RuleViolation("stale-write", "The plan was changed by somebody else meanwhile; read it again.", StatusCodes.Status412PreconditionFailed,
            since.ConvertAll(one => new Problem($"versions/{one.Number}", $"plan.changed-{one.Kind.ToString().ToLowerInvariant()}", one.At.ToString("u", CultureInfo.InvariantCulture) + (told.To(one.By, one.Changed) ? $" by {one.By?.ToString() ?? "the planner"}: {one.Reason}" : ""))));
    }

    private static int? Named(HttpRequest request) =>
        int.TryParse(request.Headers.IfMatch.ToString().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var tag) ? tag : null;
}
