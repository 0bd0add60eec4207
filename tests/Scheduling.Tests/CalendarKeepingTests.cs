using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Tutti.Scheduling.Calendars;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

/// <summary>What several tests of calendars do over HTTP.</summary>
internal static class Calls
{
    public static async Task<T> ReadAsync<T>(this HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<T>(Json.Strict) ?? throw new System.Text.Json.JsonException("null");
    }

    public static async Task<T> GetAsync<T>(this SchedulingHost host, string path, Person? by = null) =>
        await (await host.As(by ?? Office).GetAsync("/api/scheduling/" + path)).ReadAsync<T>();

    /// <summary>Sends a change of the version named; where none is named of the one that is there, and where it is empty without naming any.</summary>
    public static async Task<HttpResponseMessage> SendAsync(this SchedulingHost host, HttpMethod method, string path, object? body = null, Person? by = null,
        string? version = null)
    {
        var client = host.As(by ?? Office);
        var what = System.Text.RegularExpressions.Regex.Replace(path.Split('?')[0], "/(publication|revert|import)$", "");
        var named = version ?? (method == HttpMethod.Get ? null : (await host.As(Office).GetAsync("/api/scheduling/" + what)).Headers.ETag?.Tag);
        var request = new HttpRequestMessage(method, "/api/scheduling/" + path) { Content = body is null ? null : body is HttpContent content ? content
            : JsonContent.Create(body, options: Json.Strict) };
        if (named is { Length: > 0 }) request.Headers.TryAddWithoutValidation("If-Match", named);
        return await client.SendAsync(request);
    }

    public static HttpContent Ics(params string[] events) =>
        new StringContent($"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\n{string.Concat(events)}END:VCALENDAR\r\n", Encoding.UTF8, "text/calendar");

    public static string Event(string uid, string from, string to, string more = "") =>
        $"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:{from}\r\nDTEND;VALUE=DATE:{to}\r\n{more}END:VEVENT\r\n";
}

