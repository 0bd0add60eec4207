using System.Net;
using System.Net.Http.Json;
using Tutti.Contracts.Proposals;
using Tutti.Proposals.Submitting;
using Tutti.ServiceDefaults;
using Tutti.Testing;

namespace Tutti.Proposals.Tests;

public sealed class A_submitted_proposal(ProposalsHost host) : IClassFixture<ProposalsHost>
{
    [Fact]
    public async Task Is_acknowledged_and_told_once()
    {
        var id = await host.SubmittedAsync();
        var said = Assert.Single(await host.SaidAsync<ProposalSubmitted>(), said => said.ProposalId == id);
        Assert.Equal(1, said.Submission);
        Assert.Equal(3, said.Experiments.Count);
        Assert.Equal([["glove-box", "potentiostat-low"], [], []], said.Experiments.Select(experiment => experiment.Equipment));
        Assert.Equal(["battery-group", "battery-group"], said.Team.Select(member => member.Group));
        await host.UntilAsync(async db => (await db.Proposals.FindAsync(id))?.Status == ProposalStatus.InFeasibility, "the proposal is in feasibility");
        var asked = Assert.Single(await host.SaidAsync<JudgeFeasibility>(), asked => asked.ProposalId == id);
        Assert.True(asked.BoardRequired);
        var read = await host.ReadAsync(id);
        Assert.Equal([ProposalStatus.Submitted, ProposalStatus.InFeasibility], read.History.Select(change => change.To));
    }

    [Fact]
    public async Task Cannot_be_edited()
    {
        var id = await host.SubmittedAsync();
        var answer = await host.As(ProposalsHost.Maria).PutAsJsonAsync($"/api/proposals/{id}", new { text = ProposalsHost.CompleteText() }, Json.Strict);
        await Assert.RefusedAsync(answer, HttpStatusCode.Conflict, "proposal.not-editable");
    }

    [Fact]
    public async Task Cannot_be_submitted_again()
    {
        var id = await host.SubmittedAsync();
        var answer = await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{id}/submission", null);
        await Assert.RefusedAsync(answer, HttpStatusCode.Conflict, "proposal.already-submitted");
        Assert.Single(await host.SaidAsync<ProposalSubmitted>(), said => said.ProposalId == id);
    }

