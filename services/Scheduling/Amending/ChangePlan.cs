using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Comparing;
using Tutti.Scheduling.Holding;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Scheduling.Amending;

/// <summary>What every change by hand needs.</summary>
internal readonly record struct Desk(SchedulingDb Db, ClaimsPrincipal Person, HttpContext Http, PlanWorkerOptions Options, TimeProvider Time, CancellationToken Cancel);

/// <summary>
/// The one way in which people change placements: based on the latest version, checked at once, forced only with a reason, asked of the site it touches, and
/// kept as a new version. A published plan stays a promise as it was until it is published again.
/// </summary>
internal static class ChangePlan
{
    private const int MostReason = 1000;

    /// <summary>In place of the site of an instrument that belongs to none: only the user office decides for it.</summary>
    internal const string NoSite = "";

    /// <summary>A change made, asked of another site, or refused with all its conflicts.</summary>
    public static async Task<Results<Ok<Done>, Accepted<Asked>, NotFound, ProblemHttpResult>> HandleAsync(
        this Desk desk, Guid id, PlanVersionKind kind, string reason, bool force, Func<PlanSnapshot, PlacementCheck, IReadOnlyList<Placing>> propose, int? of = null, Guid? copy = null)
    {
        var plan = await desk.Db.Plans.Include(x => x.Entries).SingleOrDefaultAsync(x => x.Id == id, desk.Cancel);
        if (plan is null) return TypedResults.NotFound();
        desk.RequireOwnCopy(plan);
        await desk.Http.Request.RequireLatestAsync(plan, desk.Db, desk.Cancel);
        RequireReason(reason);
        var snapshot = await PlanSnapshot.LoadAsync(desk.Db, plan, desk.Cancel);
        var check = new PlacementCheck(snapshot, desk.Options.Travel, desk.Time.GetUtcNow());
        var placings = propose(snapshot, check);
        var judged = Judge(snapshot, check, placings, force);
        if (judged.IsRefused) return await RefusedAsync(desk, plan, judged.Conflicts);

        var touched = plan.CopyOf is null ? (await TouchedAsync(desk, plan, placings, judged)).ToLookup(site => MayDecide(desk.Person, site)) : null;
        List<string> others = [.. touched?[false] ?? []];
        if (others.Contains(NoSite)) throw RuleViolation.Forbidden("plan.other-site", "The change touches an instrument that belongs to no site: nobody there can be asked, and the user office makes it.");
        if (others.Count > 0)
        {
            var now = desk.Time.GetUtcNow();
            var request = new ChangeRequest
            {
                Id = Guid.CreateVersion7(now), PlanId = id, By = desk.Person.Id, At = now, Kind = kind, Reason = reason, Force = force, BasedOn = plan.Head, Of = of, CopyId = copy,
                Placings = placings, Conflicts = [.. judged.Conflicts.Select(one => one.Key)], Sites = others, OwnSites = [.. touched?[true] ?? []],
            };
            desk.Db.Add(request);
            desk.Db.Publish(new PlanChangeRequested { PlanId = id, RequestId = request.Id, RequestedBy = request.By, Sites = others, Experiments = [.. placings.Select(one => one.ExperimentId)], Reason = reason, RequestedAt = now }, desk.Time);
            await desk.Db.SaveChangesAsync(desk.Cancel);
            return TypedResults.Accepted($"/api/scheduling/plans/{id}/changes/{request.Id}", new Asked(request.Id, others));
        }
        var version = await MakeAsync(desk, snapshot, placings, judged, kind, desk.Person.Id, reason, of);
        if (copy is { } chosen) await PromoteCopy.CloseAsync(desk, chosen, desk.Person.Id);
        await desk.Db.SaveChangesAsync(desk.Cancel);
        desk.Http.Response.TellVersion(plan.Version);
        return TypedResults.Ok(new Done(version.Number, plan.Status, version.Objective, version.Forced));
    }

