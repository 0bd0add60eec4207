using System.Net;
using Tutti.Contracts.Catalogue;
using Tutti.Scheduling.Allocating;
using Tutti.Scheduling.Staffing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class An_experiment_without_a_place(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Is_explained_with_what_forcing_it_in_would_displace_and_names_only_to_those_who_may_see_them()
    {
        var call = Guid.CreateVersion7();
        string full = await host.InstrumentAsync("elettra", 1), free = await host.InstrumentAsync("bnc");
        var (served, here, there) = (Experiment(full), Experiment(full), Experiment(free));
        await host.HearAsync(host.Accepted(call, served) with { Grade = 100, Title = "Secret of elettra" });
        await host.HearAsync(host.Accepted(call, here, there) with { Grade = 45 });
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);

        var told = (await host.ReadAsync<ReadExplanations.Response>($"plans/{plan}/explanations")).Explanations.ToDictionary(one => one.ExperimentId);
        Assert.Equal(new HashSet<Guid> { here.ExperimentId, there.ExperimentId }, told.Keys.ToHashSet());
        Assert.Equal("instrument-full", Assert.Single(told[here.ExperimentId].Relax).Code);
        var forced = told[here.ExperimentId].Forced ?? throw new InvalidOperationException("Nothing is said of force.");
        Assert.True(forced.Proven && forced.Cost > 0 && forced.CostAtLeast == forced.Cost, $"{forced.Cost}, at least {forced.CostAtLeast}");
        Assert.Equal((1, served.ExperimentId, "Secret of elettra"), (forced.Displaced.Count, Assert.Single(forced.Displaced.Seen).ExperimentId, forced.Displaced.Seen[0].ProposalTitle));

        var other = Assert.Single((await host.ReadAsync<ReadExplanations.Response>($"plans/{plan}/explanations", OtherStaff)).Explanations);
        Assert.Equal(there.ExperimentId, other.ExperimentId);
        Assert.Equal(1, other.Forced?.Displaced.Count);
        Assert.Empty(other.Forced?.Displaced.Seen ?? []);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Maria).GetAsync($"/api/scheduling/plans/{plan}/explanations")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Office).GetAsync($"/api/scheduling/plans/{Guid.CreateVersion7()}/explanations")).StatusCode);
    }

    [Fact]
    public async Task Has_none_where_the_instrument_has_given_users_their_share()
    {
        var code = $"elettra-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(code, "elettra"));
        (await host.PutCalendarAsync(code, new { reason = "Half is ours", runPeriods = new[] { new { from = host.Day(0), to = host.Day(4) } }, shares = new[] { new { @for = "in-house", percent = 50 } } })).EnsureSuccessStatusCode();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(code), Experiment(code), Experiment(code));
        var read = await host.ReadPlanAsync(plan);
        Assert.Equal(2, read.Placements.Count);
        Assert.Equal("instrument-quota", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
        // What is published counts for the next call.
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var (next, _) = await host.ReadyPlanAsync(Experiment(code, 1));
        Assert.Equal("instrument-quota", Assert.Single(Assert.Single((await host.ReadPlanAsync(next)).Unplaced).Reasons).Code);
    }

    [Fact]
    public async Task Has_none_where_local_contacts_look_after_others()
    {
        string one = await host.InstrumentAsync("elettra", 1), two = await host.InstrumentAsync("elettra", 1);
        (await host.SendAsync(HttpMethod.Put, $"sites/elettra/contact-groups/g{Guid.CreateVersion7():N}",
            new { reason = "As agreed", name = "Both", instruments = new[] { one, two }, contacts = new[] { new Contact(Guid.CreateVersion7(), "Ana") } }, Staff)).EnsureSuccessStatusCode();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(one, 2), Experiment(two, 2));
        var read = await host.ReadPlanAsync(plan);
        Assert.Single(read.Placements);
        Assert.Equal("no-contact", Assert.Single(Assert.Single(read.Unplaced).Reasons).Code);
    }

    [Fact]
    public async Task Is_told_of_other_instruments_of_its_technique_with_a_place_for_it_as_far_as_they_are_still_to_be_had()
    {
        var technique = $"t{Guid.CreateVersion7():N}";
        string full = await OfAsync("elettra", technique, 1), free = await OfAsync("bnc", technique, 4), tight = await OfAsync("bnc", technique, 1),
            slow = await OfAsync("bnc", technique, 2), quick = await OfAsync("bnc", technique, 2), outside = await OfAsync("bnc", technique, 4), other = await OfAsync("bnc", technique + "x", 4);
        foreach (var code in new[] { full, free, slow }) await host.SetUpAsync(code, new() { PreparationMinutes = 120, CleaningMinutes = 120 });
        await host.HearAsync(Instrument(outside, "bnc", 3) with { Technique = technique, InScheme = false });
        var (served, left, there) = (Experiment(full), Experiment(full), Experiment(tight));
        var call = Guid.CreateVersion7();
        await host.HearAsync(host.Accepted(call, served) with { Grade = 100 });
        await host.HearAsync(host.Accepted(call, left) with { Grade = 45 });
        foreach (var one in new[] { there, Experiment(slow), Experiment(quick) }) await host.HearAsync(host.Accepted(call, one) with { Grade = 90 });
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);

        // Each by its own set-up: beside what is on them there is time for it on the one that is quick to hand over, and on the slow one only where nobody else is.
        var told = await OthersAsync();
        Assert.Equal([(free, "bnc"), (quick, "bnc")], told.Select(one => (one.InstrumentCode, one.SiteCode ?? "")).OrderBy(one => one != (free, "bnc")));
        Assert.All(told, one => Assert.EndsWith("if it is judged feasible there.", one.Text, StringComparison.Ordinal));
        // It is advice: nothing is placed there.
        Assert.DoesNotContain((await host.ReadPlanAsync(plan)).Placements, place => place.InstrumentCode == free);
        await host.HearAsync(new InstrumentRetired { InstrumentCode = free, Revision = 3 });
        Assert.Equal(quick, Assert.Single(await OthersAsync()).InstrumentCode);

        async Task<IReadOnlyList<ReadExplanations.OtherInstrument>> OthersAsync() =>
            (await host.ReadAsync<ReadExplanations.Response>($"plans/{plan}/explanations")).Explanations.Single(one => one.ExperimentId == left.ExperimentId).OtherInstruments;
    }

    /// <summary>An instrument of a technique that gives beam for some days.</summary>
    private async Task<string> OfAsync(string site, string technique, int days)
    {
        var code = await host.InstrumentAsync(site, days);
        await host.HearAsync(Instrument(code, site, 2) with { Technique = technique });
        return code;
    }
}
