using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Catalogue;
using Tutti.Contracts.Scheduling;
using Tutti.Scheduling.Calendars;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

public sealed class A_calendar_of_an_instrument(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private async Task<string> WithoutCalendarAsync(string site = "elettra")
    {
        var code = $"bare-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(code, site));
        return code;
    }

    [Fact]
    public async Task Gives_shifts_on_the_sites_clock_over_the_change_to_summer_time()
    {
        var code = await WithoutCalendarAsync();
        var answer = await host.PutCalendarAsync(code, new { reason = "Spring run", runPeriods = new[] { new { from = "2027-03-27", to = "2027-03-30" } } }, Staff);
        var told = await answer.Content.ReadFromJsonAsync<PublishCalendar.Response>(Json.Strict);
        Assert.Equal((1, 9), (told?.Revision, told?.Shifts));
        var shifts = await host.As(Stranger).GetFromJsonAsync<ListShifts.Response>($"/api/scheduling/instruments/{code}/shifts?from=2027-03-01T00:00:00Z&to=2027-04-30T00:00:00Z", Json.Strict);
        Assert.Equal([8, 8, 8, 7, 8, 8, 8, 8, 8], shifts?.Shifts.Select(shift => (int)(shift.End - shift.Start).TotalHours));
        Assert.Equal("2027-03-28 00:00-08:00", shifts?.Shifts[3].Label);
        Assert.Equal("Europe/Rome", shifts?.TimeZone);
        var said = Assert.Single(await host.SaidAsync<RunCalendarPublished>(), said => said.InstrumentCode == code);
        Assert.Equal((1, 9, new DateTimeOffset(2027, 3, 26, 23, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 3, 29, 22, 0, 0, TimeSpan.Zero)), (said.Revision, said.Shifts, said.From, said.To));
    }

    [Fact]
    public async Task Keeps_its_history_and_counts_revisions()
    {
        var code = await WithoutCalendarAsync("bnc");
        (await host.PutCalendarAsync(code, new { reason = "First", reactor = new { firstStart = "2027-01-11T00:00:00", effectiveDays = 4, everyDays = 7, count = 40 } }, OtherStaff)).EnsureSuccessStatusCode();
        var week = new[] { new { fromDay = "monday", from = "08:00:00", toDay = "friday", to = "18:00:00" } };
        var pattern = new { starts = new[] { "08:00:00", "13:00:00" }, lengthMinutes = 300 };
        (await host.PutCalendarAsync(code, new { reason = "Staff leave", runPeriods = new[] { new { from = "2027-01-11", to = "2027-02-01" } }, week, pattern, bridgeableHours = 62, closed = new[] { new { from = "2027-01-13", to = "2027-01-14" } } })).EnsureSuccessStatusCode();
        var read = await host.As(OtherStaff).GetFromJsonAsync<ReadCalendar.Response>($"/api/scheduling/instruments/{code}/calendar", Json.Strict);
        Assert.Equal((2, 62), (read?.Revision, read?.Calendar.BridgeableHours));
        Assert.Equal([("Staff leave", Office.Id), ("First", OtherStaff.Id)], read?.History.Select(change => (change.Reason, change.By)));
        Assert.Equal(40, read?.History[1].Calendar.Reactor?.Count);
        Assert.Equal([1, 2], (await host.SaidAsync<RunCalendarPublished>()).FindAll(said => said.InstrumentCode == code).ConvertAll(said => said.Revision));
        Assert.Equal(28, (await host.SaidAsync<RunCalendarPublished>()).FindLast(said => said.InstrumentCode == code)?.Shifts);
    }

    [Fact]
    public async Task Is_written_in_the_form_in_which_it_is_read()
    {
        var code = await WithoutCalendarAsync("bnc");
        object calendar = new
        {
            reason = "Cycles by day", reactor = new { firstStart = "2027-01-11T00:00:00", effectiveDays = 4, everyDays = 7, count = 4 }, week = new[] { new { fromDay = "monday", from = "08:00:00", toDay = "friday", to = "18:00:00" } },
            pattern = new { starts = new[] { "08:00:00", "13:00:00" }, lengthMinutes = 300, userStarts = new[] { "08:00:00" } }, bridgeableHours = 62, holidaysClose = true,
            closed = new[] { new { from = "2027-01-13", to = "2027-01-14", reason = "maintenance", note = "Cryostat" } }, shares = new[] { new { @for = "in-house", percent = 20 } },
        };
        (await host.PutCalendarAsync(code, calendar, OtherStaff)).EnsureSuccessStatusCode();
        var read = await host.As(OtherStaff).GetFromJsonAsync<JsonObject>($"/api/scheduling/instruments/{code}/calendar");
        Assert.NotNull(read);
        foreach (var written in new[] { read["calendar"], read["history"]?[0]?["calendar"] })
        {
            var again = Assert.IsType<JsonObject>(written?.DeepClone());
            again["reason"] = "As it is";
            var published = await (await host.PutCalendarAsync(code, again, OtherStaff)).ReadAsync<PublishCalendar.Response>();
            Assert.Equal((0, 0), (published.Gained, published.Lost));
            Assert.True(JsonNode.DeepEquals(read["calendar"], (await host.As(OtherStaff).GetFromJsonAsync<JsonObject>($"/api/scheduling/instruments/{code}/calendar"))?["calendar"]));
        }
    }

    [Fact]
    public async Task Lets_an_experiment_go_on_over_nights_and_weekends_where_it_says_so()
    {
        var code = await WithoutCalendarAsync();
        object Calendar(int bridgeable) => new
        {
            reason = "Day shifts", runPeriods = new[] { new { from = host.Day(0), to = host.Day(14) } }, bridgeableHours = bridgeable,
            week = new[] { new { fromDay = "monday", from = "00:00:00", toDay = "saturday", to = "00:00:00" } }, pattern = new { starts = new[] { "08:00:00" }, lengthMinutes = 480 },
        };
        (await host.PutCalendarAsync(code, Calendar(0))).EnsureSuccessStatusCode();
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code, 7));
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal("run-too-short", Assert.Single(Assert.Single((await host.ReadPlanAsync(plan)).Unplaced).Reasons).Code);
        (await host.PutCalendarAsync(code, Calendar(64))).EnsureSuccessStatusCode();
        plan = await host.PlanAsync(proposal.CallId, plan);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Equal(7, Assert.Single((await host.ReadPlanAsync(plan)).Placements).Shifts.Count);
    }

    [Fact]
    public async Task Is_kept_by_staff_of_the_site_and_the_user_office_only()
    {
        var code = await WithoutCalendarAsync();
        await Assert.RefusedAsync(await host.PutCalendarAsync(code, host.Calendar(), OtherStaff), HttpStatusCode.Forbidden, "calendar.other-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await host.PutCalendarAsync(code, host.Calendar(), Maria)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.PutCalendarAsync("nowhere", host.Calendar())).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Maria).GetAsync("/api/scheduling/instruments/nowhere/shifts")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().GetAsync($"/api/scheduling/instruments/{code}/shifts")).StatusCode);
        await Assert.RefusedAsync(await host.PutCalendarAsync(await WithoutCalendarAsync("unheard-of"), host.Calendar()), HttpStatusCode.Conflict, "calendar.site-unknown");
    }

    [Fact]
    public async Task Saved_by_two_keeps_the_first_and_tells_the_second()
    {
        var code = await WithoutCalendarAsync();
        var version = (await host.PutCalendarAsync(code, host.Calendar())).Headers.ETag?.Tag;
        async Task<HttpResponseMessage> SaveAsync()
        {
            var client = host.As(Office);
            client.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", version);
            return await client.PutAsJsonAsync($"/api/scheduling/instruments/{code}/calendar", host.Calendar(20));
        }
        Assert.Equal(HttpStatusCode.OK, (await SaveAsync()).StatusCode);
        await Assert.RefusedAsync(await SaveAsync(), HttpStatusCode.PreconditionFailed, "stale-write");
    }

    [Fact]
    public async Task Tells_everything_that_makes_no_sense()
    {
        var code = await WithoutCalendarAsync();
        async Task<IReadOnlyList<string>> ProblemsAsync(object calendar) => await Assert.RefusedAsync(await host.PutCalendarAsync(code, calendar), HttpStatusCode.UnprocessableEntity, "calendar.invalid");
        object[] periods = [new { from = "2027-01-11", to = "2027-02-01" }];
        Assert.Equal(["calendar.no-run-period"], await ProblemsAsync(new { reason = "x" }));
        Assert.Equal(["calendar.reason", "calendar.bridgeable-hours"], await ProblemsAsync(new { reason = " ", runPeriods = periods, bridgeableHours = -1 }));
        Assert.Equal(["calendar.not-local"], await ProblemsAsync(new { reason = "x", runPeriods = new[] { new { from = "2027-01-11T00:00:00Z", to = "2027-02-01T00:00:00Z" } } }));
        await Assert.RefusedAsync(await host.PutCalendarAsync(code, new { reason = "x", runPeriods = new object?[] { null } }), HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(["calendar.run-period-empty"], await ProblemsAsync(new { reason = "x", runPeriods = new[] { new { from = "2027-02-01", to = "2027-01-11" } } }));
        Assert.Equal(["calendar.date-out-of-range"], await ProblemsAsync(new { reason = "x", runPeriods = new[] { new { from = "0001-01-01", to = "9999-12-31" } } }));
        Assert.Equal(["calendar.too-long"], await ProblemsAsync(new { reason = "x", runPeriods = new[] { new { from = "2027-01-01", to = "2036-01-01" } } }));
        Assert.Equal(["calendar.no-shifts"], await ProblemsAsync(new { reason = "x", runPeriods = new[] { new { from = "2027-01-01T01:00:00", to = "2027-01-01T08:00:00" } } }));
        Assert.Equal(["calendar.not-quarter-hours"], await ProblemsAsync(new { reason = "x", runPeriods = periods, pattern = JsonNode.Parse("""{"starts":["08:07:00"],"lengthMinutes":60}""") }));
        Assert.Equal(["calendar.shifts-overlap"], await ProblemsAsync(new { reason = "x", runPeriods = periods, pattern = JsonNode.Parse("""{"starts":["08:00:00","09:00:00"],"lengthMinutes":120}""") }));
        Assert.Equal(["calendar.reactor-cycles-out-of-range"], await ProblemsAsync(new { reason = "x", reactor = new { firstStart = "2027-01-11", effectiveDays = 4, everyDays = 7, count = int.MaxValue } }));
        Assert.Equal(["calendar.too-many-periods"], await ProblemsAsync(new { reason = "x", runPeriods = Enumerable.Repeat(periods[0], 501) }));
        Assert.False(await host.ReadAsync(db => db.Calendars.AnyAsync(x => x.InstrumentCode == code)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"reason":"x","runPeriods":null}""")]
    [InlineData("""{"reason":"x","runPeriods":[{"from":"2027-01-11"}]}""")]
    [InlineData("""{"reason":"x","runPeriods":"soon"}""")]
    [InlineData("""{"reason":"x","pattern":{"starts":null,"lengthMinutes":60}}""")]
    [InlineData("""{"reason":"x","week":[{"fromDay":"someday","from":"08:00:00","toDay":"friday","to":"18:00:00"}]}""")]
    [InlineData("""{"reason":"x\u0000"}""")]
    [InlineData("""{"reason":"x","unknown":1}""")]
    public async Task Of_the_wrong_form_is_refused(string body)
    {
        var code = await WithoutCalendarAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await host.As(Office).PutAsync($"/api/scheduling/instruments/{code}/calendar", content);
        await Assert.RefusedAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
    }

    [Theory]
    [InlineData("shifts?from=yesterday", 400, "request.malformed")]
    [InlineData("shifts?from=0001-01-01T00:00:00Z", 422, "shifts.invalid")]
    [InlineData("shifts?from=2027-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", 422, "shifts.invalid")]
    [InlineData("shifts?from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z", 422, "shifts.invalid")]
    [InlineData("shifts?from=2027-01-02T00:00:00Z&to=2029-01-01T00:00:00Z", 422, "shifts.invalid")]
    public async Task Answers_a_senseless_question_with_a_refusal(string question, int status, string code)
    {
        var instrument = await WithoutCalendarAsync();
        await Assert.RefusedAsync(await host.As(Maria).GetAsync($"/api/scheduling/instruments/{instrument}/{question}"), (HttpStatusCode)status, code);
    }
}

public sealed class What_scheduling_has_heard(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Of_sites_and_instruments_is_the_same_in_any_order()
    {
        async Task<object> HearAllAsync(string suffix, Func<IEnumerable<object>, IEnumerable<object>> order)
        {
            var (site, code) = ("site-" + suffix, "instrument-" + suffix);
            object[] events =
            [
                Site(site, "Europe/Rome"), Site(site, "Europe/Vienna", 2), Instrument(code, "elsewhere"), Instrument(code, site, 2, "undulator"), new InstrumentRetired { InstrumentCode = code, Revision = 3 },
            ];
            foreach (var message in order(events.SelectMany(message => new[] { message, message }))) await host.HearAsync(message);
            var known = await host.ReadAsync(db => db.Instruments.SingleAsync(x => x.Code == code));
            return (known.Revision, known.IsRetired, known.SiteCode?.Replace(suffix, "", StringComparison.Ordinal), string.Join(",", known.SharedSources), (await host.ReadAsync(db => db.Sites.SingleAsync(x => x.Code == site))).TimeZone);
        }
        var forward = await HearAllAsync("forward", events => events);
        Assert.Equal((2, true, "site-", "undulator", "Europe/Vienna"), forward);
        Assert.Equal(forward, await HearAllAsync("backward", events => events.Reverse()));
    }

    [Fact]
    public async Task Says_that_a_retired_instrument_gives_no_shifts()
    {
        var code = await host.InstrumentAsync();
        var (proposal, plan, _) = await host.ReadyAsync(code);
        await host.HearAsync(new InstrumentRetired { InstrumentCode = code, Revision = 2 });
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
        var next = await host.PlanAsync(proposal.CallId, plan);
        await host.UntilAsync(next, CallPlanStatus.Ready);
        Assert.Equal("no-open-shifts", Assert.Single(Assert.Single((await host.ReadPlanAsync(next)).Unplaced).Reasons).Code);
    }

    [Theory]
    [InlineData("GET", "plans/0197c1a0-0000-7000-8000-000000000000", 404)]
    [InlineData("POST", "plans/0197c1a0-0000-7000-8000-000000000000/publication", 404)]
    [InlineData("DELETE", "plans/0197c1a0-0000-7000-8000-000000000000", 404)]
    [InlineData("POST", "calls/0197c1a0-0000-7000-8000-000000000000/plans", 404)]
    [InlineData("GET", "plans/1", 404)]
    [InlineData("GET", "calls/0197c1a0-0000-7000-8000-000000000000/plans?page=0", 422)]
    [InlineData("GET", "experiments?page=-1", 422)]
    [InlineData("GET", "experiments?proposal=mine", 400)]
    public async Task Says_no_to_what_nobody_knows(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/scheduling/" + path);
        Assert.Equal(status, (int)(await host.As(Office).SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "plans/0197c1a0-0000-7000-8000-000000000000")]
    [InlineData("GET", "calls/0197c1a0-0000-7000-8000-000000000000/plans")]
    [InlineData("POST", "calls/0197c1a0-0000-7000-8000-000000000000/plans")]
    [InlineData("POST", "plans/0197c1a0-0000-7000-8000-000000000000/publication")]
    [InlineData("DELETE", "plans/0197c1a0-0000-7000-8000-000000000000")]
    [InlineData("POST", "experiments/0197c1a0-0000-7000-8000-000000000000/start")]
    public async Task Is_not_for_proposers_to_change(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/scheduling/" + path);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.As(Maria).SendAsync(request)).StatusCode);
    }
}
