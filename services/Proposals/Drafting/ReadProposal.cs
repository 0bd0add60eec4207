using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Drafting;

/// <summary>Reads one proposal with its history and where each experiment stands. Who may not see it is told that it does not exist.</summary>
public static class ReadProposal
{
    internal static void Map(RouteGroupBuilder group) => group.MapGet("/{id:guid}", Handle);

    internal static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, ProposalsDb db, ClaimsPrincipal person, HttpResponse http, CancellationToken cancel)
    {
        var proposal = await db.Proposals.AsNoTracking().Include(x => x.Team).Include(x => x.History).SingleOrDefaultAsync(x => x.Id == id, cancel);
        if (proposal is null || !await Visibility.MaySeeAsync(proposal, person, db, cancel)) return TypedResults.NotFound();
        var lifecycle = await db.Lifecycles.AsNoTracking().SingleOrDefaultAsync(x => x.CorrelationId == id, cancel);
        var ids = proposal.Team.ConvertAll(member => member.PersonId);
        var names = await db.People.Where(known => ids.Contains(known.Id)).ToDictionaryAsync(known => known.Id, known => known.Name, cancel);
        http.TellVersion(proposal.Version);
        var text = proposal.TextFor(person.Id);
        return TypedResults.Ok(new Response
        {
            Id = proposal.Id, CallId = proposal.CallId, Status = proposal.Status, Submission = proposal.Submission, SubmittedAt = proposal.SubmittedAt, Text = text,
            Team = proposal.Team.ConvertAll(member => new TeamEntry(member.PersonId, names.GetValueOrDefault(member.PersonId, ""), member.Leads)),
            Experiments = [.. text.Experiments.Select(experiment => new ExperimentEntry(experiment.Id, lifecycle?.Facts.StatusOf(experiment.Id) ?? "requested"))],
            RevisionReasons = lifecycle?.Facts.RevisionReasons(proposal.Submission) ?? [],
            History = [.. proposal.History.OrderBy(change => change.Number).Select(change => new HistoryEntry(change.From, change.To, change.At, change.By, change.Reason))],
            Report = proposal.Report,
        });
    }

    /// <summary>A proposal.</summary>
    public sealed record Response
    {
        /// <summary>Id.</summary>
        public required Guid Id { get; init; }

        /// <summary>The call.</summary>
        public required Guid CallId { get; init; }

        /// <summary>Where it stands.</summary>
        public required ProposalStatus Status { get; init; }

        /// <summary>How often it was submitted.</summary>
        public required int Submission { get; init; }

        /// <summary>When the latest submission was acknowledged.</summary>
        public required DateTimeOffset? SubmittedAt { get; init; }

        /// <summary>The text.</summary>
        public required ProposalText Text { get; init; }

        /// <summary>The team.</summary>
        public required IReadOnlyList<TeamEntry> Team { get; init; }

        /// <summary>Where each experiment stands.</summary>
        public required IReadOnlyList<ExperimentEntry> Experiments { get; init; }

        /// <summary>What staff or board want changed in the present submission.</summary>
        public required IReadOnlyList<string> RevisionReasons { get; init; }

        /// <summary>Every status it had.</summary>
        public required IReadOnlyList<HistoryEntry> History { get; init; }

        /// <summary>The team's report.</summary>
        public required string? Report { get; init; }
    }

    /// <summary>A team member.</summary>
    public sealed record TeamEntry(Guid PersonId, string Name, bool Leads);

    /// <summary>An experiment's status.</summary>
    public sealed record ExperimentEntry(Guid Id, string Status);

    /// <summary>A change of status.</summary>
    public sealed record HistoryEntry(ProposalStatus From, ProposalStatus To, DateTimeOffset At, Guid? By, string? Reason);
}
