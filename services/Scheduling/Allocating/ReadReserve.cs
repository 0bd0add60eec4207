using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Asking;

namespace Tutti.Scheduling.Allocating;

/// <summary>
/// Planners read the reserve list, as the planner made it when it last went over the plan: proposals without a place, by rank, with those whose giving back makes room for them, and where they would then run.
/// Whoever has got a place since, or is no longer in the plan, is not on it. Of proposals that the reader may not see only the number is told, and that they keep their ranks.
/// </summary>
public static class ReadReserve
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/plans/{id:guid}/reserve", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel)
    {
        if (!await db.Plans.AnyAsync(x => x.Id == id, cancel)) return TypedResults.NotFound();
        if (await db.LatestAnswerAsync(id, cancel) is not var (run, plan)) return TypedResults.Ok(new Response(null, 0, []));
        var entries = await db.Set<PlanEntry>().AsNoTracking().Where(x => x.PlanId == id).Select(x => new { x.ExperimentId, x.ProposalId, x.Required, Placed = x.From != null }).ToListAsync(cancel);
        var without = entries.Where(entry => entry is { Required: true, Placed: false }).Select(entry => entry.ProposalId).ToHashSet();
        var waiting = plan.Reserve.Where(one => without.Contains(one.ProposalId)).OrderBy(one => one.Rank).Select((one, before) => one with { Rank = 1 + before }).ToList();

        var visible = await db.Set<PlanEntry>().AsNoTracking().Where(x => x.PlanId == id).SeenBy(person, db)
            .Select(x => new { x.ExperimentId, x.ProposalId, Title = db.Proposals.Where(proposal => proposal.Id == x.ProposalId).Select(proposal => proposal.Title).FirstOrDefault() }).ToListAsync(cancel);
        var (experiments, titles) = (visible.Select(one => one.ExperimentId).ToHashSet(), visible.DistinctBy(one => one.ProposalId).ToDictionary(one => one.ProposalId, one => one.Title ?? ""));
        var told = waiting.FindAll(one => titles.ContainsKey(one.ProposalId));
        if (told.Count == 0) return TypedResults.Ok(new Response(run.StartedAt, waiting.Count, []));

        var whole = Blocks.WholeOf(entries.Select(entry => entry.ExperimentId));
        var problem = Compressed.Read<PlanningProblem>(run.Input);
        var instruments = problem.Instruments.ToDictionary(one => one.Id);
        return TypedResults.Ok(new Response(run.StartedAt, waiting.Count, [.. told.Select(one =>
            new Waiting(one.Rank, one.ProposalId, titles[one.ProposalId], one.Score, [.. one.InsteadOf.Select(Concerned)], [.. Places(one.Placements)]))]));

        Alternative Concerned(IReadOnlyList<Guid> proposals) => new(proposals.Count, [.. proposals.Where(titles.ContainsKey).Select(proposal => new Other(proposal, titles[proposal]))]);

        IEnumerable<Place> Places(IReadOnlyList<Placement> placements) =>
            from placement in placements
            where whole.TryGetValue(placement.ExperimentId, out var experiment) && experiments.Contains(experiment)
            group placement by (Experiment: whole[placement.ExperimentId], placement.Instrument) into place
            select new Place(place.Key.Experiment, place.Key.Instrument, [.. place.SelectMany(block => block.Shifts).Select(shift => instruments[place.Key.Instrument].OpenShifts[shift])
                .Select(shift => new PlannedShift(problem.Grid.InstantAt(shift.Start), problem.Grid.InstantAt(shift.End)))]);
    }

    /// <summary>How many wait, and those of them that the reader may see, by rank; and when the planner said so; null: it has not gone over the plan yet.</summary>
    public sealed record Response(DateTimeOffset? At, int Count, IReadOnlyList<Waiting> Proposals);

    /// <summary>A proposal on the reserve list; it has a place when any of the alternatives is given back, for the first of them these.</summary>
    /// <param name="Score">The grade as the planner takes it: 1 and its tenths.</param>
    /// <param name="Places">Of the experiments that it requires, those that the reader may see; in order of time.</param>
    public sealed record Waiting(int Rank, Guid ProposalId, string ProposalTitle, int Score, IReadOnlyList<Alternative> InsteadOf, IReadOnlyList<Place> Places);

    /// <summary>How many proposals have to give all their shifts back, and those of them that the reader may see.</summary>
    public sealed record Alternative(int Count, IReadOnlyList<Other> Seen);

    /// <summary>Another proposal.</summary>
    public sealed record Other(Guid ProposalId, string ProposalTitle);

    /// <summary>Where an experiment would run.</summary>
    public sealed record Place(Guid ExperimentId, string InstrumentCode, IReadOnlyList<PlannedShift> Shifts);

    /// <summary>[Start, End), in UTC.</summary>
    public sealed record PlannedShift(DateTimeOffset Start, DateTimeOffset End);
}