    /// <summary>What the placements break; refused where that cannot, or was not to be, forced.</summary>
    public static Judged Judge(PlanSnapshot snapshot, PlacementCheck check, IReadOnlyList<Placing> placings, bool force)
    {
        var before = snapshot.Plan.Entries.ToDictionary(entry => entry.ExperimentId);
        var problems = placings.Where(one => !before.ContainsKey(one.ExperimentId)).Select(one => new Problem("experimentId", "plan.experiment-unknown", $"The plan has no experiment {one.ExperimentId}.")).ToList();
        if (placings.Count == 0 || problems.Count > 0 || placings.DistinctBy(one => one.ExperimentId).Count() < placings.Count)
            throw RuleViolation.Invalid("plan.change-invalid", "Nothing of the plan is changed like this.", problems.Count > 0 ? problems : [new("experimentId", "plan.change-empty", "Name each experiment once, and something that changes.")]);
        var after = snapshot.Plan.Entries.ToDictionary(entry => entry.ExperimentId, entry => entry.CopyTo(snapshot.Plan.Id));
        foreach (var one in placings) after[one.ExperimentId].Put(one.InstrumentCode, one.Shifts, one.Lock, null);
        var conflicts = check.Find([.. after.Values], before, placings.Select(one => one.ExperimentId).ToHashSet());
        // A change makes the plan fit the world as it is now: what no longer does, though nobody touched it, has to be mended with it.
        if (snapshot.Plan.CopyOf is null && !snapshot.Plan.Inputs.StillHold(snapshot.Inputs))
            conflicts = [.. conflicts.Concat(check.Impossible([.. after.Values])).DistinctBy(conflict => conflict.Key)];
        return new Judged(conflicts, conflicts.Any(one => !one.Forceable) || (conflicts.Count > 0 && !force));
    }

    /// <summary>Makes a change that was judged: entries, cells, status and version in one unit of work.</summary>
    /// <param name="by">Who asked for it; whoever agreed stands in the request.</param>
    public static async Task<PlanVersion> MakeAsync(Desk desk, PlanSnapshot snapshot, IReadOnlyList<Placing> placings, Judged judged, PlanVersionKind kind, Guid by, string reason, int? of)
    {
        var (plan, now) = (snapshot.Plan, desk.Time.GetUtcNow());
        var forced = judged.Conflicts.SelectMany(one => one.Experiments).ToHashSet();
        plan.Keep([.. snapshot.Experiments.Select(one => one.Id), .. snapshot.Ran]);
        foreach (var one in placings)
            if (plan.Entries.Find(entry => entry.ExperimentId == one.ExperimentId) is not { } entry) throw new InvalidOperationException("A change of an experiment that is past changing was not refused.");
            else if (one.Shifts.Count > 0) entry.Put(one.InstrumentCode, one.Shifts, one.Lock, forced.Contains(one.ExperimentId) ? reason : null);
            else entry.Drop(one.Reasons is { Count: > 0 } why ? why : [new PlanRefusal { Code = Reasons.RemovedByHand, Text = reason }], one.Lock);
        plan.Amend(snapshot.Inputs, snapshot.Begun, by, reason, Guid.CreateVersion7(now), now);
        if (plan.CopyOf is null)
        {
            var waits = await HoldNeeds.AskAsync(desk.Db, plan, snapshot.Experiments.Select(one => one.Id).ToHashSet(), "The experiment was moved by hand.", desk.Time, desk.Cancel);
            if (!waits) plan.Complete(Guid.CreateVersion7(now), now);
        }
        var version = plan.Record(kind, by, reason, now, of, [.. judged.Conflicts.Select(one => one.Code).Distinct()], [.. placings.Select(one => one.ExperimentId)]);
        desk.Db.Add(version);
        return version;
    }

    /// <summary>The sites whose placements a change moves, or pushes against others; <see cref="NoSite"/> for instruments that belong to none.</summary>
    public static async Task<IReadOnlyList<string>> TouchedAsync(Desk desk, CallPlan plan, IReadOnlyList<Placing> placings, Judged judged)
    {
        var concerned = placings.Select(one => one.ExperimentId).Concat(judged.Conflicts.SelectMany(one => one.Experiments)).ToHashSet();
        // Where one is promised is touched too, not where one of the plan was merely granted.
        var planned = plan.Entries.Select(entry => entry.ExperimentId).ToList();
        var elsewhere = await desk.Db.Experiments.Where(x => concerned.Contains(x.Id) && (x.Status != ExperimentStatus.Granted || !planned.Contains(x.Id))).Select(x => x.InstrumentCode).ToListAsync(desk.Cancel);
        var codes = placings.Select(one => one.InstrumentCode).Concat(plan.Entries.Where(entry => concerned.Contains(entry.ExperimentId)).Select(entry => entry.InstrumentCode)).Concat(elsewhere).Distinct().ToList();
        return await desk.Db.Instruments.Where(x => codes.Contains(x.Code)).Select(x => x.SiteCode ?? NoSite).Distinct().OrderBy(site => site).ToListAsync(desk.Cancel);
    }

