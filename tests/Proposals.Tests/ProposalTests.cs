using FsCheck;
using FsCheck.Fluent;
using Tutti.ServiceDefaults;

namespace Tutti.Proposals.Tests;

[Trait("engine", "any")]
public sealed class A_proposal
{
    private static readonly DateTimeOffset now = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Starts_as_a_draft_led_by_its_author()
    {
        var author = Guid.CreateVersion7();
        var proposal = Proposal.Draft(Guid.CreateVersion7(), Guid.CreateVersion7(), author, now);
        Assert.Equal(ProposalStatus.Draft, proposal.Status);
        Assert.True(Assert.Single(proposal.Team, member => member.PersonId == author).Leads);
    }

    [Fact]
    public void Keeps_its_leader_whatever_team_is_written()
    {
        var author = Guid.CreateVersion7();
        var proposal = Proposal.Draft(Guid.CreateVersion7(), Guid.CreateVersion7(), author, now);
        var colleague = Guid.CreateVersion7();
        proposal.Write(ProposalText.Empty, [colleague, author], now);
        Assert.Equal(2, proposal.Team.Count);
        proposal.Write(ProposalText.Empty, [], now);
        Assert.Equal(author, Assert.Single(proposal.Team).PersonId);
    }

    [Fact]
    public void Goes_the_whole_way_of_the_workflow()
    {
        var proposal = Proposal.Draft(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), now);
        ProposalAction[] way =
        [
            ProposalAction.Submit, ProposalAction.AskForFeasibility, ProposalAction.RequestRevision, ProposalAction.Submit, ProposalAction.AskForFeasibility, ProposalAction.StartEvaluation,
            ProposalAction.Rank, ProposalAction.PlaceOnReserve, ProposalAction.Accept, ProposalAction.Plan, ProposalAction.Start, ProposalAction.Finish, ProposalAction.Report, ProposalAction.Close,
        ];
        foreach (var action in way) proposal.Do(action, null, null, Guid.CreateVersion7(), now);
        Assert.Equal(ProposalStatus.Closed, proposal.Status);
        Assert.Equal(way.Length, proposal.History.Count);
    }

    [Fact]
    public void Can_be_withdrawn_before_it_is_measured_and_never_after()
    {
        ProposalStatus[] tooLate = [ProposalStatus.Measured, ProposalStatus.Reported, ProposalStatus.Closed, ProposalStatus.Rejected, ProposalStatus.Withdrawn];
        foreach (var status in Enum.GetValues<ProposalStatus>())
            Assert.Equal(!tooLate.Contains(status), Proposal.After(status, ProposalAction.Withdraw) == ProposalStatus.Withdrawn);
    }

    /// <summary>Whatever is tried in whatever order: the history is a chain without a gap, and what is refused changes nothing.</summary>
    [Fact]
    public void Has_a_history_without_gaps_whatever_is_tried() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ProposalAction[]>(), actions =>
        {
            var proposal = Proposal.Draft(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), now);
            foreach (var action in actions)
            {
                var (before, changes) = (proposal.Status, proposal.History.Count);
                try
                {
                    proposal.Do(action, null, null, Guid.CreateVersion7(), now);
                    Assert.Equal((before, proposal.Status), (proposal.History[^1].From, proposal.History[^1].To));
                }
                catch (RuleViolation refused)
                {
                    Assert.Equal("proposal.wrong-status", refused.Code);
                    Assert.Equal((before, changes), (proposal.Status, proposal.History.Count));
                }
            }
            Assert.Equal(proposal.Status, proposal.History.Count == 0 ? ProposalStatus.Draft : proposal.History[^1].To);
            foreach (var (earlier, later) in proposal.History.Zip(proposal.History.Skip(1))) Assert.Equal(earlier.To, later.From);
        }).QuickCheckThrowOnFailure();
}