public sealed class A_change_of_a_calendar(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private object Week(string reason, params object[] closed) => new { reason, runPeriods = new[] { new { from = host.Day(0), to = host.Day(7) } }, closed };

    private async Task<(string Instrument, Guid Experiment, string Label)> PromisedAsync()
    {
        var code = await host.InstrumentAsync();
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code));
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        (await host.PublishAsync(plan)).EnsureSuccessStatusCode();
        var experiment = Assert.Single(await host.ExperimentsAsync(proposal.ProposalId));
        return (code, experiment.Id, experiment.Shifts[0].Label);
    }

    [Fact]
    public async Task Tells_before_and_after_which_promised_placements_it_hits()
    {
        var (code, experiment, label) = await PromisedAsync();
        var day = label[..10];
        var closed = new { from = day, to = day + "T09:00:00", reason = "maintenance", note = "Vacuum" };
        var checkedFirst = await (await host
            .SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/check",
            new { runPeriods = new[] { new { from = host.Day(0), to = host.Day(10) } }, closed = new[] { closed } },
            Staff)).ReadAsync<CheckCalendar.Response>();
        var hit = Assert.Single(checkedFirst.Hits);
        Assert.Equal((experiment, ExperimentStatus.Scheduled), (hit.ExperimentId, hit.Status));
        Assert.Contains(label, hit.Shifts);
        Assert.Empty(checkedFirst.Gained);
        Assert.Equal(hit.Shifts, checkedFirst.Lost.Select(shift => shift.Label).Intersect(hit.Shifts));
        Assert.Equal(1, (await host.GetAsync<ReadCalendar.Response>($"instruments/{code}/calendar")).Revision); // nothing was kept

        var published = await (await host
            .PutCalendarAsync(code,
            new { reason = "Vacuum broken", runPeriods = new[] { new { from = host.Day(0), to = host.Day(10) } }, closed = new[] { closed } },
            Staff)).ReadAsync<PublishCalendar.Response>();
        Assert.Equal((2, 0, 2), (published.Revision, published.Gained, published.Lost));
        Assert.Equal(experiment, Assert.Single(published.Hits).ExperimentId);
        // The promise stands until somebody moves it, and a change that takes nothing more hits nobody.
        Assert.Equal(ExperimentStatus.Scheduled, (await host.ReadAsync(db => db.Experiments.SingleAsync(x => x.Id == experiment))).Status);
        var again = await (await host
            .PutCalendarAsync(code,
            new { reason = "More beam", runPeriods = new[] { new { from = host.Day(0), to = host.Day(12) } }, closed = new[] { closed } },
            Staff)).ReadAsync<PublishCalendar.Response>();
        Assert.Equal((6, 0), (again.Gained, again.Lost));
        Assert.Empty(again.Hits);
    }

    [Fact]
    public async Task Is_told_with_who_when_why_and_the_shifts_gained_and_lost()
    {
        var code = await host.InstrumentAsync();
        (await host.PutCalendarAsync(code, Week("Shorter, with a machine day", new { from = host.Day(1), to = host.Day(2), reason = "machine" }), Staff))
            .EnsureSuccessStatusCode();
        var history = (await host.GetAsync<ReadCalendar.Response>($"instruments/{code}/calendar")).History;
        Assert.Equal([(2, Staff.Id, 0, 12), (1, Office.Id, 30, 0)], history.Select(change => (change.Revision, change.By, change.Gained, change.Lost)));
        var change = await host.GetAsync<ReadCalendar.ChangeResponse>($"instruments/{code}/calendar/changes/2", Staff);
        Assert.Equal((2, 1, "Shorter, with a machine day", 12, 0), (change.Revision, change.Against, change.Reason, change.Lost.Count, change.Gained.Count));
        Assert.Equal(ClosedFor.Machine, Assert.Single(change.Calendar.Closed).Reason);
        Assert.Equal(18, (await host.GetAsync<ReadCalendar.ChangeResponse>($"instruments/{code}/calendar/changes/2?against=0")).Gained.Count);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, $"instruments/{code}/calendar/changes/3")).StatusCode);
    }

    [Fact]
    public async Task Is_undone_by_going_back_to_an_earlier_calendar_which_becomes_the_next()
    {
        var code = await host.InstrumentAsync();
        (await host.PutCalendarAsync(code, Week("A mistake"), Staff)).EnsureSuccessStatusCode();
        var back = await (await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/revert", new { revision = 1, reason = "It was a mistake" },
            Staff)).ReadAsync<PublishCalendar.Response>();
        Assert.Equal((3, 30, 9, 0), (back.Revision, back.Shifts, back.Gained, back.Lost));
        var read = await host.GetAsync<ReadCalendar.Response>($"instruments/{code}/calendar");
        Assert.Equal([(3, 1), (2, null), (1, (int?)null)], read.History.Select(change => (change.Revision, change.RevertsTo)));
        Assert.Equal(read.History[2].Calendar.RunPeriods, read.Calendar.RunPeriods);
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/revert", new { revision = 3, reason = "x" }, Staff),
            HttpStatusCode.Conflict, "calendar.holds-already");
        Assert.Equal(["calendar.revision-unknown"],
            await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/revert", new { revision = 9, reason = "x" }, Staff),
            HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
        Assert.Equal(["calendar.reason"],
            await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/revert", new { revision = 1, reason = "" }, Staff),
            HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/revert", new { revision = 1, reason = "x" },
            Staff, "\"1\""), HttpStatusCode.PreconditionFailed, "stale-write");
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/revert", new { revision = 1, reason = "x" }, OtherStaff),
            HttpStatusCode.Forbidden, "calendar.other-site");
        Assert.Equal(HttpStatusCode.NotFound,
            (await host.SendAsync(HttpMethod.Post, "instruments/nowhere/calendar/revert", new { revision = 1, reason = "x" })).StatusCode);
    }

    [Fact]
    public async Task First_made_by_several_at_once_is_lost_to_none_of_them_unseen()
    {
        var code = await BareAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => host.PutCalendarAsync(code, Week($"At once {i}"), Staff)));
        foreach (var lost in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            if (lost.StatusCode == HttpStatusCode.PreconditionRequired) await Assert.RefusedAsync(lost, HttpStatusCode.PreconditionRequired, "version-required");
            else await Assert.RefusedAsync(lost, HttpStatusCode.PreconditionFailed, "stale-write");
        var kept = await host.GetAsync<ReadCalendar.Response>($"instruments/{code}/calendar");
        Assert.Equal(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), kept.History.Count);
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Put, $"instruments/{(await BareAsync())}/calendar", Week("x"), Staff, "\"0\""),
            HttpStatusCode.PreconditionFailed, "stale-write");
    }

    private async Task<string> BareAsync()
    {
        var code = $"bare-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(code, "elettra"));
        return code;
    }

    [Fact]
    public async Task That_lets_users_begin_in_the_morning_only_is_told_to_everybody_and_kept_by_planner_and_desk()
    {
        var code = await host.InstrumentAsync();
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(code, 2), Experiment(code, 2));
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Contains((await host.ReadPlanAsync(plan)).Placements, place => !place.Shifts[0].Label.EndsWith("08:00-16:00", StringComparison.Ordinal));

        object Cut(params string[] userStarts) => new { starts = new[] { "00:00:00", "08:00:00", "16:00:00" }, lengthMinutes = 480, userStarts };
        object With(object pattern, params object[] week) => new { reason = "Users arrive in the morning", runPeriods = new[] { new { from = host.Day(0), to = host.Day(10) } }, pattern, week };
        var published = await (await host.PutCalendarAsync(code, With(Cut("08:00:00")), Staff)).ReadAsync<PublishCalendar.Response>();
        Assert.Equal((2, 0, 0), (published.Revision, published.Gained, published.Lost)); // the shifts are the same
        var shifts = (await host.GetAsync<ListShifts.Response>($"instruments/{code}/shifts?from={host.Day(0)}T12:00:00Z&to={host.Day(3)}T12:00:00Z", Maria)).Shifts;
        Assert.Equal(["08:00-16:00"], shifts.Where(shift => shift.MayStart).Select(shift => shift.Label[11..]).Distinct());
        Assert.Equal(["00:00-08:00", "16:00-00:00"], shifts.Where(shift => !shift.MayStart).Select(shift => shift.Label[11..]).Distinct().Order());
        Assert.Equal([new(8, 0)], (await host.GetAsync<ReadCalendar.Response>($"instruments/{code}/calendar")).Calendar.Pattern?.UserStarts);
        Assert.Equal([new(8, 0)], (await host.GetAsync<ReadCalendar.ChangeResponse>($"instruments/{code}/calendar/changes/2")).Calendar.Pattern?.UserStarts);

        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        await host.RoundAsync(plan, 2);
        var places = (await host.ReadPlanAsync(plan)).Placements;
        Assert.Equal(2, places.Count);
        Assert.All(places, place => Assert.EndsWith("08:00-16:00", place.Shifts[0].Label, StringComparison.Ordinal));
        var (first, last) = (places.MinBy(place => place.From), places.MaxBy(place => place.To));
        Assert.NotNull(first);
        var conflicts = await (await host.MoveAsync(plan, first.ExperimentId, (last?.To ?? default).AddDays(2), 2)).ConflictsAsync();
        Assert.True(conflicts["start-not-allowed"].GetProperty("forceable").GetBoolean());

        Assert.Equal(["calendar.user-starts-unknown"], await Assert.RefusedAsync(await host.PutCalendarAsync(code, With(Cut("09:00:00")), Staff), HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
        Assert.Equal(["calendar.user-starts-count"], await Assert.RefusedAsync(await host.PutCalendarAsync(code, With(Cut()), Staff), HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
        // No shift of the night is open.
        var byDay = Enum.GetValues<DayOfWeek>().Select(day => (object)new { fromDay = day, from = "08:00:00", toDay = day, to = "16:00:00" }).ToArray();
        Assert.Equal(["calendar.no-user-starts"], await Assert.RefusedAsync(await host.PutCalendarAsync(code, With(Cut("00:00:00"), byDay), Staff), HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
    }

    [Fact]
    public async Task With_reasons_shares_and_holidays_is_refused_where_they_make_no_sense()
    {
        var code = await host.InstrumentAsync();
        await host.HearAsync(Site("far-away", "Pacific/Auckland", 1, "NZ", "laboratory"));
        var far = $"far-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(far, "far-away"));
        async Task<IReadOnlyList<string>> ProblemsAsync(string instrument, object calendar) =>
            await Assert.RefusedAsync(await host.PutCalendarAsync(instrument, calendar), HttpStatusCode.UnprocessableEntity, "calendar.invalid");
        object[] periods = [new { from = "2027-01-11", to = "2027-02-01" }];
        Assert.Equal(["calendar.holidays-unknown"], await ProblemsAsync(far, new { reason = "x", runPeriods = periods, holidaysClose = true }));
        Assert.Equal(["calendar.shares"],
            await ProblemsAsync(code, new { reason = "x", runPeriods = periods, shares = new[] { new { @for = "machine", percent = 10 } } }));
        Assert.Equal(["calendar.closure-reason"],
            await ProblemsAsync(code,
            new { reason = "x", runPeriods = periods, closed = new[] { new { from = "2027-01-12", to = "2027-01-13", reason = "no-run" } } }));
        Assert.Equal(["calendar.text-too-long"],
            await ProblemsAsync(code,
            new { reason = "x", runPeriods = periods, closed = new[] { new { from = "2027-01-12", to = "2027-01-13", note = new string('x', 201) } } }));
        await Assert.RefusedAsync(await host
            .PutCalendarAsync(code,
            new { reason = "x", runPeriods = periods, closed = new[] { new { from = "2027-01-12", to = "2027-01-13", reason = "party" } } }),
            HttpStatusCode.BadRequest, "request.malformed");
    }
}

public sealed class A_draft_of_a_calendar(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private async Task<string> BareAsync(string site = "bnc")
    {
        var code = $"bare-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(code, site));
        return code;
    }

    private int Year => host.Time.GetUtcNow().Year + 1;

    private async Task<ProposeHalfYear.Response> ProposeAsync(string code, int half, Person? by = null, int? year = null) =>
        await (await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft", new { year = year ?? Year, half },
            by ?? OtherStaff)).ReadAsync<ProposeHalfYear.Response>();

    [Fact]
    public async Task Is_proposed_changed_and_published_and_is_gone_then()
    {
        var code = await BareAsync();
        var proposed = await ProposeAsync(code, 1);
        Assert.Empty(proposed.Draft.Problems);
        Assert.Empty(proposed.Warnings);
        Assert.Contains(proposed.Holidays, holiday => holiday.Name == "National Day");
        Assert.Equal(0, proposed.Draft.BasedOn);
        Assert.InRange(proposed.Draft.Budget?.Open ?? 0, 240, 300); // of 160 days rather more than half: the summer shutdown is in the other
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, $"instruments/{code}/calendar")).StatusCode); // it holds for nobody yet
        Assert.Empty((await host.GetAsync<ListShifts.Response>($"instruments/{code}/shifts?from={Year}-02-01T00:00:00Z&to={Year}-03-01T00:00:00Z",
            Stranger)).Shifts);

        var edited = proposed.Draft.Calendar
            with { Closed = [.. proposed.Draft.Calendar.Closed, new(new(Year, 3, 8), new(Year, 3, 9), ClosedFor.Commissioning, "New guide")] };
        var view = await (await host.SendAsync(HttpMethod.Put, $"instruments/{code}/calendar/draft", edited, OtherStaff)).ReadAsync<DraftView>();
        Assert.Contains(view.Calendar.Closed, closed => closed.Note == "New guide");
        Assert.Equal(view.Gained.Count, view.Budget?.Open);
        var read = await host.GetAsync<DraftView>($"instruments/{code}/calendar/draft", OtherStaff);
        Assert.Equal(view.Calendar.Closed, read.Calendar.Closed);

        var published = await (await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft/publication", new { reason = "First half" },
            OtherStaff)).ReadAsync<PublishCalendar.Response>();
        Assert.Equal((1, view.Gained.Count, 0), (published.Revision, published.Gained, published.Lost));
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, $"instruments/{code}/calendar/draft", null, OtherStaff)).StatusCode);

        // The other half is added to what holds.
        var second = await ProposeAsync(code, 2);
        Assert.Empty(second.Draft.Lost);
        Assert.Equal((1, false), (second.Draft.BasedOn, second.Draft.Outdated));
        (await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft/publication", new { reason = "Second half" }, OtherStaff))
            .EnsureSuccessStatusCode();
        var all = await host.GetAsync<ListShifts.Response>($"instruments/{code}/shifts?from={Year}-01-01T00:00:00Z&to={Year + 1}-01-01T00:00:00Z", Stranger);
        Assert.Equal((160 * 3) - all.Shifts.Count,
            view.Lost.Count + (3 * (edited.RunPeriods.Any(run => run.Meets(new LocalInterval(new(Year, 3, 8), new(Year, 3, 9)))) ? 1 : 0)));
    }

    [Fact]
    public async Task Follows_the_pattern_that_the_site_told_or_the_instruments_own()
    {
        var (plain, own) = (await BareAsync("elettra"), await BareAsync("elettra"));
        var told = new OperatingPattern { Shifts = new([new(8, 0), new(20, 0)], TimeSpan.FromHours(12), [new(8, 0)]), Runs = new(3, 1), HolidaysClose = true,
            BridgeableHours = 5 };
        Assert.Equal(HttpStatusCode.NoContent,
            (await host.SendAsync(HttpMethod.Put, "sites/elettra/operating-pattern", new { reason = "As agreed", pattern = told }, Staff)).StatusCode);
        var laboratory = new OperatingPattern { Shifts = new([new(9, 0)], TimeSpan.FromHours(8)),
            Week = [new(DayOfWeek.Monday, new(0, 0), DayOfWeek.Friday, new(0, 0))] };
        Assert.Equal(HttpStatusCode.NoContent,
            (await host.SendAsync(HttpMethod.Put, $"sites/elettra/instruments/{own}/operating-pattern", new { reason = "Offline laser", pattern = laboratory },
            Staff)).StatusCode);

        var site = await ProposeAsync(plain, 1, Staff);
        Assert.Equal((720, 5, true), (site.Draft.Calendar.Pattern?.LengthMinutes, site.Draft.Calendar.BridgeableHours, site.Draft.Calendar.HolidaysClose));
        Assert.All(site.Draft.Calendar.RunPeriods.SkipLast(1), run => Assert.Equal(21, (run.To - run.From).TotalDays));
        Assert.Equal([new(8, 0)], site.Draft.Calendar.Pattern?.UserStarts);
        Assert.All(site.Draft.Gained, shift => Assert.Equal(shift.Label.EndsWith("08:00-20:00", StringComparison.Ordinal), shift.MayStart));
        Assert.Equal([new(8, 0)], (await host.GetAsync<TellOperatingPattern.Response>("sites/elettra/operating-pattern")).Pattern.Shifts.UserStarts);
        var instrument = await ProposeAsync(own, 1, Staff);
        Assert.All(instrument.Draft.Gained, shift => Assert.EndsWith("09:00-17:00", shift.Label, StringComparison.Ordinal));

        var read = await host.GetAsync<TellOperatingPattern.Response>($"sites/elettra/instruments/{own}/operating-pattern", OtherStaff);
        Assert.Equal((true, "Offline laser", Staff.Id), (read.Told, Assert.Single(read.History).Reason, read.History[0].By));
        Assert.False((await host.GetAsync<TellOperatingPattern.Response>($"sites/elettra/instruments/{plain}/operating-pattern")).Told);
        Assert.Equal(160, (await host.GetAsync<TellOperatingPattern.Response>("sites/bnc/operating-pattern")).Pattern.Reactor?.DaysPerYear);
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Put, "sites/elettra/operating-pattern", new { reason = "x", pattern = told }, OtherStaff),
            HttpStatusCode.Forbidden, "calendar.other-site");
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Put, "sites/elettra/operating-pattern", new { reason = "x", pattern = told },
            Staff, "\"99\""), HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Equal(["operating-pattern.runs-out-of-range"], await Assert.RefusedAsync(
            await host.SendAsync(HttpMethod.Put, "sites/elettra/operating-pattern", new { reason = "x", pattern = told with { Runs = new(0, 1) } }, Staff),
                HttpStatusCode.UnprocessableEntity, "operating-pattern.invalid"));
        Assert.Equal(HttpStatusCode.NotFound,
            (await host.SendAsync(HttpMethod.Put, "sites/nowhere/operating-pattern", new { reason = "x", pattern = told })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, $"sites/bnc/instruments/{own}/operating-pattern")).StatusCode);
    }

    [Fact]
    public async Task Is_made_for_all_instruments_of_a_site_and_leaves_those_alone_that_somebody_began()
    {
        var site = $"site-{Guid.CreateVersion7():N}";
        await host.HearAsync(Site(site, "Europe/Zagreb", 1, "HR", "accelerator"));
        foreach (var code in new[] { "one", "two", "three" }) await host.HearAsync(Instrument($"{code}-{site}", site));
        await host.HearAsync(Instrument($"out-{site}", site) with { InScheme = false });
        await ProposeAsync($"two-{site}", 2, Office);
        var answer = await (await host
            .SendAsync(HttpMethod.Post, $"sites/{site}/calendar-drafts", new { year = Year, half = 1 })).ReadAsync<ProposeHalfYear.SiteResponse>();
        Assert.Equal([$"one-{site}", $"three-{site}"], answer.Proposed);
        Assert.Equal([$"two-{site}"], answer.BegunBefore);
        Assert.Equal(7, (await host.GetAsync<DraftView>($"instruments/two-{site}/calendar/draft")).Calendar.RunPeriods[0].From.Month);
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"sites/{site}/calendar-drafts", new { year = Year, half = 1 }, Staff),
            HttpStatusCode.Forbidden, "calendar.other-site");
        Assert.Equal(HttpStatusCode.NotFound,
            (await host.SendAsync(HttpMethod.Post, "sites/nowhere/calendar-drafts", new { year = Year, half = 1 })).StatusCode);
        Assert.Equal(["calendar.half-year"],
            await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"sites/{site}/calendar-drafts", new { year = Year, half = 3 }),
            HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
    }

    [Fact]
    public async Task Warns_where_the_pattern_changes_what_is_published_outside_the_half_year()
    {
        var code = await BareAsync();
        (await host.PutCalendarAsync(code,
            new { reason = "Last year", runPeriods = new[] { new { from = $"{Year - 1}-02-01", to = $"{Year - 1}-03-01" } },
            pattern = new { starts = new[] { "08:00:00" }, lengthMinutes = 720 } })).EnsureSuccessStatusCode();
        var proposed = await ProposeAsync(code, 1);
        Assert.Equal("calendar.pattern-changes", Assert.Single(proposed.Warnings).Code);
        Assert.NotEmpty(proposed.Draft.Lost);

        // The same shifts, with which users begin otherwise, are another pattern; just the same is none.
        var (usual, mornings) = (await BareAsync(), await BareAsync());
        foreach (var (other, userStarts) in new[] { (usual, (string[]?)null), (mornings, ["08:00:00"]) })
        {
            (await host.SendAsync(HttpMethod.Put, $"sites/bnc/instruments/{other}/operating-pattern", new { reason = "Around the clock", pattern = new OperatingPattern() }, OtherStaff)).EnsureSuccessStatusCode();
            (await host.PutCalendarAsync(other, new
            {
                reason = "Last year", runPeriods = new[] { new { from = $"{Year - 1}-02-01", to = $"{Year - 1}-03-01" } }, pattern = new { starts = new[] { "00:00:00", "08:00:00", "16:00:00" }, lengthMinutes = 480, userStarts },
            })).EnsureSuccessStatusCode();
        }
        Assert.Empty((await ProposeAsync(usual, 1)).Warnings);
        Assert.Equal("calendar.pattern-changes", Assert.Single((await ProposeAsync(mornings, 1)).Warnings).Code);
    }

    [Fact]
    public async Task Is_not_published_over_a_calendar_that_changed_meanwhile_nor_with_errors_nor_by_strangers()
    {
        var code = await BareAsync();
        await ProposeAsync(code, 1);
        Task<HttpResponseMessage> PublishAsync(Person by, string? version = null) =>
            host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft/publication", new { reason = "Now" }, by, version);
        await Assert.RefusedAsync(await PublishAsync(Staff), HttpStatusCode.Forbidden, "calendar.other-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await PublishAsync(Maria)).StatusCode);
        await Assert.RefusedAsync(await PublishAsync(OtherStaff, "\"7\""), HttpStatusCode.PreconditionFailed, "stale-write");
        var empty = await (await host.SendAsync(HttpMethod.Put, $"instruments/{code}/calendar/draft", new { }, OtherStaff)).ReadAsync<DraftView>();
        Assert.Equal("calendar.no-run-period", Assert.Single(empty.Problems).Code);
        Assert.Equal(["calendar.no-run-period"],
            await Assert.RefusedAsync(await PublishAsync(OtherStaff), HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
        (await host.PutCalendarAsync(code, host.Calendar(), OtherStaff)).EnsureSuccessStatusCode();
        Assert.True((await host.GetAsync<DraftView>($"instruments/{code}/calendar/draft", OtherStaff)).Outdated);
        await Assert.RefusedAsync(await PublishAsync(OtherStaff), HttpStatusCode.Conflict, "calendar.draft-outdated");
        Assert.Equal(HttpStatusCode.NoContent, (await host.SendAsync(HttpMethod.Delete, $"instruments/{code}/calendar/draft", null, OtherStaff)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Delete, $"instruments/{code}/calendar/draft", null, OtherStaff)).StatusCode);
    }

    [Fact]
    public async Task Saved_by_two_keeps_the_first_and_tells_the_second()
    {
        var code = await BareAsync();
        var answer = await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft", new { year = Year, half = 1 }, OtherStaff);
        var version = answer.Headers.ETag?.Tag;
        var calendar = (await answer.ReadAsync<ProposeHalfYear.Response>()).Draft.Calendar;
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Put, $"instruments/{code}/calendar/draft", calendar, OtherStaff, version)).StatusCode);
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Put, $"instruments/{code}/calendar/draft", calendar, Office, version),
            HttpStatusCode.PreconditionFailed, "stale-write");
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Delete, $"instruments/{code}/calendar/draft", null, Office, version),
            HttpStatusCode.PreconditionFailed, "stale-write");
    }

    [Fact]
    public async Task Is_not_taken_for_one_that_was_thrown_away_before_it_was_begun()
    {
        var code = await BareAsync();
        var first = await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft", new { year = Year, half = 1 }, OtherStaff);
        var (seen, calendar) = (first.Headers.ETag?.Tag, (await first.ReadAsync<ProposeHalfYear.Response>()).Draft.Calendar);
        Assert.Equal(HttpStatusCode.NoContent, (await host.SendAsync(HttpMethod.Delete, $"instruments/{code}/calendar/draft", null, Office)).StatusCode);
        (await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft", new { year = Year, half = 2 }, Office)).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Put, $"instruments/{code}/calendar/draft", calendar, OtherStaff, seen), HttpStatusCode.PreconditionFailed, "stale-write");
        await Assert.RefusedAsync(await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft/publication", new { reason = "As I saw it" }, OtherStaff, seen),
            HttpStatusCode.PreconditionFailed, "stale-write");
        Assert.Equal(7, (await host.GetAsync<DraftView>($"instruments/{code}/calendar/draft")).Calendar.RunPeriods[0].From.Month);
    }

    [Fact]
    public async Task Takes_closures_from_a_file_replaces_them_when_it_comes_again_and_lets_go_of_cancelled_ones()
    {
        var code = await host.InstrumentAsync();
        string At(int day) => host.Monday.AddDays(day).ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        async Task<ImportCalendar.Response> ImportAsync(string question, params string[] events) =>
            await (await host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft/import{question}", Calls.Ics(events),
                Staff)).ReadAsync<ImportCalendar.Response>();
        var first = await ImportAsync("?as=closures&reason=maintenance", Calls.Event("a", At(1), At(2), "SUMMARY:Pumps\r\n"),
            Calls.Event("b", At(3), At(4), "RRULE:FREQ=DAILY;COUNT=2\r\n"), Calls.Event("c", At(9), At(10), "CATEGORIES:machine\r\n"));
        Assert.Equal(4, first.Taken);
        Assert.Equal([(1, ClosedFor.Maintenance, "Pumps"), (3, ClosedFor.Maintenance, null), (4, ClosedFor.Maintenance, null),
            (9, ClosedFor.Machine, (string?)null)],
            first.Draft.Calendar.Closed.Select(closed => ((closed.From - host.Monday).Days, closed.Reason, closed.Note)));
        Assert.Equal(12, first.Draft.Lost.Count);
        Assert.Equal(1, (await host.GetAsync<ReadCalendar.Response>($"instruments/{code}/calendar")).Revision); // only the draft has changed

        var second = await ImportAsync("?as=closures&reason=maintenance", Calls.Event("a", At(2), At(3), "SUMMARY:Pumps\r\n"),
            Calls.Event("b", At(3), At(4), "STATUS:CANCELLED\r\n"));
        Assert.Equal([(2, "Pumps"), (9, (string?)null)], second.Draft.Calendar.Closed.Select(closed => ((closed.From - host.Monday).Days, closed.Note)));
        Assert.Equal(new SkippedEntry("b", "ics.cancelled"), Assert.Single(second.Skipped));

        var runs = await ImportAsync("?as=runs", Calls.Event("run", At(0), At(20), "SUMMARY:Run 207\r\n"),
            Calls.Event("c", At(9), At(10), "CATEGORIES:machine\r\n"));
        var run = Assert.Single(runs.Draft.Calendar.RunPeriods); // it takes the place of the one it overlaps
        Assert.Equal(("Run 207", 20), (run.Name, (run.To - run.From).Days));
        Assert.Equal(new SkippedEntry("c", "ics.of-another-kind"), Assert.Single(runs.Skipped));
    }

    [Fact]
    public async Task Takes_nothing_from_a_file_that_is_no_good_or_from_one_without_the_right()
    {
        var code = await host.InstrumentAsync();
        Task<HttpResponseMessage> ImportAsync(HttpContent content, string question = "", Person? by = null) =>
            host.SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft/import{question}", content, by ?? Staff);
        Assert.Equal(["ics.unreadable"],
            await Assert.RefusedAsync(await ImportAsync(new StringContent("hello", Encoding.UTF8, "text/calendar")),
            HttpStatusCode.UnprocessableEntity, "ics.invalid"));
        Assert.Equal(["calendar.import-as"],
            await Assert.RefusedAsync(await ImportAsync(Calls.Ics(), "?as=holidays"), HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
        Assert.Equal(["calendar.closure-reason"],
            await Assert.RefusedAsync(await ImportAsync(Calls.Ics(), "?reason=party"), HttpStatusCode.UnprocessableEntity, "calendar.invalid"));
        await Assert.RefusedAsync(await ImportAsync(new StringContent(new string(' ', (1024 * 1024) + 1), Encoding.UTF8, "text/calendar")),
            HttpStatusCode.RequestEntityTooLarge, "ics.too-large");
        await Assert.RefusedAsync(await ImportAsync(new StringContent("{}", Encoding.UTF8, "application/json")),
            HttpStatusCode.UnsupportedMediaType, "request.media-type");
        await Assert.RefusedAsync(await ImportAsync(Calls.Ics(), "", OtherStaff), HttpStatusCode.Forbidden, "calendar.other-site");
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, $"instruments/{code}/calendar/draft", null, Staff)).StatusCode);
    }

    [Fact]
    public async Task Is_as_the_published_calendar_when_that_is_exported_and_imported_again()
    {
        var code = await host.InstrumentAsync();
        (await host.PutCalendarAsync(code, new
        {
            reason = "Run", runPeriods = new[] { new { from = host.Day(0), to = host.Day(20), name = "Run 1" } }, holidaysClose = true,
            pattern = new { starts = new[] { "00:00:00", "08:00:00", "16:00:00" }, lengthMinutes = 480, userStarts = new[] { "08:00:00" } },
            closed = new[] { new { from = host.Day(1) + "T08:00:00", to = host.Day(2) + "T08:00:00", reason = "machine", note = "Machine day" },
                new { from = host.Day(5), to = host.Day(6), reason = "in-house", note = "Ours" } },
        }, Staff)).EnsureSuccessStatusCode();
        var answer = await host.As(Maria).GetAsync($"/api/scheduling/instruments/{code}/calendar.ics");
        Assert.Equal("text/calendar", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("open-shift", text, StringComparison.Ordinal);
        foreach (var kind in new[] { "closures", "runs" })
        {
            var imported = await (await host
                .SendAsync(HttpMethod.Post, $"instruments/{code}/calendar/draft/import?as={kind}", new StringContent(text, Encoding.UTF8, "text/calendar"),
                Staff)).ReadAsync<ImportCalendar.Response>();
            Assert.Empty(imported.Draft.Gained);
            Assert.Empty(imported.Draft.Lost);
            Assert.Equal([ClosedFor.Machine, ClosedFor.InHouse], imported.Draft.Calendar.Closed.Select(closed => closed.Reason));
            Assert.Equal("Run 1", Assert.Single(imported.Draft.Calendar.RunPeriods).Name);
            Assert.Equal([new(8, 0)], imported.Draft.Calendar.Pattern?.UserStarts); // how the day is cut is not in the file, and stays as it is
        }
        await Assert.RefusedAsync(await host.As(Maria).GetAsync($"/api/scheduling/instruments/{code}/calendar.ics?parts=everything"),
            HttpStatusCode.UnprocessableEntity, "shifts.invalid");
        await Assert.RefusedAsync(await host.As(Maria)
            .GetAsync($"/api/scheduling/instruments/{code}/calendar.ics?from=2027-01-01T00:00:00Z&to=2036-01-01T00:00:00Z"),
            HttpStatusCode.UnprocessableEntity, "shifts.invalid");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Maria).GetAsync("/api/scheduling/instruments/nowhere/calendar.ics")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.CreateClient().GetAsync($"/api/scheduling/instruments/{code}/calendar.ics")).StatusCode);
    }
}

