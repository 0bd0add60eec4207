using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Scheduling;
using Tutti.ServiceDefaults;

namespace Tutti.Scheduling.Measuring;

/// <summary>Teams see the shifts, cells and equipment of their experiments, staff those at their site, the user office all.</summary>
public static class ListExperiments
{
    private const int PageSize = 100;

    internal static void Map(RouteGroupBuilder group) => group.MapGet("/experiments", Handle);

    internal static async Task<Ok<List<Response>>> Handle(SchedulingDb db, ClaimsPrincipal person, CancellationToken cancel, Guid? proposal = null, int page = 1)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
        var experiments = await db.Experiments.AsNoTracking().Include(x => x.History).SeenBy(person, db).Where(x => proposal == null || x.ProposalId == proposal)
            .OrderBy(x => x.From).ThenBy(x => x.Id).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync(cancel);
        return TypedResults.Ok(experiments.ConvertAll(x => new Response(x.Id, x.ProposalId, x.Title, x.InstrumentCode, x.Status, x.Shifts, x.From, x.To, x.PlacedShifts, x.CellDesignCode, x.CellCode, x.Equipment, x.HeldEquipment,
            x.StartedAt, x.FinishedAt, x.ShiftsUsed,
            [.. x.History.OrderBy(change => change.Id).Select(change => new Change(change.Before, change.After, change.At, change.By, change.Reason, change.Shifts, change.CellCode, change.Equipment))])));
    }

    /// <summary>An experiment with its promised shifts, in UTC and as the site calls them.</summary>
    public sealed record Response(
        Guid Id, Guid ProposalId, string Title, string InstrumentCode, ExperimentStatus Status, int GrantedShifts, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<PlacedShift> Shifts,
        string? CellDesignCode, string? CellCode, IReadOnlyList<string> Equipment, IReadOnlyList<HeldEquipment> HeldEquipment, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int? ShiftsUsed, IReadOnlyList<Change> History);

    /// <summary>A line of its history.</summary>
    public sealed record Change(ExperimentStatus From, ExperimentStatus To, DateTimeOffset At, Guid? By, string? Reason, IReadOnlyList<PlacedShift> Shifts, string? CellCode, IReadOnlyList<HeldEquipment> Equipment);
}
