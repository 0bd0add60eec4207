using System.Globalization;
using System.Net;
using Tutti.Contracts.Identity;
using Tutti.Contracts.Proposals;
using Tutti.Scheduling.Showing;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class The_chart_of_shifts(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Shows_by_site_instrument_team_and_cell_and_names_only_to_those_who_may_see_them()
    {
        var code = await host.InstrumentAsync();
        var (proposal, plan, _) = await host.ReadyAsync(code);
        var draft = Assert.Single((await host.ReadAsync<ReadGantt.Response>($"gantt?plan={plan}&to={host.Day(30)}T00:00:00Z", Staff)).Bars);
        Assert.Equal("POUCH-1", draft.Details?.CellCode);
        Assert.Empty((await host.ReadAsync<ReadGantt.Response>($"gantt?plan={plan}&to={host.Day(30)}T00:00:00Z", OtherStaff)).Bars);
        await Assert.RefusedAsync(await host.As(Maria).GetAsync($"/api/scheduling/gantt?plan={plan}"), HttpStatusCode.Forbidden, "plan.not-yours");
        Assert.Empty((await host.ReadAsync<ReadGantt.Response>($"gantt?instrument={code}", Maria)).Bars);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();

        var range = $"from={host.Day(-2)}T00:00:00Z&to={host.Day(30)}T00:00:00Z";
        foreach (var filter in new[] { $"instrument={code}", $"instrument={code}&site=elettra", $"proposal={proposal.ProposalId}", $"instrument={code}&cell=POUCH-1" })
            foreach (var who in new[] { Maria, Staff, Office })
                Assert.Equal(("elettra", code, proposal.ProposalId, 3), Assert.Single((await host.ReadAsync<ReadGantt.Response>($"gantt?{range}&{filter}", who)).Bars) is var bar ? (bar.SiteCode, bar.InstrumentCode, bar.Details?.ProposalId ?? default, bar.Shifts.Count) : default);
        Assert.Null(Assert.Single((await host.ReadAsync<ReadGantt.Response>($"gantt?{range}&instrument={code}", Stranger)).Bars).Details);
        Assert.Empty((await host.ReadAsync<ReadGantt.Response>($"gantt?{range}&proposal={proposal.ProposalId}", Stranger)).Bars);
        Assert.Empty((await host.ReadAsync<ReadGantt.Response>($"gantt?{range}&instrument={code}&cell=POUCH-1", OtherStaff)).Bars);
        Assert.Empty((await host.ReadAsync<ReadGantt.Response>($"gantt?{range}&instrument={code}&site=bnc", Office)).Bars);
        await Assert.RefusedAsync(await host.As(Office).GetAsync($"/api/scheduling/gantt?from={host.Day(5)}T00:00:00Z&to={host.Day(1)}T00:00:00Z"), HttpStatusCode.UnprocessableEntity, "gantt.invalid");
    }

    [Fact]
    public async Task Shows_what_laboratories_hold_as_rows_of_their_own_by_laboratory_and_kind_to_those_who_may_see_the_experiment()
    {
        var (code, lab, other) = (await host.InstrumentAsync(), $"lab-{Guid.CreateVersion7():N}", $"lab-{Guid.CreateVersion7():N}");
        var (both, boxed, plain) = (Experiment(code) with { Equipment = ["glove-box", "potentiostat"] }, Experiment(code, 2) with { Equipment = ["glove-box"] }, Experiment(code, 1));
        var call = Guid.CreateVersion7();
        foreach (var one in new[] { both, boxed, plain }) await host.AcceptAsync(call, one);
        var plan = await host.PlanAsync(call);
        foreach (var piece in await host.AskedForEquipmentAsync(plan, 3)) await host.HearAsync(Reserved(piece) with { LaboratoryCode = piece.EquipmentKind == "potentiostat" ? other : lab });
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        var range = $"from={host.Day(-2)}T00:00:00Z&to={host.Day(30)}T00:00:00Z";
        var draft = await ShownAsync($"plan={plan}&laboratory={other}", Staff);
        Assert.Equal((both.ExperimentId, "potentiostat"), (Assert.Single(draft.Bars).Details?.ExperimentId, Assert.Single(draft.Equipment).Kind));
        Assert.Empty((await ShownAsync($"laboratory={lab}", Staff)).Bars);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();

        foreach (var who in new[] { Maria, Staff, Office })
        {
            var all = await ShownAsync($"instrument={code}", who);
            Assert.Equal(3, all.Bars.Count);
            Assert.Equal(Told((lab, "glove-box", both), (lab, "glove-box", boxed), (other, "potentiostat", both)), Rows(all));
            var held = await ShownAsync($"laboratory={lab}", who);
            Assert.Equal(new HashSet<Guid?> { both.ExperimentId, boxed.ExperimentId }, held.Bars.Select(bar => bar.Details?.ExperimentId).ToHashSet());
            Assert.Equal(Told((lab, "glove-box", both), (lab, "glove-box", boxed)), Rows(held));
            Assert.All(held.Equipment, row => Assert.Contains(held.Bars, bar => (bar.From, bar.To, bar.InstrumentCode, bar.Details?.ExperimentId) == (row.From, row.To, row.InstrumentCode, row.Details?.ExperimentId)));
            Assert.Equal(Told((other, "potentiostat", both)), Rows(await ShownAsync("equipment=potentiostat", who)));
            Assert.Empty((await ShownAsync($"equipment=potentiostat&laboratory={lab}", who)).Bars);
        }
        var strange = await ShownAsync($"instrument={code}", Stranger);
        Assert.Equal((3, 0), (strange.Bars.Count, strange.Equipment.Count));
        foreach (var filter in new[] { $"laboratory={lab}", "equipment=glove-box" })
            foreach (var who in new[] { Stranger, OtherStaff }) Assert.Empty((await ShownAsync(filter, who)).Bars);
        Assert.Equal(3, (await host.As(Office).GetStringAsync($"/api/scheduling/gantt.csv?{range}&laboratory={lab}")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);

        Task<ReadGantt.Response> ShownAsync(string filter, Person who) => host.ReadAsync<ReadGantt.Response>($"gantt?{range}&{filter}", who);

        static List<(string, string, Guid?)> Rows(ReadGantt.Response shown) => [.. shown.Equipment.Select(row => (row.LaboratoryCode, row.Kind, row.Details?.ExperimentId)).Order()];

        static List<(string, string, Guid?)> Told(params (string Laboratory, string Kind, ExperimentRequest Experiment)[] rows) => [.. rows.Select(one => (one.Laboratory, one.Kind, (Guid?)one.Experiment.ExperimentId)).Order()];
    }

    [Fact]
    public async Task And_the_feeds_show_shifts_of_four_eight_and_twelve_hours_and_laboratory_days_as_long_as_they_are()
    {
        (int Hours, string[] Starts, int Minutes, int Shifts)[] cuts =
            [(4, ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00"], 240, 5), (8, ["00:00", "08:00", "16:00"], 480, 4), (12, ["08:00", "20:00"], 720, 3), (9, ["08:30"], 540, 2)];
        List<(string Code, int Minutes, ExperimentRequest Experiment)> asked = [];
        foreach (var (hours, starts, minutes, shifts) in cuts)
        {
            var code = $"elettra-{hours}h-{Guid.CreateVersion7():N}";
            await host.HearAsync(Instrument(code, "elettra"));
            (await host.PutCalendarAsync(code, new { reason = "As agreed", pattern = new { starts, lengthMinutes = minutes }, runPeriods = new[] { new { from = host.Day(0), to = host.Day(10) } }, bridgeableHours = 15 })).EnsureSuccessStatusCode();
            asked.Add((code, minutes, Experiment(code, shifts)));
        }
        var call = Guid.CreateVersion7();
        var proposal = await host.AcceptAsync(call, [.. asked.Select(one => one.Experiment)]);
        var plan = await host.PlanAsync(call);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();

        var bars = (await host.ReadAsync<ReadGantt.Response>($"gantt?from={host.Day(-2)}T00:00:00Z&to={host.Day(30)}T00:00:00Z&proposal={proposal.ProposalId}", Maria)).Bars.ToDictionary(bar => bar.InstrumentCode);
        var token = await (await host.As(Maria).PutAsync("/api/scheduling/feed-token", null)).ReadAsync<KeepFeedToken.Response>();
        var events = (Ical.Net.Calendar.Load(await host.CreateClient().GetStringAsync(token.Proposal.Replace("{id}", proposal.ProposalId.ToString(), StringComparison.Ordinal))) ?? throw new FormatException("no calendar"))
            .Events.ToDictionary(one => one.Location ?? "");
        Assert.Equal((4, 4), (bars.Count, events.Count));
        var rome = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome");
        foreach (var (code, minutes, experiment) in asked)
        {
            var bar = bars[code];
            Assert.Equal(experiment.Shifts, bar.Shifts.Count);
            // A clock that changes in between makes a shift an hour shorter or longer; its label does not change.
            Assert.All(bar.Shifts, shift => Assert.Equal(TimeSpan.FromMinutes(minutes), Local(shift.End) - Local(shift.Start)));
            Assert.All(bar.Shifts, shift => Assert.Equal($"{Local(shift.Start):yyyy-MM-dd HH:mm}-{Local(shift.End):HH:mm}", shift.Label));
            Assert.All(bar.Shifts.Zip(bar.Shifts.Skip(1)), pair => Assert.Equal(minutes == 540 ? TimeSpan.FromHours(15) : TimeSpan.Zero, Local(pair.Second.Start) - Local(pair.First.End)));
            Assert.Equal((bar.Shifts[0].Start, bar.Shifts[^1].End), (bar.From, bar.To));
            Assert.Equal((bar.From.UtcDateTime, bar.To.UtcDateTime), (events[code].Start?.AsUtc, events[code].End?.AsUtc));
            Assert.Equal(bar.Shifts.Select(shift => shift.Label), events[code].Description?.Split('\n').Select(line => line.Trim()));
        }
        var csv = await host.As(Maria).GetStringAsync($"/api/scheduling/gantt.csv?from={host.Day(-2)}T00:00:00Z&proposal={proposal.ProposalId}");
        Assert.All(bars.Values, bar => Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{bar.InstrumentCode},{bar.From.UtcDateTime:u},{bar.To.UtcDateTime:u},{bar.Shifts.Count},{string.Join(" | ", bar.Shifts.Select(shift => shift.Label))}"), csv, StringComparison.Ordinal));

        DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, rome).DateTime;
    }

    [Fact]
    public async Task Is_told_as_csv_in_which_no_title_becomes_a_formula()
    {
        var code = await host.InstrumentAsync();
        var experiment = Experiment(code) with { Title = "=HYPERLINK(\"http://evil\",\"XAS, \"\"operando\"\"\")" };
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var answer = await host.As(Office).GetAsync($"/api/scheduling/gantt.csv?instrument={code}&from={host.Day(-2)}T00:00:00Z");
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("Site,Instrument,FromUtc,ToUtc,Shifts", lines[0], StringComparison.Ordinal);
        Assert.Contains("'=HYPERLINK", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(",=", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(",\"=", lines[1], StringComparison.Ordinal);
    }
}

public sealed class A_feed_of_shifts(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private async Task<KeepFeedToken.Response> TokenAsync(Person person) => await (await host.As(person).PutAsync("/api/scheduling/feed-token", null)).ReadAsync<KeepFeedToken.Response>();

    private async Task<Ical.Net.Calendar> ReadFeedAsync(string path) => Ical.Net.Calendar.Load(await host.CreateClient().GetStringAsync(path)) ?? throw new FormatException("no calendar");

    [Fact]
    public async Task Keeps_uids_raises_the_sequence_with_each_change_and_sends_what_is_gone_as_cancelled()
    {
        var code = await host.InstrumentAsync();
        var experiment = Experiment(code);
        var (plan, proposals) = await host.ReadyPlanAsync(experiment);
        var maria = await TokenAsync(Maria);
        Assert.Empty(await EventsAsync());
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var first = await OneAsync();
        var place = await host.PlaceOfAsync(plan, experiment.ExperimentId);
        Assert.Equal((place.From.UtcDateTime, place.To.UtcDateTime, $"{code}: XAS", "CONFIRMED"), (first.Start?.AsUtc, first.End?.AsUtc, first.Summary, first.Status));

        (await host.ChangeAsync(plan, "splits", new { experimentId = experiment.ExperimentId, blocks = new[] { new { from = place.From.AddDays(2), shifts = 2 }, new { from = place.From.AddDays(4), shifts = 1 } }, reason = "Two parts" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var events = await EventsAsync();
        Assert.Equal([first.Uid, first.Uid?.Replace("-0@", "-1@", StringComparison.Ordinal)], events.Select(one => one.Uid));
        Assert.All(events, one => Assert.True(one.Sequence > first.Sequence));
        Assert.Equal(place.From.AddDays(2).UtcDateTime, events[0].Start?.AsUtc);

        (await host.ChangeAsync(plan, "merges", new { experimentId = experiment.ExperimentId, blocks = new[] { new { from = place.From.AddDays(6), shifts = 3 } }, reason = "In one go" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Equal(["CONFIRMED", "CANCELLED"], (await EventsAsync()).Select(one => one.Status));
        var before = await EventsAsync();
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { experiment.ExperimentId }, reason = "No sample" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var after = await EventsAsync();
        Assert.All(after, one => Assert.Equal("CANCELLED", one.Status));
        Assert.Equal(before.Select(one => one.Uid), after.Select(one => one.Uid));
        Assert.True(after[0].Sequence > before[0].Sequence);
        Assert.Equal(2, (await ReadFeedAsync(maria.Proposal.Replace("{id}", proposals[0].ProposalId.ToString(), StringComparison.Ordinal))).Events.Count);

        async Task<List<Ical.Net.CalendarComponents.CalendarEvent>> EventsAsync() =>
            [.. (await ReadFeedAsync(maria.Mine)).Events.Where(one => one.Uid?.StartsWith(experiment.ExperimentId.ToString(), StringComparison.Ordinal) == true).OrderBy(one => one.Uid, StringComparer.Ordinal)];

        async Task<Ical.Net.CalendarComponents.CalendarEvent> OneAsync() => Assert.Single(await EventsAsync());
    }

    [Fact]
    public async Task Is_read_with_a_secret_that_shows_no_more_than_its_owner_may_see_and_ends_when_it_is_renewed_revoked_or_old()
    {
        var code = await host.InstrumentAsync();
        var (plan, proposals) = await host.ReadyPlanAsync(Experiment(code) with { Title = "Secret cathode" });
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        string Of(KeepFeedToken.Response token) => token.Instrument.Replace("{code}", code, StringComparison.Ordinal);
        var (stranger, staff) = (await TokenAsync(Stranger), await TokenAsync(Staff));
        Assert.DoesNotContain("Secret cathode", await host.CreateClient().GetStringAsync(Of(stranger)), StringComparison.Ordinal);
        Assert.Equal($"{code}: taken", Assert.Single((await ReadFeedAsync(Of(stranger))).Events).Summary);
        Assert.Contains("Secret cathode", await host.CreateClient().GetStringAsync(Of(staff)), StringComparison.Ordinal);
        Assert.Empty((await ReadFeedAsync(stranger.Proposal.Replace("{id}", proposals[0].ProposalId.ToString(), StringComparison.Ordinal))).Events);

        var again = await TokenAsync(Stranger);
        Assert.NotEqual(stranger.Secret, again.Secret);
        Assert.Equal(HttpStatusCode.NotFound, (await host.CreateClient().GetAsync(Of(stranger))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.CreateClient().GetAsync(Of(again))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.CreateClient().GetAsync(again.Instrument.Replace("{code}", "nowhere", StringComparison.Ordinal))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await host.As(Stranger).DeleteAsync("/api/scheduling/feed-token")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.CreateClient().GetAsync(Of(again))).StatusCode);
        Assert.Equal(64, (await host.ReadAsync(db => Task.FromResult(db.FeedTokens.Single(x => x.PersonId == Staff.Id).Hash))).Length);
        await host.ReadAsync(async db =>
        {
            db.Entry(db.FeedTokens.Single(x => x.PersonId == Staff.Id)).Property(x => x.ExpiresAt).CurrentValue = host.Time.GetUtcNow().AddMinutes(-1);
            return await db.SaveChangesAsync();
        });
        Assert.Equal(HttpStatusCode.NotFound, (await host.CreateClient().GetAsync(Of(staff))).StatusCode);
        Assert.True(staff.ExpiresAt > host.Time.GetUtcNow().AddDays(100), staff.ExpiresAt.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Ends_with_the_account_and_shows_less_when_a_role_is_taken_away_or_the_office_revokes_it()
    {
        var code = await host.InstrumentAsync();
        var (plan, _) = await host.ReadyPlanAsync(Experiment(code) with { Title = "Secret anode" });
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var leaves = new Person("Leaves", "elettra", $"{Roles.FacilityStaff}@elettra");
        string Of(KeepFeedToken.Response token) => token.Instrument.Replace("{code}", code, StringComparison.Ordinal);
        var token = await TokenAsync(leaves);
        Assert.Contains("Secret anode", await host.CreateClient().GetStringAsync(Of(token)), StringComparison.Ordinal);
        await host.HearAsync(new PersonRegistered { PersonId = leaves.Id, Revision = 2, Name = "L", Group = "elettra", Roles = [Roles.Proposer] });
        var taken = Assert.Single((await ReadFeedAsync(Of(token))).Events);
        Assert.Equal(($"{code}: taken", 0), (taken.Summary, taken.Sequence));
        var experiment = await host.ReadAsync(db => Task.FromResult(db.Experiments.Single(x => x.InstrumentCode == code).Id));
        Assert.DoesNotContain(experiment.ToString(), await host.CreateClient().GetStringAsync(Of(token)), StringComparison.Ordinal);
        await host.HearAsync(new PersonRegistered { PersonId = leaves.Id, Revision = 3, Name = "L", Group = "elettra", Roles = [] });
        Assert.Equal(HttpStatusCode.NotFound, (await host.CreateClient().GetAsync(Of(token))).StatusCode);

        var other = await TokenAsync(Stranger);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Staff).DeleteAsync($"/api/scheduling/feed-tokens/{Stranger.Id}")).StatusCode);
        (await host.As(Office).DeleteAsync($"/api/scheduling/feed-tokens/{Stranger.Id}")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, (await host.CreateClient().GetAsync(Of(other))).StatusCode);
    }

    [Fact]
    public async Task Tells_those_who_may_not_see_an_experiment_nothing_of_what_becomes_of_it()
    {
        var code = await host.InstrumentAsync();
        var experiment = Experiment(code);
        var (plan, _) = await host.ReadyPlanAsync(experiment);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var feed = (await TokenAsync(new Person("Luka", "elsewhere", Roles.Proposer))).Instrument.Replace("{code}", code, StringComparison.Ordinal);
        var before = Assert.Single((await ReadFeedAsync(feed)).Events).Uid;
        Assert.Equal(before, Assert.Single((await ReadFeedAsync(feed)).Events).Uid);
        (await host.MoveAsync(plan, experiment.ExperimentId, (await host.PlaceOfAsync(plan, experiment.ExperimentId)).From.AddDays(4))).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.NotEqual(before, Assert.Single((await ReadFeedAsync(feed)).Events).Uid);
        (await host.ChangeAsync(plan, "removals", new { experiments = new[] { experiment.ExperimentId }, reason = "No sample" })).EnsureSuccessStatusCode();
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        Assert.Empty((await ReadFeedAsync(feed)).Events);
    }
}