public sealed class The_time_of_an_instrument(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    [Fact]
    public async Task Is_told_with_the_reasons_for_which_it_is_closed_and_what_it_shares()
    {
        var source = $"undulator-{Guid.CreateVersion7():N}";
        var (code, other) = (await host.InstrumentAsync("elettra", 10, source), await host.InstrumentAsync("elettra", 10, source));
        (await host.PutCalendarAsync(code, new
        {
            reason = "Run", runPeriods = new[] { new { from = "2027-04-19", to = "2027-05-03" } }, holidaysClose = true,
                shares = new[] { new { @for = "in-house", percent = 20 } },
            closed = new object[]
            {
                new { from = "2027-04-20T08:00:00", to = "2027-04-21T08:00:00", reason = "machine", note = "Machine day" },
                    new { from = "2027-04-22", to = "2027-04-23", reason = "maintenance", note = "Pumps" },
                new { from = "2027-04-26", to = "2027-04-27", reason = "in-house" }, new { from = "2027-04-28", to = "2027-04-29", reason = "commissioning" },
                    new { from = "2027-04-30", to = "2027-05-01" },
            },
        }, Staff)).EnsureSuccessStatusCode();
        var told = await host.GetAsync<ReadBeamtime.Response>($"instruments/{code}/beamtime?from=2027-04-18&to=2027-05-04", Stranger);
        Assert.Equal(
            [
                "18 00 no-run", "19 00 open", "20 08 machine Machine day", "21 08 open", "22 00 maintenance Pumps", "23 00 open", "25 00 holiday Liberation Day", "26 00 in-house", "27 00 open", "28 00 commissioning", "29 00 open",
                "30 00 closure", "01 00 holiday Labour Day", "02 00 open", "03 00 no-run",
            ],
            told.Intervals.Select(one => string.Create(CultureInfo.InvariantCulture,
                $"{TimeZoneInfo.ConvertTime(one.Start, TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome")):dd HH} {(one.Open ? "open" : string.Join(',', one.Reasons.Select(CalendarFile.CategoryOf)))} {string.Join(',', one.Notes)}").Trim()));
        Assert.Equal(16 * 3, told.Intervals.Sum(one => one.Shifts));
        Assert.Equal((14 * 3) - 3 - 3 - 6 - 3, told.Budget?.WithBeam); // less machine, maintenance, two holidays, closure
        Assert.Equal((21, 27 - 6 - 3), (told.Budget?.Open, told.Budget?.UserQuota));
        var coupling = Assert.Single(told.SharedSources);
        Assert.Equal((source, other), (coupling.Source, Assert.Single(coupling.With)));

        var site = await host.GetAsync<ReadBeamtime.SiteResponse>("sites/elettra/beamtime?from=2027-04-18&to=2027-05-04", Stranger);
        Assert.Equal(["Liberation Day", "Labour Day"], site.Holidays.Select(holiday => holiday.Name));
        Assert.Equal(told.Intervals.Count, site.Instruments.Single(one => one.InstrumentCode == code).Intervals.Count);
    }

    [Fact]
    public async Task Is_empty_without_a_calendar_and_refused_for_senseless_days()
    {
        var code = $"bare-{Guid.CreateVersion7():N}";
        await host.HearAsync(Instrument(code, "elettra"));
        var told = await host.GetAsync<ReadBeamtime.Response>($"instruments/{code}/beamtime", Stranger);
        Assert.Equal((0, "Europe/Rome", null), (told.Revision, told.TimeZone, told.Budget));
        Assert.Empty(told.Intervals);
        foreach (var question in new[] { "from=0001-01-01", "from=2027-01-01&to=2027-01-01", "from=2027-01-01&to=2029-01-01", "from=9999-12-31" })
            await Assert.RefusedAsync(await host.As(Stranger).GetAsync($"/api/scheduling/instruments/{code}/beamtime?{question}"),
                HttpStatusCode.UnprocessableEntity, "shifts.invalid");
        await Assert.RefusedAsync(await host.As(Stranger).GetAsync($"/api/scheduling/instruments/{code}/beamtime?from=soon"),
            HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Stranger).GetAsync("/api/scheduling/instruments/nowhere/beamtime")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Stranger).GetAsync("/api/scheduling/sites/nowhere/beamtime")).StatusCode);
    }
}
