using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Knowing;
using Tutti.Scheduling.Planning;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// Planners read what would help experiments without a place, as the planner said when it last went over the plan: rules that keep them out, a smaller grant, other instruments of the technique, and what placing
/// them by force would displace. Of experiments that the reader may not see only the number is told.
/// </summary>
public static class ReadExplanations
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/plans/{id:guid}/explanations", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        if (!await db.Plans.AnyAsync(x => x.Id == id, cancel)) return TypedResults.NotFound();
        if (await db.LatestAnswerAsync(id, cancel) is not var (run, plan)) return TypedResults.Ok(new Response(null, []));
        var seen = await db.Set<PlanEntry>().AsNoTracking().Where(x => x.PlanId == id).SeenBy(person, db)
            .Select(x => new { x.ExperimentId, x.ProposalId, x.InstrumentCode, x.Reasons, Placed = x.From != null, Title = db.Proposals.Where(proposal => proposal.Id == x.ProposalId).Select(proposal => proposal.Title).FirstOrDefault() })
            .ToDictionaryAsync(x => x.ExperimentId, cancel);
        var all = await db.Set<PlanEntry>().Where(x => x.PlanId == id).Select(x => new { x.ExperimentId, x.ProposalId, Waits = x.Required && x.From == null }).ToListAsync(cancel);
        var whole = Blocks.WholeOf(all.Select(one => one.ExperimentId));
        // Whoever has got a place since, or is no longer in the plan, is no question any more.
        var undecided = all.Where(one => one.Waits && plan.RankOpen?.Contains(one.ProposalId) == true).Select(one => one.ProposalId).ToHashSet();
        // Only those that are still to be had.
        var codes = plan.Help.SelectMany(help => help.OtherInstruments).Distinct().ToList();
        var others = codes.Count == 0 ? [] : await db.Instruments.AsNoTracking().Where(x => codes.Contains(x.Code) && x.InScheme && x.RetiredAtRevision <= x.Revision).ToDictionaryAsync(x => x.Code, cancel);
        return TypedResults.Ok(new Response(run.StartedAt, [.. from help in plan.Help
                                                               let experiment = whole.GetValueOrDefault(help.ExperimentId, help.ExperimentId)
                                                               where seen.TryGetValue(experiment, out var entry) && !entry.Placed
                                                               let entry = seen[experiment]
                                                               orderby entry.InstrumentCode, experiment
                                                               select new Explanation(experiment, entry.ProposalId, entry.Title ?? "", entry.InstrumentCode, [.. help.Relax.Select(code => Reasons.Of(code == UnplacedReasons.TimeForbidden ? Reasons.ForbiddenByDesk : code))], help.SmallerGrant,
                                                                   help.Impossible && !help.Relax.Contains(UnplacedReasons.TimeForbidden) && !entry.Reasons.Any(reason => Reasons.IsOfPeople(reason.Code)),
                                                                   help.Forced is { } way ? new Forced(way.Cost, way.CostAtLeast, way.Proven, Told(way.Displaced), Told(way.Moved), Told(way.Added)) : null,
                                                                   [.. help.OtherInstruments.Where(others.ContainsKey).Select(code => OtherInstrument.Of(others[code]))])])
        {
            RankOpen = undecided.Count > 0 ? new(undecided.Count, [.. seen.Values.Where(entry => undecided.Contains(entry.ProposalId)).DistinctBy(entry => entry.ProposalId).Select(entry => new OpenProposal(entry.ProposalId, entry.Title ?? "")).OrderBy(one => one.ProposalId)]) : null,
        });

        Concerned Told(IReadOnlyList<Guid> parts)
        {
            var experiments = parts.Select(part => whole.GetValueOrDefault(part, part)).Distinct().ToList();
            return new(experiments.Count, [.. experiments.Where(seen.ContainsKey).Select(one => new Other(one, seen[one].ProposalId, seen[one].Title ?? "", seen[one].InstrumentCode)).OrderBy(one => one.InstrumentCode).ThenBy(one => one.ExperimentId)]);
        }
    }

    /// <summary>What would help, and when the planner said so; null: it has not gone over the plan yet.</summary>
    public sealed record Response(DateTimeOffset? At, IReadOnlyList<Explanation> Explanations)
    {
        /// <summary>Where rank may not be inverted and the time did not suffice: who has no place, and of whom it is not known whether lower ranked ones keep them out; null: it is known of all.</summary>
        public Undecided? RankOpen { get; init; }
    }

    /// <summary>How many proposals, and those of them that the reader may see.</summary>
    public sealed record Undecided(int Count, IReadOnlyList<OpenProposal> Seen);

    /// <summary>A proposal.</summary>
    public sealed record OpenProposal(Guid ProposalId, string ProposalTitle);

    /// <summary>What would give an experiment a place: rules of which each alone keeps out its proposal, and so many shifts instead of those granted.</summary>
    public sealed record Explanation(
        Guid ExperimentId, Guid ProposalId, string ProposalTitle, string InstrumentCode, IReadOnlyList<PlanRefusal> Relax, int? SmallerGrant, bool Impossible, Forced? Forced,
        IReadOnlyList<OtherInstrument> OtherInstruments);

    /// <summary>Another instrument, at any site, on which it would have a place as things stand; it was not judged feasible there, so this is advice.</summary>
    public sealed record OtherInstrument(string InstrumentCode, string Name, string? SiteCode, string Text)
    {
        internal static OtherInstrument Of(KnownInstrument known) =>
            new(known.Code, known.Name, known.SiteCode, $"As things stand there is a place for it on {known.Name} ({known.SiteCode}), which has the same technique, if it is judged feasible there.");
    }

    /// <summary>Placing it by force: what the plan would be worth less (at most, and at least; proven where both are the same), and whose places would differ.</summary>
    public sealed record Forced(long Cost, long CostAtLeast, bool Proven, Concerned Displaced, Concerned Moved, Concerned Added);

    /// <summary>How many experiments, and those of them that the reader may see.</summary>
    public sealed record Concerned(int Count, IReadOnlyList<Other> Seen);

    /// <summary>Another experiment.</summary>
    public sealed record Other(Guid ExperimentId, Guid ProposalId, string ProposalTitle, string InstrumentCode);
}
