using Microsoft.AspNetCore.Http.HttpResults;
using Tutti.Contracts.Proposals;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Proposals.Calls;

/// <summary>The user office announces a call; it opens and closes by time.</summary>
public static class AnnounceCall
{
    internal static void Map(RouteGroupBuilder group) => group.MapPost("/calls", Handle);

    internal static async Task<Created<Response>> Handle(Request request, ProposalsDb db, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var problems = Check(request, now);
        problems.AddRange(await CallTerms.CheckAsync(request.Terms, db, cancel));
        if (problems.Count > 0) throw RuleViolation.Invalid("call.invalid", "The call cannot be announced like this.", problems);
        var call = Call.Announce(Guid.CreateVersion7(now), request.Title.Trim(), request.OpensAt, request.ClosesAt, request.BoardFeasibilityRequired,
            request.PanelChairId, request.PanelMemberIds, request.BeamtimeFrom, request.BeamtimeTo, request.Terms);
        db.Add(call);
        db.Publish(Opened(call), time);
        db.Publish(new CallClosingDue { CallId = call.Id, ClosesAt = call.ClosesAt }, time, notBefore: call.ClosesAt);
        await db.SaveChangesAsync(cancel);
        return TypedResults.Created($"/api/proposals/calls/{call.Id}", new Response(call.Id));
    }

    /// <summary>The call as told to the other services.</summary>
    internal static CallOpened Opened(Call call) => new()
    {
        CallId = call.Id, Revision = call.Revision, Title = call.Title, OpensAt = call.OpensAt, ClosesAt = call.ClosesAt,
        BoardFeasibilityRequired = call.BoardFeasibilityRequired, PanelChairId = call.PanelChairId, PanelMemberIds = call.PanelMemberIds,
        BeamtimeFrom = call.BeamtimeFrom, BeamtimeTo = call.BeamtimeTo, Partners = call.Terms.Partners, Quotas = call.Terms.Quotas, SiteQuotas = call.Terms.SiteQuotas,
        RankMayBeInverted = call.Terms.RankMayBeInverted,
    };

    private static List<Problem> Check(Request request, DateTimeOffset now)
    {
        List<Problem> problems = [];
        if (string.IsNullOrWhiteSpace(request.Title) || request.Title.Length > ProposalText.MaxTitle)
            problems.Add(new("title", "call.title", $"A title of 1 to {ProposalText.MaxTitle} characters is needed."));
        if (request.ClosesAt <= request.OpensAt) problems.Add(new("closesAt", "call.dates", "It must close after it opens."));
        if (request.ClosesAt <= now) problems.Add(new("closesAt", "call.in-the-past", "It would be closed already."));
        if (request.BeamtimeFrom < request.ClosesAt) problems.Add(new("beamtimeFrom", "call.beamtime", "Beamtime starts after the call has closed."));
        if (request.BeamtimeTo <= request.BeamtimeFrom) problems.Add(new("beamtimeTo", "call.beamtime", "Beamtime must end after it starts."));
        if (request.BeamtimeTo - request.BeamtimeFrom > TimeSpan.FromDays(731)) problems.Add(new("beamtimeTo", "call.beamtime-too-long", "At most two years can be planned in one call."));
        if (request.PanelMemberIds.Count > 100) problems.Add(new("panelMemberIds", "call.panel", "A panel has at most 100 members."));
        return problems;
    }

    /// <summary>The call.</summary>
    public sealed record Request
    {
        /// <summary>Title.</summary>
        public required string Title { get; init; }

        /// <summary>First moment of submission.</summary>
        public required DateTimeOffset OpensAt { get; init; }

        /// <summary>Last moment of submission.</summary>
        public required DateTimeOffset ClosesAt { get; init; }

        /// <summary>Whether the advisory board judges every proposal.</summary>
        public bool BoardFeasibilityRequired { get; init; } = true;

        /// <summary>Chair of the panel.</summary>
        public required Guid PanelChairId { get; init; }

        /// <summary>The other members.</summary>
        public required IReadOnlyList<Guid> PanelMemberIds { get; init; }

        /// <summary>Start of the period in which shifts are placed.</summary>
        public required DateTimeOffset BeamtimeFrom { get; init; }

        /// <summary>End of that period.</summary>
        public required DateTimeOffset BeamtimeTo { get; init; }

        /// <summary>By what rules its shifts are shared out; null: by rank and calendars alone.</summary>
        public CallTerms? Terms { get; init; }
    }

    /// <summary>The new call.</summary>
    public sealed record Response(Guid Id);
}
