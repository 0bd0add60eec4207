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
    public async Task Says_what_its_partners_get_what_its_instruments_and_sites_give_and_whether_rank_may_be_inverted()
    {
        var call = await IdAsync(await AnnounceAsync(new
        {
            partners = new object[] { new { country = "SI", minShifts = 12 }, new { partner = "bnc", maxShifts = 30 } },
            quotas = new[] { new { instrumentCode = "elettra-xafs", shifts = 90 } }, siteQuotas = new[] { new { siteCode = "elettra", shifts = 120 }, new { siteCode = "bnc", shifts = 0 } }, rankMayBeInverted = false,
        }));
        var told = await ToldAsync(call);
        Assert.Equal([new PartnerGuarantee { Country = "SI", MinShifts = 12 }, new PartnerGuarantee { Partner = "bnc", MaxShifts = 30 }], told.Partners);
        Assert.Equal([new InstrumentQuota { InstrumentCode = "elettra-xafs", Shifts = 90 }], told.Quotas);
        Assert.Equal([new SiteQuota { SiteCode = "elettra", Shifts = 120 }, new SiteQuota { SiteCode = "bnc", Shifts = 0 }], told.SiteQuotas);
        Assert.False(told.RankMayBeInverted);
        var read = await host.As(ProposalsHost.Maria).GetFromJsonAsync<ListCalls.Response>($"/api/proposals/calls/{call}", Json.Strict) ?? throw new JsonException("null");
        Assert.Equal((told.Partners, told.Quotas, false), (read.Terms.Partners, read.Terms.Quotas, read.Terms.RankMayBeInverted), Same);
        Assert.Equal(told.SiteQuotas, read.Terms.SiteQuotas);

        static bool Same((IReadOnlyList<PartnerGuarantee>? Partners, IReadOnlyList<InstrumentQuota>? Quotas, bool) one, (IReadOnlyList<PartnerGuarantee>? Partners, IReadOnlyList<InstrumentQuota>? Quotas, bool) other) =>
            (one.Partners ?? []).SequenceEqual(other.Partners ?? []) && (one.Quotas ?? []).SequenceEqual(other.Quotas ?? []) && one.Item3 == other.Item3;
    }

    [Fact]
    public async Task Without_terms_limits_nothing_and_lets_the_best_sum_decide()
    {
        var told = await ToldAsync(await IdAsync(await AnnounceAsync(null)));
        Assert.Equal((0, 0, 0, true), (told.Partners?.Count, told.Quotas?.Count, told.SiteQuotas?.Count, told.RankMayBeInverted));
    }

    [Fact]
    public async Task Is_not_announced_with_terms_that_make_no_sense_and_all_of_them_are_named()
    {
        Assert.Equal(
            [
                "call.partner", "call.partner", "call.partner", "call.partner-shifts", "call.partner-twice", "call.quota-twice", "call.quota-instrument", "call.quota-shifts", "call.quota-shifts",
                "call.site-quota-twice", "call.site-quota-site", "call.site-quota-shifts", "call.site-quota-shifts",
            ],
            await Assert.RefusedAsync(await AnnounceAsync(new
            {
                partners = new object[] { new { country = "si" }, new { country = "SI", partner = "ki" }, new { }, new { country = "IT", minShifts = 3, maxShifts = 2 }, new { country = "IT" } },
                quotas = new[] { new { instrumentCode = "nowhere", shifts = 1 }, new { instrumentCode = "elettra-mcx", shifts = -1 }, new { instrumentCode = "elettra-mcx", shifts = 100_001 } },
                siteQuotas = new[] { new { siteCode = "elettra-mcx", shifts = 1 }, new { siteCode = "bnc", shifts = -1 }, new { siteCode = "bnc", shifts = 100_001 } },
            }), HttpStatusCode.UnprocessableEntity, "call.invalid"));
        Assert.Equal(["call.terms-too-many"], await Assert.RefusedAsync(
            await AnnounceAsync(new { partners = Enumerable.Repeat(new { country = "SI" }, 201) }), HttpStatusCode.UnprocessableEntity, "call.invalid"));
        Assert.Equal(["call.terms-too-many"], await Assert.RefusedAsync(
            await AnnounceAsync(new { siteQuotas = Enumerable.Repeat(new { siteCode = "bnc", shifts = 1 }, 201) }), HttpStatusCode.UnprocessableEntity, "call.invalid"));
        Assert.Equal(HttpStatusCode.BadRequest, (await AnnounceAsync(new { partners = new object?[] { null } })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AnnounceAsync(new { quotas = (object?)null })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AnnounceAsync(new { siteQuotas = new[] { new { siteCode = (string?)null, shifts = 1 } } })).StatusCode);
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

    private async Task<HttpResponseMessage> ChangeAsync(Guid call, object body, string? version = null, Person? by = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/api/proposals/calls/{call}/terms") { Content = JsonContent.Create(body, options: Json.Strict) };
        var named = version ?? (await host.As(ProposalsHost.Office).GetAsync($"/api/proposals/calls/{call}")).Headers.ETag?.Tag;
        if (named is { Length: > 0 }) request.Headers.TryAddWithoutValidation("If-Match", named);
        return await host.As(by ?? ProposalsHost.Office).SendAsync(request);
    }

    [Fact]
    public async Task Gets_other_terms_from_the_user_office_which_are_told_and_the_ones_before_are_kept()
    {
        var call = await IdAsync(await AnnounceAsync(new { partners = new[] { new { country = "SI", minShifts = 12 } }, siteQuotas = new[] { new { siteCode = "elettra", shifts = 120 } } }));
        var terms = new
        {
            partners = new[] { new { country = "HR", minShifts = 6 } }, quotas = new[] { new { instrumentCode = "elettra-xafs", shifts = 30 } }, siteQuotas = new[] { new { siteCode = "elettra", shifts = 60 } },
            rankMayBeInverted = false,
        };
        var answer = await ChangeAsync(call, new { terms, reason = " Croatia has joined. " });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var told = Assert.Single(await host.SaidAsync<CallTermsChanged>(), one => one.CallId == call);
        Assert.Equal((2, false, "Croatia has joined."), (told.Revision, told.RankMayBeInverted, told.Reason));
        Assert.Equal([new PartnerGuarantee { Country = "HR", MinShifts = 6 }], told.Partners);
        Assert.Equal([new InstrumentQuota { InstrumentCode = "elettra-xafs", Shifts = 30 }], told.Quotas);
        Assert.Equal([new SiteQuota { SiteCode = "elettra", Shifts = 60 }], told.SiteQuotas);
        // It is closed, and the terms change once more: what is told of the call from then on has them.
        (await host.As(ProposalsHost.Office).PostAsync($"/api/proposals/calls/{call}/closing", null)).EnsureSuccessStatusCode();
        await host.UntilAsync(async db => (await db.Calls.FindAsync(call))?.Stage == CallStage.ClosedForSubmission, $"call {call} is closed");
        Assert.Equal((3, 6, 60), (await host.SaidAsync<CallOpened>()).FindAll(one => one.CallId == call)[^1] is var last ? (last.Revision, last.Partners?[0].MinShifts, last.SiteQuotas?[0].Shifts) : default);
        (await ChangeAsync(call, new { terms = new { }, reason = "By rank alone" })).EnsureSuccessStatusCode();
        var read = await host.As(ProposalsHost.Office).GetFromJsonAsync<ReadTerms.Response>($"/api/proposals/calls/{call}/terms", Json.Strict) ?? throw new JsonException("null");
        Assert.Empty(read.Terms.Partners);
        Assert.Empty(read.Terms.SiteQuotas);
        Assert.Equal(["By rank alone", "Croatia has joined."], read.History.Select(change => change.Reason));
        Assert.Equal([("HR", 60), ("SI", 120)], read.History.Select(change => (change.Before.Partners[0].Country, change.Before.SiteQuotas[0].Shifts)));
        Assert.All(read.History, change => Assert.Equal(ProposalsHost.Office.Id, change.By));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void Keeps_its_terms_when_its_beamtime_is_over(int ticks, bool changes)
    {
        var opens = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var call = Call.Announce(Guid.CreateVersion7(), "Autumn call", opens, opens.AddDays(30), false, Guid.CreateVersion7(), [], opens.AddDays(60), opens.AddDays(200));
        void Change() => call.ChangeTerms(new() { RankMayBeInverted = false }, Guid.CreateVersion7(), "By rank alone", Guid.CreateVersion7(), opens.AddDays(200).AddTicks(ticks));
        if (changes) Change();
        else Assert.Equal("call.over", Assert.Throws<RuleViolation>(Change).Code);
        Assert.Equal((!changes, changes ? 2 : 1, changes ? 1 : 0), (call.Terms.RankMayBeInverted, call.Revision, call.History.Count));
    }

    [Fact]
    public async Task Keeps_its_terms_where_the_version_is_not_named_or_stale_where_they_make_no_sense_and_where_others_ask()
    {
        var call = await IdAsync(await AnnounceAsync(null));
        var body = new { terms = new { rankMayBeInverted = false }, reason = "x" };
        await Assert.RefusedAsync(await ChangeAsync(call, body, ""), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await ChangeAsync(call, body, "*"), HttpStatusCode.PreconditionRequired, "version-required");
        await Assert.RefusedAsync(await ChangeAsync(call, body, "\"99\""), HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Equal(["call.partner", "reason.missing"], await Assert.RefusedAsync(
            await ChangeAsync(call, new { terms = new { partners = new[] { new { country = "si" } } }, reason = " " }), HttpStatusCode.UnprocessableEntity, "call.invalid"));
        Assert.Equal(["reason.missing"], await Assert.RefusedAsync(
            await ChangeAsync(call, new { body.terms, reason = new string('x', TermsChange.MaxReason + 1) }), HttpStatusCode.UnprocessableEntity, "call.invalid"));
        Assert.Equal(HttpStatusCode.BadRequest, (await ChangeAsync(call, new { terms = (object?)null, reason = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await ChangeAsync(call, body, by: ProposalsHost.Maria)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(ProposalsHost.Staff).GetAsync($"/api/proposals/calls/{call}/terms")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await ChangeAsync(Guid.CreateVersion7(), body, "\"1\"")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(ProposalsHost.Office).GetAsync($"/api/proposals/calls/{Guid.CreateVersion7()}/terms")).StatusCode);
        Assert.DoesNotContain(await host.SaidAsync<CallTermsChanged>(), one => one.CallId == call);
        // Of many at once on one version one is heard.
        var seen = (await host.As(ProposalsHost.Office).GetAsync($"/api/proposals/calls/{call}")).Headers.ETag?.Tag;
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ChangeAsync(call, body, seen)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent), answer => Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode));
    }
}
