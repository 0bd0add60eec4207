using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Proposals;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

public sealed class What_other_services_say(ReductionHost host) : IClassFixture<ReductionHost>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leads_to_the_same_knowledge_twice_and_in_reverse(bool reverse)
    {
        Guid proposal = Guid.CreateVersion7(), kept = Guid.CreateVersion7(), dropped = Guid.CreateVersion7(), added = Guid.CreateVersion7();
        var code = $"instrument-{proposal:N}";
        List<object> story =
        [
            Instrument(code, "bnc"),
            Accepted(proposal, 1, [Maria, Stranger], (kept, "bnc-psd"), (dropped, "bnc-psd")),
            Accepted(proposal, 2, [Maria, Luka], (kept, code), (added, "bnc-psd")),
            Instrument(code, "elettra", revision: 2),
            Accepted(proposal, 3, [Maria, Luka], (kept, code)),
            new ProposalWithdrawn { ProposalId = proposal, CallId = proposal, Revision = 4, WithdrawnAt = host.Time.GetUtcNow(), Reason = "" },
        ];
        if (reverse) story.Reverse();
        foreach (var said in story)
        {
            var id = Guid.CreateVersion7();
            await host.HearAsync(said, id);
            await host.HearAsync(said, id);
        }
        foreach (var said in story) await host.HearAsync(said);
        var known = await host.ReadAsync(db => db.Proposals.AsNoTracking().Include(x => x.Team).SingleAsync(x => x.Id == proposal));
        Assert.Equal((3, true), (known.Revision, known.Withdrawn));
        Assert.Equal(new[] { Maria.Id, Luka.Id }.Order(), known.Team.Select(member => member.PersonId).Order());
        var experiments = await host.ReadAsync(db => db.Experiments.AsNoTracking().Where(x => x.ProposalId == proposal).ToDictionaryAsync(x => x.Id, x => (x.Revision, x.InstrumentCode)));
        Assert.Equal(((3, code), (1, "bnc-psd"), (2, "bnc-psd")), (experiments[kept], experiments[dropped], experiments[added]));
        Assert.Equal("elettra", (await host.ReadAsync(db => db.Instruments.AsNoTracking().SingleAsync(x => x.Code == code))).SiteCode);
    }
}
