using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tutti.Contracts.Identity;
using Tutti.Contracts.Proposals;
using Tutti.Proposals.Calls;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Proposals.Tests;

public sealed class A_call(ProposalsHost host) : IClassFixture<ProposalsHost>
{
    private async Task<HttpResponseMessage> AnnounceAsync(object? terms, Person? by = null)
    {
        var now = host.Time.GetUtcNow();
        return await host.As(by ?? ProposalsHost.Office).PostAsJsonAsync("/api/proposals/calls", new
        {
            title = "Autumn call", opensAt = now.AddDays(-1), closesAt = now.AddDays(30), boardFeasibilityRequired = false, panelChairId = ProposalsHost.Office.Id, panelMemberIds = Array.Empty<Guid>(),
            beamtimeFrom = now.AddDays(60), beamtimeTo = now.AddDays(200), terms,
        }, Json.Strict);
    }

    private static async Task<Guid> IdAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<AnnounceCall.Response>(Json.Strict) ?? throw new JsonException("null")).Id;
    }

    private async Task<CallOpened> ToldAsync(Guid call) => Assert.Single(await host.SaidAsync<CallOpened>(), one => one.CallId == call);

    [Fact]
    public async Task Says_what_its_partners_get_what_its_instruments_give_and_whether_rank_may_be_inverted()
    {
        var call = await IdAsync(await AnnounceAsync(new
        {
            partners = new object[] { new { country = "SI", minShifts = 12 }, new { partner = "bnc", maxShifts = 30 } },
            quotas = new[] { new { instrumentCode = "elettra-xafs", shifts = 90 } }, rankMayBeInverted = false,
        }));
        var told = await ToldAsync(call);
        Assert.Equal([new PartnerGuarantee { Country = "SI", MinShifts = 12 }, new PartnerGuarantee { Partner = "bnc", MaxShifts = 30 }], told.Partners);
        Assert.Equal([new InstrumentQuota { InstrumentCode = "elettra-xafs", Shifts = 90 }], told.Quotas);
        Assert.False(told.RankMayBeInverted);
        var read = await host.As(ProposalsHost.Maria).GetFromJsonAsync<ListCalls.Response>($"/api/proposals/calls/{call}", Json.Strict) ?? throw new JsonException("null");
        Assert.Equal((told.Partners, told.Quotas, false), (read.Terms.Partners, read.Terms.Quotas, read.Terms.RankMayBeInverted), Same);

        static bool Same((IReadOnlyList<PartnerGuarantee>? Partners, IReadOnlyList<InstrumentQuota>? Quotas, bool) one, (IReadOnlyList<PartnerGuarantee>? Partners, IReadOnlyList<InstrumentQuota>? Quotas, bool) other) =>
            (one.Partners ?? []).SequenceEqual(other.Partners ?? []) && (one.Quotas ?? []).SequenceEqual(other.Quotas ?? []) && one.Item3 == other.Item3;
    }

    [Fact]
    public async Task Without_terms_limits_nothing_and_lets_the_best_sum_decide()
    {
        var told = await ToldAsync(await IdAsync(await AnnounceAsync(null)));
        Assert.Equal((0, 0, true), (told.Partners?.Count, told.Quotas?.Count, told.RankMayBeInverted));
    }

    [Fact]
    public async Task Is_not_announced_with_terms_that_make_no_sense_and_all_of_them_are_named()
    {
        Assert.Equal(["call.partner", "call.partner", "call.partner", "call.partner-shifts", "call.partner-twice", "call.quota-twice", "call.quota-instrument", "call.quota-shifts", "call.quota-shifts"],
            await Assert.RefusedAsync(await AnnounceAsync(new
            {
                partners = new object[] { new { country = "si" }, new { country = "SI", partner = "ki" }, new { }, new { country = "IT", minShifts = 3, maxShifts = 2 }, new { country = "IT" } },
                quotas = new[] { new { instrumentCode = "nowhere", shifts = 1 }, new { instrumentCode = "elettra-mcx", shifts = -1 }, new { instrumentCode = "elettra-mcx", shifts = 100_001 } },
            }), HttpStatusCode.UnprocessableEntity, "call.invalid"));
        Assert.Equal(["call.terms-too-many"], await Assert.RefusedAsync(
            await AnnounceAsync(new { partners = Enumerable.Repeat(new { country = "SI" }, 201) }), HttpStatusCode.UnprocessableEntity, "call.invalid"));
        Assert.Equal(HttpStatusCode.BadRequest, (await AnnounceAsync(new { partners = new object?[] { null } })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AnnounceAsync(new { quotas = (object?)null })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await AnnounceAsync(new { }, ProposalsHost.Maria)).StatusCode);
    }

    [Fact]
    public async Task Hears_of_an_accepted_team_from_which_country_it_comes()
    {
        var person = new Person("Rok", "ki", Roles.Proposer);
        await host.HearAsync(new PersonRegistered { PersonId = person.Id, Revision = 1, Name = "Rok", Group = "ki", Country = "SI", Roles = [Roles.Proposer] });
        var known = await host.ReadAsync(async db => await db.People.FindAsync(person.Id));
        Assert.Equal(("ki", "SI"), (known?.Group, known?.Country));
    }
}
