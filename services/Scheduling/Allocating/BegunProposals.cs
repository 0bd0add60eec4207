using Microsoft.EntityFrameworkCore;

namespace Tutti.Scheduling.Allocating;

/// <summary>Proposals of which something is promised already: the rest may be placed or not, each for itself.</summary>
internal static class BegunProposals
{
    /// <summary>Experiments of which <see cref="Experiment.HoldsShifts"/> is true.</summary>
    public static IQueryable<Experiment> HoldingShifts(this IQueryable<Experiment> experiments) =>
        experiments.Where(x => x.Status == ExperimentStatus.Scheduled || x.Status == ExperimentStatus.Running || x.Status == ExperimentStatus.Done);

    public static async Task<HashSet<Guid>> BegunAsync(this SchedulingDb db, IEnumerable<Guid> proposals, CancellationToken cancel)
    {
        var asked = proposals.Distinct().ToList();
        return await db.Experiments.HoldingShifts().Where(x => asked.Contains(x.ProposalId))
            .Select(x => x.ProposalId).Distinct().ToHashSetAsync(cancel);
    }
}
