using Tutti.ServiceDefaults;

namespace Tutti.Review.Ranking;

/// <summary>A proposal that is to be ranked, and whether the chair is in conflict with it.</summary>
public sealed record Candidate(Guid Id, double Grade, DateTimeOffset SubmittedAt, bool InConflict);

/// <summary>
/// Puts the evaluated proposals of a call in the order that the chair wishes. By default they are ordered by mean grade and, among equal
/// grades, by the time of submission. The chair orders freely, ties included, but does not move a proposal that they are in conflict with: it
/// has the place that its grade gives it (among equal grades, any of theirs). They need not even name it; then it is put there.
/// </summary>
public static class RankingOrder
{
    /// <summary>The default: by grade.</summary>
    public static IReadOnlyList<Candidate> ByGrade(IEnumerable<Candidate> candidates) =>
        [.. candidates.OrderByDescending(candidate => candidate.Grade).ThenBy(candidate => candidate.SubmittedAt).ThenBy(candidate => candidate.Id)];

    /// <summary>The whole order, best first; what is wrong with the wish is added to the problems.</summary>
    public static IReadOnlyList<Candidate> Arrange(IReadOnlyList<Guid> wished, IReadOnlyCollection<Candidate> candidates, List<Problem> problems)
    {
        var byGrade = ByGrade(candidates);
        if (wished.Count == 0) return byGrade;
        var known = candidates.ToDictionary(candidate => candidate.Id);
        foreach (var (index, id) in wished.Index().Where(line => !known.ContainsKey(line.Item)))
            problems.Add(new($"proposalIds[{index}]", "ranking.unknown", $"No evaluated proposal of this call has the id {id}."));
        foreach (var (id, times) in wished.CountBy(id => id).Where(line => line.Value > 1))
            problems.Add(new("proposalIds", "ranking.twice", $"The proposal {id} is named {times} times."));
        foreach (var missing in byGrade.Where(candidate => !candidate.InConflict && !wished.Contains(candidate.Id)))
            problems.Add(new("proposalIds", "ranking.missing", $"The proposal {missing.Id} is evaluated and has no place."));
        if (problems.Count > 0) return byGrade;
        var free = new Queue<Candidate>(wished.Select(id => known[id]));
        List<Candidate> order = [.. byGrade.Select(candidate => candidate.InConflict && !wished.Contains(candidate.Id) ? candidate : free.Dequeue())];
        foreach (var (place, candidate) in order.Index().Where(line => line.Item.InConflict))
        {
            var better = candidates.Count(other => other.Grade > candidate.Grade);
            var equal = candidates.Count(other => other.Grade == candidate.Grade);
            if (place < better || place >= better + equal)
                problems.Add(new("proposalIds", "ranking.conflict", $"You are in conflict with the proposal {candidate.Id}: it keeps the place that its grade gives it."));
        }
        return order;
    }
}