    /// <summary>All conflicts, each with the experiments concerned; who they are is told to those who may see them.</summary>
    public static async Task<ProblemHttpResult> RefusedAsync(Desk desk, CallPlan plan, IReadOnlyList<Conflict> conflicts)
    {
        var ids = conflicts.SelectMany(one => one.Experiments).Distinct().ToList();
        var codes = await desk.Db.Experiments.Where(x => ids.Contains(x.Id)).ToDictionaryAsync(x => x.Id, x => x.InstrumentCode, desk.Cancel);
        foreach (var entry in plan.Entries.Where(entry => codes.ContainsKey(entry.ExperimentId))) codes[entry.ExperimentId] = entry.InstrumentCode;
        var there = await desk.Db.Set<PlanEntry>().Where(x => x.PlanId == plan.Id && ids.Contains(x.ExperimentId)).SeenBy(desk.Person, desk.Db).Select(x => x.ExperimentId).ToListAsync(desk.Cancel);
        var known = await desk.Db.Experiments.Where(x => ids.Contains(x.Id)).SeenBy(desk.Person, desk.Db).Select(x => x.Id).ToListAsync(desk.Cancel);
        var told = known.Concat(there).ToList();
        var seen = await desk.Db.Experiments.Where(x => told.Contains(x.Id))
            .Select(x => new { x.Id, x.ProposalId, x.Title, LeaderId = desk.Db.Proposals.Where(proposal => proposal.Id == x.ProposalId).Select(proposal => proposal.LeaderId).FirstOrDefault() })
            .ToDictionaryAsync(x => x.Id, desk.Cancel);
        return TypedResults.Problem(
            "Placements that conflict can be forced only where every conflict allows it, with a reason.", statusCode: StatusCodes.Status409Conflict, title: "The change conflicts with the plan.",
            extensions: new Dictionary<string, object?>
            {
                ["code"] = conflicts.Any(one => !one.Forceable) ? "plan.impossible" : "plan.conflicts",
                ["conflicts"] = conflicts.Select(conflict => new ConflictTold(conflict.Code, PlacementCheck.Words(conflict.Code), conflict.Forceable, [.. conflict.Experiments.Select(id =>
                    seen.TryGetValue(id, out var one) ? new Concerned(id, codes.GetValueOrDefault(id), one.ProposalId, one.Title, one.LeaderId) : new Concerned(id, codes.GetValueOrDefault(id), null, null, null))])).ToList(),
            });
    }

    /// <summary>Staff decides for its site, the user office for all.</summary>
    public static bool MayDecide(ClaimsPrincipal person, string site) => person.Holds(Roles.UserOffice) || person.Holds(Roles.FacilityStaff, site);

    /// <summary>What somebody tries in a copy is theirs: others make a copy of their own.</summary>
    /// <exception cref="RuleViolation"><c>plan.copy-of-another</c></exception>
    public static void RequireOwnCopy(this Desk desk, CallPlan plan)
    {
        if (plan.CopyOf is not null && plan.RequestedBy != desk.Person.Id && !desk.Person.Holds(Roles.UserOffice))
            throw RuleViolation.Forbidden("plan.copy-of-another", "A copy is changed by who made it, and by the user office: make one of your own.");
    }

    /// <summary>Everything people do to a plan has a reason.</summary>
    public static void RequireReason(string reason)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MostReason)
            throw RuleViolation.Invalid("plan.reason", "Say why.", [new("reason", "plan.reason", $"1 to {MostReason} characters are needed.")]);
    }

    /// <summary>What the checker found.</summary>
    internal sealed record Judged(IReadOnlyList<Conflict> Conflicts, bool IsRefused);

    /// <summary>The version that the change made, how far the plan is, and the conflicts that were forced.</summary>
    public sealed record Done(int Version, CallPlanStatus Status, long Objective, IReadOnlyList<string> Forced)
    {
        /// <summary>Experiments that are not as in the version gone back to, because they are past changing.</summary>
        public IReadOnlyList<Guid> LeftOut { get; init; } = [];
    }

    /// <summary>The request, and the sites that were asked.</summary>
    public sealed record Asked(Guid RequestId, IReadOnlyList<string> Sites);

    /// <summary>A conflict.</summary>
    public sealed record ConflictTold(string Code, string Text, bool Forceable, IReadOnlyList<Concerned> Concerned);

    /// <summary>An experiment in a conflict; proposal, title and principal investigator for those who may see it.</summary>
    public sealed record Concerned(Guid ExperimentId, string? InstrumentCode, Guid? ProposalId, string? Title, Guid? LeaderId);
}
