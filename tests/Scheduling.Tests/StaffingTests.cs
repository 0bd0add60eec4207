using System.Globalization;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Tutti.Scheduling.Calendars;
using Tutti.Scheduling.Staffing;
using Tutti.Testing;
using static Tutti.Scheduling.Tests.SchedulingHost;

namespace Tutti.Scheduling.Tests;

[Trait("engine", "any")]
public sealed class A_contact_group_of_people
{
    private static readonly DateTimeOffset zero = new(2027, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static ContactGroup Group(params (Guid Person, int AtOnce)[] people)
    {
        var group = new ContactGroup { SiteCode = "elettra", Code = "x" };
        group.Change("X", ["i"], [.. people.Select(one => new Contact(one.Person, "P", one.AtOnce))], WeeklyLimits.None, Guid.Empty, "r", Guid.Empty, zero);
        return group;
    }

    [Fact]
    public void Serves_fewer_experiments_while_one_is_away_and_none_when_all_are()
    {
        var (ana, bor) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        AbsentInterval Days(int from, int to) => new(zero.AddDays(from), zero.AddDays(to));
        var capacity = Group((ana, 1), (bor, 2))
            .CapacityBetween(zero, zero.AddDays(20), new Dictionary<Guid,
            IReadOnlyList<AbsentInterval>> { [ana] = [Days(2, 5), Days(8, 9)], [bor] = [Days(4, 6), Days(-3, -1)], [Guid.CreateVersion7()] = [Days(0, 20)] });
        Assert.Equal(["0-2:3", "2-4:2", "4-5:0", "5-6:1", "6-8:3", "8-9:2", "9-20:3"],
            capacity.Select(piece =>
                string.Create(CultureInfo.InvariantCulture, $"{(piece.From - zero).TotalDays}-{(piece.To - zero).TotalDays}:{piece.AtOnce}")));
        Assert.Empty(Group((ana, 1)).CapacityBetween(zero, zero, new Dictionary<Guid, IReadOnlyList<AbsentInterval>>()));
        Assert.Equal(0, Assert.Single(Group().CapacityBetween(zero, zero.AddDays(1), new Dictionary<Guid, IReadOnlyList<AbsentInterval>>())).AtOnce);
    }

    /// <summary>At every hour the piece says what counting the people who are there says, whatever the leave and the change of the clocks.</summary>
    [Fact]
    public void Is_counted_right_at_every_hour()
    {
        var rome = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome");
        var leave = from person in Gen.Choose(0, 2) from start in Gen.Choose(-100, 400) from length in Gen.Choose(1, 200) select (person, start, length);
        var cases = from list in leave.ListOf(7) from month in Gen.Elements(3, 10, 7) select (list, month);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var people = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
            var day = new DateTime(2027, one.month, 22);
            var (from, to) = (RunCalendar.ToUtc(day, rome), RunCalendar.ToUtc(day.AddDays(14), rome));
            var away = new Dictionary<Guid, IReadOnlyList<AbsentInterval>>();
            for (var i = 0; i < 3; i++)
            {
                var told = new StaffLeave { SiteCode = "elettra", PersonId = people[i] };
                told.Change([.. one.list.Where(entry => entry.person == i)
                    .Select(entry => new Leave(day.AddHours(entry.start), day.AddHours(entry.start + entry.length)))], Guid.Empty, "r", Guid.Empty, from);
                away[people[i]] = told.Absences(rome);
                Assert.All(away[people[i]].Zip(away[people[i]].Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From));
            }
            var capacity = Group((people[0], 1), (people[1], 2), (people[2], 4)).CapacityBetween(from, to, away);
            Assert.Equal((from, to), (capacity[0].From, capacity[^1].To));
            Assert.All(capacity.Zip(capacity.Skip(1)), pair => Assert.True(pair.First.To == pair.Second.From && pair.First.AtOnce != pair.Second.AtOnce));
            for (var at = from; at < to; at = at.AddHours(1))
            {
                var there = Enumerable.Range(0, 3)
                    .Where(i => !one.list.Any(entry => entry.person == i && RunCalendar.ToUtc(day.AddHours(entry.start), rome) <= at
                    && at < RunCalendar.ToUtc(day.AddHours(entry.start + entry.length), rome)));
                Assert.Equal(there.Sum(i => 1 << i), capacity.Single(piece => piece.From <= at && at < piece.To).AtOnce);
            }
        }));
    }
}