    [Fact]
    public async Task Is_seen_by_team_office_and_staff_of_its_instruments_and_by_nobody_else()
    {
        var id = await host.SubmittedAsync();
        foreach (var reader in new[] { ProposalsHost.Maria, ProposalsHost.Luka, ProposalsHost.Office, ProposalsHost.Staff, ProposalsHost.OtherStaff })
            Assert.Equal(HttpStatusCode.OK, (await host.As(reader).GetAsync($"/api/proposals/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(ProposalsHost.Stranger).GetAsync($"/api/proposals/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(ProposalsHost.Stranger).PostAsync($"/api/proposals/{id}/submission", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().GetAsync($"/api/proposals/{id}")).StatusCode);
    }
}

public sealed class A_draft(ProposalsHost host) : IClassFixture<ProposalsHost>
{
    [Fact]
    public async Task That_is_empty_is_refused_with_everything_that_is_missing()
    {
        var id = await host.DraftAsync(await host.OpenCallAsync());
        var answer = await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{id}/submission", null);
        var problems = await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "proposal.incomplete");
        Assert.Equal(
            ["abstract.missing", "declaration.missing", "experiments.missing", "samples.missing", "title.missing", "video.unanswered"],
            problems.Order(StringComparer.Ordinal));
        var asked = await host.As(ProposalsHost.Maria).GetFromJsonAsync<CheckProposal.Response>($"/api/proposals/{id}/submission/problems", Json.Strict);
        Assert.Equal(6, asked?.Problems.Count);
        Assert.Equal(ProposalStatus.Draft, (await host.ReadAsync(id)).Status);
    }

    [Fact]
    public async Task Submitted_ten_times_at_once_is_accepted_once()
    {
        var id = await host.CompleteDraftAsync(await host.OpenCallAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{id}/submission", null)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            await Assert.RefusedAsync(answer, HttpStatusCode.Conflict, "proposal.already-submitted");
        Assert.Single(await host.SaidAsync<ProposalSubmitted>(), said => said.ProposalId == id);
    }

    [Fact]
    public async Task Tells_every_broken_rule_with_its_path()
    {
        var sample = Guid.CreateVersion7();
        Guid first = Guid.CreateVersion7(), second = Guid.CreateVersion7();
        var text = ProposalsHost.CompleteText() with
        {
            AcceptedDeclaration = "1999-1", AdviceIds = [Guid.CreateVersion7()],
            Experiments =
            [
                new Experiment { Id = first, InstrumentCode = "nowhere", Shifts = 0, SampleId = sample, After = [new After { ExperimentId = second }] },
                new Experiment { Id = second, InstrumentCode = "bnc-psd", Shifts = 91, Mode = ExperimentMode.Operando, After = [new After { ExperimentId = first, MinGapHours = 5, MaxGapHours = 4 }] },
                new Experiment { Id = Guid.CreateVersion7(), InstrumentCode = "lasdam-xrd", Shifts = 1, Mode = ExperimentMode.ExSitu, After = [new After { ExperimentId = Guid.CreateVersion7() }] },
            ],
        };
        var id = await host.CompleteDraftAsync(await host.OpenCallAsync(), text);
        var answer = await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{id}/submission", null);
        var problems = await Assert.RefusedAsync(answer, HttpStatusCode.UnprocessableEntity, "proposal.incomplete");
        Assert.Equal(
            [
                "advice.unknown", "cell.missing", "declaration.outdated", "instrument.not-in-scheme", "instrument.unknown", "mode.excluded", "mode.missing", "order.cycle", "order.gap",
                "order.unknown", "sample.unknown", "sample.unknown", "sample.unknown", "shifts.range", "shifts.range",
            ],
            problems.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Names_laboratory_equipment_that_is_known_and_each_kind_once()
    {
        var text = ProposalsHost.CompleteText();
        text = text with { Experiments = [text.Experiments[0] with { Equipment = ["glove-box", "time-machine", "glove-box"] }, .. text.Experiments.Skip(1)] };
        var id = await host.CompleteDraftAsync(await host.OpenCallAsync(), text);
        var asked = await host.As(ProposalsHost.Maria).GetFromJsonAsync<CheckProposal.Response>($"/api/proposals/{id}/submission/problems", Json.Strict);
        Assert.Equal([("text.experiments[0].equipment", "equipment.twice"), ("text.experiments[0].equipment[1]", "equipment.unknown")], asked?.Problems.Select(problem => (problem.Path, problem.Code)));
        await host.HearAsync(ProposalsHost.Kind("time-machine"));
        await host.HearAsync(ProposalsHost.Kind("time-machine", 2));
        asked = await host.As(ProposalsHost.Maria).GetFromJsonAsync<CheckProposal.Response>($"/api/proposals/{id}/submission/problems", Json.Strict);
        Assert.Equal(["equipment.twice"], asked?.Problems.Select(problem => problem.Code));
    }

    [Fact]
    public async Task Ties_at_least_two_experiments_that_are_not_required_by_the_name_of_a_group()
    {
        var text = ProposalsHost.CompleteText();
        var experiment = text.Experiments[0] with { After = [] };
        Experiment Tied(string? group, bool required = false) => experiment with { Id = Guid.CreateVersion7(), Group = group, Required = required };
        text = text with { Experiments = [Tied("charge", true), Tied("charge"), Tied("discharge"), Tied(" discharge "), Tied("alone"), Tied(" "), Tied("Discharge")] };
        var id = await host.CompleteDraftAsync(await host.OpenCallAsync(), text);
        Assert.Equal(["charge", "charge", "discharge", "discharge", "alone", null, "Discharge"], (await host.ReadAsync(id)).Text.Experiments.Select(one => one.Group));
        var asked = await host.As(ProposalsHost.Maria).GetFromJsonAsync<CheckProposal.Response>($"/api/proposals/{id}/submission/problems", Json.Strict);
        Assert.Equal(
            [("text.experiments[0].group", "group.required"), ("text.experiments[1].group", "group.of-one"), ("text.experiments[4].group", "group.of-one"), ("text.experiments[6].group", "group.of-one")],
            asked?.Problems.Select(problem => (problem.Path, problem.Code)));
        await Assert.RefusedAsync(await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{id}/submission", null), HttpStatusCode.UnprocessableEntity, "proposal.incomplete");

        Task<HttpResponseMessage> WriteAsync(string group) => host.As(ProposalsHost.Maria).PutAsJsonAsync(
            $"/api/proposals/{id}", new { text = text with { Experiments = [Tied(null, true), Tied(group), Tied(group)] } }, Json.Strict);
        Assert.Equal(["text.too-long", "text.too-long"], await Assert.RefusedAsync(await WriteAsync(new string('x', 65)), HttpStatusCode.UnprocessableEntity, "proposal.invalid"));
        (await WriteAsync($" {new string('x', 64)} ")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, (await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{id}/submission", null)).StatusCode);
        Assert.Equal([null, new string('x', 64), new string('x', 64)], Assert.Single(await host.SaidAsync<ProposalSubmitted>(), said => said.ProposalId == id).Experiments.Select(one => one.Group));
    }

    [Fact]
    public async Task Is_refused_after_the_call_has_closed_and_accepted_in_its_last_moment()
    {
        var closes = host.Time.GetUtcNow().AddMinutes(10);
        var call = await host.OpenCallAsync(closes);
        var inTime = await host.CompleteDraftAsync(call);
        var late = await host.CompleteDraftAsync(call);
        host.Time.Advance(closes - host.Time.GetUtcNow() - TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.OK, (await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{inTime}/submission", null)).StatusCode);
        host.Time.Advance(TimeSpan.FromSeconds(4));
        await Assert.RefusedAsync(await host.As(ProposalsHost.Maria).PostAsync($"/api/proposals/{late}/submission", null), HttpStatusCode.Conflict, "call.closed");
        await Assert.RefusedAsync(await host.As(ProposalsHost.Maria).PostAsJsonAsync("/api/proposals", new { callId = call }), HttpStatusCode.Conflict, "call.closed");
        await host.UntilAsync(async db => (await db.Calls.FindAsync(call))?.Stage == Calls.CallStage.ClosedForSubmission, "the call is closed by its timer");
        Assert.Single(await host.SaidAsync<CallClosed>(), said => said.CallId == call);
    }

    [Fact]
    public async Task Has_its_call_closed_by_the_timer_even_where_the_clock_is_behind()
    {
        var closes = host.Time.GetUtcNow().AddMinutes(10);
        var call = await host.OpenCallAsync(closes);
        // A replica whose clock is ahead has sent the timer; here it is still ten minutes earlier.
        await host.HearAsync(new CallClosingDue { CallId = call, ClosesAt = closes.AddMinutes(-1) });
        Assert.NotEqual(Calls.CallStage.ClosedForSubmission, await host.ReadAsync(async db => (await db.Calls.FindAsync(call))?.Stage));
        await host.HearAsync(new CallClosingDue { CallId = call, ClosesAt = closes });
        Assert.Equal(Calls.CallStage.ClosedForSubmission, await host.ReadAsync(async db => (await db.Calls.FindAsync(call))?.Stage));
        Assert.Single(await host.SaidAsync<CallClosed>(), said => said.CallId == call);
    }

    [Fact]
    public async Task Is_nobody_elses_business_when_the_team_takes_back_a_draft()
    {
        var id = await host.CompleteDraftAsync(await host.OpenCallAsync());
        (await host.As(ProposalsHost.Maria).PostAsJsonAsync($"/api/proposals/{id}/withdrawal", new { reason = "Not yet." })).EnsureSuccessStatusCode();
        foreach (var other in (Person[])[ProposalsHost.Office, ProposalsHost.Staff])
            Assert.Equal(HttpStatusCode.NotFound, (await host.As(other).GetAsync($"/api/proposals/{id}")).StatusCode);
    }

    [Fact]
    public async Task Saved_by_two_colleagues_keeps_the_first_and_tells_the_second()
    {
        var id = await host.CompleteDraftAsync(await host.OpenCallAsync());
        var version = (await host.As(ProposalsHost.Maria).GetAsync($"/api/proposals/{id}")).Headers.ETag?.Tag;
        async Task<HttpResponseMessage> SaveAsync(Person who, string title)
        {
            var client = host.As(who);
            client.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", version);
            return await client.PutAsJsonAsync($"/api/proposals/{id}", new { text = ProposalsHost.CompleteText() with { Title = title }, team = new[] { ProposalsHost.Luka.Id } }, Json.Strict);
        }
        Assert.Equal(HttpStatusCode.NoContent, (await SaveAsync(ProposalsHost.Maria, "Maria's")).StatusCode);
        await Assert.RefusedAsync(await SaveAsync(ProposalsHost.Luka, "Luka's"), HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Equal("Maria's", (await host.ReadAsync(id)).Text.Title);
    }
}
