using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Comparing;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Amending;

/// <summary>Staff of a site agrees to, or refuses, a change that somebody elsewhere asked for; the user office may decide for every site.</summary>
public static class DecideChange
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/plans/{id:guid}/changes", ListAsync);
        group.MapPost("/plans/{id:guid}/changes/{requestId:guid}/agreement", (Guid id, Guid requestId, Request request, [AsParameters] Desk desk) => Handle(id, requestId, true, request, desk));
        group.MapPost("/plans/{id:guid}/changes/{requestId:guid}/refusal", (Guid id, Guid requestId, Request request, [AsParameters] Desk desk) => Handle(id, requestId, false, request, desk));
    }

    internal static async Task<Results<Ok<Response>, NotFound, ProblemHttpResult>> Handle(Guid id, Guid requestId, bool agrees, Request request, Desk desk)
    {
        var now = desk.Time.GetUtcNow();
        var asked = await desk.Db.Changes.SingleOrDefaultAsync(x => x.Id == requestId && x.PlanId == id, desk.Cancel);
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (asked is null || plan is null) return TypedResults.NotFound();
        var sites = asked.Sites.Where(site => ChangePlan.MayDecide(desk.Person, site)).ToList();
        if (sites.Count == 0) throw RuleViolation.Forbidden("plan.other-site", "Only its own staff and the user office decide for a site.");
        ChangePlan.RequireReason(request.Reason);
        if (!agrees) asked.Refuse(desk.Person.Id, request.Reason, now);
        else if (asked.Agree(sites, desk.Person.Id, request.Reason, now))
        {
            // The world may have moved on since it was asked: it is judged again, on the plan as it is now.
            var basis = (await desk.Db.Versions.AsNoTracking().SingleAsync(x => x.PlanId == id && x.Number == asked.BasedOn, desk.Cancel)).Lines.ToDictionary(line => line.ExperimentId);
            if (plan.Entries.Exists(entry => asked.Placings.Any(one => one.ExperimentId == entry.ExperimentId) && !(basis.TryGetValue(entry.ExperimentId, out var line) && entry.IsAt(line.InstrumentCode, line.Shifts))))
                throw new RuleViolation("change.outdated", "Meanwhile somebody has moved what the change is about: refuse it, and ask anew.");
            var snapshot = await PlanSnapshot.LoadAsync(desk.Db, plan, desk.Cancel);
            var judged = ChangePlan.Judge(snapshot, new PlacementCheck(snapshot, desk.Options.Travel, now), asked.Placings, asked.Force);
            if (judged.IsRefused || judged.Conflicts.Any(one => !asked.Conflicts.Contains(one.Key))) return await ChangePlan.RefusedAsync(desk, plan, judged.Conflicts);
            if ((await ChangePlan.TouchedAsync(desk, plan, asked.Placings, judged)).Except(asked.Sites).Any(site => !ChangePlan.MayDecide(desk.Person, site) && !WasOwn(site)))
                throw new RuleViolation("change.touches-more", "Meanwhile the change touches a site that was not asked: ask anew.");
            await ChangePlan.MakeAsync(desk, snapshot, asked.Placings, judged, asked.Kind, asked.By, asked.Reason, asked.Of);
            if (asked.CopyId is { } copy) await PromoteCopy.CloseAsync(desk, copy, asked.By);
            asked.Make();
        }
        if (asked.Status != ChangeRequestStatus.Asked)
            desk.Db.Publish(new PlanChangeDecided { PlanId = id, RequestId = asked.Id, RequestedBy = asked.By, Made = asked.Status == ChangeRequestStatus.Made, Reason = request.Reason, DecidedAt = now }, desk.Time);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        desk.Http.Response.TellVersion(plan.Version);
        return TypedResults.Ok(new Response(asked.Status, plan.Head));

        bool WasOwn(string site) => asked.OwnSites.Contains(site);
    }

    private static async Task<Results<Ok<List<Line>>, NotFound>> ListAsync(Guid id, [AsParameters] Desk desk, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        if (!await desk.Db.Plans.AnyAsync(x => x.Id == id, desk.Cancel)) return TypedResults.NotFound();
        var (person, me) = (desk.Person, desk.Person.Id);
        var own = new List<ChangeRequest>();
        await foreach (var one in desk.Db.Changes.AsNoTracking().Where(x => x.PlanId == id).OrderByDescending(x => x.At).ThenBy(x => x.Id).AsAsyncEnumerable().WithCancellation(desk.Cancel))
        {
            if (one.By == me || one.Sites.Any(site => ChangePlan.MayDecide(person, site))) own.Add(one);
            if (own.Count == page * PageSize) break;
        }
        return TypedResults.Ok(own.Skip((page - 1) * PageSize).Select(one => new Line(one.Id, one.Kind, one.By, one.At, one.Reason, one.Force, one.BasedOn, one.Placings, one.Sites, one.Agreed, one.Status, one.DecidedBy, one.DecidedAt, one.Answer)).ToList());
    }

    /// <summary>What they say.</summary>
    public sealed record Request
    {
        /// <summary>Why.</summary>
        public required string Reason { get; init; }
    }

    /// <summary>What became of it, and the plan's latest version.</summary>
    public sealed record Response(ChangeRequestStatus Status, int Version);

    /// <summary>A request that the reader made or may decide.</summary>
    public sealed record Line(
        Guid Id, PlanVersionKind Kind, Guid By, DateTimeOffset At, string Reason, bool Force, int BasedOn, IReadOnlyList<Placing> Placings, IReadOnlyList<string> Sites, IReadOnlyList<string> Agreed,
        ChangeRequestStatus Status, Guid? DecidedBy, DateTimeOffset? DecidedAt, string? Answer);
}