public sealed class The_staff_of_a_site(SchedulingHost host) : IClassFixture<SchedulingHost>
{
    private static object Group(string instrument, params Contact[] contacts) =>
        new { reason = "As agreed", name = "Spectroscopy", instruments = new[] { instrument }, contacts };

    private static string NewCode() => $"g{Guid.CreateVersion7():N}";

    private Task<HttpResponseMessage> PutAsync(string code, object group, Person? by = null, string site = "elettra", string? version = null) =>
        host.SendAsync(HttpMethod.Put, $"sites/{site}/contact-groups/{code}", group, by ?? Staff, version);

    private Task<HttpResponseMessage> LeaveAsync(Guid person, object leave, Person? by = null) =>
        host.SendAsync(HttpMethod.Put, $"sites/elettra/staff/{person}/leave", leave, by ?? Staff);

    [Fact]
    public async Task Limits_how_many_experiments_can_be_served_when()
    {
        var (code, instrument) = (NewCode(), await host.InstrumentAsync());
        var (ana, bor) = (new Contact(Guid.CreateVersion7(), "Ana"), new Contact(Guid.CreateVersion7(), "Bor", 2));
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(code, Group(instrument, ana, bor))).StatusCode);
        (await LeaveAsync(bor.PersonId, new { reason = "Told by Bor", times = new[] { new { from = "2027-03-27", to = "2027-03-29" } } }))
            .EnsureSuccessStatusCode();
        var read = await host.GetAsync<ReadContactGroups.OneResponse>($"sites/elettra/contact-groups/{code}?from=2027-03-20T00:00:00Z&to=2027-04-10T00:00:00Z",
            Director);
        Assert.Equal([3, 1, 3], read.Capacity.Select(piece => piece.AtOnce));
        Assert.Equal(47, (read.Capacity[1].To - read.Capacity[1].From).TotalHours); // two days, one of 23 hours
        Assert.Equal("As agreed", Assert.Single(read.History).Reason);
        Assert.Contains(await host.GetAsync<List<ReadContactGroups.Response>>("sites/elettra/contact-groups", Staff), group => group.Code == code
            && group.Contacts.SequenceEqual([ana, bor]));
    }

    [Fact]
    public async Task Is_one_group_to_the_planner_whichever_of_its_instruments_is_asked_and_none_limits_the_others()
    {
        var (code, one, two, free) = (NewCode(), await host.InstrumentAsync(), await host.InstrumentAsync(), await host.InstrumentAsync());
        var ana = new Contact(Guid.CreateVersion7(), "Ana");
        (await PutAsync(code, new { reason = "As agreed", name = "Both", instruments = new[] { one, two }, contacts = new[] { ana } }))
            .EnsureSuccessStatusCode();
        async Task<StaffOfSites> StaffAsync() => await host.ReadAsync(db => StaffOfSites.LoadAsync(db, CancellationToken.None));
        var (from, to) = (new DateTimeOffset(host.Monday, TimeSpan.Zero), new DateTimeOffset(host.Monday.AddDays(9), TimeSpan.Zero));
        var before = await StaffAsync();
        Assert.Equal(($"elettra/{code}", $"elettra/{code}", null), (before.GroupOf(one), before.GroupOf(two), before.GroupOf(free)));
        Assert.Equal(before.CapacityOf(one, from, to), before.CapacityOf(two, from, to));
        Assert.Empty(before.CapacityOf(free, from, to));
        (await LeaveAsync(ana.PersonId, new { reason = "Told", times = new[] { new { from = host.Day(3), to = host.Day(4) } } })).EnsureSuccessStatusCode();
        var after = await StaffAsync();
        Assert.Equal([1, 0, 1], after.CapacityOf(two, from, to).Select(piece => piece.AtOnce));
        Assert.NotEqual(before.StateOf(one), after.StateOf(one));
        Assert.Equal(before.StateOf(free), after.StateOf(free));
    }

    [Fact]
    public async Task On_leave_keeps_the_planner_from_placing_anything_then_and_makes_older_plans_stale()
    {
        var (code, instrument) = (NewCode(), await host.InstrumentAsync("elettra", 4));
        var ana = new Contact(Guid.CreateVersion7(), "Ana");
        (await PutAsync(code, Group(instrument, ana))).EnsureSuccessStatusCode();
        var proposal = await host.AcceptAsync(Guid.CreateVersion7(), Experiment(instrument, 6));
        var plan = await host.PlanAsync(proposal.CallId);
        await host.UntilAsync(plan, CallPlanStatus.Ready);
        Assert.Single((await host.ReadPlanAsync(plan)).Placements);

        (await LeaveAsync(ana.PersonId, new { reason = "Told", times = new[] { new { from = host.Day(0), to = host.Day(2) } } })).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
        var next = await host.PlanAsync(proposal.CallId, plan);
        await host.UntilAsync(next, CallPlanStatus.Ready);
        var placed = Assert.Single((await host.ReadPlanAsync(next)).Placements);
        Assert.Equal(TimeSpan.FromDays(2), placed.To - placed.From);
        Assert.Equal($"{host.Day(2)} 00:00-08:00", placed.Shifts[0].Label);
        var away = await (await host.MoveAsync(next, placed.ExperimentId, placed.From.AddDays(-2), 6)).ConflictsAsync();
        Assert.Equal(("staff-away", true), (Assert.Single(away).Key, away["staff-away"].GetProperty("forceable").GetBoolean()));

        (await LeaveAsync(ana.PersonId, new { reason = "Told", times = new[] { new { from = host.Day(0), to = host.Day(3) } } })).EnsureSuccessStatusCode();
        next = await host.PlanAsync(proposal.CallId, next);
        await host.UntilAsync(next, CallPlanStatus.Ready);
        Assert.Equal("staff-away", Assert.Single(Assert.Single((await host.ReadPlanAsync(next)).Unplaced).Reasons).Code);
    }

    [Fact]
    public async Task Looks_after_so_much_a_week_which_is_kept_on_record_and_a_new_limit_makes_older_plans_stale()
    {
        var (code, instrument, free) = (NewCode(), await host.InstrumentAsync(), await host.InstrumentAsync());
        object Limited(int? shifts, int? starts) =>
            new { reason = $"Agreed on {starts}", name = "Spectroscopy", instruments = new[] { instrument }, contacts = new[] { new Contact(Guid.CreateVersion7(), "Ana") }, weeklyShifts = shifts, weeklyStarts = starts };
        async Task<WeeklyLimits> OfAsync(string one) => await host.ReadAsync(async db => (await StaffOfSites.LoadAsync(db, CancellationToken.None)).WeeklyOf(one));
        (await PutAsync(code, Limited(15, null))).EnsureSuccessStatusCode();
        Assert.Equal((new(15, null), WeeklyLimits.None), (await OfAsync(instrument), await OfAsync(free)));
        var (plan, _) = await host.ReadyPlanAsync(Experiment(instrument));
        Assert.False((await host.ReadPlanAsync(plan)).Stale);

        (await PutAsync(code, Limited(15, 2))).EnsureSuccessStatusCode();
        Assert.Equal(new(15, 2), await OfAsync(instrument));
        Assert.True((await host.ReadPlanAsync(plan)).Stale);
        await Assert.RefusedAsync(await host.PublishAsync(plan), HttpStatusCode.Conflict, "plan.stale");
        var read = await host.GetAsync<ReadContactGroups.OneResponse>($"sites/elettra/contact-groups/{code}", Director);
        Assert.Equal((15, 2), (read.WeeklyShifts, read.WeeklyStarts));
        Assert.Equal([(15, 2), (15, (int?)null)], read.History.Select(change => (change.WeeklyShifts, change.WeeklyStarts)));
        Assert.Equal((15, 2), (await host.GetAsync<List<ReadContactGroups.Response>>("sites/elettra/contact-groups", Staff)).Where(group => group.Code == code).Select(group => (group.WeeklyShifts, group.WeeklyStarts)).Single());

        (await PutAsync(code, Group(instrument))).EnsureSuccessStatusCode();
        Assert.Equal(WeeklyLimits.None, await OfAsync(instrument));
        foreach (var (shifts, starts) in new (int?, int?)[] { (0, null), (10_001, 1), (null, 0), (null, 10_001), (1, -1) })
            Assert.Equal(["contact-group.weekly"], await Assert.RefusedAsync(await PutAsync(code, Limited(shifts, starts)), HttpStatusCode.UnprocessableEntity, "contact-group.invalid"));
        Assert.Equal(["contact-group.weekly", "contact-group.weekly"], await Assert.RefusedAsync(await PutAsync(code, Limited(0, 0)), HttpStatusCode.UnprocessableEntity, "contact-group.invalid"));
        (await PutAsync(code, Limited(10_000, 1))).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task With_all_they_can_serve_is_a_conflict_for_one_more_by_hand()
    {
        var (one, other) = (Experiment(await host.InstrumentAsync()), Experiment(await host.InstrumentAsync()));
        var ana = new Contact(Guid.CreateVersion7(), "Ana");
        (await PutAsync(NewCode(), new { name = "Both", instruments = new[] { one.InstrumentCode, other.InstrumentCode }, contacts = new[] { ana }, reason = "Ana serves one at a time" })).EnsureSuccessStatusCode();
        var (plan, _) = await host.ReadyPlanAsync(one, other);
        var at = (await host.PlaceOfAsync(plan, one.ExperimentId)).From;
        (await host.MoveAsync(plan, other.ExperimentId, at.AddDays(4), force: true)).EnsureSuccessStatusCode();
        var conflicts = await (await host.MoveAsync(plan, other.ExperimentId, at)).ConflictsAsync();
        Assert.Equal(new[] { one.ExperimentId, other.ExperimentId }.Order(), conflicts["staff-busy"].GetProperty("concerned").EnumerateArray().Select(who => who.GetProperty("experimentId").GetGuid()).Order());
        (await host.MoveAsync(plan, other.ExperimentId, at, force: true)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Takes_leave_from_a_calendar_file_as_often_as_it_comes()
    {
        var person = Guid.CreateVersion7();
        var year = host.Time.GetUtcNow().Year + 1;
        async Task<TellLeave.Response> ImportAsync(params string[] events) =>
            await (await host.SendAsync(HttpMethod.Post, $"sites/elettra/staff/{person}/leave/import", Calls.Ics(events),
            Staff)).ReadAsync<TellLeave.Response>();
        (await LeaveAsync(person, new { reason = "By hand", times = new[] { new { from = $"{year}-01-11", to = $"{year}-01-12" } } }))
            .EnsureSuccessStatusCode();
        var first = await ImportAsync(Calls.Event("summer", $"{year}0801", $"{year}0815", "SUMMARY:Secret\r\nTRANSP:TRANSPARENT\r\n"),
            Calls.Event("parttime", $"{year}0105", $"{year}0106", "RRULE:FREQ=WEEKLY;COUNT=3\r\n"));
        Assert.Equal(5, first.Times.Count);
        var second = await ImportAsync(Calls.Event("summer", $"{year}0802", $"{year}0816"),
            Calls.Event("parttime", $"{year}0105", $"{year}0106", "STATUS:CANCELLED\r\n"));
        Assert.Equal(["01-11", "08-02"], second.Times.Select(leave => leave.From.ToString("MM-dd", CultureInfo.InvariantCulture)));
        Assert.Equal("parttime", Assert.Single(second.Skipped).Uid);
        Assert.Equal(second.Times, (await host.GetAsync<TellLeave.Response>($"sites/elettra/staff/{person}/leave", Director)).Times);
        Assert.Equal(["ics.not-a-calendar"],
            await Assert.RefusedAsync(await host
            .SendAsync(HttpMethod.Post, $"sites/elettra/staff/{person}/leave/import", new StringContent("", System.Text.Encoding.UTF8, "text/calendar"),
            Staff), HttpStatusCode.UnprocessableEntity, "ics.invalid"));
    }

    [Fact]
    public async Task Is_kept_by_themselves_read_by_their_director_and_not_there_for_others()
    {
        var (code, instrument, person) = (NewCode(), await host.InstrumentAsync(), Guid.CreateVersion7());
        (await PutAsync(code, Group(instrument))).EnsureSuccessStatusCode();
        await Assert.RefusedAsync(await PutAsync(code, Group(instrument), Director), HttpStatusCode.Forbidden, "staffing.read-only");
        await Assert.RefusedAsync(await LeaveAsync(person, new { reason = "x", times = Array.Empty<object>() }, Director),
            HttpStatusCode.Forbidden, "staffing.read-only");
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync(code, Group(instrument), OtherStaff)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await LeaveAsync(person, new { reason = "x", times = Array.Empty<object>() }, OtherStaff)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(code, Group(instrument), Maria)).StatusCode);
        foreach (var path in new[] { "sites/elettra/contact-groups", $"sites/elettra/contact-groups/{code}", $"sites/elettra/staff/{person}/leave" })
        {
            Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, path, null, Director)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, path, null, OtherStaff)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, path, null, Maria)).StatusCode);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, "sites/nowhere/contact-groups")).StatusCode);
    }

    [Fact]
    public async Task Is_refused_where_it_makes_no_sense()
    {
        var (code, instrument) = (NewCode(), await host.InstrumentAsync());
        async Task<IReadOnlyList<string>> ProblemsAsync(string group, object body) =>
            await Assert.RefusedAsync(await PutAsync(group, body), HttpStatusCode.UnprocessableEntity, "contact-group.invalid");
        var twice = new Contact(Guid.CreateVersion7(), "Ana");
        Assert.Equal(["contact-group.person-twice"], await ProblemsAsync(code, Group(instrument, twice, twice)));
        Assert.Equal(["contact-group.at-once"], await ProblemsAsync(code, Group(instrument, twice with { AtOnce = 21 })));
        Assert.Equal(["contact-group.contact-name"], await ProblemsAsync(code, Group(instrument, twice with { Name = " " })));
        Assert.Equal(["contact-group.instruments"], await ProblemsAsync(code, Group(await host.InstrumentAsync("bnc"))));
        Assert.Equal(["contact-group.code"], await ProblemsAsync("Not%20A%20Code", Group(instrument)));
        Assert.Equal(["calendar.reason", "contact-group.name"],
            await ProblemsAsync(code, new { reason = "", name = "", instruments = Array.Empty<string>(), contacts = Array.Empty<object>() }));
        (await PutAsync(code, Group(instrument))).EnsureSuccessStatusCode();
        Assert.Equal(["contact-group.instrument-in-another"], await ProblemsAsync(NewCode(), Group(instrument)));
        await Assert.RefusedAsync(await PutAsync(code, Group(instrument), version: "\"9\""), HttpStatusCode.PreconditionFailed, "stale-write");

        async Task<IReadOnlyList<string>> LeaveProblemsAsync(object leave) =>
            await Assert.RefusedAsync(await LeaveAsync(Guid.CreateVersion7(), leave), HttpStatusCode.UnprocessableEntity, "leave.invalid");
        Assert.Equal(["leave.times"], await LeaveProblemsAsync(new { reason = "x", times = new[] { new { from = "2027-01-02", to = "2027-01-01" } } }));
        Assert.Equal(["leave.not-local"],
            await LeaveProblemsAsync(new { reason = "x", times = new[] { new { from = "2027-01-01T00:00:00Z", to = "2027-01-02T00:00:00Z" } } }));
        Assert.Equal(["leave.too-many"],
            await LeaveProblemsAsync(new { reason = "x", times = Enumerable.Repeat(new { from = "2027-01-01", to = "2027-01-02" }, 501) }));
    }
}
